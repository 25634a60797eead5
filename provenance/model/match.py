"""Known material found again in another asset."""

from __future__ import annotations

from dataclasses import dataclass

from provenance.model.evidence import Evidence
from provenance.model.vocabulary import Origin


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time in a file: seconds from its first frame, `end` exclusive.

    The timecodes have the start timecode of the file added.
    """

    start: float
    end: float
    timecode_in: str | None = None
    timecode_out: str | None = None


COPY, SHARES = "confirmed-copy", "shares-content"
"""Verdicts of a match: the same thing, or something that has part of its content."""


@dataclass(frozen=True, slots=True)
class Known:
    """A catalogued asset as a match names it."""

    digest: str
    path: str
    origin: Origin
    mark: Evidence | None = None
    """The strongest thing that it said of generation when it came in; None when it said nothing."""


@dataclass(frozen=True, slots=True)
class Match:
    """Known material found again in another asset."""

    known: Known
    method: str
    verdict: str
    time: Span | None
    known_time: Span | None
    score: float
    detail: str
    pictures: tuple[bytes, bytes] | None = None
    """Small JPEGs of the known asset and of where it was found, the found area outlined."""
    frames: tuple[int, int] | None = None
    """Numbers of the first and the last frame of a sequence in which it stands."""
