"""Geometric verification: one warp from the known picture to the found one that explains their keypoint pairs, or None.

This is step 4 of docs/matching.md; the numbers in the code are those of that page. A SIFT keypoint has a place, a size
and a direction, so a single pair of them defines a whole similarity. All pairs are tried as hypotheses: unlike RANSAC,
nothing is left to chance, and the same pictures always give the same warp.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint.features import MIRRORED_BINS, Features

_RATIO = 0.87
"""Ratio test: the nearest keypoint counts if its distance is less than this share of that to the second nearest."""
_LOOSE_TOLERANCE = 6.0
"""Pixels by which the similarity of one pair may miss another pair that supports it, next to it."""
_TOLERANCE_PER_PIXEL = 0.12
"""How much that tolerance grows with each pixel between the two pairs: sizes and directions are coarse."""
_SIMILARITY_TOLERANCE = 0.6
"""Distance of two similarities that support each other, between their complex logarithms: nepers of scale, radians."""
_HYPOTHESES = 6
"""Similarities that are refined, those with most support."""
_AFFINE_TOLERANCES = (8.0, 5.0, 3.5, 3.0)
"""Pixels by which an inlier may miss, from one least-squares fit of the affine warp to the next."""
_HOMOGRAPHY_TOLERANCES = (12.0, 6.0, 3.0)
"""Pixels by which an inlier may miss, from one fit of the homography to the next."""
_HOMOGRAPHY_PAIRS = 16
"""Inliers without which no homography is fitted."""
_HOMOGRAPHY_GAIN = 1.1
"""A homography must have so many times the inliers of the affine warp."""
_LEAST_DEPTH = 0.2
"""Depth of a point under a homography, 1 at the corner (0, 0) of the known picture; 0 and less lies behind the eye."""
_SMALLEST_SCALE = 0.06
"""Size of the found picture over that of the known one, both at feature size, below which no editor makes it."""
_LARGEST_SCALE = 12.0
"""The same, above which no editor makes it."""
_LARGEST_STRETCH = 1.9
"""Scale in one direction over that in the other, above which no editor makes it."""
_SAME_PLACE = 3
"""Pixels: inliers whose coordinates round to the same multiples of it count once."""
_FEWEST_INLIERS = 5
"""Inliers without which there is no warp."""

Points = NDArray[np.float64]
"""(n, 2) float64: x and y in pixels at feature size."""


@dataclass(frozen=True, slots=True)
class Warp:
    """Where the known picture lies in the found one. Both have feature size: 640 pixels on the long side at most."""

    affine: NDArray[np.float64]
    """(2, 3) float64: pixels of the known picture -> pixels of the found one. A mirrored picture has a negative
    determinant."""
    homography: NDArray[np.float64]
    """(3, 3) float64: the same with perspective where that fits better, as on a screen; else the affine warp again."""
    inliers: int
    """Keypoint pairs that agree with the warp, counted at different places in both pictures."""


class _Pairs(NamedTuple):
    """n pairs of keypoints that look alike."""

    known: Points
    found: Points
    turns: NDArray[np.float64]
    """(n,) float64: radians from the direction of the known keypoint to that of the found one."""
    growths: NDArray[np.float64]
    """(n,) float64: size of the found keypoint over that of the known one."""


def estimate_warp(found: Features, known: Features, *, mirrored: bool) -> Warp | None:
    """Estimate the warp with the most inliers. `mirrored`: search for the mirror image of the known picture.

    None when there are fewer than five inliers, or when no editor would make such a warp.
    """
    if min(len(found), len(known)) < _FEWEST_INLIERS:
        return None
    # 4.1 Point pairs.
    found_rows, known_rows = match_points(found, known, mirrored=mirrored)
    if len(found_rows) < _FEWEST_INLIERS:
        return None
    pairs = _make_pairs(found, known, found_rows, known_rows, mirrored=mirrored)
    # 4.2 Hypotheses, and 4.3 the affine warp.
    affine: NDArray[np.float64] | None = None
    is_inlier = np.zeros(len(pairs.known), bool)
    for support in _find_hypotheses(pairs):
        candidate, is_candidate_inlier = _fit_affine(pairs, support)
        if candidate is not None and is_candidate_inlier.sum() > is_inlier.sum():
            affine, is_inlier = candidate, is_candidate_inlier
    # 4.4 Plausibility.
    if affine is None or not _is_plausible(affine):
        return None
    # 4.5 Homography.
    homography, is_inlier = _fit_homography(pairs, affine, is_inlier)
    # 4.6 Inliers at different places.
    inliers = min(count_places(pairs.known[is_inlier]), count_places(pairs.found[is_inlier]))
    if inliers < _FEWEST_INLIERS:
        return None
    if mirrored:
        # The pairs were turned over in `_make_pairs`; the warp has to turn the picture over instead.
        flip = np.array([[-1, 0, found.width], [0, 1, 0], [0, 0, 1]])
        affine = (flip @ to_homogeneous(affine))[:2]
        homography = flip @ homography
    return Warp(affine, homography, inliers)


def is_mirrored(affine: NDArray[np.float64]) -> bool:
    """Whether a (2, 3) affine warp turns the picture over."""
    return bool(np.linalg.det(affine[:, :2]) < 0)


def match_points(found: Features, known: Features, *, mirrored: bool) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Step 4.1: pair keypoints of the found picture with their one clearly nearest keypoint of the known picture.

    Lowe's ratio test on descriptors. Returns two (n,) int64: rows of `found` and rows of `known`.
    """
    descriptors = found.descriptors
    if mirrored:
        descriptors = descriptors[:, MIRRORED_BINS]
    similarity = descriptors @ known.descriptors.T
    rows = np.arange(len(similarity))
    nearest = similarity.argmax(1)
    best = similarity[rows, nearest]
    # With the nearest one struck out, the maximum is the second nearest.
    similarity[rows, nearest] = -1
    second = similarity.max(1)
    # Two unit vectors with the cosine c have the squared distance 2 - 2c. Rounding may make c a little more than 1.
    is_clear = np.maximum(2 - 2 * best, 0) < _RATIO * _RATIO * (2 - 2 * second)
    found_rows = np.flatnonzero(is_clear)
    return found_rows, nearest[found_rows]


