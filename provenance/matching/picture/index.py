"""Candidates: an inverted index over visual words names the known pictures that may share content with a picture.

This is step 3 of docs/matching.md; the numbers in the code are those of that page. Every keypoint of every known
picture has a posting in the list of its cell, which is a part of its visual word: a signature of 64 bits, a size, a
direction and a place. This is Hamming embedding with weak geometric consistency (Jegou, Douze, Schmid, ECCV 2008), and
a check of the places behind it.

Words and signatures are made when a picture is fingerprinted, so the index is laid out by sorting alone, without
training, and takes 16 bytes a keypoint. It consists of segments, which are laid out once and never change: arrays that
a worker maps from a file as they are. The time of a query grows with the lists that it touches, some 24 of 524,288 for
a keypoint, and hardly with the catalogue.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint.features import GRAY_SIDE, Features
from provenance.matching.picture.cells import (
    CELLS,
    MOST_CELLS,
    Ints,
    Probes,
    assign_cells,
    compute_signatures,
    find_probes,
)
from provenance.matching.picture.placement import Placement

_FARTHEST_SIGNATURE = 17
"""Bits of 64 by which signatures may differ for a vote: 95 % of keypoints that are the same, 0.8 % of others."""
_LARGE = 20_000_000
"""Postings of an index from which on fewer cells are looked up …"""
_MOST_CELLS_OF_LARGE = 12
"""… so many for a keypoint."""
_FEWEST_POINTS = 3
"""Votes for a picture without which it is left out at once: one that two others support."""
_ZERO_WEIGHT = _FARTHEST_SIGNATURE + 4
"""Bits at which the weight of a vote, 1 for equal signatures, would reach 0."""
_AT_ONCE = 1 << 18
"""Postings that are compared at once: what is computed of them stays in the cache of the processor."""
_TURN_BIN = 32
"""Width of the bins of turn in which votes must agree: an eighth of the circle, in steps of 1/256."""
_GROWTH_BIN = 8
"""Width of the bins of growth in which votes must agree: an octave, in steps of an eighth."""
_FEWEST_VOTES = 2.0
"""Votes below which a picture is not a candidate."""
_PLACED = 64
"""Pictures of which the places are checked, those with most votes."""
_VOTES_PLACED = 32
"""Votes of each of them that are checked, the strongest."""
_PLACE_STEP = GRAY_SIDE / 256
"""Pixels of the known picture in which places are stored."""
_LOOSE_TOLERANCE = 10.0
"""Pixels by which the similarity of one vote may miss the place of another that supports it, next to it."""
_TOLERANCE_PER_PIXEL = 0.15
"""How much that grows with each pixel between the two: sizes and directions are coarse."""
_SIMILARITY_TOLERANCE = 0.7
"""Distance of two similarities that support each other, between their complex logarithms: nepers of scale, radians."""
_SAME_PLACE = 3.0
"""Pixels within which two keypoints of the query are one."""
_FEWEST_SUPPORTERS = 3
"""Votes that must support the similarity of another one at their places: others seldom have 3, what is there has 4."""
_FEWEST_SUPPORTERS_OF_BEST = 2
"""The same for the picture with most."""
_POSTING = np.dtype(
    [("signature", "u8"), ("cell", "u4"), ("item", "u4"), ("scale", "u1"), ("angle", "u1"), ("place", "u1", 2)]
)


class PictureCandidate(NamedTuple):
    """A known picture that is worth comparing."""

    item: int
    """Number of the known picture."""
    mirrored: bool
    """Whether its mirror image was found."""
    votes: float
    """Sum over the keypoints that agree in turn and growth, each at most 1. 0 for a candidate by perceptual hash."""
    supporters: int = 0
    """Keypoints whose places agree as well."""
    placement: Placement | None = None
    """Where a hash says that it lies; None where keypoints name it."""


@dataclass(frozen=True, slots=True)
class Segment:
    """The postings of some known pictures, sorted by cell. Those of cell c are `starts[c]` to `starts[c + 1]`."""

    starts: NDArray[np.uint32]
    """(`CELLS` + 1,) uint32."""
    items: NDArray[np.uint32]
    """(n,) uint32: numbers of the pictures in the segment."""
    signatures: NDArray[np.uint64]
    """(n,) uint64."""
    scales: NDArray[np.uint8]
    """(n,) uint8: sizes, as in `Features`."""
    angles: NDArray[np.uint8]
    """(n,) uint8: directions, as in `Features`."""
    places: NDArray[np.uint8]
    """(n, 2) uint8: x and y, in steps of `_PLACE_STEP`."""


class _Points(NamedTuple):
    """The n keypoints of the query, or of its mirror image."""

    places: NDArray[np.complex128]
    """(n,) complex128: x + iy, in pixels."""
    angles: Ints
    """(n,) int64, 0 to 255: directions, as in `Features`."""
    scales: Ints
    """(n,) int64: sizes, as in `Features`."""


class _Near(NamedTuple):
    """n postings near a keypoint of the query."""

    items: Ints
    """(n,) int64: numbers of the known pictures."""
    rows: Ints
    """(n,) int64: numbers of the query's keypoints."""
    postings: Ints
    """(n,) int64: numbers of the postings in their segments."""
    distances: NDArray[np.uint8]
    """(n,) uint8: bits by which the signatures differ."""
    segments: Ints
    """(n,) int64: numbers of the segments."""


