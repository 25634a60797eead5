"""Verification: which known pictures are in a keyframe, by geometric verification and the block check together.

This is step 6 of docs/matching.md, with the part of step 3 that needs all known pictures; the numbers in the code are
those of that page.
"""

from __future__ import annotations

import dataclasses
import itertools
import operator
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint import block_signs, pictures
from provenance.fingerprint.pictures import PictureFingerprint
from provenance.fingerprint.shots import Keyframe
from provenance.matching.known import KnownPicture, KnownPictures, decode_gray_thumbnail
from provenance.matching.picture.block_check import BlockCheck, check_blocks, warp_back
from provenance.matching.picture.contours import (
    BLOCKS,
    Drawing,
    compare,
    compute_contours,
    is_at_its_place,
    measure_drawn_share,
    mirror,
    shows_detail,
)
from provenance.matching.picture.geometry import estimate_warp, match_points, to_homogeneous
from provenance.matching.picture.guided import match_under_warp
from provenance.matching.picture.index import PictureCandidate
from provenance.matching.picture.mixture_check import MixtureCheck, check_mixture
from provenance.matching.picture.placement import Placement, list_areas, list_placements
from provenance.matching.picture.refine import refine_warp
from provenance.matching.picture.region import MOST_GRAPHIC_SHADE, Region, find_region, measure_shade
from provenance.matching.picture.sign_check import check_signs
from provenance.matching.picture.squares import is_made_of_squares
from provenance.media.arrays import Gray


class _Proof(NamedTuple):
    """Points and blocks that suffice together. The more points agree, the fewer blocks have to."""

    inliers: int
    share: float
    """Share of the blocks that must agree, 0 to 1."""
    blocks: int
    """Blocks that must have been compared."""


