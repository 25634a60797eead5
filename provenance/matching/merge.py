"""Merge matches of one known asset that touch: step 10 of docs/matching.md, whose numbers are those in the code.

A movie is searched in chunks and a long shot in pieces, so one use of an asset may come as several matches.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from provenance.model.match import COPY, Match, Span, name_frames

_LONGEST_GAP = 0.26
"""Seconds between two matches of one known asset, up to which they are merged."""

_LONGEST_GAP_FRAMES = 6
"""The same in the frames of a sequence that names no rate."""


def merge_matches(matches: Iterable[Match]) -> list[Match]:
    """Merge the matches of one known asset that touch, and return all in order of time and path."""
    merged: list[Match] = []
    # In order of asset, method and time, two matches that touch are neighbours.
    for match in sorted(matches, key=lambda match: (match.known.digest, match.method, _get_start(match))):
        # 10.1 Two matches of one asset that touch.
        if merged and _is_continued(merged[-1], match):
            merged[-1] = _merge_pair(merged[-1], match)
        else:
            merged.append(match)
    return sorted(merged, key=lambda match: (_get_start(match), match.known.path))


def _get_start(match: Match) -> float:
    """Seconds at which a match begins, or the frame where there is no time; 0 for one in a still."""
    if match.time:
        return match.time.start
    return float(match.frames[0]) if match.frames else 0.0


def _is_continued(match: Match, following: Match) -> bool:
    # The picture and the sound of a clip are two uses: each has a span, a verdict and a place of its own.
    if match.known != following.known or match.method != following.method:
        return False
    if match.time is None or following.time is None:
        if match.frames is None or following.frames is None:
            return False
        return following.frames[0] - match.frames[1] - 1 <= _LONGEST_GAP_FRAMES
    gap = following.time.start - match.time.end
    if gap > _LONGEST_GAP:
        return False
    # A sound that is played again from its beginning is another use: no use is longer than what is known.
    known_gap = gap
    if match.is_sound and match.known_time and following.known_time:
        known_gap = following.known_time.start - match.known_time.end
    return abs(known_gap - gap) <= _LONGEST_GAP


def _merge_pair(match: Match, following: Match) -> Match:
    """10.2 One match over both times, with the verdict, the score and the text of the surer one."""
    surer = max(match, following, key=lambda match: (match.verdict == COPY, match.score))
    time = None
    if match.time and following.time:
        last = max(match.time, following.time, key=lambda span: span.end)
        time = Span(match.time.start, last.end, match.time.timecode_in, last.timecode_out)
    known_time = surer.known_time
    if match.known_time and following.known_time:
        start = min(match.known_time.start, following.known_time.start)
        end = max(match.known_time.end, following.known_time.end)
        known_time = Span(start, end)
    merged = dataclasses.replace(surer, time=time, known_time=known_time)
    if match.frames is None or following.frames is None or surer.frames is None:
        return merged
    # Of a frame sequence the text names the frames.
    frames = match.frames[0], max(match.frames[1], following.frames[1])
    text = surer.detail.removeprefix(name_frames(*surer.frames))
    return dataclasses.replace(merged, frames=frames, detail=name_frames(*frames) + text)
