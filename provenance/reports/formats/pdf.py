"""The dossier for legal: findings, evidence, approvals, coverage, limits, identities and every digest, as PDF/A."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import ClassVar

from provenance.errors import UsageError
from provenance.model.report import Report
from provenance.reports import dossier
from provenance.reports.escape import printable, short, visible
from provenance.reports.interface import Format

STANDARDS = ["a-2a", "ua-1"]
"""Archivable and accessible; both hold because nothing is set that the engine's own fonts lack."""

AS_IT_IS = frozenset({"digest", "sha256", "picture"})
"""Fields that the program itself made: a digest is copied and searched for, so it stays in one piece."""


class Pdf(Format):
    """PDF/A-2a and PDF/UA-1, set by typst with the fonts it carries: the same report gives the same bytes anywhere.

    Texts travel as JSON and are never read as markup. Characters that those fonts lack (outside Latin, Greek and
    Cyrillic) are printed as escapes; the JSON report has them as they are.
    """

    name: ClassVar[str] = "pdf"
    title: ClassVar[str] = "the dossier for legal, PDF/A"
    suffix: ClassVar[str] = ".pdf"
    binary: ClassVar[bool] = True
    needs_thumbnails: ClassVar[bool] = True

    def render(self, report: Report) -> Iterator[bytes]:
        """Yield the whole document at once. Raises `UsageError` without the extra `pdf`."""
        try:
            import typst
        except ImportError as missing:
            raise UsageError("PDF reports need typst", "pip install 'provenance[pdf]'") from missing
        files = {"main": resources.files("provenance.reports").joinpath("templates", "report.typ").read_bytes()}
        files["report.json"] = json.dumps(_printable(dossier.sheet(report, files))).encode()
        fonts = typst.Fonts(include_system_fonts=False)
        # its type hints leave out that several virtual files may be given
        yield typst.compile(files, font_paths=fonts, format="pdf", pdf_standards=STANDARDS)  # type: ignore[call-overload]


def _printable(value: object, name: str = "") -> object:
    if isinstance(value, str):
        return visible(value) if name in AS_IT_IS else printable(short(value))
    if isinstance(value, Mapping):
        return {key: _printable(entry, key) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_printable(entry) for entry in value]
    return value
