"""Guided matching: keypoint pairs that are sought where a given warp expects them, where a free search finds too few.

Bars, a fence or titles break most keypoints of a picture and add as many of their own: then few pass the ratio test of
geometric verification. Where the perceptual hash says already that a known picture fills the frame, a pair need not be
the best of all. It must be at its place, in its direction and size, and look alike.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint.features import MIRRORED_BINS, Features
from provenance.matching.picture.geometry import Warp, count_places, to_homogeneous

_FARTHEST = 5.0
"""Pixels, across and down, by which a pair may miss its place."""
_FARTHEST_TURN = 14
"""Steps of 1/256 of the circle by which its direction may miss."""
_FARTHEST_GROWTH = 4
"""Eighths of an octave by which its size may miss."""
_LEAST_COSINE = 0.75
"""Cosine of two descriptors from which on they look alike."""
_ELSEWHERE = ((40.0, 24.0), (-40.0, 24.0), (40.0, -24.0), (-40.0, -24.0))
"""Pixels, across and down, to places where nothing should agree: what agrees there says how much chance gives."""
_FEWEST_PAIRS = 10
"""Pairs beyond chance without which nothing is found: 1,100 unrelated pairs reached 9."""


class _Points(NamedTuple):
    """Keypoints, as they lie in the found picture or should lie there."""

    places: NDArray[np.float64]
    """(n, 2) float64: x and y in pixels."""
    angles: NDArray[np.int64]
    """(n,) int64: direction, 256 steps to the circle."""
    scales: NDArray[np.int64]
    """(n,) int64: logarithm of the size, in eighths of an octave."""


def match_under_warp(found: Features, known: Features, affine: NDArray[np.float64], *, mirrored: bool) -> Warp | None:
    """Find the keypoint pairs that agree with a warp. None when there are no more of them than chance gives.

    `affine`: (2, 3) float64, pixels of the known picture -> pixels of the found one; it turns the picture over when
    `mirrored`. The inliers of the result are those beyond chance.
    """
    if not len(found) or not len(known):
        return None
    expected = _move(known, affine, mirrored=mirrored)
    descriptors = found.descriptors
    if mirrored:
        descriptors = descriptors[:, MIRRORED_BINS]
    similarity = descriptors @ known.descriptors.T
    is_alike = similarity >= _LEAST_COSINE
    is_alike &= _has_same_direction_and_size(found, expected)
    here = _find_places(found, expected, is_alike)
    chance = 0
    for offset in _ELSEWHERE:
        elsewhere = expected._replace(places=expected.places + offset)
        chance = max(chance, _count(found, _find_places(found, elsewhere, is_alike)))
    beyond_chance = _count(found, here) - chance
    if beyond_chance < _FEWEST_PAIRS:
        return None
    return Warp(affine, to_homogeneous(affine), beyond_chance)


def _move(known: Features, affine: NDArray[np.float64], *, mirrored: bool) -> _Points:
    """Where a warp expects the known keypoints."""
    places = known.points.astype(np.float64) @ affine[:, :2].T + affine[:, 2]
    linear = affine[:, :2]
    angles = known.angles.astype(np.int64)
    if mirrored:
        # What remains is a plain similarity once the picture is turned over.
        linear = np.diag((-1.0, 1.0)) @ linear
    turn = round(float(np.arctan2(linear[1, 0], linear[0, 0])) * 256 / (2 * np.pi))
    angles = angles + turn
    if mirrored:
        angles = 128 - angles
    growth = round(4 * np.log2(max(abs(float(np.linalg.det(linear))), 1e-9)))
    return _Points(places, angles % 256, known.scales.astype(np.int64) + growth)


def _has_same_direction_and_size(found: Features, expected: _Points) -> NDArray[np.bool_]:
    """(found, expected) bool."""
    turns = found.angles.astype(np.int64)[:, None] - expected.angles[None]
    # From -128 to 127.
    turns = (turns + 128) % 256 - 128
    growths = found.scales.astype(np.int64)[:, None] - expected.scales[None]
    is_same: NDArray[np.bool_] = (np.abs(turns) <= _FARTHEST_TURN) & (np.abs(growths) <= _FARTHEST_GROWTH)
    return is_same


def _find_places(found: Features, expected: _Points, is_alike: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(found,) bool: which keypoints of the found picture lie where one that is alike is expected."""
    rows, columns = np.nonzero(is_alike)
    misses = np.abs(found.points[rows] - expected.places[columns]).max(1)
    is_paired = np.zeros(len(found), bool)
    is_paired[rows[misses < _FARTHEST]] = True
    return is_paired


def _count(found: Features, is_paired: NDArray[np.bool_]) -> int:
    return count_places(found.points[is_paired].astype(np.float64))
