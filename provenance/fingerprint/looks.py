"""What a deliverable shows, as it passes: shots, with every frame tiny and some of them large. Never stored."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint import features, pictures
from provenance.fingerprint.features import Features
from provenance.media.arrays import Gray
from provenance.model.asset import Fingerprint
from provenance.model.match import Match
from provenance.timecode import Start

LUMA_SIZE = (64, 36)
"""Width and height at which every frame is kept for the length of its shot."""


@dataclass(frozen=True)
class Keyframe:
    """One frame, large enough to find things in."""

    frame: int
    """Its number in the shot; 0 for a picture."""
    gray: Gray
    """`features.SIDE` pixels long at most."""
    small: NDArray[np.uint8]
    """RGB, `fingerprints.SMALL` pixels long at most, to be shown."""

    @functools.cached_property
    def features(self) -> Features:
        """Taken when first asked for."""
        return features.describe(self.gray, pictures.FULL_POINTS, quantise=False)


@dataclass(frozen=True)
class Shot:
    """Frames between two cuts, or a piece of a long take."""

    times: NDArray[np.float64]
    """(frames + 1,): seconds from the first frame of the file; the last is the end of the last frame."""
    tiny: NDArray[np.uint8]
    """(frames, 36, 64): every frame as luma, whatever its shape."""
    views: tuple[Keyframe, ...]
    """In order of time; those after the first may look the same."""
    start: Start
    """Timecode of the file."""


class Watcher(Protocol):
    """Told what a deliverable shows; knows what to look for. Handed to the workers from outside."""

    def picture(self, view: Keyframe, digest: str) -> tuple[Match, ...]:
        """Known material in a still, `digest` naming the still itself."""

    def shot(self, shot: Shot, digest: str) -> None:
        """The next shot of a moving picture."""

    @property
    def has_pictures(self) -> bool:
        """Whether it knows any picture."""

    @property
    def room(self) -> int:
        """Bytes of addresses that a worker needs to know what it knows."""

    @property
    def has_audio(self) -> bool:
        """Whether it knows any sound."""

    def sound(self, prints: Sequence[Fingerprint], digest: str) -> tuple[Match, ...]:
        """Known material in the prints of all audio tracks, in seconds without timecodes; `digest` names the file."""

    def done(self) -> tuple[Match, ...]:
        """Known material in all shots since the last time."""

    def joined(self, found: Iterable[Match]) -> tuple[Match, ...]:
        """Matches of all parts of one file, those that touch told as one."""
