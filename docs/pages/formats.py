"""The formats of a report."""

from __future__ import annotations

from docs import markdown, texts
from provenance import registry
from provenance.reports import formats
from provenance.reports.interface import Format


def build_page() -> str:
    """The page, from the class texts of the formats."""
    known = registry.load_members(formats, Format)
    return markdown.build_page(
        "Formats",
        "`--format NAME` prints a report to stdout; `--output NAME=FILE` writes it to a file and may be repeated. "
        "Without NAME the suffix of the file decides. The same report gives the same bytes. Fields of `json` and "
        "`jsonl`: [json](json.md).",
        markdown.format_table(("format", "suffix", "for"), map(_build_row, known.values())),
        *(f"## {name}\n\n{markdown.escape_paragraphs(texts.get_docstring(type(printer)))}" for name, printer in known.items()),
    )


def _build_row(printer: Format) -> list[str]:
    pictures = "; shows thumbnails" if printer.needs_thumbnails else ""
    return [
        f"[`{printer.name}`](#{printer.name})",
        markdown.format_code(printer.suffix),
        markdown.escape_prose(printer.title) + pictures,
    ]
