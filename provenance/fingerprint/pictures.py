"""What is kept of a picture or a clip to find it again: a hash, a small picture, local features. Bytes and back.

A picture is kept as one `Look`; a clip as one for every half second in which it changes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint import features
from provenance.fingerprint.features import Features, Gray
from provenance.model import CODES, Fingerprint

SMALL = 240
"""Long side of the small picture, in pixels."""
FULL, LIGHT = 1000, 400
"""Points kept of one picture: for what is known or likely to be generated, and for the rest."""

_HEAD = struct.Struct("<fB32sHI")
Colour = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Look:
    """One picture, or one frame of a clip, as it is known."""

    time: float
    """Seconds from the first frame; 0 for a picture."""
    quality: int
    """0 for a flat picture to 100 for a busy one; the hash of a flat one says nothing."""
    hash: bytes
    """256 bits."""
    small: bytes
    """A JPEG of at most `SMALL` pixels a side."""
    features: Features


def look_at(gray: Gray, small: Colour, most: int, time: float = 0.0) -> Look:
    """Take the fingerprint of one picture. `gray`: at most `features.SIDE` a side; `small`: RGB, `SMALL` a side."""
    bits, quality = hashed(gray)
    encoded = cv2.imencode(".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 88])[1].tobytes()
    return Look(time, quality, bits, encoded, features.describe(gray, most))


def hashed(gray: Gray, *, mirrored: bool = False) -> tuple[bytes, int]:
    """256 bits of the picture's low frequencies (as PDQ has them), and its quality, 0 to 100."""
    tiny = cv2.resize(gray, (64, 64), interpolation=cv2.INTER_AREA).astype(np.float32)
    waves = cv2.dct(tiny)[1:17, 1:17]
    if mirrored:
        waves = waves * np.where(np.arange(1, 17) % 2, -1, 1)
    steps = np.abs(np.diff(tiny, axis=0)).sum() + np.abs(np.diff(tiny, axis=1)).sum()
    return np.packbits(waves > np.median(waves)).tobytes(), int(min(100, steps / 900))


def fingerprint(method: str, looks: Sequence[Look]) -> Fingerprint:
    """`looks` as they are stored."""
    return Fingerprint(method, CODES[method], b"".join(_packed(look) for look in looks))


def looks_of(kept: Fingerprint) -> Iterator[Look]:
    """The looks again. Raises `ValueError` for anything that `fingerprint` did not make."""
    return (look_in(part) for part in parts_of(kept.data))


def parts_of(data: bytes | memoryview) -> Iterator[memoryview]:
    """The bytes of each look, none of them copied. Raises `ValueError` as `looks_of`."""
    view, at = memoryview(data), 0
    while at < len(view):
        if len(view) - at < _HEAD.size:
            raise ValueError("a fingerprint ends too soon")
        _, _, _, small, points = _HEAD.unpack_from(view, at)
        length = _HEAD.size + small + points
        if at + length > len(view):
            raise ValueError("a fingerprint ends too soon")
        yield view[at : at + length]
        at += length


def look_in(part: memoryview) -> Look:
    """The look in the bytes that `parts_of` gives. Raises `ValueError` as it does."""
    time, quality, bits, small, _ = _HEAD.unpack_from(part)
    middle = _HEAD.size + small
    return Look(time, quality, bits, bytes(part[_HEAD.size : middle]), features.from_bytes(part[middle:]))


def _packed(look: Look) -> bytes:
    points = features.to_bytes(look.features)
    return _HEAD.pack(look.time, look.quality, look.hash, len(look.small), len(points)) + look.small + points
