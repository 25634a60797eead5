"""Do the points of two pictures lie alike? One affine warp from the known picture to the found one, or none.

Every pair of points gives a whole hypothesis, for each has a place, a size and a direction: all are tried, and
nothing is left to chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint.features import MIRRORED_BINS, Features
from provenance.media.arrays import Floats

_RATIO = 0.87
"""A point must be this much nearer than the next best one."""
_LOOSE, _DRIFT = 6.0, 0.12
"""Pixels, and share of the distance, by which a hypothesis of one pair may miss another."""
_STEPS = (8.0, 5.0, 3.5, 3.0)
"""Pixels allowed while the warp is fitted closer and closer."""
_PERSPECTIVE, _WORTH = (12.0, 6.0, 3.0), 16
"""The same while perspective is fitted, and the pairs that are needed for it."""
_TRIED = 6
_SMALLEST, _LARGEST, _STRETCH = 0.06, 12.0, 1.9
"""Limits of the warp: scale, and one direction against the other."""
_FEWEST = 5


@dataclass(frozen=True, slots=True)
class Warp:
    """Where the known picture lies in the found one."""

    matrix: NDArray[np.float64]
    """(2, 3): known pixels -> pixels of the found picture, both at feature size; a mirrored picture has a negative
    determinant."""
    inliers: int
    """Pairs at different places in both pictures that agree with it."""
    known_points: Floats
    found_points: Floats
    homography: NDArray[np.float64]
    """(3, 3): the same with perspective where that fits better, as on a screen; else the matrix itself."""

    @property
    def scale(self) -> float:
        """How much larger the known picture stands in the found one, both at feature size."""
        return float(np.sqrt(abs(np.linalg.det(self.matrix[:, :2]))))

    @property
    def mirrored(self) -> bool:
        """Whether it is seen from behind."""
        return bool(np.linalg.det(self.matrix[:, :2]) < 0)


def estimate_warp(found: Features, known: Features, *, mirrored: bool) -> Warp | None:
    """The warp under which most points agree; None when fewer than five do, or only one that no editor makes."""
    if len(found) < _FEWEST or len(known) < _FEWEST:
        return None
    here, there = match_points(found, known, mirrored=mirrored)
    if len(here) < _FEWEST:
        return None
    target, source = found.points[here].astype(np.float64), known.points[there].astype(np.float64)
    angles = found.angles.astype(np.float64)[here]
    if mirrored:  # worked out in the mirrored frame, and turned back at the end
        target = target * (-1, 1) + (found.width, 0)
        angles = 128 - angles
    turn = (angles - known.angles[there]) * (2 * np.pi / 256)
    growth = 2.0 ** ((found.scales[here].astype(np.float64) - known.scales[there]) / 8)
    best: NDArray[np.float64] | None = None
    agreeing = np.zeros(len(source), bool)
    for support in _hypotheses(source, target, turn, growth):
        matrix, inside = _fitted(source, target, support)
        if matrix is not None and inside.sum() > agreeing.sum():
            best, agreeing = matrix, inside
    if best is None or not _makeable(best):
        return None
    projective, agreeing = _in_perspective(source, target, best, agreeing)
    source, target = source[agreeing], target[agreeing]
    count = min(_places(source), _places(target))
    if count < _FEWEST:
        return None
    if mirrored:
        back = np.array([[-1, 0, found.width], [0, 1, 0], [0, 0, 1]])
        best, projective = (back @ np.vstack((best, (0, 0, 1))))[:2], back @ projective
        target = target * (-1, 1) + (found.width, 0)
    return Warp(best, count, source.astype(np.float32), target.astype(np.float32), projective)


def match_points(found: Features, known: Features, *, mirrored: bool) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Points of the found picture whose nearest point of the known one is clearly nearer than any other."""
    descriptors = found.descriptors
    nearness = (descriptors[:, MIRRORED_BINS] if mirrored else descriptors) @ known.descriptors.T
    rows = np.arange(len(nearness))
    best = nearness.argmax(1)
    first = nearness[rows, best]
    nearness[rows, best] = -1
    second = nearness.max(1)
    clear = np.maximum(2 - 2 * first, 0) < _RATIO * _RATIO * (2 - 2 * second)
    here = np.flatnonzero(clear)
    return here, best[here]


def _hypotheses(
    source: NDArray[np.float64], target: NDArray[np.float64], turn: NDArray[np.float64], growth: NDArray[np.float64]
) -> list[NDArray[np.bool_]]:
    """Which pairs each of the best single-pair similarities finds in agreement."""
    from_, to = source[:, 0] + 1j * source[:, 1], target[:, 0] + 1j * target[:, 1]
    factor = growth * np.exp(1j * turn)
    apart = from_[None, :] - from_[:, None]
    miss = np.abs(to[None, :] - to[:, None] - factor[:, None] * apart)
    agree = miss < _LOOSE + _DRIFT * np.abs(factor[:, None] * apart)
    agree &= np.abs(np.log(factor[None, :] / factor[:, None])) < 0.6
    best = np.argsort(-agree.sum(1), kind="stable")[:_TRIED]
    return [agree[number] for number in best]


def _fitted(
    source: NDArray[np.float64], target: NDArray[np.float64], support: NDArray[np.bool_]
) -> tuple[NDArray[np.float64] | None, NDArray[np.bool_]]:
    """An affine warp fitted to the pairs that support it, again and again within narrower bounds."""
    ones = np.column_stack((source, np.ones(len(source))))
    matrix: NDArray[np.float64] | None = None
    for step in _STEPS:
        if support.sum() < _FEWEST:
            return None, support
        solved = np.asarray(np.linalg.lstsq(ones[support], target[support], rcond=None)[0], np.float64)
        matrix = solved.T
        support = np.linalg.norm(ones @ solved - target, axis=1) < step
    return matrix, support


def _in_perspective(
    source: NDArray[np.float64], target: NDArray[np.float64], matrix: NDArray[np.float64], agreeing: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The warp with perspective and the pairs that agree with it, when clearly more do; else the affine one."""
    flat = np.vstack((matrix, (0, 0, 1)))
    ones = np.column_stack((source, np.ones(len(source))))
    support = np.linalg.norm(ones @ matrix.T - target, axis=1) < _PERSPECTIVE[0]
    full = flat
    for step in _PERSPECTIVE:
        if support.sum() < _WORTH:
            return flat, agreeing
        solved, _ = cv2.findHomography(source[support], target[support], 0)
        if solved is None:
            return flat, agreeing
        full = np.asarray(solved, np.float64)
        there = ones @ full.T
        depth = there[:, 2]
        if (depth <= 0.2).any():  # part of the picture would lie behind the eye
            return flat, agreeing
        support = np.linalg.norm(there[:, :2] / depth[:, None] - target, axis=1) < step
    return (full, support) if support.sum() > 1.1 * agreeing.sum() else (flat, agreeing)


def _makeable(matrix: NDArray[np.float64]) -> bool:
    """Whether an editor makes such a warp: no wild scale, no picture squeezed to a line, none turned inside out."""
    stretch = np.linalg.svd(matrix[:, :2], compute_uv=False)
    scale = float(np.sqrt(stretch[0] * stretch[1]))
    upright = bool(np.linalg.det(matrix[:, :2]) > 0)
    return upright and _SMALLEST <= scale <= _LARGEST and bool(stretch[0] <= _STRETCH * stretch[1])


def _places(points: NDArray[np.float64]) -> int:
    """How many different places, three pixels apart, the points stand at."""
    return len(np.unique(np.round(points / 3), axis=0))
