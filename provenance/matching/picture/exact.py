"""The slow reference beside the fast index: every point of a picture against every point known.

It answers the same question from the descriptors themselves, with no words, no signatures and no lists, in time that
grows with the catalogue. Tests hold the two against each other; nothing else calls it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from provenance.fingerprint.features import MIRRORED_BINS, Features
from provenance.matching.picture.geometry import estimate_warp
from provenance.matching.picture.index import PictureCandidate

_RATIO = 0.8
"""A point votes for its nearest picture when the nearest point of any other picture is this much farther."""


def find_candidates(picture: Features, known: Sequence[Features], most: int) -> list[PictureCandidate]:
    """At most `most` known pictures, best first: by how many points have their one clear neighbour in them."""
    found = [
        PictureCandidate(item, mirrored, votes)
        for mirrored in (False, True)
        for item, votes in enumerate(_votes(picture, known, mirrored=mirrored))
        if votes
    ]
    return sorted(found, key=lambda candidate: -candidate.votes)[:most]


def find_overlapping(picture: Features, known: Sequence[Features], fewest: int) -> set[tuple[int, bool]]:
    """Every known picture, mirrored or not, of which at least `fewest` points lie alike: all are tried."""
    return {
        (item, mirrored)
        for item, other in enumerate(known)
        for mirrored in (False, True)
        if (warp := estimate_warp(picture, other, mirrored=mirrored)) and warp.inliers >= fewest
    }


def _votes(picture: Features, known: Sequence[Features], *, mirrored: bool) -> list[float]:
    if not len(picture):
        return [0.0] * len(known)
    descriptors = picture.descriptors[:, MIRRORED_BINS] if mirrored else picture.descriptors
    nearest = np.full((len(known), len(picture)), -1.0)
    for item, other in enumerate(known):
        if len(other):
            nearest[item] = (descriptors @ other.descriptors.T).max(1)
    best = nearest.argmax(0)
    ranked = np.sort(nearest, axis=0)
    second = ranked[-2] if len(known) > 1 else np.full(len(picture), -1.0)
    clear = (2 - 2 * ranked[-1]) < _RATIO**2 * (2 - 2 * second)
    votes: list[float] = np.bincount(best[clear], minlength=len(known)).astype(float).tolist()
    return votes
