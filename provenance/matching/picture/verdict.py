"""Verdict: whether what was found is a copy, a copy of a part, shared content, or what everybody has.

This is step 9 of docs/matching.md; the numbers in the code are those of that page.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint import block_signs
from provenance.fingerprint.pictures import PictureFingerprint
from provenance.fingerprint.shots import LUMA_SIZE, Shot
from provenance.matching.known import KnownPictures, decode_gray_thumbnail
from provenance.matching.picture.block_check import WarpedBack, warp_back
from provenance.matching.picture.graphics import is_graphic
from provenance.matching.picture.mixture_check import check_mixture
from provenance.matching.picture.motion import MotionCheck, check_motion
from provenance.matching.picture.region import Region, find_region
from provenance.matching.picture.verify import VerifiedCandidate
from provenance.media.arrays import Gray, Rgb
from provenance.model.match import COPY, SHARES

_COMMON_SHARE = 0.5
"""Share of the blocks from which on more is shown than an element that many have."""
_COMMON_PLACE = 0.5
"""Share of the smaller of two parts in which they must overlap to be one element."""
_COMMON_ASSETS = 2
"""Unrelated other assets that must have it."""
_RELATED_BITS = 72
"""Bits of 256 up to which the perceptual hashes of related pictures differ; those of unrelated ones differ in 92."""
_CONTRADICTION = 0.015
"""Share of a still that shows something else in detail, from which on others may stand before the same set."""
_MISSING_FIGURE = 0.03
"""Share of a picture, the same as a whole, in which its structure is missing, from which on others may stand there.

Later moments of footage in which hardly anything moves had .035 and more, frozen frames of the same moment 0 to .031.
"""
_MISSING_AT_BEST = 0.1
"""The same of a clip in which something moves, at the moment at which least is missing.

Of copies under six edits of eight takes about 46 of 48 had less, of other takes with the same actor one in two more.
"""
_REPLACED_SIDE = 0.9
"""Share of one side of the picture that shows something else, above which a compositor has put something there.

