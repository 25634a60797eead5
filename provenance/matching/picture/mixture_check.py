"""Mixture check: whether the known picture is in the found one throughout, with something else over it.

This is step 5.7 of docs/matching.md; the numbers in the code are those of that page. Where rain, a reflection,
scratches, noise, a mesh or another picture lies over it, blocks correlate too little to agree. What a mixture still has
of the known picture is its fine structure, weaker by the same factor everywhere: that factor, the *gain*, is measured
block by block. Others before the same set have the structure of the set, and none where they stand: a *figure*.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.matching.picture.block_check import WarpedBack, make_grid
from provenance.media.arrays import Floats, Gray

_FINEST = 0.7
"""Standard deviation, in pixels of the thumbnail, of the blur that takes off what is finer than both pictures have."""
_COARSEST = 3.5
"""The same of what counts as coarse, and is left out: light and shade, and what lies over it, softly."""
_BRIGHT_EDGE = 1.5
"""How many times the 95th percentile of the found structure counts at most: scratches and lettering are no proof."""
_LEAST_STRUCTURE = 1.2
"""Standard deviation, in gray levels, that the structure of a known block must have."""
_PIXELS_PER_SAMPLE = 5
"""Neighbouring pixels that say the same: structure is that coarse."""
_CERTAIN = 3.0
"""Standard deviations over chance from which on a block holds the known structure."""
_LEAST_GAIN = 0.35
"""Gain of a block, over the usual one, from which on it holds as much as the others."""
_FIGURE_WINDOW = 21
"""Side, in pixels of the thumbnail, of the square around each pixel in which the gain is measured for figures."""
_FIGURE_GAIN = 0.3
"""Gain over the usual one below which the known structure is missing."""
_VISIBLE = 5.0
"""Standard deviations over chance that the usual gain would give, from which on the known structure would be seen."""
_UNCERTAIN = 2.0
"""Standard deviations over chance below which it is missing as well."""
_SMALLEST_FIGURE = 14
"""Pixels of the shorter side of what is missing, from which on a figure may stand there."""


class MixtureCheck(NamedTuple):
    """How far the known picture is in the found one, whatever else is."""

    share: float
    """Share of the compared blocks that hold the structure of the known one with the usual gain, 0 to 1."""
    compared: int
    """Blocks that can be compared."""
    figure: float
    """Share of what can be compared in which it is missing, in places as large as a figure, 0 to 1."""


class _Structure(NamedTuple):
    """Products of the structures of both pictures, summed over the same pixels."""

    known: Floats
    found: Floats
    both: Floats
    pixels: int
    """Pixels that were summed over."""

    def measure_gain(self) -> Floats:
        """How much of the known structure the found one holds, 1 for all of it."""
        return np.asarray(self.both / np.maximum(self.known, 1e-3), np.float32)

    def measure_certainty(self) -> Floats:
        """By how many standard deviations that is more than chance."""
        return self._exceed_chance(np.clip(self.both / np.sqrt(np.maximum(self.known * self.found, 1e-3)), -1, 1))

    def predict_certainty(self, gain: float) -> Floats:
        """The same for what the found one would hold with a gain, under all that it shows."""
        return self._exceed_chance(
            np.minimum(gain * np.sqrt(np.maximum(self.known, 0) / np.maximum(self.found, 1e-3)), 1)
        )

    def _exceed_chance(self, correlation: Floats) -> Floats:
        samples = self.pixels / _PIXELS_PER_SAMPLE
        certainty: Floats = correlation * np.sqrt(samples / np.maximum(1 - correlation * correlation, 1e-3))
        return certainty


def check_mixture(known: Gray, warped_back: WarpedBack) -> MixtureCheck | None:
    """Measure how far a known picture is in a found one. None where nothing can be compared.

    `known`: (height, width) uint8, a thumbnail. `warped_back`: the found picture in its frame.
    """
    warped, is_inside, is_cover = warped_back
    if not is_inside.any():
        return None
    one = _extract_structure(known)
    other = _extract_structure(warped)
    strongest = _BRIGHT_EDGE * float(np.percentile(np.abs(other), 95))
    other = np.asarray(np.clip(other, -strongest, strongest), np.float32)
    # 5.7 Blocks.
    grid = make_grid(is_inside)
    blocks = grid.cut(one)
    found_blocks = grid.cut(other)
    side = grid.side * grid.side
    sums = _Structure((blocks**2).sum(1), (found_blocks**2).sum(1), (blocks * found_blocks).sum(1), side)
    is_usable = (grid.cut(is_inside).min(1) > 0) & (grid.cut(is_cover).mean(1) < 0.5)
    is_usable &= sums.known > side * _LEAST_STRUCTURE**2
    if not is_usable.any():
        return None
    gain: Floats = sums.measure_gain()
    certainty: Floats = sums.measure_certainty()
    if float(np.median(certainty[is_usable])) < 0:
        # A negative.
        gain, certainty, other = -gain, -certainty, -other
    is_certain = is_usable & (certainty > _CERTAIN)
    if not is_certain.any():
        return MixtureCheck(0.0, int(is_usable.sum()), 1.0)
    usual = float(np.median(gain[is_certain]))
    is_held = is_certain & (gain > _LEAST_GAIN * usual)
    share = float(is_held.sum() / is_usable.sum())
    return MixtureCheck(share, int(is_usable.sum()), _measure_figure(one, other, is_inside & ~is_cover, usual))


def _extract_structure(picture: NDArray[Any]) -> Floats:
    """(height, width) float32: what is neither finer nor coarser than can be compared, around 0."""
    fine = cv2.GaussianBlur(picture.astype(np.float32), (0, 0), _FINEST)
    return np.asarray(fine - cv2.GaussianBlur(fine, (0, 0), _COARSEST), np.float32)


def _sum_around(values: Floats, size: tuple[int, int]) -> Floats:
    """The sum over the square around each pixel."""
    return np.asarray(cv2.boxFilter(values, -1, size, normalize=False), np.float32)


def _measure_figure(known: Floats, found: Floats, is_visible: NDArray[np.bool_], usual: float) -> float:
    """Share of what can be compared in which the known structure is missing, in places as large as a figure."""
    size = (_FIGURE_WINDOW, _FIGURE_WINDOW)
    pixels = _FIGURE_WINDOW * _FIGURE_WINDOW
    products = (known * known, found * found, known * found)
    of_known, of_found, of_both = (_sum_around(product, size) for product in products)
    sums = _Structure(of_known, of_found, of_both, pixels)
    is_usable = cv2.erode(is_visible.astype(np.uint8), np.ones(size, np.uint8), borderValue=0).astype(bool)
    is_usable &= of_known > pixels * _LEAST_STRUCTURE**2
    # Under what is much stronger it cannot be seen, and is not known to be missing.
    is_usable &= sums.predict_certainty(usual) > _VISIBLE
    is_missing = (sums.measure_certainty() < _UNCERTAIN) | (sums.measure_gain() < _FIGURE_GAIN * usual)
    opened = cv2.morphologyEx((is_usable & is_missing).astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    _, labels, statistics, _ = cv2.connectedComponentsWithStats(opened)
    shorter = np.minimum(statistics[:, cv2.CC_STAT_WIDTH], statistics[:, cv2.CC_STAT_HEIGHT])
    is_figure = shorter >= _SMALLEST_FIGURE
    is_figure[0] = False
    return float(is_figure[labels].sum() / max(1, int(is_usable.sum())))
