"""Insets: straight-sided boxes in a frame that may be a small picture in it.

This is step 3.8 of docs/matching.md; the numbers in the code are those of that page. Of a busy frame so few keypoints
are kept that a small picture in it has a dozen, and they name no candidate. All the keypoints of a box cost little.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint import features
from provenance.fingerprint.features import Features
from provenance.fingerprint.shots import Keyframe
from provenance.media.arrays import Floats, Gray

_LEAST_STEP = 3
"""Gray levels between the pixels before and after a border, above which it is one …"""
_TIMES_BESIDE = 1.3
"""… if that is so many times what it is a little beside it on both sides …"""
_BESIDE = 3
"""… so many pixels away."""
_ARM = (28, 18)
"""Pixels, across and down, over which a border must run from a corner."""
_LEAST_ARM = 0.35
"""Share of these pixels that must lie on it."""
_CORNERS = 40
"""Corners of each of the four kinds that are paired, the clearest."""
_PEAK = 5
"""Side, in pixels, of the square in which one corner is kept."""
_SMALLEST = (44, 30)
"""Width and height, in pixels of 640, of the smallest box: with less, nothing can be verified."""
_LARGEST = (220, 180)
"""The same of the largest; what is larger has enough of the keypoints of the frame."""
_LEAST_SIDE = 0.3
"""Share of each side of a box that must be border …"""
_LEAST_SIDES = 0.5
"""… and of all four sides on average. One in three unrelated frames has any such box."""
_SAME = 0.5
"""Common area of two boxes, over that of both, above which the clearer one is kept."""
_MOST = 4
"""Boxes that are looked into, the clearest."""
_NOISE = 3.0
"""Gray levels of mean difference up to which two boxes show the same."""
_POINTS = 1000
"""Keypoints that are kept of one box; hardly any has as many."""

_Ints = NDArray[np.int64]


class Box(NamedTuple):
    """A part of a frame, in its pixels; right and bottom are exclusive."""

    left: int
    top: int
    right: int
    bottom: int

    def overlaps(self, other: Box) -> bool:
        """Whether two boxes are about the same."""
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.bottom, other.bottom) - max(self.top, other.top)
        common = max(0, wide) * max(0, high)
        return common > _SAME * (self.measure_area() + other.measure_area() - common)

    def measure_area(self) -> int:
        """Pixels in it."""
        return (self.right - self.left) * (self.bottom - self.top)


class _Borders(NamedTuple):
    """Pixels that lie on a border that runs across, and on one that runs down: (height, width) uint8 of 0 and 255."""

    across: Gray
    down: Gray


class _Corners(NamedTuple):
    """n corners: the places from which borders run in two directions."""

    x: _Ints
    y: _Ints


@dataclass(frozen=True)
class Inset(Keyframe):
    """A keyframe of which nothing but a box is looked at."""

    box: Box

    @functools.cached_property
    def features(self) -> Features:
        """All keypoints in the box, in the pixels of the whole keyframe."""
        left, top, right, bottom = self.box
        found = features.extract_features(self.gray[top:bottom, left:right], _POINTS, quantise=False)
        height, width = self.gray.shape
        points: Floats = found.points + np.array((left, top), np.float32)
        return dataclasses.replace(found, width=width, height=height, points=points)

    def shows_same(self, other: Inset) -> bool:
        """Whether a box of another keyframe lies at the same place and shows the same there."""
        if self.gray.shape != other.gray.shape or not self.box.overlaps(other.box):
            return False
        left, top, right, bottom = self.box
        part = np.s_[top:bottom, left:right]
        return float(cv2.absdiff(self.gray[part], other.gray[part]).mean()) <= _NOISE


def find_insets(keyframe: Keyframe) -> Iterator[Inset]:
    """Boxes of a keyframe that may be a small picture in it, the clearest first; mostly there is none."""
    for box in find_boxes(keyframe.gray):
        yield Inset(keyframe.frame, keyframe.gray, keyframe.thumbnail, box)


def find_boxes(gray: Gray) -> list[Box]:
    """Find boxes with four straight sides, at most four. `gray`: (height, width) uint8."""
    if min(gray.shape) < 2 * _ARM[0]:
        return []
    # 3.8.1 Borders.
    borders = _Borders(_find_border(gray), np.ascontiguousarray(_find_border(np.ascontiguousarray(gray.T)).T))
    # 3.8.2 Corners, and 3.8.3 boxes between opposite ones.
    right = _measure_arms(borders.across, (_ARM[0], 1), backwards=False)
    left = _measure_arms(borders.across, (_ARM[0], 1), backwards=True)
    below = _measure_arms(borders.down, (1, _ARM[1]), backwards=False)
    above = _measure_arms(borders.down, (1, _ARM[1]), backwards=True)
    top_left, bottom_right = _find_corners(right, below), _find_corners(left, above)
    top_right, bottom_left = _find_corners(left, below), _find_corners(right, above)
    pairs = (
        _pair(top_left.x, top_left.y, bottom_right.x, bottom_right.y),
        _pair(top_right.x, top_right.y, bottom_left.x, bottom_left.y),
    )
    # Left, top, right, bottom: of the second kind, the first corner is the right one.
    sides = np.concatenate((pairs[0], pairs[1][:, [2, 1, 0, 3]]))
    return _choose(sides, borders)


def _find_border(gray: Gray) -> Gray:
    """Where the level changes downwards, far more than it does a little above and below: 255 there, 0 elsewhere."""
    step = np.zeros_like(gray)
    cv2.absdiff(gray[2:], gray[:-2], step[1:-1])
    beside = np.full_like(gray, 255)
    np.maximum(step[: -2 * _BESIDE], step[2 * _BESIDE :], out=beside[_BESIDE:-_BESIDE])
    least = cv2.convertScaleAbs(beside, alpha=_TIMES_BESIDE, beta=_LEAST_STEP)
    return np.asarray(cv2.compare(step, least, cv2.CMP_GT), np.uint8)


def _measure_arms(border: Gray, size: tuple[int, int], *, backwards: bool) -> Gray:
    """(height, width) uint8: the share, 0 to 255, of a strip of this size from each pixel on that lies on a border."""
    anchor = (size[0] - 1, size[1] - 1) if backwards else (0, 0)
    return np.asarray(cv2.boxFilter(border, -1, size, anchor=anchor, borderType=cv2.BORDER_CONSTANT), np.uint8)


def _find_corners(across: Gray, down: Gray) -> _Corners:
    """The clearest corners of one kind, by the arms that run from each pixel."""
    clear = np.minimum(across, down)
    highest = cv2.dilate(clear, np.ones((_PEAK, _PEAK), np.uint8))
    y, x = np.divmod(np.flatnonzero((clear >= highest) & (clear > 255 * _LEAST_ARM)), clear.shape[1])
    order = np.argsort(-clear[y, x].astype(np.int64), kind="stable")[:_CORNERS]
    return _Corners(x[order], y[order])


def _pair(x: _Ints, y: _Ints, other_x: _Ints, other_y: _Ints) -> _Ints:
    """(n * m, 4) int64: x and y of the first corner and of the second, for every pair of them."""
    pairs = np.broadcast_arrays(x[:, None], y[:, None], other_x[None], other_y[None])
    return np.stack(pairs, 2).reshape(-1, 4)


def _choose(sides: _Ints, borders: _Borders) -> list[Box]:
    """The clearest boxes, none of them twice. `sides`: (n, 4) int64, left, top, right and bottom of each."""
    wide, high = (sides[:, 2:] - sides[:, :2]).T
    is_likely = (wide >= _SMALLEST[0]) & (wide <= _LARGEST[0]) & (high >= _SMALLEST[1]) & (high <= _LARGEST[1])
    sides = sides[is_likely]
    shares = _measure_sides(sides, borders)
    means = shares.mean(1)
    is_clear = (shares.min(1, initial=1.0) >= _LEAST_SIDE) & (means >= _LEAST_SIDES)
    chosen: list[Box] = []
    for row in np.flatnonzero(is_clear)[np.argsort(-means[is_clear], kind="stable")]:
        left, top, right, bottom = sides[row].tolist()
        box = Box(left, top, right + 1, bottom + 1)
        if not any(box.overlaps(other) for other in chosen):
            chosen.append(box)
        if len(chosen) == _MOST:
            break
    return chosen


def _measure_sides(sides: _Ints, borders: _Borders) -> NDArray[np.float64]:
    """(n, 4) float64: the shares of the upper, lower, left and right side of each box that are border."""
    left, top, right, bottom = sides.T
    # Sums over all that lies above and to the left, so that those along a line are differences.
    across = cv2.integral(borders.across)
    down = cv2.integral(borders.down).T
    upper = _measure_line(across, top, left, right)
    lower = _measure_line(across, bottom, left, right)
    before = _measure_line(down, left, top, bottom)
    after = _measure_line(down, right, top, bottom)
    return np.stack((upper, lower, before, after), 1)


def _measure_line(sums: NDArray[Any], line: _Ints, first: _Ints, last: _Ints) -> NDArray[np.float64]:
    """(n,) float64: share of lines from `first` to `last` that is border; the best within a pixel beside them."""
    best = np.zeros(len(line))
    for beside in (-1, 0, 1):
        row = np.clip(line + beside, 0, len(sums) - 2)
        total = sums[row + 1, last] - sums[row, last] - sums[row + 1, first] + sums[row, first]
        best = np.maximum(best, total / (255 * (last - first)))
    return best
