"""The workbook says what the csv says, and a spreadsheet computes nothing of it."""

from __future__ import annotations

import dataclasses
import io
import xml.etree.ElementTree as ElementTree
import zipfile

import pytest

from provenance.model.report import Report
from provenance.reports.formats import cue_sheet_xlsx
from provenance.reports.formats.csv import COLUMNS
from provenance.reports.formats.cue_sheet_xlsx import CueSheetXlsx
from provenance.reports.formats.xlsx import Xlsx
from provenance.reports.limits import list_limits

pytest.importorskip("xlsxwriter")
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def read_sheet(raw: bytes, number: int) -> list[list[str]]:
    with zipfile.ZipFile(io.BytesIO(raw)) as book:
        tree = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))
        strings = ["".join(text.itertext()) for text in ElementTree.fromstring(book.read("xl/sharedStrings.xml"))]
        assert not [name for name in book.namelist() if "externalLink" in name or "hyperlink" in name]
    assert not list(tree.iter(f"{SHEET}f")), "a formula"
    rows = []
    for row in tree.iter(f"{SHEET}row"):
        cells = []
        for cell in row.iter(f"{SHEET}c"):
            text = "".join(cell.itertext())
            cells.append(strings[int(text)] if cell.get("t") == "s" else text)
        rows.append(cells)
    return rows


def test_the_workbook_has_the_rows_of_the_csv_and_the_limits(golden: Report) -> None:
    raw = b"".join(Xlsx().render(golden))
    facts, table = read_sheet(raw, 1), read_sheet(raw, 2)
    assert table[0] == list(COLUMNS)
    assert {finding.path for finding in golden.findings} & {row[2] for row in table}
    assert [row[1] for row in facts if row[0] == "limit"] == list_limits(golden)


def test_a_text_too_long_for_a_cell_is_cut_and_says_so(golden: Report) -> None:
    finding = dataclasses.replace(golden.findings[0], message="x" * 40_000)
    table = read_sheet(b"".join(Xlsx().render(dataclasses.replace(golden, findings=(finding,)))), 2)
    message = table[1][COLUMNS.index("message")]
    assert len(message) < 32_767
    assert "more characters)" in message


def test_a_long_prompt_in_the_cue_sheet_is_cut_and_not_lost(golden: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cue_sheet_xlsx, "list_cells", lambda _: [["a castle " * 5_000]])
    text = read_sheet(b"".join(CueSheetXlsx().render(golden)), 1)[1][0]
    assert text.startswith("a castle a castle")
    assert 32_000 < len(text) < 32_767
    assert "more characters)" in text
