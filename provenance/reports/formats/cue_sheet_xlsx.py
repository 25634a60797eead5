"""The cue sheet as a workbook."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.model.report import Report
from provenance.reports.cue_rows import describe_inputs, list_cells, name_columns
from provenance.reports.interface import Format
from provenance.reports.language import translate
from provenance.reports.workbook import Workbook

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
        book = Workbook(report)
        sheet = book.add_table(translate("Cues"), name_columns(), _WIDTH)
        number = 0
        for number, cells in enumerate(list_cells(report), 1):
            sheet.write_row(number, cells)
        sheet.write_row(number + 2, [describe_inputs(report)])
        yield book.finish()
