"""PNG (ISO/IEC 15948, W3C PNG specification) and its kin JNG and MNG: header, chunks and their texts.

Layout: a signature of eight bytes, then chunks: length of the data (four bytes, big-endian), four letters of kind, the
data, and a CRC of four bytes. The first chunk is `IHDR`, the last one `IEND`. CRCs are not verified: text is reported
even if a bit has flipped.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from provenance.media.readable import MalformedContainer, OversizedContainer, Readable, read_within
from provenance.media.text import decode_text, inflate
from provenance.model.vocabulary import Cause

XMP = "XML:com.adobe.xmp"
"""Keyword of the iTXt chunk that holds an XMP packet."""
EXIF_PROFILES = ("Raw profile type exif", "Raw profile type APP1")
"""Keywords under which ImageMagick keeps an EXIF block: PNG had no chunk for it at first."""
XMP_PROFILES = ("Raw profile type xmp",)
"""Keywords under which ImageMagick keeps an XMP packet."""
TEXT_KINDS = frozenset({"tEXt", "zTXt", "iTXt"})
"""Kinds of the chunks that the standard has for text."""
_END_KINDS = {b"\x89PNG": "IEND", b"\x8bJNG": "IEND", b"\x8aMNG": "MEND"}
"""Kind of the last chunk, by the beginning of the signature."""
_SIGNATURE_END = b"\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class PngChunk:
    """One chunk; `offset` and `length` are those of its data."""

    kind: str
    offset: int
    length: int


class PngHeader(NamedTuple):
    """The IHDR chunk. Sizes in pixels; a number that a cut chunk does not hold is 0."""

    width: int
    height: int
    bit_depth: int
    """Bits a sample."""
    colour_type: int
    """2 for RGB, 6 for RGB with alpha."""
    interlacing: int
    """0 for none."""


def read_header(source: Readable) -> PngHeader:
    """Read the IHDR chunk. Raises `struct.error` when the file ends before width and height."""
    width, height = struct.unpack(">II", source.at(16, 8))
    # The sizes are worth something even when the rest of the chunk is cut.
    rest = source.at(24, 5)
    if len(rest) < 5:
        return PngHeader(width, height, 0, 0, 0)
    # The two bytes passed over are the methods of compression and filter, which have one value each.
    return PngHeader(width, height, *struct.unpack(">BB2xB", rest))


def walk_chunks(source: Readable) -> Iterator[PngChunk]:
    """Walk every chunk to the end of the file, in any order, and those behind the end chunk as well.

    Raises `MalformedContainer` where the file ends before its end chunk, `OversizedContainer` beyond `limits.chunks`.
    """
    signature = source.at(0, 8)
    end_kind = _END_KINDS.get(signature[:4])
    if end_kind is None or signature[4:] != _SIGNATURE_END:
        raise MalformedContainer("PNG: the signature is missing")
    position = len(signature)
    has_ended = False
    for _ in range(source.limits.chunks):
        head = source.at(position, 8)
        kind = head[4:]
        is_chunk = len(head) == 8 and kind.isalpha()
        if not is_chunk and has_ended:
            # Whatever was appended, it is not PNG.
            return
        if not is_chunk:
            raise MalformedContainer(f"PNG: no chunk at byte {position}, and no end chunk before it")
        declared = int.from_bytes(head[:4], "big")
        available = min(declared, source.size - position - 8)
        if has_ended and available < declared:
            # Appended bytes that look like a chunk by chance.
            return
        name = kind.decode("ascii")
        yield PngChunk(name, position + 8, available)
        if available < declared:
            raise MalformedContainer(f"PNG: the file ends inside the {name} chunk at byte {position}")
        has_ended = has_ended or name == end_kind
        # Length, kind and CRC are four bytes each.
        position += 12 + declared
    raise OversizedContainer(f"PNG: more than {source.limits.chunks:,} chunks")


@dataclass(frozen=True, slots=True)
class PngText:
    """One text chunk, decompressed: keyword, text, and why the text is not whole."""

    keyword: str
    data: bytes
    loss: Cause | None = None


def read_text(source: Readable, chunk: PngChunk, most: int | None = None) -> PngText | None:
    """Read a text chunk; None for other chunks. The text has at most `limits.inflated` bytes, and at most `most`."""
    split = _SPLITTERS.get(chunk.kind)
    if split is None:
        return None
    limit = source.limits.inflated
    if most is not None:
        limit = max(0, min(limit, most))
    data = read_within(source, chunk.offset, chunk.length)
    keyword, _, rest = data.partition(b"\0")
    is_compressed, body = split(rest)
    if is_compressed:
        return PngText(decode_text(keyword), *inflate(body, limit))
    is_cut = len(body) > limit or len(data) < chunk.length
    return PngText(decode_text(keyword), body[:limit], Cause.OVERSIZED if is_cut else None)


def _split_text(rest: bytes) -> tuple[bool, bytes]:
    """Behind the keyword there is only text."""
    return False, rest


def _split_ztxt(rest: bytes) -> tuple[bool, bytes]:
    """Behind the keyword: method, compressed text."""
    return True, rest[1:]


def _split_itxt(rest: bytes) -> tuple[bool, bytes]:
    """Behind the keyword: flag of compression, method, language, translated keyword, text."""
    _language, _, rest_of_language = rest[2:].partition(b"\0")
    _translated_keyword, _, body = rest_of_language.partition(b"\0")
    return rest[:1] == b"\1", body


_SPLITTERS: dict[str, Callable[[bytes], tuple[bool, bytes]]] = {
    "tEXt": _split_text,
    "zTXt": _split_ztxt,
    "iTXt": _split_itxt,
    "comf": _split_text,
}
"""How each kind of text chunk goes on behind its keyword. `comf` is a private one, in animated pictures of ComfyUI."""


def decode_profile(text: PngText) -> bytes:
    """Decode a profile that ImageMagick wrote in hexadecimal: a line of name, a line of length, lines of digits."""
    lines = text.data.strip().split(b"\n")
    digits = b"".join(lines[2:])
    try:
        return bytes.fromhex(digits.decode("ascii"))
    except ValueError:
        return b""
