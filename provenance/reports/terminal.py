"""The report for a terminal: the first screen, then each finding with its evidence and what could not be checked."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

from provenance.model.evidence import Trouble
from provenance.model.finding import Approval, Case, Finding
from provenance.model.report import Delta, Report
from provenance.model.vocabulary import Severity
from provenance.reports import sentences
from provenance.reports.compose import list_troubles_without_finding, list_unopposed
from provenance.reports.content import describe_both
from provenance.reports.cover_page import list_particulars
from provenance.reports.cut_kinds import map_approvals
from provenance.reports.cut_table import format_cuts
from provenance.reports.escape import make_visible
from provenance.reports.first_screen import format_first_screen
from provenance.reports.layout import WIDTH, Layout, Style, keep_plain, wrap
from provenance.reports.limits import list_limits
from provenance.reports.matches import FoundMatch, find_lost_marks, list_matches_without_finding
from provenance.reports.overview import build_overview, list_open_findings
from provenance.reports.reading_days import describe_reading, describe_runs, list_changed, map_days
from provenance.reports.reasons import describe_reason
from provenance.reports.statement import (
    derive_statement,
    describe_statement,
    list_statement_limits,
    name_statement,
)
from provenance.reports.trust_sentences import describe_standing
from provenance.reports.verdicts import list_reports, list_verdicts

_INDENT = "       "
"""Below a severity, which takes six columns and a space."""


def format_lines(report: Report, style: Style = keep_plain, width: int = WIDTH) -> Iterator[str]:
    """Yield the report line by line, without line ends. All text from files is escaped before `style` sees it.

    `width`: columns at which sentences wrap.
    """
    layout = Layout(style, width)
    overview, days = build_overview(report), map_days(report)
    yield from format_first_screen(report, overview, layout)

    if report.timelines:
        yield from _format_cuts(report, layout)

    # waived findings come after all that somebody still has to resolve
    for severity, group in itertools.groupby(list_open_findings(overview), key=lambda finding: finding.severity):
        yield from _format_group(severity, list(group), days, layout)
    yield from _format_waivers([finding for finding in report.findings if finding.waived_by], layout)

    yield from _format_unopposed(list_unopposed(report), layout)
    lost, allowed = find_lost_marks(report), list_matches_without_finding(report)
    yield from _format_matches("Mark lost: the source carried an AI mark, this file does not", lost, layout)
    yield from _format_matches("Known material, allowed by the policy", allowed, layout)
    for each in list_reports(report)[1:]:
        yield from _format_other(each, days, layout)
    yield from _format_changed(report, layout)
    yield from _format_troubles(report, layout)
    if report.delta:
        yield from _format_changes(report.delta, layout)
    yield from _format_basis(report, layout)
    # a terminal shows the end of what was printed, so what decides is there once more; a script finds it in one line
    yield ""
    if _has_details(report):
        for verdict in list_verdicts(report):
            yield style("verdict", verdict)
    yield style("verdict", f"{sentences.capitalize(sentences.describe_coverage(report))}.")


def format_summary(report: Report, style: Style = keep_plain, width: int = WIDTH) -> Iterator[str]:
    """Yield the first screen alone, line by line, as `format_lines` begins."""
    layout = Layout(style, width)
    yield from format_first_screen(report, build_overview(report), layout)
    if _has_details(report):
        yield ""
        yield layout.style("faint", "Details: the same without --summary.")


def _has_details(report: Report) -> bool:
    return bool(report.findings or report.all_troubles or report.delta or list_matches_without_finding(report))


def _format_cuts(report: Report, layout: Layout) -> Iterator[str]:
    """Figures of every cut, and what stands where, as far as a person has to look at it."""
    yield ""
    count = sentences.format_count(len(report.timelines), "cut")
    yield layout.style("heading", f"By record timecode ({count}): what has to be looked at")
    yield from format_cuts(report.timelines, report.uses, map_approvals(report.findings), layout, is_whole=False)


def _format_group(
    severity: Severity, findings: list[Finding], days: Mapping[tuple[str, str], str], layout: Layout
) -> Iterator[str]:
    yield ""
    count = sentences.format_count(len(findings), "finding")
    yield layout.style("heading", f"{sentences.capitalize(severity)} ({count}): {sentences.SEVERITIES[severity]}")
    for finding in findings:
        yield ""
        yield from _format_finding(finding, layout)
        if day := days.get((finding.path, finding.digest)):
            yield from wrap(f"as read on {day}", _INDENT, layout, role="faint")
    yield ""
    # remedy and clause belong to the rule: below its findings, once, however many findings there are
    actions = [(row.rule, row.remedy, sentences.describe_clause(row)) for row in findings]
    for rule, remedy, clause in dict.fromkeys(actions):
        yield from wrap(f"to do ({rule}): {remedy}", "", layout)
        if clause:
            yield from wrap(clause, "", layout)


def _format_finding(finding: Finding, layout: Layout) -> Iterator[str]:
    style = layout.style
    place = style("path", make_visible(finding.path))
    if at := sentences.describe_place(finding):
        place += f" at {make_visible(at)}"
    severity, rule = f"{finding.severity:<6}", f"[{make_visible(finding.rule)}]"
    yield f"{style(finding.severity, severity)} {place} {style('faint', rule)}"

    yield from wrap(finding.message, _INDENT, layout)
    for row in map(describe_reason, finding.because):
        yield from wrap(row.text, f"{_INDENT}- ", layout)
        yield from wrap(" · ".join(row.facts), f"{_INDENT}  ", layout, role="faint")
        yield from wrap(row.used, f"{_INDENT}  ", layout, role="faint")
    if expired := finding.expired_approval:
        text = f"approval {expired.reference} by {expired.who} expired on {expired.expires} and no longer counts"
        yield from wrap(text, _INDENT, layout)
    yield from wrap(sentences.describe_uncovered(finding), _INDENT, layout)


def _format_other(report: Report, days: Mapping[tuple[str, str], str], layout: Layout) -> Iterator[str]:
    """What a further policy says of the same evidence."""
    yield ""
    yield from wrap(f"By the policy {report.inputs.policy.name}", "", layout, role="heading")
    yield from wrap(sentences.describe_verdict(report), "", layout)
    overview = build_overview(report)
    for severity, group in itertools.groupby(list_open_findings(overview), key=lambda finding: finding.severity):
        yield from _format_group(severity, list(group), days, layout)
    yield from _format_waivers([finding for finding in report.findings if finding.waived_by], layout)
    yield from _format_unopposed(list_unopposed(report), layout)


def _format_waivers(findings: list[Finding], layout: Layout) -> Iterator[str]:
    if not findings:
        return
    yield ""
    yield layout.style("heading", f"Waived ({sentences.format_count(len(findings), 'finding')}): approved to stay")
    for finding in findings:
        yield f"{layout.style('waived', 'waived')} {layout.style('path', make_visible(finding.path))}"
        yield from wrap(f"{finding.severity}, {finding.rule}: {finding.message}", _INDENT, layout)
        if finding.waived_by:
            yield from wrap(_describe_approval(finding.waived_by), _INDENT, layout)


def _describe_approval(approval: Approval) -> str:
    return f"{approval.who}: {approval.reason} ({approval.reference}), until {approval.expires}"


def _format_unopposed(cases: list[Case], layout: Layout) -> Iterator[str]:
    """What the first sentence counts: generated material that the policy lets pass."""
    if not cases:
        return
    yield ""
    yield layout.style("heading", f"No rule of the policy objects ({sentences.format_count(len(cases), 'asset')})")
    for case in cases:
        yield f"  {layout.style('path', make_visible(case.location.path))}"
        yield from wrap(describe_both(case), "    ", layout, role="faint")


def _format_matches(title: str, rows: list[FoundMatch], layout: Layout) -> Iterator[str]:
    if not rows:
        return
    yield ""
    yield layout.style("heading", f"{title} ({sentences.format_count(len(rows), 'match', 'matches')})")
    for row in rows:
        place = f" at {row.at}" if row.at else ""
        yield f"  {layout.style('path', make_visible(row.path))}{make_visible(place)}"
        yield from wrap(f"{row.match.known.path} ({row.verdict}, {row.match.method})", "    ", layout)
        basis = row.match.detail
        if row.mark:
            basis = f"{describe_standing(row.mark)}: {row.mark.detail}"
        yield from wrap(f"{row.match.known.origin}, {basis}", "    ", layout, role="faint")


def _format_troubles(report: Report, layout: Layout) -> Iterator[str]:
    """Troubles on which no finding above rests, grouped by cause."""
    remaining, total = list_troubles_without_finding(report), len(report.all_troubles)
    if not total:
        return
    yield ""
    above = total - len(remaining)
    heading = f"{sentences.format_count(total, 'item')} could not be checked"
    if above and remaining:
        heading += f" ({above:,} of them listed above)"
    elif above:
        heading += " (listed above)"
    yield layout.style("heading", heading)

    def get_cause(trouble: Trouble) -> tuple[str, str, str]:
        return trouble.cause, trouble.stage, trouble.detail

    # ten thousand files on a lost storage have one cause, which the reader needs once
    for (cause, stage, detail), group in itertools.groupby(sorted(remaining, key=get_cause), key=get_cause):
        yield from wrap(f"{cause} ({stage}): {detail}", "  ", layout)
        for trouble in group:
            yield f"    {layout.style('path', make_visible(trouble.path))}"


def _format_changed(report: Report, layout: Layout) -> Iterator[str]:
    """Files that are not as this report describes them."""
    changed = list_changed(report)
    if not changed:
        return
    yield ""
    count = sentences.format_count(len(changed), "file")
    yield layout.style("heading", f"Not as they were read ({count}): scan again")
    for case in changed:
        yield f"  {layout.style('path', make_visible(case.location.path))}: {describe_reading(case)}"


def _format_basis(report: Report, layout: Layout) -> Iterator[str]:
    """By whose guidance the report judges, and what it cannot say."""
    yield ""
    yield layout.style("heading", "What this report judges by, and what it cannot say")
    statement = derive_statement(report)
    for label, value in list_particulars(report):
        yield from wrap(f"{label}: {value}", "- ", layout)
    yield from wrap(f"{name_statement(statement)}. {describe_statement(statement)}".strip(), "- ", layout)
    for limit in list_statement_limits(report, statement):
        yield from wrap(limit, "  ", layout)
    for each in list_reports(report):
        policy = each.inputs.policy
        guidance = filter(None, (sentences.describe_policy(policy), sentences.describe_guidance(policy)))
        yield from wrap(f"Policy: {'; '.join(guidance)}.", "- ", layout)
        # one line for each, because a long line is cut
        for rule in sentences.list_not_asked(policy):
            yield from wrap(f"Not asked by {policy.name}: {rule}.", "- ", layout)
    for run in describe_runs(report):
        yield from wrap(f"Read by: {run}.", "- ", layout)
    for limit in list_limits(report):
        yield from wrap(limit, "- ", layout)


def _format_changes(delta: Delta, layout: Layout) -> Iterator[str]:
    yield ""
    yield from wrap(sentences.describe_changes(delta), "", layout, role="heading")
    for kind, paths in sentences.list_changes(delta):
        for path in paths:
            yield f"  {kind}: {layout.style('path', make_visible(path))}"
