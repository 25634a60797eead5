"""Verification: which known pictures are in a keyframe, by geometric verification and the block check together.

This is step 6 of docs/matching.md, with the part of step 3 that needs all known pictures; the numbers in the code are
those of that page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint import block_signs, pictures
from provenance.fingerprint.pictures import PictureFingerprint
from provenance.fingerprint.shots import Keyframe
from provenance.matching.known import KnownPicture, KnownPictures, decode_gray_thumbnail
from provenance.matching.picture.block_check import BlockCheck, check_blocks
from provenance.matching.picture.geometry import estimate_warp
from provenance.matching.picture.guided import match_under_warp
from provenance.matching.picture.index import PictureCandidate
from provenance.matching.picture.sign_check import check_signs
from provenance.media.arrays import Gray


class _Proof(NamedTuple):
    """Points and blocks that suffice together. The more points agree, the fewer blocks have to."""

    inliers: int
    share: float
    """Share of the blocks that must agree, 0 to 1."""
    blocks: int
    """Blocks that must have been compared."""


_PROOFS = (
    _Proof(inliers=13, share=0.0, blocks=0),
    _Proof(inliers=11, share=0.1, blocks=0),
    _Proof(inliers=10, share=0.2, blocks=12),
    _Proof(inliers=9, share=0.3, blocks=12),
    _Proof(inliers=7, share=0.5, blocks=12),
    _Proof(inliers=6, share=0.6, blocks=6),
    _Proof(inliers=5, share=0.75, blocks=20),
)
"""One of them is enough. Unrelated pictures reach 8 points when both hold lettering, else 6, and a share of 0.2."""
_HASH_PROOF = _Proof(inliers=0, share=0.85, blocks=24)
"""The same for a candidate by perceptual hash, which has no points."""
_DOUBTFUL_INLIERS = 5
"""Points from which on a candidate that is not a match is worth a second look."""
_COPY_SHARE = 0.8
"""Share of the blocks that agree in a copy; other takes of one set, seen from elsewhere, reach 0.76."""
_COPY_BLOCKS = 6
"""Compared blocks without which nothing is called a copy."""
_COPY_UNCOVERED_SHARE = 0.3
"""Share of a copy's blocks that nothing plain covers: of a title on black only the title is left."""
_CANDIDATES = 24
"""Candidates that are taken from the index, the best first."""
_ASSETS = 6
"""Known assets that are verified in one keyframe, the best first."""
_ITEMS_PER_ASSET = 2
"""Known pictures that are verified of one asset: of a clip, the best of its frames."""
_ITEMS_BY_HASH = 2
"""Known pictures that become candidates by perceptual hash, plain and as many mirrored, the nearest first."""
HASH_DISTANCE = 72
"""Bits of 256 by which perceptual hashes may differ for a candidate; 48,000 unrelated pairs differed in 92 and more."""
_FEW_INLIERS = 13
"""Inliers of a candidate by perceptual hash below which pairs are also sought where the hash places them."""
_HASH_QUALITY = 12
"""Quality, 0 to 100, that both pictures need for their perceptual hashes to count."""


@dataclass(frozen=True, slots=True)
class VerifiedCandidate:
    """One known picture, compared with one keyframe."""

    item: int
    """Number of the known picture."""
    keyframe: Keyframe
    affine: NDArray[np.float64]
    """(2, 3) float64: pixels of the known picture at feature size -> pixels of the keyframe's `gray`."""
    size: tuple[int, int]
    """Width and height of the known picture at feature size."""
    inliers: int
    """Points that agree with the warp; 0 for a candidate by perceptual hash."""
    block_check: BlockCheck
    time: float
    """Time of the known picture in its asset, in seconds."""

    @property
    def is_match(self) -> bool:
        """Steps 6.1 and 6.2: whether points and blocks together are more than a coincidence."""
        if self.inliers == 0:
            return self._satisfies(_HASH_PROOF)
        return any(self._satisfies(proof) for proof in _PROOFS)

    @property
    def is_copy(self) -> bool:
        """Step 6.3: whether it is the same picture, and not only the same place."""
        has_enough_blocks = self.block_check.compared >= _COPY_BLOCKS
        is_in_sight = self.block_check.uncovered_share >= _COPY_UNCOVERED_SHARE
        return self.block_check.share >= _COPY_SHARE and has_enough_blocks and is_in_sight

    @property
    def is_doubtful(self) -> bool:
        """Whether it is worth a second look if it is not a match."""
        return self.inliers >= _DOUBTFUL_INLIERS

    @property
    def strength(self) -> tuple[bool, float]:
        """The larger of two is the better candidate."""
        return self.is_match, self.inliers * (0.5 + self.block_check.share)

    @property
    def outline(self) -> NDArray[np.float32]:
        """(4, 2) float32: the corners of the known picture in pixels of the keyframe's `gray`, from the top left on."""
        width, height = self.size
        corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64)
        return (corners @ self.affine[:, :2].T + self.affine[:, 2]).astype(np.float32)

    def _satisfies(self, proof: _Proof) -> bool:
        has_points = self.inliers >= proof.inliers
        return has_points and self.block_check.share >= proof.share and self.block_check.compared >= proof.blocks


def verify_candidates(keyframe: Keyframe, known: KnownPictures, excluded: str) -> list[VerifiedCandidate]:
    """Verify all candidates in a keyframe: the best one of every known asset, whether it is a match or not.

    `excluded`: digest of an asset that is not searched for, because the keyframe is its own.
    """
    candidates = known.index.find_candidates(keyframe.features, _CANDIDATES)
    candidates += find_by_hash(keyframe.gray, known, HASH_DISTANCE)
    return verify_shortlist(keyframe, candidates, known, excluded)