class _Votes(NamedTuple):
    """n votes of keypoints of the query for known pictures."""

    items: Ints
    """(n,) int64: numbers of the known pictures."""
    rows: Ints
    """(n,) int64: numbers of the query's keypoints."""
    turns: Ints
    """(n,) int64, 0 to 255: from the direction of the known keypoint to that of the query's, 256 to the circle."""
    growths: Ints
    """(n,) int64: size of the query's keypoint over that of the known one, in eighths of an octave, plus 256."""
    weights: NDArray[np.float64]
    """(n,) float64, 0 to 1: more for signatures that differ less."""
    places: NDArray[np.complex128]
    """(n,) complex128: x + iy of the known keypoint, in pixels."""


def make_postings(number: int, picture: Features) -> NDArray[np.void]:
    """(n,) `_POSTING`: those of one known picture. `number`: its number in the segment."""
    postings = np.zeros(len(picture), _POSTING)
    descriptors = picture.descriptors
    cells = assign_cells(descriptors, picture.words)
    postings["cell"] = cells
    postings["item"] = number
    postings["signature"] = compute_signatures(descriptors, np.arange(len(cells)), cells.astype(np.int64))
    postings["scale"] = picture.scales
    postings["angle"] = picture.angles
    postings["place"] = np.minimum(picture.points / _PLACE_STEP, 255)
    return postings


def lay_out(postings: Iterable[NDArray[np.void]]) -> Segment:
    """Lay out the postings of known pictures."""
    joined = np.concatenate([np.zeros(0, _POSTING), *postings])
    # Without sorting the rows themselves, whose many fields are slow to move.
    order = np.argsort(joined["cell"], kind="stable")
    counts = np.bincount(joined["cell"], minlength=CELLS)
    return Segment(
        starts=np.concatenate(([0], np.cumsum(counts))).astype(np.uint32),
        items=joined["item"][order],
        signatures=joined["signature"][order],
        scales=joined["scale"][order],
        angles=joined["angle"][order],
        places=joined["place"][order],
    )


