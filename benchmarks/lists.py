"""What a list of known material is worth beside the pictures: `python -m benchmarks.lists FOLDER`.

FOLDER holds photographs. Block signs are held against thumbnails, under edits that leave a copy and under ones that do
not; the hash of fingerprints is held against the reference implementation of PDQ, if `pdqhash` is installed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint import block_signs, pictures
from provenance.fingerprint.features import GRAY_SIDE
from provenance.matching.picture.block_check import check_blocks, warp_back
from provenance.matching.picture.sign_check import check_signs
from provenance.media.arrays import Gray

_COPY_SHARE = 0.8
_MOST = 120
"""Photographs that are read."""


class Edit(NamedTuple):
    """What becomes of a picture, and where it is then."""

    shown: Gray
    warp: NDArray[np.float64]


def main(folder: str) -> None:
    photographs = [_shrink(picture, GRAY_SIDE) for picture in _load(folder)]
    print(f"{len(photographs)} photographs; share of blocks that agree, and how many would be called a copy")
    edits = list(_make_edits(photographs[0], photographs[0]))
    for name in edits:
        rows = []
        for number, picture in enumerate(photographs):
            other = cv2.resize(photographs[(number + 7) % len(photographs)], picture.shape[::-1])
            rows.append(_compare(picture, dict(_make_edits_of(picture, np.asarray(other, np.uint8)))[name]))
        by_thumbnail, by_signs = np.array(rows).T
        told = f"thumbnail {np.median(by_thumbnail):.2f}, {np.mean(by_thumbnail >= _COPY_SHARE):.2f}"
        print(f"{name:14} {told}   signs {np.median(by_signs):.2f}, {np.mean(by_signs >= _COPY_SHARE):.2f}")
    print(f"what can be drawn from signs correlates with the blocks by {_draw_back(photographs):.2f}")
    _compare_hashes(folder)


def _load(folder: str) -> Iterator[Gray]:
    for path in sorted(Path(folder).iterdir())[:_MOST]:
        picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        if picture is not None:
            yield np.asarray(picture, np.uint8)


def _shrink(picture: Gray, side: int) -> Gray:
    scale = side / max(picture.shape)
    return np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def _make_edits(picture: Gray, other: Gray) -> Iterator[str]:
    return (name for name, _ in _make_edits_of(picture, other))


def _make_edits_of(picture: Gray, other: Gray) -> Iterator[tuple[str, Edit]]:
    height, width = picture.shape
    still = np.eye(3)
    yield "as it is", Edit(picture, still)
    yield "JPEG 20", Edit(_encode(picture, 20), still)
    yield "graded", Edit((np.clip(picture / 255 * 1.4 - 0.2, 0, 1) ** 1.4 * 255).astype(np.uint8), still)
    noise = np.random.default_rng(1).normal(0, 20, picture.shape)
    yield "grain", Edit(np.clip(picture + noise, 0, 255).astype(np.uint8), still)
    yield "blur", Edit(np.asarray(cv2.GaussianBlur(picture, (0, 0), 3), np.uint8), still)
    yield "negative", Edit((255 - picture).astype(np.uint8), still)
    cut = np.asarray(cv2.resize(picture[height // 5 :, width // 5 :], (width, height)), np.uint8)
    yield "crop 64 %", Edit(cut, np.array([[1.25, 0, -width / 4], [0, 1.25, -height / 4], [0, 0, 1]]))
    yield "inset 30 %", _put_in(picture, other)
    yield "off by 3 px", Edit(picture, np.array([[1, 0, 3.0], [0, 1, 2.0], [0, 0, 1]]))
    for name, start in (("third other", 2 * width // 3), ("half other", width // 2), ("unrelated", 0)):
        mixed = picture.copy()
        mixed[:, start:] = other[:, start:]
        yield name, Edit(mixed, still)


def _put_in(picture: Gray, other: Gray) -> Edit:
    frame = other.copy()
    small = cv2.resize(picture, None, fx=0.3, fy=0.3, interpolation=cv2.INTER_AREA)
    frame[20 : 20 + small.shape[0], 20 : 20 + small.shape[1]] = small
    return Edit(frame, np.array([[0.3, 0, 20], [0, 0.3, 20], [0, 0, 1]]))


def _encode(picture: Gray, quality: int) -> Gray:
    data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)


def _compare(picture: Gray, edit: Edit) -> tuple[float, float]:
    thumbnail = _encode(_shrink(picture, pictures.THUMBNAIL_SIDE), 88)
    scale = np.diag((picture.shape[1] / thumbnail.shape[1], picture.shape[0] / thumbnail.shape[0], 1.0))
    by_thumbnail = check_blocks(thumbnail, warp_back(thumbnail, edit.shown, edit.warp @ scale))
    by_signs = check_signs(block_signs.make_block_signs(thumbnail), edit.shown, edit.warp @ scale)
    return by_thumbnail.share, by_signs.share


def _draw_back(photographs: list[Gray]) -> float:
    """Median correlation of blocks with the best that patterns and signs give."""
    likeness = [block_signs.measure_leak(_shrink(picture, pictures.THUMBNAIL_SIDE)) for picture in photographs]
    return float(np.median(likeness))


def _compare_hashes(folder: str) -> None:
    try:
        import pdqhash
    except ImportError:
        print("pdqhash is not installed: hashes were not compared")
        return
    compute: Callable[[NDArray[np.uint8]], tuple[NDArray[np.uint8], int]] = pdqhash.compute
    differences = []
    for path in sorted(Path(folder).iterdir())[:_MOST]:
        picture = cv2.imread(str(path))
        if picture is None:
            continue
        reference, _ = compute(np.ascontiguousarray(picture[:, :, ::-1]).astype(np.uint8))
        gray = _shrink(np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8), GRAY_SIDE)
        own, _ = pictures.compute_perceptual_hash(gray)
        bits = np.unpackbits(np.frombuffer(own, np.uint8))[::-1]
        differences.append(int((bits != reference).sum()))
    middle, high = np.percentile(differences, (50, 95))
    print(f"bits of 256 from the reference PDQ: median {middle:.0f}, 95 % {high:.0f}, most {max(differences)}")


if __name__ == "__main__":
    main(sys.argv[1])
