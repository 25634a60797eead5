"""Motion check: whether what moves in a known clip moves in the shot as well.

This is step 9.4 of docs/matching.md; the numbers in the code are those of that page. Two takes of one set, and two
moments before a locked camera, agree in all that stands still. So what stands still is subtracted from both, and what
is left must agree at the same times. Keyframes are too far apart for that: luma thumbnails exist of every frame.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint.shots import LUMA_SIZE, Shot
from provenance.matching.picture.verify import VerifiedCandidate
from provenance.media.arrays import Floats, Gray

_SIDE = 64
"""Long side, in pixels, to which known pictures are shrunk: luma thumbnails have no more."""
_MOST_FRAMES = 120
"""Frames of a shot that are compared with the known pictures, spread over it."""
_FEWEST_PIXELS = 60
"""Pixels of the shrunk known picture that must lie in the frame."""
_SPEEDS = (1.0, 0.5, 0.8, 1.25, 1.5, 2.0, 0.67, 0.25, 3.0, -1.0)
"""Speeds of a clip, as multiples of its own, that are tried; what is between two of them agrees with the nearer one."""
_OFFSET_STEP = 0.04
"""Seconds between two offsets in time that are tried: a frame."""
_FARTHEST_OFFSET = 3.0
"""Seconds around the offset of a candidate in which others are tried: before a locked camera, any time looks right."""
_LEAST_COVERED = 0.8
"""Share of the shot for which the clip must have pictures, at an offset and a speed."""
_CERTAIN = 0.97
"""Agreement from which on no other speed is tried."""
_LEAST_ENERGY = 0.045
"""Motion, as a share of the contrast of the picture, that is more than noise and compression."""
_STILL_ENERGY = 0.03
"""Motion in the shot below which it stands still."""
_MOVING_PIXEL = 0.2
"""Deviation of a pixel over time, as a share of the contrast of the picture, above which something moves there."""
_CAMERA_SHARE = 0.6
"""Share of the pixels above which it is the camera that moves. Two takes are then aligned at one moment, and no longer
at others. An actor before a locked camera moved in up to .56, a camera that goes along in .85 and more."""
_ALIKE = 0.62
"""Agreement from which on it is the same motion. Copies had .74 and more, other takes of a set at most .57."""
_CHANCE = 0.1
"""Agreement by which two known pictures go further by chance, among many offsets; three go half as far."""
_LIMB_WINDOW = 7
"""Side, in pixels of the shrunk known picture, of the square in which motion is compared: an arm or a head."""
_ALIKE_LOCALLY = 0.5
"""Agreement in such a square below which something else moves there."""
_MOST_MISSED = 0.2
"""Motion in such a square, over that where most moves, above which it is another take.

