"""Pieces of one thing told as one."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from provenance.model.match import COPY, Match, Span

_GAP = 0.26
"""Seconds between two stretches of one known asset that are told as one."""


def merge_matches(found: Iterable[Match]) -> list[Match]:
    """One match for each known asset and stretch: pieces that touch are one, the surest giving verdict and words."""
    whole: list[Match] = []
    for match in sorted(found, key=lambda match: (match.known.digest, match.time.start if match.time else 0.0)):
        last = whole[-1] if whole else None
        if last and last.known == match.known and last.time and match.time and _touch(last.time, match.time):
            whole[-1] = _joined(last, match)
        else:
            whole.append(match)
    return sorted(whole, key=lambda match: (match.time.start if match.time else 0.0, match.known.path))


def _touch(one: Span, other: Span) -> bool:
    return other.start - one.end <= _GAP


def _joined(one: Match, other: Match) -> Match:
    assert one.time
    assert other.time
    best = max(one, other, key=lambda match: (match.verdict == COPY, match.score))
    last = max(one.time, other.time, key=lambda span: span.end)
    time = Span(one.time.start, last.end, one.time.timecode_in, last.timecode_out)
    source = best.known_time
    if one.known_time and other.known_time:
        source = Span(min(one.known_time.start, other.known_time.start), max(one.known_time.end, other.known_time.end))
    return dataclasses.replace(best, time=time, known_time=source)
