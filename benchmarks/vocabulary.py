"""Train the visual words: `python -m benchmarks.vocabulary FOLDER…` writes provenance/fingerprint/vocabulary.npy.

Any few dozen large photographs will do: words only propose candidates, and each candidate is verified by itself.

Without folders it trains the residuals by which words are divided into cells, on drawn pictures, and writes
provenance/matching/picture/residuals.npy.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from benchmarks.matching.material import draw
from provenance.fingerprint import features
from provenance.matching.picture import cells
from provenance.media.arrays import Floats, Gray

WORDS = 4096
"""Words that are trained; the vocabulary has as many mirrored ones besides."""
ROUNDS = 12
"""Rounds of k-means."""
SAMPLE = 300_000
"""Descriptors to train with, half of them mirrored."""
_MIN_SIDE = 256
"""Pixels of the shorter side of a picture that is used."""
_MIN_ENLARGED = 0.75
"""Share of the side at which features are taken that a part must have, so that it is not enlarged too far."""
_MAX_POINTS = 1500
"""Points that are taken of one piece."""
_BLOCKS = 100
"""Blocks of descriptors that are assigned to words one after the other, to bound the memory."""


RESIDUAL_PICTURES = range(900, 912)
"""Seeds of the pictures that residuals are trained on."""
RESIDUAL_ROUNDS = 6
"""Rounds of k-means for the residuals."""


def cut_pieces(picture: Gray) -> Iterator[Gray]:
    """Yield the picture, its quarters and its sixteenths, each scaled to the size at which features are taken."""
    for parts in (1, 2, 4):
        height, width = picture.shape[0] // parts, picture.shape[1] // parts
        if parts > 1 and max(height, width) < features.GRAY_SIDE * _MIN_ENLARGED:
            return
        for number in range(parts * parts):
            row, column = divmod(number, parts)
            part = picture[row * height : (row + 1) * height, column * width : (column + 1) * width]
            scale = features.GRAY_SIDE / max(part.shape)
            yield cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.uint8)


def extract_descriptors(folders: list[str]) -> Floats:
    """(SAMPLE, 128) float32: descriptors of the pictures below the folders, and the same of the mirrored pictures."""
    sift = cv2.SIFT.create(_MAX_POINTS, contrastThreshold=0.02)
    packed = []
    for path in _list_files(folders):
        picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        if picture is None or min(picture.shape) < _MIN_SIDE:
            continue
        for piece in cut_pieces(np.asarray(picture, np.uint8)):
            descriptors = sift.detectAndCompute(piece, None)[1]
            if descriptors is not None:
                packed.append(features.pack_descriptors(np.asarray(descriptors, np.float32)))
    codes = np.concatenate(packed)
    selected = np.random.default_rng(1).permutation(len(codes))[: SAMPLE // 2]
    # Packed and unpacked again: words are trained on what a stored descriptor still holds.
    plain = features.unpack_descriptors(codes[selected])
    return np.concatenate((plain, plain[:, features.MIRRORED_BINS]))


def _list_files(folders: list[str]) -> list[Path]:
    files: list[Path] = []
    for folder in folders:
        files += [path for path in Path(folder).rglob("*") if path.is_file()]
    return sorted(files)


def train(samples: Floats) -> Floats:
    """(WORDS, 128) float32 of length 1: the words of (n, 128) descriptors, by k-means on the sphere."""
    random = np.random.default_rng(2)
    centres = samples[random.permutation(len(samples))[:WORDS]].copy()
    for number in range(ROUNDS):
        nearest = [(block @ centres.T).argmax(1) for block in np.array_split(samples, _BLOCKS)]
        words = np.concatenate(nearest)
        counts = np.bincount(words, minlength=WORDS)
        # The sum of the samples of each word, in one pass over the samples sorted by word.
        order = np.argsort(words, kind="stable")
        used = np.flatnonzero(counts)
        starts = np.r_[0, np.cumsum(counts[used])[:-1]]
        centres[used] = np.add.reduceat(samples[order], starts)
        # A word without samples starts anew at a random one.
        is_empty = counts == 0
        centres[is_empty] = samples[random.permutation(len(samples))[: is_empty.sum()]]
        centres /= np.linalg.norm(centres, axis=1, keepdims=True)
        print(number, "empty words", is_empty.sum(), "largest", counts.max())
    return centres


def train_residuals() -> Floats:
    """(CELLS_A_WORD, 128) float32: means of what the nearest words leave of the descriptors of drawn pictures."""
    random = np.random.default_rng(0)
    left = []
    for seed in RESIDUAL_PICTURES:
        small = cv2.resize(draw(seed), (640, 360), interpolation=cv2.INTER_AREA)
        gray = np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.uint8)
        points = features.extract_features(gray, 1000)
        left.append(points.descriptors - features.load_vocabulary()[points.words])
    samples = np.concatenate(left)
    centres = samples[random.permutation(len(samples))[: cells.CELLS_A_WORD]].copy()
    for _ in range(RESIDUAL_ROUNDS):
        nearest = (samples @ centres.T - (centres * centres).sum(1) / 2).argmax(1)
        for number in np.unique(nearest):
            centres[number] = samples[nearest == number].mean(0)
    return np.asarray(centres, np.float32)


if __name__ == "__main__":
    if not sys.argv[1:]:
        np.save(Path(cells.__file__).with_name("residuals.npy"), train_residuals().astype(np.float16))
        sys.exit()
    trained = train(extract_descriptors(sys.argv[1:]))
    # Four bits a number, two numbers a byte.
    nibbles = np.clip(np.round(trained * 32), 0, 15).astype(np.uint8)
    np.save(Path(features.__file__).with_name("vocabulary.npy"), nibbles[:, ::2] << 4 | nibbles[:, 1::2])
