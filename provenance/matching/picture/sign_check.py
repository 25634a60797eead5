"""The block check of a known picture of which there are block signs in place of a thumbnail: see `block_check`.

The found picture is warped into the frame of the known one, cut into the same blocks, and its signs are compared. As
signs are random, some blocks agree by chance; the share that is given is freed of them.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint.block_signs import SIGNS, BlockSigns, compute_signs, compute_visible
from provenance.fingerprint.features import stretch_contrast
from provenance.matching.picture.block_check import BlockCheck
from provenance.media.arrays import Gray

_MOST_DIFFERENT = 10
"""Signs of 32 that may differ in a block that agrees, or may be alike in one that agrees as a negative: a correlation
of 0.7 makes 8 of them differ on average."""
_CHANCE = 0.24
"""Share of unrelated blocks in which as few signs differ or are alike. Neighbouring pixels are alike, hence so many."""
_LEAST_VISIBLE = 0.9
"""Share of a block that must lie inside the found picture."""
_ALIASING_SCALE = 1.5
_BLUR_PER_SCALE = 0.4
"""As in `block_check`: how a found picture is blurred that is larger than the known one."""


def check_signs(known: BlockSigns, found: Gray, warp: NDArray[np.float64]) -> BlockCheck:
    """Compare the blocks of a known picture with a found one.

    `found`: (height, width) uint8, a picture at feature size. `warp`: (3, 3) float64, pixels of the thumbnail that the
    signs were made of -> pixels of `found`.
    """
    stretched = stretch_contrast(found)
    shown = found if stretched is None else stretched
    scale = float(np.sqrt(abs(np.linalg.det(warp[:2, :2]))))
    if scale > _ALIASING_SCALE:
        shown = np.asarray(cv2.GaussianBlur(shown, (0, 0), _BLUR_PER_SCALE * scale), np.uint8)
    size = (known.width, known.height)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    warped = np.asarray(cv2.warpPerspective(shown, warp, size, flags=flags), np.uint8)
    inside = cv2.warpPerspective(np.full(found.shape, 255, np.uint8), warp, size, flags=flags) > 250
    signs, is_flat = compute_signs(warped, known.across, known.down)
    is_usable = (compute_visible(inside, known.across, known.down) >= _LEAST_VISIBLE) & (known.signs != 0)
    # What shows nothing where the known picture shows something may be a letterbox or a plate: it hides the block.
    is_covered = is_usable & is_flat
    is_compared = is_usable & ~is_flat
    different = np.bitwise_count(known.signs ^ signs)
    is_agreeing = is_compared & ((different <= _MOST_DIFFERENT) | (different >= SIGNS - _MOST_DIFFERENT))
    compared = int(is_compared.sum())
    share = float(is_agreeing.sum()) / max(1, compared)
    return BlockCheck(max(0.0, (share - _CHANCE) / (1 - _CHANCE)), compared, int(is_covered.sum()))
