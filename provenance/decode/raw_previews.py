"""Where the JPEG previews are in a camera's raw file."""

from __future__ import annotations

from collections.abc import Iterator

from provenance.media import types
from provenance.media.formats import tiff
from provenance.media.readable import MalformedContainer
from provenance.media.source import Source

_LENGTH_TAGS = {0x0201: 0x0202, 0x0111: 0x0117}
"""JPEGInterchangeFormat and StripOffsets -> the tag with the number of bytes there."""
_JPEG_START = b"\xff\xd8\xff"
_RAF_OFFSET = 84
"""Offset of the preview's offset in a Fuji RAF; its length follows. Both have four bytes."""


def find_previews(source: Source) -> list[tuple[int, int]]:
    """Offset and length in bytes of everything that begins like a JPEG, the longest first."""
    if source.media_type == types.FUJI_RAF:
        numbers = source.at(_RAF_OFFSET, 8)
        places = [(int.from_bytes(numbers[:4], "big"), int.from_bytes(numbers[4:], "big"))]
    else:
        places = list(_list_places(source))
    previews = set()
    for offset, length in places:
        if length > 0 and source.at(offset, len(_JPEG_START)) == _JPEG_START:
            previews.add((offset, min(length, source.size - offset)))
    return sorted(previews, key=lambda place: -place[1])


def _list_places(source: Source) -> Iterator[tuple[int, int]]:
    """Offset and length of every block of bytes that a directory names, as far as the structure can be followed."""
    offsets: dict[int, int] = {}
    try:
        for field in tiff.walk_fields(source):
            # Fields are sorted by tag, so an offset comes before its length in the same directory.
            if field.tag in _LENGTH_TAGS:
                offsets[_LENGTH_TAGS[field.tag]] = _read_single(source, field)
            elif offset := offsets.pop(field.tag, 0):
                yield offset, _read_single(source, field)
    except MalformedContainer:
        return


def _read_single(source: Source, field: tiff.TiffField) -> int:
    """The number in a field; 0 for several, which are strips of raw samples."""
    if field.count != 1:
        return 0
    return int(next(iter(tiff.read_numbers(source, field)), 0))
