"""JPEG 2000 codestreams (ITU-T T.800, Annex A): the marker segments of the main header.

Layout: 0xFF4F, then segments up to the first tile (0xFF90): a marker of two bytes, a length of two (big-endian, itself
included) and the payload. A JP2 file keeps codestreams in `jp2c` boxes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from provenance.media import types
from provenance.media.formats import isobmff
from provenance.media.readable import MalformedContainer, OversizedContainer, Readable

COMMENT = 0x64
"""Second byte of the marker COM."""
_START = b"\xff\x4f"
_TILE = b"\x90"
"""Second byte of the marker that starts a tile."""


@dataclass(frozen=True, slots=True)
class CodestreamSegment:
    """One marker segment; `marker` is the second byte of its marker, `offset` and `length` are those of its payload."""

    marker: int
    offset: int
    length: int


def walk_segments(source: Readable, media_type: str) -> Iterator[CodestreamSegment]:
    """Walk the segments before the first tile, in a file of boxes those of every codestream.

    Raises `MalformedContainer` where one is cut, `OversizedContainer` beyond `limits.chunks`.
    """
    if media_type == types.JPEG2000_CODESTREAM:
        yield from _walk_main_header(source, 0)
        return
    for box in isobmff.walk_level(source):
        if box.kind == "jp2c":
            yield from _walk_main_header(source, box.offset)


def _walk_main_header(source: Readable, position: int) -> Iterator[CodestreamSegment]:
    if source.at(position, 2) != _START:
        raise MalformedContainer("JPEG 2000: the start of the codestream is missing")
    position += 2
    for _ in range(source.limits.chunks):
        head = source.at(position, 4)
        if head[1:2] == _TILE:
            return
        length = int.from_bytes(head[2:], "big") - 2
        is_marker = len(head) == 4 and head[0] == 0xFF
        is_whole = 0 <= length <= source.size - position - 4
        if not is_marker or not is_whole:
            raise MalformedContainer(f"JPEG 2000: no segment at byte {position}, and no tile before it")
        yield CodestreamSegment(head[1], position + 4, length)
        position += 4 + length
    raise OversizedContainer(f"JPEG 2000: more than {source.limits.chunks:,} segments")