Of copies under six edits of eight takes of two signers nine in ten had less; chosen on these.
"""
_PROOF = 0.85
"""Agreement that proves a copy of which much is hidden."""
_PROOF_MOVING = 0.02
"""Share of the pixels that must move for that: the light on a wall is no motion."""
_PROOF_SAMPLES = 3
"""Known pictures that must have been compared for that."""


class MotionCheck(NamedTuple):
    """How far the changes over time agree."""

    agreement: float
    """Correlation of what changes, -1 to 1."""
    known_energy: float
    """How much changes in the known clip at these times, as a share of the contrast of the picture."""
    found_energy: float
    """The same in the shot."""
    samples: int
    """Known pictures that were compared with frames at their times; 1 if they are compared with the background."""
    moving_share: float = 0.0
    """Share of the pixels in which something moves in both, 0 to 1."""
    missed: float = 0.0
    """The strongest motion of the known clip in a place as large as an arm that the shot does not have there, over the
    strongest of all, 0 to 1."""

    @property
    def has_motion(self) -> bool:
        """Whether enough moves on both sides to say anything."""
        return min(self.known_energy, self.found_energy) >= _LEAST_ENERGY

    @property
    def is_other_motion(self) -> bool:
        """Whether something moves, and not in the same way."""
        if self.is_camera_motion:
            return False
        # One side suffices: an actor who comes into an empty set.
        moves = max(self.known_energy, self.found_energy) >= _LEAST_ENERGY
        return moves and (self.agreement_over_chance < _ALIKE or self.missed > _MOST_MISSED)

    @property
    def agreement_over_chance(self) -> float:
        """The agreement, less what few known pictures reach by chance."""
        if self.samples == 1:
            return self.agreement
        return self.agreement - _CHANCE / (self.samples - 1)

    @property
    def is_camera_motion(self) -> bool:
        """Whether so much of both moves that it is the camera that does."""
        return self.moving_share > _CAMERA_SHARE

    @property
    def is_proof(self) -> bool:
        """Whether so much moves in the same way that little else has to agree."""
        is_alike = self.agreement >= _PROOF and self.missed <= _MOST_MISSED
        is_enough = self.moving_share >= _PROOF_MOVING and self.samples >= _PROOF_SAMPLES
        return self.has_motion and is_alike and is_enough


class _Products(NamedTuple):
    """Products of n known pictures and m frames with each other: all that correlations over time are made of."""

    known: Floats
    """(n, n)."""
    both: Floats
    """(n, m)."""
    found: Floats
    """(m, m)."""


class _Pairing(NamedTuple):
    """Known pictures, and the frames at their times."""

    rows: NDArray[np.intp]
    columns: NDArray[np.intp]


def check_motion(
    shot: Shot,
    frames: range,
    candidates: Sequence[VerifiedCandidate],
    times: Floats,
    thumbnails: Sequence[Gray],
    part: NDArray[np.bool_] | None = None,
) -> MotionCheck | None:
    """Compare what changes in some frames of a shot with what changes in a known clip.

    `candidates`: keyframes of the shot that show the clip. `times`, `thumbnails`: of all known pictures of the clip, in
    seconds and as (height, width) uint8. `part`: (any height, any width) bool, the part of the known picture in which
    alone they are compared. None when there is nothing to compare.
    """
    if len(thumbnails) < 2 or not frames:
        return None
    # The frames, warped back to the known pictures; and both without brightness and contrast, which a grade changes.
    chosen = np.array(frames[:: max(1, len(frames) // _MOST_FRAMES)])
    found, is_inside = _warp_frames(shot, chosen, candidates, thumbnails[0].shape)
    if part is not None:
        size = is_inside.shape[1], is_inside.shape[0]
        is_inside &= cv2.resize(part.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST).astype(bool)
    if is_inside.sum() < _FEWEST_PIXELS:
        return None
    height, width = is_inside.shape
    shrunk = [cv2.resize(one, (width, height), interpolation=cv2.INTER_AREA) for one in thumbnails]
    known_rows = _normalise(shrunk, is_inside)
    found_rows = _normalise(found, is_inside)
    if float(np.median(known_rows @ found_rows.T)) < 0:
        # A negative moves as well.
        found_rows = -found_rows
    products = _Products(known_rows @ known_rows.T, known_rows @ found_rows.T, found_rows @ found_rows.T)
    every_frame = np.arange(len(chosen))
    changes = max(0.0, _sum_changes(products.found, every_frame, every_frame))
    found_energy = float(np.sqrt(changes / max(1, len(chosen) - 1)))
    if found_energy >= _STILL_ENERGY:
        shown = shot.times[chosen]
        offsets = [(candidate.time, float(shot.times[candidate.keyframe.frame])) for candidate in candidates]
        pairing = _search_times(products, times, shown, offsets)
        if pairing:
            check = _compare(products, *pairing)
            known_changes = _lay_out(_subtract_mean(known_rows[pairing.rows]), is_inside)
            found_changes = _lay_out(_subtract_mean(found_rows[pairing.columns]), is_inside)
            missed = _measure_missed(known_changes, found_changes)
            moving_share = min(_measure_moving_share(rows, is_inside) for rows in (known_rows, found_rows))
            return check._replace(moving_share=moving_share, missed=missed)
    # A frozen frame, or a shot so short that it shows one known picture.
    return _compare_with_background(products, found_energy)


def _warp_frames(
    shot: Shot, frames: NDArray[np.intp], candidates: Sequence[VerifiedCandidate], shape: tuple[int, ...]
) -> tuple[list[Gray], NDArray[np.bool_]]:
    """Luma thumbnails in the frame of the known picture, and which of its pixels lie inside all of them.

    `shape`: height and width of the known thumbnail. The warp changes from one candidate to the next.
    """
    scale = _SIDE / max(shape)
    width = max(1, round(shape[1] * scale))
    height = max(1, round(shape[0] * scale))
    ordered = sorted(candidates, key=lambda candidate: candidate.keyframe.frame)
    positions = [candidate.keyframe.frame for candidate in ordered]
    coefficients = np.stack([(candidate.homography / candidate.homography[2, 2]).ravel() for candidate in ordered])
    known_width, known_height = ordered[0].size
    gray_height, gray_width = ordered[0].keyframe.gray.shape
    to_feature_size = np.diag((known_width / width, known_height / height, 1.0))
    to_luma = np.diag((LUMA_SIZE[0] / gray_width, LUMA_SIZE[1] / gray_height, 1.0))
    white = np.full(LUMA_SIZE[::-1], 255, np.uint8)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    warped = []
    is_inside = np.ones((height, width), bool)
    for frame in frames:
        homography = np.array([np.interp(frame, positions, column) for column in coefficients.T]).reshape(3, 3)
        warp = to_luma @ homography @ to_feature_size
        picture = cv2.warpPerspective(shot.luma[frame], warp, (width, height), flags=flags)
        warped.append(picture.astype(np.uint8))
        is_inside &= cv2.warpPerspective(white, warp, (width, height), flags=flags) > 250
    return warped, is_inside


def _normalise(pictures: Sequence[NDArray[np.generic]], is_inside: NDArray[np.bool_]) -> Floats:
    """(pictures, pixels) float32 of mean 0 and length 1."""
    rows = []
    for picture in pictures:
        # Thumbnails are warped to a part of a pixel: a little blur makes that harmless.
        pixels = cv2.blur(picture.astype(np.float32), (3, 3))[is_inside]
        rows.append((pixels - pixels.mean()) / max(float(pixels.std()), 1.0))
    return np.asarray(np.stack(rows) / np.sqrt(is_inside.sum()), np.float32)


def _search_times(
    products: _Products, times: Floats, shown: NDArray[np.float64], offsets: list[tuple[float, float]]
) -> _Pairing | None:
    """The pairing that agrees best over all speeds and offsets: known time = offset + speed * time in the file.

    `shown`: seconds of the frames. `offsets`: known time and time in the file of each candidate. None when no two known
    pictures are shown.
    """
    best: _Pairing | None = None
    most = -1.0
    for speed in _SPEEDS:
        for pairing in _list_pairings(times, shown, offsets, speed):
            agreement = _compare(products, *pairing).agreement_over_chance
            if best is None or agreement > most:
                best, most = pairing, agreement
        if most >= _CERTAIN:
            break
    return best


def _list_pairings(
    times: Floats, shown: NDArray[np.float64], offsets: list[tuple[float, float]], speed: float
) -> Iterator[_Pairing]:
    """Yield known pictures and the frames at their times, for every offset that gives another pairing.

    A clip that would be shown at times that it does not have is not shown: among few pictures, chance goes far.
    """
    step = float(np.median(np.diff(times)))
    length = abs(speed) * float(shown[-1] - shown[0])
    tried: set[int] = set()
    for known_time, file_time in offsets:
        middle = known_time - speed * file_time
        first = round((middle - _FARTHEST_OFFSET) / _OFFSET_STEP)
        last = round((middle + _FARTHEST_OFFSET) / _OFFSET_STEP)
        tried.update(range(first, last + 1))
    pairings: set[tuple[bytes, bytes]] = set()
    for number in sorted(tried):
        first_time, last_time = sorted(number * _OFFSET_STEP + speed * shown[[0, -1]])
        if min(last_time, times[-1] + step) - max(first_time, times[0] - step) < _LEAST_COVERED * length:
            continue
        file_times = (times - number * _OFFSET_STEP) / speed
        rows = np.flatnonzero((file_times >= shown[0] - _OFFSET_STEP) & (file_times <= shown[-1] + _OFFSET_STEP))
        columns = np.minimum(np.searchsorted(shown, file_times[rows]), len(shown) - 1)
        pairing = (rows.tobytes(), columns.tobytes())
        if len(rows) > 1 and pairing not in pairings:
            pairings.add(pairing)
            yield _Pairing(rows, columns)


def _compare(products: _Products, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> MotionCheck:
    """Correlate the changes of known pictures with those of frames, each around its own mean over time."""
    count = len(rows)
    # What stands still drops out with the mean over time.
    common = _sum_changes(products.both, rows, columns)
    known = max(0.0, _sum_changes(products.known, rows, rows))
    found = max(0.0, _sum_changes(products.found, columns, columns))
    agreement = common / max(float(np.sqrt(known * found)), 1e-6)
    return MotionCheck(agreement, float(np.sqrt(known / (count - 1))), float(np.sqrt(found / (count - 1))), count)


def _subtract_mean(rows: Floats) -> Floats:
    """(pictures, pixels) float32: what stands still drops out."""
    return np.asarray(rows - rows.mean(0), np.float32)


def _lay_out(rows: Floats, is_inside: NDArray[np.bool_]) -> Floats:
    """(pictures, pixels) -> (pictures, height, width), 0 outside."""
    pictures = np.zeros((len(rows), *is_inside.shape), np.float32)
    pictures[:, is_inside] = rows
    return pictures


def _measure_missed(known: Floats, found: Floats) -> float:
    """How strong the strongest known motion is that the found one lacks, over the strongest of all, 0 to 1.

    `known`, `found`: (pictures, height, width) changes at the same times.
    """
    size = (_LIMB_WINDOW, _LIMB_WINDOW)
    of_known, of_found, of_both = (
        cv2.boxFilter(product.sum(0), -1, size, normalize=False, borderType=cv2.BORDER_CONSTANT)
        for product in (known * known, found * found, known * found)
    )
    agreement = of_both / np.sqrt(np.maximum(of_known * of_found, 1e-9))
    missed = np.where(agreement < _ALIKE_LOCALLY, of_known, 0)
    return float(missed.max() / max(float(of_known.max()), 1e-9))


def _measure_moving_share(rows: Floats, is_inside: NDArray[np.bool_]) -> float:
    """Share of the pixels of (pictures, pixels) in which something moves, 0 to 1."""
    deviation = rows.std(0) * np.sqrt(is_inside.sum())
    return float((deviation > _MOVING_PIXEL).mean())


def _sum_changes(products: Floats, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> float:
    """Sum of products of pictures around their means over time, from the products of the pictures themselves."""
    paired = float(products[rows, columns].sum())
    means = float(products[np.ix_(rows, columns)].sum()) / len(rows)
    return paired - means


def _compare_with_background(products: _Products, found_energy: float) -> MotionCheck | None:
    """Correlate what one known picture has before the background of its clip with what a frame has before it.

    The background is the mean of all known pictures. None when nothing moves before it.
    """
    known = products.known
    mean = known.mean(0)
    # (n,), (n, m) and (m,): products of known pictures and frames, each less the background.
    known_strength = known.diagonal() - 2 * mean + known.mean()
    both = products.both - products.both.mean(0) - mean[:, None] + known.mean()
    found_strength = products.found.diagonal() - 2 * products.both.mean(0) + known.mean()
    strengths = np.sqrt(np.maximum(known_strength, 1e-6)[:, None] * np.maximum(found_strength, 1e-6))
    # The moment at which they agree best: of a frozen frame there is one.
    agreements = both / strengths
    row, column = np.unravel_index(int(agreements.argmax()), agreements.shape)
    energy = float(np.sqrt(max(0.0, known_strength[row])))
    if energy < _LEAST_ENERGY:
        return None
    return MotionCheck(float(agreements[row, column]), energy, found_energy, 1)