def _make_pairs(
    found: Features,
    known: Features,
    found_rows: NDArray[np.intp],
    known_rows: NDArray[np.intp],
    *,
    mirrored: bool,
) -> _Pairs:
    """Places and similarities of the pairs. A mirrored picture is turned over first, so that no warp need do it."""
    found_points = found.points[found_rows].astype(np.float64)
    found_angles = found.angles.astype(np.float64)[found_rows]
    if mirrored:
        found_points = found_points * (-1, 1) + (found.width, 0)
        found_angles = 128 - found_angles
    turns = (found_angles - known.angles[known_rows]) * (2 * np.pi / 256)
    octaves = (found.scales[found_rows].astype(np.float64) - known.scales[known_rows]) / 8
    return _Pairs(known.points[known_rows].astype(np.float64), found_points, turns, 2.0**octaves)


def _find_hypotheses(pairs: _Pairs) -> list[NDArray[np.bool_]]:
    """Step 4.2: take each pair as a similarity and find the pairs that support it.

    Returns one (n,) bool for each of the similarities with most support, the best first: which pairs support it.
    """
    # A point is the complex number x + iy. A similarity then multiplies by one complex factor and adds an offset.
    known = pairs.known[:, 0] + 1j * pairs.known[:, 1]
    found = pairs.found[:, 0] + 1j * pairs.found[:, 1]
    factors = pairs.growths * np.exp(1j * pairs.turns)
    # Row i, column j: how the similarity of pair i moves pair j.
    known_steps = known[None, :] - known[:, None]
    found_steps = found[None, :] - found[:, None]
    misses = np.abs(found_steps - factors[:, None] * known_steps)
    tolerances = _LOOSE_TOLERANCE + _TOLERANCE_PER_PIXEL * np.abs(factors[:, None] * known_steps)
    is_supporting = misses < tolerances
    is_supporting &= np.abs(np.log(factors[None, :] / factors[:, None])) < _SIMILARITY_TOLERANCE
    best = np.argsort(-is_supporting.sum(1), kind="stable")[:_HYPOTHESES]
    return [is_supporting[row] for row in best]


