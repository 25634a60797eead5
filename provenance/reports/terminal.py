"""The report for a terminal: what must not be delivered, why, where, what to do about it, what could not be checked."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from provenance.model.evidence import Trouble
from provenance.model.finding import Approval, Finding
from provenance.model.report import Delta, Report
from provenance.model.vocabulary import Severity
from provenance.reports import sentences
from provenance.reports.compose import list_troubles_without_finding
from provenance.reports.escape import make_visible, shorten
from provenance.reports.matches import FoundMatch, find_lost_marks, list_matches_without_finding
from provenance.reports.reasons import describe_reason

Style = Callable[[str, str], str]
"""(role, text) -> text. Roles: `block`, `review`, `note`, `waived`, `verdict`, `heading`, `path`, `faint`."""

WIDTH = 100
"""Columns where the width of the terminal is not known."""

_NARROWEST = 40
"""Columns below which sentences do not wrap further."""

_INDENT = "       "
"""Below a severity, which takes six columns and a space."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How the report is laid out: the styles of its roles, and the column where lines wrap."""

    style: Style
    width: int


def keep_plain(role: str, text: str) -> str:  # noqa: ARG001 - the signature of every Style
    """The text without colours, for files and pipes."""
    return text


def format_lines(report: Report, style: Style = keep_plain, width: int = WIDTH) -> Iterator[str]:
    """Yield the report line by line, without line ends. All text from files is escaped before `style` sees it.

    `width`: columns at which sentences wrap.
    """
    layout = Layout(style, width)
    yield from _format_opening(report, layout)

    # waived findings come after all that somebody still has to resolve
    waived = [finding for finding in report.findings if finding.waived_by]
    open_ = [finding for finding in report.findings if not finding.waived_by]
    for severity, group in itertools.groupby(open_, key=lambda finding: finding.severity):
        yield from _format_group(severity, list(group), layout)
    yield from _format_waivers(waived, layout)

    lost, allowed = find_lost_marks(report), list_matches_without_finding(report)
    yield from _format_matches("Mark lost: the source carried an AI mark, this file does not", lost, layout)
    yield from _format_matches("Known material, allowed by the policy", allowed, layout)
    yield from _format_troubles(report, layout)
    if report.delta:
        yield from _format_changes(report.delta, layout)
    yield ""
    yield f"Origins: {sentences.describe_origins(report)}."
    yield style("verdict", f"{sentences.capitalize(sentences.describe_coverage(report))}.")


def _format_opening(report: Report, layout: Layout) -> Iterator[str]:
    inputs = report.inputs
    # whoever reads one line reads this one
    yield from _wrap(sentences.describe_verdict(report), "", layout, role="verdict")
    for root in inputs.roots:
        yield layout.style("faint", make_visible(root))

    made_with = [f"{report.tool} {report.version}", report.made_at]
    made_with.append(f"policy {sentences.describe_policy(inputs.policy)} ({inputs.policy.sha256[:12]})")
    made_with += [f"trust list {trust_list.name} of {trust_list.issued}" for trust_list in inputs.trust_lists]
    made_with += [f"third-party detector {plugin}" for plugin in inputs.plugins]
    yield from _wrap(", ".join(made_with), "", layout, role="faint")
    if not_asked := sentences.describe_not_asked(inputs.policy):
        yield from _wrap(f"not asked by this policy: {not_asked}", "", layout)
    if inputs.excluded:
        yield from _wrap(f"excluded by request: {', '.join(inputs.excluded)}", "", layout, role="faint")
    if inputs.excluded_nothing:
        yield from _wrap(f"exclude pattern matched nothing: {', '.join(inputs.excluded_nothing)}", "", layout)


