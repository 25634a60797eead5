"""What is kept of a picture or a clip to find it again: a hash, a small picture, local features. Bytes and back.

A picture is kept as one `PictureFingerprint`; a clip as one for every half second in which it changes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from provenance.fingerprint import features
from provenance.fingerprint.features import Features
from provenance.media.arrays import Gray, Rgb
from provenance.model.asset import FINGERPRINT_VERSIONS, Fingerprint

THUMBNAIL_SIDE = 240
"""Long side of the small picture, in pixels."""
FULL_POINTS, LIGHT_POINTS = 1000, 400
"""Points kept of one picture: for what is known or likely to be generated, and for the rest."""

_HEAD = struct.Struct("<fB32sHI")


@dataclass(frozen=True, slots=True)
class PictureFingerprint:
    """One picture, or one frame of a clip, as it is known."""

    time: float
    """Seconds from the first frame; 0 for a picture."""
    quality: int
    """0 for a flat picture to 100 for a busy one; the hash of a flat one says nothing."""
    hash: bytes
    """256 bits."""
    small: bytes
    """A JPEG of at most `THUMBNAIL_SIDE` pixels a side."""
    features: Features


def make(gray: Gray, small: Rgb, most: int, time: float = 0.0) -> PictureFingerprint:
    """Take the fingerprint of one picture, `gray` at most `GRAY_SIDE` and `small` at most `THUMBNAIL_SIDE` a side."""
    bits, quality = hash_picture(gray)
    encoded = cv2.imencode(".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 88])[1].tobytes()
    return PictureFingerprint(time, quality, bits, encoded, features.describe(gray, most))


def hash_picture(gray: Gray, *, mirrored: bool = False) -> tuple[bytes, int]:
    """256 bits of the picture's low frequencies (as PDQ has them), and its quality, 0 to 100."""
    tiny = cv2.resize(gray, (64, 64), interpolation=cv2.INTER_AREA).astype(np.float32)
    waves = cv2.dct(tiny)[1:17, 1:17]
    if mirrored:
        waves = waves * np.where(np.arange(1, 17) % 2, -1, 1)
    steps = np.abs(np.diff(tiny, axis=0)).sum() + np.abs(np.diff(tiny, axis=1)).sum()
    return np.packbits(waves > np.median(waves)).tobytes(), int(min(100, steps / 900))


def pack(method: str, looks: Sequence[PictureFingerprint]) -> Fingerprint:
    """`looks` as they are stored."""
    return Fingerprint(method, FINGERPRINT_VERSIONS[method], b"".join(_pack_one(look) for look in looks))


def unpack(kept: Fingerprint) -> Iterator[PictureFingerprint]:
    """The looks again. Raises `ValueError` for anything that `pack` did not make."""
    return (parse(part) for part in split(kept.data))


def split(data: bytes | memoryview) -> Iterator[memoryview]:
    """The bytes of each look, none of them copied. Raises `ValueError` as `unpack`."""
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


def parse(part: memoryview) -> PictureFingerprint:
    """The look in the bytes that `split` gives. Raises `ValueError` as it does."""
    time, quality, bits, small, _ = _HEAD.unpack_from(part)
    middle = _HEAD.size + small
    return PictureFingerprint(time, quality, bits, bytes(part[_HEAD.size : middle]), features.from_bytes(part[middle:]))


def _pack_one(look: PictureFingerprint) -> bytes:
    points = features.to_bytes(look.features)
    return _HEAD.pack(look.time, look.quality, look.hash, len(look.small), len(points)) + look.small + points
