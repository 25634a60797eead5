"""Which known pictures may share content with a picture: an inverted index with binary signatures.

Every point of every known picture stands in the list of its visual word, as a 64-bit signature, a size and a direction
(Hamming embedding with weak geometric consistency: Jegou, Douze, Schmid, ECCV 2008). Words and signatures are made when
a picture is learned, so the index is built by sorting alone: 12 bytes a point, no training. Cost grows with the lists
that a query touches, three in 8,192, not with the catalogue.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint import features
from provenance.fingerprint.features import MIRRORED_BINS, Features

_PROBES = 3
"""Words looked up for each point."""
_FARTHEST = 20
"""Signatures that differ in more of their 64 bits do not vote; unrelated ones differ in 32."""
_TURN, _GROWTH = 32, 8
"""Width of the bins in which votes must agree: an eighth of the circle, an octave of size."""
_FEWEST = 2.0
"""Votes below which a picture is no candidate."""
_WORTH = 3.0
"""Votes from which on any is one, below only the best: what is there hardly has fewer than 6, others seldom 3."""

Ints = NDArray[np.int64]


class PictureCandidate(NamedTuple):
    """A known picture worth comparing."""

    item: int
    mirrored: bool
    votes: float
    """Sum over points that agree in turn and growth, each at most 1."""


class PictureIndex:
    """Points of known pictures by word. Items are numbered in the order in which they were given."""

    def __init__(self, known: Iterable[Features]) -> None:
        columns: list[tuple[NDArray[np.uint16], NDArray[np.uint64], NDArray[np.uint8], NDArray[np.uint8]]] = []
        counts = []
        for picture in known:
            columns.append((picture.words, picture.signatures, picture.scales, picture.angles))
            counts.append(len(picture))
        words, signatures, scales, angles = (
            np.concatenate([column[number] for column in columns] or [np.zeros(0, np.uint16)]) for number in range(4)
        )
        order = np.argsort(words, kind="stable")
        self._items = np.repeat(np.arange(len(counts), dtype=np.uint32), counts)[order]
        self._signatures = signatures[order].astype(np.uint64)
        self._scales, self._angles = scales[order].astype(np.uint8), angles[order].astype(np.uint8)
        self._starts = np.searchsorted(words[order], np.arange(len(features.load_vocabulary()) + 1))

    def find_candidates(self, picture: Features, most: int) -> list[PictureCandidate]:
        """At most `most` known pictures, best first, plain and mirrored ones ranked together."""
        if not len(picture) or not len(self._items):
            return []
        plain = picture.descriptors
        words = features.find_nearest_words(plain, _PROBES)
        ways = ((False, plain, words), (True, plain[:, MIRRORED_BINS], features.mirror_words(words)))
        found = [
            PictureCandidate(item, mirrored, votes)
            for mirrored, descriptors, near in ways
            for item, votes in self._voted(picture, features.compute_signatures(descriptors, near), near, mirrored, most)
        ]
        ranked = sorted(found, key=lambda candidate: -candidate.votes)[:most]
        return [candidate for rank, candidate in enumerate(ranked) if rank == 0 or candidate.votes >= _WORTH]

    def _voted(
        self,
        picture: Features,
        signatures: NDArray[np.uint64],
        words: NDArray[np.intp],
        mirrored: bool,
        most: int,
    ) -> list[tuple[int, float]]:
        rows, postings = self._postings(words)
        distance = np.bitwise_count(signatures.ravel()[rows] ^ self._signatures[postings])
        near = distance <= _FARTHEST
        rows, postings, distance = rows[near] // _PROBES, postings[near], distance[near]
        angles = (128 - picture.angles.astype(np.int64)) % 256 if mirrored else picture.angles.astype(np.int64)
        turn = (angles[rows] - self._angles[postings]) % 256
        growth = picture.scales.astype(np.int64)[rows] - self._scales[postings] + 256
        weight = 1 - distance / (_FARTHEST + 4)
        return _tallied(self._items[postings].astype(np.int64), rows, turn, growth, weight, most)

    def _postings(self, words: NDArray[np.intp]) -> tuple[Ints, Ints]:
        """Every posting of every word: the row of the flattened words, and the posting."""
        flat = words.ravel()
        starts, counts = self._starts[flat], self._starts[flat + 1] - self._starts[flat]
        rows = np.repeat(np.arange(len(flat)), counts)
        within = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        return rows, np.repeat(starts, counts) + within


def _tallied(
    items: Ints, rows: Ints, turn: Ints, growth: Ints, weight: NDArray[np.float64], most: int
) -> list[tuple[int, float]]:
    """The items with most votes in one bin of turn and growth; bins overlap by half, so that none falls between two."""
    once = np.lexsort((-weight, rows, items))
    first = np.r_[True, (np.diff(items[once]) != 0) | (np.diff(rows[once]) != 0)] if len(once) else np.zeros(0, bool)
    kept = once[first]  # a point votes once for an item
    items, turn, growth, weight = items[kept], turn[kept], growth[kept], weight[kept]
    half_turn, half_growth = turn // (_TURN // 2), growth // (_GROWTH // 2)
    keys = [
        (items << 16) | ((half_turn + right) % (512 // _TURN) << 8) | (half_growth + up)
        for right in (0, 1)
        for up in (0, 1)
    ]
    bins, where = np.unique(np.concatenate(keys), return_inverse=True)
    votes = np.bincount(where, np.tile(weight, 4), len(bins))
    best = np.argsort(-votes, kind="stable")
    told: dict[int, float] = {}
    for number in best:
        if votes[number] < _FEWEST or len(told) == most:
            break
        told.setdefault(int(bins[number] >> 16), float(votes[number]))
    return list(told.items())