_PROOFS = (
    _Proof(inliers=13, share=0.25, blocks=0),
    _Proof(inliers=11, share=0.3, blocks=4),
    _Proof(inliers=10, share=0.3, blocks=12),
    _Proof(inliers=9, share=0.3, blocks=12),
    _Proof(inliers=7, share=0.5, blocks=12),
    _Proof(inliers=6, share=0.6, blocks=6),
    _Proof(inliers=5, share=0.75, blocks=20),
)
"""One of them is enough. Unrelated pictures reach 8 points when both hold lettering, else 6, and a share of 0.2."""
_POINTS_OF_SQUARES = 20
"""Points below which nothing is compared with a mosaic: unrelated ones on one grid had 9."""
_POINTS_PROOF = 30
"""Points that suffice alone, where they are not those of lettering: of a picture that another one is blended over."""
_HASH_POINTS = 13
"""Points that suffice where the perceptual hash names the picture as well: behind bars few blocks agree."""
_POINTS_PROOF_BLOCKS = 12
"""Blocks that must have been compared then, however few of them agree."""
_REGION_INLIERS = 8
"""Points from which on the part of the known picture that is shown is sought, to tell it from lettering."""
_PART_AREA = 0.015
"""Share of the known picture that a part must have to be one: 22 by 22 pixels of the thumbnail."""
_SMALL_PART = 0.1
"""Share of the known picture below which a part needs more points: a few of them in one corner fit anything there."""
_SMALL_PART_INLIERS = 10
"""Points that such a part needs; unrelated pictures that agreed in a fortieth of the picture had 8."""
_SMALL_PART_CORRELATION = 0.91
"""Mean correlation that such a part needs as well: two words of one typeface reached .89, a burn-in .85."""
_PART_DENSITY = 0.85
"""Share of what shows something in a part that must agree; that of a burn-in over other pictures is about 0.83."""
_PART_CORRELATION = 0.85
"""Mean correlation in a part."""
_GRAPHIC_AREA = 0.15
"""Share of the known picture below which a part without shades is lettering or a graphic, and no proof."""
_PICTURE_SHARE = 0.8
"""Share of the blocks from which on it is more than lettering, however small the visible part; graphics reach 0.77."""
_PICTURE_BLOCKS = 6
"""Blocks that must have been compared then: a title on plain ground has no more than its own."""
_POINTS_AROUND = 9
"""Side, in pixels of the thumbnail, of the square around a point in which shades are measured."""
_POINT_TOLERANCE = 4.0
"""Pixels at feature size by which a point may miss to be one of them."""
_SHADES_AT_POINTS = 0.38
"""Share of shades around the points above which they are not those of lettering, which has up to 0.36."""
_MOST_MOVED = 0.25
"""Share of what does not agree that is found a little beside its place, above which it is another view of a set."""
_HASH_PROOF = _Proof(inliers=0, share=0.85, blocks=24)
"""The same for a candidate by perceptual hash, which has no points."""
_MIXTURE_POINTS = 8
"""Points that suffice where most blocks hold the known picture, mixed with something else …"""
_MIXTURE_SHARE = 0.6
"""… so many of them."""
_MIXTURE_COPY_POINTS = 11
"""Points of a copy that is mixed with something else."""
_MIXTURE_COPY_SHARE = 0.85
"""Share of the blocks that must hold it then."""
_MIXTURE_BLOCKS = 24
"""Blocks that must have been compared then."""
_MIXTURE_FIGURE = 0.01
"""Share in which it may be missing then: of 60 copies none had any, of 16 other takes the least was .024."""
_CONTOUR_CORRELATION = 0.46
"""Correlation of contours from which on a drawing is of a known picture; of 52,000 unrelated pairs .43 was most."""
_CONTOUR_CORRELATION_OF_MIDDLE = 0.55
"""The same where the middle of a known picture fills the frame: of six times 29,000 unrelated pairs .47 was most."""
_LEAST_DRAWN = 0.5
"""Share of the blocks with contours in which a drawing has any. Bare lettering of a titled picture had .44.

Of drawings of 91 photographs, the barest of three kinds had .49, .73 and 1.0; one in ten of bare edges had less.
"""
_CONTOUR_BLOCKS = 0.2
"""Share of the blocks of contours that must agree as well; of these pairs .19 was most."""
_DOUBTFUL_INLIERS = 5
"""Points from which on a candidate that is not a match is worth a second look."""
_COPY_SHARE = 0.8
"""Share of the blocks that agree in a copy; other takes of one set, seen from elsewhere, reach 0.76."""
_REFINED_COPY_SHARE = 0.9
"""The same where the warp had to be refined, because another view is brought nearer as well."""
_REFINED_INLIERS = 6
"""Points from which on a warp is refined if blocks prove no copy …"""
_REFINED_SHARE = 0.2
"""… and so many of them agree …"""
_REFINED_BLOCKS = 12
"""… of so many that were compared."""
_REFINEMENT = 0.05
"""Share of the blocks that must agree more for a refined warp to be taken."""
_COPY_BLOCKS = 6
"""Compared blocks without which nothing is called a copy."""
_MANY_INLIERS = 12
"""Points from which on so few blocks are enough for a copy."""
_COPY_BLOCKS_OF_FEW_POINTS = 12
"""Compared blocks without which nothing with fewer points is called a copy."""
_COPY_UNCOVERED_SHARE = 0.3
"""Share of a copy's blocks that nothing plain covers: of a title on black only the title is left."""
_CANDIDATES = 24
"""Candidates that are taken from the index, the best first."""
_ASSETS = 6
"""Known assets that are verified in one keyframe, the best first."""
_ITEMS_PER_ASSET = 2
"""Known pictures that are verified of one asset: of a clip, the best of its frames."""
_ITEMS_BY_HASH = 4
"""Known pictures that become candidates by perceptual hash, the nearest first."""
HASH_DISTANCE = 72
"""Bits of 256 by which perceptual hashes may differ for a candidate; 48,000 unrelated pairs differed in 92 and more."""
_HASH_ALONE_DISTANCE = 31
"""The same for a match where nothing but the hash is known: what PDQ's own documentation says."""
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
    homography: NDArray[np.float64]
    """(3, 3) float64: the same with perspective, where that fits better."""
    size: tuple[int, int]
    """Width and height of the known picture at feature size."""
    inliers: int
    """Points that agree with the warp; 0 for a candidate by perceptual hash."""
    block_check: BlockCheck
    time: float
    """Time of the known picture in its asset, in seconds."""
    region: Region | None = None
    """The part of it that is shown; sought only where points agree and not most blocks do."""
    has_shades: bool = True
    """Whether the points that agree lie on more than lettering and graphics."""

    mixture: MixtureCheck | None = None
    """How far it is in the keyframe if something else is mixed with it; measured only where blocks prove no copy."""

    is_refined: bool = False
    """Whether the warp was refined beyond what the points say."""

    placement: Placement | None = None
    """Where a hash of the whole picture places it as well: then points need no blocks. None where keypoints name it."""
    is_other_take: bool = False
    """Whether it may as well be another picture of the same set: then it proves no copy."""

    contours: float | None = None
    """Correlation of the contours, -1 to 1, where nothing else is compared: of a drawing in lines."""

    hash_bits: int | None = None
    """Bits of 256 in which the hashes differ, for a picture of which nothing but its hash is known."""

    @property
    def is_match(self) -> bool:
        """Steps 6.1 to 6.4: whether points and blocks together are more than a coincidence, and more than lettering."""
        if self.hash_bits is not None:
            return self.hash_bits <= _HASH_ALONE_DISTANCE
        if self.contours is not None:
            return self.contours >= _CONTOUR_CORRELATION and self.block_check.share >= _CONTOUR_BLOCKS
        if self.inliers == 0:
            return self._satisfies(_HASH_PROOF)
        if self.is_mixed_in(_MIXTURE_POINTS, _MIXTURE_SHARE):
            return True
        if self.is_lettering:
            return False
        has_blocks = self.block_check.compared >= _POINTS_PROOF_BLOCKS
        if self.placement is not None and self.inliers >= _HASH_POINTS:
            return True
        if self.is_part or (self.inliers >= _POINTS_PROOF and self.has_shades and has_blocks):
            return True
        return any(self._satisfies(proof) for proof in _PROOFS)

    @property
    def is_lettering(self) -> bool:
        """Step 6.4: whether what agrees is a small part of the known picture, without shades."""
        if self.region is None or self.region.area >= _GRAPHIC_AREA:
            return False
        if self.block_check.share >= _PICTURE_SHARE and self.block_check.compared >= _PICTURE_BLOCKS:
            return False
        return self.region.shade <= MOST_GRAPHIC_SHADE

    @property
    def is_part(self) -> bool:
        """Step 6.4: whether a connected part of the known picture is shown to the pixel."""
        region = self.region
        if region is None or self.is_other_take or self.is_lettering or self.inliers < _REGION_INLIERS:
            return False
        is_sure = self.inliers >= _SMALL_PART_INLIERS and region.correlation >= _SMALL_PART_CORRELATION
        # A patch that is blended in at its rim correlates less; so many points on shades are those of no lettering.
        is_sure |= self.inliers >= _POINTS_PROOF and self.has_shades
        if region.area < _SMALL_PART and not is_sure:
            return False
        if region.area < _GRAPHIC_AREA and region.shade <= MOST_GRAPHIC_SHADE:
            # The lettering of the known picture on plain ground: the same design, and no part of a picture.
            return False
        is_dense = region.density >= _PART_DENSITY and region.correlation >= _PART_CORRELATION
        return is_dense and region.area >= _PART_AREA and region.moved <= _MOST_MOVED

    @property
    def is_whole(self) -> bool:
        """Step 6.3: whether it is the same picture, and not only the same place or a part."""
        # Of a drawing, nothing is known of what it does not draw.
        if self.is_other_take or self.contours is not None or not self.is_match:
            return False
        return self.is_whole_by_blocks or self.is_whole_mixture

    @property
    def is_whole_by_blocks(self) -> bool:
        """Step 6.3: whether enough blocks agree for the whole picture."""
        fewest = _COPY_BLOCKS if self.inliers >= _MANY_INLIERS else _COPY_BLOCKS_OF_FEW_POINTS
        has_enough_blocks = self.block_check.compared >= fewest
        is_in_sight = self.block_check.uncovered_share >= _COPY_UNCOVERED_SHARE
        least = _REFINED_COPY_SHARE if self.is_refined else _COPY_SHARE
        return self.block_check.share >= least and has_enough_blocks and is_in_sight

    @property
    def is_whole_mixture(self) -> bool:
        """Step 6.5: whether it is the same picture, seen through something else."""
        mixture = self.mixture
        if mixture is None or mixture.figure > _MIXTURE_FIGURE:
            return False
        return self.is_mixed_in(_MIXTURE_COPY_POINTS, _MIXTURE_COPY_SHARE)

    def is_mixed_in(self, inliers: int, share: float) -> bool:
        """Whether so many points agree, and so many of the blocks hold the known picture."""
        mixture = self.mixture
        if mixture is None or mixture.compared < _MIXTURE_BLOCKS:
            return False
        return self.inliers >= inliers and mixture.share >= share

    @property
    def may_be_refined(self) -> bool:
        """Step 5.8: whether its warp may be off by a few pixels."""
        has_blocks = self.block_check.compared >= _REFINED_BLOCKS and self.block_check.share >= _REFINED_SHARE
        return self.inliers >= _REFINED_INLIERS and has_blocks

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


