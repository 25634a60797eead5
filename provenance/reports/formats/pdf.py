"""The dossier for legal: findings, evidence, approvals, coverage, limits, identities and every digest, as PDF/A."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import ClassVar

from provenance.errors import UsageError
from provenance.model.report import Report
from provenance.reports import dossier, fonts, sentences
from provenance.reports.escape import list_beyond_pdf_fonts, make_printable, make_visible, shorten
from provenance.reports.interface import Format

STANDARDS = ["a-2a", "ua-1"]
"""Archivable and accessible. Both forbid missing glyphs, so `make_printable` escapes what no font has."""

UNBROKEN = frozenset({"digest", "sha256", "file"})
"""Fields of the program's own, kept in one piece: people copy a digest and search for it."""


class Pdf(Format):
    """PDF/A-2a and PDF/UA-1. Typst sets it with fonts that come with the program, never with those of the system.

    The same report so gives the same bytes anywhere. Names in Arabic, Hebrew, Thai and Devanagari are text; those in
    Chinese, Japanese and Korean as well, with the font that the extra `pdf` installs. Other characters appear as
    escapes, and the first page says so; the JSON report has them unchanged. Texts reach typst as JSON, which it never
    reads as markup.
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
        files = {"main": dossier.read_template()}
        data = dossier.build_template_data(report, files)
        chosen = fonts.choose_fonts(_collect_beyond_fonts(data))
        with _gather(chosen) as folder:
            found = typst.Fonts(include_system_fonts=False, font_paths=[folder])
            for usable in (chosen, []):
                files["report.json"] = json.dumps(_make_printable_data(data, usable)).encode()
                try:
                    # typst accepts several virtual files, but its type hints do not say so
                    yield typst.compile(files, font_paths=found, format="pdf", pdf_standards=STANDARDS)  # type: ignore[call-overload]
                    return
                except typst.TypstError:
                    # a combination of signs that no font can draw as it is: the report still has to be made
                    if not usable:
                        raise


@contextlib.contextmanager
def _gather(chosen: Sequence[fonts.Font]) -> Iterator[str]:
    """A folder with these fonts alone, because typst loads every font of a folder."""
    with tempfile.TemporaryDirectory(prefix="provenance-fonts-") as folder:
        for font in chosen:
            os.symlink(font.path, os.path.join(folder, os.path.basename(font.path)))
        yield folder


def _collect_beyond_fonts(value: object) -> set[str]:
    """All characters of a JSON value that only another font than the engine's own can draw."""
    if isinstance(value, str):
        return list_beyond_pdf_fonts(value)
    found: set[str] = set()
    entries: Iterable[object] = ()
    if isinstance(value, Mapping):
        entries = value.values()
    elif isinstance(value, (list, tuple)):
        entries = value
    for entry in entries:
        found |= _collect_beyond_fonts(entry)
    return found


def _make_printable_data(data: Mapping[str, object], chosen: Sequence[fonts.Font]) -> dict[str, object]:
    """The template's data with every text in it made printable, and what had to be escaped for that."""
    coverages = [font.characters for font in chosen]
    missing: set[str] = set()
    printable = {key: _make_printable_tree(entry, coverages, missing, key) for key, entry in data.items()}
    printable["fonts"] = [font.family for font in chosen]
    printable["missing"] = sentences.describe_missing_characters(missing, has_cjk_font=fonts.has_cjk_font())
    return printable


def _make_printable_tree(
    value: object, coverages: Sequence[frozenset[int]], missing: set[str], name: str = ""
) -> object:
    """The same JSON value with every text in it made printable; `name` is the key under which it was found."""
    if isinstance(value, str):
        if name in UNBROKEN:
            return make_visible(value)
        return make_printable(shorten(value), coverages, missing)
    if isinstance(value, Mapping):
        return {key: _make_printable_tree(entry, coverages, missing, key) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_make_printable_tree(entry, coverages, missing) for entry in value]
    return value
