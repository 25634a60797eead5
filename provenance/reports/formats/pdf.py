"""The dossier for legal: findings, evidence, approvals, coverage, limits, identities and every digest, as PDF/A."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import ClassVar

from provenance.errors import UsageError
from provenance.model.report import Report
from provenance.reports import dossier
from provenance.reports.escape import make_printable, make_visible, shorten
from provenance.reports.interface import Format

STANDARDS = ["a-2a", "ua-1"]
"""Archivable and accessible. Both forbid missing glyphs, so `make_printable` escapes what the engine's fonts lack."""

UNBROKEN = frozenset({"digest", "sha256", "picture"})
"""Fields of the program's own, kept in one piece: people copy a digest and search for it."""


class Pdf(Format):
    """PDF/A-2a and PDF/UA-1. Typst sets it with its own fonts, so the same report gives the same bytes anywhere.

    Texts reach typst as JSON, which it never reads as markup. Characters that its fonts lack (outside Latin, Greek and
    Cyrillic) appear as escapes; the JSON report has them unchanged.
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
            raise UsageError("a PDF report needs the package typst", "pip install 'provenance[pdf]'") from missing
        files = {"main": resources.files("provenance.reports").joinpath("templates", "report.typ").read_bytes()}
        data = dossier.build_template_data(report, files)
        files["report.json"] = json.dumps(_make_printable_tree(data)).encode()
        fonts = typst.Fonts(include_system_fonts=False)
        # typst accepts several virtual files, but its type hints do not say so
        yield typst.compile(files, font_paths=fonts, format="pdf", pdf_standards=STANDARDS)  # type: ignore[call-overload]


def _make_printable_tree(value: object, name: str = "") -> object:
    """The same JSON value with every text in it made printable; `name` is the key under which it was found."""
    if isinstance(value, str):
        if name in UNBROKEN:
            return make_visible(value)
        return make_printable(shorten(value))
    if isinstance(value, Mapping):
        return {key: _make_printable_tree(entry, key) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return list(map(_make_printable_tree, value))
    return value