def verify_shortlist(
    keyframe: Keyframe, candidates: list[PictureCandidate], known: KnownPictures, excluded: str
) -> list[VerifiedCandidate]:
    """Verify the best of some candidates, as `verify_candidates` does; the best candidates come first."""
    best: dict[str, VerifiedCandidate] = {}
    for candidate in _shortlist(candidates, known, excluded):
        item = known.items[candidate.item]
        verified = verify_candidate(keyframe, item, candidate)
        if verified is None:
            continue
        digest = item.known.digest
        if digest not in best or verified.strength > best[digest].strength:
            best[digest] = verified
    return list(best.values())


def verify_candidate(keyframe: Keyframe, item: KnownPicture, candidate: PictureCandidate) -> VerifiedCandidate | None:
    """Compare one known picture with a keyframe, by steps 4 and 5. None when no warp places it there."""
    fingerprint = item.fingerprint
    mirrored = candidate.mirrored
    warp = estimate_warp(keyframe.features, fingerprint.features, mirrored=mirrored)
    is_by_hash = candidate.votes == 0
    # The perceptual hash says that the picture fills the whole frame.
    affine = _stretch_over_frame(keyframe, fingerprint, mirrored=mirrored)
    if is_by_hash and (warp is None or warp.inliers < _FEW_INLIERS):
        warp = match_under_warp(keyframe.features, fingerprint.features, affine, mirrored=mirrored) or warp
    if warp is not None:
        return _check(keyframe, candidate.item, fingerprint, warp.affine, warp.homography, warp.inliers)
    if is_by_hash:
        # It has too little detail for points.
        return _check(keyframe, candidate.item, fingerprint, affine, np.vstack((affine, (0, 0, 1))), 0)
    return None


def measure_visible_area(candidate: VerifiedCandidate) -> tuple[float, float]:
    """Share of the known picture that lies in the frame, and share of the frame that it fills, both 0 to 1."""
    height, width = candidate.keyframe.gray.shape
    frame = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    outline = candidate.outline
    common = float(cv2.intersectConvexConvex(outline, frame)[0])
    return common / max(cv2.contourArea(outline), 1e-6), common / (width * height)


def find_by_hash(gray: Gray, known: KnownPictures, farthest: int) -> list[PictureCandidate]:
    """Step 3.5: candidates by perceptual hash, for whole pictures with too little detail for points, or covered ones.

    `gray`: (height, width) uint8. `farthest`: bits of 256 by which hashes may differ.
    """
    candidates = []
    for mirrored in (False, True):
        perceptual_hash, quality = pictures.compute_perceptual_hash(gray, mirrored=mirrored)
        if quality < _HASH_QUALITY:
            continue
        similar = known.find_similar_hashes(perceptual_hash, farthest)
        meaningful = [item for item in similar if known.qualities[item] >= _HASH_QUALITY]
        candidates += [PictureCandidate(item, mirrored, 0.0) for item in meaningful[:_ITEMS_BY_HASH]]
    return candidates


def _shortlist(candidates: list[PictureCandidate], known: KnownPictures, excluded: str) -> list[PictureCandidate]:
    """Step 3.6: the best few candidates of the best few assets. `candidates`: the best first."""
    count_by_asset: dict[str, int] = {}
    shortlist = []
    # A clip has many frames that look alike: without a limit for each asset, it would crowd out all others.
    for candidate in candidates:
        digest = known.items[candidate.item].known.digest
        count = count_by_asset.get(digest, 0)
        # What the perceptual hash names is nearly always there.
        is_one_asset_too_many = candidate.votes > 0 and count == 0 and len(count_by_asset) >= _ASSETS
        if digest == excluded or count >= _ITEMS_PER_ASSET or is_one_asset_too_many:
            continue
        count_by_asset[digest] = count + 1
        shortlist.append(candidate)
    return shortlist


def _check(
    keyframe: Keyframe,
    item: int,
    fingerprint: PictureFingerprint,
    affine: NDArray[np.float64],
    homography: NDArray[np.float64],
    inliers: int,
) -> VerifiedCandidate:
    """Check the blocks of a known picture under a warp from its feature size to the keyframe's `gray`."""
    thumbnail = decode_gray_thumbnail(fingerprint)
    size = fingerprint.features.width, fingerprint.features.height
    thumbnail_to_feature_size = np.diag((size[0] / thumbnail.shape[1], size[1] / thumbnail.shape[0], 1.0))
    warp = homography @ thumbnail_to_feature_size
    # Known from a list: there are signs in place of the thumbnail.
    if signs := block_signs.parse(fingerprint.thumbnail):
        block_check = check_signs(signs, keyframe.gray, warp)
    else:
        block_check = check_blocks(thumbnail, keyframe.gray, warp)
    return VerifiedCandidate(item, keyframe, affine, size, inliers, block_check, fingerprint.time)


def _stretch_over_frame(keyframe: Keyframe, fingerprint: PictureFingerprint, *, mirrored: bool) -> NDArray[np.float64]:
    """(2, 3) float64: the warp that stretches the known picture over the whole keyframe."""
    height, width = keyframe.gray.shape
    across = width / fingerprint.features.width
    down = height / fingerprint.features.height
    if mirrored:
        return np.array([[-across, 0, width], [0, down, 0]], np.float64)
    return np.array([[across, 0, 0], [0, down, 0]], np.float64)