def verify_candidates(keyframe: Keyframe, known: KnownPictures) -> list[VerifiedCandidate]:
    """Verify all candidates in a keyframe: the best one of every known asset, whether it is a match or not."""
    candidates = known.index.find_candidates(keyframe.features, _CANDIDATES)
    candidates += find_by_hash(keyframe.gray, known, HASH_DISTANCE)
    return verify_shortlist(keyframe, candidates, known)


def may_show_known(keyframe: Keyframe, known: KnownPictures) -> bool:
    """Step 2.5: whether a coarse look at a keyframe gives any candidate: then a closer one is worth its cost."""
    if find_by_hash(keyframe.gray, known, HASH_DISTANCE):
        return True
    return bool(known.index.find_candidates(keyframe.coarse_features, 1))


def verify_shortlist(
    keyframe: Keyframe, candidates: list[PictureCandidate], known: KnownPictures
) -> list[VerifiedCandidate]:
    """Verify the best of some candidates, as `verify_candidates` does; the best candidates come first."""
    best: dict[str, VerifiedCandidate] = {}
    for candidate in _shortlist(candidates, known):
        item = known.items[candidate.item]
        digest = item.known.digest
        if digest in best and best[digest].item == candidate.item and best[digest].is_whole:
            # Its points have named it already, and the perceptual hash names it again.
            continue
        verified = verify_candidate(keyframe, item, candidate)
        if verified is None:
            continue
        if digest not in best or verified.strength > best[digest].strength:
            best[digest] = verified
    return list(best.values())


