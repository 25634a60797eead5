"""Cuts on the first screen: for each its running time, and one line for each kind of finding in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from provenance.model.cut import Timeline, Use
from provenance.model.finding import Finding
from provenance.model.match import Match
from provenance.model.report import Report
from provenance.model.vocabulary import SUSPECT, Severity
from provenance.reports import sentences
from provenance.reports.cut_kinds import describe_total
from provenance.reports.cut_table import count_frames, describe_briefly, describe_compared
from provenance.reports.language import format_number, translatable, translate, translate_count
from provenance.reports.shots import Shot

_RULES = {
    "missing_from_cut": translatable("missing"),
    "never_ingested_in_cut": translatable("never ingested"),
    "ambiguous_in_cut": translatable("ambiguous"),
    "placeholder_in_cut": translatable("placeholder"),
    "altered_archive_in_cut": translatable("altered archive"),
}
"""Rules whose findings are named like the kind in the table; any other is named by its own words."""


@dataclass(frozen=True, slots=True)
class CutSummary:
    """One cut."""

    path: str
    root: str
    digest: str
    """Of the file."""
    notes: str
    """What it is, and what else must be said of it although no finding says it."""
    shots: tuple[Shot, ...]
    """One for each kind of finding, gravest first."""
    findings: tuple[Finding, ...]
    """Those that are not waived."""
    same_as: str = ""
    """Path of an earlier cut with the same lines: the same cut is often there in two formats."""


def is_in_cut(finding: Finding, paths: Mapping[tuple[str, str], Timeline]) -> bool:
    """Whether a finding is about a place in a cut; about the file of a cut there are others."""
    return finding.time is not None and (finding.root, finding.path) in paths


def map_timelines(report: Report) -> dict[tuple[str, str], Timeline]:
    """(root, path) -> cut."""
    return {(timeline.root, timeline.path): timeline for timeline in report.timelines}


def summarize_cuts(report: Report) -> tuple[CutSummary, ...]:
    """Those with findings first, each group in the order of the report."""
    timelines = map_timelines(report)
    found: dict[tuple[str, str], list[Finding]] = {}
    for finding in dict.fromkeys(report.findings):
        if is_in_cut(finding, timelines):
            found.setdefault((finding.root, finding.path), []).append(finding)
    cuts = []
    for key, timeline in timelines.items():
        cuts.append(_summarize_cut(timeline, found.get(key, [])))
    cuts.sort(key=lambda cut: not cut.shots)
    first: dict[tuple[Shot, ...], str] = {}
    for number, cut in enumerate(cuts):
        same = first.setdefault(cut.shots, cut.path)
        if cut.shots and same != cut.path:
            cuts[number] = replace(cut, same_as=same)
    return tuple(cuts)


def _summarize_cut(timeline: Timeline, findings: Sequence[Finding]) -> CutSummary:
    still_open = []
    groups: dict[tuple[Severity, str], list[Finding]] = {}
    for finding in findings:
        if not finding.waived_by:
            still_open.append(finding)
            groups.setdefault((finding.severity, _name_kind(finding)), []).append(finding)
    shots = []
    for (severity, words), rows in sorted(groups.items(), key=lambda entry: entry[0][0].rank):
        shots.append(_build_shot(timeline, severity, words, rows))
    notes = [describe_briefly(timeline)]
    if waived := len(findings) - len(still_open):
        notes.append(translate_count("{number} finding approved", "{number} findings approved", waived))
    if timeline.compared_with == ():
        notes.append(describe_compared(timeline))
    return CutSummary(timeline.path, timeline.root, timeline.digest, ", ".join(notes), tuple(shots), tuple(still_open))


def _name_kind(finding: Finding) -> str:
    if finding.rule in _RULES:
        return translate(_RULES[finding.rule])
    use, match = None, None
    for reason in finding.because:
        if isinstance(reason, Use):
            use = use or reason
        elif isinstance(reason, Match):
            match = match or reason
    if use and match:
        return translate("shows {origin} material", origin=describe_total(str(match.known.origin)))
    if use and use.origin in SUSPECT and finding.rule == "generated_in_cut":
        return describe_total(str(use.origin))
    return translate(finding.rule.replace("_", " ").replace("-", " "))


def _build_shot(timeline: Timeline, severity: Severity, words: str, findings: Sequence[Finding]) -> Shot:
    rate = timeline.frames_a_second
    spans, ranges = [], []
    for finding in findings:
        if span := finding.time:
            spans.append(span)
            ranges.append((round(span.start * rate), round(span.end * rate)))
    frames = count_frames(ranges)
    share = f"{format_number(frames / rate, ',.1f')} s"
    if timeline.frames:
        share += f", {format_number(100 * frames / timeline.frames, '.1f')}%"
    first = min(spans, key=lambda span: span.start)
    if len(findings) == 1:
        return Shot(severity, sentences.format_short_span(first), f"{words}: {_name_source(findings)} ({share})", 1)
    many = translate("{number} events", number=len(findings))
    if len(set(_list_sources(findings))) == 1:
        many = translate("{number} events of {source}", number=len(findings), source=_name_source(findings))
    start = first.timecode_in or sentences.format_short_span(first)
    return Shot(
        severity,
        "",
        translate("{what} ({share}), the first at {start}", what=f"{words}: {many}", share=share, start=start),
        len(findings),
    )


def _list_sources(findings: Iterable[Finding]) -> list[str]:
    sources = []
    for finding in findings:
        for reason in finding.because:
            if isinstance(reason, Use):
                sources.append(reason.source or reason.known_as)
            elif isinstance(reason, Match):
                sources.append(reason.known.path)
    return sources


def _name_source(findings: Sequence[Finding]) -> str:
    return next(filter(None, _list_sources(findings)), translate("a source without a name"))
