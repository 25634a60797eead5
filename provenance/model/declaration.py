"""What people declare: entries of the register, the rows that they are read from, and what is wrong with a row."""

from __future__ import annotations

import enum

from provenance.model.value import value


class CellKind(enum.StrEnum):
    """What a value is in the file that it was written in, as far as that decides whether it can be believed."""

    TEXT = "text"
    LIST = "list"
    DAY = "day"
    """A date without a time of day; the text is `YYYY-MM-DD`."""
    TIME = "time"
    """A date with a time of day."""
    NUMBER = "number"
    FLAG = "flag"
    """True or false."""
    FORMULA = "formula"
    ERROR = "error"
    """An error value of a spreadsheet, such as `#REF!`."""
    OTHER = "other"
    """Something that no field can be: a table, a list of numbers."""


@value
class Cell:
    """One value of a row, as a file has it."""

    texts: tuple[str, ...]
    """One text; for a list all of its items."""
    kind: CellKind = CellKind.TEXT

    @property
    def text(self) -> str:
        """The value as one text."""
        return "; ".join(self.texts)

    @property
    def is_blank(self) -> bool:
        """Whether nothing is in it."""
        return not any(text.strip() for text in self.texts) and self.kind in (CellKind.TEXT, CellKind.LIST)


@value
class TableRow:
    """One row of a table, or one table of a TOML file."""

    label: str
    """Where a person finds it in the file: `row 3`, `approval 2`."""
    cells: tuple[tuple[str, Cell], ...]
    """Column and value, in the order of the file."""


@value
class Flaw:
    """What is wrong with one value, and what to write instead. All of it may contain words from the file."""

    label: str
    """The row; empty for the file as a whole."""
    field: str
    problem: str
    remedy: str


@value
class Sheet:
    """One table: a sheet of a workbook, a CSV file, all tables of one name in a TOML file."""

    name: str
    rows: tuple[TableRow, ...]
    columns: tuple[str, ...] = ()
    """The header row as it is written."""
    has_header: bool = True
    """Whether a header names the fields; else every row names its own."""
    flaws: tuple[Flaw, ...] = ()
    """What is wrong with the table itself, whatever its fields mean."""


@value
class Entry:
    """One declaration: a tool, an intended use, an approval, a consent, a right, words to watch for."""

    kind: str
    id: str
    values: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Field and value, in the order of the fields of its kind. A single value is a list of one."""

    def get(self, field: str) -> str:
        """The one value of a field; empty when it is not given."""
        values = self.list(field)
        return values[0] if values else ""

    def list(self, field: str) -> tuple[str, ...]:
        """All values of a field."""
        for name, values in self.values:
            if name == field:
                return values
        return ()

    @property
    def key(self) -> tuple[str, str]:
        """Kind and id."""
        return self.kind, self.id

    @property
    def called(self) -> str:
        """The entry in a sentence: `approval a1`."""
        return f"{self.kind} {self.id}"


class Event(enum.StrEnum):
    """What happened to an entry."""

    ADDED = "added"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"


@value
class EntryEvent:
    """One event in the life of an entry."""

    event: Event
    entry: Entry
    """As it is from then on; of a withdrawn one, as it was."""
    entered_at: str
    """UTC, ISO 8601, from the clock of the program."""
    entered_by: str
    """The system account that ran the program."""
    who: str = ""
    """Who withdrew it."""
    reason: str = ""


@value
class RegisteredEntry:
    """An entry with its history, never empty, oldest event first."""

    events: tuple[EntryEvent, ...]

    @property
    def entry(self) -> Entry:
        """As it is now, or was when it was withdrawn."""
        return self.events[-1].entry

    @property
    def is_withdrawn(self) -> bool:
        """Whether it counts no more."""
        return self.events[-1].event is Event.WITHDRAWN
