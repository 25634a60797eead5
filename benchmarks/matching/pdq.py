"""PDQ, the perceptual hash that vPDQ takes of sampled frames: `pdqhash` where installed, otherwise in numpy."""

from __future__ import annotations

import functools
from importlib.util import find_spec

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.matching.material import Picture

FARTHEST = 31
"""Bits of 256 that may differ, as PDQ's authors advise."""
QUALITY = 50
"""Quality that both pictures need, as PDQ's authors advise."""
NAME = "pdqhash" if find_spec("pdqhash") else "PDQ in numpy"
_LUMA = np.array((0.114, 0.587, 0.299), np.float32)
"""Weights of blue, green and red."""
_SIDE = 512
"""Pixels to which larger pictures are shrunk first, as is usual."""


def compute(picture: Picture) -> tuple[NDArray[np.uint64], int]:
    """(4,) words of 64 bits, and the quality, 0 to 100, of a picture with blue first."""
    scale = _SIDE / max(picture.shape[:2])
    if scale < 1:
        picture = np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    if find_spec("pdqhash"):
        import pdqhash  # type: ignore[import-untyped,import-not-found,unused-ignore]  # need not be there

        bits, quality = pdqhash.compute(np.ascontiguousarray(picture[:, :, ::-1]))
        return np.packbits(np.asarray(bits, np.uint8)).view(np.uint64), int(quality)
    return compute_without_library(picture)


def compute_without_library(picture: Picture) -> tuple[NDArray[np.uint64], int]:
    """The same, step by step."""
    # 1. Luma, blurred by two passes of a box.
    luma = picture.astype(np.float32) @ _LUMA
    height, width = luma.shape
    box = ((width + 127) // 128, (height + 127) // 128)
    for _ in range(2):
        luma = np.asarray(cv2.blur(luma, box, borderType=cv2.BORDER_REPLICATE), np.float32)
    # 2. A sample of 64 x 64 pixels. Its quality is the sum of the steps between neighbours.
    rows = ((np.arange(64) + 0.5) * height / 64).astype(int)
    columns = ((np.arange(64) + 0.5) * width / 64).astype(int)
    sample = luma[np.ix_(rows, columns)]
    vertical_steps = np.trunc(np.abs(np.diff(sample, axis=0)) * 100 / 255).sum()
    horizontal_steps = np.trunc(np.abs(np.diff(sample, axis=1)) * 100 / 255).sum()
    quality = min(100, (vertical_steps + horizontal_steps) / 90)
    # 3. The lowest 16 x 16 waves without the first, each compared with their median.
    waves = _make_dct_matrix() @ sample @ _make_dct_matrix().T
    bits = (waves > np.median(waves)).astype(np.uint8).ravel()
    return np.packbits(bits).view(np.uint64), int(quality)


@functools.cache
def _make_dct_matrix() -> NDArray[np.float32]:
    """(16, 64): the second to the seventeenth wave of a discrete cosine transform."""
    wave, place = np.arange(1, 17)[:, None], np.arange(64)[None, :]
    return np.asarray(np.sqrt(2 / 64) * np.cos(np.pi / 128 * wave * (2 * place + 1)), np.float32)


def measure_distances(one: NDArray[np.uint64], many: NDArray[np.uint64]) -> NDArray[np.intp]:
    """(n,): number of bits in which each of (n, 4) words differs from one."""
    return np.asarray(np.bitwise_count(many ^ one).sum(1), np.intp)
