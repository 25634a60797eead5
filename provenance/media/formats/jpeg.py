"""JPEG: marker segments, in the header and between the scans, and where the picture ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from provenance.media.readable import Block, MalformedContainer, OversizedContainer, Readable, read_within

APP1, APP2, APP13, COM, SOS, EOI = 0xE1, 0xE2, 0xED, 0xFE, 0xDA, 0xD9
APPLICATIONS = range(0xE0, 0xF0)
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of a frame header (SOF), which holds height and width."""

_STARTS = ((b"\xff\xd8", 2), (b"\xff\x01Exiv2", 7))
"""A picture, and the metadata of one kept beside it in the same segments (.exv)."""
_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
"""Neither a stuffed zero, nor a restart marker, nor a fill byte."""
_BARE = frozenset({0x01, 0xD8})
"""Markers without a length: TEM, and a second start of image."""


@dataclass(frozen=True, slots=True)
class JpegSegment:
    """One marker segment; `offset` and `length` are those of its payload. An EOI's offset is the end of the picture."""

    marker: int
    offset: int
    length: int


def walk_segments(source: Readable) -> Iterator[JpegSegment]:
    """Every segment up to the end of the picture. Stopping at `SOS` costs nothing; going on reads the compressed data.

    Raises `MalformedContainer` where the picture has no end, `OversizedContainer` beyond `limits.chunks` segments.
    """
    start = source.at(0, 7)
    position = next((length for magic, length in _STARTS if start.startswith(magic)), None)
    if position is None:
        raise MalformedContainer("JPEG: no start of image")
    for _ in range(source.limits.chunks):
        position = _next_marker(source, position)
        head = source.at(position, 4)
        marker = head[1]
        if marker == EOI:
            yield JpegSegment(EOI, position + 2, 0)
            return
        if marker in _BARE:
            position += 2
            continue
        declared = int.from_bytes(head[2:], "big") - 2
        if len(head) < 4 or declared < 0:
            raise MalformedContainer(f"JPEG: segment at byte {position} has no length")
        here = min(declared, source.size - position - 4)
        yield JpegSegment(marker, position + 4, here)
        if here < declared:
            raise MalformedContainer(f"JPEG: file ends inside the segment at byte {position}")
        position += 4 + declared
    raise OversizedContainer(f"JPEG: more than {source.limits.chunks} segments")


def walk_app1_segments(source: Readable) -> Iterator[JpegSegment]:
    """The APP1 segments before the first scan, where EXIF and XMP stand; a file cut before it ends them silently."""
    try:
        for segment in walk_segments(source):
            if segment.marker == SOS:
                return
            if segment.marker == APP1:
                yield segment
    except MalformedContainer:
        return  # The JPEG carrier reports it.


def _next_marker(source: Readable, position: int) -> int:
    """Offset of the next marker; in a sound header that is `position` itself."""
    step = 64
    while len(data := source.at(position, step)) > 1:
        if found := _MARKER.search(data):
            return position + found.start()
        position += len(data) - 1  # a marker may lie across the end of what was read
        step = min(step * 8, source.limits.block)
    raise MalformedContainer("JPEG: file ends without an end of image")


def read_raf_preview(source: Readable) -> Block:
    """The camera's own JPEG, which Fujifilm keeps in front of its raw data, and the words in it."""
    place = source.at(84, 8)
    offset, length = int.from_bytes(place[:4], "big"), int.from_bytes(place[4:], "big")
    return Block(read_within(source, offset, length), source.limits)