def verify_candidate(keyframe: Keyframe, item: KnownPicture, candidate: PictureCandidate) -> VerifiedCandidate | None:
    """Compare one known picture with a keyframe, by steps 4 and 5. None when no warp places it there."""
    fingerprint = item.fingerprint
    mirrored = candidate.mirrored
    if isinstance(keyframe, Drawing):
        return _compare_contours(keyframe, candidate, fingerprint)
    warp = estimate_warp(keyframe.features, fingerprint.features, mirrored=mirrored)
    # The perceptual hash says where the picture lies.
    placement = candidate.placement
    if placement is not None:
        affine = placement.place(_get_size(fingerprint), mirrored=mirrored)
    if placement is not None and (warp is None or warp.inliers < _FEW_INLIERS):
        warp = match_under_warp(keyframe.features, fingerprint.features, affine, mirrored=mirrored) or warp
    if warp is not None:
        return _check(keyframe, candidate, fingerprint, warp.affine, warp.homography, warp.inliers)
    if placement is not None:
        # It has too little detail for points.
        return _check(keyframe, candidate, fingerprint, affine, np.vstack((affine, (0, 0, 1))), 0)
    return None


def _compare_contours(
    drawing: Drawing, candidate: PictureCandidate, fingerprint: PictureFingerprint
) -> VerifiedCandidate | None:
    """Compare a known picture with a drawing that fills the frame. None where only signs are known of it."""
    placement = candidate.placement
    if placement is None or block_signs.parse(fingerprint.thumbnail):
        return None
    gray = decode_gray_thumbnail(fingerprint)
    shown = placement.crop(gray)
    found = placement.area.cut(drawing.gray)
    if not shows_detail(shown) or not shows_detail(found) or is_made_of_squares(gray):
        return None
    known = compute_contours(shown)
    if candidate.mirrored:
        known = mirror(known)
    contours = drawing.get_contours(placement.area)
    if measure_drawn_share(known, contours) < _LEAST_DRAWN or not is_at_its_place(known, contours):
        return None
    correlation, share = compare(known, contours)
    if placement.shape is not None and correlation < _CONTOUR_CORRELATION_OF_MIDDLE:
        return None
    size = _get_size(fingerprint)
    affine = placement.place(size, mirrored=candidate.mirrored)
    check = BlockCheck(share, BLOCKS)
    return VerifiedCandidate(
        candidate.item,
        drawing,
        affine,
        to_homogeneous(affine),
        size,
        0,
        check,
        fingerprint.time,
        placement=placement,
        contours=correlation,
    )


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
    found = []
    for area, mirrored in itertools.product(list_areas(gray), (False, True)):
        perceptual_hash, quality = pictures.compute_perceptual_hash(area.cut(gray), mirrored=mirrored)
        if quality < _HASH_QUALITY:
            continue
        for placement in list_placements(area):
            for bits, item in known.find_similar_hashes(perceptual_hash, farthest, placement.shape):
                if known.qualities[item] >= _HASH_QUALITY:
                    found.append((bits, PictureCandidate(item, mirrored, 0.0, placement=placement)))
    return choose_nearest(found, _ITEMS_BY_HASH)


