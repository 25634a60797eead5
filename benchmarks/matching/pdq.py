"""PDQ, the hash that vPDQ takes of a frame every so often: `pdqhash` where it is installed, else the same in numpy."""

from __future__ import annotations

import functools
from importlib.util import find_spec

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.matching.material import Picture

FARTHEST, QUALITY = 31, 50
"""Bits that may differ, and the quality that both pictures need: what PDQ's authors advise."""
NAME = "pdqhash" if find_spec("pdqhash") else "PDQ in numpy"
_LUMA = np.array((0.114, 0.587, 0.299), np.float32)


def compute(picture: Picture) -> tuple[NDArray[np.uint64], int]:
    """(4,) words of 64 bits, and the quality, 0 to 100. Larger pictures are shrunk to 512 first, as is usual."""
    scale = 512 / max(picture.shape[:2])
    if scale < 1:
        picture = np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    if find_spec("pdqhash"):
        import pdqhash  # type: ignore[import-untyped,import-not-found,unused-ignore]  # need not be there

        bits, quality = pdqhash.compute(np.ascontiguousarray(picture[:, :, ::-1]))
        return np.packbits(np.asarray(bits, np.uint8)).view(np.uint64), int(quality)
    return compute_without_library(picture)


def compute_without_library(picture: Picture) -> tuple[NDArray[np.uint64], int]:
    """Luma, two passes of a box, 64 x 64, the lowest 16 x 16 waves but the first, each against their median."""
    luma = picture.astype(np.float32) @ _LUMA
    height, width = luma.shape
    box = ((width + 127) // 128, (height + 127) // 128)
    for _ in range(2):
        luma = np.asarray(cv2.blur(luma, box, borderType=cv2.BORDER_REPLICATE), np.float32)
    rows, columns = (((np.arange(64) + 0.5) * size / 64).astype(int) for size in (height, width))
    tiny = luma[np.ix_(rows, columns)]
    steps = sum(np.trunc(np.abs(np.diff(tiny, axis=axis)) * 100 / 255).sum() for axis in (0, 1))
    waves = _dct_matrix() @ tiny @ _dct_matrix().T
    bits = (waves > np.median(waves)).astype(np.uint8).ravel()
    return np.packbits(bits).view(np.uint64), int(min(100, steps / 90))


@functools.cache
def _dct_matrix() -> NDArray[np.float32]:
    """(16, 64): the second to the seventeenth wave of a discrete cosine transform."""
    wave, place = np.arange(1, 17)[:, None], np.arange(64)[None, :]
    return np.asarray(np.sqrt(2 / 64) * np.cos(np.pi / 128 * wave * (2 * place + 1)), np.float32)


def measure_distances(one: NDArray[np.uint64], many: NDArray[np.uint64]) -> NDArray[np.intp]:
    """(n,): bits in which each of (n, 4) differs from one."""
    return np.asarray(np.bitwise_count(many ^ one).sum(1), np.intp)
