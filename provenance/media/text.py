"""Bytes of a file -> text, whatever encoding the writer believed in. Nothing here raises, whatever the bytes are."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

from provenance.model.vocabulary import Cause

if TYPE_CHECKING:
    from typing_extensions import Buffer

_INPUT_STEP = 65_536
"""Compressed bytes decompressed at a time, so that damage loses only what is behind it."""
_SAMPLE = 4096
"""Bytes of a text from which its byte order is guessed."""
_PRINTABLE_RUN = re.compile(rb"[\t\n\r\x20-\x7e]{16,}")
"""Text within binary data, as the program `strings` finds it; shorter runs are mostly chance."""


class Decompressor(Protocol):
    """The one method of a zlib decompressor that is used here; the class itself has no public name."""

    def decompress(self, data: Buffer, max_length: int = 0, /) -> bytes: ...  # noqa: D102 - as in the standard library


def decode_text(data: bytes) -> str:
    """Decode text that should be Latin-1 or ASCII and often is UTF-8, without the zeros that fill up its field."""
    data = data.rstrip(b"\0").removeprefix(b"\xef\xbb\xbf")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def decode_utf16(data: bytes, order: str) -> str:
    """Decode UTF-16 text.

    A byte order mark decides its byte order; without one, the place of the zeros in Latin letters; without those,
    `order` (`<` for little-endian or `>` for big-endian).
    """
    if data.startswith(b"\xff\xfe"):
        order = "<"
        data = data[2:]
    elif data.startswith(b"\xfe\xff"):
        order = ">"
        data = data[2:]
    else:
        zeros_first = data[0:_SAMPLE:2].count(0)
        zeros_second = data[1:_SAMPLE:2].count(0)
        if zeros_first > zeros_second:
            order = ">"
        elif zeros_second > zeros_first:
            order = "<"
    encoding = "utf-16-le" if order == "<" else "utf-16-be"
    return data.decode(encoding, "replace").rstrip("\0")


def replace_surrogates(text: str) -> str:
    """Replace lone halves of surrogate pairs, which JSON and file names can hold, by `?`: no output can encode them."""
    return text.encode("utf-8", "replace").decode("utf-8")


def is_printable(text: str) -> bool:
    """Whether a person could read it: no control characters but white space. False for an empty text."""
    return bool(text) and all(character.isprintable() or character in "\t\r\n" for character in text)


def extract_text(data: bytes) -> str:
    """Return the data if it is text, otherwise every longer run of ASCII in it, a line each."""
    text = decode_text(data)
    if is_printable(text):
        return text
    return "\n".join(decode_text(run) for run in _PRINTABLE_RUN.findall(data))


def inflate(data: bytes, most: int, window: int = zlib.MAX_WBITS) -> tuple[bytes, Cause | None]:
    """Decompress the beginning of a zlib stream, at most `most` bytes; return it and why that is not all of it.

    Nothing beyond is ever decompressed. `window` is zlib's `wbits`, for other streams than its own, such as gzip.
    """
    stream = zlib.decompressobj(window)
    # One byte more than is returned shows that there is more.
    left = most + 1
    parts: list[bytes] = []
    view = memoryview(data)
    for start in range(0, len(view), _INPUT_STEP):
        piece = view[start : start + _INPUT_STEP]
        before = stream.copy()
        try:
            parts.append(stream.decompress(piece, left))
        except zlib.error:
            parts.extend(inflate_until_damage(before, piece, left))
            return b"".join(parts)[:most], Cause.MALFORMED
        left -= len(parts[-1])
        if stream.eof or left <= 0:
            break
    whole = b"".join(parts)
    if len(whole) > most:
        return whole[:most], Cause.OVERSIZED
    if not stream.eof:
        return whole, Cause.MALFORMED
    return whole, None


def inflate_until_damage(stream: Decompressor, piece: Buffer, most: int) -> Iterator[bytes]:
    """Decompress the bytes of a piece before its damage, about `most` of them. Afterwards the stream is useless.

    `stream` is a copy of the stream that failed on the piece, made before that.
    """
    # When the last byte of a piece is wrong, zlib forgets everything that the piece gave: a false checksum would hide a
    # whole text. So the piece is given to it byte by byte.
    view = memoryview(piece)
    try:
        for position in range(len(view)):
            part = stream.decompress(view[position : position + 1], most)
            yield part
            most -= len(part)
            if most <= 0:
                return
    except zlib.error:
        return


def format_packed_timecode(packed: int) -> str:
    """Format the digits of a SMPTE ST 12 timecode, packed in 32 bits: `01:00:00:12`.

    The highest byte holds the hours, then minutes, seconds and frames; each half-byte is a digit.
    """
    hours = packed >> 24
    minutes = packed >> 16
    seconds = packed >> 8
    frames = packed
    # The masks leave out the flags in the upper bits of the tens, such as drop frame.
    fields = (
        f"{hours >> 4 & 3}{hours & 15}",
        f"{minutes >> 4 & 7}{minutes & 15}",
        f"{seconds >> 4 & 7}{seconds & 15}",
        f"{frames >> 4 & 3}{frames & 15}",
    )
    return ":".join(fields)
