"""Local features of a picture, by which it is found again after crop, mirror, grade, title and scale.

RootSIFT keypoints (Lowe, IJCV 2004; Arandjelovic and Zisserman, CVPR 2012) of a picture of 640 pixels on the long side,
spread over the picture. Every keypoint of a known picture carries a visual word and a binary signature. Both are
computed once, so a catalogue of any size is searched without training and without quantising anything again.
"""

from __future__ import annotations

import ctypes
import dataclasses
import functools
import struct
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.media.arrays import Floats, Gray

GRAY_SIDE = 640
"""Long side, in pixels, of the pictures that features are taken from: every position is measured in these pixels."""
_CELL = 40
"""Side, in pixels, of the cells over which keypoints are spread: a small inset in a busy frame gets its share."""
_CONTRAST_THRESHOLD = 0.02
"""SIFT's contrast threshold, half of OpenCV's default: for pictures that are blended, blurred or graded down."""
_LEAST_CONTRAST = 12
"""Gray levels between the 1st and the 99th percentile, below which SIFT would find nothing but noise."""
_ROOT_SIFT_LEVELS = 32
"""Quantisation steps in a RootSIFT value of 1; a bin keeps 4 bits, so it is clipped at 15 steps."""
_SIGNATURE_BITS = 64
"""Bits of a signature: one for each plane."""
_PLANES_SEED = 64
"""Seed of the random planes. Stored signatures depend on it, so it never changes within a fingerprint version."""
_WORD_GROUPS = 128
"""Groups into which the words are divided to find the best few without sorting all 8,192."""
_DESCRIPTORS_AT_ONCE = 128
"""Descriptors compared with the vocabulary at once: the result stays in the cache of the processor."""

_LITTLE_DETAIL = 1.9
"""Gray levels of fine detail below which a picture has few keypoints: of 16 keyframes, those with up to 1,900."""
_MMAP_THRESHOLD = -3, 32 << 20
"""Parameter of `mallopt` and bytes: larger pieces of memory are given back to the system as soon as they are freed."""
_TRIM_THRESHOLD = -1, 128 << 20
"""The same: free memory from which on it is given back. Of a picture of 640 x 640 pixels SIFT makes 96 MB of sizes."""
_NOTHING = np.zeros((0, 5), np.float32), np.zeros((0, 128), np.float32)
"""Keypoints and descriptors of a picture that has none."""

_HEADER = struct.Struct("<HHH")
"""Width, height, number of points."""


def _mirror_bins() -> NDArray[np.intp]:
    """(128,) int64: for every bin of a mirrored patch's descriptor, the bin of the plain one with the same value."""
    # A SIFT descriptor has 4 x 4 cells of 8 gradient directions. Mirroring the patch reverses the order of its rows of
    # cells, which follow each other across the direction of the keypoint, and negates the gradient directions.
    bins = np.arange(128).reshape(4, 4, 8)
    negated_directions = -np.arange(8) % 8
    return bins[::-1, :, negated_directions].ravel()


MIRRORED_BINS = _mirror_bins()
"""(128,) int64: `descriptors[:, MIRRORED_BINS]` describe the mirrored picture exactly, without a second extraction."""


INVERTED_BINS = np.arange(128).reshape(4, 4, 8)[::-1, ::-1].ravel()
"""(128,) int64: the same for the negative: the keypoint turns around, and with it the order of its cells both ways."""


