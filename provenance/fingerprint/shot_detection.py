"""Shot detection: a moving picture -> its shots, each with the luma thumbnails of all frames and with keyframes.

This is step 1 of docs/matching.md; the numbers in the code are those of that page. Every frame is decoded once. A shot
is handed on when it ends, and a long one in pieces, so that memory stays flat.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import cv2
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from provenance.decode import frames
from provenance.decode.interface import MovingPicture
from provenance.fingerprint.features import GRAY_SIDE
from provenance.fingerprint.pictures import THUMBNAIL_SIDE
from provenance.fingerprint.shots import LUMA_SIZE, Keyframe, Shot
from provenance.media.arrays import Gray

_LONGEST_SHOT = 16.0
"""Seconds after which a shot is handed on in pieces."""
_KEYFRAME_EVERY = 0.5
"""Seconds between two keyframes: at this point nobody knows how long the shot is going to be."""
_CUT_CORRELATION = 0.7
"""Correlation of two neighbouring frames, in place or shifted, below which there is a shot boundary between them."""
_NOISE = 1.2
"""Gray levels of mean difference up to which two neighbouring frames differ by noise alone."""
_FARTHEST_SHIFT = (8, 6)
"""Pixels of a luma thumbnail, across and down, by which a picture may move from one frame to the next."""
_FLAT = 1e-3
"""Product of the deviations of two thumbnails below which there is nothing to correlate."""
_SAME_BRIGHTNESS = 8
"""Gray levels by which the means of two flat thumbnails may differ when they show the same."""


def detect_shots(moving: MovingPicture) -> Iterator[Shot]:
    """Decode a moving picture and yield its shots in order. What could not be decoded is in `moving.troubles` then."""
    buffer = _ShotBuffer(moving)
    for time, frame in moving.frames():
        # 1.1 Luma thumbnail.
        luma = frames.make_luma_thumbnail(frame, LUMA_SIZE)
        # 1.2 Shot boundary, or 1.4 the end of a piece.
        if buffer.is_full(time) or buffer.is_cut_before(luma):
            yield buffer.make_shot(time)
            buffer = _ShotBuffer(moving)
        buffer.add(time, luma, frame)
    if buffer.times:
        # No frame follows the last one: the file says when it ends, or the frame rate.
        yield buffer.make_shot(buffer.times[-1] + max(moving.last_duration, 1 / float(moving.rate)))


@dataclass(slots=True)
class _ShotBuffer:
    """The frames since the last shot boundary."""

    moving: MovingPicture
    times: list[float] = field(default_factory=list)
    luma: list[Gray] = field(default_factory=list)
    keyframes: list[Keyframe] = field(default_factory=list)
    _next_keyframe: float = 0.0
    """Seconds from the first frame of the file."""

    def add(self, time: float, luma: Gray, frame: VideoFrame) -> None:
        """Add the next frame. `luma`: its (36, 64) uint8 thumbnail."""
        number = len(self.times)
        self.times.append(time)
        self.luma.append(luma)
        # 1.3 Keyframes.
        if number == 0 or time >= self._next_keyframe:
            gray = frames.to_gray(frame, GRAY_SIDE, self.moving.pixel_aspect)
            thumbnail = frames.to_rgb(frame, THUMBNAIL_SIDE, self.moving.pixel_aspect)
            self.keyframes.append(Keyframe(number, gray, thumbnail))
            self._next_keyframe = time + _KEYFRAME_EVERY

    def is_cut_before(self, luma: Gray) -> bool:
        """Whether there is a shot boundary between the last frame and the next one. `luma`: (36, 64) uint8."""
        return bool(self.luma) and _is_shot_boundary(self.luma[-1], luma)

    def is_full(self, time: float) -> bool:
        """Whether the shot is handed on at `time`, in seconds, although no shot boundary ends it."""
        return bool(self.times) and time - self.times[0] >= _LONGEST_SHOT

    def make_shot(self, end: float) -> Shot:
        """Make a shot of all frames. `end`: seconds at which the last of them ends."""
        return Shot(np.array([*self.times, end]), np.stack(self.luma), tuple(self.keyframes), self.moving.start)


def _is_shot_boundary(before: Gray, after: Gray) -> bool:
    """Step 1.2: whether two neighbouring frames, (36, 64) uint8, belong to two different shots."""
    if _differ_by_noise(before, after):
        return False
    if _correlate(before, after) >= _CUT_CORRELATION:
        return False
    # A fast pan changes every pixel and is still the same shot.
    return _correlate_with_shift(before, after) < _CUT_CORRELATION


def compare_thumbnails(one: Gray, other: Gray) -> float:
    """Measure how much two neighbouring frames show the same, wherever it has moved to.

    `one`, `other`: (36, 64) uint8 luma thumbnails. Returns 1 for the same picture, 0 for nothing in common.
    """
    if _differ_by_noise(one, other):
        return 1.0
    return max(0.0, _correlate(one, other), _correlate_with_shift(one, other))


def _correlate(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Correlation of two thumbnails of one shape, -1 to 1; 1 for pictures that differ in brightness and contrast only.

    Two flat pictures have 1 when they are equally bright, else 0.
    """
    # Brightness and contrast do not count: a fade or a flickering light is not a cut.
    a = one.astype(np.float32)
    b = other.astype(np.float32)
    a -= a.mean()
    b -= b.mean()
    strength = float(np.sqrt((a * a).sum() * (b * b).sum()))
    if strength < _FLAT:
        is_same = abs(float(one.mean()) - float(other.mean())) < _SAME_BRIGHTNESS
        return float(is_same)
    return float((a * b).sum()) / strength


def _correlate_with_shift(one: Gray, other: Gray) -> float:
    """Best correlation of the middle of `other` with any part of `one` near the same place, -1 to 1; 0 if it is flat.

    `one`, `other`: (36, 64) uint8 luma thumbnails.
    """
    across, down = _FARTHEST_SHIFT
    middle = other[down:-down, across:-across]
    if middle.std() < 1:
        return 0.0
    # Where `one` is flat, OpenCV divides by zero.
    correlations = np.nan_to_num(cv2.matchTemplate(one, middle, cv2.TM_CCOEFF_NORMED), posinf=0.0)
    return float(correlations.max())


def _differ_by_noise(one: Gray, other: Gray) -> bool:
    """Whether two (36, 64) uint8 luma thumbnails are the same but for noise."""
    return float(cv2.absdiff(one, other).mean()) <= _NOISE
