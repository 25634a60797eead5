"""The report for a terminal: the first screen, then each finding with its evidence and what could not be checked."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

from provenance.model.debt import Debt
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
from provenance.reports.debt import describe_debt, describe_left_out, list_groups, list_rows
from provenance.reports.escape import make_visible
from provenance.reports.finding_texts import describe_message, describe_remedy
from provenance.reports.first_screen import format_first_screen
from provenance.reports.language import format_number, translate, translate_count
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
    yield from _format_matches(translate("Mark lost: the source carried an AI mark, this file does not"), lost, layout)
    yield from _format_matches(translate("Known material, allowed by the policy"), allowed, layout)
    for each in list_reports(report)[1:]:
        yield from _format_other(each, days, layout)
    yield from _format_changed(report, layout)
    yield from _format_troubles(report, layout)
    if report.delta:
        yield from _format_changes(report.delta, layout)
    if report.debt:
        yield from _format_debt(report.debt, layout)
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
        yield layout.style("faint", translate("Details: the same without --summary."))


def _has_details(report: Report) -> bool:
    return bool(report.findings or report.all_troubles or report.delta or list_matches_without_finding(report))


def _format_cuts(report: Report, layout: Layout) -> Iterator[str]:
    """Figures of every cut, and what stands where, as far as a person has to look at it."""
    yield ""
    heading = translate_count(
        "By record timecode ({number} cut): what has to be looked at",
        "By record timecode ({number} cuts): what has to be looked at",
        len(report.timelines),
    )
    yield layout.style("heading", heading)
    yield from format_cuts(report.timelines, report.uses, map_approvals(report.findings), layout, is_whole=False)


def _format_group(
    severity: Severity, findings: list[Finding], days: Mapping[tuple[str, str], str], layout: Layout
) -> Iterator[str]:
    yield ""
    count = sentences.format_count(len(findings), "finding", "findings")
    word, meaning = sentences.name_word(severity), translate(sentences.SEVERITIES[severity])
    yield layout.style("heading", f"{sentences.capitalize(word)} ({count}): {meaning}")
    for finding in findings:
        yield ""
        yield from _format_finding(finding, layout)
        if day := days.get((finding.path, finding.digest)):
            yield from wrap(translate("as read on {day}", day=day), _INDENT, layout, role="faint")
    yield ""
    # remedy and clause belong to the rule: below its findings, once, however many findings there are
    actions = [(row.rule, describe_remedy(row), sentences.describe_clause(row)) for row in findings]
    for rule, remedy, clause in dict.fromkeys(actions):
        yield from wrap(translate("to do ({rule}): {remedy}", rule=rule, remedy=remedy), "", layout)
        if clause:
            yield from wrap(clause, "", layout)


def _format_finding(finding: Finding, layout: Layout) -> Iterator[str]:
    style = layout.style
    place = style("path", make_visible(finding.path))
    if at := sentences.describe_place(finding):
        place = translate("{path} at {place}", path=place, place=make_visible(at))
    severity, rule = sentences.pad_severity(finding.severity), f"[{make_visible(finding.rule)}]"
    yield f"{style(finding.severity, severity)} {place} {style('faint', rule)}"

    yield from wrap(describe_message(finding), _INDENT, layout)
    for row in map(describe_reason, finding.because):
        yield from wrap(row.text, f"{_INDENT}- ", layout)
        yield from wrap(" · ".join(row.facts), f"{_INDENT}  ", layout, role="faint")
        yield from wrap(row.used, f"{_INDENT}  ", layout, role="faint")
    if expired := finding.expired_approval:
        text = translate(
            "approval {reference} by {who} expired on {day} and no longer counts",
            reference=expired.reference,
            who=expired.who,
            day=expired.expires,
        )
        yield from wrap(text, _INDENT, layout)
    yield from wrap(sentences.describe_uncovered(finding), _INDENT, layout)


def _format_other(report: Report, days: Mapping[tuple[str, str], str], layout: Layout) -> Iterator[str]:
    """What a further policy says of the same evidence."""
    yield ""
    yield from wrap(translate("By the policy {policy}", policy=report.inputs.policy.name), "", layout, role="heading")
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
    heading = translate_count(
        "Waived ({number} finding): approved to stay", "Waived ({number} findings): approved to stay", len(findings)
    )
    yield layout.style("heading", heading)
    for finding in findings:
        word = sentences.name_word("waived")
        yield f"{layout.style('waived', word)} {layout.style('path', make_visible(finding.path))}"
        severity, message = sentences.name_word(finding.severity), describe_message(finding)
        yield from wrap(f"{severity}, {finding.rule}: {message}", _INDENT, layout)
        if finding.waived_by:
            yield from wrap(_describe_approval(finding.waived_by), _INDENT, layout)


def _describe_approval(approval: Approval) -> str:
    return translate(
        "{who}: {reason} ({reference}), until {day}",
        who=approval.who,
        reason=approval.reason,
        reference=approval.reference,
        day=approval.expires,
    )


def _format_unopposed(cases: list[Case], layout: Layout) -> Iterator[str]:
    """What the first sentence counts: generated material that the policy lets pass."""
    if not cases:
        return
    yield ""
    heading = translate_count(
        "No rule of the policy objects ({number} asset)", "No rule of the policy objects ({number} assets)", len(cases)
    )
    yield layout.style("heading", heading)
    for case in cases:
        yield f"  {layout.style('path', make_visible(case.location.path))}"
        yield from wrap(describe_both(case), "    ", layout, role="faint")


def _format_matches(title: str, rows: list[FoundMatch], layout: Layout) -> Iterator[str]:
    if not rows:
        return
    yield ""
    yield layout.style("heading", f"{title} ({sentences.format_count(len(rows), 'match', 'matches')})")
    for row in rows:
        place = layout.style("path", make_visible(row.path))
        if row.at:
            place = translate("{path} at {place}", path=place, place=make_visible(row.at))
        yield f"  {place}"
        method = sentences.name_word(row.match.method)
        yield from wrap(f"{row.match.known.path} ({row.verdict}, {method})", "    ", layout)
        basis = row.match.detail
        if row.mark:
            basis = f"{describe_standing(row.mark)}: {row.mark.detail}"
        yield from wrap(f"{sentences.name_word(row.match.known.origin)}, {basis}", "    ", layout, role="faint")


def _format_troubles(report: Report, layout: Layout) -> Iterator[str]:
    """Troubles on which no finding above rests, grouped by cause."""
    remaining, total = list_troubles_without_finding(report), len(report.all_troubles)
    if not total:
        return
    yield ""
    above = total - len(remaining)
    heading = translate_count("{number} item could not be checked", "{number} items could not be checked", total)
    if above and remaining:
        heading += translate(" ({number} of them listed above)", number=above)
    elif above:
        heading += translate(" (listed above)")
    yield layout.style("heading", heading)

    def get_cause(trouble: Trouble) -> tuple[str, str, str]:
        return trouble.cause, trouble.stage, trouble.detail

    # ten thousand files on a lost storage have one cause, which the reader needs once
    for (cause, stage, detail), group in itertools.groupby(sorted(remaining, key=get_cause), key=get_cause):
        yield from wrap(f"{sentences.name_word(cause)} ({stage}): {detail}", "  ", layout)
        for trouble in group:
            yield f"    {layout.style('path', make_visible(trouble.path))}"


def _format_changed(report: Report, layout: Layout) -> Iterator[str]:
    """Files that are not as this report describes them."""
    changed = list_changed(report)
    if not changed:
        return
    yield ""
    heading = translate_count(
        "Not as they were read ({number} file): scan again",
        "Not as they were read ({number} files): scan again",
        len(changed),
    )
    yield layout.style("heading", heading)
    for case in changed:
        yield f"  {layout.style('path', make_visible(case.location.path))}: {describe_reading(case)}"


def _format_basis(report: Report, layout: Layout) -> Iterator[str]:
    """By whose guidance the report judges, and what it cannot say."""
    yield ""
    yield layout.style("heading", translate("What this report judges by, and what it cannot say"))
    statement = derive_statement(report)
    for label, value in list_particulars(report):
        yield from wrap(f"{label}: {value}", "- ", layout)
    yield from wrap(f"{name_statement(statement)}. {describe_statement(statement)}".strip(), "- ", layout)
    for limit in list_statement_limits(report, statement):
        yield from wrap(limit, "  ", layout)
    for each in list_reports(report):
        policy = each.inputs.policy
        guidance = filter(None, (sentences.describe_policy(policy), sentences.describe_guidance(policy)))
        yield from wrap(translate("Policy: {policy}.", policy="; ".join(guidance)), "- ", layout)
        # one line for each, because a long line is cut
        for rule in sentences.list_not_asked(policy):
            yield from wrap(translate("Not asked by {policy}: {rule}.", policy=policy.name, rule=rule), "- ", layout)
    for run in describe_runs(report):
        yield from wrap(translate("Read by: {run}.", run=run), "- ", layout)
    for limit in list_limits(report):
        yield from wrap(limit, "- ", layout)


def _format_debt(debt: Debt, layout: Layout) -> Iterator[str]:
    """What is in deliverables for the time being: figures, then each material with where it is."""
    yield ""
    yield layout.style("heading", translate("Generated material in deliverables, until it is replaced"))
    yield from wrap(describe_debt(debt), "", layout)
    for heading, counts in list_groups(debt):
        figures = ", ".join(f"{make_visible(name)} {format_number(number)}" for name, number in counts)
        yield from wrap(f"{heading}: {figures}", "  ", layout)
    for row in list_rows(debt):
        yield f"  {layout.style('path', make_visible(row.path))}"
        facts = [row.state_words, row.days, row.owner, row.origin, row.made_with]
        yield from wrap(" · ".join(filter(None, map(make_visible, facts))), "    ", layout, role="faint")
        for place in row.places:
            yield f"    {layout.style('path', make_visible(place))}"
    if left_out := describe_left_out(debt):
        yield f"  {left_out}"


def _format_changes(delta: Delta, layout: Layout) -> Iterator[str]:
    yield ""
    yield from wrap(sentences.describe_changes(delta), "", layout, role="heading")
    for kind, paths in sentences.list_changes(delta):
        for path in paths:
            yield f"  {kind}: {layout.style('path', make_visible(path))}"