@dataclass(frozen=True, slots=True)
class Features:
    """The n keypoints of one picture."""

    width: int
    """Width, in pixels, of the picture they were taken from; its long side is at most `GRAY_SIDE`."""
    height: int
    """Height of that picture, in pixels."""
    points: Floats
    """(n, 2) float32: x and y in pixels, in steps of a quarter pixel."""
    scales: NDArray[np.uint8]
    """(n,) uint8: base-2 logarithm of the keypoint's size in pixels, in eighths of an octave."""
    angles: NDArray[np.uint8]
    """(n,) uint8: the keypoint's direction, clockwise, 256 steps to the circle."""
    codes: NDArray[np.uint8]
    """(n, 64) uint8: the descriptor, 4 bits for each of its 128 bins."""
    words: NDArray[np.uint16]
    """(n,) uint16, 0 to 8191: the visual word, that is the nearest entry of the vocabulary."""
    signatures: NDArray[np.uint64]
    """(n,) uint64: on which side of 64 planes through its word the descriptor lies, one bit for each."""

    def __len__(self) -> int:
        return len(self.words)

    @property
    def descriptors(self) -> Floats:
        """(n, 128) float32: unit vectors, unpacked from `codes`."""
        return unpack_descriptors(self.codes)


def extract_features(gray: Gray, most: int, *, quantise: bool = True) -> Features:
    """Detect and describe the keypoints of a picture, at most `most`, the strongest of each cell first.

    `gray`: (height, width) uint8, 0 to 255, the long side at most `GRAY_SIDE` pixels. `quantise`: whether the features
    are going to be stored and need words and signatures; a picture that is only compared with known ones gets zeros.
    """
    height, width = gray.shape
    stretched = stretch_contrast(gray)
    if stretched is None:
        return _make_empty(width, height)
    table, raw = _detect_and_describe(stretched, most)
    if not len(table):
        return _make_empty(width, height)
    codes = pack_descriptors(raw)
    if quantise:
        words, signatures = _quantise_codes(codes)
    else:
        words, signatures = np.zeros(len(codes), np.uint16), np.zeros(len(codes), np.uint64)
    # Everything is rounded as `to_bytes` stores it: a stored picture and a fresh one give the same features.
    return Features(
        width=width,
        height=height,
        points=(np.round(table[:, :2] * 4) / 4).astype(np.float32),
        scales=np.clip(np.round(np.log2(table[:, 2]) * 8), 0, 255).astype(np.uint8),
        # 360 degrees round to 256: the cast to 8 bits wraps them to 0.
        angles=np.round(table[:, 3] * (256 / 360)).astype(np.int32).astype(np.uint8),
        codes=codes,
        words=words,
        signatures=signatures,
    )


