"""A deliverable as it passes: cut into shots, every frame tiny, some of them large. The deliverable side.

One pass, one decode. A shot is handed on when it ends, and a long take in pieces, so that memory stays flat.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

import cv2
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from provenance.fingerprint.features import GRAY_SIDE
from provenance.fingerprint.looks import LUMA_SIZE, Keyframe, Shot
from provenance.fingerprint.pictures import THUMBNAIL_SIDE
from provenance.media.arrays import Gray
from provenance.media.decode import frames
from provenance.media.decode.interface import MovingPicture

_LONGEST = 16.0
"""Seconds after which a take is handed on in pieces."""
_VIEWS_EVERY = 0.5
"""Seconds between two frames that are kept large while the length of the shot is not known yet."""
_CUT, _FAINTEST = 0.7, 1.2
"""A cut: the picture correlates less than this with the one before, wherever that has moved to, and differs from it by
more gray levels than noise does."""
_MOVED = (8, 6)
"""Tiny pixels that a picture may move from one frame to the next, across and down."""


def shots(reel: MovingPicture) -> Iterator[Shot]:
    """The reel, shot by shot."""
    take = _Take(reel)
    for time, frame in reel.frames():
        small = frames.luma_thumbnail(frame, LUMA_SIZE)
        if take.is_cut(small) or take.is_long(time):
            yield take.ended(time)
            take = _Take(reel)
        take.add(time, small, frame)
    if take.times:
        yield take.ended(take.times[-1] + 1 / float(reel.rate))


@dataclass(slots=True)
class _Take:
    """The frames since the last cut."""

    reel: MovingPicture
    times: list[float] = field(default_factory=list)
    tiny: list[Gray] = field(default_factory=list)
    views: list[Keyframe] = field(default_factory=list)
    _due: float = 0.0

    def add(self, time: float, small: Gray, frame: VideoFrame) -> None:
        self.times.append(time)
        self.tiny.append(small)
        if time >= self._due or len(self.tiny) == 1:
            aspect: Fraction = self.reel.pixel_aspect
            number = len(self.tiny) - 1
            self.views.append(
                Keyframe(number, frames.to_gray(frame, GRAY_SIDE, aspect), frames.to_rgb(frame, THUMBNAIL_SIDE, aspect))
            )
            self._due = time + _VIEWS_EVERY

    def is_cut(self, small: Gray) -> bool:
        """Whether a frame belongs to another shot than the one before."""
        if not self.tiny:
            return False
        before = self.tiny[-1]
        faint = float(cv2.absdiff(before, small).mean()) <= _FAINTEST
        return not faint and correlation(before, small) < _CUT and moved(before, small) < _CUT

    def is_long(self, time: float) -> bool:
        """Whether it is handed on although no cut ends it."""
        return bool(self.times) and time - self.times[0] >= _LONGEST

    def ended(self, time: float) -> Shot:
        return Shot(np.array([*self.times, time]), np.stack(self.tiny), tuple(self.views), self.reel.start)


def correlation(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Of two small pictures, 1 for the same but for brightness and contrast; 1 for two flat ones."""
    a, b = one.astype(np.float32), other.astype(np.float32)
    a -= a.mean()
    b -= b.mean()
    strength = float(np.sqrt((a * a).sum() * (b * b).sum()))
    if strength < 1e-3:
        return 1.0 if abs(float(one.mean()) - float(other.mean())) < 8 else 0.0
    return float((a * b).sum()) / strength


def moved(one: Gray, other: Gray) -> float:
    """The best correlation of the middle of a small picture with any part of another, near where it was."""
    across, down = _MOVED
    middle = other[down:-down, across:-across]
    if middle.std() < 1:
        return 0.0
    return float(np.nan_to_num(cv2.matchTemplate(one, middle, cv2.TM_CCOEFF_NORMED), posinf=0.0).max())
