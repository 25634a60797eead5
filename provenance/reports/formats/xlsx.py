"""The whole report as a workbook: what it rests on, and the table of findings and assets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.model.report import Report
from provenance.reports import sentences
from provenance.reports.cover_page import list_particulars
from provenance.reports.formats.csv import COLUMNS, build_input_cells, build_rows, name_columns
from provenance.reports.interface import Format
from provenance.reports.language import translate
from provenance.reports.limits import list_limits
from provenance.reports.statement import derive_statement, describe_statement, list_statement_limits, name_statement
from provenance.reports.trust_sentences import describe_list
from provenance.reports.workbook import Workbook

_WIDTH = 22
"""Characters of a column."""


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
        book = Workbook(report)
        first = book.add_sheet(translate("Report"), 1, _WIDTH)
        for number, row in enumerate(_list_facts(report)):
            first.write_row(number, row)
        table = book.add_table(translate("Findings and assets"), name_columns(), _WIDTH)
        inputs = build_input_cells(report)
        for number, cells in enumerate(build_rows(report), 1):
            whole = {**inputs, **cells}
            table.write_row(number, [whole.get(column, "") for column in COLUMNS])
        yield book.finish()


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
