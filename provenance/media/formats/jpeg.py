"""JPEG (ITU-T T.81): marker segments, in the header and between the scans, and where the picture ends.

Layout: markers, each 0xFF and a byte. Most of them begin a segment: a length of two bytes (big-endian, itself included)
and the payload. Compressed data follows each start of scan (SOS); a zero behind an 0xFF says that it belongs to that
data. The picture begins with 0xFFD8 and ends with 0xFFD9.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from provenance.media.readable import Block, MalformedContainer, OversizedContainer, Readable, read_within

APP1 = 0xE1
APP2 = 0xE2
APP13 = 0xED
COM = 0xFE
SOS = 0xDA
"""Start of a scan."""
EOI = 0xD9
"""End of the image."""
APPLICATIONS = range(0xE0, 0xF0)
"""Markers APP0 to APP15."""
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of a frame header (SOF), which holds height and width."""

_STARTS = ((b"\xff\xd8", 2), (b"\xff\x01Exiv2", 7))
"""A picture, and the metadata of one that Exiv2 keeps beside it in the same segments (.exv); bytes, and their count."""
_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
"""Neither a stuffed zero, nor a restart marker, nor a fill byte."""
_WITHOUT_LENGTH = frozenset({0x01, 0xD8})
"""Markers without a segment: TEM, and a second start of image."""
_FIRST_READ = 64
"""Bytes in which the next marker is searched for at first: in a sound header it is the very next one."""
_RAF_PREVIEW = 84
"""Offset in a RAF file of offset and length of its JPEG."""


@dataclass(frozen=True, slots=True)
class JpegSegment:
    """One marker segment; `offset` and `length` are those of its payload. An EOI's offset is the end of the picture."""

    marker: int
    offset: int
    length: int


def walk_segments(source: Readable) -> Iterator[JpegSegment]:
    """Walk every segment up to the end of the picture. To go on behind `SOS` means to read the compressed data.

    Raises `MalformedContainer` where the picture has no end, `OversizedContainer` beyond `limits.chunks` segments.
    """
    position = _find_first_marker(source)
    for _ in range(source.limits.chunks):
        position = _find_marker(source, position)
        head = source.at(position, 4)
        marker = head[1]
        if marker == EOI:
            yield JpegSegment(EOI, position + 2, 0)
            return
        if marker in _WITHOUT_LENGTH:
            position += 2
            continue
        declared = int.from_bytes(head[2:], "big") - 2
        if len(head) < 4 or declared < 0:
            raise MalformedContainer(f"JPEG: the segment at byte {position} has no length")
        available = min(declared, source.size - position - 4)
        yield JpegSegment(marker, position + 4, available)
        if available < declared:
            raise MalformedContainer(f"JPEG: the file ends inside the segment at byte {position}")
        position += 4 + declared
    raise OversizedContainer(f"JPEG: more than {source.limits.chunks:,} segments")


def _find_first_marker(source: Readable) -> int:
    start = source.at(0, 7)
    for magic, length in _STARTS:
        if start.startswith(magic):
            return length
    raise MalformedContainer("JPEG: the start of the image is missing")


def walk_app1_segments(source: Readable) -> Iterator[JpegSegment]:
    """Walk the APP1 segments before the first scan, which hold EXIF and XMP. Damage ends them without an error."""
    try:
        for segment in walk_segments(source):
            if segment.marker == SOS:
                return
            if segment.marker == APP1:
                yield segment
    except MalformedContainer:
        # The JPEG carrier reports it.
        return


def _find_marker(source: Readable, position: int) -> int:
    """Offset of the next marker; in a sound header that is `position` itself."""
    step = _FIRST_READ
    while len(data := source.at(position, step)) > 1:
        if match := _MARKER.search(data):
            return position + match.start()
        # A marker may lie across the end of what was read.
        position += len(data) - 1
        # Compressed data goes on for long: each read is larger than the one before.
        step = min(step * 8, source.limits.block)
    raise MalformedContainer("JPEG: the file ends without an end of image")


def read_raf_preview(source: Readable) -> Block:
    """Read the camera's own JPEG, which a Fujifilm RAF keeps before its raw data together with the metadata."""
    place = source.at(_RAF_PREVIEW, 8)
    offset = int.from_bytes(place[:4], "big")
    length = int.from_bytes(place[4:], "big")
    return Block(read_within(source, offset, length), source.limits)
