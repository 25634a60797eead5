"""One known picture seen in one view: the warp, the agreement, and whether that is enough."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint import pictures
from provenance.fingerprint.shots import Keyframe
from provenance.fingerprint.pictures import PictureFingerprint
from provenance.matching.known import KnownPicture, KnownPictures, decode_gray_thumbnail
from provenance.matching.picture.block_check import BlockCheck, check_blocks
from provenance.matching.picture.geometry import estimate_warp
from provenance.matching.picture.index import PictureCandidate

_PROOF = ((13, 0.0, 0), (11, 0.1, 0), (10, 0.2, 12), (9, 0.3, 12), (7, 0.5, 12), (6, 0.6, 6), (5, 0.75, 20))
"""Points that agree in geometry, and the share of at least so many blocks that must agree too. Unrelated pictures reach
8 points when both hold lettering, 6 otherwise, and a share of 0.2."""
_DOUBTFUL = 5
"""Points from which on a sighting that is not enough is worth a second look."""
_BARE = 0.3
"""Share of the blocks of a copy that nothing plain may cover: of a title on black only the title is left."""
_BLOCKS = 6
"""Blocks without which nothing is called a copy."""
_COPY = 0.8
"""Share of blocks that agree in a copy; other takes of one set, seen from elsewhere, reach 0.76."""
_ASSETS, _ITEMS, _RANKED = 6, 2, 24
_HASH, _BUSY = 40, 12
"""Bits by which hashes may differ, and the quality that both pictures need for it to count."""
_HASH_SHARE, _HASH_BLOCKS = 0.85, 24


@dataclass(frozen=True, slots=True)
class VerifiedCandidate:
    """What was seen of one item in one view."""

    item: int
    view: Keyframe
    matrix: NDArray[np.float64]
    """(2, 3): pixels of the known picture at feature size -> pixels of the view."""
    size: tuple[int, int]
    """Width and height of the known picture at feature size."""
    inliers: int
    check_blocks: BlockCheck
    time: float
    """Of the item in its asset, in seconds."""

    @property
    def is_match(self) -> bool:
        """Whether this is no coincidence."""
        if self.inliers == 0:
            return self.block_check.share >= _HASH_SHARE and self.block_check.blocks >= _HASH_BLOCKS
        return any(
            self.inliers >= points and self.block_check.share >= share and self.block_check.blocks >= blocks
            for points, share, blocks in _PROOF
        )

    @property
    def is_doubtful(self) -> bool:
        """Whether it is worth a second look."""
        return self.inliers >= _DOUBTFUL

    @property
    def is_copy(self) -> bool:
        """Whether it is the same picture, not only the same place."""
        agreed = self.block_check
        return agreed.share >= _COPY and agreed.blocks >= _BLOCKS and agreed.bare >= _BARE

    @property
    def strength(self) -> tuple[bool, float]:
        """For choosing the best of several."""
        return self.is_match, self.inliers * (0.5 + self.block_check.share)


def verify_candidates(view: Keyframe, library: KnownPictures, without: str) -> list[VerifiedCandidate]:
    """The best sighting of every asset that may be in a view, certain or not. `without`: a digest to pass over."""
    ranked = library.index.find_candidates(view.features, _RANKED)
    best: dict[str, VerifiedCandidate] = {}
    for candidate in _shortened([*ranked, *_by_hash(view, library)], library, without):
        seen = verify_candidate(view, library.items[candidate.item], candidate)
        digest = library.items[candidate.item].known.digest
        if seen and (digest not in best or seen.strength > best[digest].strength):
            best[digest] = seen
    return list(best.values())


def _shortened(ranked: list[PictureCandidate], library: KnownPictures, without: str) -> list[PictureCandidate]:
    """The best few candidates of the best few assets."""
    taken: dict[str, int] = {}
    kept = []
    for candidate in ranked:
        digest = library.items[candidate.item].known.digest
        if digest == without or taken.get(digest, 0) >= _ITEMS or (digest not in taken and len(taken) >= _ASSETS):
            continue
        taken[digest] = taken.get(digest, 0) + 1
        kept.append(candidate)
    return kept


def _by_hash(view: Keyframe, library: KnownPictures) -> list[PictureCandidate]:
    """Whole pictures that look alike: what has too little detail for points."""
    found = []
    for mirrored in (False, True):
        bits, quality = pictures.compute_perceptual_hash(view.gray, mirrored=mirrored)
        if quality >= _BUSY:
            near = [item for item in library.find_similar_hashes(bits, _HASH) if library.qualities[item] >= _BUSY]
            found += [PictureCandidate(item, mirrored, 0.0) for item in near[:_ITEMS]]
    return found


def verify_candidate(view: Keyframe, item: KnownPicture, candidate: PictureCandidate) -> VerifiedCandidate | None:
    """A closer look at one candidate; None when nothing holds it up."""
    look = item.fingerprint
    warp = estimate_warp(view.features, look.features, mirrored=candidate.mirrored)
    if warp is not None:
        return _judged(view, candidate.item, look, warp.matrix, warp.homography, warp.inliers)
    if candidate.votes == 0:
        whole = _whole(view, look, mirrored=candidate.mirrored)
        return _judged(view, candidate.item, look, whole, np.vstack((whole, (0, 0, 1))), 0)
    return None


def _judged(
    view: Keyframe,
    item: int,
    look: PictureFingerprint,
    matrix: NDArray[np.float64],
    full: NDArray[np.float64],
    inliers: int,
) -> VerifiedCandidate:
    small = decode_gray_thumbnail(look)
    size = look.features.width, look.features.height
    to_feature = np.diag((size[0] / small.shape[1], size[1] / small.shape[0], 1.0))
    agreed = check_blocks(small, view.gray, full @ to_feature)
    return VerifiedCandidate(item, view, matrix, size, inliers, agreed, look.time)


def _whole(view: Keyframe, look: PictureFingerprint, *, mirrored: bool) -> NDArray[np.float64]:
    """The known picture stretched over the whole view."""
    height, width = view.gray.shape
    across, down = width / look.features.width, height / look.features.height
    return np.array([[-across, 0, width], [0, down, 0]] if mirrored else [[across, 0, 0], [0, down, 0]], np.float64)


def outline(seen: VerifiedCandidate) -> NDArray[np.float32]:
    """(4, 2): the corners of the known picture in pixels of the view."""
    width, height = seen.size
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64)
    return (corners @ seen.matrix[:, :2].T + seen.matrix[:, 2]).astype(np.float32)


def measure_visible_area(seen: VerifiedCandidate) -> tuple[float, float]:
    """Share of the known picture that is in the frame, and share of the frame that it fills."""
    height, width = seen.view.gray.shape
    frame = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    shape = outline(seen)
    both = float(cv2.intersectConvexConvex(shape, frame)[0])
    return both / max(cv2.contourArea(shape), 1e-6), both / (width * height)
