"""Candidates: an inverted index over visual words names the known pictures that may share content with a picture.

This is step 3 of docs/matching.md; the numbers in the code are those of that page. Every keypoint of every known
picture has a posting in the list of its visual word: a signature of 64 bits, a size and a direction. This is Hamming
embedding with weak geometric consistency (Jegou, Douze, Schmid, ECCV 2008).

Words and signatures are made when a picture is fingerprinted, so the index is built by sorting alone, without training,
and takes 12 bytes a keypoint. The time of a query grows with the lists that it touches, three of 8,192 for a keypoint,
and not with the catalogue.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint import features
from provenance.fingerprint.features import MIRRORED_BINS, Features
from provenance.media.arrays import Floats

_PROBES = 3
"""Visual words looked up for each keypoint of the query."""
_FARTHEST_SIGNATURE = 20
"""Bits of 64 by which signatures may differ for a vote; those of unrelated keypoints differ in 32."""
_ZERO_WEIGHT = _FARTHEST_SIGNATURE + 4
"""Bits at which the weight of a vote, 1 for equal signatures, would reach 0."""
_TURN_BIN = 32
"""Width of the bins of turn in which votes must agree: an eighth of the circle, in steps of 1/256."""
_GROWTH_BIN = 8
"""Width of the bins of growth in which votes must agree: an octave, in steps of an eighth."""
_FEWEST_VOTES = 2.0
"""Votes below which a picture is not a candidate."""
_FEWEST_VOTES_BEYOND_BEST = 3.0
"""Votes below which only the best picture is a candidate: what is there seldom has fewer than 6, others seldom 3."""

Ints = NDArray[np.int64]


class PictureCandidate(NamedTuple):
    """A known picture that is worth comparing."""

    item: int
    """Number of the known picture."""
    mirrored: bool
    """Whether its mirror image was found."""
    votes: float
    """Sum over the keypoints that agree in turn and growth, each at most 1. 0 for a candidate by perceptual hash."""


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


class PictureIndex:
    """The keypoints of all known pictures by visual word. Items are numbered in the order in which they come."""

    def __init__(self, known: Iterable[Features]) -> None:
        counts = []
        words = [np.zeros(0, np.uint16)]
        signatures = [np.zeros(0, np.uint64)]
        scales = [np.zeros(0, np.uint8)]
        angles = [np.zeros(0, np.uint8)]
        for picture in known:
            counts.append(len(picture))
            words.append(picture.words)
            signatures.append(picture.signatures)
            scales.append(picture.scales)
            angles.append(picture.angles)
        all_words = np.concatenate(words)
        order = np.argsort(all_words, kind="stable")
        # Postings, sorted by word: those of word w are starts[w] to starts[w + 1].
        self._items = np.repeat(np.arange(len(counts), dtype=np.uint32), counts)[order]
        self._signatures = np.concatenate(signatures)[order].astype(np.uint64)
        self._scales = np.concatenate(scales)[order].astype(np.uint8)
        self._angles = np.concatenate(angles)[order].astype(np.uint8)
        self._starts = np.searchsorted(all_words[order], np.arange(len(features.load_vocabulary()) + 1))

    def find_candidates(self, picture: Features, most: int) -> list[PictureCandidate]:
        """Find at most `most` known pictures, the best first; plain and mirrored ones are ranked together."""
        if not len(picture) or not len(self._items):
            return []
        # 3.1 Visual words. Several for each keypoint, because an edit moves many descriptors into a neighbouring word.
        # The mirror image of the query needs no second extraction.
        descriptors = picture.descriptors
        mirrored_descriptors = descriptors[:, MIRRORED_BINS]
        words = features.find_nearest_words(descriptors, _PROBES)
        mirrored_words = features.mirror_words(words)
        candidates = [
            *self._rank(picture, descriptors, words, most, mirrored=False),
            *self._rank(picture, mirrored_descriptors, mirrored_words, most, mirrored=True),
        ]
        # 3.4 Ranking.
        ranked = sorted(candidates, key=lambda candidate: -candidate.votes)[:most]
        return ranked[:1] + [one for one in ranked[1:] if one.votes >= _FEWEST_VOTES_BEYOND_BEST]

    def _rank(
        self, picture: Features, descriptors: Floats, words: NDArray[np.intp], most: int, *, mirrored: bool
    ) -> list[PictureCandidate]:
        """Steps 3.2 and 3.3 for the picture or its mirror image: at most `most` candidates, the best first.

        `descriptors`: (n, 128) float32. `words`: (n, `_PROBES`) int64.
        """
        signatures = features.compute_signatures(descriptors, words)
        votes = self._collect_votes(picture, signatures, words, mirrored=mirrored)
        best = _count_votes(_keep_one_vote_a_point(votes), most)
        return [PictureCandidate(item, mirrored, count) for item, count in best.items()]

    def _collect_votes(
        self, picture: Features, signatures: NDArray[np.uint64], words: NDArray[np.intp], *, mirrored: bool
    ) -> _Votes:
        """Step 3.2: one vote for every posting with a near signature in the lists of the words.

        `signatures`: (n, `_PROBES`) uint64. `words`: (n, `_PROBES`) int64.
        """
        probes, postings = self._find_postings(words)
        distances = np.bitwise_count(signatures.ravel()[probes] ^ self._signatures[postings])
        is_near = distances <= _FARTHEST_SIGNATURE
        rows = probes[is_near] // _PROBES
        postings = postings[is_near]
        angles = picture.angles.astype(np.int64)
        if mirrored:
            # Half the circle minus the angle: directions are mirrored at the vertical axis.
            angles = (128 - angles) % 256
        return _Votes(
            items=self._items[postings].astype(np.int64),
            rows=rows,
            turns=(angles[rows] - self._angles[postings]) % 256,
            growths=picture.scales.astype(np.int64)[rows] - self._scales[postings] + 256,
            weights=1 - distances[is_near] / _ZERO_WEIGHT,
        )

    def _find_postings(self, words: NDArray[np.intp]) -> tuple[Ints, Ints]:
        """Find all postings of all words. Returns two (m,) int64: places in the flattened `words`, and postings."""
        flat = words.ravel()
        starts = self._starts[flat]
        counts = self._starts[flat + 1] - starts
        probes = np.repeat(np.arange(len(flat)), counts)
        # Number of each posting within its list: 0, 1, 2 …, then from 0 again for the next list.
        first_of_list = np.repeat(np.cumsum(counts) - counts, counts)
        number_in_list = np.arange(len(probes)) - first_of_list
        return probes, np.repeat(starts, counts) + number_in_list


def _keep_one_vote_a_point(votes: _Votes) -> _Votes:
    """Keep the strongest vote of each keypoint for each item: repeated patterns would outvote everything else."""
    order = np.lexsort((-votes.weights, votes.rows, votes.items))
    if not len(order):
        return votes
    is_new_item = np.diff(votes.items[order]) != 0
    is_new_row = np.diff(votes.rows[order]) != 0
    kept = order[np.r_[True, is_new_item | is_new_row]]
    return _Votes(votes.items[kept], votes.rows[kept], votes.turns[kept], votes.growths[kept], votes.weights[kept])


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
