"""Block check: is it the same picture, or only the same place? The two are compared block by block under a warp.

This is step 5 of docs/matching.md; the numbers in the code are those of that page. Only blocks that lie inside both
pictures, and in which the known picture shows something, are compared. Whatever covers the found picture and shows
nothing itself (a letterbox or other matte, a plate under a title, a blurred filling beside the picture) hides a block:
that block neither agrees nor disagrees.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint.features import stretch_contrast
from provenance.media.arrays import Floats, Gray

_BLOCKS = 80
"""Blocks, about, into which the part that both pictures show is cut."""
_SMALLEST_SIDE = 7
"""Pixels of the thumbnail: no block is smaller."""
_LARGEST_SIDE = 24
"""Pixels of the thumbnail: no block is larger."""
_AGREEING_CORRELATION = 0.7
"""Correlation of two blocks, of either sign, above which they agree: a solarised picture is negative in parts."""
_FLAT_BLOCK = 2.5
"""Gray levels of standard deviation up to which a block of the known picture shows nothing."""
_FLAT_PIXEL = 1.0
"""Gray levels of standard deviation among its neighbours below which a pixel shows nothing."""
_COVER_SHARE = 0.04
"""Share of the picture that pixels of one level must fill to be a cover."""
_BLUR = 0.15
"""Fine detail of a pixel, over what the blocks that agree lead to expect, below which it is blurred."""
_LEAST_DETAIL = 1.0
"""Gray levels from pixel to pixel that the known picture must exceed for its found counterpart to count as blurred."""
_FILLING_SHARE = 0.2
"""Share of the picture above which blurred pixels are a filling, and not only something soft."""
_VISIBLE_SHARE = 0.5
"""Share of a block's pixels that must be visible for it to be compared."""
_ENOUGH_BLOCKS = 8
"""Agreeing blocks without which the detail to expect is not known."""
_ALIASING_SCALE = 1.5
"""Scale of the warp above which the found picture is blurred before it is sampled."""
_BLUR_PER_SCALE = 0.4
"""Standard deviation of that blur, in pixels of the found picture, for each unit of scale."""
_INSIDE = 250
"""Level, of 255, above which a pixel of a warped white picture lies inside it completely."""

Blocks = Floats
"""(blocks, pixels of a block) float32."""
Mask = NDArray[np.bool_]
"""(height, width) bool for pixels of the known picture's thumbnail, or (blocks,) bool."""


class BlockCheck(NamedTuple):
    """How far two pictures agree under a warp."""

    share: float
    """Agreeing blocks over compared blocks, 0 to 1."""
    compared: int
    """Blocks that can be compared."""
    covered: int = 0
    """Blocks hidden by something plain, such as a letterbox."""
    blurred: int = 0
    """Blocks hidden by a blurred filling."""

    @property
    def uncovered_share(self) -> float:
        """Share of all blocks that nothing plain covers, 0 to 1."""
        return 1 - self.covered / max(1, self.compared + self.covered + self.blurred)


@dataclass(frozen=True, slots=True)
class _Grid:
    """Square blocks over the part of the known picture that lies inside the found one."""

    window: tuple[slice, slice]
    """Rows and columns of that part."""
    side: int
    """Pixels of a block."""

    def cut(self, picture: NDArray[Any]) -> Blocks:
        """(height, width) -> (blocks, side * side) float32. What does not fill a block at the edge is left out."""
        part = picture[self.window].astype(np.float32)
        side = self.side
        down = part.shape[0] // side
        across = part.shape[1] // side
        whole = part[: down * side, : across * side]
        return whole.reshape(down, side, across, side).swapaxes(1, 2).reshape(down * across, side * side)


class WarpedBack(NamedTuple):
    """A found picture in the frame of the known one, at the size of its thumbnail."""

    picture: Gray
    """(height, width) uint8."""
    is_inside: Mask
    """(height, width) bool: which pixels of the known picture lie inside the found one."""
    is_cover: Mask
    """(height, width) bool: which pixels something plain covers."""


