"""TOML: every kind of entry is a list of tables, `[[tool]]`, `[[use]]`."""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from provenance.media.readable import MalformedContainer, OversizedContainer
from provenance.media.source import Source
from provenance.media.table_interface import TableReader
from provenance.model.declaration import Cell, CellKind, Flaw, Sheet, TableRow


class Toml(TableReader):
    """One table for each name."""

    name = "toml"
    suffixes: ClassVar[tuple[str, ...]] = (".toml",)

    def read(self, source: Source) -> Iterator[Sheet]:
        """Yield the tables of each name. Anything else at the outermost level is a flaw."""
        try:
            # Editors on Windows begin a file with a byte order mark.
            document = tomllib.loads(source.at(0, source.size).decode("utf-8-sig"))
        except UnicodeDecodeError as fault:
            raise MalformedContainer(f"not UTF-8 at byte {fault.start}") from None
        except (ValueError, RecursionError) as fault:
            # RecursionError: thousands of nested brackets.
            raise MalformedContainer(f"not valid TOML: {fault}") from None
        for name, value in document.items():
            if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
                if len(value) > source.limits.table_rows:
                    raise OversizedContainer(f"more than {source.limits.table_rows:,} rows")
                rows = tuple(_make_row(name, number, row) for number, row in enumerate(value, 1))
                yield Sheet(name, rows, has_header=False)
            else:
                flaw = Flaw("", name, "is not a list of tables", f"write it as [[{name}]]")
                yield Sheet(name, (), has_header=False, flaws=(flaw,))


def _make_row(name: str, number: int, row: Mapping[str, Any]) -> TableRow:
    return TableRow(f"{name} {number}", tuple((key, _make_cell(value)) for key, value in row.items()))


def _make_cell(value: object) -> Cell:
    if isinstance(value, str):
        return Cell((value,))
    if isinstance(value, bool):
        return Cell((str(value).lower(),), CellKind.FLAG)
    if isinstance(value, int | float):
        return Cell((str(value),), CellKind.NUMBER)
    if isinstance(value, datetime.datetime):
        return Cell((value.isoformat(),), CellKind.TIME)
    if isinstance(value, datetime.date):
        return Cell((value.isoformat(),), CellKind.DAY)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return Cell(tuple(value), CellKind.LIST)
    return Cell((type(value).__name__,), CellKind.OTHER)