def choose_nearest(found: list[tuple[int, PictureCandidate]], most: int) -> list[PictureCandidate]:
    """Of candidates by hash and the bits in which they differ, the nearest of each known picture; at most so many."""
    nearest: dict[int, PictureCandidate] = {}
    for _, candidate in sorted(found, key=operator.itemgetter(0)):
        nearest.setdefault(candidate.item, candidate)
    return list(nearest.values())[:most]


def _shortlist(candidates: list[PictureCandidate], known: KnownPictures) -> list[PictureCandidate]:
    """Step 3.6: the best few candidates of the best few assets. `candidates`: the best first."""
    count_by_asset: dict[str, int] = {}
    shortlist = []
    # A clip has many frames that look alike: without a limit for each asset, it would crowd out all others.
    for candidate in candidates:
        digest = known.items[candidate.item].known.digest
        count = count_by_asset.get(digest, 0)
        # What the perceptual hash names is nearly always there.
        is_one_asset_too_many = candidate.votes > 0 and count == 0 and len(count_by_asset) >= _ASSETS
        if count >= _ITEMS_PER_ASSET or is_one_asset_too_many:
            continue
        count_by_asset[digest] = count + 1
        shortlist.append(candidate)
    return shortlist


def _check(
    keyframe: Keyframe,
    candidate: PictureCandidate,
    fingerprint: PictureFingerprint,
    affine: NDArray[np.float64],
    homography: NDArray[np.float64],
    inliers: int,
) -> VerifiedCandidate | None:
    """Check the blocks of a known picture under a warp from its feature size to the keyframe's `gray`.

    None for a mosaic that few points place: its corners look all alike.
    """
    thumbnail = decode_gray_thumbnail(fingerprint)
    if candidate.placement is None and inliers < _POINTS_OF_SQUARES and is_made_of_squares(thumbnail):
        return None
    size = _get_size(fingerprint)
    to_feature_size = np.diag((size[0] / thumbnail.shape[1], size[1] / thumbnail.shape[0], 1.0))
    warp = homography @ to_feature_size
    found, warped_back = keyframe.gray, None
    if signs := block_signs.parse(fingerprint.thumbnail):
        # Known from a list: there are signs in place of the thumbnail.
        block_check = check_signs(signs, found, warp)
    else:
        warped_back = warp_back(thumbnail, found, warp)
        block_check = check_blocks(thumbnail, warped_back)
    verified = VerifiedCandidate(
        candidate.item,
        keyframe,
        affine,
        homography,
        size,
        inliers,
        block_check,
        fingerprint.time,
        placement=candidate.placement,
        hash_bits=_compare_hashes(keyframe, fingerprint, mirrored=candidate.mirrored),
    )
    if warped_back is None:
        return verified
    # 5.8 Whether few or slanted points have placed it only roughly.
    if not verified.is_whole and verified.may_be_refined:
        refined = refine_warp(thumbnail, warped_back, warp)
        if refined is not None:
            refined_back = warp_back(thumbnail, found, refined)
            again = check_blocks(thumbnail, refined_back)
            if again.compared >= _REFINED_BLOCKS and again.share >= block_check.share + _REFINEMENT:
                warped_back = refined_back
                homography = refined @ np.linalg.inv(to_feature_size)
                verified = dataclasses.replace(verified, homography=homography, block_check=again, is_refined=True)
    # 6.4 Which part is shown. Blocks alone tell what is shown as a whole, and what is hardly shown at all.
    if inliers < _REGION_INLIERS or verified.is_whole:
        return verified
    region = find_region(thumbnail, warped_back)
    # 5.7 Whether something else is mixed with it.
    mixture = check_mixture(thumbnail, warped_back)
    has_shades = True
    if inliers >= _POINTS_PROOF:
        points = _find_agreeing_points(keyframe, fingerprint, homography, mirrored=candidate.mirrored)
        has_shades = _have_shades(thumbnail, points * (thumbnail.shape[1] / size[0]))
    return dataclasses.replace(verified, region=region, has_shades=has_shades, mixture=mixture)


