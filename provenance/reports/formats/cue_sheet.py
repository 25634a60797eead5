"""The cue sheet as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import ClassVar

from provenance.model.report import Report
from provenance.reports import escape
from provenance.reports.cue_rows import COLUMNS, list_cells
from provenance.reports.interface import Format


class CueSheet(Format):
    """Generated material in cuts and movies: timecodes, asset, tool, prompt, underlying material, approval.

    The last column, how viewers are told, is left for people to fill in.
    """

    name: ClassVar[str] = "cue_sheet"
    title: ClassVar[str] = "cue sheet and shot disclosure map, for a spreadsheet"
    suffix: ClassVar[str] = ".cues.csv"
    is_whole: ClassVar[bool] = False

    def render(self, report: Report) -> Iterator[bytes]:
        """Yield one line at a time."""
        # without this mark Excel reads UTF-8 as the code page of the machine
        yield "\ufeff".encode() + _format_line(COLUMNS)
        for cells in list_cells(report):
            yield _format_line(cells)


def _format_line(cells: Iterable[object]) -> bytes:
    line = io.StringIO(newline="")
    csv.writer(line).writerow([escape.escape_cell(str(cell)) for cell in cells])
    return line.getvalue().encode()
