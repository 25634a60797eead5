"""Contours: whether a drawing in lines was made of a known picture, of which keypoints and shades say nothing any more.

This is a part of step 3.7 of docs/matching.md. A pencil sketch, a line drawing or glowing edges keep where something is
drawn and nothing else. The strength of the gradient, evened out over the picture, is alike in the drawing and in what
it was made of: both sides are reduced to that. A hash of it names candidates, its correlation decides.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint.shots import Keyframe
from provenance.matching.picture.placement import Area
from provenance.media.arrays import Floats, Gray

_WORKING_SIZE = (240, 135)
"""Width and height, in pixels, at which gradients are measured: every picture is stretched to it."""
_SIZE = (96, 54)
"""Width and height of a map of contours."""
_LEVELLING = 41
"""Side, in pixels, of the square over which the strength of contours is evened out."""
_FLOOR = 0.15
"""Share of the mean strength below which nothing is made stronger."""
_BLOCKS = (12, 9)
"""Blocks across and down in which two maps are compared."""
_AGREEING_BLOCK = 0.5
"""Correlation from which on two blocks agree."""
_DRAWN = 0.25
"""Mean of a block, over that of the picture, from which on something is drawn in it."""
_HASH_SIDE = 64
"""Side of the square to which a map is stretched for its hash, whose lowest 17 by 17 frequencies are used."""
_MIDDLE = slice(10, 44), slice(18, 78)
"""Rows and columns of the middle of a map, which is sought all over the other one."""
_NEAR = 3
"""Pixels of a map beside a place that are the same place: its contours are so broad."""


@dataclass(frozen=True)
class Drawing(Keyframe):
    """A keyframe of which nothing but its contours is compared."""

    @functools.cached_property
    def _measured(self) -> dict[Area, Floats]:
        return {}

    def get_contours(self, area: Area) -> Floats:
        """Those in an area of `gray`, measured once: they name candidates and are compared with each of them."""
        if area not in self._measured:
            self._measured[area] = compute_contours(area.cut(self.gray))
        return self._measured[area]


def trace(keyframe: Keyframe) -> Drawing:
    """A keyframe as a drawing."""
    return Drawing(keyframe.frame, keyframe.gray, keyframe.thumbnail)


def compute_contours(gray: Gray) -> Floats:
    """(54, 96) float32: how much is drawn where. `gray`: (height, width) uint8, a thumbnail or larger."""
    small = cv2.resize(gray, _WORKING_SIZE, interpolation=cv2.INTER_AREA).astype(np.float32)
    smooth = cv2.GaussianBlur(small, (0, 0), 1.0)
    across = cv2.Sobel(smooth, cv2.CV_32F, 1, 0)
    down = cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
    # Of a line both sides have a gradient: what is smoothed afterwards has one ridge there, as beside an edge.
    strength = np.sqrt(cv2.magnitude(across, down))
    usual = cv2.blur(strength, (_LEVELLING, _LEVELLING))
    even = strength / (usual + _FLOOR * float(strength.mean()) + 1e-3)
    contours = cv2.resize(cv2.GaussianBlur(even, (0, 0), 1.5), _SIZE, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(contours, np.float32)


def mirror(contours: Floats) -> Floats:
    """The contours of the mirrored picture."""
    return np.ascontiguousarray(contours[:, ::-1])


def compute_hash(contours: Floats) -> bytes:
    """32 bytes: the signs of 256 frequencies of a map of contours, against their median."""
    square = cv2.resize(contours, (_HASH_SIDE, _HASH_SIDE), interpolation=cv2.INTER_AREA)
    frequencies = cv2.dct(square)[:17, :17].ravel()[1:257]
    return np.packbits(frequencies > np.median(frequencies)).tobytes()


def compare(known: Floats, found: Floats) -> tuple[float, float]:
    """Correlation of two maps of contours, -1 to 1, and the share of their blocks that agree, 0 to 1."""
    one = known - known.mean()
    other = found - found.mean()
    strength = float(np.linalg.norm(one) * np.linalg.norm(other))
    correlation = float((one * other).sum()) / max(strength, 1e-6)
    known_blocks, found_blocks = _cut(known), _cut(found)
    strengths = np.linalg.norm(known_blocks, axis=1) * np.linalg.norm(found_blocks, axis=1)
    correlations = (known_blocks * found_blocks).sum(1) / np.maximum(strengths, 1e-6)
    return correlation, float((correlations > _AGREEING_BLOCK).mean())


def shows_detail(gray: Gray) -> bool:
    """Whether a picture has as many pixels as a map of its contours: those of a smaller one are edges of its pixels."""
    height, width = gray.shape
    return bool(width >= _SIZE[0] and height >= _SIZE[1])


def is_at_its_place(known: Floats, found: Floats) -> bool:
    """Whether two maps agree more where they lie on each other than wherever one is moved.

    Two grids agree as well one square further: what they share is the pattern.
    """
    correlations = cv2.matchTemplate(found, known[_MIDDLE], cv2.TM_CCOEFF_NORMED)
    row, column = _MIDDLE[0].start, _MIDDLE[1].start
    here = float(correlations[row - 1 : row + 2, column - 1 : column + 2].max())
    correlations[row - _NEAR : row + _NEAR + 1, column - _NEAR : column + _NEAR + 1] = -1
    return float(correlations.max()) < here


def measure_drawn_share(known: Floats, found: Floats) -> float:
    """Share, 0 to 1, of the blocks with contours in a known picture in which the other one has any as well."""
    is_known, is_found = _find_drawn(known), _find_drawn(found)
    return float((is_known & is_found).sum() / max(1, is_known.sum()))


def _find_drawn(contours: Floats) -> NDArray[np.bool_]:
    return np.asarray(_cut_raw(contours).mean(1) > _DRAWN * contours.mean())


BLOCKS = _BLOCKS[0] * _BLOCKS[1]
"""Blocks that are compared."""


def _cut(contours: Floats) -> Floats:
    """(blocks, pixels) float32: each around its mean."""
    blocks = _cut_raw(contours)
    return np.asarray(blocks - blocks.mean(1, keepdims=True), np.float32)


def _cut_raw(contours: Floats) -> Floats:
    across, down = _BLOCKS
    height, width = _SIZE[1] // down, _SIZE[0] // across
    return contours.reshape(down, height, across, width).swapaxes(1, 2).reshape(BLOCKS, height * width)
