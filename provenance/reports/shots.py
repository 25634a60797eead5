"""The findings of one movie as shots: those about the same place are one line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from provenance.model.finding import Finding
from provenance.model.match import COPY, Match, Span
from provenance.model.vocabulary import Severity
from provenance.reports import sentences
from provenance.reports.document import group_into_runs
from provenance.reports.finding_texts import translate_message
from provenance.reports.language import translate

_SAME_SHOT = 0.5
"""Two places in a movie are one shot when they have this share of the longer one in common."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One place of a movie or sequence, with everything that was found there."""

    severity: Severity
    """Of the gravest finding."""
    at: str
    """Frames or timecodes; empty when the findings are about the whole of it."""
    text: str
    findings: int


@dataclass(slots=True)
class _Range:
    """A range of a movie while its findings are collected. `start` and `end` are seconds or frame numbers."""

    medium: str
    start: float
    end: float
    findings: list[Finding]
    matches: list[Match]

    def is_same_shot(self, other: _Range) -> bool:
        """Whether another range is about the same shot."""
        if other.medium != self.medium:
            return False
        shared = min(other.end, self.end) - max(other.start, self.start)
        return shared >= _SAME_SHOT * max(other.end - other.start, self.end - self.start)

    def add(self, other: _Range) -> None:
        """Take over what was found in another range."""
        self.start, self.end = min(self.start, other.start), max(self.end, other.end)
        self.findings += other.findings
        self.matches += other.matches


def build_shots(findings: Sequence[Finding]) -> tuple[Shot, ...]:
    """One shot for all findings about the same place of one movie, in the order of the places."""
    found: list[_Range] = []
    rest: dict[tuple[Severity, str, str], list[Finding]] = {}
    for finding in findings:
        match = get_match(finding)
        if match and (match.time or match.frames):
            found.append(_build_range(finding, match))
        else:
            # the frame is said once, in front
            key = finding.severity, finding.rule, finding.message.removeprefix(f"Frame {finding.frame}: ")
            rest.setdefault(key, []).append(finding)
    shots = [_build_shot_of_rest(text, rows) for (_, _, text), rows in rest.items()]
    return (*shots, *map(_build_shot, _join_ranges(found)))


def get_match(finding: Finding) -> Match | None:
    """The first match that a finding rests on, if it rests on one."""
    for reason in finding.because:
        if isinstance(reason, Match):
            return reason
    return None


def _build_range(finding: Finding, match: Match) -> _Range:
    start, end = 0.0, 0.0
    if match.frames:
        start, end = float(match.frames[0]), match.frames[1] + 1.0
    elif match.time:
        start, end = match.time.start, match.time.end
    return _Range(_get_medium(match), start, end, [finding], [match])


def _join_ranges(found: list[_Range]) -> list[_Range]:
    """The ranges in order, those of one shot joined."""
    joined: list[_Range] = []
    # a range that has ended can hold none of those that follow, because they begin later
    open_: list[_Range] = []
    for new in sorted(found, key=lambda place: (place.start, place.end, place.medium)):
        open_ = [place for place in open_ if place.end > new.start]
        for place in open_:
            if place.is_same_shot(new):
                place.add(new)
                break
        else:
            open_.append(new)
            joined.append(new)
    return joined


def _get_medium(match: Match) -> str:
    return "sound" if match.is_sound else "picture"


def _build_shot(place: _Range) -> Shot:
    gravest = min(place.findings, key=lambda finding: finding.severity.rank)
    return Shot(gravest.severity, _describe_range(place), _describe_found(place.matches), len(place.findings))


def _describe_range(place: _Range) -> str:
    runs = list(filter(None, (match.frames for match in place.matches)))
    if runs:
        frames = sentences.format_frames([(int(place.start), int(place.end) - 1)])
        return translate("frames {frames}", frames=frames)
    # timecodes are taken from the earliest and from the latest match
    spans = list(filter(None, (match.time for match in place.matches)))
    first, last = min(spans, key=lambda span: span.start), max(spans, key=lambda span: span.end)
    return sentences.format_short_span(Span(first.start, last.end, first.timecode_in, last.timecode_out))


def _describe_found(matches: Sequence[Match]) -> str:
    """`copy of dawn.png (generated: ComfyUI, trace) and 2 more`; a copy is named before shared content."""
    best = min(matches, key=lambda match: (match.verdict != COPY, -match.score, match.known.path))
    text = sentences.describe_match_briefly(best)
    others = {match.known.digest for match in matches} - {best.known.digest}
    if others:
        return translate("{text} and {number} more", text=text, number=len(others))
    return text


def _build_shot_of_rest(text: str, findings: Sequence[Finding]) -> Shot:
    """Findings of one rule with one message, about the whole movie or about single frames."""
    first = findings[0]
    frames = [finding.frame for finding in findings if finding.frame is not None]
    at = ""
    if frames:
        runs = group_into_runs(frames)
        at = translate("frame {frame}", frame=sentences.format_frames(runs))
        if len(set(frames)) > 1:
            at = translate("frames {frames}", frames=sentences.format_frames(runs))
    elif first.time:
        at = sentences.format_short_span(first.time)
    return Shot(first.severity, at, translate_message(text), len(findings))
