"""Known material found again in another asset."""

from __future__ import annotations

from provenance.model.evidence import Evidence
from provenance.model.value import value
from provenance.model.vocabulary import Origin


@value
class Span:
    """A range of time in a file: seconds from its first frame, `end` exclusive.

    The timecodes are those of the file: its start timecode is added.
    """

    start: float
    end: float
    timecode_in: str | None = None
    timecode_out: str | None = None


COPY = "confirmed-copy"
"""Verdict of a match: the same material."""
SHARES = "shares-content"
"""Verdict of a match: something that has part of the known asset's content."""


@value
class Known:
    """An asset of the catalogue that a match refers to."""

    digest: str
    path: str
    origin: Origin
    mark: Evidence | None = None
    """Its strongest mark of generation; None when it has none."""
    is_reference: bool = False
    """Whether it lies in the zone `reference`: a work that the production does not own."""
    listed: str | None = None
    """The list that it is known from, with who signed that and when it was made; None for an asset of the storage."""


@value
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
    """Small JPEGs of the known asset and of the place where it was found, with the found area outlined."""
    frames: tuple[int, int] | None = None
    """Numbers of the first and the last frame of a sequence in which it was found."""

    @property
    def is_sound(self) -> bool:
        """Whether it was heard, and not seen."""
        return self.method == "audio"


def name_frames(first: int, last: int) -> str:
    """How the text of a match begins that is shown in these frames, the last one included."""
    return f"frames {first} to {last}: " if last > first else f"frame {first}: "
