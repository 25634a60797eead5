"""Cells: the visual words, each divided into 64, in which keypoints are looked up. Step 3.1 of docs/matching.md.

A stored keypoint has one visual word of 8,192. In a large catalogue the lists of whole words are too long to be read
through, so each is divided by what its word leaves of a descriptor: by the nearest of 64 residuals. They are the same
for every word, a table that ships with the program, so a stored fingerprint need not be made again.

The words of a query are found through groups of words. That misses a few of the nearest words, and costs a fifth.
"""

from __future__ import annotations

import functools
from importlib import resources
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint import features
from provenance.fingerprint.features import MIRRORED_BINS
from provenance.media.arrays import Floats

CELLS_A_WORD = 64
"""Cells into which each visual word is divided."""
CELLS = 8192 * CELLS_A_WORD
"""All cells: cell c is a part of word c // `CELLS_A_WORD`."""
_GROUPS = 96
"""Groups of words that lie near each other."""
_GROUP_ROUNDS = 6
"""Rounds of k-means that make them."""
_GROUPS_SEARCHED = 8
"""Groups whose words a descriptor is compared with."""
_WORD_MARGIN = 0.02
"""Cosine below that of the nearest word, down to which words are looked up."""
_CELL_MARGIN = 0.015
"""Half of the squared distance beyond that of the nearest cell, up to which cells are looked up …"""
MOST_CELLS = 24
"""… but at most so many of one descriptor, the nearest."""

Ints = NDArray[np.int64]


class Probes(NamedTuple):
    """n places of the index at which the keypoints of a picture are looked up, each keypoint in several."""

    rows: Ints
    """(n,) int64: numbers of the keypoints."""
    cells: Ints
    """(n,) int64, 0 to `CELLS` - 1."""
    signatures: NDArray[np.uint64]
    """(n,) uint64: of the keypoint relative to the middle of the cell."""


class _Words(NamedTuple):
    """n pairs of a descriptor and a visual word near it."""

    rows: Ints
    words: Ints
    cosines: Floats


class _Groups(NamedTuple):
    centres: Floats
    """(`_GROUPS`, 128) float32 unit vectors."""
    members: tuple[Ints, ...]
    """The words of each group."""
    all_members: Ints
    """(8192,) int64: the same behind each other …"""
    firsts: Ints
    """… and where those of each group begin, (`_GROUPS`,) int64."""
    words: tuple[Floats, ...]
    """(members, 128) float32: these words."""


class _Residuals(NamedTuple):
    centres: Floats
    """(`CELLS_A_WORD`, 128) float32: what words leave of descriptors, the most usual ones."""
    halves: Floats
    """(`CELLS_A_WORD`,) float32: half of their squared lengths."""
    of_words: Floats
    """(8192, `CELLS_A_WORD`) float32: products of every word with every one of them."""
    positions: Floats
    """(`CELLS_A_WORD`, 64) float32: how far each lies along the planes of signatures."""


def assign_cells(descriptors: Floats, words: NDArray[np.uint16]) -> NDArray[np.uint32]:
    """Assign known keypoints to the nearest cells of their words.

    `descriptors`: (n, 128) float32 unit vectors. `words`: (n,) uint16, the word of each. Returns (n,) uint32.
    """
    residuals = _load_residuals()
    nearness = descriptors @ residuals.centres.T - residuals.of_words[words] - residuals.halves
    nearest: NDArray[np.uint32] = nearness.argmax(1).astype(np.uint32)
    return words.astype(np.uint32) * np.uint32(CELLS_A_WORD) + nearest


