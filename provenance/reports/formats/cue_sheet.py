"""The cue sheet as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import ClassVar

from provenance.model.report import Report
from provenance.reports import escape
from provenance.reports.cue_rows import list_cells, name_columns
from provenance.reports.interface import Format
from provenance.reports.language import localize_digits


class CueSheet(Format):
    """Generated material in cuts and movies: timecodes, asset, tool, prompt, underlying material, approval.

    How viewers are told stands in it where the register says so, and is left for people to fill in where not.
    """

    name: ClassVar[str] = "cue_sheet"
    title: ClassVar[str] = "cue sheet and shot disclosure map, for a spreadsheet"
    suffix: ClassVar[str] = ".cues.csv"
    is_whole: ClassVar[bool] = False

    def render(self, report: Report) -> Iterator[bytes]:
        """Yield one line at a time."""
        # without this mark Excel reads UTF-8 as the code page of the machine
        yield "\ufeff".encode() + _format_line(name_columns())
        for cells in list_cells(report):
            yield _format_line(cells)


def _format_line(cells: Iterable[object]) -> bytes:
    line = io.StringIO(newline="")
    csv.writer(line).writerow(map(_write_cell, cells))
    return line.getvalue().encode()


def _write_cell(cell: object) -> str:
    # a German spreadsheet reads 4.000 as four thousand
    text = localize_digits(str(cell)) if isinstance(cell, float) else str(cell)
    return escape.escape_cell(text)
