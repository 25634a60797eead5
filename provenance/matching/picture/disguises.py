"""Disguises: keyframes as they would be without an inversion or a cover, searched where the plain search finds nothing.

This is step 3.7 of docs/matching.md. Nothing here costs a second extraction unless the perceptual hash already names a
known picture.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np

from provenance.fingerprint import features
from provenance.fingerprint.features import Features
from provenance.fingerprint.shots import Keyframe, Shot
from provenance.matching.known import KnownPictures
from provenance.matching.picture.index import PictureCandidate
from provenance.matching.picture.verify import (
    HASH_DISTANCE,
    VerifiedCandidate,
    find_by_hash,
    verify_shortlist,
)

_SAMPLE = 160
"""Keypoints that are looked up as those of a negative: one in each cell of the picture, the strongest."""
_FEWEST_VOTES = 3.0
"""Votes of the sample below which a picture is not compared as a negative."""
_CANDIDATES = 4
"""Candidates that are taken from the index for a negative, the best first."""
_BARS = 17
"""Pixels of a keyframe up to which bars in front of it are removed."""


@dataclass(frozen=True)
class _Negative(Keyframe):
    """A keyframe, inverted."""

    original: Keyframe

    @functools.cached_property
    def features(self) -> Features:
        """Those of the original: inversion only turns gradients over."""
        return features.invert(self.original.features)


def invert(keyframe: Keyframe) -> Keyframe:
    """A negative as the positive it was made of."""
    gray = np.asarray(255 - keyframe.gray, np.uint8)
    return _Negative(keyframe.frame, gray, keyframe.thumbnail, keyframe)


def remove_dark_bars(keyframe: Keyframe) -> Keyframe:
    """What is dark and narrow takes the level of what is beside it: window bars, a fence, blinds."""
    return _apply(keyframe, cv2.MORPH_CLOSE)


def remove_light_bars(keyframe: Keyframe) -> Keyframe:
    """The same for what is light and narrow."""
    return _apply(keyframe, cv2.MORPH_OPEN)


def _apply(keyframe: Keyframe, operation: int) -> Keyframe:
    square = np.ones((_BARS, _BARS), np.uint8)
    gray = np.asarray(cv2.morphologyEx(keyframe.gray, operation, square), np.uint8)
    return Keyframe(keyframe.frame, gray, keyframe.thumbnail)


Disguise = Callable[[Keyframe], Keyframe]
"""A keyframe as it is -> as it would be without the disguise."""


class Disguised(NamedTuple):
    """What was found in a keyframe without its disguise."""

    disguise: Disguise
    candidates: list[VerifiedCandidate]
    """Matches among them, at least one."""


def find_disguised(keyframe: Keyframe, known: KnownPictures, excluded: str) -> Disguised | None:
    """Find known pictures that the plain search of a keyframe cannot find. `excluded`: as in `verify_candidates`."""
    for disguise, candidates in _suspect(keyframe, known):
        verified = verify_shortlist(disguise(keyframe), candidates, known, excluded)
        if any(candidate.is_match for candidate in verified):
            return Disguised(disguise, verified)
    return None


def _suspect(keyframe: Keyframe, known: KnownPictures) -> Iterator[tuple[Disguise, list[PictureCandidate]]]:
    """Disguises that are worth a search, with the known pictures that may be behind them."""
    if covered := find_by_hash(keyframe.gray, known, HASH_DISTANCE):
        yield remove_dark_bars, covered
        yield remove_light_bars, covered
    # Of the plain features a small sample suffices, because a negative has them all.
    sample = features.invert(features.select(keyframe.features, slice(0, _SAMPLE)))
    inverted = known.index.find_candidates(sample, _CANDIDATES)
    if likely := [candidate for candidate in inverted if candidate.votes >= _FEWEST_VOTES]:
        yield invert, likely


def remove_disguise(shot: Shot, disguise: Disguise) -> Shot:
    """A shot with all its keyframes as they would be without a disguise."""
    return dataclasses.replace(shot, keyframes=tuple(map(disguise, shot.keyframes)))
