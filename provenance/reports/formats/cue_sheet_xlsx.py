"""The cue sheet as a workbook."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar

from provenance.errors import UsageError
from provenance.model.report import Report
from provenance.reports import escape
from provenance.reports.cue_rows import COLUMNS, describe_inputs, list_cells, name_columns
from provenance.reports.interface import Format
from provenance.reports.language import translate

_WIDTH = 18
"""Characters of a column."""


class CueSheetXlsx(Format):
    """The cue sheet as an Excel workbook; needs the extra `xlsx`. Nothing in it is a formula."""

    name: ClassVar[str] = "cue_sheet_xlsx"
    title: ClassVar[str] = "cue sheet and shot disclosure map, as a workbook"
    suffix: ClassVar[str] = ".cues.xlsx"
    binary: ClassVar[bool] = True
    is_whole: ClassVar[bool] = False

    def render(self, report: Report) -> Iterator[bytes]:
        """Yield the workbook; the same report gives the same bytes."""
        try:
            import xlsxwriter
        except ImportError as missing:
            raise UsageError("workbooks are written with xlsxwriter", "install provenance[xlsx]") from missing
        file = io.BytesIO()
        options = {
            "in_memory": True,
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        book = xlsxwriter.Workbook(file, options)
        # The library writes the time of the machine otherwise.
        book.set_properties({"created": datetime.fromisoformat(report.made_at.removesuffix("Z"))})
        sheet = book.add_worksheet(translate("Cues"))
        bold = book.add_format({"bold": True})
        sheet.set_column(0, len(COLUMNS) - 1, _WIDTH)
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, name_columns(), bold)
        number = 0
        for number, cells in enumerate(list_cells(report), 1):
            for column, cell in enumerate(cells):
                if isinstance(cell, int | float):
                    sheet.write_number(number, column, cell)
                else:
                    sheet.write_string(number, column, escape.make_visible(str(cell)))
        sheet.write_string(number + 2, 0, describe_inputs(report))
        book.close()
        yield file.getvalue()
