"""Bytes of a file -> text, whatever the writer took for the right encoding; nothing here raises on any bytes."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

from provenance.model.vocabulary import Cause

if TYPE_CHECKING:
    from typing_extensions import Buffer

_STEP = 65_536
"""Compressed bytes unpacked at a time, so that damage loses only what stands behind it."""


class Decompressor(Protocol):
    """The one method of a decompressor of zlib that is asked for here; the class itself has no public name."""

    def decompress(self, data: Buffer, max_length: int = 0, /) -> bytes: ...  # noqa: D102 - as in the standard library


def decode_text(data: bytes) -> str:
    """Text that should be Latin-1 or ASCII and often is UTF-8; without the zeros that fill up its field."""
    data = data.rstrip(b"\0").removeprefix(b"\xef\xbb\xbf")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def decode_utf16(data: bytes, order: str) -> str:
    """UTF-16 text. A byte order mark wins, then where the zeros of Latin letters stand, then `order` (`<` or `>`)."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        order, data = "<" if data[:1] == b"\xff" else ">", data[2:]
    else:
        high, low = data[0:4096:2].count(0), data[1:4096:2].count(0)
        order = order if high == low else ">" if high > low else "<"
    return data.decode("utf-16-le" if order == "<" else "utf-16-be", "replace").rstrip("\0")


def is_printable(text: str) -> bool:
    """Whether a person could read it: no control characters but white space, no replacement characters."""
    return bool(text) and all(character.isprintable() or character in "\t\r\n" for character in text)


def inflate(data: bytes, most: int, form: int = zlib.MAX_WBITS) -> tuple[bytes, Cause | None]:
    """The beginning of a zlib stream, at most `most` bytes, and why that is not all of it.

    Nothing beyond is ever unpacked. `form` is zlib's `wbits`: other streams than its own, such as gzip.
    """
    stream, left, parts = zlib.decompressobj(form), most + 1, list[bytes]()
    view = memoryview(data)
    for start in range(0, len(view), _STEP):
        piece, before = view[start : start + _STEP], stream.copy()
        try:
            parts.append(stream.decompress(piece, left))
        except zlib.error:
            return b"".join((*parts, *inflate_until_damage(before, piece, left)))[:most], Cause.MALFORMED
        left -= len(parts[-1])
        if stream.eof or left <= 0:
            break
    whole = b"".join(parts)
    if len(whole) > most:
        return whole[:most], Cause.OVERSIZED
    return whole, None if stream.eof else Cause.MALFORMED


def inflate_until_damage(stream: Decompressor, piece: Buffer, most: int) -> Iterator[bytes]:
    """What a piece on which a stream failed gives all the same, about `most` bytes of it.

    zlib forgets everything that a piece gave when its last byte is wrong: a false checksum would hide a whole text.
    So the stream as it was before (a copy) is fed byte by byte. Afterwards it fails on anything.
    """
    view = memoryview(piece)
    try:
        for place in range(len(view)):
            part = stream.decompress(view[place : place + 1], most)
            yield part
            most -= len(part)
            if most <= 0:
                return
    except zlib.error:
        return


def format_timecode(packed: int) -> str:
    """`01:00:00:12` from SMPTE 12M digits: hours in the highest byte, each half-byte a digit, flags left out."""
    hours, minutes, seconds, frames = (packed >> shift & 0xFF for shift in (24, 16, 8, 0))
    return ":".join(f"{value >> 4 & tens}{value & 15}" for value, tens in
                    ((hours, 3), (minutes, 7), (seconds, 7), (frames, 3)))  # fmt: skip
