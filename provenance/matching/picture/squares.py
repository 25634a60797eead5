"""Mosaics: pictures of equal squares, such as a picture that was pixelated as a whole, or pixel art.

Their keypoints are corners of squares and look all alike, and any two of them on one grid correlate in many blocks.
"""

from __future__ import annotations

import numpy as np

from provenance.media.arrays import Gray

_LINES = 5
"""One column in so many, and one row, are the strongest ones."""
_SHARE = 0.87
"""Share of all change that lies in the strongest lines of a mosaic. Mosaics of 16 by 9 squares had .90 at least, of 182
photographs one in a hundred had more than .76, and one .91."""


def is_made_of_squares(gray: Gray) -> bool:
    """Whether what changes across and down changes along few straight lines. `gray`: (height, width) uint8."""
    levels = gray.astype(np.float32)
    return all(_measure_concentration(levels, axis) >= _SHARE for axis in (0, 1))


def _measure_concentration(levels: np.ndarray[tuple[int, ...], np.dtype[np.float32]], axis: int) -> float:
    """Share of the change along an axis that lies in the strongest lines across it, 0 to 1."""
    change = np.square(np.diff(levels, axis=axis)).sum(axis=1 - axis)
    strongest = np.sort(change)[::-1][: max(1, len(change) // _LINES)]
    return float(strongest.sum() / max(1.0, change.sum()))
