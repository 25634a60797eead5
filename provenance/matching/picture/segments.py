"""A segment of the picture index: what is looked up of some known pictures, as arrays that workers map as they are."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint import block_signs, pictures
from provenance.fingerprint.pictures import PictureFingerprint
from provenance.matching.array_file import Arrays
from provenance.matching.picture import contours
from provenance.matching.picture.index import Segment, lay_out, make_postings
from provenance.matching.picture.placement import SHAPES, list_middles
from provenance.matching.segment_store import MOST
from provenance.media.arrays import Gray

LAYOUT = 3
"""Raised when a segment is laid out in another way: all of them are then made anew."""
_NO_HASH = bytes(32)
"""Zeros, which resemble no hash."""


class SegmentBuilder:
    """Lays out a segment from packed fingerprints, with what else is to be known of each of its pictures."""

    def __init__(self) -> None:
        self.counts: list[int] = []
        """Pictures of each fingerprint."""
        self._postings: list[NDArray[np.void]] = []
        self._hashes: list[bytes] = []
        self._contours: list[bytes] = []
        self._middle_hashes: list[bytes] = []
        self._middle_contours: list[bytes] = []
        self._rows: list[tuple[int, int, int]] = []

    def __len__(self) -> int:
        """Pictures so far."""
        return len(self._rows)

    @property
    def is_full(self) -> bool:
        """Whether it should take no other fingerprint."""
        return len(self) >= MOST

    def add(self, data: bytes | memoryview) -> int:
        """Add the packed fingerprint of a still or a clip. Returns its number of pictures."""
        start = 0
        before = len(self)
        for part in pictures.split(data):
            fingerprint = pictures.parse(part)
            self._postings.append(make_postings(len(self), fingerprint.features))
            self._hashes.append(fingerprint.perceptual_hash)
            self._add_hashes_of_thumbnail(fingerprint)
            self._rows.append((start, len(part), fingerprint.quality))
            start += len(part)
        self.counts.append(len(self) - before)
        return self.counts[-1]

    def _add_hashes_of_thumbnail(self, fingerprint: PictureFingerprint) -> None:
        gray = _decode_thumbnail(fingerprint)
        middles: list[Gray | None] = [None] * len(SHAPES) if gray is None else list_middles(gray)
        self._contours.append(_hash_contours(gray))
        self._middle_contours += map(_hash_contours, middles)
        self._middle_hashes += [
            _NO_HASH if one is None else pictures.compute_perceptual_hash(one)[0] for one in middles
        ]

    def make_arrays(self) -> Arrays:
        """The arrays of the segment."""
        segment = lay_out(self._postings)
        rows = np.array(self._rows, np.int64).reshape(-1, 3)
        return {
            **{field.name: getattr(segment, field.name) for field in dataclasses.fields(Segment)},
            "hashes": np.frombuffer(b"".join(self._hashes), np.uint64).reshape(-1, 4),
            "contours": np.frombuffer(b"".join(self._contours), np.uint64).reshape(-1, 4),
            "middle_hashes": np.frombuffer(b"".join(self._middle_hashes), np.uint64).reshape(-1, len(SHAPES), 4),
            "middle_contours": np.frombuffer(b"".join(self._middle_contours), np.uint64).reshape(-1, len(SHAPES), 4),
            "part_starts": rows[:, 0],
            "part_sizes": rows[:, 1].astype(np.uint32),
            "qualities": rows[:, 2].astype(np.uint8),
            "counts": np.array(self.counts, np.uint32),
        }


def _decode_thumbnail(fingerprint: PictureFingerprint) -> Gray | None:
    """(height, width) uint8; None of a picture from a list, which has none, and of a damaged one."""
    if block_signs.parse(fingerprint.thumbnail):
        return None
    gray = cv2.imdecode(np.frombuffer(fingerprint.thumbnail, np.uint8), cv2.IMREAD_GRAYSCALE)
    # One that is damaged is told by whoever shows it.
    return None if gray is None else np.asarray(gray, np.uint8)


def _hash_contours(gray: Gray | None) -> bytes:
    return _NO_HASH if gray is None else contours.compute_hash(contours.compute_contours(gray))
