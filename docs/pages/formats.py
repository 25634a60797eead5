"""What a report can be printed as."""

from __future__ import annotations

from docs import markdown, texts
from provenance import registry
from provenance.reports import formats
from provenance.reports.interface import Format


def page() -> str:
    """The page, from the class texts of the formats."""
    known = registry.members(formats, Format)
    return markdown.page(
        "Formats",
        "`--format NAME` prints one on stdout; `--output NAME=FILE` writes it to a file, as often as wanted. Without a "
        "name the suffix of the file decides. The same report gives the same bytes. Fields of `json` and `jsonl`: "
        "[json](json.md).",
        markdown.table(("format", "suffix", "for"), map(_row, known.values())),
        *(f"## {name}\n\n{markdown.paragraphs(texts.said(type(printer)))}" for name, printer in known.items()),
    )


def _row(printer: Format) -> list[str]:
    pictures = "; shows thumbnails" if printer.needs_thumbnails else ""
    return [
        f"[`{printer.name}`](#{printer.name})",
        markdown.code(printer.suffix),
        markdown.prose(printer.title) + pictures,
    ]
