"""Local features of a picture: what is found again after crop, mirror, grade, title and scale.

RootSIFT at 640 pixels on the long side, spread over the picture. Each point carries a visual word and a 64-bit
signature, made once, so that a catalogue of any size is searched without training or quantising anything again.
"""

from __future__ import annotations

import functools
import struct
from dataclasses import dataclass
from importlib import resources

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.media.arrays import Floats, Gray

GRAY_SIDE = 640
"""Long side, in pixels, at which features are taken: the unit of every position."""
_CELL = 40
"""Points are spread over cells of this many pixels, so that a small inset in a busy frame has its share of them."""
_CONTRAST = 0.02
"""SIFT's contrast threshold: half the usual, for what is blended, blurred or graded down."""
_FLATTEST = 12
"""Fewer gray levels than this between dark and light: nothing but noise would be found."""
_HEAD = struct.Struct("<HHH")
_BITS = 64
_GROUPS, _AT_ONCE = 128, 128
"""Groups of words searched together, and descriptors looked up at once: no more than the processor keeps near."""


# In a mirrored patch the rows of the descriptor stand in reverse and its directions are negated: exact, no second look.
MIRROR = np.array([(3 - row) * 32 + column * 8 + (8 - turn) % 8
                   for row in range(4) for column in range(4) for turn in range(8)])  # fmt: skip


@dataclass(frozen=True, slots=True)
class Features:
    """The points of one picture, n of them."""

    width: int
    """Of the picture they were taken from, in pixels; the long side is `GRAY_SIDE` at most."""
    height: int
    points: Floats
    """(n, 2): x and y in pixels, to a quarter of one."""
    scales: NDArray[np.uint8]
    """(n,): size of the point, in eighths of an octave."""
    angles: NDArray[np.uint8]
    """(n,): its direction, 256 to the circle."""
    codes: NDArray[np.uint8]
    """(n, 64): the descriptor, 4 bits for each of its 128 bins."""
    words: NDArray[np.uint16]
    """(n,): nearest entry of the vocabulary."""
    signatures: NDArray[np.uint64]
    """(n,): on which side of 64 planes the descriptor stands, seen from its word."""

    def __len__(self) -> int:
        return len(self.words)

    @property
    def descriptors(self) -> Floats:
        """(n, 128): unit vectors again."""
        return unpacked(self.codes)


def describe(gray: Gray, most: int, *, quantise: bool = True) -> Features:
    """The features of a gray picture, `GRAY_SIDE` pixels long at most; no more than `most`, strongest of each cell first.

    `quantise`: whether they are to be kept; what only looks for others needs no words of its own.
    """
    height, width = gray.shape
    stretched = full_range(gray)
    if stretched is None:
        return _empty(width, height)
    points, raw = _sift().detectAndCompute(stretched, None)
    if raw is None:
        return _empty(width, height)
    place = np.array([(*p.pt, p.size, p.angle, p.response) for p in points], np.float32)
    kept = _spread(place, most)
    place, codes = place[kept], packed(np.asarray(raw, np.float32)[kept])
    words, signs = quantised(codes) if quantise else (np.zeros(len(codes), np.uint16), np.zeros(len(codes), np.uint64))
    return Features(
        width,
        height,
        (np.round(place[:, :2] * 4) / 4).astype(np.float32),
        np.clip(np.round(np.log2(place[:, 2]) * 8), 0, 255).astype(np.uint8),
        np.round(place[:, 3] * (256 / 360)).astype(np.int32).astype(np.uint8),
        codes,
        words,
        signs,
    )


def full_range(gray: Gray) -> Gray | None:
    """The picture with its darkest black and its lightest white; None for one that shows nothing but noise."""
    low, high = np.percentile(gray, (1, 99))
    if high - low < _FLATTEST:
        return None
    levels = np.clip((np.arange(256) - low) * (255 / (high - low)), 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(gray, levels), np.uint8)


def _empty(width: int, height: int) -> Features:
    return from_bytes(_HEAD.pack(width, height, 0))


@functools.cache
def _sift() -> cv2.SIFT:
    cv2.setNumThreads(1)  # one worker, one core
    return cv2.SIFT.create(0, contrastThreshold=_CONTRAST)


