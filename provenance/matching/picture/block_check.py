"""Is it the same picture, or only the same place? The known picture laid over the found one, block by block.

Compared are blocks inside both pictures in which the known one shows something. What covers the found picture without
showing anything itself (a matte, a plate under a title, a blurred filling beside it) hides a block: it neither agrees
nor disagrees.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint.features import stretch_contrast
from provenance.media.arrays import Gray

_BLOCKS = 80
"""How many blocks the part that both show is cut into, about; none smaller than `_SMALLEST` pixels a side."""
_SMALLEST, _LARGEST = 7, 24
_ALIKE = 0.7
"""Correlation, of either sign (a solarised picture is partly negative), from which on a block agrees."""
_TEXTURE, _PLAIN = 2.5, 1.0
"""Gray levels of standard deviation below which a block, or a pixel among its neighbours, shows nothing."""
_LAID = 0.04
"""Share of the picture over which one level must lie to count as a cover."""
_SOFT = 0.15
"""Fine detail, against what blocks that agree lead to expect, below which a pixel is part of a blurred filling."""
_FILLING = 0.2
"""Share of the picture from which on such pixels are a filling, not only something soft."""
_SEEN = 0.5
"""Share of a block's pixels that must be in sight for it to be compared."""
_ENOUGH = 8
"""Agreeing blocks needed to know what detail to expect."""

Blocks = NDArray[np.float32]
Mask = NDArray[np.bool_]


class BlockCheck(NamedTuple):
    """How far two pictures agree under a warp."""

    share: float
    """Agreeing blocks among those that can be compared."""
    blocks: int
    """Blocks that can be compared."""
    covered: int = 0
    """Blocks under something plain."""
    blurred: int = 0
    """Blocks under a blurred filling."""

    @property
    def bare(self) -> float:
        """Share of blocks that nothing plain covers."""
        return 1 - self.covered / max(1, self.blocks + self.covered + self.blurred)


def check_blocks(known: Gray, found: Gray, matrix: NDArray[np.float64]) -> BlockCheck:
    """Compare in the frame of the known picture. `matrix`: (3, 3), pixels of `known` -> pixels of `found`."""
    height, width = known.shape
    stretched = stretch_contrast(found)
    pulled = _pulled(found if stretched is None else stretched, matrix, width, height)
    inside = _pulled(np.full(found.shape, 255, np.uint8), matrix, width, height) > 250
    if not inside.any():
        return BlockCheck(0.0, 0)
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    window = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    side = int(np.clip(np.sqrt(inside.sum() / _BLOCKS), _SMALLEST, _LARGEST))

    def cut(picture: NDArray[Any]) -> Blocks:
        return _blocks(picture[window].astype(np.float32), side)

    theirs, ours = cut(known), cut(pulled)
    usable = (cut(inside).min(1) > 0) & (theirs.std(1) > _TEXTURE)
    plain = _wider(_closed(_cover(pulled, _plain(pulled) & ~_plain(known) & inside)))
    seen = cut(~plain)
    alike = _alike(theirs, ours, seen) & usable
    covered = usable & (seen.mean(1) < _SEEN)
    blurred = np.zeros_like(covered)
    if alike.sum() >= _ENOUGH:
        soft = _closed(_soft(known, pulled, cut, alike) & inside)
        if soft.sum() > _FILLING * inside.sum():
            seen *= cut(~_wider(soft))
            alike |= _alike(theirs, ours, seen) & usable
        blurred = usable & ~alike & ~covered & (seen.mean(1) < _SEEN)
    compared = int((usable & (alike | ~(covered | blurred))).sum())
    return BlockCheck(float(alike.sum()) / max(1, compared), compared, int((covered & ~alike).sum()), int(blurred.sum()))


def _pulled(found: Gray, matrix: NDArray[np.float64], width: int, height: int) -> Gray:
    """The found picture as the known one would have it, shrunk without aliasing."""
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:2, :2]))))
    if scale > 1.5:
        found = np.asarray(cv2.GaussianBlur(found, (0, 0), 0.4 * scale), np.uint8)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpPerspective(found, matrix, (width, height), flags=flags).astype(np.uint8)


def _plain(picture: Gray) -> Mask:
    """Pixels that show no more than their neighbours."""
    levels = picture.astype(np.float32)
    mean, square = cv2.blur(levels, (5, 5)), cv2.blur(levels * levels, (5, 5))
    plain: Mask = square - mean * mean < _PLAIN * _PLAIN
    return plain


def _soft(known: Gray, found: Gray, cut: Callable[[NDArray[Any]], Blocks], alike: Mask) -> Mask:
    """Pixels with far less fine detail than the known picture has there, as blocks that agree have it."""
    theirs, ours = _detail(known), _detail(found)
    usual = float(np.median(cut(ours)[alike].mean(1) / np.maximum(cut(theirs)[alike].mean(1), 1e-3)))
    soft: Mask = (ours < _SOFT * usual * theirs) & (theirs > 1)
    return soft


def _detail(picture: Gray) -> NDArray[np.float32]:
    """Of every pixel: how much its neighbourhood changes from pixel to pixel."""
    levels = picture.astype(np.float32)
    return np.asarray(cv2.blur(np.abs(levels - cv2.blur(levels, (3, 3))), (7, 7)), np.float32)


def _cover(found: Gray, plain: Mask) -> Mask:
    """Of plain pixels those of one level that lie over much of the picture: a matte or a plate is painted, not lit."""
    levels = np.bincount(found[plain] >> 2, minlength=66)
    wide = levels + np.r_[0, levels[:-1]] + np.r_[levels[1:], 0] > _LAID * plain.size
    cover: Mask = plain & wide[found >> 2]
    return cover


def _closed(mask: Mask) -> Mask:
    """Without the holes where the known picture happens to be plain too."""
    return cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((13, 13), np.uint8)).astype(bool)


def _wider(mask: Mask) -> Mask:
    """Four pixels more on every side: two that a plain pixel stands from the edge, two that the edge is soft."""
    return cv2.dilate(mask.astype(np.uint8), np.ones((9, 9), np.uint8)).astype(bool)


def _blocks(picture: Blocks, side: int) -> Blocks:
    """(height, width) -> (blocks, side * side); what does not fill a block is left out."""
    down, across = picture.shape[0] // side, picture.shape[1] // side
    cut = picture[: down * side, : across * side]
    return cut.reshape(down, side, across, side).swapaxes(1, 2).reshape(down * across, side * side)


def _alike(one: Blocks, other: Blocks, seen: Blocks) -> Mask:
    """Which blocks agree in what can be seen of them."""
    count = np.maximum(seen.sum(1, keepdims=True), 1)
    one, other = ((blocks - (blocks * seen).sum(1, keepdims=True) / count) * seen for blocks in (one, other))
    strength = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    alike: Mask = (np.abs((one * other).sum(1)) > _ALIKE * np.maximum(strength, 1e-3)) & (seen.mean(1) >= _SEEN)
    return alike