def _detect_and_describe(gray: Gray, most: int) -> tuple[Floats, Floats]:
    """At most `most` keypoints, the strongest of each cell first, and what SIFT describes them by.

    `gray`: (height, width) uint8. Returns (n, 5) float32: x, y, size, angle and response; and (n, 128) float32.
    """
    sift = _load_sift()
    if has_little_detail(gray):
        # Hardly more than are kept: to describe them all costs less than to blur the picture to all sizes once more.
        keypoints, described = sift.detectAndCompute(gray, None)
        if not keypoints:
            return _NOTHING
        table = _tabulate(keypoints)
        kept = _choose_spread(table, most)
        return table[kept], np.asarray(described, np.float32)[kept]
    keypoints = sift.detect(gray, None)
    if not keypoints:
        return _NOTHING
    table = _tabulate(keypoints)
    kept = _choose_spread(table, most)
    table = table[kept]
    # Only those that are kept are described: a busy picture has three times as many.
    # In order of size and place what is read stays in the cache of the processor: a fifth of the time less.
    order = np.lexsort((table[:, 0], table[:, 1] // _CELL, np.floor(np.log2(table[:, 2]))))
    _, described = sift.compute(gray, [keypoints[number] for number in kept[order]])
    raw = np.empty((len(order), 128), np.float32)
    raw[order] = described
    return table, raw


def has_little_detail(gray: Gray) -> bool:
    """Whether a picture has so few keypoints that it costs least to describe all of them. The result is the same."""
    # Fine detail, that is what a slight blur leaves of the picture and a stronger one does not, grows with keypoints.
    detail = cv2.absdiff(cv2.GaussianBlur(gray, (0, 0), 1.0), cv2.GaussianBlur(gray, (0, 0), 1.6))
    return float(detail.mean()) < _LITTLE_DETAIL


def _tabulate(keypoints: Sequence[cv2.KeyPoint]) -> Floats:
    """(n, 5) float32: x, y, size, angle and response."""
    return np.array([(*one.pt, one.size, one.angle, one.response) for one in keypoints], np.float32)


def extract_coarse_features(gray: Gray, most: int) -> Features:
    """Features of what is not fine in a picture, taken at half of its size: a fifth of the cost.

    `gray` and `most` are those of `extract_features`; so are the pixels in which places and sizes are measured.
    """
    height, width = gray.shape
    size = max(1, width // 2), max(1, height // 2)
    half = np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), np.uint8)
    found = extract_features(half, most, quantise=False)
    factors = np.array([width / size[0], height / size[1]])
    # Places count from the middle of the first pixel.
    points = ((found.points + 0.5) * factors - 0.5).astype(np.float32)
    # An octave larger.
    scales = np.minimum(found.scales, 255 - 8) + np.uint8(8)
    return dataclasses.replace(found, width=width, height=height, points=points, scales=scales)


def invert(positive: Features) -> Features:
    """The features of the negative of a picture, without a second extraction. Words and signatures become zeros."""
    # Inversion turns every gradient around. A keypoint stays where it is and points the other way, and so seen the
    # directions inside of its patch are the same again.
    turned = positive.angles.astype(np.int32) + 128
    return dataclasses.replace(
        positive,
        angles=(turned % 256).astype(np.uint8),
        codes=_reorder_codes(positive.codes, INVERTED_BINS),
        words=np.zeros_like(positive.words),
        signatures=np.zeros_like(positive.signatures),
    )


def _reorder_codes(codes: NDArray[np.uint8], bins: NDArray[np.intp]) -> NDArray[np.uint8]:
    """(n, 64) packed descriptors with their bins in another order."""
    unpacked = np.stack((codes >> 4, codes & 15), 2).reshape(len(codes), 128)[:, bins]
    return np.asarray(unpacked[:, ::2] << 4 | unpacked[:, 1::2], np.uint8)


def select(whole: Features, rows: slice) -> Features:
    """Some of the keypoints. The first ones are spread over the picture, the strongest of each part of it."""
    columns = ("points", "scales", "angles", "codes", "words", "signatures")
    return dataclasses.replace(whole, **{column: getattr(whole, column)[rows] for column in columns})


def stretch_contrast(gray: Gray) -> Gray | None:
    """Stretch the 1st to 99th percentile of the levels to 0 to 255; None for a picture that shows nothing but noise.

    `gray`: (height, width) uint8; so is the result.
    """
    # Not the darkest and the lightest pixel: titles and burn-ins are black and white in any grade.
    low, high = np.percentile(gray, (1, 99))
    if high - low < _LEAST_CONTRAST:
        return None
    levels = np.clip((np.arange(256) - low) * (255 / (high - low)), 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(gray, levels), np.uint8)


def _make_empty(width: int, height: int) -> Features:
    return from_bytes(make_empty(width, height))


def make_empty(width: int, height: int) -> bytes:
    """What `to_bytes` gives for a picture of this size without keypoints."""
    return _HEADER.pack(width, height, 0)


@functools.cache
def _load_sift() -> cv2.SIFT:
    # The workers share the cores between them, so each of them computes on one.
    cv2.setNumThreads(1)
    _keep_freed_memory()
    return cv2.SIFT.create(0, contrastThreshold=_CONTRAST_THRESHOLD)


def _keep_freed_memory() -> None:
    """Keep memory that is freed for what is allocated next, instead of giving it back to the system each time.

    For every picture SIFT allocates tens of megabytes anew. To get them from the system page by page took a fifth to a
    third of its time. Other systems than Linux with glibc do as they do.
    """
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(*_MMAP_THRESHOLD)
        mallopt(*_TRIM_THRESHOLD)


def _choose_spread(table: Floats, most: int) -> NDArray[np.intp]:
    """(at most `most`,): rows to keep: the strongest of every cell, then the second strongest of every cell, and so on.

    `table`: (n, 5) float32: x, y, size, angle and response of every keypoint.
    """
    # The sort is stable, so that the same picture always keeps the same points.
    by_strength = np.argsort(-table[:, 4], kind="stable")
    # 1,000 is more than the columns of cells that a picture has, so every cell has a number of its own.
    cells = (table[by_strength, 0] // _CELL) + 1000 * (table[by_strength, 1] // _CELL)
    by_cell = np.argsort(cells, kind="stable")
    is_first_of_cell = np.r_[True, np.diff(cells[by_cell]) != 0]
    cell_starts = np.maximum.accumulate(np.where(is_first_of_cell, np.arange(len(cells)), 0))
    rank_in_cell = np.empty(len(cells), np.intp)
    rank_in_cell[by_cell] = np.arange(len(cells)) - cell_starts
    return by_strength[np.argsort(rank_in_cell, kind="stable")[:most]]


def pack_descriptors(raw: Floats) -> NDArray[np.uint8]:
    """Pack SIFT descriptors as RootSIFT of 4 bits a bin: half the bytes of 8 bits, at no measured loss.

    `raw`: (n, 128) float32, 0 to 255. Returns (n, 64) uint8, the even bin in the high half of a byte.
    """
    # RootSIFT: the root of the histogram divided by its sum. Its Euclidean distance is the Hellinger distance of SIFT.
    root = np.sqrt(raw / np.maximum(raw.sum(1, keepdims=True), 1e-6))
    bins = np.clip(np.round(root * _ROOT_SIFT_LEVELS), 0, 15).astype(np.uint8)
    codes: NDArray[np.uint8] = bins[:, ::2] << 4 | bins[:, 1::2]
    return codes


def unpack_descriptors(codes: NDArray[np.uint8]) -> Floats:
    """(n, 64) uint8 of `pack_descriptors` -> (n, 128) float32, each row of length 1."""
    bins = np.stack((codes >> 4, codes & 15), 2).reshape(len(codes), 128).astype(np.float32)
    bins /= np.maximum(np.linalg.norm(bins, axis=1, keepdims=True), 1e-6)
    return bins


@functools.cache
def load_vocabulary() -> Floats:
    """(8192, 128) float32 unit vectors: the visual words. The second half are the mirror images of the first.

    Word n and word n + 4096 are therefore each other's mirror image, and mirroring maps words to words.
    """
    with resources.files("provenance.fingerprint").joinpath("vocabulary.npy").open("rb") as file:
        trained = unpack_descriptors(np.load(file, allow_pickle=False))
    return np.concatenate((trained, trained[:, MIRRORED_BINS]))


@functools.cache
def load_planes() -> tuple[Floats, Floats]:
    """(128, 64) float32: orthogonal directions; (8192, 64) float32: how far every word lies along each of them."""
    random = np.random.default_rng(_PLANES_SEED).standard_normal((128, 128))
    planes = np.linalg.qr(random)[0][:, :_SIGNATURE_BITS].astype(np.float32)
    return planes, load_vocabulary() @ planes


def find_nearest_words(descriptors: Floats, probes: int) -> NDArray[np.intp]:
    """Find the nearest visual words of each descriptor, the nearest first.

    `descriptors`: (n, 128) float32 unit vectors. `probes`: how many words, at most `_WORD_GROUPS`.
    Returns (n, probes) int64, 0 to 8191.
    """
    nearest = np.empty((len(descriptors), probes), np.intp)
    for start in range(0, len(descriptors), _DESCRIPTORS_AT_ONCE):
        batch = slice(start, start + _DESCRIPTORS_AT_ONCE)
        nearest[batch] = _find_nearest_words(descriptors[batch], probes)
    return nearest


def _find_nearest_words(descriptors: Floats, probes: int) -> NDArray[np.intp]:
    """`find_nearest_words` for as many descriptors as the processor's cache holds."""
    similarity = descriptors @ load_vocabulary().T
    rows = np.arange(len(similarity))
    if probes == 1:
        best: NDArray[np.intp] = similarity.argmax(1)[:, None]
        return best
    # Word w belongs to group w % _WORD_GROUPS. The best `probes` words lie in the `probes` groups with the best maxima,
    # because a better word in any other group would give that group a better maximum.
    group_maxima = similarity.reshape(len(similarity), -1, _WORD_GROUPS).max(1)
    groups = np.argpartition(group_maxima, -probes, axis=1)[:, -probes:]
    first_words = np.arange(0, similarity.shape[1], _WORD_GROUPS)
    words = (groups[:, :, None] + first_words).reshape(len(similarity), -1)
    remaining = np.take_along_axis(similarity, words, 1)
    nearest = np.empty((len(similarity), probes), np.intp)
    for probe in range(probes):
        best_columns = remaining.argmax(1)
        nearest[:, probe] = words[rows, best_columns]
        remaining[rows, best_columns] = -2  # below every cosine
    return nearest


def mirror_words(words: NDArray[np.intp]) -> NDArray[np.intp]:
    """The words of the mirrored descriptors. Any shape, int64, 0 to 8191; so is the result."""
    count = len(load_vocabulary())
    return (words + count // 2) % count


def compute_signatures(descriptors: Floats, words: NDArray[np.intp]) -> NDArray[np.uint64]:
    """Compute the signature of each descriptor relative to each of k words (Hamming embedding, see `picture.index`).

    `descriptors`: (n, 128) float32 unit vectors. `words`: (n, k) int64, 0 to 8191. Returns (n, k) uint64.
    """
    planes, word_positions = load_planes()
    # Bit k says whether the descriptor lies farther along direction k than its word does.
    sides = (descriptors @ planes)[:, None, :] > word_positions[words]
    return np.packbits(sides, axis=2).view(np.uint64)[:, :, 0]


def _quantise_codes(codes: NDArray[np.uint8]) -> tuple[NDArray[np.uint16], NDArray[np.uint64]]:
    """(n, 64) uint8 packed descriptors -> (n,) uint16 visual words and (n,) uint64 signatures."""
    descriptors = unpack_descriptors(codes)
    words = find_nearest_words(descriptors, 1)
    return words[:, 0].astype(np.uint16), compute_signatures(descriptors, words)[:, 0]


def to_bytes(features: Features) -> bytes:
    """Encode features for storage, 80 bytes a point, column by column, little-endian."""
    header = _HEADER.pack(features.width, features.height, len(features))
    # In columns, so that `from_bytes` need not copy the large ones.
    columns = (
        np.round(features.points * 4).astype("<u2"),
        features.scales,
        features.angles,
        features.codes,
        features.words.astype("<u2"),
        features.signatures.astype("<u8"),
    )
    return header + b"".join(column.tobytes() for column in columns)


def from_bytes(data: bytes | memoryview) -> Features:
    """Decode what `to_bytes` gave; the large columns are views of `data`. Raises `ValueError` for anything else."""
    try:
        width, height, count = _HEADER.unpack_from(data)
    except struct.error as error:
        raise ValueError(str(error)) from error
    columns = []
    start = _HEADER.size
    for dtype, per_point in (("<u2", 2), ("u1", 1), ("u1", 1), ("u1", 64), ("<u2", 1), ("<u8", 1)):
        columns.append(np.frombuffer(data, dtype, count * per_point, start))
        start += count * per_point * np.dtype(dtype).itemsize
    quarter_pixels, scales, angles, codes, words, signatures = columns
    return Features(
        width=width,
        height=height,
        points=(quarter_pixels.reshape(-1, 2) / 4).astype(np.float32),
        scales=scales,
        angles=angles,
        codes=codes.reshape(-1, 64),
        words=words,
        signatures=signatures,
    )
