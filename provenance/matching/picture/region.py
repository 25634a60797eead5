"""Region: which connected part of the known picture is shown to the pixel, and what is shown around it.

This is step 6.4 of docs/matching.md; the numbers in the code are those of that page. Blocks say how much agrees; this
says where. A part that a compositor has cut out agrees densely up to its outline. Another view of the same set agrees
here and there, and what does not agree is found again a little beside its place.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.matching.picture.block_check import WarpedBack
from provenance.media.arrays import Floats, Gray

_WINDOW = 9
"""Side, in pixels of the thumbnail, of the square around each pixel in which the two pictures are correlated."""
_AGREEING_CORRELATION = 0.8
"""Correlation above which they agree there."""
_OTHER_CORRELATION = 0.5
"""Correlation below which they do not."""
_LEAST_DETAIL = 2.5
"""Gray levels of standard deviation in the square, below which the known picture shows nothing there."""
_OTHER_DETAIL = 0.3
"""Detail of the found picture, over that of the known one, above which it shows something else and is not just soft."""
_SMALLEST_PIECE = 150
"""Pixels of the thumbnail that a further piece of the region must have; a part may be seen through a fence."""
_SMALLEST_PIECE_SHARE = 0.15
"""The same as a share of the largest piece."""
_FEWEST_PIXELS = 100
"""Pixels that must show something for a region to be sought."""
_EDGE = 30
"""Gray levels between the lightest and the darkest pixel of a square, above which there is an edge or a shade."""
_REACH = 7
"""Pixels around its place within which a block that does not agree is sought again."""
_BLOCK = 15
"""Side of such a block, in pixels."""
_BLOCK_STEP = 10
"""Pixels from one such block to the next."""
_FOUND_BESIDE = 0.8
"""Correlation from which on it is found."""
_FEWEST_BLOCKS = 5
"""Such blocks without which nothing is said of what has moved."""
_SMALLEST_FIGURE = 20
"""Pixels of the shorter side of something else that may be a figure: a line of lettering is not as high."""
_RIM = 0.12
"""Share of the height or width that counts as one side of the picture."""
_LEAST_USABLE = 0.4
"""Share of a side that must show something: of a blank wall, the little that is there says nothing of the side.

Besides an actor whom the lower edge cuts off, an office showed something in .3 to .4 of it.
"""
_ABOVE = 0.25
"""Share of the upper side that lies outside, from which on the left or right one counts; under people up to .21."""

Mask = NDArray[np.bool_]
"""(height, width) bool for pixels of the known picture's thumbnail."""


class Region(NamedTuple):
    """The part of the known picture that is shown, as the thumbnail has it."""

    mask: Mask
    area: float
    """Share of the known picture, 0 to 1."""
    density: float
    """Share of what shows something in it that agrees."""
    correlation: float
    """Mean correlation in it."""
    shade: float
    """Share of shades at its edges: lettering and graphics have few, pictures have many."""
    contradiction: float
    """Share of all that can be compared that shows something else in detail and in shades, as large as a figure."""
    moved: float
    """Share of that which is found a little beside its place."""
    replaced_side: float
    """How much of one side of the picture lies outside of the region: the most of those that count."""


class _Side(NamedTuple):
    """One side of the known picture."""

    replaced: float
    """Share of what shows something there that lies outside of the region."""
    usable: float
    """Share of the side that shows something."""


def find_region(known: Gray, warped_back: WarpedBack) -> Region | None:
    """Find the part of a known picture that is shown. None if there is none.

    `known`: (height, width) uint8, a thumbnail. `warped_back`: the found picture in its frame.
    """
    warped, is_inside, is_cover = warped_back
    correlation, known_detail, found_detail = _correlate_locally(known, warped)
    square = np.ones((_WINDOW, _WINDOW), np.uint8)
    is_whole = cv2.erode(is_inside.astype(np.uint8), square, borderValue=0).astype(bool)
    is_usable = (known_detail > _LEAST_DETAIL) & is_whole & ~is_cover
    if is_usable.sum() < _FEWEST_PIXELS:
        return None
    is_clear = is_usable & (np.abs(correlation) > _OTHER_CORRELATION)
    if is_clear.any() and float(np.median(correlation[is_clear])) < 0:
        # A negative.
        correlation = -correlation
    # What agrees, joined to pieces; a hole where the known picture shows nothing belongs to them.
    is_agreeing = is_usable & (correlation > _AGREEING_CORRELATION)
    mask = _join(is_agreeing)
    is_in_region = mask & is_usable
    if not is_in_region.any():
        return None
    # What lies outside, and is not just soft there: something else in detail.
    is_outside = is_usable & ~cv2.dilate(mask.astype(np.uint8), square).astype(bool)
    usual_detail = float(np.median(found_detail[is_in_region] / np.maximum(known_detail[is_in_region], 0.5)))
    has_detail = found_detail > _OTHER_DETAIL * usual_detail * known_detail
    is_other = is_outside & (correlation < _OTHER_CORRELATION) & has_detail
    # A title or a burn-in over the picture is something else as well, and no other content.
    is_figure = _find_figures(is_other)
    has_shades = measure_shade(warped, is_figure) > MOST_GRAPHIC_SHADE
    return Region(
        mask=mask,
        area=float(mask.mean()),
        density=float(is_agreeing[is_in_region].mean()),
        correlation=float(correlation[is_in_region].mean()),
        shade=measure_shade(known, is_in_region),
        contradiction=float(is_figure.sum() / is_usable.sum()) if has_shades else 0.0,
        moved=_measure_moved(known, warped, is_other),
        replaced_side=_measure_replaced_side(is_outside, is_usable),
    )


