"""Photoshop: the image resources of a PSD or PSB, where the document's own metadata stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from provenance.intake.containers.readable import MalformedContainer, OversizedContainer, Readable

EXIF, XMP = 1058, 1060


@dataclass(frozen=True, slots=True)
class Resource:
    """One image resource; `offset` and `length` are those of its data."""

    number: int
    offset: int
    length: int


def resources(source: Readable) -> Iterator[Resource]:
    """Every image resource of the document, in order.

    Raises `MalformedContainer` where the list is cut, `OversizedContainer` beyond `limits.chunks` resources.
    """
    if source.at(0, 4) != b"8BPS":
        raise MalformedContainer("Photoshop: no header")
    modes = int.from_bytes(source.at(26, 4), "big")
    position = 30 + modes
    end = position + 4 + int.from_bytes(source.at(position, 4), "big")
    position += 4
    for _ in range(source.limits.chunks):
        if position >= end:
            return
        head = source.at(position, 7)
        if len(head) < 7 or not head[:4].isalnum():  # 8BIM mostly; plug-ins sign with their own
            raise MalformedContainer(f"Photoshop: no image resource at byte {position}")
        name = (head[6] + 2) & ~1
        length = int.from_bytes(source.at(position + 6 + name, 4), "big")
        offset = position + 10 + name
        yield Resource(int.from_bytes(head[4:6], "big"), offset, length)
        position = offset + length + length % 2
    raise OversizedContainer(f"Photoshop: more than {source.limits.chunks} image resources")
