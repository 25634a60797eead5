"""What every moving picture offers, whether it comes from a container, a folder of frames or one picture file.

To add a kind: a new file here with a class that has these attributes, and a line in `fingerprint/extract.py` and
`matching/search.py`, which choose the class for a file.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Protocol

from av.video.frame import VideoFrame

from provenance import timecode
from provenance.model.evidence import Trouble


class MovingPicture(Protocol):
    """Frames one after the other, with their times."""

    troubles: list[Trouble]
    """What could not be decoded; complete when `frames` is exhausted."""
    last_duration: float
    """Seconds for which the last frame is shown, as the file says; known when `frames` is exhausted, 0 if it is not."""

    @property
    def rate(self) -> Fraction:
        """Frames a second."""

    @property
    def pixel_aspect(self) -> Fraction:
        """Width of a pixel divided by its height."""

    @property
    def start(self) -> timecode.StartTimecode:
        """Timecode of the first frame."""

    @property
    def duration(self) -> float:
        """Seconds; 0 where it is not known before the end."""

    def frames(self) -> Iterator[tuple[float, VideoFrame]]:
        """Yield seconds from the first frame, and the frame."""
