"""Block signs: enough of a picture to check by blocks whether another one is the same, and no picture.

A list of known material leaves the house without its pictures, and a thumbnail is a picture. In its place stand, for
each block of the picture, 32 signs: whether the block agrees more with each of 32 patterns or with its negative. Two
blocks with the correlation r differ in `32 * arccos(r) / pi` signs on average (Charikar, 2002). What a block is like in
brightness, contrast and colour is not in them. They are packed into the place of the thumbnail in a fingerprint, behind
a mark that no JPEG begins with.
"""

from __future__ import annotations

import dataclasses
import functools
import struct
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint.pictures import PictureFingerprint
from provenance.media.arrays import Floats, Gray

SIGNS = 32
"""Of a block. More would say more of the picture."""
_MARK = b"BLK1"
_HEADER = struct.Struct("<4sHHBB")
"""Mark, width and height of the thumbnail in pixels, blocks across and down."""
_BLOCKS = 120
"""Blocks, about, into which a picture is cut."""
_SIDE = 12
"""Pixels across and down to which a block is brought."""
_FLAT_BLOCK = 2.5
"""Gray levels of standard deviation up to which a block shows nothing: that of `matching.picture.block_check`."""
_LARGEST_THUMBNAIL = 4096
_SEED = 20160720
"""Of the patterns. Another one makes signs that cannot be compared."""
_NOTHING = 0
"""Signs of a block that shows nothing."""


class BlockSigns(NamedTuple):
    """The signs of the blocks of one picture, row by row."""

    width: int
    height: int
    """Of the thumbnail that they were made of."""
    across: int
    down: int
    """Blocks."""
    signs: NDArray[np.uint32]
    """(blocks,) uint32; 0 for a block that shows nothing."""


def make_block_signs(thumbnail: Gray) -> BlockSigns:
    """Make the signs of a (height, width) uint8 picture."""
    height, width = thumbnail.shape
    side = max(1.0, (width * height / _BLOCKS) ** 0.5)
    across, down = max(1, round(width / side)), max(1, round(height / side))
    signs, is_flat = compute_signs(thumbnail, across, down)
    # The one value that means nothing is taken from the others.
    signs[signs == _NOTHING] = 1
    signs[is_flat] = _NOTHING
    return BlockSigns(width, height, across, down, signs)


def compute_signs(picture: Gray, across: int, down: int) -> tuple[NDArray[np.uint32], NDArray[np.bool_]]:
    """The signs of the blocks of a (height, width) uint8 picture, and which of them are flat."""
    blocks = _cut(picture.astype(np.float32), across, down)
    is_flat: NDArray[np.bool_] = blocks.std(1) <= _FLAT_BLOCK
    is_positive = blocks @ _make_patterns().T > 0
    weights = np.uint32(1) << np.arange(SIGNS, dtype=np.uint32)
    return (is_positive * weights).sum(1, dtype=np.uint32), is_flat


def compute_visible(mask: NDArray[np.bool_], across: int, down: int) -> Floats:
    """(blocks,) float32: the share of the pixels of each block for which the (height, width) mask is true."""
    return np.asarray(_cut(mask.astype(np.float32), across, down).mean(1), np.float32)


def measure_leak(picture: Gray) -> float:
    """How much a reader of the signs could draw: the median correlation of blocks with the sum of their patterns."""
    made = make_block_signs(picture)
    bits = (made.signs[:, None] >> np.arange(SIGNS, dtype=np.uint32)) & 1
    drawn = (bits * 2.0 - 1) @ _make_patterns()
    blocks = _cut(picture.astype(np.float32), made.across, made.down)
    shown = made.signs != _NOTHING
    pairs = zip(drawn[shown], blocks[shown], strict=True)
    return float(np.median([np.corrcoef(one, other)[0, 1] for one, other in pairs]))


def _cut(picture: Floats, across: int, down: int) -> Floats:
    """(blocks, _SIDE * _SIDE) float32."""
    size = (across * _SIDE, down * _SIDE)
    even = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)
    return even.reshape(down, _SIDE, across, _SIDE).swapaxes(1, 2).reshape(across * down, _SIDE * _SIDE)


@functools.cache
def _make_patterns() -> Floats:
    """(SIGNS, _SIDE * _SIDE) float32 without a mean, so that brightness says nothing."""
    # The old generator: its numbers never change.
    patterns = np.random.RandomState(_SEED).standard_normal((SIGNS, _SIDE * _SIDE)).astype(np.float32)
    return np.asarray(patterns - patterns.mean(1, keepdims=True), np.float32)


def pack(signs: BlockSigns) -> bytes:
    """The bytes that stand in the place of a thumbnail."""
    header = _HEADER.pack(_MARK, signs.width, signs.height, signs.across, signs.down)
    return header + signs.signs.astype("<u4").tobytes()


def parse(data: bytes) -> BlockSigns | None:
    """What `pack` gave; None for a thumbnail. Raises `ValueError` for damage."""
    if not data.startswith(_MARK):
        return None
    if len(data) < _HEADER.size:
        raise ValueError("block signs end too soon")
    _, width, height, across, down = _HEADER.unpack_from(data)
    count = across * down
    if not count or not 0 < width <= _LARGEST_THUMBNAIL or not 0 < height <= _LARGEST_THUMBNAIL:
        raise ValueError("block signs of no size")
    if len(data) != _HEADER.size + 4 * count:
        raise ValueError("block signs do not fit their size")
    return BlockSigns(width, height, across, down, np.frombuffer(data, "<u4", count, _HEADER.size).astype(np.uint32))


HASH_ALONE = pack(BlockSigns(64, 64, 1, 1, np.zeros(1, np.uint32)))
"""Stands in the place of a thumbnail where nothing but the perceptual hash of a picture is known."""


def remove_thumbnail(fingerprint: PictureFingerprint) -> PictureFingerprint:
    """The fingerprint with block signs in the place of its thumbnail. Raises `ValueError` for a damaged one."""
    if parse(fingerprint.thumbnail) is not None:
        return fingerprint
    picture = cv2.imdecode(np.frombuffer(fingerprint.thumbnail, np.uint8), cv2.IMREAD_GRAYSCALE)
    if picture is None:
        raise ValueError("the thumbnail of a fingerprint cannot be decoded")
    return dataclasses.replace(fingerprint, thumbnail=pack(make_block_signs(picture.astype(np.uint8))))
