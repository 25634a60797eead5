"""Tables that people keep: what is written comes through as it is, and what cannot be believed is refused."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime

import pytest
import xlsxwriter

from provenance.limits import DEFAULT
from provenance.media.readable import MalformedContainer, OversizedContainer
from provenance.media.source import source_from_bytes
from provenance.media.tables.csv import Csv
from provenance.media.tables.toml import Toml
from provenance.media.tables.xlsx import Xlsx
from provenance.model.declaration import Cell, CellKind, Sheet

NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def read_csv(text: str | bytes) -> Sheet:
    raw = text.encode() if isinstance(text, str) else text
    [sheet] = Csv().read(source_from_bytes(raw, "uses.csv", DEFAULT))
    return sheet


def values(sheet: Sheet) -> list[list[str]]:
    return [[cell.text for _, cell in row.cells] for row in sheet.rows]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_every_separator_of_spreadsheets(mark: str) -> None:
    sheet = read_csv(f"\ufeffid{mark}who\r\nu1{mark}Jörg\r\n\r\nu2{mark}Ana\r\n")
    assert (sheet.name, sheet.columns) == ("uses", ("id", "who"))
    assert values(sheet) == [["u1", "Jörg"], ["u2", "Ana"]]
    assert [row.label for row in sheet.rows] == ["row 2", "row 4"], "as the spreadsheet numbers them"


def test_a_row_that_is_not_utf8_is_named_and_so_is_one_that_is_too_long() -> None:
    sheet = read_csv(b"id,who\nu1,J\xf6rg\nu2,Ana,more\nu3,Eva,\nu4,Jo\n")
    assert [(flaw.label, flaw.field) for flaw in sheet.flaws] == [("row 2", "who"), ("row 3", "")]
    assert values(sheet) == [["u3", "Eva"], ["u4", "Jo"]], "empty cells behind the last column are no text"


def test_quotes_that_do_not_close_are_refused() -> None:
    with pytest.raises(MalformedContainer, match="row 3"):
        read_csv('id,who\nu1,Ana\nu2,"Eva\n')


def test_toml_keeps_apart_what_it_keeps_apart() -> None:
    text = b'[[use]]\nid = "u1"\nn = 1\nday = 2026-01-02\nat = 2026-01-02T03:04:05\nyes = true\nall = ["a"]\nx = {}\n'
    [sheet] = Toml().read(source_from_bytes(text, "r.toml", DEFAULT))
    kinds = {name: cell.kind for name, cell in sheet.rows[0].cells}
    assert kinds == {
        "id": CellKind.TEXT,
        "n": CellKind.NUMBER,
        "day": CellKind.DAY,
        "at": CellKind.TIME,
        "yes": CellKind.FLAG,
        "all": CellKind.LIST,
        "x": CellKind.OTHER,
    }
    assert sheet.rows[0].label == "use 1"


@pytest.mark.parametrize("raw", [b"[[use", b"\xff\xfe", b"a = " + b"[" * 5000])
def test_what_is_no_toml_is_malformed(raw: bytes) -> None:
    with pytest.raises(MalformedContainer):
        list(Toml().read(source_from_bytes(raw, "r.toml", DEFAULT)))


def workbook(*rows: list[object], name: str = "Uses", merged: str = "", more_sheets: int = 0) -> bytes:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet(name)
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            sheet.write(number, column, value)
    if merged:
        sheet.merge_range(merged, "both")
    for _ in range(more_sheets):
        book.add_worksheet()
    book.close()
    return file.getvalue()


def read_xlsx(raw: bytes) -> list[Sheet]:
    return list(Xlsx().read(source_from_bytes(raw, "uses.xlsx", DEFAULT)))


def test_a_workbook_gives_what_was_typed() -> None:
    [sheet, empty] = read_xlsx(
        workbook(
            ["id", "n", "day", "at", "sum", "flag", "none"],
            ["u1", 1.5, date(2026, 1, 2), datetime.fromisoformat("2026-01-02T03:04"), "=1+1", True, None],
            [],
            ["u2"],
            more_sheets=1,
        )
    )
    assert (sheet.name, sheet.columns) == ("Uses", ("id", "n", "day", "at", "sum", "flag", "none"))
    cells = dict(sheet.rows[0].cells)
    assert cells["day"] == Cell(("2026-01-02",), CellKind.DAY)
    assert (cells["sum"].kind, cells["sum"].text) == (CellKind.FORMULA, "=1+1")
    assert [cells[name].kind for name in ("id", "n", "at", "flag")] == [
        CellKind.TEXT,
        CellKind.NUMBER,
        CellKind.TIME,
        CellKind.FLAG,
    ]
    assert [row.label for row in sheet.rows] == ["row 2", "row 4"]
    assert (empty.rows, empty.columns) == ((), ())


def test_merged_cells_and_rows_longer_than_the_header_are_flaws() -> None:
    [sheet] = read_xlsx(workbook(["id", "who"], ["u1", "Ana"], ["u2", "Eva", "more"], merged="A5:A6"))
    assert [(flaw.label, flaw.field) for flaw in sheet.flaws] == [("row 5", "A5:A6"), ("row 3", "")]


def altered(raw: bytes, name: str, old: bytes, new: bytes) -> bytes:
    """The workbook with a text in one part replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as archive, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as copy:
        for member in archive.namelist():
            content = archive.read(member)
            if member == name:
                assert old in content
                content = content.replace(old, new)
            copy.writestr(member, content)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        (b'<dimension ref="A1:B3"', b'<dimension ref="A1:A1"', None),
        (b'<row r="3"', b'<row r="2"', MalformedContainer),
        (b'r="B3"', b'r="A3"', MalformedContainer),
        (b'r="B3"', b'r="XFD3"', OversizedContainer),
        (b'<row r="3"', b'<row r="200000"', OversizedContainer),
        (b'<row r="3"', b'<row r="9999999999"', OversizedContainer),
    ],
)
def test_no_row_is_lost_without_a_word(old: bytes, new: bytes, error: type[Exception] | None) -> None:
    raw = altered(workbook(["id", "who"], ["u1", "Ana"], ["u2", "Eva"]), SHEET, old, new)
    if error:
        with pytest.raises(error):
            read_xlsx(raw)
    else:
        assert values(read_xlsx(raw)[0]) == [["u1", "Ana"], ["u2", "Eva"]]


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", b"A" * (DEFAULT.table_file + 1))
    with pytest.raises(OversizedContainer, match="sharedStrings"):
        read_xlsx(out.getvalue())