def compute_signatures(descriptors: Floats, rows: Ints, cells: Ints) -> NDArray[np.uint64]:
    """Compute signatures relative to the middles of cells: on which side of 64 planes through it a descriptor lies.

    Those of fingerprints are relative to words: within a cell they are alike, and tell little.
    `descriptors`: (n, 128) float32 unit vectors. `rows`, `cells`: (m,) pairs of a descriptor and a cell.
    Returns (m,) uint64.
    """
    planes, word_positions = features.load_planes()
    middles = word_positions[cells // CELLS_A_WORD]
    middles += _load_residuals().positions[cells % CELLS_A_WORD]
    sides = (descriptors @ planes)[rows] > middles
    return np.packbits(sides, axis=1).view(np.uint64)[:, 0]


def find_probes(descriptors: Floats, most_cells: int, is_filled: NDArray[np.bool_]) -> tuple[Probes, Probes]:
    """Find the cells near each descriptor: of the picture, and of its mirror image, which needs no second search.

    `descriptors`: (n, 128) float32 unit vectors. `most_cells`: cells of each, at most. `is_filled`: (`CELLS`,) bool:
    which cells hold anything; others are left out.
    """
    words = _find_words(descriptors)
    mirrored = words._replace(words=features.mirror_words(words.words))
    plain = _find_cells(descriptors, words, most_cells, is_filled)
    return plain, _find_cells(descriptors[:, MIRRORED_BINS], mirrored, most_cells, is_filled)


def _find_words(descriptors: Floats) -> _Words:
    """All words nearly as near to a descriptor as the nearest, among those of the nearest groups."""
    groups = _load_groups()
    nearest = np.argpartition(descriptors @ groups.centres.T, _GROUPS - _GROUPS_SEARCHED, axis=1)
    searched = nearest[:, _GROUPS - _GROUPS_SEARCHED :].ravel()
    # All descriptors that search a group are compared with its words at once. The products of all groups lie behind
    # each other in one array, so that what follows is done once for all of them.
    order = np.argsort(searched, kind="stable")
    bounds = np.searchsorted(searched[order], np.arange(_GROUPS + 1))
    rows = order // _GROUPS_SEARCHED
    sizes = np.array([len(members) for members in groups.members])[searched[order]]
    ends = np.cumsum(sizes)
    cosines = np.empty(int(ends[-1]), np.float32)
    highest = np.empty(len(rows), np.float32)
    sorted_descriptors = descriptors[rows]
    for group, members in enumerate(groups.words):
        part = slice(bounds[group], bounds[group + 1])
        if part.start == part.stop or not len(members):
            continue
        first = ends[part.start] - sizes[part.start]
        products = cosines[first : ends[part.stop - 1]].reshape(-1, len(members))
        np.matmul(sorted_descriptors[part], members.T, out=products)
        products.max(1, out=highest[part])
    best = np.full(len(descriptors), -1, np.float32)
    np.maximum.at(best, rows, highest)
    lowest = np.repeat((best - _WORD_MARGIN)[rows], sizes)
    near = np.flatnonzero(cosines > lowest)
    pairs = np.searchsorted(ends, near, side="right")
    places = near - (ends - sizes)[pairs]
    words = groups.all_members[groups.firsts[searched[order]][pairs] + places]
    return _Words(rows[pairs], words, cosines[near])


def _find_cells(descriptors: Floats, pairs: _Words, most: int, is_filled: NDArray[np.bool_]) -> Probes:
    """The cells of these words that are nearly as near to a descriptor as the nearest."""
    residuals = _load_residuals()
    # With the word w and the residual r, half of the squared distance to w + r is a constant minus this nearness.
    nearness = (descriptors @ residuals.centres.T - residuals.halves)[pairs.rows]
    nearness -= residuals.of_words[pairs.words]
    nearness += pairs.cosines[:, None]
    best = np.full(len(descriptors), -np.inf, np.float32)
    np.maximum.at(best, pairs.rows, nearness.max(1, initial=-np.inf))
    near = np.flatnonzero(nearness > (best - _CELL_MARGIN)[pairs.rows][:, None])
    near = _keep_nearest(near, pairs.rows[near // CELLS_A_WORD], nearness.ravel()[near], most)
    numbers = near // CELLS_A_WORD
    rows = pairs.rows[numbers]
    cells = pairs.words[numbers] * CELLS_A_WORD + near % CELLS_A_WORD
    # Signatures are the dearer part: none where there is nothing to compare them with.
    with_postings = np.flatnonzero(is_filled[cells])
    rows = rows[with_postings]
    cells = cells[with_postings]
    return Probes(rows, cells, compute_signatures(descriptors, rows, cells))


def _keep_nearest(near: Ints, rows: Ints, nearness: Floats, most: int) -> Ints:
    """Keep the `most` nearest of each descriptor. `near`, `rows`, `nearness`: (n,). Returns a part of `near`."""
    # Nearness lies between -4 and 4: row and nearness share one number to sort by.
    order = np.argsort(rows * 8.0 - nearness, kind="stable")
    counts = np.bincount(rows)
    first = np.repeat(np.cumsum(counts) - counts, counts)
    rank = np.arange(len(order)) - first
    return near[order[rank < most]]


@functools.cache
def _load_residuals() -> _Residuals:
    with resources.files("provenance.matching.picture").joinpath("residuals.npy").open("rb") as file:
        centres = np.load(file, allow_pickle=False).astype(np.float32)
    halves = np.asarray((centres * centres).sum(1) / 2, np.float32)
    planes, _ = features.load_planes()
    return _Residuals(centres, halves, features.load_vocabulary() @ centres.T, centres @ planes)


@functools.cache
def _load_groups() -> _Groups:
    """Groups of words, by k-means: a matter of milliseconds, and nothing that is stored depends on them."""
    words = features.load_vocabulary()
    centres = words[np.linspace(0, len(words) - 1, _GROUPS).astype(np.int64)].copy()
    for _ in range(_GROUP_ROUNDS):
        nearest = (words @ centres.T).argmax(1)
        for group in range(_GROUPS):
            total = words[nearest == group].sum(0)
            centres[group] = total / max(float(np.linalg.norm(total)), 1e-6)
    nearest = (words @ centres.T).argmax(1)
    members = tuple(np.flatnonzero(nearest == group) for group in range(_GROUPS))
    sizes = np.array([len(rows) for rows in members])
    firsts = np.cumsum(sizes) - sizes
    return _Groups(centres, members, np.concatenate(members), firsts, tuple(words[rows] for rows in members))
