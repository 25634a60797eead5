"""The picture fingerprint: what is stored of a still or a clip, and how it is laid out in bytes.

It holds three things: a *perceptual hash* of the whole picture, a *thumbnail* to compare block by block and to show,
and *local features* by which parts of the picture are found. A still has one `PictureFingerprint`, a clip has one for
every sampling step in which its picture changes.
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
"""Long side of the thumbnail, in pixels."""
FULL_POINTS = 1000
"""Keypoints kept of a picture that is generated or likely to be."""
LIGHT_POINTS = 400
"""Keypoints kept of any other picture."""
_THUMBNAIL_QUALITY = 88
"""JPEG quality of the thumbnail, 0 to 100."""
_HASHED_SIDE = 64
"""Side, in pixels, of the square to which a picture is shrunk before it is hashed."""
_HASHED_FREQUENCIES = 16
"""Frequencies in the hash, horizontally and vertically: 16 * 16 = 256 bits."""
_DIFFERENCE_PER_QUALITY = 900
"""Gray levels of difference, summed over all neighbouring pixels of the shrunk picture, for one point of quality."""

_HEADER = struct.Struct("<fB32sHI")
"""Seconds, quality, perceptual hash, bytes of the thumbnail, bytes of the features."""


@dataclass(frozen=True, slots=True)
class PictureFingerprint:
    """Fingerprint of a still, or of one frame of a clip."""

    time: float
    """Seconds from the first frame; 0 for a still."""
    quality: int
    """0 for a flat picture to 100 for a busy one. The hash of a flat picture means nothing."""
    perceptual_hash: bytes
    """256 bits."""
    thumbnail: bytes
    """A JPEG of at most `THUMBNAIL_SIDE` pixels a side."""
    features: Features


def make_fingerprint(gray: Gray, thumbnail: Rgb, most: int, time: float = 0.0) -> PictureFingerprint:
    """Make the fingerprint of one picture.

    `gray`: (height, width) uint8, the long side at most `GRAY_SIDE`. `thumbnail`: (height, width, 3) uint8, the long
    side at most `THUMBNAIL_SIDE`. `most`: keypoints to keep. `time`: seconds from the first frame.
    """
    perceptual_hash, quality = compute_perceptual_hash(gray)
    bgr = cv2.cvtColor(thumbnail, cv2.COLOR_RGB2BGR)
    jpeg = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, _THUMBNAIL_QUALITY])[1].tobytes()
    return PictureFingerprint(time, quality, perceptual_hash, jpeg, features.extract_features(gray, most))


def compute_perceptual_hash(gray: Gray, *, mirrored: bool = False) -> tuple[bytes, int]:
    """Compute the perceptual hash of a picture and its quality, after PDQ (Facebook, 2019).

    The hash has one bit for each of the 16 x 16 lowest frequencies: whether it is stronger than their median. The
    quality is 0 for a flat picture to 100 for a busy one. `gray`: (height, width) uint8. `mirrored`: hash the mirror
    image of the picture.
    """
    shrunk = cv2.resize(gray, (_HASHED_SIDE, _HASHED_SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    # As in PDQ, row and column 0 are left out; entry (0, 0) is the mean brightness, which every grade changes.
    frequencies = np.arange(1, _HASHED_FREQUENCIES + 1)
    waves = cv2.dct(shrunk)[1 : _HASHED_FREQUENCIES + 1, 1 : _HASHED_FREQUENCIES + 1]
    if mirrored:
        # Mirroring a picture negates the cosines of its odd horizontal frequencies and leaves the even ones.
        waves = waves * np.where(frequencies % 2, -1, 1)
    difference = np.abs(np.diff(shrunk, axis=0)).sum() + np.abs(np.diff(shrunk, axis=1)).sum()
    quality = int(min(100, difference / _DIFFERENCE_PER_QUALITY))
    return np.packbits(waves > np.median(waves)).tobytes(), quality


def pack(method: str, fingerprints: Sequence[PictureFingerprint]) -> Fingerprint:
    """Encode fingerprints for storage. `method`: `picture` for the one of a still, `video` for those of a clip."""
    data = b"".join(_pack_one(fingerprint) for fingerprint in fingerprints)
    return Fingerprint(method, FINGERPRINT_VERSIONS[method], data)


def unpack(stored: Fingerprint) -> Iterator[PictureFingerprint]:
    """Decode what `pack` gave. Raises `ValueError` for anything else."""
    return (parse(part) for part in split(stored.data))


def split(data: bytes | memoryview) -> Iterator[memoryview]:
    """Yield the bytes of each fingerprint, neither copied nor decoded. Raises `ValueError` where they end too soon."""
    view = memoryview(data)
    start = 0
    while start < len(view):
        if len(view) - start < _HEADER.size:
            raise ValueError("a fingerprint ends too soon")
        _, _, _, thumbnail_length, features_length = _HEADER.unpack_from(view, start)
        end = start + _HEADER.size + thumbnail_length + features_length
        if end > len(view):
            raise ValueError("a fingerprint ends too soon")
        yield view[start:end]
        start = end


def parse(part: memoryview) -> PictureFingerprint:
    """Decode the bytes of one fingerprint, as `split` gives them. Raises `ValueError` for anything else."""
    time, quality, perceptual_hash, thumbnail_length, _ = _HEADER.unpack_from(part)
    features_start = _HEADER.size + thumbnail_length
    thumbnail = bytes(part[_HEADER.size : features_start])
    return PictureFingerprint(time, quality, perceptual_hash, thumbnail, features.from_bytes(part[features_start:]))


def _pack_one(fingerprint: PictureFingerprint) -> bytes:
    points = features.to_bytes(fingerprint.features)
    header = _HEADER.pack(
        fingerprint.time, fingerprint.quality, fingerprint.perceptual_hash, len(fingerprint.thumbnail), len(points)
    )
    return header + fingerprint.thumbnail + points