def warp_back(known: Gray, found: Gray, warp: NDArray[np.float64]) -> WarpedBack:
    """Steps 5.1 and 5.3: warp the found picture back into the frame of the known one, and find what covers it.

    `known`: (height, width) uint8, a thumbnail. `found`: (height, width) uint8, a picture at feature size.
    `warp`: (3, 3) float64, pixels of `known` -> pixels of `found`.
    """
    height, width = known.shape
    stretched = stretch_contrast(found)
    if stretched is None:
        # A picture that shows nothing but noise stays as it is: its blocks will not agree.
        stretched = found
    warped = _warp_back(stretched, warp, width, height)
    is_inside = _warp_back(np.full(found.shape, 255, np.uint8), warp, width, height) > _INSIDE
    # Where the found picture is plain and the known one is not, something may lie over it.
    is_bare_pixel = _find_plain(warped) & ~_find_plain(known) & is_inside
    is_cover = _widen(_close_holes(_find_cover(warped, is_bare_pixel)))
    return WarpedBack(warped, is_inside, is_cover)


def check_blocks(known: Gray, warped_back: WarpedBack) -> BlockCheck:
    """Compare a known picture with a found one.

    `known`: (height, width) uint8, a thumbnail. `warped_back`: the found picture in its frame.
    """
    # 5.1 The found picture, warped back into the frame of the known one, and 5.3 covers.
    warped, is_inside, is_cover = warped_back
    if not is_inside.any():
        return BlockCheck(0.0, 0)
    # 5.2 Blocks in which the known picture shows something.
    grid = make_grid(is_inside)
    known_blocks = grid.cut(known)
    found_blocks = grid.cut(warped)
    is_usable = (grid.cut(is_inside).min(1) > 0) & (known_blocks.std(1) > _FLAT_BLOCK)
    visible = grid.cut(~is_cover)
    # 5.4 Agreement of what is visible.
    is_agreeing = _compare(known_blocks, found_blocks, visible) & is_usable
    is_covered = is_usable & (visible.mean(1) < _VISIBLE_SHARE)
    # 5.5 A blurred filling.
    is_blurred = np.zeros_like(is_covered)
    if is_agreeing.sum() >= _ENOUGH_BLOCKS:
        is_soft = _close_holes(_find_soft(known, warped, grid, is_agreeing) & is_inside)
        if is_soft.sum() > _FILLING_SHARE * is_inside.sum():
            visible *= grid.cut(~_widen(is_soft))
            is_agreeing |= _compare(known_blocks, found_blocks, visible) & is_usable
        is_blurred = is_usable & ~is_agreeing & ~is_covered & (visible.mean(1) < _VISIBLE_SHARE)
    # 5.6 The share of agreeing blocks. A block that agrees counts, even if a part of it is hidden.
    is_compared = is_usable & (is_agreeing | ~(is_covered | is_blurred))
    compared = int(is_compared.sum())
    share = float(is_agreeing.sum()) / max(1, compared)
    return BlockCheck(share, compared, int((is_covered & ~is_agreeing).sum()), int(is_blurred.sum()))


def _warp_back(found: Gray, warp: NDArray[np.float64], width: int, height: int) -> Gray:
    """Step 5.1: (height, width) uint8: the found picture as the known one would have it, shrunk without aliasing."""
    # Linear interpolation reads four pixels only: too few when the found picture is larger than the thumbnail.
    scale = float(np.sqrt(abs(np.linalg.det(warp[:2, :2]))))
    if scale > _ALIASING_SCALE:
        found = np.asarray(cv2.GaussianBlur(found, (0, 0), _BLUR_PER_SCALE * scale), np.uint8)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpPerspective(found, warp, (width, height), flags=flags).astype(np.uint8)


def make_grid(is_inside: Mask) -> _Grid:
    """Step 5.2: about `_BLOCKS` blocks over the pixels that lie inside the found picture."""
    rows = np.flatnonzero(is_inside.any(1))
    columns = np.flatnonzero(is_inside.any(0))
    window = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    # As many blocks for every size of the common part: a share of them means the same everywhere.
    side = int(np.clip(np.sqrt(is_inside.sum() / _BLOCKS), _SMALLEST_SIDE, _LARGEST_SIDE))
    return _Grid(window, side)


