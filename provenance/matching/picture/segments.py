"""A segment of the picture index: what is looked up of some known pictures, as arrays that workers map as they are."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint import pictures
from provenance.matching.array_file import Arrays
from provenance.matching.picture import contours
from provenance.matching.picture.index import Segment, lay_out, make_postings
from provenance.matching.segment_store import MOST

LAYOUT = 2
"""Raised when a segment is laid out in another way: all of them are then made anew."""


class SegmentBuilder:
    """Lays out a segment from packed fingerprints, with what else is to be known of each of its pictures."""

    def __init__(self) -> None:
        self.counts: list[int] = []
        """Pictures of each fingerprint."""
        self._postings: list[NDArray[np.void]] = []
        self._hashes: list[bytes] = []
        self._contours: list[bytes] = []
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
            self._contours.append(contours.hash_fingerprint(fingerprint))
            self._rows.append((start, len(part), fingerprint.quality))
            start += len(part)
        self.counts.append(len(self) - before)
        return self.counts[-1]

    def make_arrays(self) -> Arrays:
        """The arrays of the segment."""
        segment = lay_out(self._postings)
        rows = np.array(self._rows, np.int64).reshape(-1, 3)
        return {
            **{field.name: getattr(segment, field.name) for field in dataclasses.fields(Segment)},
            "hashes": np.frombuffer(b"".join(self._hashes), np.uint64).reshape(-1, 4),
            "contours": np.frombuffer(b"".join(self._contours), np.uint64).reshape(-1, 4),
            "part_starts": rows[:, 0],
            "part_sizes": rows[:, 1].astype(np.uint32),
            "qualities": rows[:, 2].astype(np.uint8),
            "counts": np.array(self.counts, np.uint32),
        }
