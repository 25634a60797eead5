"""JPEG 2000 codestreams: the marker segments of the main header."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from provenance.media import types
from provenance.media.formats import isobmff
from provenance.media.readable import MalformedContainer, OversizedContainer, Readable

COMMENT = 0x64
_START, _TILE = b"\xff\x4f", 0x90


@dataclass(frozen=True, slots=True)
class CodestreamSegment:
    """One marker segment; `offset` and `length` are those of its payload."""

    marker: int
    offset: int
    length: int


def walk_segments(source: Readable, media_type: str) -> Iterator[CodestreamSegment]:
    """The segments before the first tile, in a file of boxes those of every codestream.

    Raises `MalformedContainer` where one is cut, `OversizedContainer` beyond `limits.chunks`.
    """
    if media_type == types.JPEG2000_CODESTREAM:
        yield from _header(source, 0)
        return
    for box in isobmff.walk_level(source):
        if box.kind == "jp2c":
            yield from _header(source, box.offset)


def _header(source: Readable, position: int) -> Iterator[CodestreamSegment]:
    if source.at(position, 2) != _START:
        raise MalformedContainer("JPEG 2000: no codestream")
    position += 2
    for _ in range(source.limits.chunks):
        head = source.at(position, 4)
        if head[1:2] == bytes([_TILE]):
            return
        length = int.from_bytes(head[2:], "big") - 2
        if len(head) < 4 or head[0] != 0xFF or length < 0 or position + 4 + length > source.size:
            raise MalformedContainer(f"JPEG 2000: no segment at byte {position}, and no tile before it")
        yield CodestreamSegment(head[1], position + 4, length)
        position += 4 + length
    raise OversizedContainer(f"JPEG 2000: more than {source.limits.chunks} segments")
