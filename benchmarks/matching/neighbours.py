"""Candidates by a library for vector search beside our own index, over the same keypoints: time, bytes, found.

Needs faiss-cpu, which nothing else does. One thread.
"""

from __future__ import annotations

import argparse
import importlib
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.matching import known, material
from benchmarks.matching.material import draw, resize
from provenance.fingerprint import features, pictures
from provenance.fingerprint.features import MIRRORED_BINS, Features
from provenance.fingerprint.pictures import PictureFingerprint
from provenance.matching.picture.index import PictureIndex, lay_out, make_postings
from provenance.media.arrays import Floats

_KINDS = ("IVF512,SQ8", "IVF512,PQ32", "IVF512,PQ16")
"""As faiss names them: 512 lists, with vectors in 128, 32 or 16 bytes."""
_PROBES = 8
"""Lists that are searched for a keypoint."""
_NEIGHBOURS = 4
"""Neighbours of a keypoint that vote for their pictures, less the farther they are."""
_TRAINED_ON = 20_000
"""Descriptors."""
_ROUNDS = 10
"""Rounds of k-means."""
_LOOKS = 24
"""Pictures that are looked for, half of them known."""
_ASSETS = 6
"""Best candidates among which the right one must be."""
_POSTING_BYTES = 16
"""Of one keypoint in our own index."""

Rank = Callable[[Features], list[int]]
"""The features of a picture -> numbers of known pictures, the best first."""


class _Asked(NamedTuple):
    """Pictures that are looked for."""

    queries: list[Features]
    right: list[int]
    """Numbers of the known pictures that the first of them show."""


def run(options: argparse.Namespace, _folder: Path) -> int:
    """Print a table with one line an index."""
    faiss: Any = importlib.import_module("faiss")
    faiss.omp_set_num_threads(1)
    random = np.random.default_rng(options.seed)
    to_know, to_show = known.split_pictures(options.pictures, random)
    stills = list(known.make_crops(to_know, options.known))
    fingerprints = [known.fingerprint_picture(still) for still in stills]
    asked = _make_asked(stills, to_show, random)
    print("| index | laid out, s | kB a still | candidates of a look, ms | right one among the best six |")
    print("|---" * 5 + "|")
    start = time.process_time()
    segment = lay_out(make_postings(number, one.features) for number, one in enumerate(fingerprints))
    seconds = time.process_time() - start
    points = sum(len(one.features) for one in fingerprints)
    own = PictureIndex([(0, segment)])
    # Sorted lists need no training; where each of them begins is stored once for any number of stills.
    row = ("ours", seconds, points * _POSTING_BYTES / len(stills))
    _print_row(*row, lambda picture: [one.item for one in own.find_candidates(picture, 24)], asked)
    for kind in _KINDS:
        _measure_kind(faiss, kind, fingerprints, asked)
    return 0


def _make_asked(stills: list[material.Picture], to_show: list[Path], random: np.random.Generator) -> _Asked:
    """Known stills cropped and small, then unknown ones."""
    queries = []
    right = np.linspace(0, len(stills) - 1, _LOOKS // 2).astype(int).tolist()
    for number in range(_LOOKS):
        if number < len(right):
            picture = material.crop(stills[right[number]], 0.7, *random.random(2))
        else:
            picture = material.load(to_show[number]) if number < len(to_show) else draw(60_000 + number)
        gray = np.asarray(cv2.cvtColor(resize(picture, 640, 360), cv2.COLOR_BGR2GRAY), np.uint8)
        queries.append(features.extract_features(gray, pictures.FULL_POINTS, quantise=False))
    return _Asked(queries, right)


def _measure_kind(faiss: Any, kind: str, fingerprints: list[PictureFingerprint], asked: _Asked) -> None:  # noqa: ANN401 - it has no types
    """Lay out one kind of index of the library, and look for everything."""
    descriptors = np.concatenate([one.features.descriptors for one in fingerprints])
    counts = [len(one.features) for one in fingerprints]
    items = np.repeat(np.arange(len(fingerprints)), counts)
    start = time.process_time()
    index = faiss.index_factory(descriptors.shape[1], kind)
    index.cp.niter = _ROUNDS
    index.nprobe = _PROBES
    step = max(1, len(descriptors) // _TRAINED_ON)
    index.train(np.ascontiguousarray(descriptors[::step]))
    index.add(descriptors)
    seconds = time.process_time() - start
    size = len(faiss.serialize_index(index)) / len(fingerprints)
    _print_row(kind, seconds, size, lambda picture: _rank(index, items, picture.descriptors), asked)


def _rank(index: Any, items: NDArray[np.int64], descriptors: Floats) -> list[int]:  # noqa: ANN401 - as above
    """Numbers of known pictures by the votes of the nearest neighbours, plain or mirrored, the best first."""
    votes = []
    for bins in (np.arange(128), MIRRORED_BINS):
        distances, neighbours = index.search(np.ascontiguousarray(descriptors[:, bins]), _NEIGHBOURS + 1)
        weights = np.maximum(0, 1 - distances[:, :-1] / np.maximum(distances[:, -1:], 1e-6))
        found = neighbours[:, :-1] >= 0
        voted = items[neighbours[:, :-1][found]]
        votes.append(np.bincount(voted, weights[found], int(items[-1]) + 1))
    best: list[int] = np.argsort(-np.maximum(*votes), kind="stable").tolist()
    return best


def _print_row(name: str, seconds: float, size: float, rank: Rank, asked: _Asked) -> None:
    """Look for everything. `seconds`: that it took to lay it out. `size`: bytes a still."""
    taken = []
    found = 0
    for number, query in enumerate(asked.queries):
        start = time.process_time()
        ranked = rank(query)[:_ASSETS]
        taken.append(time.process_time() - start)
        found += number < len(asked.right) and asked.right[number] in ranked
    milliseconds = median(taken) * 1000
    print(
        f"| {name} | {seconds:.1f} | {size / 1000:.1f} | {milliseconds:.0f} | {found} of {len(asked.right)} |",
        flush=True,
    )
