"""What a flat table is: its columns and what each of them means, for programs that take tables."""

from __future__ import annotations

import enum

from provenance.model.value import value


class ColumnKind(enum.StrEnum):
    """What the cells of a column are. Every cell may be None: not known, or it does not apply."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"


FlatCell = str | int | float | None


@value
class FlatColumn:
    """One column."""

    name: str
    kind: ColumnKind
    meaning: str


@value
class FlatTable:
    """One table, without its rows."""

    name: str
    meaning: str
    columns: tuple[FlatColumn, ...]