Of skies, matte paintings and cut-out elements it is 1; people before the same set covered up to .79.
"""
_MOTION_SHARE = 0.4
"""Share of the blocks that must agree beside a proof by motion."""
_SECONDS_AROUND = 3.0
"""Seconds of a known clip before and after the times of its candidates that are compared with the shot."""
_FASTEST = 3.0
"""Speed of a clip, as a multiple of its own, up to which all that a shot may show of it is compared."""
_MOST_SAMPLES = 60
"""Known pictures of a clip that are compared with a shot, those nearest to the candidates."""
_CLIP_SAMPLES = 8
"""Known pictures of a clip that are looked at to see whether it shows anything but graphics."""


class Judgement(NamedTuple):
    """What the keyframes that show a known asset prove together."""

    verdict: str
    candidate: VerifiedCandidate
    """The one that proves most."""
    part: Region | None = None
    """The part that is shown, if it is a copy of a part."""
    motion: MotionCheck | None = None
    """How far motion agrees; None where nothing moves, and for a still."""


def judge(
    known: KnownPictures, candidates: Sequence[VerifiedCandidate], shot: Shot | None = None, frames: range = range(0)
) -> Judgement | None:
    """Judge what was found of one known asset. None if it is nothing but what everybody has.

    `candidates`: the keyframes that show it. `shot`, `frames`: where they are; none for a still.
    """
    is_clip = known.items[candidates[0].item].method == "video"
    # 9.1 What everybody has.
    if is_clip:
        candidates = [candidate for candidate in candidates if not _is_common(known, candidate)]
        if not candidates:
            return None
    # 9.2 The whole picture, or 9.3 a part of it.
    best = max(candidates, key=lambda candidate: (candidate.is_whole, candidate.is_part, candidate.strength))
    # 9.4 What moves.
    motion = None
    if is_clip and shot is not None:
        motion = _check_motion(known, candidates, shot, frames)
    if motion is None and best.contours is None:
        best = _check_set(known, best)
    is_copy = best.is_whole or best.is_part
    if is_clip and best.is_part and not best.is_whole:
        # Of a clip, a part that stands still may be the set alone; and before it may move what a compositor has added.
        motion = _check_motion(known, candidates, shot, frames, best.region) if shot else None
        is_copy = motion is not None and motion.is_proof
    is_sure = motion is not None and motion.is_proof
    is_other_take = motion is not None and motion.is_other_motion
    if motion and best.is_whole and not is_sure:
        is_other_take = is_other_take or _is_figure_missing(known, candidates)
    if is_other_take:
        is_copy = False
    elif is_sure and best.is_match and best.block_check.share >= _MOTION_SHARE:
        is_copy = True
    if not is_copy:
        return Judgement(SHARES, best, None, motion)
    part = None if best.is_whole else best.region
    return Judgement(COPY, best, part, motion)


def is_common_element(known: KnownPictures, candidate: VerifiedCandidate, others: Sequence[VerifiedCandidate]) -> bool:
    """Step 9.1: whether unrelated known assets show the same part at the same place of a keyframe.

    A burn-in or a graphics package is in all of them, and made for none. `others`: all candidates in the keyframe.
    """
    if candidate.region is None or candidate.block_check.share >= _COMMON_SHARE:
        return False
    place = _project(candidate)
    digests = set()
    for other in others:
        has_place = other.region is not None or other.is_whole
        if not has_place or _is_related(known, candidate, other):
            continue
        theirs = _project(other)
        smaller = max(1, min(int(place.sum()), int(theirs.sum())))
        if (place & theirs).sum() >= _COMMON_PLACE * smaller:
            digests.add(known.items[other.item].known.digest)
    return len(digests) >= _COMMON_ASSETS


def _is_related(known: KnownPictures, one: VerifiedCandidate, other: VerifiedCandidate) -> bool:
    """Whether two known pictures are of one asset, or resemble each other as a whole: versions, or takes of a set."""
    if known.items[one.item].known.digest == known.items[other.item].known.digest:
        return True
    hashes = [np.frombuffer(known.items[each.item].fingerprint.perceptual_hash, np.uint64) for each in (one, other)]
    return int(np.bitwise_count(hashes[0] ^ hashes[1]).sum()) <= _RELATED_BITS


def _project(candidate: VerifiedCandidate) -> NDArray[np.bool_]:
    """(36, 64) bool: which part of the frame the known picture fills, or the part of it that is shown."""
    height, width = candidate.keyframe.gray.shape
    mask = np.ones(LUMA_SIZE[::-1], bool)
    if candidate.region is not None:
        mask = candidate.region.mask
    region_height, region_width = mask.shape
    to_feature_size = np.diag((candidate.size[0] / region_width, candidate.size[1] / region_height, 1.0))
    to_small = np.diag((LUMA_SIZE[0] / width, LUMA_SIZE[1] / height, 1.0))
    warp = to_small @ candidate.homography @ to_feature_size
    return cv2.warpPerspective(mask.astype(np.uint8), warp, LUMA_SIZE, flags=cv2.INTER_AREA).astype(bool)


def _is_common(known: KnownPictures, candidate: VerifiedCandidate) -> bool:
    """Step 9.1: whether the known picture is drawn in few colours, and its clip shows something else as well.

    A clip that is drawn throughout is what somebody has made; a leader before a scene is what everybody has.
    """
    item = known.items[candidate.item]
    if block_signs.parse(item.fingerprint.thumbnail):
        # Known from a list, without a picture.
        return False
    if not is_graphic(_decode_thumbnail(item.fingerprint)):
        return False
    numbers = known.items_by_digest[item.known.digest]
    step = max(1, len(numbers) // _CLIP_SAMPLES)
    others = (known.items[number].fingerprint for number in numbers[::step])
    return not all(is_graphic(_decode_thumbnail(other)) for other in others)


def _decode_thumbnail(fingerprint: PictureFingerprint) -> Rgb:
    """(height, width, 3) uint8."""
    picture = cv2.imdecode(np.frombuffer(fingerprint.thumbnail, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        raise ValueError("the thumbnail of a fingerprint cannot be decoded")
    return np.asarray(picture[:, :, ::-1], np.uint8)


def _check_set(known: KnownPictures, candidate: VerifiedCandidate) -> VerifiedCandidate:
    """Steps 9.2 and 9.3 where nothing moves: others before the same set look like a foreground before a matte painting.

    Only where the rest is put there by a compositor, up to one side of the picture, can the two be told apart. Returns
    the candidate with its region, and without any proof of a copy if they cannot.
    """
    if candidate.is_whole_mixture:
        # Nothing as large as a figure is missing of it.
        return candidate
    region = candidate.region
    fingerprint = known.items[candidate.item].fingerprint
    mixture = candidate.mixture
    if region is None and not block_signs.parse(fingerprint.thumbnail):
        thumbnail, warped_back = _warp_back(candidate, fingerprint)
        region = find_region(thumbnail, warped_back)
        mixture = check_mixture(thumbnail, warped_back)
    if region is None:
        return candidate
    is_contradicted = region.contradiction >= _CONTRADICTION
    may_be_set = region.replaced_side < _REPLACED_SIDE
    is_figure_missing = mixture is not None and mixture.figure >= _MISSING_FIGURE
    is_other_take = may_be_set and (is_contradicted or is_figure_missing)
    return dataclasses.replace(candidate, region=region, mixture=mixture, is_other_take=is_other_take)


def _is_figure_missing(known: KnownPictures, candidates: Sequence[VerifiedCandidate]) -> bool:
    """Step 9.4: whether at every moment something as large as a figure is missing of the known clip.

    An actor never stands in quite the same place twice.
    """
    for candidate in candidates:
        fingerprint = known.items[candidate.item].fingerprint
        if block_signs.parse(fingerprint.thumbnail):
            return False
        thumbnail, warped_back = _warp_back(candidate, fingerprint)
        mixture = check_mixture(thumbnail, warped_back)
        if mixture is None or mixture.figure < _MISSING_AT_BEST:
            return False
    return True


def _warp_back(candidate: VerifiedCandidate, fingerprint: PictureFingerprint) -> tuple[Gray, WarpedBack]:
    """The thumbnail of the known picture, and the keyframe in its frame."""
    thumbnail = decode_gray_thumbnail(fingerprint)
    height, width = thumbnail.shape
    to_feature_size = np.diag((candidate.size[0] / width, candidate.size[1] / height, 1.0))
    return thumbnail, warp_back(thumbnail, candidate.keyframe.gray, candidate.homography @ to_feature_size)


def _check_motion(
    known: KnownPictures,
    candidates: Sequence[VerifiedCandidate],
    shot: Shot,
    frames: range,
    region: Region | None = None,
) -> MotionCheck | None:
    """Step 9.4: compare with all known pictures of the clip; with a region, what moves in that part of them alone."""
    digest = known.items[candidates[0].item].known.digest
    duration = float(shot.times[frames.stop - 1] - shot.times[frames.start]) if frames else 0.0
    known_times = np.array([candidate.time for candidate in candidates])
    farthest = _SECONDS_AROUND + _FASTEST * duration
    near: list[tuple[float, PictureFingerprint]] = []
    for number in known.items_by_digest[digest]:
        fingerprint = known.items[number].fingerprint
        distance = float(np.abs(known_times - fingerprint.time).min())
        if distance <= farthest and not block_signs.parse(fingerprint.thumbnail):
            near.append((distance, fingerprint))
    near.sort(key=lambda row: row[0])
    times = []
    thumbnails = []
    # In order of time again: a line through them is what is sought.
    for _, fingerprint in sorted(near[:_MOST_SAMPLES], key=lambda row: row[1].time):
        times.append(fingerprint.time)
        thumbnails.append(decode_gray_thumbnail(fingerprint))
    part = region.mask if region is not None else None
    return check_motion(shot, frames, candidates, np.array(times, np.float32), thumbnails, part)
