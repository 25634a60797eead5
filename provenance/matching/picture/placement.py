"""Placement: how a whole picture lies in a frame, where no points say so: stretched, or cropped until it fills it.

Pictures seldom have the shape of the frame. A square one fills it with its middle; a wide one may stand between bars,
or be squeezed for an anamorphic projection. A hash of a whole picture says nothing of its middle. So a known picture
has hashes of its middle as well, in the shapes that frames have, and a keyframe is hashed with and without its borders.
Where exactly the picture lies follows from the shape of the keyframe. This is a part of step 3 of docs/matching.md.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from provenance.media.arrays import Gray

SHAPES = (9 / 16, 1.0, 4 / 3, 16 / 9, 2.0, 2.39)
"""Width by height of the middles of which a known picture has hashes. In a frame of 1.85, 16 / 9 is near enough."""
_SAME_SHAPE = 1.04
"""Ratio of two shapes up to which they are the same, and hashes of one suffice."""
_WIDEST_SQUEEZED = 1.4
"""Width by height of a frame up to which it may be an anamorphic one, squeezed to half of its width."""
_BORDER_LEVELS = 12
"""Gray levels by which a pixel of a border may differ from the median of its outermost line …"""
_BORDER_SHARE = 0.97
"""… and share of the pixels of a line that must."""
_LEAST_SIDE = 0.3
"""Share of the width, and of the height, that must remain without borders: what is smaller is an inset."""
_LEAST_BORDER = 0.02
"""Share of the width or height that borders must have to be removed."""


class Area(NamedTuple):
    """A rectangle of a picture, in its pixels."""

    left: int
    top: int
    width: int
    height: int

    def cut(self, gray: Gray) -> Gray:
        """(height, width) uint8: what is in it."""
        return gray[self.top : self.top + self.height, self.left : self.left + self.width]

    @property
    def shape(self) -> float:
        """Width by height."""
        return self.width / self.height


class Placement(NamedTuple):
    """Where a known picture would lie in a keyframe."""

    area: Area
    """The pixels of the keyframe's `gray` that it fills."""
    shape: float | None = None
    """Width by height of its middle that fills them; None for the whole picture, stretched over them."""

    def place(self, size: tuple[int, int], *, mirrored: bool) -> NDArray[np.float64]:
        """(2, 3) float64: the affine warp from pixels of a known picture of this width and height to the keyframe."""
        shown = Area(0, 0, *size) if self.shape is None else find_middle(size, self.shape)
        across = self.area.width / shown.width
        down = self.area.height / shown.height
        top = self.area.top - shown.top * down
        if mirrored:
            right = self.area.left + self.area.width + shown.left * across
            return np.array([[-across, 0, right], [0, down, top]], np.float64)
        return np.array([[across, 0, self.area.left - shown.left * across], [0, down, top]], np.float64)

    def crop(self, known: Gray) -> Gray:
        """(height, width) uint8: of a known picture, what would be shown."""
        height, width = known.shape
        return known if self.shape is None else find_middle((width, height), self.shape).cut(known)


def list_areas(gray: Gray) -> list[Area]:
    """What a whole picture may fill of a keyframe: all of it, and what is within its borders.

    `gray`: (height, width) uint8.
    """
    height, width = gray.shape
    return list(dict.fromkeys((Area(0, 0, width, height), find_picture_area(gray))))


def list_placements(area: Area) -> Iterator[Placement]:
    """How a whole picture may fill an area."""
    yield Placement(area)
    yield Placement(area, area.shape)
    if area.shape < _WIDEST_SQUEEZED:
        yield Placement(area, 2 * area.shape)


def find_middle(size: tuple[int, int], shape: float) -> Area:
    """The largest rectangle of a shape in the middle of a picture of this width and height."""
    width, height = size
    wide = max(1, min(width, round(height * shape)))
    high = max(1, min(height, round(width / shape)))
    return Area((width - wide) // 2, (height - high) // 2, wide, high)


def choose_shape(shape: float) -> int:
    """Number of the one of `SHAPES` that is nearest."""
    return min(range(len(SHAPES)), key=lambda number: abs(math.log(SHAPES[number] / shape)))


def list_middles(gray: Gray) -> list[Gray | None]:
    """The middles of a known picture in all of `SHAPES`; None where that is the whole picture."""
    height, width = gray.shape
    middles: list[Gray | None] = []
    for shape in SHAPES:
        ratio = width / height / shape
        is_whole = 1 / _SAME_SHAPE < ratio < _SAME_SHAPE
        middles.append(None if is_whole else find_middle((width, height), shape).cut(gray))
    return middles


def find_picture_area(gray: Gray) -> Area:
    """The part of a frame within its plain borders, such as a letterbox; the whole frame where it has none."""
    height, width = gray.shape
    top, bottom = _count_plain(gray), _count_plain(gray[::-1])
    left, right = _count_plain(gray.T), _count_plain(gray.T[::-1])
    wide, high = width - left - right, height - top - bottom
    has_rest = wide >= _LEAST_SIDE * width and high >= _LEAST_SIDE * height
    has_border = wide <= (1 - _LEAST_BORDER) * width or high <= (1 - _LEAST_BORDER) * height
    return Area(left, top, wide, high) if has_rest and has_border else Area(0, 0, width, height)


def _count_plain(lines: Gray) -> int:
    """Lines of (lines, pixels) uint8, from the first one on, that are as plain and of the same level as it is."""
    level = np.int16(np.median(lines[0]))
    # One by one: most frames have no border, and are done with their first line.
    for number, line in enumerate(lines):
        if (np.abs(line - level) <= _BORDER_LEVELS).mean() < _BORDER_SHARE:
            return number
    return len(lines)