def _spread(place: Floats, most: int) -> NDArray[np.intp]:
    """Which points to keep: of every cell its strongest, then of every cell its second, and so on."""
    by_strength = np.argsort(-place[:, 4], kind="stable")
    cells = (place[by_strength, 0] // _CELL) + 1000 * (place[by_strength, 1] // _CELL)
    by_cell = np.argsort(cells, kind="stable")
    first = np.r_[True, np.diff(cells[by_cell]) != 0]
    starts = np.maximum.accumulate(np.where(first, np.arange(len(cells)), 0))
    rank = np.empty(len(cells), np.intp)
    rank[by_cell] = np.arange(len(cells)) - starts
    return by_strength[np.argsort(rank, kind="stable")[:most]]


def packed(raw: Floats) -> NDArray[np.uint8]:
    """(n, 128) SIFT -> (n, 64) RootSIFT of 4 bits a bin: half the bytes at no measured loss."""
    root = np.sqrt(raw / np.maximum(raw.sum(1, keepdims=True), 1e-6))
    bins = np.clip(np.round(root * 32), 0, 15).astype(np.uint8)
    codes: NDArray[np.uint8] = bins[:, ::2] << 4 | bins[:, 1::2]
    return codes


def unpacked(codes: NDArray[np.uint8]) -> Floats:
    """(n, 64) -> (n, 128) unit vectors."""
    bins = np.stack((codes >> 4, codes & 15), 2).reshape(len(codes), 128).astype(np.float32)
    bins /= np.maximum(np.linalg.norm(bins, axis=1, keepdims=True), 1e-6)
    return bins


@functools.cache
def vocabulary() -> Floats:
    """(8192, 128) unit vectors: half as trained, half their mirror images, so that mirroring maps words to words."""
    with resources.files("provenance.fingerprint").joinpath("vocabulary.npy").open("rb") as file:
        half = unpacked(np.load(file, allow_pickle=False))
    return np.concatenate((half, half[:, MIRROR]))


@functools.cache
def _planes() -> tuple[Floats, Floats]:
    """64 orthogonal directions, and where every word stands along them."""
    random = np.random.default_rng(64).standard_normal((128, 128))
    planes = np.linalg.qr(random)[0][:, :_BITS].astype(np.float32)
    return planes, vocabulary() @ planes


def nearest_words(descriptors: Floats, probes: int) -> NDArray[np.intp]:
    """(n, probes): the nearest words of each descriptor, the nearest first. At most `_GROUPS` probes."""
    if not len(descriptors):
        return np.zeros((0, probes), np.intp)
    return np.concatenate([
        _nearest(descriptors[at : at + _AT_ONCE], probes) for at in range(0, len(descriptors), _AT_ONCE)
    ])  # fmt: skip


def _nearest(descriptors: Floats, probes: int) -> NDArray[np.intp]:
    nearness = descriptors @ vocabulary().T
    rows = np.arange(len(nearness))
    if probes == 1:
        best: NDArray[np.intp] = nearness.argmax(1)[:, None]
        return best
    peaks = nearness.reshape(len(nearness), -1, _GROUPS).max(1)  # the best few stand in the groups with the best peaks
    groups = np.argpartition(peaks, -probes, axis=1)[:, -probes:]
    some = (groups[:, :, None] + np.arange(0, nearness.shape[1], _GROUPS)).reshape(len(nearness), -1)
    left = np.take_along_axis(nearness, some, 1)
    nearest = np.empty((len(nearness), probes), np.intp)
    for probe in range(probes):
        place = left.argmax(1)
        nearest[:, probe] = some[rows, place]
        left[rows, place] = -2
    return nearest


def mirrored_words(words: NDArray[np.intp]) -> NDArray[np.intp]:
    """The words of the mirrored descriptors."""
    count = len(vocabulary())
    return (words + count // 2) % count


def signatures(descriptors: Floats, words: NDArray[np.intp]) -> NDArray[np.uint64]:
    """(n, k): the signature of each descriptor as seen from each of k words."""
    planes, stand = _planes()
    sides = (descriptors @ planes)[:, None, :] > stand[words]
    return np.packbits(sides, axis=2).view(np.uint64)[:, :, 0]


def quantised(codes: NDArray[np.uint8]) -> tuple[NDArray[np.uint16], NDArray[np.uint64]]:
    """Word and signature of each descriptor."""
    descriptors = unpacked(codes)
    words = nearest_words(descriptors, 1)
    return words[:, 0].astype(np.uint16), signatures(descriptors, words)[:, 0]


def to_bytes(features: Features) -> bytes:
    """80 bytes a point. `from_bytes` gives the same again."""
    head = _HEAD.pack(features.width, features.height, len(features))
    places = np.round(features.points * 4).astype("<u2")
    columns = (places, features.scales, features.angles, features.codes,
               features.words.astype("<u2"), features.signatures.astype("<u8"))  # fmt: skip
    return head + b"".join(column.tobytes() for column in columns)


def from_bytes(data: bytes | memoryview) -> Features:
    """The features again; the big columns stay where they are. Raises `ValueError` for anything else."""
    try:
        width, height, count = _HEAD.unpack_from(data)
        start, columns = _HEAD.size, []
        for kind, wide in (("<u2", 2), ("u1", 1), ("u1", 1), ("u1", 64), ("<u2", 1), ("<u8", 1)):
            columns.append(np.frombuffer(data, kind, count * wide, start))
            start += count * wide * np.dtype(kind).itemsize
    except struct.error as error:
        raise ValueError(str(error)) from error
    places, scales, angles, codes, words, signs = columns
    return Features(
        width,
        height,
        (places.reshape(-1, 2) / 4).astype(np.float32),
        scales,
        angles,
        codes.reshape(-1, 64),
        words,
        signs,
    )
