"""GIF: comments and application extensions, wherever they stand between the pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from provenance.media.readable import MalformedContainer, OversizedContainer, Readable, read_within

COMMENT, END = "comment", "end"
_EXTENSION, _PICTURE, _TRAILER = 0x21, 0x2C, 0x3B
_KINDS = {0xFE: COMMENT, 0x01: "plain text", 0xF9: "graphic control", 0xFF: "application"}


@dataclass(frozen=True, slots=True)
class GifExtension:
    """One extension. Of an application's, `kind` is its eleven letters (`XMP DataXMP`).

    `offset` and `length` span its sub-blocks, the byte of length before each included.
    """

    kind: str
    offset: int
    length: int


def walk_extensions(source: Readable) -> Iterator[GifExtension]:
    """Every extension in order, and at last an `END` whose offset is that of the byte behind the picture.

    Raises `MalformedContainer` where the file ends before its trailer, `OversizedContainer` beyond `limits.chunks`.
    """
    head = source.at(0, 13)
    if head[:6] not in (b"GIF87a", b"GIF89a") or len(head) < 13:
        raise MalformedContainer("GIF: no header")
    position = 13 + _table(head[10])
    for _ in range(source.limits.chunks):
        lead = source.at(position, 14)
        if lead[:1] == bytes([_TRAILER]):
            yield GifExtension(END, position + 1, 0)
            return
        if lead[:1] == bytes([_PICTURE]) and len(lead) > 10:
            position = _end_of(source, position + 11 + _table(lead[9]))
        elif lead[:1] == bytes([_EXTENSION]) and len(lead) > 2:
            kind, start = _KINDS.get(lead[1], f"0x{lead[1]:02X}"), position + 2
            if kind == "application" and lead[2] == 11:
                kind, start = lead[3:14].decode("latin-1"), position + 14
            end = _end_of(source, start)
            yield GifExtension(kind, start, end - start)
            position = end
        else:
            raise MalformedContainer(f"GIF: no block at byte {position}, and no trailer before it")
    raise OversizedContainer(f"GIF: more than {source.limits.chunks} blocks")


def join_blocks(source: Readable, extension: GifExtension) -> bytes:
    """What an extension says: its sub-blocks in one piece."""
    data, position, parts = read_within(source, extension.offset, extension.length), 0, []
    while position < len(data) and (length := data[position]):
        parts.append(data[position + 1 : position + 1 + length])
        position += 1 + length
    return b"".join(parts)


def _table(packed: int) -> int:
    """Bytes of the colour table that a packed field announces."""
    return 3 << ((packed & 7) + 1) if packed & 0x80 else 0


def _end_of(source: Readable, position: int) -> int:
    """Offset behind the sub-blocks that begin at `position`."""
    step = 512
    while block := source.at(position, step):
        step, here = min(step * 8, source.limits.block), 0
        while here < len(block):
            if block[here] == 0:
                return position + here + 1
            here += 1 + block[here]
        position += here
    raise MalformedContainer("GIF: file ends inside a block")
