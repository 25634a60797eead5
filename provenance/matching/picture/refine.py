"""Refinement: a warp that few keypoints have placed roughly is moved until the pictures themselves agree best.

This is step 5.8 of docs/matching.md; the numbers in the code are those of that page. A small or slanted picture has few
keypoints, coarse ones, and their warp is off by some pixels of the thumbnail: too much for blocks to agree.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.matching.picture.block_check import WarpedBack
from provenance.media.arrays import Gray

_ITERATIONS = 40
"""Steps after which the refinement ends at the latest."""
_LEAST_GAIN = 1e-4
"""Correlation that a step must gain to be followed by another one."""
_SMOOTHING = 5
"""Side, in pixels, of the blur that lets the refinement see the way from some pixels away."""
_FEWEST_PIXELS = 500
"""Pixels of the thumbnail that both pictures must have in common."""
_FARTHEST = 0.06
"""Share of the thumbnail's long side by which a corner may move: points were right about the place."""


def refine_warp(known: Gray, warped_back: WarpedBack, warp: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Refine a warp by the correlation of both pictures (Evangelidis and Psarakis, PAMI 2008). None where it fails.

    `known`: (height, width) uint8, a thumbnail. `warp`: (3, 3) float64 from its pixels to those of the found picture.
    `warped_back`: that picture under it. Returns such a warp, with perspective.
    """
    if int(warped_back.is_inside.sum()) < _FEWEST_PIXELS:
        return None
    visible = (warped_back.is_inside & ~warped_back.is_cover).astype(np.uint8)
    step = np.eye(3, dtype=np.float32)
    criteria = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, _ITERATIONS, _LEAST_GAIN)
    try:
        _, found = cv2.findTransformECC(
            known, warped_back.picture, step, cv2.MOTION_HOMOGRAPHY, criteria, visible, _SMOOTHING
        )
    except cv2.error:
        # It did not come nearer: there is nothing to agree with, or too little is shown.
        return None
    refined = np.asarray(found, np.float64)
    height, width = known.shape
    corners = np.array([[(0, 0), (width, 0), (width, height), (0, height)]], np.float64)
    moved = cv2.perspectiveTransform(corners, refined) - corners
    if not np.isfinite(moved).all() or float(np.abs(moved).max()) > _FARTHEST * max(width, height):
        return None
    return np.asarray(warp @ refined, np.float64)
