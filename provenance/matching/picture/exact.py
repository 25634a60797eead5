"""The slow reference for the index: every keypoint of a picture compared with every known keypoint.

It answers the same question as step 3 of docs/matching.md from the descriptors themselves, without visual words,
signatures and lists, in a time that grows with the catalogue. Tests hold the two against each other; nothing else
calls it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from provenance.fingerprint.features import MIRRORED_BINS, Features
from provenance.matching.picture.geometry import estimate_warp
from provenance.matching.picture.index import PictureCandidate

_RATIO = 0.8
"""Distance to the nearest keypoint of the nearest picture, as a share of that to any other picture, for a vote."""


def find_candidates(picture: Features, known: Sequence[Features], most: int) -> list[PictureCandidate]:
    """Find at most `most` known pictures, the best first: those with most keypoints that are clearly nearest."""
    candidates = []
    for mirrored in (False, True):
        for item, votes in enumerate(_count_votes(picture, known, mirrored=mirrored)):
            if votes:
                candidates.append(PictureCandidate(item, mirrored, votes))
    return sorted(candidates, key=lambda candidate: -candidate.votes)[:most]


def find_overlapping(picture: Features, known: Sequence[Features], fewest: int) -> set[tuple[int, bool]]:
    """Find every known picture with at least `fewest` inliers by trying all: pairs of its item and `mirrored`."""
    overlapping = set()
    for item, other in enumerate(known):
        for mirrored in (False, True):
            warp = estimate_warp(picture, other, mirrored=mirrored)
            if warp and warp.inliers >= fewest:
                overlapping.add((item, mirrored))
    return overlapping


def _count_votes(picture: Features, known: Sequence[Features], *, mirrored: bool) -> list[float]:
    """Votes for every known picture: a keypoint votes for that with its nearest keypoint if no other comes near."""
    if not len(picture):
        return [0.0] * len(known)
    descriptors = picture.descriptors
    if mirrored:
        descriptors = descriptors[:, MIRRORED_BINS]
    # (known pictures, keypoints): cosine to the nearest keypoint of each known picture.
    similarity = np.full((len(known), len(picture)), -1.0)
    for item, other in enumerate(known):
        if len(other):
            similarity[item] = (descriptors @ other.descriptors.T).max(1)
    nearest = similarity.argmax(0)
    ranked = np.sort(similarity, axis=0)
    best = ranked[-1]
    second = np.full(len(picture), -1.0)
    if len(known) > 1:
        second = ranked[-2]
    is_clear = (2 - 2 * best) < _RATIO**2 * (2 - 2 * second)
    votes: list[float] = np.bincount(nearest[is_clear], minlength=len(known)).astype(float).tolist()
    return votes
