"""Posting lists over hashes of 22 bits: what known sounds have under each hash. Arrays that are mapped as they are.

Both indices of sounds, over pairs and over triplets of landmarks, are laid out and looked up here. The lists of one
segment never change; a look-up goes through those of all segments.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

HASH_BITS = 22
"""Bits of a hash."""
_FEWEST_BITS = 8
"""Bits by which lists are found at least: a segment of a few sounds takes little."""


@dataclass(frozen=True, slots=True)
class PostingLists:
    """n postings, ordered by hash. Those whose hash begins with bits b are `bounds[b]` to `bounds[b + 1]`."""

    bounds: NDArray[np.uint32]
    """(2 ** bits + 1,): about as many lists as there are postings, and one for each hash at most."""
    rests: NDArray[np.uint16]
    """(n,): the other bits of each hash."""

    @property
    def rest_bits(self) -> int:
        """Bits of a hash that are in `rests`."""
        return HASH_BITS - (len(self.bounds) - 1).bit_length() + 1

    def split(self, hashes: NDArray[np.uint32]) -> tuple[NDArray[np.int64], NDArray[np.uint16]]:
        """The numbers of the lists of (n,) hashes, and the other bits."""
        return (hashes >> self.rest_bits).astype(np.int64), _take_low_bits(hashes, self.rest_bits)


class Hits(NamedTuple):
    """What n look-ups found in one segment."""

    segment: int
    lookup: NDArray[np.int64]
    """(n,): number of the hash that was looked up."""
    posting: NDArray[np.int64]
    """(n,): number of the posting in the segment."""


def lay_out(hashes: NDArray[np.uint32]) -> tuple[PostingLists, NDArray[np.intp]]:
    """Lay out postings by their (n,) hashes. Returns the lists, and their order: the n-th one was number `order[n]`."""
    order = np.argsort(hashes, kind="stable")
    bits = min(HASH_BITS, max(_FEWEST_BITS, len(hashes).bit_length()))
    rest_bits = HASH_BITS - bits
    bounds = np.zeros((1 << bits) + 1, np.uint32)
    np.cumsum(np.bincount(hashes >> rest_bits, minlength=1 << bits), out=bounds[1:])
    return PostingLists(bounds, _take_low_bits(hashes[order], rest_bits)), order


def look_up(
    segments: Sequence[PostingLists], hashes: NDArray[np.uint32], most_of_list: int, most: int
) -> Iterator[Hits]:
    """Yield the postings of (n,) hashes, segment by segment.

    At most so many of one list, and of all about so many: those first of which there are fewest, for they say most.
    """
    total = np.zeros(len(hashes), np.int64)
    for segment in segments:
        total += _count(segment, hashes, most_of_list)
    wanted = np.flatnonzero(_choose_rarest(total, most) & (total > 0))
    for number, segment in enumerate(segments):
        lists, rests = segment.split(hashes[wanted])
        first = segment.bounds[lists].astype(np.int64)
        counts = np.minimum(segment.bounds[lists + 1] - first, most_of_list)
        row = np.repeat(np.arange(len(wanted)), counts)
        posting = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts) + first[row]
        is_same = segment.rests[posting] == rests[row]
        yield Hits(number, wanted[row[is_same]], posting[is_same])


def _count(segment: PostingLists, hashes: NDArray[np.uint32], most: int) -> NDArray[np.int64]:
    """(n,): postings of the lists of (n,) hashes."""
    lists, _ = segment.split(hashes)
    return np.asarray(np.minimum(segment.bounds[lists + 1] - segment.bounds[lists], most), np.int64)


def _choose_rarest(counts: NDArray[np.int64], most: int) -> NDArray[np.bool_]:
    """(n,) bool: all but the largest of (n,) counts, which together are at most `most`."""
    if counts.sum() <= most:
        return np.ones(len(counts), np.bool_)
    order = np.argsort(counts, kind="stable")
    is_chosen = np.zeros(len(counts), np.bool_)
    is_chosen[order[np.cumsum(counts[order]) <= most]] = True
    return is_chosen


def _take_low_bits(hashes: NDArray[np.uint32], bits: int) -> NDArray[np.uint16]:
    return (hashes & np.uint32((1 << bits) - 1)).astype(np.uint16)