class PictureIndex:
    """The keypoints of all known pictures by cell. Items are numbered in the order in which they come."""

    def __init__(self, segments: Iterable[tuple[int, Segment]]) -> None:
        """`segments`: the number of the first known picture of each, and its postings."""
        self._segments = [(first, segment) for first, segment in segments if len(segment.items)]
        self._is_filled = np.zeros(CELLS, bool)
        for _, segment in self._segments:
            self._is_filled |= segment.starts[1:] > segment.starts[:-1]
        self._most_cells = MOST_CELLS
        if sum(len(segment.items) for _, segment in self._segments) >= _LARGE:
            self._most_cells = _MOST_CELLS_OF_LARGE
        self._left_out = np.zeros(0, np.int64)

    def leave_out(self, items: Sequence[int]) -> PictureIndex:
        """The same without some known pictures, at least one. They take no place from others among the candidates."""
        rest = copy.copy(self)
        rest._left_out = np.array(items, np.int64)  # noqa: SLF001  # of the same class
        return rest

    def find_candidates(self, picture: Features, most: int) -> list[PictureCandidate]:
        """Find at most `most` known pictures, the best first; plain and mirrored ones are ranked together."""
        if not len(picture) or not self._segments:
            return []
        # 3.1 Cells. Several for each keypoint, because an edit moves many descriptors into a neighbouring one. The
        # mirror image of the query needs no second extraction.
        plain, mirrored = find_probes(picture.descriptors, self._most_cells, self._is_filled)
        candidates = [
            *self._rank(picture, plain, most, mirrored=False),
            *self._rank(picture, mirrored, most, mirrored=True),
        ]
        # Ranking.
        ranked = sorted(candidates, key=lambda candidate: -candidate.votes)[:most]
        best, others = ranked[:1], ranked[1:]
        return best + [candidate for candidate in others if candidate.supporters >= _FEWEST_SUPPORTERS]

    def _rank(self, picture: Features, probes: Probes, most: int, *, mirrored: bool) -> list[PictureCandidate]:
        """Steps 3.2 to 3.4 for the picture or its mirror image: at most `most` candidates, the best first."""
        points = _turn_over(picture, mirrored=mirrored)
        parts = []
        for number, (first, segment) in enumerate(self._segments):
            parts += [_find_near(number, first, segment, part) for part in _divide(segment, probes)]
        if not parts:
            return []
        votes = _keep_one_vote_a_point(self._vote(points, parts))
        counts = _count_votes(votes, _PLACED)
        supporters = _count_supporters(votes, points, list(counts))
        candidates = []
        for (item, count), supporting in zip(counts.items(), supporters.tolist(), strict=True):
            if supporting >= _FEWEST_SUPPORTERS_OF_BEST:
                candidates.append(PictureCandidate(item, mirrored, count, supporting))
        return candidates[:most]

    def _vote(self, points: _Points, parts: list[_Near]) -> _Votes:
        """One vote for every near posting of the pictures that have enough of them."""
        near = _Near(
            np.concatenate([part.items for part in parts]),
            np.concatenate([part.rows for part in parts]),
            np.concatenate([part.postings for part in parts]),
            np.concatenate([part.distances for part in parts]),
            np.concatenate([part.segments for part in parts]),
        )
        # In a large catalogue nearly all are by chance, one or two for a picture: they are left out before anything
        # else is looked up.
        counts = np.bincount(near.items, minlength=self._left_out.max(initial=-1) + 1)
        counts[self._left_out] = 0
        enough = np.flatnonzero(counts[near.items] >= _FEWEST_POINTS)
        rows = near.rows[enough]
        scales = np.empty(len(enough), np.int64)
        angles = np.empty(len(enough), np.int64)
        places = np.empty((len(enough), 2))
        for number, (_, segment) in enumerate(self._segments):
            of_segment = near.segments[enough] == number
            postings = near.postings[enough[of_segment]]
            scales[of_segment] = segment.scales[postings]
            angles[of_segment] = segment.angles[postings]
            places[of_segment] = segment.places[postings] * _PLACE_STEP
        return _Votes(
            items=near.items[enough],
            rows=rows,
            turns=(points.angles[rows] - angles) % 256,
            growths=points.scales[rows] - scales + 256,
            weights=1 - near.distances[enough] / _ZERO_WEIGHT,
            places=places[:, 0] + 1j * places[:, 1],
        )


def _turn_over(picture: Features, *, mirrored: bool) -> _Points:
    """The keypoints of the query, or of its mirror image."""
    across = picture.points[:, 0].astype(np.float64)
    angles = picture.angles.astype(np.int64)
    if mirrored:
        # Half the circle minus the angle: directions are mirrored at the vertical axis.
        across = picture.width - across
        angles = (128 - angles) % 256
    return _Points(across + 1j * picture.points[:, 1], angles, picture.scales.astype(np.int64))


def _divide(segment: Segment, probes: Probes) -> Iterator[Probes]:
    """Divide the probes that meet postings into parts with about `_AT_ONCE` of them."""
    counts = segment.starts[probes.cells + 1] - segment.starts[probes.cells]
    meeting = np.flatnonzero(counts)
    totals = np.cumsum(counts[meeting], dtype=np.int64)
    if not len(totals):
        return
    bounds = np.searchsorted(totals, np.arange(_AT_ONCE, totals[-1], _AT_ONCE))
    for part in np.split(meeting, bounds):
        if len(part):
            yield Probes(probes.rows[part], probes.cells[part], probes.signatures[part])


def _find_near(number: int, first: int, segment: Segment, probes: Probes) -> _Near:
    """Step 3.2: all postings with a near signature in the lists of the cells. `number`, `first`: of the segment."""
    starts = segment.starts[probes.cells].astype(np.int64)
    counts = segment.starts[probes.cells + 1] - starts
    # The postings of each list follow each other: 0, 1, 2 …, then the same for the next list.
    before_list = np.cumsum(counts) - counts
    postings = np.arange(before_list[-1] + counts[-1]) + np.repeat(starts - before_list, counts)
    signatures = segment.signatures[postings]
    signatures ^= np.repeat(probes.signatures, counts)
    distances = np.bitwise_count(signatures)
    near = np.flatnonzero(distances <= _FARTHEST_SIGNATURE)
    rows = probes.rows[np.searchsorted(before_list, near, side="right") - 1]
    postings = postings[near]
    items = segment.items[postings].astype(np.int64) + first
    return _Near(items, rows, postings, distances[near], np.full(len(near), number))


