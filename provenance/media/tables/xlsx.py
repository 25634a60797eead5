"""Excel workbooks (ECMA-376), read with openpyxl: formulas stay formulas, and nothing is computed.

The sizes in the directory of the archive are summed before anything is unpacked: `zipfile` unpacks no more of a part
than the directory says.
"""

from __future__ import annotations

import datetime
import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from typing import Any, ClassVar
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import iterparse

from provenance.limits import Limits
from provenance.media.readable import MalformedContainer, MissingLibrary, OversizedContainer
from provenance.media.source import Source
from provenance.media.table_interface import TableReader
from provenance.model.declaration import Cell, CellKind, Flaw, Sheet, TableRow

_MOST_SHEETS = 100
_MOST_MERGED = 100
"""Merged ranges that are named."""


class Xlsx(TableReader):
    """One table for each visible or hidden sheet with cells; needs the extra `xlsx`."""

    name = "xlsx"
    suffixes: ClassVar[tuple[str, ...]] = (".xlsx", ".xlsm")

    def read(self, source: Source) -> Iterator[Sheet]:
        """Yield every sheet, with the first row as its header."""
        try:
            import openpyxl
        except ImportError as missing:
            raise MissingLibrary("workbooks are read with openpyxl; install provenance[xlsx]") from missing
        content = source.at(0, source.size)
        _check_sizes(content, source.limits)
        with warnings.catch_warnings():
            # The library warns about what it leaves out, such as rules for validation.
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
            if len(book.worksheets) > _MOST_SHEETS:
                # Any number of sheets may be the same part of the archive.
                raise OversizedContainer(f"more than {_MOST_SHEETS} sheets")
            for sheet in book.worksheets:
                yield _read_sheet(sheet, content, source.limits)


def _check_sizes(content: bytes, limits: Limits) -> None:
    """Raise `OversizedContainer` for a bomb before anything of it is unpacked."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
    if len(members) > limits.children:
        raise OversizedContainer(f"more than {limits.children:,} parts")
    total = 0
    for member in members:
        total += member.file_size
        if member.file_size > limits.table_file:
            raise OversizedContainer(f"the part {member.filename} unpacks to more than {limits.table_file:,} bytes")
    if total > limits.table_unpacked:
        raise OversizedContainer(f"unpacks to more than {limits.table_unpacked:,} bytes")


def _read_sheet(sheet: Any, content: bytes, limits: Limits) -> Sheet:  # noqa: ANN401 - openpyxl has no types
    flaws = _check_part(sheet, content, limits)
    # What a sheet states as its size may be wrong, and then rows would be missing without a word.
    sheet.reset_dimensions()
    header: list[str] = []
    rows: list[TableRow] = []
    for number, cells in enumerate(sheet.iter_rows(max_row=limits.table_rows, max_col=limits.table_columns), 1):
        values = list(map(_make_cell, cells))
        while values and values[-1].is_blank:
            values.pop()
        label = f"row {number}"
        if number == 1:
            header = [value.text for value in values]
        elif len(values) > len(header):
            problem = f"has {len(values)} values, and the header names {len(header)} columns"
            flaws.append(Flaw(label, "", problem, "name the column in row 1, or empty it"))
        elif values:
            rows.append(TableRow(label, tuple(zip(header, values, strict=False))))
    return Sheet(str(sheet.title), tuple(rows), tuple(header), flaws=tuple(flaws))


def _check_part(sheet: Any, content: bytes, limits: Limits) -> list[Flaw]:  # noqa: ANN401 - openpyxl has no types
    """A flaw for every merged range: only its first cell has a value, so other rows would lack theirs.

    Raises for what openpyxl passes over without a word when it reads forward only: rows and cells that go back or stand
    twice, and those beyond the limits.
    """
    flaws: list[Flaw] = []
    row = 0
    part = sheet._worksheet_path  # noqa: SLF001 - the name of the part is nowhere else
    with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open(part) as file:
        for event, element in iterparse(file, events=("start", "end")):
            tag = element.tag.rpartition("}")[2]
            if tag == "row" and event == "start":
                row = _follow(row, int(element.get("r") or row + 1), f"row {row} of the sheet {sheet.title}")
            elif tag == "row":
                _check_cells(element, row, sheet.title, limits)
                element.clear()
            elif tag == "mergeCell" and event == "end" and len(flaws) < _MOST_MERGED:
                place = element.get("ref", "")
                first = re.search(r"[0-9]+", place)
                remedy = "split them, and fill in every row"
                flaws.append(Flaw(f"row {first[0] if first else 1}", place, "are merged cells", remedy))
    return flaws


def _check_cells(row: Element, number: int, title: str, limits: Limits) -> None:
    column = 0
    for cell in row:
        letters = re.match(r"[A-Z]{1,3}", cell.get("r") or "")
        column = _follow(column, _count_columns(letters[0]) if letters else column + 1, f"row {number} of {title}")
        if len(cell) and column > limits.table_columns:
            raise OversizedContainer(f"the sheet {title} has more than {limits.table_columns} columns")
        if len(cell) and number > limits.table_rows:
            raise OversizedContainer(f"the sheet {title} has more than {limits.table_rows:,} rows")


def _count_columns(letters: str) -> int:
    """Number of the column `A`, `B` … `AA`, from 1."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _follow(before: int, number: int, place: str) -> int:
    if number <= before:
        raise MalformedContainer(f"{place}: rows or cells are out of order")
    return number


def _make_cell(cell: Any) -> Cell:  # noqa: ANN401 - openpyxl has no types
    value, kind = cell.value, cell.data_type
    if value is None:
        return Cell(("",))
    if kind == "f":
        return Cell((str(value),), CellKind.FORMULA)
    if kind == "e":
        return Cell((str(value),), CellKind.ERROR)
    if isinstance(value, bool):
        return Cell((str(value).lower(),), CellKind.FLAG)
    if isinstance(value, datetime.datetime):
        if value.time() == datetime.time():
            return Cell((value.date().isoformat(),), CellKind.DAY)
        return Cell((value.isoformat(),), CellKind.TIME)
    if isinstance(value, datetime.date):
        return Cell((value.isoformat(),), CellKind.DAY)
    if isinstance(value, datetime.time | datetime.timedelta):
        return Cell((str(value),), CellKind.TIME)
    if isinstance(value, int | float):
        return Cell((str(value),), CellKind.NUMBER)
    return Cell((str(value),))
