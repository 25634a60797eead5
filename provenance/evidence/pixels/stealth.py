"""Text in the lowest bits of a picture, in the format of `stealth_pnginfo`. It survives the removal of all metadata.

The format: a signature of 15 letters, the length of the text in bits as a 32-bit number, the text or its gzip. There is
one bit a pixel in alpha, or three in red, green and blue; column after column, the highest bit of a byte first.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from provenance.decode.lossless_pixels import PixelCoding, Pixels, decode_rows, find_coding
from provenance.media import types
from provenance.media.source import Source
from provenance.media.text import decode_text, inflate
from provenance.model.vocabulary import Cause

MEDIA = frozenset({types.PNG, types.WEBP})
_SIGNATURES = {
    "alpha": {b"stealth_pnginfo": False, b"stealth_pngcomp": True},
    "colours": {b"stealth_rgbinfo": False, b"stealth_rgbcomp": True},
}
"""The possible signatures of each plane, and whether the text after it is compressed."""
_PLANE_NAMES = {"alpha": "alpha", "colours": "red, green and blue"}
_SIGNATURE_SIZE = 15
"""Bytes of the signature."""
_HEADER_SIZE = 19
"""Bytes of signature and length."""


@dataclass(frozen=True, slots=True)
class HiddenText:
    """A text that was found."""

    where: str
    """The place, for a person."""
    text: str
    loss: Cause | None
    """Why the text is incomplete; None when it is complete."""


def find_hidden_texts(source: Source) -> Iterator[HiddenText]:
    """The text in alpha and the text in the colours, at most `limits.inflated` bytes of each."""
    coding = find_coding(source)
    if coding is None:
        return
    for plane in _list_planes(coding):
        # A few rows contain the signature. Without it, as in nearly every picture, the rest is not decoded.
        probe = decode_rows(source, coding, coding.probe_rows)
        if probe is None:
            continue
        signature = _extract_bytes(probe, plane, _SIGNATURE_SIZE * 8)
        if signature in _SIGNATURES[plane]:
            samples = decode_rows(source, coding, coding.height)
            yield _read_text(samples, plane, signature, source.limits.inflated)


def _list_planes(coding: PixelCoding) -> Iterator[str]:
    """The planes that keep their lowest bits and are large enough for a header."""
    # Lossy WebP keeps alpha exactly, but not the colours.
    if coding.alpha and coding.pixels >= _HEADER_SIZE * 8:
        yield "alpha"
    if coding.exact_colours and coding.pixels * 3 >= _HEADER_SIZE * 8:
        yield "colours"


def _read_text(samples: Pixels | None, plane: str, signature: bytes, max_size: int) -> HiddenText:
    where = f"lowest bits of {_PLANE_NAMES[plane]}, {signature.decode()}"
    if samples is None:
        return HiddenText(where, "", Cause.MALFORMED)
    header = _extract_bytes(samples, plane, _HEADER_SIZE * 8)
    length = int.from_bytes(header[_SIGNATURE_SIZE:]) // 8
    data = _extract_bytes(samples, plane, (_HEADER_SIZE + min(length, max_size)) * 8)[_HEADER_SIZE:]
    loss = None
    if length > max_size:
        loss = Cause.OVERSIZED
    elif len(data) != length:
        # The length claims more bits than the picture has.
        loss = Cause.MALFORMED
    is_compressed = _SIGNATURES[plane][signature]
    if is_compressed:
        # zlib reads a gzip header with 16 added to the window size.
        data, inflate_loss = inflate(data, max_size, zlib.MAX_WBITS | 16)
        loss = inflate_loss or loss
    return HiddenText(where, decode_text(data), loss)


def _extract_bytes(samples: Pixels, plane: str, bits: int) -> bytes:
    """The first `bits` lowest bits of a plane as whole bytes; fewer if the picture has fewer.

    `samples`: rows x columns x channels (red, green, blue, alpha), 8 bits.
    """
    channels = slice(0, 3)
    if plane == "alpha":
        channels = slice(3, 4)
    bits_per_column = samples.shape[0] * (channels.stop - channels.start)
    # Rounded up, so that the last column is included when only a part of it is needed.
    column_count = -(-bits // bits_per_column)
    # The format goes down the columns; arrays are stored along the rows.
    columns = samples[:, :column_count, channels].transpose(1, 0, 2)
    whole_bytes = columns.reshape(-1)[: bits // 8 * 8]
    return np.packbits(whole_bytes & 1).tobytes()