def _find_agreeing_points(
    keyframe: Keyframe, fingerprint: PictureFingerprint, homography: NDArray[np.float64], *, mirrored: bool
) -> NDArray[np.float64]:
    """(n, 2) float64: the points of the known picture, at feature size, that agree with a warp."""
    found_rows, known_rows = match_points(keyframe.features, fingerprint.features, mirrored=mirrored)
    points = fingerprint.features.points[known_rows].astype(np.float64)
    projected = np.column_stack((points, np.ones(len(points)))) @ homography.T
    misses = projected[:, :2] / projected[:, 2:] - keyframe.features.points[found_rows]
    agreeing: NDArray[np.float64] = points[np.linalg.norm(misses, axis=1) < _POINT_TOLERANCE]
    return agreeing


def _have_shades(thumbnail: Gray, points: NDArray[np.float64]) -> bool:
    """Whether there are shades around points of a thumbnail, as in a picture, and not in lettering."""
    height, width = thumbnail.shape
    around = np.zeros((height, width), np.uint8)
    for x, y in points:
        around[min(int(y), height - 1), min(int(x), width - 1)] = 1
    where = cv2.dilate(around, np.ones((_POINTS_AROUND, _POINTS_AROUND), np.uint8)).astype(bool)
    return measure_shade(thumbnail, where) > _SHADES_AT_POINTS


def _compare_hashes(keyframe: Keyframe, fingerprint: PictureFingerprint, *, mirrored: bool) -> int | None:
    """Bits in which the hashes differ; None where more than a hash is known of the picture."""
    if fingerprint.thumbnail != block_signs.HASH_ALONE:
        return None
    own, _ = pictures.compute_perceptual_hash(keyframe.gray, mirrored=mirrored)
    return (int.from_bytes(own) ^ int.from_bytes(fingerprint.perceptual_hash)).bit_count()


def _get_size(fingerprint: PictureFingerprint) -> tuple[int, int]:
    """Width and height of the known picture at feature size."""
    return fingerprint.features.width, fingerprint.features.height
