"""JUMBF (ISO/IEC 19566-5), as far as it is needed to cut a C2PA manifest store out of the file that carries it.

Layout: boxes of a size (four bytes, big-endian), four letters of kind and the content. A manifest store is one box of
kind `jumb` whose description box has the type `c2pa`. Most files carry it in one piece. A JPEG splits it over APP11
segments, which repeat the head of the box, and a GIF over sub-blocks of up to 255 bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from provenance.media import types
from provenance.media.formats import isobmff, jpeg
from provenance.media.readable import Readable
from provenance.media.source import Source
from provenance.media.types import Container

LARGEST_STORE = 4 * 1024 * 1024
"""Bytes of the largest manifest store that is cut out."""
_APP11 = 0xEB
_SEGMENT_HEAD = 8
"""Bytes before the box in an APP11 segment: `JP`, number of the box, number of the segment."""
_BOX_HEAD = 8
_C2PA_USER_TYPE = "d8fec3d61b0e483c92975828877ec481"
"""User type of the uuid box in which ISO base media files keep a manifest store."""
_SMALLEST_STORE = 38
"""Bytes of a box with nothing but its description."""
_START = re.compile(rb".{4}jumb.{4}jumdc2pa", re.DOTALL)


def find_manifest_store(source: Source) -> bytes | None:
    """The bytes of the manifest store in a file; None when there is none in one of the known ways, or a huge one.

    Raises `MalformedContainer` for a file whose structure is damaged before it.
    """
    container = types.find_type(source.media_type).container
    if container is Container.JPEG:
        return _join_segments(source)
    if container in (Container.BOXES, Container.HEIF):
        for box in isobmff.walk_boxes(source):
            if box.kind == _C2PA_USER_TYPE:
                return cut_store(source.at(box.offset, min(box.length, LARGEST_STORE + source.limits.block)))
        return None
    return _find_in_one_piece(source)


def _join_segments(source: Readable) -> bytes | None:
    """A store that is split over the APP11 segments of a JPEG: those with the number of the first one's box."""
    joined = b""
    wanted = b""
    for segment in _list_app11(source):
        content = source.at(segment.offset, segment.length)
        if content[:2] != b"JP":
            continue
        box_number = content[2:4]
        if not joined and _START.match(content, _SEGMENT_HEAD):
            wanted = box_number
            joined = content[_SEGMENT_HEAD:]
        elif joined and box_number == wanted:
            # Every further segment repeats size and kind of the box.
            joined += content[_SEGMENT_HEAD + _BOX_HEAD :]
        if len(joined) > LARGEST_STORE:
            return None
    return cut_store(joined)


def _list_app11(source: Readable) -> Iterator[jpeg.JpegSegment]:
    for segment in jpeg.walk_segments(source):
        if segment.marker == jpeg.SOS:
            # All of them come before the picture, whose data need not be read for this.
            return
        if segment.marker == _APP11:
            yield segment


def _find_in_one_piece(source: Source) -> bytes | None:
    block = source.limits.block
    overlap = _SMALLEST_STORE
    for offset in range(0, min(source.size, source.limits.c2pa_buffered), block):
        found = _START.search(source.at(offset, block + overlap))
        if found:
            start = offset + found.start()
            size = int.from_bytes(source.at(start, 4), "big")
            if size > LARGEST_STORE:
                return None
            return cut_store(source.at(start, size))
    return None


def cut_store(raw: bytes) -> bytes | None:
    """The first manifest store in bytes; None when there is none, or not all of it."""
    found = _START.search(raw)
    if not found:
        return None
    start = found.start()
    size = int.from_bytes(raw[start : start + 4], "big")
    store = raw[start : start + size]
    # Half a store is nobody's evidence.
    if len(store) != size or not _SMALLEST_STORE <= size <= LARGEST_STORE:
        return None
    return store
