"""Is it the same picture, or only the same place? The known picture laid over the found one, block by block.

Compared are blocks inside both pictures in which the known one shows something. What covers the found picture without
showing anything itself (a matte, a plate under a title, a blurred filling beside it) hides a block: it neither agrees
nor disagrees.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.features import Gray

_BLOCKS = 80
"""How many blocks the part that both show is cut into, about; none smaller than `_SMALLEST` pixels a side."""
_SMALLEST, _LARGEST = 7, 24
_ALIKE = 0.7
"""Correlation, of either sign (a solarised picture is partly negative), from which on a block agrees."""
_TEXTURE, _PLAIN = 2.5, 1.5
"""Gray levels of standard deviation below which a block of the known, of the found picture shows nothing."""
_SOFT = 0.35
"""Fine detail, against that of blocks that agree, below which a block is a blurred filling."""
_ENOUGH = 8
"""Agreeing blocks needed to say what is hidden."""

Blocks = NDArray[np.float32]


class Agreement(NamedTuple):
    """How far two pictures agree under a warp."""

    share: float
    """Agreeing blocks among those that can be compared."""
    blocks: int
    """Blocks that can be compared."""
    hidden: int = 0
    """Blocks that something covers."""

    @property
    def agreeing(self) -> int:
        """How many agree."""
        return round(self.share * self.blocks)


def agreement(known: Gray, found: Gray, matrix: NDArray[np.float64]) -> Agreement:
    """Compare in the frame of the known picture. `matrix`: (2, 3), pixels of `known` -> pixels of `found`."""
    height, width = known.shape
    pulled = _pulled(found, matrix, width, height)
    inside = _pulled(np.full(found.shape, 255, np.uint8), matrix, width, height) > 250
    if not inside.any():
        return Agreement(0.0, 0)
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    window = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    side = int(np.clip(np.sqrt(inside.sum() / _BLOCKS), _SMALLEST, _LARGEST))
    theirs, ours, cover = (_blocks(part[window].astype(np.float32), side) for part in (known, pulled, inside))
    usable = (cover.min(1) > 0) & (theirs.std(1) > _TEXTURE) if len(cover) else np.zeros(0, bool)
    theirs, ours = theirs[usable], ours[usable]
    alike = np.abs(_correlation(theirs, ours)) > _ALIKE
    hidden = ~alike & (ours.std(1) < _PLAIN)
    if alike.sum() >= _ENOUGH:
        detail = _detail(ours, side) / np.maximum(_detail(theirs, side), 1e-3)
        hidden |= ~alike & (detail < _SOFT * np.median(detail[alike]))
    compared = int((~hidden).sum())
    return Agreement(float(alike.sum()) / max(1, compared), compared, int(hidden.sum()))


def _pulled(found: Gray, matrix: NDArray[np.float64], width: int, height: int) -> Gray:
    """The found picture as the known one would have it, shrunk without aliasing."""
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    if scale > 1.5:
        found = np.asarray(cv2.GaussianBlur(found, (0, 0), 0.4 * scale), np.uint8)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(found, matrix, (width, height), flags=flags).astype(np.uint8)


def _blocks(picture: Blocks, side: int) -> Blocks:
    """(height, width) -> (blocks, side * side); what does not fill a block is left out."""
    down, across = picture.shape[0] // side, picture.shape[1] // side
    cut = picture[: down * side, : across * side]
    return cut.reshape(down, side, across, side).swapaxes(1, 2).reshape(down * across, side * side)


def _correlation(one: Blocks, other: Blocks) -> NDArray[np.float64]:
    one, other = (blocks - blocks.mean(1, keepdims=True) for blocks in (one, other))
    strength = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    alike: NDArray[np.float64] = (one * other).sum(1) / np.maximum(strength, 1e-3)
    return alike


def _detail(blocks: Blocks, side: int) -> NDArray[np.float64]:
    """(blocks,): how much of what a block shows changes from pixel to pixel."""
    square = blocks.reshape(-1, side, side)
    fine = np.abs(np.diff(square, 2, axis=1)).mean((1, 2)) + np.abs(np.diff(square, 2, axis=2)).mean((1, 2))
    detail: NDArray[np.float64] = fine / np.maximum(blocks.std(1), 1.0)
    return detail
