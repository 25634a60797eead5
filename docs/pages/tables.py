"""The flat tables that `provenance export` writes, with every column."""

from __future__ import annotations

from collections.abc import Iterator

from docs import markdown
from provenance.catalogue.tables import TABLES
from provenance.model.flat_table import FlatTable


def build_page() -> str:
    """The page, from the tables themselves."""
    return markdown.build_page(
        "Tables",
        "`provenance export FOLDER` writes each of these tables into a file of its own, as csv or as Parquet: "
        "[use the catalogue elsewhere](../how-to/use-the-catalogue-elsewhere.md). Any cell may be empty: not known, or "
        "it does not apply. Rows are in the order of their first columns, so the same catalogue gives the same bytes. "
        "A column keeps its name and meaning; new ones come behind the others.",
        *map(_build_section, TABLES),
    )


def _build_section(table: FlatTable) -> str:
    return f"## {table.name}\n\n{markdown.escape_prose(table.meaning)}\n\n" + markdown.format_table(
        ("column", "kind", "meaning"), _build_rows(table)
    )


def _build_rows(table: FlatTable) -> Iterator[list[str]]:
    for column in table.columns:
        yield [markdown.format_code(column.name), column.kind, markdown.escape_prose(column.meaning)]
