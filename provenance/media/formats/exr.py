"""OpenEXR: the attributes of every part's header."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from provenance.media.readable import MalformedContainer, OversizedContainer, Readable

_MAGIC = b"v/1\x01"
_MULTIPART, _TILED = 0x1000, 0x0200
_LONGEST_NAME = 256


@dataclass(frozen=True, slots=True)
class ExrAttribute:
    """One header attribute; `offset` and `length` are those of its value. Parts are counted from 0."""

    part: int
    name: str
    kind: str
    offset: int
    length: int


def walk_attributes(source: Readable) -> Iterator[ExrAttribute]:
    """Every attribute of every part, in order.

    Raises `MalformedContainer` where a header is cut, `OversizedContainer` beyond `limits.chunks` attributes.
    """
    head = source.at(0, 8)
    if head[:4] != _MAGIC or len(head) < 8:
        raise MalformedContainer("EXR: no header")
    multipart = int.from_bytes(head[4:], "little") & _MULTIPART
    position, part, fresh = 8, 0, True
    for _ in range(source.limits.chunks):
        if source.at(position, 1) == b"\0":  # the end of a header; a second one in a row ends the last
            position, part = position + 1, part + 1
            if fresh or not multipart:
                return
            fresh = True
            continue
        lead = source.at(position, 2 * _LONGEST_NAME + 4).split(b"\0", 2)
        if len(lead) < 3 or len(lead[2]) < 4:
            raise MalformedContainer(f"EXR: no attribute at byte {position}")
        offset = position + len(lead[0]) + len(lead[1]) + 6
        length = int.from_bytes(lead[2][:4], "little")
        here = max(0, min(length, source.size - offset))
        yield ExrAttribute(part, lead[0].decode("latin-1"), lead[1].decode("latin-1"), offset, here)
        if here < length:
            raise MalformedContainer(f"EXR: file ends inside the attribute at byte {position}")
        position, fresh = offset + length, False
    raise OversizedContainer(f"EXR: more than {source.limits.chunks} attributes")


def is_cut(source: Readable) -> bool:
    """Whether the file ends before the last chunk of its only part; parts of several are not looked into.

    Raises `MalformedContainer` as `walk_attributes` does.
    """
    flags = int.from_bytes(source.at(4, 4), "little")
    ends = [attribute.offset + attribute.length for attribute in walk_attributes(source)]
    if flags & _MULTIPART or not ends:
        return False
    table = max(ends) + 1
    first = int.from_bytes(source.at(table, 8), "little")
    count = (first - table) // 8
    if not 0 < count <= source.limits.chunks:
        return True
    offsets = source.at(table, 8 * count)
    last = max(int.from_bytes(offsets[i : i + 8], "little") for i in range(0, len(offsets), 8))
    lead = 20 if flags & _TILED else 8  # where a chunk stands in the picture, then its size
    size = int.from_bytes(source.at(last + lead - 4, 4), "little")
    return last + lead + size > source.size
