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
        *map(_build_section, known.values()),
    )


def _build_row(report_format: Format) -> list[str]:
    title = markdown.escape_prose(report_format.title)
    if report_format.needs_thumbnails:
        title += "; shows thumbnails"
    name = report_format.name
    return [f"[`{name}`](#{name})", markdown.format_code(report_format.suffix), title]


def _build_section(report_format: Format) -> str:
    text = markdown.escape_paragraphs(texts.get_docstring(type(report_format)))
    return f"## {report_format.name}\n\n{text}"
