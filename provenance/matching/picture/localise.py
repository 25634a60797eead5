"""From which frame to which: a known picture followed through a shot by what its part of the frame does."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint.shots import LUMA_SIZE, Shot
from provenance.matching.picture.verify import VerifiedCandidate, outline

Doubles = NDArray[np.float64]

_JUMP, _NOISE = 5.0, 1.2
"""A step this many times the usual one, and more than noise: something came or went."""
_OTHER, _APART = 0.55, 0.35
"""Correlation below which a part shows something else, and by how much it falls at a jump."""
_SMALLEST = 4
"""Tiny pixels that a part must have to be followed."""


def find_in_and_out(shot: Shot, seen: VerifiedCandidate, before: int | None, after: int | None) -> tuple[int, int]:
    """First frame, and the frame after the last, in which a known picture stands.

    `before`, `after`: the nearest frames at which it was looked for and is not there; None when it is there in every
    view up to that end of the shot, which then bounds it unless its part of the frame plainly changes.
    """
    part = _part(seen)
    if part.sum() < _SMALLEST:
        return (0 if before is None else before + 1), (len(shot.luma) if after is None else after)
    pixels = shot.luma[:, part].astype(np.float32)
    at = min(seen.view.frame, len(pixels) - 1)
    like = _likeness(pixels, pixels[at])
    steps = np.abs(np.diff(pixels, axis=0)).mean(1)
    first = at - _edge(like[at::-1], steps[:at][::-1], None if before is None else at - before)
    last = at + _edge(like[at:], steps[at:], None if after is None else after - at)
    return first, last + 1


def _edge(like: Doubles, steps: Doubles, absent: int | None) -> int:
    """How many frames further the picture still stands, walking away from where it was seen.

    `like`: likeness of each frame on the way, the first 1. `absent`: a frame on the way at which it is gone.
    """
    limit = len(like) - 1 if absent is None else min(absent, len(like) - 1)
    if limit <= 0:
        return 0
    usual = float(np.median(steps[:limit]))
    falls = like[:limit] - like[1 : limit + 1]
    sudden = (steps[:limit] > _NOISE + _JUMP * usual) & (falls > _APART) & (like[1 : limit + 1] < _OTHER)
    if sudden.any():
        return int(np.argmax(sudden))
    if absent is None:
        return limit
    middle = (1 + float(like[limit])) / 2
    return max(0, int(np.argmax(like[: limit + 1] < middle)) - 1) if (like[: limit + 1] < middle).any() else limit - 1


def _part(seen: VerifiedCandidate) -> NDArray[np.bool_]:
    """(36, 64): where the known picture stands in a tiny frame."""
    height, width = seen.view.gray.shape
    scale = np.array((LUMA_SIZE[0] / width, LUMA_SIZE[1] / height), np.float32)
    corners = np.clip(np.round(outline(seen) * scale * 16), -32_000, 32_000).astype(np.int32)
    mask = np.zeros((LUMA_SIZE[1], LUMA_SIZE[0]), np.uint8)
    cv2.fillConvexPoly(mask, corners, 1, shift=4)
    return mask.astype(bool)


def _likeness(pixels: NDArray[np.float32], one: NDArray[np.float32]) -> Doubles:
    """(frames,): correlation of each frame's part with that of one frame."""
    centred = pixels - pixels.mean(1, keepdims=True)
    model = one - one.mean()
    strength = np.linalg.norm(centred, axis=1) * np.linalg.norm(model)
    alike: Doubles = (centred @ model) / np.maximum(strength, 1e-3)
    return alike
