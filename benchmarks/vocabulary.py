"""Train the visual words: `python -m benchmarks.vocabulary FOLDER…` writes provenance/vocabulary.npy.

Any few dozen large photographs will do: words only say where to look, and what is found there is compared itself.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from provenance.fingerprint import features
from provenance.media.arrays import Floats, Gray

WORDS, ROUNDS, SAMPLE = 4096, 12, 300_000


def cut_pieces(picture: Gray) -> Iterator[Gray]:
    """The picture, its quarters and its sixteenths, each as large as features are taken at."""
    for parts in (1, 2, 4):
        height, width = picture.shape[0] // parts, picture.shape[1] // parts
        if parts > 1 and max(height, width) < features.GRAY_SIDE * 0.75:
            return
        for number in range(parts * parts):
            row, column = divmod(number, parts)
            part = picture[row * height : (row + 1) * height, column * width : (column + 1) * width]
            scale = features.GRAY_SIDE / max(part.shape)
            yield cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.uint8)


def extract_descriptors(folders: list[str]) -> Floats:
    """Of every picture below the folders, mirrored ones too."""
    sift, found = cv2.SIFT.create(1500, contrastThreshold=0.02), []
    for path in sorted(path for folder in folders for path in Path(folder).rglob("*") if path.is_file()):
        picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        if picture is None or min(picture.shape) < 256:
            continue
        for piece in cut_pieces(np.asarray(picture, np.uint8)):
            raw = sift.detectAndCompute(piece, None)[1]
            if raw is not None:
                found.append(features.pack_descriptors(np.asarray(raw, np.float32)))
    codes = np.concatenate(found)
    chosen = np.random.default_rng(1).permutation(len(codes))[: SAMPLE // 2]
    plain = features.unpack_descriptors(codes[chosen])
    return np.concatenate((plain, plain[:, features.MIRRORED_BINS]))


def train(samples: Floats) -> Floats:
    """k-means on the sphere; an empty word starts anew at a random sample."""
    random = np.random.default_rng(2)
    centres = samples[random.permutation(len(samples))[:WORDS]].copy()
    for number in range(ROUNDS):
        word = np.concatenate([(block @ centres.T).argmax(1) for block in np.array_split(samples, 100)])
        counts = np.bincount(word, minlength=WORDS)
        order = np.argsort(word, kind="stable")
        filled = np.flatnonzero(counts)
        starts = np.r_[0, np.cumsum(counts[filled])[:-1]]
        centres[filled] = np.add.reduceat(samples[order], starts)
        centres[counts == 0] = samples[random.permutation(len(samples))[: (counts == 0).sum()]]
        centres /= np.linalg.norm(centres, axis=1, keepdims=True)
        print(number, "empty words", (counts == 0).sum(), "largest", counts.max())
    return centres


if __name__ == "__main__":
    words = train(extract_descriptors(sys.argv[1:]))
    codes = np.clip(np.round(words * 32), 0, 15).astype(np.uint8)
    np.save(Path(features.__file__).with_name("vocabulary.npy"), codes[:, ::2] << 4 | codes[:, 1::2])
