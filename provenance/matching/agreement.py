"""Is it the same picture, or only the same place? The known picture laid over the found one, block by block."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.features import Gray

_ACROSS, _DOWN = 12, 8
"""Blocks, over the known picture."""
_ALIKE = 0.7
"""Correlation, of either sign (a solarised picture is partly negative), from which on a block agrees."""
_TEXTURE = 2.5
"""Gray levels of standard deviation below which a block says nothing."""


class Agreement(NamedTuple):
    """How far two pictures agree under a warp."""

    share: float
    """Agreeing blocks among those that can be compared."""
    blocks: int
    """Blocks that can be compared: inside both pictures, and not flat."""


def agreement(known: Gray, found: Gray, matrix: NDArray[np.float64]) -> Agreement:
    """Compare in the frame of the known picture. `matrix`: (2, 3), pixels of `known` -> pixels of `found`."""
    height, width = known.shape
    pulled = _pulled(found, matrix, width, height)
    inside = _pulled(np.full(found.shape, 255, np.uint8), matrix, width, height)
    theirs, ours, cover = (_blocks(picture.astype(np.float32)) for picture in (known, pulled, inside))
    usable = (cover.min(1) > 250) & (theirs.std(1) > _TEXTURE)
    theirs, ours = (picture - picture.mean(1, keepdims=True) for picture in (theirs[usable], ours[usable]))
    strength = np.linalg.norm(theirs, axis=1) * np.linalg.norm(ours, axis=1)
    alike = np.abs((theirs * ours).sum(1)) > _ALIKE * np.maximum(strength, 1e-3)
    return Agreement(float(alike.mean()) if len(alike) else 0.0, len(alike))


def _pulled(found: Gray, matrix: NDArray[np.float64], width: int, height: int) -> Gray:
    """The found picture as the known one would have it, shrunk without aliasing."""
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    if scale > 1.5:
        found = cv2.GaussianBlur(found, (0, 0), 0.4 * scale)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(found, matrix, (width, height), flags=flags).astype(np.uint8)


def _blocks(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """(height, width) -> (blocks, pixels of a block); what does not fill a block is left out."""
    high, wide = picture.shape[0] // _DOWN, picture.shape[1] // _ACROSS
    cut = picture[: high * _DOWN, : wide * _ACROSS]
    return cut.reshape(_DOWN, high, _ACROSS, wide).swapaxes(1, 2).reshape(_DOWN * _ACROSS, high * wide)