MOST_GRAPHIC_SHADE = 0.3
"""Share of shades up to which lettering and graphics are all that is there; photographs have .3 to .6."""


def measure_shade(picture: Gray, where: Mask) -> float:
    """Share of shades at the edges of a part of a picture, 0 to 1: pixels neither of the one level nor of the other."""
    square = np.ones((_WINDOW, _WINDOW), np.uint8)
    lightest = cv2.dilate(picture, square).astype(np.float32)
    darkest = cv2.erode(picture, square).astype(np.float32)
    is_edge = (lightest - darkest > _EDGE) & where
    height = (picture - darkest) / np.maximum(lightest - darkest, 1)
    is_shade = is_edge & (height > 0.25) & (height < 0.75)
    return float(is_shade.sum() / max(1, is_edge.sum()))


def _correlate_locally(known: Gray, found: Gray) -> tuple[Floats, Floats, Floats]:
    """Correlation in the square around each pixel, -1 to 1, and the standard deviation of each picture there."""
    one = known.astype(np.float32)
    other = found.astype(np.float32)
    size = (_WINDOW, _WINDOW)
    one_mean = cv2.blur(one, size)
    other_mean = cv2.blur(other, size)
    one_deviation = np.sqrt(np.maximum(cv2.blur(one * one, size) - one_mean * one_mean, 0))
    other_deviation = np.sqrt(np.maximum(cv2.blur(other * other, size) - other_mean * other_mean, 0))
    covariance = cv2.blur(one * other, size) - one_mean * other_mean
    correlation = covariance / np.maximum(one_deviation * other_deviation, 0.25)
    return (
        np.asarray(correlation, np.float32),
        np.asarray(one_deviation, np.float32),
        np.asarray(other_deviation, np.float32),
    )


def _join(is_agreeing: Mask) -> Mask:
    """Join what agrees to pieces without small holes, and keep the largest with those that are not much smaller."""
    opened = cv2.morphologyEx(is_agreeing.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    closed = cv2.morphologyEx(opened, cv2.MORPH_CLOSE, np.ones((_WINDOW, _WINDOW), np.uint8))
    _, labels, statistics, _ = cv2.connectedComponentsWithStats(closed)
    # Label 0 is the background.
    areas = statistics[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    largest = int(areas.max())
    is_kept = areas >= max(_SMALLEST_PIECE, _SMALLEST_PIECE_SHARE * largest)
    is_kept[int(areas.argmax())] = largest > 0
    is_kept[0] = False
    mask: Mask = is_kept[labels]
    return mask


def _find_figures(is_other: Mask) -> Mask:
    """Those connected pieces of something else that are compact, and neither a line of lettering nor a scratch."""
    opened = cv2.morphologyEx(is_other.astype(np.uint8), cv2.MORPH_OPEN, np.ones((7, 7), np.uint8))
    _, labels, statistics, _ = cv2.connectedComponentsWithStats(opened)
    shorter = np.minimum(statistics[:, cv2.CC_STAT_WIDTH], statistics[:, cv2.CC_STAT_HEIGHT])
    is_kept = shorter >= _SMALLEST_FIGURE
    is_kept[0] = False
    mask: Mask = is_kept[labels]
    return mask


def _measure_moved(known: Gray, warped: Gray, is_other: Mask) -> float:
    """Share of the blocks that show something else, that are found a few pixels beside their place, 0 to 1."""
    height, width = known.shape
    tried = moved = 0
    for top in range(_REACH, height - _BLOCK - _REACH, _BLOCK_STEP):
        for left in range(_REACH, width - _BLOCK - _REACH, _BLOCK_STEP):
            block = np.s_[top : top + _BLOCK, left : left + _BLOCK]
            if is_other[block].mean() < 0.6 or known[block].std() < 2 * _LEAST_DETAIL:
                continue
            around = warped[top - _REACH : top + _BLOCK + _REACH, left - _REACH : left + _BLOCK + _REACH]
            if around.std() < _LEAST_DETAIL:
                continue
            tried += 1
            moved += float(cv2.matchTemplate(around, known[block], cv2.TM_CCOEFF_NORMED).max()) > _FOUND_BESIDE
    if tried < _FEWEST_BLOCKS:
        return 0.0
    return moved / tried


def _measure_replaced_side(is_outside: Mask, is_usable: Mask) -> float:
    """How much of one side of the picture lies outside of the region, 0 to 1: the most of those that count."""
    height, width = is_outside.shape
    high = max(1, round(height * _RIM))
    wide = max(1, round(width * _RIM))
    top, bottom, *across = (
        _Side(float(is_outside[side].sum() / max(1, int(is_usable[side].sum()))), float(is_usable[side].mean()))
        for side in (np.s_[:high], np.s_[-high:], np.s_[:, :wide], np.s_[:, -wide:])
    )
    counting = [top, bottom]
    if top.replaced >= _ABOVE:
        # Somebody close to the camera covers the left or right side, and seldom the edge above.
        counting += across
    return max((side.replaced for side in counting if side.usable >= _LEAST_USABLE), default=0.0)
