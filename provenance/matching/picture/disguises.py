"""Disguises: keyframes as they would be without an inversion or a cover, or seen closer, where the plain search fails.

These are steps 3.7 and 3.8 of docs/matching.md. Nothing here costs a second extraction of a whole frame unless a known
picture is in doubt already, by its points or by its perceptual hash; but for a still, which is looked at once.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np

from provenance.fingerprint import features, pictures
from provenance.fingerprint.features import Features
from provenance.fingerprint.shots import Keyframe, Shot
from provenance.matching.known import KnownPictures
from provenance.matching.picture import contours
from provenance.matching.picture.geometry import is_mirrored
from provenance.matching.picture.index import PictureCandidate
from provenance.matching.picture.insets import Inset, find_insets
from provenance.matching.picture.placement import list_areas, list_placements
from provenance.matching.picture.verify import (
    HASH_DISTANCE,
    VerifiedCandidate,
    choose_nearest,
    find_by_hash,
    verify_shortlist,
)

_SAMPLE = 160
"""Keypoints that are looked up as those of a negative: one in each cell of the picture, the strongest."""
_FEWEST_VOTES = 3.0
"""Votes of the sample below which a picture is not compared as a negative."""
_CANDIDATES = 4
"""Candidates that are taken from the index for a negative, the best first."""
_CANDIDATES_OF_PART = 12
"""The same for a part of the frame, or for all of its keypoints."""
_ALL_POINTS = 4000
"""Keypoints of a keyframe that is searched closer; most have fewer."""
_CONTOUR_DISTANCE = 96
"""Bits of 256 by which hashes of contours may differ: of 52,000 unrelated pairs, one in 10,000 differed in so few."""
_DRAWN = 6
"""Known pictures that are compared with a keyframe by their contours, the nearest."""
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


@dataclass(frozen=True)
class _Closer(Keyframe):
    """A keyframe with many more keypoints than are usual."""

    @functools.cached_property
    def features(self) -> Features:
        """All that are detected, nearly always."""
        return features.extract_features(self.gray, _ALL_POINTS, quantise=False)


@dataclass(frozen=True)
class _Uncovered(Keyframe):
    """A keyframe without narrow bars in front of it."""


def take_all_points(keyframe: Keyframe) -> Keyframe:
    """What is small has few of the keypoints that are usually kept of a frame."""
    return _Closer(keyframe.frame, keyframe.gray, keyframe.thumbnail)


def remove_dark_bars(keyframe: Keyframe) -> Keyframe:
    """What is dark and narrow takes the level of what is beside it: window bars, a fence, blinds."""
    return _apply(keyframe, cv2.MORPH_CLOSE)


def remove_light_bars(keyframe: Keyframe) -> Keyframe:
    """The same for what is light and narrow."""
    return _apply(keyframe, cv2.MORPH_OPEN)


def _apply(keyframe: Keyframe, operation: int) -> Keyframe:
    square = np.ones((_BARS, _BARS), np.uint8)
    gray = np.asarray(cv2.morphologyEx(keyframe.gray, operation, square), np.uint8)
    return _Uncovered(keyframe.frame, gray, keyframe.thumbnail)


def name_disguise(keyframe: Keyframe) -> str:
    """What was removed from a keyframe, in words for a report; empty where nothing was."""
    if isinstance(keyframe, _Negative):
        return "as a negative"
    if isinstance(keyframe, _Uncovered):
        return "behind bars, a mesh or the like"
    if isinstance(keyframe, contours.Drawing):
        return "by its contours alone, as of a drawing in lines"
    return ""


Disguise = Callable[[Keyframe], Keyframe]
"""A keyframe as it is -> as it would be without the disguise."""


class Disguised(NamedTuple):
    """What was found in a keyframe without its disguise."""

    disguise: Disguise
    candidates: list[VerifiedCandidate]
    """Matches among them, at least one."""


def find_disguised(keyframe: Keyframe, candidates: list[VerifiedCandidate], known: KnownPictures) -> Disguised | None:
    """Find known pictures that the plain search of a keyframe cannot find.

    `candidates`: what the plain search gave, no match among it.
    """
    for disguise, changed, suspected in _suspect(keyframe, candidates, known):
        verified = verify_shortlist(changed, suspected, known)
        if any(candidate.is_match for candidate in verified):
            return Disguised(disguise, verified)
    return None


def find_small(keyframe: Keyframe, known: KnownPictures, looked: list[Inset]) -> Disguised | None:
    """Step 3.8: find known pictures in the boxes of a keyframe, by all keypoints of each.

    What is found is tracked in keyframes with all their keypoints. `looked`: boxes of the shot that have been looked
    into, for nothing is looked up twice; those of this keyframe are added.
    """
    for inset in find_insets(keyframe):
        if any(inset.shows_same(other) for other in looked):
            continue
        looked.append(inset)
        verified = _verify_all(inset, known)
        if any(candidate.is_match for candidate in verified):
            return Disguised(take_all_points, verified)
    return None


def find_closely(keyframe: Keyframe, known: KnownPictures) -> Disguised | None:
    """The same by all keypoints of the keyframe, wherever they are. A few tenths of a second: only for a still."""
    if len(keyframe.features) < pictures.FULL_POINTS:
        # It has no more than those that were looked up.
        return None
    verified = _verify_all(take_all_points(keyframe), known)
    if any(candidate.is_match for candidate in verified):
        return Disguised(take_all_points, verified)
    return None


def _verify_all(keyframe: Keyframe, known: KnownPictures) -> list[VerifiedCandidate]:
    candidates = known.index.find_candidates(keyframe.features, _CANDIDATES_OF_PART)
    return verify_shortlist(keyframe, candidates, known)


def _suspect(
    keyframe: Keyframe, candidates: list[VerifiedCandidate], known: KnownPictures
) -> Iterator[tuple[Disguise, Keyframe, list[PictureCandidate]]]:
    """Disguises that are worth a search: what changes, the changed keyframe, and what may be in it."""
    if doubtful := [candidate for candidate in candidates if candidate.is_doubtful]:
        again = [PictureCandidate(one.item, is_mirrored(one.affine), float(one.inliers)) for one in doubtful]
        yield take_all_points, take_all_points(keyframe), again
    if covered := find_by_hash(keyframe.gray, known, HASH_DISTANCE):
        yield remove_dark_bars, remove_dark_bars(keyframe), covered
        yield remove_light_bars, remove_light_bars(keyframe), covered
    # Of the plain features a small sample suffices, because a negative has them all.
    sample = features.invert(features.select(keyframe.features, slice(0, _SAMPLE)))
    inverted = known.index.find_candidates(sample, _CANDIDATES)
    if likely := [candidate for candidate in inverted if candidate.votes >= _FEWEST_VOTES]:
        yield invert, invert(keyframe), likely
    drawing = contours.trace(keyframe)
    if drawn := _find_by_contours(drawing, known):
        yield contours.trace, drawing, drawn


def _find_by_contours(drawing: contours.Drawing, known: KnownPictures) -> list[PictureCandidate]:
    """Known pictures that it may be a drawing of, plain and mirrored, the nearest first."""
    found = []
    for area in list_areas(drawing.gray):
        plain = drawing.get_contours(area)
        for mirrored, own in ((False, plain), (True, contours.mirror(plain))):
            contour_hash = contours.compute_hash(own)
            for placement in list_placements(area):
                near = known.find_similar_contours(contour_hash, _CONTOUR_DISTANCE, placement.shape)
                found += [(bits, PictureCandidate(item, mirrored, 0.0, placement=placement)) for bits, item in near]
    return choose_nearest(found, _DRAWN)


def remove_disguise(shot: Shot, disguise: Disguise) -> Shot:
    """A shot with all its keyframes as they would be without a disguise."""
    return dataclasses.replace(shot, keyframes=tuple(map(disguise, shot.keyframes)))
