"""Shots and keyframes of a deliverable: what the search for known pictures works on. They live in memory only."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint import features, pictures
from provenance.fingerprint.features import Features
from provenance.media.arrays import Gray, Rgb
from provenance.timecode import StartTimecode

LUMA_SIZE = (64, 36)
"""Width and height, in pixels, of the luma thumbnail that is kept of every frame for the length of its shot."""

COARSE_POINTS = 300
"""Keypoints of a keyframe that is looked at coarsely first."""


@dataclass(frozen=True)
class Keyframe:
    """A frame that is kept large enough to find known pictures in it."""

    frame: int
    """Number of the frame in its shot, from 0; 0 for a still."""
    gray: Gray
    """(height, width) uint8, 0 to 255: luma, upright, the long side at most `features.GRAY_SIDE` pixels."""
    thumbnail: Rgb
    """(height, width, 3) uint8, 0 to 255: for reports, the long side at most `pictures.THUMBNAIL_SIDE` pixels."""

    @functools.cached_property
    def features(self) -> Features:
        """Local features of `gray`, extracted at the first access: most keyframes of a shot are never searched."""
        return features.extract_features(self.gray, pictures.FULL_POINTS, quantise=False)

    @functools.cached_property
    def coarse_features(self) -> Features:
        """Those of them that tell whether a closer look is worth its cost; nothing small is among them."""
        return features.extract_coarse_features(self.gray, COARSE_POINTS)


@dataclass(frozen=True)
class Shot:
    """The frames between two shot boundaries, or one piece of a shot that is too long to be kept in memory."""

    times: NDArray[np.float64]
    """(frames + 1,) float64: seconds from the first frame of the file; the last one is the end of the last frame."""
    luma: NDArray[np.uint8]
    """(frames, 36, 64) uint8, 0 to 255: the luma thumbnail of every frame, stretched to `LUMA_SIZE`."""
    keyframes: tuple[Keyframe, ...]
    """In order of time, the first frame always among them. Neighbours may show the same."""
    start: StartTimecode
    """Start timecode of the file."""