def _fit_affine(pairs: _Pairs, is_inlier: NDArray[np.bool_]) -> tuple[NDArray[np.float64] | None, NDArray[np.bool_]]:
    """Step 4.3: fit an affine warp to the supporting pairs by least squares, again and again with less tolerance.

    Returns the (2, 3) warp, None when too few pairs remain, and (n,) bool: the pairs that agree with it.
    """
    known = np.column_stack((pairs.known, np.ones(len(pairs.known))))
    affine: NDArray[np.float64] | None = None
    # The support comes from the coarse size and direction of one keypoint, so the first tolerance is wide.
    for tolerance in _AFFINE_TOLERANCES:
        if is_inlier.sum() < _FEWEST_INLIERS:
            return None, is_inlier
        transposed = np.asarray(np.linalg.lstsq(known[is_inlier], pairs.found[is_inlier], rcond=None)[0], np.float64)
        affine = transposed.T
        is_inlier = np.linalg.norm(known @ transposed - pairs.found, axis=1) < tolerance
    return affine, is_inlier


def _is_plausible(affine: NDArray[np.float64]) -> bool:
    """Step 4.4: whether an editor makes such a warp: no extreme scale, not squeezed to a line, not turned over."""
    # Pairs that agree by chance, such as those along one line, give warps of this kind.
    stretches = np.linalg.svd(affine[:, :2], compute_uv=False)
    scale = float(np.sqrt(stretches[0] * stretches[1]))
    is_squeezed = bool(stretches[0] > _LARGEST_STRETCH * stretches[1])
    is_turned_over = not np.linalg.det(affine[:, :2]) > 0
    return _SMALLEST_SCALE <= scale <= _LARGEST_SCALE and not is_squeezed and not is_turned_over


def _fit_homography(
    pairs: _Pairs, affine: NDArray[np.float64], is_affine_inlier: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Step 4.5: fit a homography from the affine warp on, and keep it when clearly more pairs agree with it.

    Returns the (3, 3) warp and (n,) bool: the pairs that agree with it.
    """
    without_perspective = to_homogeneous(affine), is_affine_inlier
    known = np.column_stack((pairs.known, np.ones(len(pairs.known))))
    # The affine warp is off by some pixels where there is perspective, so the first tolerance is wider still.
    is_inlier = np.linalg.norm(known @ affine.T - pairs.found, axis=1) < _HOMOGRAPHY_TOLERANCES[0]
    homography = to_homogeneous(affine)
    for tolerance in _HOMOGRAPHY_TOLERANCES:
        if is_inlier.sum() < _HOMOGRAPHY_PAIRS:
            return without_perspective
        fitted, _ = cv2.findHomography(pairs.known[is_inlier], pairs.found[is_inlier], 0)
        if fitted is None:
            return without_perspective
        homography = np.asarray(fitted, np.float64)
        projected = known @ homography.T
        depths = projected[:, 2]
        if (depths <= _LEAST_DEPTH).any():
            return without_perspective
        is_inlier = np.linalg.norm(projected[:, :2] / depths[:, None] - pairs.found, axis=1) < tolerance
    if is_inlier.sum() > _HOMOGRAPHY_GAIN * is_affine_inlier.sum():
        return homography, is_inlier
    return without_perspective


def to_homogeneous(affine: NDArray[np.float64]) -> NDArray[np.float64]:
    """(2, 3) -> (3, 3)."""
    return np.vstack((affine, (0, 0, 1)))


def count_places(points: Points) -> int:
    """Step 4.6: at how many different places, a few pixels apart, the points lie.

    SIFT often detects several keypoints at one place, in several directions: they prove one correspondence only.
    """
    return len(np.unique(np.round(points / _SAME_PLACE), axis=0))