def _keep_one_vote_a_point(votes: _Votes) -> _Votes:
    """Keep the strongest vote of each keypoint for each item: repeated patterns would outvote everything else.

    They come back sorted by item.
    """
    order = np.lexsort((-votes.weights, votes.rows, votes.items))
    if not len(order):
        return votes
    is_new_item = np.diff(votes.items[order]) != 0
    is_new_row = np.diff(votes.rows[order]) != 0
    kept = order[np.r_[True, is_new_item | is_new_row]]
    return _Votes(
        votes.items[kept],
        votes.rows[kept],
        votes.turns[kept],
        votes.growths[kept],
        votes.weights[kept],
        votes.places[kept],
    )


def _count_votes(votes: _Votes, most: int) -> dict[int, float]:
    """Step 3.3: count votes that agree in turn and growth (weak geometric consistency).

    Returns for at most `most` items the votes in the best of their bins, the best first.
    """
    # Bins overlap by half of their width in both directions, so that no cluster of votes falls between two of them.
    half_turns = votes.turns // (_TURN_BIN // 2)
    half_turns_in_circle = 256 // (_TURN_BIN // 2)
    half_growths = votes.growths // (_GROWTH_BIN // 2)
    # Item, turn and growth share one integer, 8 bits for each of the last two, so that one `unique` finds all bins.
    keys = []
    for turn_step, growth_step in ((0, 0), (0, 1), (1, 0), (1, 1)):
        turn_bins = (half_turns + turn_step) % half_turns_in_circle
        growth_bins = half_growths + growth_step
        keys.append((votes.items << 16) | (turn_bins << 8) | growth_bins)
    bins, bin_of_vote = np.unique(np.concatenate(keys), return_inverse=True)
    counts = np.bincount(bin_of_vote, np.tile(votes.weights, len(keys)), len(bins))
    best: dict[int, float] = {}
    for number in np.argsort(-counts, kind="stable"):
        if counts[number] < _FEWEST_VOTES or len(best) == most:
            break
        item = int(bins[number] >> 16)
        best.setdefault(item, float(counts[number]))
    return best


def _count_supporters(votes: _Votes, points: _Points, items: Sequence[int]) -> Ints:
    """Step 3.4: the most votes for each item that the similarity of another one explains, places included.

    `votes`: sorted by item. `items`: at most `_PLACED`. Returns as many int64.
    """
    strongest, is_vote = _choose_strongest(votes, items)
    known = votes.places[strongest]
    found = points.places[votes.rows[strongest]]
    # A keypoint is the complex number x + iy. A similarity multiplies by one complex factor and adds an offset.
    turns = votes.turns[strongest] * (2 * np.pi / 256)
    growths = (votes.growths[strongest] - 256) * (np.log(2) / 8)
    factors = np.exp(growths + 1j * turns)
    # Items, then votes whose similarity is tried, then votes that may support it.
    steps = factors[:, :, None] * (known[:, None, :] - known[:, :, None])
    found_steps = found[:, None, :] - found[:, :, None]
    is_supporting = np.abs(found_steps - steps) < _LOOSE_TOLERANCE + _TOLERANCE_PER_PIXEL * np.abs(steps)
    # The distance of two complex logarithms, without computing them again.
    turn_steps = turns[:, None, :] - turns[:, :, None]
    turn_steps -= 2 * np.pi * np.round(turn_steps / (2 * np.pi))
    growth_steps = growths[:, None, :] - growths[:, :, None]
    is_supporting &= turn_steps**2 + growth_steps**2 < _SIMILARITY_TOLERANCE**2
    # Several keypoints at one place are one.
    is_supporting &= np.abs(found_steps) > _SAME_PLACE
    is_supporting &= is_vote[:, None, :] & is_vote[:, :, None]
    supporters: Ints = is_supporting.sum(2).max(1, initial=0)
    return supporters


def _choose_strongest(votes: _Votes, items: Sequence[int]) -> tuple[Ints, NDArray[np.bool_]]:
    """(items, `_VOTES_PLACED`) int64: the strongest votes for each item, and bool: which of them there are."""
    strongest = np.zeros((len(items), _VOTES_PLACED), np.int64)
    is_vote = np.zeros(strongest.shape, bool)
    firsts = np.searchsorted(votes.items, items)
    ends = np.searchsorted(votes.items, items, side="right")
    for row, (first, end) in enumerate(zip(firsts.tolist(), ends.tolist(), strict=True)):
        order = np.argsort(-votes.weights[first:end], kind="stable")[:_VOTES_PLACED]
        strongest[row, : len(order)] = first + order
        is_vote[row, : len(order)] = True
    return strongest, is_vote
