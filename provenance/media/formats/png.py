"""PNG: chunks wherever they stand. Checksums are not asked: what is written counts, also where a bit fell over."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from provenance.media.readable import MalformedContainer, OversizedContainer, Readable, read_within
from provenance.media.text import decode_text, inflate
from provenance.model.vocabulary import Cause

XMP = "XML:com.adobe.xmp"
"""Keyword of the iTXt chunk that holds an XMP packet."""
EXIF_PROFILES = ("Raw profile type exif", "Raw profile type APP1")
XMP_PROFILES = ("Raw profile type xmp",)
"""Keywords under which ImageMagick keeps what PNG had no place for."""

TEXT_KINDS = frozenset({"tEXt", "zTXt", "iTXt"})
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class PngChunk:
    """One chunk; `offset` and `length` are those of its data."""

    kind: str
    offset: int
    length: int


class PngHeader(NamedTuple):
    """What the IHDR chunk says. Sizes in pixels; what a cut chunk does not say is 0."""

    width: int
    height: int
    bit_depth: int
    """Bits a sample."""
    colour_type: int
    """2 for RGB, 6 for RGB with alpha."""
    interlacing: int
    """0 for none."""


def read_header(source: Readable) -> PngHeader:
    """The header of the picture. Raises `struct.error` where the sizes are cut off."""
    width, height = struct.unpack(">II", source.at(16, 8))
    rest = source.at(24, 5)
    if len(rest) < 5:
        return PngHeader(width, height, 0, 0, 0)
    return PngHeader(width, height, *struct.unpack(">BB2xB", rest))


def walk_chunks(source: Readable) -> Iterator[PngChunk]:
    """Every chunk to the end of the file, also those before the header, after the picture and after the end chunk.

    Raises `MalformedContainer` where the file ends before its end chunk, `OversizedContainer` beyond `limits.chunks`.
    """
    if source.at(0, 8) != _SIGNATURE:
        raise MalformedContainer("PNG: no signature")
    position, ended = 8, False
    for _ in range(source.limits.chunks):
        head = source.at(position, 8)
        kind = head[4:]
        if len(head) < 8 or not kind.isalpha():
            if ended:  # whatever was appended, it is not PNG
                return
            raise MalformedContainer(f"PNG: no chunk at byte {position}, and no end chunk before it")
        declared = int.from_bytes(head[:4], "big")
        here = min(declared, source.size - position - 8)
        if ended and here < declared:
            return
        yield PngChunk(kind.decode("ascii"), position + 8, here)
        if here < declared:
            raise MalformedContainer(f"PNG: file ends inside the {kind.decode('ascii')} chunk at byte {position}")
        ended = ended or kind == b"IEND"
        position += 12 + declared
    raise OversizedContainer(f"PNG: more than {source.limits.chunks} chunks")


@dataclass(frozen=True, slots=True)
class PngText:
    """One text chunk, unpacked: keyword, text, and why the text is not whole."""

    keyword: str
    data: bytes
    loss: Cause | None = None


def read_text(source: Readable, chunk: PngChunk, most: int | None = None) -> PngText | None:
    """What a text chunk says, at most `limits.inflated` bytes, or `most` if that is less; None for other chunks."""
    if chunk.kind not in _SPLIT:
        return None
    limit = max(0, min(source.limits.inflated, source.limits.inflated if most is None else most))
    data = read_within(source, chunk.offset, chunk.length)
    keyword, _, rest = data.partition(b"\0")
    packed, body = _SPLIT[chunk.kind](rest)
    if packed:
        return PngText(decode_text(keyword), *inflate(body, limit))
    cut = len(body) > limit or len(data) < chunk.length
    loss = Cause.OVERSIZED if cut else None
    return PngText(decode_text(keyword), body[:limit], loss)


def _plain(rest: bytes) -> tuple[bool, bytes]:
    return False, rest


def _decompress_text(rest: bytes) -> tuple[bool, bytes]:
    return True, rest[1:]


def _international(rest: bytes) -> tuple[bool, bytes]:
    """Flag, method, language, translated keyword, text."""
    _language, _, behind = rest[2:].partition(b"\0")
    _translated, _, body = behind.partition(b"\0")
    return rest[:1] == b"\1", body


_SPLIT = {"tEXt": _plain, "zTXt": _decompress_text, "iTXt": _international, "comf": _plain}


def decode_profile(text: PngText) -> bytes:
    """The bytes of a profile that ImageMagick wrote in hexadecimal: a line of name, a line of length, the digits."""
    digits = b"".join(text.data.strip().split(b"\n")[2:])
    try:
        return bytes.fromhex(digits.decode("ascii"))
    except ValueError:
        return b""