def _find_plain(picture: Gray) -> Mask:
    """Step 5.3: which pixels of a (height, width) uint8 picture show no more than their neighbours."""
    levels = picture.astype(np.float32)
    mean = cv2.blur(levels, (5, 5))
    mean_of_squares = cv2.blur(levels * levels, (5, 5))
    is_plain: Mask = mean_of_squares - mean * mean < _FLAT_PIXEL * _FLAT_PIXEL
    return is_plain


def _find_cover(found: Gray, is_plain: Mask) -> Mask:
    """Step 5.3: which of the plain pixels have a level that fills much of the picture.

    A matte or a plate is painted in one level; a sky or a wall is lit, so its levels vary.
    """
    # Levels in steps of 4, each counted with both of its neighbours.
    counts = np.bincount(found[is_plain] >> 2, minlength=64)
    nearby = counts + np.r_[0, counts[:-1]] + np.r_[counts[1:], 0]
    is_frequent = nearby > _COVER_SHARE * is_plain.size
    is_cover: Mask = is_plain & is_frequent[found >> 2]
    return is_cover


def _close_holes(mask: Mask) -> Mask:
    """Fill the holes of a cover where the known picture happens to be plain as well."""
    closed = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((13, 13), np.uint8))
    return closed.astype(bool)


def _widen(mask: Mask) -> Mask:
    """Widen a mask by four pixels on every side.

    A plain pixel is two pixels away from the edge of its cover, because of its neighbours, and the edge itself is soft
    for two more.
    """
    return cv2.dilate(mask.astype(np.uint8), np.ones((9, 9), np.uint8)).astype(bool)


def _compare(known: Blocks, found: Blocks, visible: Blocks) -> Mask:
    """Step 5.4: (blocks,) bool: which blocks correlate in their visible pixels. `visible`: 1 where visible, else 0."""
    count = np.maximum(visible.sum(1, keepdims=True), 1)
    known = _centre(known, visible, count)
    found = _centre(found, visible, count)
    strength = np.linalg.norm(known, axis=1) * np.linalg.norm(found, axis=1)
    # Of either sign: a solarised or negative picture is the same picture.
    product = np.abs((known * found).sum(1))
    is_correlated = product > _AGREEING_CORRELATION * np.maximum(strength, 1e-3)
    is_visible = visible.mean(1) >= _VISIBLE_SHARE
    is_agreeing: Mask = is_correlated & is_visible
    return is_agreeing


def _centre(blocks: Blocks, visible: Blocks, count: Floats) -> Blocks:
    """Subtract from every block the mean of its visible pixels, and set the others to 0. `count`: (blocks, 1)."""
    mean = (blocks * visible).sum(1, keepdims=True) / count
    centred: Blocks = (blocks - mean) * visible
    return centred


def _find_soft(known: Gray, found: Gray, grid: _Grid, is_agreeing: Mask) -> Mask:
    """Step 5.5: which pixels have far less fine detail than the known picture has there.

    The found picture may be softer as a whole, so the blocks that agree say how much detail to expect.
    """
    known_detail = _measure_detail(known)
    found_detail = _measure_detail(found)
    known_means = grid.cut(known_detail)[is_agreeing].mean(1)
    found_means = grid.cut(found_detail)[is_agreeing].mean(1)
    usual_ratio = float(np.median(found_means / np.maximum(known_means, 1e-3)))
    is_soft: Mask = (found_detail < _BLUR * usual_ratio * known_detail) & (known_detail > _LEAST_DETAIL)
    return is_soft


def _measure_detail(picture: Gray) -> Floats:
    """(height, width) float32: how much the picture changes from pixel to pixel around each pixel, in gray levels."""
    levels = picture.astype(np.float32)
    differences = np.abs(levels - cv2.blur(levels, (3, 3)))
    return np.asarray(cv2.blur(differences, (7, 7)), np.float32)
