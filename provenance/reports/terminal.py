"""The report as a colleague would write it down: what must not be there, why, where, what to do, what was not seen."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from provenance.model.evidence import Trouble
from provenance.model.finding import Finding
from provenance.model.report import Delta, Report
from provenance.model.vocabulary import Severity
from provenance.reports import sentences
from provenance.reports.compose import untold_troubles
from provenance.reports.escape import short, visible
from provenance.reports.matches import FoundMatch, mark_lost, unminded
from provenance.reports.reasons import reason

Style = Callable[[str, str], str]
"""(role, text) -> text. Roles: `block`, `review`, `note`, `waived`, `verdict`, `heading`, `path`, `faint`."""

WIDTH = 100
"""Columns where nobody knows how wide the page is."""


@dataclass(frozen=True, slots=True)
class Pen:
    """How the note is written: who paints, and where a line ends."""

    paint: Style
    width: int

    def __call__(self, role: str, text: str) -> str:
        """Painted text."""
        return self.paint(role, text)


def unpainted(role: str, text: str) -> str:  # noqa: ARG001 - the shape of every Paint
    """Text as it is, for files and pipes."""
    return text


def lines(report: Report, paint: Style = unpainted, width: int = WIDTH) -> Iterator[str]:
    """The note, line by line without line ends. All that files say in it is escaped; `paint` only sees safe text.

    `width`: columns at which sentences wrap.
    """
    pen = Pen(paint, width)
    yield from _opening(report, pen)
    waived = [finding for finding in report.findings if finding.waived_by]
    open_ = [finding for finding in report.findings if not finding.waived_by]
    for severity, group in itertools.groupby(open_, key=lambda finding: finding.severity):
        yield from _group(severity, list(group), pen)
    yield from _let_through(waived, pen)
    lost, unminded_ = mark_lost(report), unminded(report)
    yield from _found("Mark lost {}: marked as generated when it came in, without a mark where it stands", lost, pen)
    yield from _found("Known material without a finding, {}: nothing in the policy minds it", unminded_, pen)
    yield from _not_seen(report, pen)
    if report.delta:
        yield from _changes(report.delta, pen)
    yield ""
    yield f"Origins: {sentences.counted_origins(report)}."
    yield pen("verdict", f"{sentences.capital(sentences.coverage(report))}.")


def _opening(report: Report, pen: Pen) -> Iterator[str]:
    inputs = report.inputs
    yield pen("verdict", sentences.verdict(report))
    for root in inputs.roots:
        yield pen("faint", visible(root))
    policy = f"policy {inputs.policy.name} ({inputs.policy.sha256[:12]})"
    lists = (f"trust list {listed.name} of {listed.issued}" for listed in inputs.trust_lists)
    theirs = (f"third-party detector {named}" for named in inputs.plugins)
    made = (f"{report.tool} {report.version}", report.made_at, policy, *lists, *theirs)
    yield from _wrapped(", ".join(made), "", pen, faint=True)
    if inputs.excluded:
        yield from _wrapped(f"left out by request: {', '.join(inputs.excluded)}", "", pen, faint=True)
    if inputs.excluded_nothing:
        yield from _wrapped(f"asked to leave out, and nothing matched: {', '.join(inputs.excluded_nothing)}", "", pen)


def _group(severity: Severity, findings: list[Finding], pen: Pen) -> Iterator[str]:
    yield ""
    meaning = sentences.SEVERITIES[severity]
    yield pen("heading", f"{sentences.count(len(findings), 'finding')} to {severity}: {meaning}")
    for finding in findings:
        yield ""
        yield from _finding(finding, pen)
    yield ""
    for rule, remedy, clause in dict.fromkeys((found.rule, found.remedy, found.clause) for found in findings):
        yield from _wrapped(f"to do ({rule}): {remedy}", "", pen)
        if clause:
            yield from _wrapped(f"because the policy says: {clause}", "", pen)


def _finding(finding: Finding, pen: Pen) -> Iterator[str]:
    at = sentences.where(finding)
    place = pen("path", visible(finding.path)) + (f" at {visible(at)}" if at else "")
    yield f"{pen(finding.severity, f'{finding.severity:<6}')} {place} {pen('faint', f'[{visible(finding.rule)}]')}"
    yield from _wrapped(finding.message, "       ", pen)
    for row in map(reason, finding.because):
        yield from _wrapped(row.said, "       - ", pen)
        yield from _wrapped(" · ".join(row.facts), "         ", pen, faint=True)
        yield from _wrapped(row.used, "         ", pen, faint=True)
    if by := finding.expired_approval:
        yield from _wrapped(
            f"approval {by.reference} of {by.who} ended on {by.expires} and counts no more", "       ", pen
        )


def _let_through(findings: list[Finding], pen: Pen) -> Iterator[str]:
    if not findings:
        return
    yield ""
    yield pen("heading", f"{sentences.count(len(findings), 'finding')} let through by approval")
    for finding in findings:
        by = finding.waived_by
        yield f"{pen('waived', 'waived')} {pen('path', visible(finding.path))}"
        yield from _wrapped(f"{finding.severity}, {finding.rule}: {finding.message}", "       ", pen)
        if by:
            yield from _wrapped(f"{by.who}: {by.reason} ({by.reference}), until {by.expires}", "       ", pen)


def _found(title: str, rows: list[FoundMatch], pen: Pen) -> Iterator[str]:
    if not rows:
        return
    yield ""
    yield pen("heading", title.format(sentences.count(len(rows), "time")))
    for row in rows:
        yield f"  {pen('path', visible(row.path))}{visible(f' at {row.at}' if row.at else '')}"
        yield from _wrapped(f"{row.match.known.path} ({row.verdict}, {row.match.method})", "    ", pen)
        mark = f"{row.mark.standing}: {row.mark.detail}" if row.mark else row.match.detail
        yield from _wrapped(f"{row.match.known.origin}, {mark}", "    ", pen, faint=True)


def _not_seen(report: Report, pen: Pen) -> Iterator[str]:
    """Troubles that no finding above rests on, those with one cause together."""
    troubles, everything = untold_troubles(report), len(report.all_troubles)
    if not everything:
        return
    yield ""
    told = everything - len(troubles)
    above = f", {told:,} of them told above" if troubles and told else ", told above" if told else ""
    yield pen("heading", f"{sentences.count(everything, 'time')} something could not be looked at{above}")

    def alike(trouble: Trouble) -> tuple[str, str, str]:
        return trouble.cause, trouble.stage, trouble.detail

    for (cause, stage, detail), group in itertools.groupby(sorted(troubles, key=alike), key=alike):
        yield from _wrapped(f"{cause} ({stage}): {detail}", "  ", pen)
        yield from (f"    {pen('path', visible(trouble.path))}" for trouble in group)


def _changes(delta: Delta, pen: Pen) -> Iterator[str]:
    yield ""
    named = sentences.changes(delta)
    counts = ", ".join(f"{len(paths):,} {name}" for name, paths in named)
    yield pen("heading", f"Since the run before: {counts}")
    for name, paths in named:
        yield from (f"  {name:<15} {pen('path', visible(path))}" for path in paths)


def _wrapped(text: str, indent: str, pen: Pen, *, faint: bool = False) -> Iterable[str]:
    """The text in lines of at most so many columns; a list mark in `indent` stands on the first line only."""
    rows = textwrap.wrap(
        visible(short(text)),
        max(pen.width, 40),
        initial_indent=indent,
        subsequent_indent=" " * len(indent),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return (pen("faint", row) for row in rows) if faint else rows