def _format_group(severity: Severity, findings: list[Finding], layout: Layout) -> Iterator[str]:
    yield ""
    count = sentences.format_count(len(findings), "finding")
    yield layout.style("heading", f"{sentences.capitalize(severity)} ({count}): {sentences.SEVERITIES[severity]}")
    for finding in findings:
        yield ""
        yield from _format_finding(finding, layout)
    yield ""
    # remedy and clause belong to the rule: below its findings, once, however many findings there are
    for rule, remedy, clause in dict.fromkeys((row.rule, row.remedy, row.clause) for row in findings):
        yield from _wrap(f"to do ({rule}): {remedy}", "", layout)
        if clause:
            yield from _wrap(f"policy clause, paraphrased: {clause}", "", layout)


def _format_finding(finding: Finding, layout: Layout) -> Iterator[str]:
    style = layout.style
    place = style("path", make_visible(finding.path))
    if at := sentences.describe_place(finding):
        place += f" at {make_visible(at)}"
    severity, rule = f"{finding.severity:<6}", f"[{make_visible(finding.rule)}]"
    yield f"{style(finding.severity, severity)} {place} {style('faint', rule)}"

    yield from _wrap(finding.message, _INDENT, layout)
    for row in map(describe_reason, finding.because):
        yield from _wrap(row.text, f"{_INDENT}- ", layout)
        yield from _wrap(" · ".join(row.facts), f"{_INDENT}  ", layout, role="faint")
        yield from _wrap(row.used, f"{_INDENT}  ", layout, role="faint")
    if expired := finding.expired_approval:
        text = f"approval {expired.reference} by {expired.who} expired on {expired.expires} and no longer counts"
        yield from _wrap(text, _INDENT, layout)


def _format_waivers(findings: list[Finding], layout: Layout) -> Iterator[str]:
    if not findings:
        return
    yield ""
    yield layout.style("heading", f"Waived ({sentences.format_count(len(findings), 'finding')}): approved to stay")
    for finding in findings:
        yield f"{layout.style('waived', 'waived')} {layout.style('path', make_visible(finding.path))}"
        yield from _wrap(f"{finding.severity}, {finding.rule}: {finding.message}", _INDENT, layout)
        if finding.waived_by:
            yield from _wrap(_describe_approval(finding.waived_by), _INDENT, layout)


def _describe_approval(approval: Approval) -> str:
    return f"{approval.who}: {approval.reason} ({approval.reference}), until {approval.expires}"


def _format_matches(title: str, rows: list[FoundMatch], layout: Layout) -> Iterator[str]:
    if not rows:
        return
    yield ""
    yield layout.style("heading", f"{title} ({sentences.format_count(len(rows), 'match', 'matches')})")
    for row in rows:
        place = f" at {row.at}" if row.at else ""
        yield f"  {layout.style('path', make_visible(row.path))}{make_visible(place)}"
        yield from _wrap(f"{row.match.known.path} ({row.verdict}, {row.match.method})", "    ", layout)
        basis = row.match.detail
        if row.mark:
            basis = f"{row.mark.standing}: {row.mark.detail}"
        yield from _wrap(f"{row.match.known.origin}, {basis}", "    ", layout, role="faint")


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
        yield from _wrap(f"{cause} ({stage}): {detail}", "  ", layout)
        for trouble in group:
            yield f"    {layout.style('path', make_visible(trouble.path))}"


def _format_changes(delta: Delta, layout: Layout) -> Iterator[str]:
    yield ""
    changes = sentences.list_changes(delta)
    counts = ", ".join(f"{len(paths):,} {kind}" for kind, paths in changes)
    yield from _wrap(f"Since the previous run: {counts}", "", layout, role="heading")
    for kind, paths in changes:
        for path in paths:
            yield f"  {kind}: {layout.style('path', make_visible(path))}"


def _wrap(text: str, indent: str, layout: Layout, *, role: str = "") -> Iterable[str]:
    """The text in lines of at most `layout.width` columns; a bullet in `indent` is on the first line only."""
    # a path, a digest or an address stays whole, so that somebody can copy it
    rows = textwrap.wrap(
        make_visible(shorten(text)),
        max(layout.width, _NARROWEST),
        initial_indent=indent,
        subsequent_indent=" " * len(indent),
        break_long_words=False,
        break_on_hyphens=False,
    )
    if not role:
        return rows
    return [layout.style(role, row) for row in rows]
