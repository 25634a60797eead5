"""In and out points: from which frame to which a known picture is shown, by what its part of the frame does.

This is step 8 of docs/matching.md; the numbers in the code are those of that page. Keyframes say that the picture is
there; the luma thumbnails, of which there is one for every frame, say since when and until when.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint.shots import LUMA_SIZE, Shot
from provenance.matching.picture.verify import VerifiedCandidate
from provenance.media.arrays import Floats

_JUMP = 5.0
"""How many times the usual change from frame to frame a jump has."""
_NOISE = 1.2
"""Gray levels of mean difference that a jump must exceed beyond that."""
_OTHER_CORRELATION = 0.55
"""Correlation with the keyframe below which a frame shows something else."""
_CORRELATION_DROP = 0.35
"""By how much the correlation must fall at a jump."""
_SAME_CORRELATION = 0.8
"""Correlation with the keyframe that no frame on the way may fall below for the picture to be shown throughout."""
_SMALLEST_AREA = 4
"""Pixels of a luma thumbnail that a known picture must cover to be followed."""


def find_in_and_out(
    shot: Shot, candidate: VerifiedCandidate, absent_before: int | None, absent_after: int | None
) -> tuple[int, int]:
    """Find the first frame in which a known picture is shown, and the frame after the last one.

    `absent_before`, `absent_after`: frames of the nearest keyframes in which it was searched for and is not found. None
    when it is found in every keyframe up to that end of the shot: the shot then bounds it, unless its part of the frame
    plainly changes earlier.
    """
    # 8.1 The part of the frame.
    area = _find_area(candidate)
    if area.sum() < _SMALLEST_AREA:
        first = 0 if absent_before is None else absent_before + 1
        end = len(shot.luma) if absent_after is None else absent_after
        return first, end
    # 8.2 Correlation with the keyframe, and change from frame to frame.
    pixels = shot.luma[:, area].astype(np.float32)
    keyframe = min(candidate.keyframe.frame, len(pixels) - 1)
    correlations = _correlate(pixels, pixels[keyframe])
    steps = np.abs(np.diff(pixels, axis=0)).mean(1)
    # 8.3 Walk from the keyframe to both ends.
    frames_before = None if absent_before is None else keyframe - absent_before
    frames_after = None if absent_after is None else absent_after - keyframe
    backwards = _count_frames(correlations[keyframe::-1], steps[:keyframe][::-1], frames_before)
    forwards = _count_frames(correlations[keyframe:], steps[keyframe:], frames_after)
    return keyframe - backwards, keyframe + forwards + 1


def is_shown_throughout(shot: Shot, candidate: VerifiedCandidate, frame: int) -> bool:
    """Whether its part of the frame goes on showing the same up to another frame, however blurred or dark it is there.

    What is out of focus has no points to be verified by, and yet is no other picture.
    """
    area = _find_area(candidate)
    if area.sum() < _SMALLEST_AREA:
        return False
    keyframe = min(candidate.keyframe.frame, len(shot.luma) - 1)
    first, last = sorted((keyframe, frame))
    pixels = shot.luma[first : last + 1, area].astype(np.float32)
    correlations = _correlate(pixels, pixels[keyframe - first])
    return float(correlations.min()) >= _SAME_CORRELATION


def _find_area(candidate: VerifiedCandidate) -> NDArray[np.bool_]:
    """Step 8.1: (36, 64) bool: which pixels of a luma thumbnail the known picture covers."""
    height, width = candidate.keyframe.gray.shape
    scale = np.array((LUMA_SIZE[0] / width, LUMA_SIZE[1] / height), np.float32)
    # Corners in sixteenths of a pixel (`shift` of 4 bits), within what OpenCV can draw.
    corners = np.clip(np.round(candidate.outline * scale * 16), -32_000, 32_000).astype(np.int32)
    mask = np.zeros((LUMA_SIZE[1], LUMA_SIZE[0]), np.uint8)
    cv2.fillConvexPoly(mask, corners, 1, shift=4)
    return mask.astype(bool)


def _correlate(pixels: Floats, reference: Floats) -> Floats:
    """Step 8.2: (frames,) float32, -1 to 1: correlation of every frame with one of them.

    `pixels`: (frames, pixels) float32, the pixels of the known picture's area. `reference`: (pixels,) float32.
    """
    centred = pixels - pixels.mean(1, keepdims=True)
    model = reference - reference.mean()
    strength = np.linalg.norm(centred, axis=1) * np.linalg.norm(model)
    correlations: Floats = (centred @ model) / np.maximum(strength, 1e-3)
    return correlations


def _count_frames(correlations: Floats, steps: Floats, absent: int | None) -> int:
    """Step 8.3: count the frames that still show the picture, walking away from the keyframe in which it is found.

    `correlations`: (n,) float32, -1 to 1: of the keyframe, which has 1, and of the frames on the way. `steps`: (n - 1,)
    float32: gray levels of change from one of them to the next. `absent`: which of them is known not to show the
    picture, None if none is.
    """
    limit = len(correlations) - 1
    if absent is not None:
        limit = min(absent, limit)
    if limit <= 0:
        return 0
    # A cut, or something put over the picture: that part of the frame jumps, and shows something else from then on.
    # The usual change is measured on the way itself: a busy picture changes more from frame to frame than a calm one.
    usual_step = float(np.median(steps[:limit]))
    following = correlations[1 : limit + 1]
    is_jump = steps[:limit] > _NOISE + _JUMP * usual_step
    is_drop = correlations[:limit] - following > _CORRELATION_DROP
    is_end = is_jump & is_drop & (following < _OTHER_CORRELATION)
    if is_end.any():
        return int(np.argmax(is_end))
    if absent is None:
        return limit
    # A dissolve or a fade: it ends where half of the correlation is lost on the way to the frame without the picture.
    middle = (1 + float(correlations[limit])) / 2
    is_mostly_gone = correlations[: limit + 1] < middle
    if not is_mostly_gone.any():
        return limit - 1
    return max(0, int(np.argmax(is_mostly_gone)) - 1)
