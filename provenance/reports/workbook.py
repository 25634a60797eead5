"""Excel workbooks with the same bytes for the same report, in which nothing is a formula or a link."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from provenance.errors import UsageError
from provenance.model.report import Report
from provenance.reports import escape

_LONGEST_CELL = 32_767
"""Characters that a cell holds. The library leaves a longer text out and says nothing."""
_LONGEST_NUMBER = 15
"""Digits up to which a spreadsheet keeps a number exactly."""


class Workbook:
    """One workbook in memory. Raises `UsageError` where the library is not installed."""

    def __init__(self, report: Report) -> None:
        try:
            import xlsxwriter
        except ImportError as missing:
            raise UsageError("workbooks are written with xlsxwriter", "pip install 'provenance[xlsx]'") from missing
        self._file = io.BytesIO()
        options = {
            "in_memory": True,
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        self._book = xlsxwriter.Workbook(self._file, options)
        # The library writes the time of the machine otherwise.
        self._book.set_properties({"created": datetime.fromisoformat(report.made_at.removesuffix("Z"))})
        self._bold = self._book.add_format({"bold": True})

    def add_sheet(self, name: str, columns: int, width: int) -> Sheet:
        """Add a sheet whose first columns are so many characters wide."""
        sheet = self._book.add_worksheet(name)
        sheet.set_column(0, columns - 1, width)
        return Sheet(sheet)

    def add_table(self, name: str, headings: Sequence[str], width: int) -> Sheet:
        """Add a sheet whose first row is headings that stay in sight."""
        sheet = self._book.add_worksheet(name)
        sheet.set_column(0, len(headings) - 1, width)
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, headings, self._bold)
        return Sheet(sheet)

    def finish(self) -> bytes:
        """The bytes of the file. Nothing can be added afterwards."""
        self._book.close()
        return self._file.getvalue()


class Sheet:
    """One sheet; rows are written from the top."""

    def __init__(self, sheet: Any) -> None:  # noqa: ANN401 - xlsxwriter has no types
        self._sheet = sheet

    def write_row(self, number: int, cells: Iterable[object]) -> None:
        """Write a row, counted from 0: numbers as numbers, everything else as text that any program shows."""
        for column, cell in enumerate(cells):
            if isinstance(cell, int | float) and len(str(cell)) <= _LONGEST_NUMBER:
                self._sheet.write_number(number, column, cell)
                continue
            text = escape.make_visible(str(cell))
            if len(text) > _LONGEST_CELL:
                # The sentence that says how much is missing needs room as well.
                text = escape.shorten(text, _LONGEST_CELL - 100)
            self._sheet.write_string(number, column, text)
