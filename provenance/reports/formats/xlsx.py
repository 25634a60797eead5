"""The whole report as a workbook: what it rests on, and the table of findings and assets."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, ClassVar

from provenance.errors import UsageError
from provenance.model.report import Report
from provenance.reports import escape, sentences
from provenance.reports.cover_page import list_particulars
from provenance.reports.formats.csv import COLUMNS, build_input_cells, build_rows, name_columns
from provenance.reports.interface import Format
from provenance.reports.language import translate
from provenance.reports.limits import list_limits
from provenance.reports.statement import derive_statement, describe_statement, list_statement_limits, name_statement
from provenance.reports.trust_sentences import describe_list

_WIDTH = 22
"""Characters of a column."""
_LONGEST_CELL = 32_767
"""Characters that a cell holds. The library leaves a longer text out and says nothing."""
_LONGEST_NUMBER = 15
"""Digits up to which a spreadsheet keeps a number exactly."""


class Xlsx(Format):
    """An Excel workbook of two sheets; needs the extra `xlsx`.

    `Report` says what was judged, by what, with which limits; `Findings and assets` has the rows of the csv report.
    Nothing in it is a formula or a link.
    """

    name: ClassVar[str] = "xlsx"
    title: ClassVar[str] = "the table of findings and assets as a workbook, with what it rests on"
    suffix: ClassVar[str] = ".xlsx"
    binary: ClassVar[bool] = True
    is_whole: ClassVar[bool] = False

    def render(self, report: Report) -> Iterator[bytes]:
        """Yield the workbook; the same report gives the same bytes."""
        try:
            import xlsxwriter
        except ImportError as missing:
            raise UsageError("workbooks are written with xlsxwriter", "pip install 'provenance[xlsx]'") from missing
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
        bold = book.add_format({"bold": True})
        first = book.add_worksheet(translate("Report"))
        first.set_column(0, 0, _WIDTH)
        for number, row in enumerate(_list_facts(report)):
            _write_row(first, number, row)
        table = book.add_worksheet(translate("Findings and assets"))
        table.set_column(0, len(COLUMNS) - 1, _WIDTH)
        table.freeze_panes(1, 0)
        table.write_row(0, 0, name_columns(), bold)
        inputs = build_input_cells(report)
        for number, cells in enumerate(build_rows(report), 1):
            whole = {**inputs, **cells}
            _write_row(table, number, [whole.get(column, "") for column in COLUMNS])
        book.close()
        yield file.getvalue()


def _list_facts(report: Report) -> Iterator[tuple[str, str]]:
    inputs, statement = report.inputs, derive_statement(report)
    yield from list_particulars(report)
    yield translate("statement"), f"{name_statement(statement)}. {describe_statement(statement)}".strip()
    for limit in list_statement_limits(report, statement):
        yield "", limit
    yield translate("verdict"), sentences.describe_verdict(report)
    yield translate("coverage"), sentences.describe_coverage(report)
    yield translate("made at"), report.made_at
    yield translate("made by"), f"{report.tool} {report.version}"
    for root in inputs.roots:
        yield translate("about"), root
    yield translate("policy"), f"{sentences.describe_policy(inputs.policy)}, sha256 {inputs.policy.sha256}"
    for facts in inputs.trust_lists:
        yield translate("trust list"), f"{describe_list(facts)}, sha256 {facts.sha256}"
    if inputs.ledger:
        yield translate("ledger"), inputs.ledger
    for limit in list_limits(report):
        yield translate("limit"), limit


def _write_row(sheet: Any, number: int, cells: Iterable[object]) -> None:  # noqa: ANN401 - xlsxwriter has no types
    for column, cell in enumerate(cells):
        if isinstance(cell, int) and len(str(cell)) <= _LONGEST_NUMBER:
            sheet.write_number(number, column, cell)
            continue
        text = escape.make_visible(str(cell))
        if len(text) > _LONGEST_CELL:
            # The sentence that says how much is missing needs room as well.
            text = escape.shorten(text, _LONGEST_CELL - 100)
        sheet.write_string(number, column, text)
