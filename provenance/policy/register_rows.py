"""Tables of a register -> entries, or everything that is wrong with them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from provenance import registry
from provenance.model.declaration import Cell, CellKind, Entry, Flaw, Sheet, TableRow
from provenance.policy import declarations
from provenance.policy.declaration_interface import Declaration, Surroundings, is_same_person
from provenance.policy.fields import FieldError, Reference, shorten, suggest

_ID_DIGITS = 12
"""Hexadecimal digits of an id that is made from an entry."""

LEAVE_OUT = ""
"""Name of the field of a column that is not read."""


@dataclass(frozen=True, slots=True)
class FileFlaw:
    """What is wrong with a file."""

    file: str
    """The path as the user gave it."""
    flaw: Flaw

    def describe(self) -> str:
        """As one line: file, row, field, what is wrong, what to write."""
        flaw = self.flaw
        sentence = f"{flaw.field} {flaw.problem}" if flaw.field else flaw.problem
        parts = [part for part in (self.file, flaw.label) if part]
        return ": ".join([*parts, f"{sentence}; {flaw.remedy}"])


@dataclass(frozen=True, slots=True)
class EnteredRow:
    """An entry with the place that it was read from."""

    entry: Entry
    file: str
    label: str

    def object(self, field_name: str, problem: str, remedy: str) -> FileFlaw:
        """What is wrong with this row."""
        return FileFlaw(self.file, Flaw(self.label, field_name, problem, remedy))


@dataclass(slots=True)
class ReadRows:
    """What was read of some files."""

    rows: list[EnteredRow] = field(default_factory=list)
    flaws: list[FileFlaw] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)
    """Sheets that are named after no kind, each in a sentence."""
    mentioned: set[tuple[str, str]] = field(default_factory=set)
    """Kind and id of every row that has one, also of those that are wrong."""


@dataclass(frozen=True, slots=True)
class TableOptions:
    """How tables with a header row are read."""

    kind: str | None = None
    """The kind of every row; without it, the name of the sheet or the file says it."""
    sheet: str | None = None
    """The one sheet that is read."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """By header: the field, or `LEAVE_OUT`."""


def load_kinds() -> dict[str, Declaration]:
    """Every kind of entry, by name."""
    return registry.load_members(declarations, Declaration)


def read_rows(file: str, stem: str, sheets: Sequence[Sheet], options: TableOptions, result: ReadRows) -> None:
    """Add the entries of one file, and what is wrong with it. `stem` is its name without folders and suffix."""
    chosen = list(_choose_sheets(file, sheets, options, result))
    for sheet in chosen:
        kind = _find_kind(file, stem, sheet, options, is_alone=len(chosen) == 1, result=result)
        if kind is not None:
            _read_sheet(file, sheet, kind, options.columns, result)


def _choose_sheets(file: str, sheets: Sequence[Sheet], options: TableOptions, result: ReadRows) -> Iterator[Sheet]:
    if options.sheet is None or not all(sheet.has_header for sheet in sheets):
        # A new workbook often has further sheets with nothing in them.
        filled = [sheet for sheet in sheets if sheet.rows or sheet.flaws or not sheet.has_header]
        yield from filled or sheets[:1]
        return
    for sheet in sheets:
        if sheet.name.casefold() == options.sheet.casefold():
            yield sheet
            return
    names = ", ".join(repr(sheet.name) for sheet in sheets)
    result.flaws.append(FileFlaw(file, Flaw("", "", f"has no sheet {options.sheet!r}", f"sheets: {names}")))


def _find_kind(
    file: str, stem: str, sheet: Sheet, options: TableOptions, *, is_alone: bool, result: ReadRows
) -> Declaration | None:
    """The kind of the rows of a sheet; None after saying why there is none."""
    kinds = load_kinds()
    if not sheet.has_header:
        if sheet.name not in kinds:
            remedy = suggest(sheet.name, tuple(kinds))
            result.flaws.append(FileFlaw(file, Flaw("", "", f"unknown kind {shorten(sheet.name)}", remedy)))
        return kinds.get(sheet.name)
    if options.kind is not None:
        if is_alone:
            return kinds[options.kind]
        flaw = Flaw("", "", "has several sheets", "say which one has these rows: --sheet NAME")
        result.flaws.append(FileFlaw(file, flaw))
        return None
    names = [sheet.name, stem] if is_alone else [sheet.name]
    for name in names:
        for kind in kinds.values():
            if name.strip().casefold() in (kind.name, kind.plural):
                return kind
    if is_alone:
        remedy = f"say --kind, or name it after its kind: {', '.join(kind.plural for kind in kinds.values())}"
        flaw = Flaw("", "", f"neither the file nor the sheet {shorten(sheet.name)} is named after a kind", remedy)
        result.flaws.append(FileFlaw(file, flaw))
    else:
        result.passed_over.append(f"{file}: the sheet {sheet.name!r} was not read: it is named after no kind")
    return None


def _read_sheet(file: str, sheet: Sheet, kind: Declaration, columns: Mapping[str, str], result: ReadRows) -> None:
    result.flaws.extend(FileFlaw(file, flaw) for flaw in sheet.flaws)
    rows: Iterable[TableRow] = sheet.rows
    if sheet.has_header:
        names = {_normalise(header): name for header, name in columns.items()}
        header = [names.get(_normalise(column), _normalise(column)) for column in sheet.columns]
        flaws = list(_check_header(sheet.columns, header, kind))
        result.flaws.extend(FileFlaw(file, flaw) for flaw in flaws)
        if flaws:
            return  # Every row would be wrong for the same reason.
        rows = [_rename(row, header) for row in sheet.rows]
    for row in rows:
        _read_row(file, row, kind, result)


def _normalise(header: str) -> str:
    """A header as fields are spelled: `Approved by` is `approved_by`."""
    return re.sub(r"[\s-]+", "_", header.strip().casefold())


def _check_header(columns: Sequence[str], header: Sequence[str], kind: Declaration) -> Iterator[Flaw]:
    fields = kind.field_names
    if not set(header) & set(fields):
        remedy = f"write the names of the fields into the first row: {','.join(fields)}"
        yield Flaw("row 1", "", "is not a header: it names no field", remedy)
        return
    for number, (column, name) in enumerate(zip(columns, header, strict=True), 1):
        if name in header[: number - 1] and name != LEAVE_OUT:
            yield Flaw("row 1", column, "names the field twice", "keep one of the columns")
        elif name not in (*fields, LEAVE_OUT):
            remedy = f"{suggest(name, fields)}; or map it in the file of --columns"
            yield Flaw("row 1", shorten(column), f"is not a field of {kind.name}", remedy)


def _rename(row: TableRow, header: Sequence[str]) -> TableRow:
    named = zip(header, (cell for _, cell in row.cells), strict=False)
    return replace(row, cells=tuple((name, cell) for name, cell in named if name != LEAVE_OUT and not cell.is_blank))


def _read_row(file: str, row: TableRow, kind: Declaration, result: ReadRows) -> None:
    entry, flaws = parse_row(row, kind)
    result.flaws.extend(FileFlaw(file, flaw) for flaw in flaws)
    result.mentioned.add((kind.name, entry.id))
    if not flaws:
        result.rows.append(EnteredRow(entry, file, row.label))


def parse_row(row: TableRow, kind: Declaration) -> tuple[Entry, list[Flaw]]:
    """The entry of one row, and what is wrong with its fields. With flaws the entry is incomplete."""
    flaws: list[Flaw] = []
    values: dict[str, tuple[str, ...]] = {}
    wrong: set[str] = set()
    names = kind.field_names
    for name, cell in row.cells:
        known = kind.find_field(name)
        try:
            if known is None:
                raise FieldError(f"is not a field of {kind.name}", suggest(name, names))
            values[name] = known.type.parse(cell)
        except FieldError as error:
            wrong.add(name)
            flaws.append(Flaw(row.label, shorten(name) if known is None else name, error.problem, error.remedy))
    flaws.extend(_find_missing(row.label, kind, {*wrong, *(name for name in values if values[name])}))
    kept = tuple((name, values[name]) for name in names if values.get(name) and name != "id")
    entry = Entry(kind.name, "", kept)
    given = values.get("id") or (derive_id(entry),)
    return replace(entry, id=given[0]), flaws


def _find_missing(label: str, kind: Declaration, given: set[str]) -> Iterator[Flaw]:
    for field_ in kind.fields:
        if field_.is_required and field_.name not in given:
            yield Flaw(label, field_.name, "is missing", f"write {field_.does}: {field_.type.title}")


def derive_id(entry: Entry, more: object = None) -> str:
    """An id made from what an entry says, so that the same row again is the same entry."""
    text = json.dumps([entry.kind, entry.values, more], ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:_ID_DIGITS]


def make_row(label: str, given: Mapping[str, Sequence[str]]) -> TableRow:
    """A row out of texts by field, as a command line gives them."""
    cells = []
    for name, texts in given.items():
        kind = CellKind.LIST if len(texts) > 1 else CellKind.TEXT
        cells.append((name, Cell(tuple(texts), kind)))
    return TableRow(label, tuple(cells))


def resolve_references(row: EnteredRow, entries: Mapping[tuple[str, str], Entry]) -> EnteredRow:
    """The row with ids where it names other entries by their names, as spreadsheets do."""
    kind = load_kinds()[row.entry.kind]
    values = dict(row.entry.values)
    for field_ in kind.own_fields:
        wanted = row.entry.get(field_.name)
        if not isinstance(field_.type, Reference) or not wanted or (field_.type.kind, wanted) in entries:
            continue
        named = [
            entry.id
            for entry in entries.values()
            if entry.kind == field_.type.kind and is_same_person(entry.get("name"), wanted)
        ]
        if len(named) == 1:
            values[field_.name] = (named[0],)
    return replace(row, entry=replace(row.entry, values=tuple(values.items())))


def check_rows(rows: Sequence[EnteredRow], around: Surroundings, mentioned: set[tuple[str, str]]) -> Iterator[FileFlaw]:
    """Yield what is wrong with rows whose fields are right, seen together with everything else.

    `mentioned`: kind and id of rows that are wrong for another reason; whoever names one of them is not wrong as well.
    """
    kinds = load_kinds()
    for row in rows:
        for objection in kinds[row.entry.kind].list_objections(row.entry, around):
            named = _find_reference(kinds[row.entry.kind], row.entry, objection.field)
            if named is None or named not in mentioned:
                yield row.object(objection.field, objection.problem, objection.remedy)


def _find_reference(kind: Declaration, entry: Entry, field_name: str) -> tuple[str, str] | None:
    """Kind and id of the entry that a field names; None for a field that names none."""
    field_ = kind.find_field(field_name)
    if field_ is None or not isinstance(field_.type, Reference):
        return None
    return field_.type.kind, entry.get(field_name)
