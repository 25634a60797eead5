"""A cut and its picture: which movie is the render of a cut, and where in the cut it shows known material."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from provenance.model.cut import Timeline
from provenance.model.finding import Case
from provenance.model.match import Match, Span
from provenance.model.vocabulary import SUSPECT
from provenance.timecode import parse_start

_SLACK = Fraction(1)
"""Seconds that a picture may begin after the cut or end before it, and still be its picture."""


@dataclass(frozen=True, slots=True)
class FoundInCut:
    """Material that is or may be generated, found by content in the picture of a cut, at its record time."""

    case: Case
    """The movie."""
    match: Match
    record_frames: tuple[int, int]
    """Frames from 00:00:00:00, the second exclusive; they may begin before the cut and end after it."""


def find_picture_start(tracks: Sequence[Timeline], case: Case) -> int | None:
    """Timecode of the first frame of a movie that is the picture of a cut, in frames; None for any other asset.

    `tracks`: the lists of one cut.
    """
    asset, timeline = case.reading.asset, tracks[0]
    if not (timeline.rate and timeline.frames and asset.start_timecode and asset.duration):
        return None
    rate = timeline.clock.rate
    # a file may claim any rate and any length, infinity included
    if _read_rate(asset.frame_rate) != rate or not math.isfinite(asset.duration):
        return None
    start = parse_start(asset.start_timecode, rate).frame
    end = start + round(asset.duration * float(rate))
    slack = round(_SLACK * rate)
    first = min(track.start_frame for track in tracks)
    after = max(track.start_frame + (track.frames or 0) for track in tracks)
    return start if start <= first + slack and end >= after - slack else None


def _read_rate(text: str | None) -> Fraction | None:
    try:
        return Fraction(text or "")
    except (ValueError, ZeroDivisionError):
        return None


def locate(time: Span, start: int, rate: Fraction) -> tuple[int, int]:
    """The record frames of a span of a movie whose first frame has the timecode `start`, in frames."""
    return start + round(Fraction(time.start) * rate), start + round(Fraction(time.end) * rate)


def list_found(timeline: Timeline, cases: Iterable[Case]) -> Iterator[FoundInCut]:
    """Yield all that was found by content in the pictures of a cut, movie by movie."""
    for case in cases:
        start = find_picture_start([timeline], case)
        if start is None:
            continue
        for match in case.matches:
            if match.known.origin in SUSPECT and match.time is not None:
                yield FoundInCut(case, match, locate(match.time, start, timeline.clock.rate))
