"""GIF (GIF89a specification): comments and application extensions, wherever they are between the pictures.

Layout: signature and screen descriptor (13 bytes), a colour table, then blocks: 0x21 for an extension, 0x2C for a
picture, 0x3B for the end. The data of a block is a chain of sub-blocks, each a byte of length and as many bytes; a
length of 0 ends the chain.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from provenance.media.readable import MalformedContainer, OversizedContainer, Readable, read_within

COMMENT = "comment"
END = "end"
_EXTENSION = b"\x21"
_PICTURE = b"\x2c"
_TRAILER = b"\x3b"
_APPLICATION = "application"
_KINDS = {0xFE: COMMENT, 0x01: "plain text", 0xF9: "graphic control", 0xFF: _APPLICATION}
_APPLICATION_NAME_LENGTH = 11
"""Eight letters of name and three of authentication code."""
_FIRST_READ = 512
"""Bytes of sub-blocks that are read at first; later reads are larger."""


@dataclass(frozen=True, slots=True)
class GifExtension:
    """One extension. The `kind` of an application's is its eleven letters (`XMP DataXMP`).

    `offset` and `length` span its sub-blocks, with the byte of length before each.
    """

    kind: str
    offset: int
    length: int


def walk_extensions(source: Readable) -> Iterator[GifExtension]:
    """Walk every extension in order, and at last an `END` whose offset is that of the byte behind the picture.

    Raises `MalformedContainer` where the file ends before its trailer, `OversizedContainer` beyond `limits.chunks`.
    """
    head = source.at(0, 13)
    if head[:6] not in (b"GIF87a", b"GIF89a") or len(head) < 13:
        raise MalformedContainer("GIF: the header is missing or cut")
    position = 13 + _measure_colour_table(head[10])
    for _ in range(source.limits.chunks):
        block = source.at(position, 14)
        introducer = block[:1]
        if introducer == _TRAILER:
            yield GifExtension(END, position + 1, 0)
            return
        if introducer == _PICTURE and len(block) > 10:
            # Ten bytes of descriptor, a colour table, one byte of LZW code size, then the sub-blocks.
            position = _find_end(source, position + 11 + _measure_colour_table(block[9]))
        elif introducer == _EXTENSION and len(block) > 2:
            extension = _read_extension(source, position, block)
            yield extension
            position = extension.offset + extension.length
        else:
            raise MalformedContainer(f"GIF: no block at byte {position}, and no trailer before it")
    raise OversizedContainer(f"GIF: more than {source.limits.chunks:,} blocks")


def _read_extension(source: Readable, position: int, block: bytes) -> GifExtension:
    kind = _KINDS.get(block[1], f"0x{block[1]:02X}")
    start = position + 2
    if kind == _APPLICATION and block[2] == _APPLICATION_NAME_LENGTH:
        kind = block[3:14].decode("latin-1")
        start = position + 14
    return GifExtension(kind, start, _find_end(source, start) - start)


def join_blocks(source: Readable, extension: GifExtension) -> bytes:
    """Join the sub-blocks of an extension, without their lengths. At most `limits.packet` bytes are read."""
    data = read_within(source, extension.offset, extension.length)
    parts: list[bytes] = []
    position = 0
    while position < len(data):
        length = data[position]
        if length == 0:
            break
        parts.append(data[position + 1 : position + 1 + length])
        position += 1 + length
    return b"".join(parts)


def _measure_colour_table(flags: int) -> int:
    """Bytes of the colour table that a byte of flags announces: three for each colour."""
    if not flags & 0x80:
        return 0
    return 3 << ((flags & 7) + 1)


def _find_end(source: Readable, position: int) -> int:
    """Offset behind the chain of sub-blocks that begins at `position`."""
    step = _FIRST_READ
    while block := source.at(position, step):
        # Comments are short and pictures long: each read is larger than the one before.
        step = min(step * 8, source.limits.block)
        offset = 0
        while offset < len(block):
            if block[offset] == 0:
                return position + offset + 1
            offset += 1 + block[offset]
        position += offset
    raise MalformedContainer("GIF: the file ends inside a block")
