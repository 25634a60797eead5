"""Where the JPEG previews lie in a camera's raw file."""

from __future__ import annotations

from collections.abc import Iterator

from provenance.media.formats import tiff
from provenance.media.readable import MalformedContainer
from provenance.media.source import Source

_FIRST_BYTES = {0x0201: 0x0202, 0x0111: 0x0117}
"""JPEGInterchangeFormat and StripOffsets, each with the field that tells how many bytes follow there."""
_SOI = b"\xff\xd8\xff"


def previews(source: Source) -> list[tuple[int, int]]:
    """Offset and length of everything that begins like a JPEG, the longest first."""
    if source.media_type == "image/x-fuji-raf":
        places = [(int.from_bytes(source.at(84, 4), "big"), int.from_bytes(source.at(88, 4), "big"))]
    else:
        places = list(_told(source))
    there = {(at, min(size, source.size - at)) for at, size in places if source.at(at, 3) == _SOI and size > 0}
    return sorted(there, key=lambda place: -place[1])


def _told(source: Source) -> Iterator[tuple[int, int]]:
    """The places that directories name; of both fields the first comes first, and their directory between them."""
    starts: dict[int, int] = {}
    try:
        for field in tiff.fields(source):
            value = next(iter(tiff.numbers(source, field)), 0) if field.count == 1 else 0
            if field.tag in _FIRST_BYTES:
                starts[_FIRST_BYTES[field.tag]] = int(value)
            elif at := starts.pop(field.tag, 0):
                yield at, int(value)
    except MalformedContainer:
        return
