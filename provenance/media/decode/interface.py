"""What every moving picture offers, whether it stands in a container, in a folder of frames or in one picture file."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Protocol

from av.video.frame import VideoFrame

from provenance import timecode
from provenance.model.evidence import Trouble


class MovingPicture(Protocol):
    """Frames, one after the other, with their times."""

    troubles: list[Trouble]
    """What stood in the way, complete when the frames are at their end."""

    @property
    def rate(self) -> Fraction:
        """Frames a second."""

    @property
    def pixel_aspect(self) -> Fraction:
        """Width of a pixel against its height."""

    @property
    def start(self) -> timecode.Start:
        """Timecode of the first frame."""

    @property
    def duration(self) -> float:
        """Seconds; 0 where it is not known before the end."""

    def frames(self) -> Iterator[tuple[float, VideoFrame]]:
        """Seconds from the first frame, and the frame."""
