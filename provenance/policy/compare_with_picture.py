"""A cut against its rendered picture: whether each names the generated material that the other shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from provenance.model.cut import Timeline, Use
from provenance.model.finding import Because, Case, Finding
from provenance.model.match import Span
from provenance.model.vocabulary import SUSPECT
from provenance.policy.cut_rules.cut_and_picture_disagree import CutAndPictureDisagree
from provenance.policy.packs import Pack, Ruling
from provenance.timecode import Clock, parse_start

_SLACK = Fraction(1)
"""Seconds that a picture may begin after the cut or end before it, and still be its picture."""
_SHORTEST = 12
"""Frames; shorter uses are not always found by picture."""


def compare_with_picture(
    timelines: Iterable[Timeline], uses: Sequence[Use], cases: Sequence[Case], pack: Pack
) -> Iterator[Finding]:
    """Yield a finding for each disagreement between a cut and each movie that is its picture.

    The movies must have been searched for known material, or everything that the cut names would be missing in them.
    """
    ruling = next((row for row in pack.rulings if row.rule == CutAndPictureDisagree.name), None)
    if ruling is None:
        return
    for timeline in timelines:
        own = [use for use in uses if use.timeline == timeline.path and use.enabled and use.track.startswith("V")]
        for case in cases:
            start = _find_start(timeline, case)
            if start is not None and not case.reading.troubles:
                yield from _compare(timeline, own, case, start, ruling)


def _find_start(timeline: Timeline, case: Case) -> int | None:
    """Timecode of the first frame of a movie that is the picture of a cut, in frames; None for any other asset."""
    asset = case.reading.asset
    if not (timeline.rate and timeline.frames and asset.frame_rate and asset.start_timecode and asset.duration):
        return None
    rate = Fraction(timeline.rate)
    if Fraction(asset.frame_rate) != rate:
        return None
    start = parse_start(asset.start_timecode, rate).frame
    end = start + round(asset.duration * float(rate))
    slack = round(_SLACK * rate)
    first, after = timeline.start_frame, timeline.start_frame + timeline.frames
    return start if start <= first + slack and end >= after - slack else None


def _compare(timeline: Timeline, uses: Sequence[Use], case: Case, start: int, ruling: Ruling) -> Iterator[Finding]:
    rate = Fraction(timeline.rate or 24)
    clock = Clock(rate, bool(timeline.drop))
    seen: dict[str, list[tuple[int, int]]] = {}
    for match in case.matches:
        if match.known.origin not in SUSPECT or match.time is None or match.method not in ("picture", "video"):
            continue
        first = start + round(Fraction(match.time.start) * rate)
        after = start + round(Fraction(match.time.end) * rate)
        seen.setdefault(match.known.digest, []).append((first, after))
        named = [
            use for use in uses if use.digest == match.known.digest and _overlap(use.record_frames, (first, after))
        ]
        if not named:
            message = f"{case.location.path} shows {match.known.path}, which the cut does not name there."
            span = _make_span(timeline, clock, (first, after))
            yield _build_finding(timeline, ruling, match, match.known.digest, message, span)
    for use in uses:
        is_long = use.record_frames[1] - use.record_frames[0] >= _SHORTEST
        if use.origin not in SUSPECT or not use.digest or not is_long or _is_covered(use, uses):
            continue
        if not any(_overlap(use.record_frames, span) for span in seen.get(use.digest, ())):
            message = f"The cut names {use.source}, and {case.location.path} does not show it there."
            span = _make_span(timeline, clock, use.record_frames)
            yield _build_finding(timeline, ruling, use, use.digest, message, span)


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _is_covered(use: Use, uses: Sequence[Use]) -> bool:
    """Whether a track above shows something else for as long."""
    above = [other for other in uses if other.track > use.track and len(other.track) >= len(use.track)]
    return any(
        other.record_frames[0] <= use.record_frames[0] and other.record_frames[1] >= use.record_frames[1]
        for other in above
    )


def _make_span(timeline: Timeline, clock: Clock, frames: tuple[int, int]) -> Span:
    first, after = frames
    rate = float(clock.rate)
    start, end = (first - timeline.start_frame) / rate, (after - timeline.start_frame) / rate
    return Span(max(0.0, start), end, clock.format(first), clock.format(after))


def _build_finding(
    timeline: Timeline, ruling: Ruling, because: Because, digest: str, message: str, span: Span
) -> Finding:
    rule = CutAndPictureDisagree()
    return Finding(
        rule=rule.id,
        severity=ruling.severity,
        path=timeline.path,
        digest=digest,
        message=message,
        remedy=rule.remedy,
        because=(because,),
        time=span,
        clause=ruling.clause,
        root=timeline.root,
    )
