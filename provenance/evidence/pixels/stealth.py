"""Words in the lowest bits of a picture, as `stealth_pnginfo` lays them: they outlive the loss of all metadata.

A signature of 15 letters, the length of the text in bits as 32 bits, the text or its gzip. One bit a pixel in alpha, or
three in red, green and blue; column after column, the highest bit of a byte first.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from provenance.media import types
from provenance.media.decode.lossless_pixels import PixelCoding, Pixels, decode_rows, find_coding
from provenance.media.source import Source
from provenance.media.text import decode_text, inflate
from provenance.model.vocabulary import Cause

MEDIA = frozenset({types.PNG, types.WEBP})
_SIGNATURES = {
    "alpha": {b"stealth_pnginfo": False, b"stealth_pngcomp": True},
    "colours": {b"stealth_rgbinfo": False, b"stealth_rgbcomp": True},
}
"""For each plane the signatures that stand in it, and whether the text is compressed."""
_PLACES = {"alpha": "alpha", "colours": "red, green and blue"}
_SIGNATURE, _HEAD = 15, 19
"""Bytes of the signature, and of signature and length."""


@dataclass(frozen=True, slots=True)
class HiddenText:
    """A text found, the place for a person, and why it is not whole."""

    where: str
    text: str
    loss: Cause | None


def find_hidden_texts(source: Source) -> Iterator[HiddenText]:
    """What stands in alpha and what stands in the colours, at most `limits.inflated` bytes of each."""
    coding = find_coding(source)
    if coding is None:
        return
    for plane in _planes(coding):
        # The first rows alone hold the signature: nearly every picture is ruled out by them.
        probe = decode_rows(source, coding, coding.probe_rows)
        if probe is None:
            continue
        signature = _bytes(probe, plane, _SIGNATURE * 8)
        if signature in _SIGNATURES[plane]:
            yield _read(decode_rows(source, coding, coding.height), plane, signature, source.limits.inflated)


def _planes(coding: PixelCoding) -> Iterator[str]:
    """The planes that keep their bits and have room for a signature and a length."""
    if coding.alpha and coding.pixels >= _HEAD * 8:
        yield "alpha"
    if coding.exact_colours and coding.pixels * 3 >= _HEAD * 8:
        yield "colours"


def _read(samples: Pixels | None, plane: str, signature: bytes, most: int) -> HiddenText:
    where = f"lowest bits of {_PLACES[plane]}, {signature.decode()}"
    if samples is None:
        return HiddenText(where, "", Cause.MALFORMED)
    length = int.from_bytes(_bytes(samples, plane, _HEAD * 8)[_SIGNATURE:]) // 8
    data = _bytes(samples, plane, (_HEAD + min(length, most)) * 8)[_HEAD:]
    loss = None
    if length > most:
        loss = Cause.OVERSIZED
    elif len(data) != length:
        loss = Cause.MALFORMED
    if _SIGNATURES[plane][signature]:
        data, broken = inflate(data, most, zlib.MAX_WBITS | 16)
        loss = broken or loss
    return HiddenText(where, decode_text(data), loss)


def _bytes(samples: Pixels, plane: str, bits: int) -> bytes:
    """The first `bits` bits of a plane, column after column, as whole bytes; fewer where the picture ends."""
    wanted = slice(3, 4) if plane == "alpha" else slice(0, 3)
    per_column = samples.shape[0] * (wanted.stop - wanted.start)
    columns = samples[:, : -(-bits // per_column), wanted].transpose(1, 0, 2)
    return np.packbits(columns.reshape(-1)[: bits // 8 * 8] & 1).tobytes()
