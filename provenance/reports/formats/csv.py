"""A table for spreadsheets: what an assistant editor sorts, filters and sends on."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import ClassVar

from provenance.model.evidence import Evidence, Trouble
from provenance.model.finding import Because, Case, Finding
from provenance.model.match import Match, Span
from provenance.model.report import Report
from provenance.reports import escape, sentences
from provenance.reports.compose import group_findings, list_unopposed
from provenance.reports.content import describe_content
from provenance.reports.document import group_into_runs
from provenance.reports.finding_texts import describe_message, describe_remedy
from provenance.reports.interface import Format
from provenance.reports.language import translatable, translate
from provenance.reports.matches import FoundMatch, find_lost_marks, list_matches_without_finding
from provenance.reports.reasons import describe_reason
from provenance.reports.verdicts import list_reports
from provenance.units import format_clock

COLUMNS = (
    translatable("severity"),
    translatable("rule"),
    translatable("path"),
    translatable("frame"),
    translatable("time_in"),
    translatable("time_out"),
    translatable("origin"),
    translatable("found_content"),
    translatable("message"),
    translatable("because"),
    translatable("remedy"),
    translatable("clause"),
    translatable("clause_wording"),
    translatable("model"),
    translatable("prompt"),
    translatable("inputs"),
    translatable("mark_lost"),
    translatable("waived"),
    translatable("could_not_be_looked_at"),
    translatable("media_type"),
    translatable("bytes"),
    translatable("missing_frames"),
    translatable("parent"),
    translatable("root"),
    translatable("sha256"),
    translatable("xxh128"),
    translatable("read_on"),
    translatable("state_now"),
    translatable("policy"),
    translatable("guidance"),
    translatable("rules_not_asked"),
    translatable("no_rule_objects"),
    translatable("weighed_by"),
)
Cells = dict[str, object]

BYTE_ORDER_MARK = "\ufeff".encode()
"""Begins a table for spreadsheets: without it Excel reads UTF-8 as the code page of the machine."""

_LONGEST_PROMPT = 2000
"""Characters of one prompt; a cell of a spreadsheet holds 32,767."""


class Csv(Format):
    """One row for each finding of each asset, gravest first, then one row for each asset without a finding.

    A match on which no finding rests has a row of its own, or is in the row of its asset when that has no finding.

    UTF-8 with a byte order mark, every cell quoted, no cell that a spreadsheet would compute.
    """

    name: ClassVar[str] = "csv"
    title: ClassVar[str] = "a table for spreadsheets, one row for each asset and finding"
    suffix: ClassVar[str] = ".csv"

    def render(self, report: Report) -> Iterator[bytes]:
        """Yield one line at a time."""
        yield BYTE_ORDER_MARK + format_line(name_columns())
        inputs = build_input_cells(report)
        for row in build_rows(report):
            yield format_line([{**inputs, **row}.get(column, "") for column in COLUMNS])
        # the rows of assets and troubles are there already: of a further policy only its findings are new
        for other in list_reports(report)[1:]:
            inputs = build_input_cells(other)
            for row in _build_finding_rows(other, _map_places(other)):
                yield format_line([{**inputs, **row}.get(column, "") for column in COLUMNS])


def name_columns() -> list[str]:
    """The headings, in the language of the report."""
    return list(map(translate, COLUMNS))


def build_input_cells(report: Report) -> Cells:
    """What the report depends on; it stands in every row, because a table has no other place for it."""
    policy = report.inputs.policy
    return {
        "policy": f"{sentences.describe_policy(policy)}, sha256 {policy.sha256}",
        "guidance": sentences.describe_guidance(policy),
        "rules_not_asked": sentences.describe_not_asked(policy),
    }


def build_rows(report: Report) -> Iterator[Cells]:
    """The rows of the table, by column; a column that a row leaves out is empty."""
    cases = _map_places(report)
    unopposed = _find_unopposed(report)
    yield from _build_finding_rows(report, cases)

    # the row of an asset without a finding lists its matches itself
    with_finding = group_findings(report)
    for row in list_matches_without_finding(report):
        if (row.path, row.digest) in with_finding:
            yield _build_match_cells(row)
    for key, group in cases.items():
        if key not in with_finding:
            yield from (_build_asset_cells(case, unopposed) for case in group)
    for trouble in report.troubles:
        yield {"path": trouble.path, "could_not_be_looked_at": _format_trouble(trouble)}


def _map_places(report: Report) -> dict[tuple[str, str], list[Case]]:
    """The cases by path and digest."""
    cases: dict[tuple[str, str], list[Case]] = {}
    for case in report.cases:
        cases.setdefault((case.location.path, case.reading.asset.digest), []).append(case)
    return cases


def _find_unopposed(report: Report) -> set[tuple[str, str]]:
    return {(case.location.path, case.reading.asset.digest) for case in list_unopposed(report)}


def _build_finding_rows(report: Report, cases: Mapping[tuple[str, str], Sequence[Case]]) -> Iterator[Cells]:
    lost = {row.match for row in find_lost_marks(report)}
    unopposed = _find_unopposed(report)
    # people sort and filter these rows, so each of them must make sense alone: it repeats the facts of its asset

    for finding in dict.fromkeys(report.findings):
        lost_here = [reason for reason in finding.because if isinstance(reason, Match) and reason in lost]
        cells = {**_build_finding_cells(finding), "mark_lost": _format_reasons(lost_here)}
        places = cases.get((finding.path, finding.digest))
        if places is None:
            yield cells
        else:
            for case in places:
                yield {**_build_asset_cells(case, unopposed), **cells}


def _build_asset_cells(case: Case, unopposed: Collection[tuple[str, str]]) -> Cells:
    location, asset = case.location, case.reading.asset
    is_unopposed = (location.path, asset.digest) in unopposed
    return {
        "path": location.path,
        "frame": "" if location.frame is None else location.frame,
        "origin": sentences.name_word(case.origin),
        "found_content": describe_content(case),
        "because": _format_reasons((*case.reading.evidence, *case.matches)),
        **_build_used_cells(case.reading.evidence),
        "could_not_be_looked_at": " | ".join(map(_format_trouble, case.reading.troubles)),
        "media_type": asset.media_type,
        "bytes": asset.size,
        "missing_frames": sentences.format_frames(group_into_runs(location.missing)),
        "parent": location.parent or "",
        "root": location.root,
        "sha256": asset.digest.removeprefix("sha256:"),
        "xxh128": asset.xxh128,
        "read_on": case.read_on,
        "state_now": translate(case.state_now),
        "no_rule_objects": translate("yes") if is_unopposed else "",
    }


def _build_finding_cells(finding: Finding) -> Cells:
    cells: Cells = {
        "severity": sentences.name_word(finding.severity),
        "rule": finding.rule,
        "path": finding.path,
        **_build_time_cells(finding.time),
        "message": describe_message(finding),
        "because": _format_reasons(finding.because),
        "remedy": describe_remedy(finding),
        "clause": finding.clause or "",
        "clause_wording": _name_wording(finding),
        "weighed_by": sentences.describe_weighing(finding),
        "waived": _format_approval(finding),
        "sha256": finding.digest.removeprefix("sha256:"),
    }
    # a finding about the whole asset must not empty the frame of that asset
    if finding.frame is not None:
        cells["frame"] = finding.frame
    return cells


def _name_wording(finding: Finding) -> str:
    if not finding.clause:
        return ""
    return translate("quoted") if finding.clause_is_quoted else translate("in the pack's own words")


def _format_approval(finding: Finding) -> str:
    approval = finding.waived_by or finding.expired_approval or finding.uncovered_by
    if approval is None:
        return ""
    state = translate("NOT COVERED")
    if finding.waived_by:
        state = sentences.name_word("waived")
    elif finding.expired_approval:
        state = translate("EXPIRED")
    return translate(
        "{state}: {who}, {reason} ({reference}), until {day}",
        state=state,
        who=approval.who,
        reason=approval.reason,
        reference=approval.reference,
        day=approval.expires,
    )


def _format_trouble(trouble: Trouble) -> str:
    return f"{sentences.name_word(trouble.cause)}: {trouble.detail}"


def _build_match_cells(row: FoundMatch) -> Cells:
    return {
        "path": row.path,
        "root": row.root,
        "sha256": row.digest.removeprefix("sha256:"),
        "because": _format_reasons([row.match]),
        **_build_time_cells(row.match.time),
    }


def _build_time_cells(span: Span | None) -> Cells:
    if span is None:
        return {}
    return {
        "time_in": span.timecode_in or format_clock(span.start),
        "time_out": span.timecode_out or format_clock(span.end),
    }


def _format_reasons(because: Iterable[Because]) -> str:
    texts = []
    for row in map(describe_reason, because):
        parts = (row.text, *row.facts, row.used)
        texts.append(" · ".join(filter(None, parts)))
    return " | ".join(texts)


def _build_used_cells(evidence: Iterable[Evidence]) -> Cells:
    """What went into the generation, as far as the marks say."""
    models: list[str | None] = []
    prompts: list[str | None] = []
    inputs: list[str] = []
    for row in evidence:
        if row.used:
            models.append(row.used.model)
            prompts.append(row.used.prompt)
            inputs += row.used.inputs
    return {"model": _join_different(models), "prompt": _join_different(prompts), "inputs": _join_different(inputs)}


def _join_different(texts: Iterable[str | None]) -> str:
    """The texts, each once; empty ones left out."""
    cut = [escape.shorten(text, _LONGEST_PROMPT) for text in texts if text]
    return " | ".join(dict.fromkeys(cut))


def _make_safe(cell: object) -> object:
    # a number is the program's own; any other cell may be text from a file
    if isinstance(cell, int | float):
        return cell
    return escape.escape_cell(str(cell))


def format_line(cells: Iterable[object]) -> bytes:
    """One line of a table for spreadsheets, as UTF-8."""
    # every cell is quoted, because readers disagree about separators; line ends as in RFC 4180
    buffer = io.StringIO()
    csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(map(_make_safe, cells))
    return buffer.getvalue().encode()
