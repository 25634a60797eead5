"""`export`: the catalogue as flat tables in a folder, for databases, notebooks and spreadsheets."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from provenance.catalogue.tables import TABLES, Row, TableReader
from provenance.errors import UsageError
from provenance.model.flat_table import FlatTable
from provenance.reports.flat_formats import FORMATS
from provenance.workflows.run import RunContext


@dataclass(slots=True)
class TableFile:
    """One table on its way into one file."""

    place: str
    pieces: Iterator[bytes]
    """The bytes of the file; they must be taken before the next table is begun."""
    counted: list[int] = field(default_factory=lambda: [0])

    @property
    def rows(self) -> int:
        """Rows taken so far."""
        return self.counted[0]


def export_tables(folder: str, format_name: str, names: Sequence[str], context: RunContext) -> Iterator[TableFile]:
    """Every table as a file of a folder, which is made if it is not there. `names`: only these tables; empty for all.

    All show one moment of the catalogue. Raises `UsageError` for a place that is no folder, for an unknown format or
    table, and as `TableReader`.
    """
    known = [table.name for table in TABLES]
    for name in names:
        if name not in known:
            raise UsageError(f"there is no table {name!r}", f"tables: {', '.join(known)}")
    if format_name not in FORMATS:
        raise UsageError(f"there is no format {format_name!r}", f"formats: {', '.join(FORMATS)}")
    if os.path.lexists(folder) and not os.path.isdir(folder):
        raise UsageError(f"{folder} is not a folder", "name a folder; every table becomes a file in it")
    chosen = FORMATS[format_name]
    with TableReader.open(Path(context.settings.catalogue)) as reader:
        os.makedirs(folder, exist_ok=True)
        for table in TABLES:
            if not names or table.name in names:
                counted = [0]
                pieces = chosen.render(table, _count(reader, table, counted))
                yield TableFile(os.path.join(folder, table.name + chosen.suffix), pieces, counted)


def _count(reader: TableReader, table: FlatTable, counted: list[int]) -> Iterator[Row]:
    for row in reader.read(table):
        counted[0] += 1
        yield row
