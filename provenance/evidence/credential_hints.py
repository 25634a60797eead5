"""Types of files that can contain a C2PA manifest, and hints of a manifest in files that could not be parsed."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator

from provenance.media import types
from provenance.media.formats import gif, isobmff, png, riff
from provenance.media.readable import MalformedContainer, OversizedContainer
from provenance.media.source import Source
from provenance.media.types import C2paAccess, Container

STORE = types.C2PA
STREAMED = types.select_names(lambda row: row.c2pa is C2paAccess.STREAMED)
"""Types that the C2PA library reads piece by piece; it loads all others into memory, some of them twice."""
EMBEDDING = types.select_names(lambda row: row.c2pa is not None)
"""Types that can contain a manifest. The library gets no other files."""

_IN_STORE = (b"jumdc2pa", re.compile(rb"jumb.{4}jumdc2pa", re.DOTALL), -8)
"""A JUMBF description box with the type of a manifest store."""
_IN_BOX = (
    b"\xd8\xfe\xc3\xd6\x1b\x0eH<\x92\x97X(\x87~\xc4\x81",
    re.compile(rb"\xd8\xfe\xc3\xd6\x1b\x0eH<\x92\x97X\(\x87~\xc4\x81.{4}manifest", re.DOTALL),
    0,
)
"""The UUID box that BMFF files keep a store in."""
_IN_PDF = (b"application/", re.compile(rb"application/(x-)?c2pa"), 0)
"""The media type of a store as PDF files write it."""
# Bytes to look for, what must stand there as a whole, and where that begins as seen from these bytes. One search for
# plain bytes is ten times as fast as one for a pattern with a choice, and whole movies are searched.
_HINTS: dict[Container | None, tuple[tuple[bytes, re.Pattern[bytes], int], ...]] = {
    Container.BOXES: (_IN_STORE, _IN_BOX),
    Container.HEIF: (_IN_STORE, _IN_BOX),
    Container.RIFF: (_IN_STORE,),
}
_ALL_HINTS = (_IN_STORE, _IN_BOX, _IN_PDF)
"""Of all other containers."""
_OVERLAP = 64
"""Bytes by which searched blocks overlap; longer than any hint, so that none is lost between two blocks."""
_MAX_BOXES = 10_000
"""Boxes up to which the library is fast; the time it takes grows with the square of their number."""
_MAX_CHUNKS = 100_000
"""Chunks up to which the library is fast."""
_SMALLEST_PIECE = 8
"""Bytes of the smallest box or chunk: its size and its type."""
_PIECES: dict[Container | None, tuple[int, Callable[[Source], Iterator[object]]]] = {
    Container.BOXES: (_MAX_BOXES, isobmff.walk_boxes),
    Container.HEIF: (_MAX_BOXES, isobmff.walk_boxes),
    Container.RIFF: (_MAX_CHUNKS, riff.walk_chunks),
    Container.PNG: (_MAX_CHUNKS, png.walk_chunks),
    Container.GIF: (_MAX_CHUNKS, gif.walk_extensions),
}
"""Maximum number of pieces by container, and the function that lists them."""


def find_library_type(media_type: str) -> str | None:
    """The media type by which the library knows a file; None if the file cannot contain a manifest."""
    row = types.find_type(media_type)
    if row.c2pa is None:
        return None
    return row.c2pa_name or media_type


def explain_excess(source: Source) -> str:
    """The kind of files for which the library needs too much memory or time, if this is one; else empty."""
    max_size = source.limits.c2pa_buffered
    if source.size > max_size and source.media_type not in STREAMED:
        return f"files of more than {max_size} bytes"
    container = types.find_type(source.media_type).container
    if container not in _PIECES:
        return ""
    max_pieces, walk = _PIECES[container]
    # A file that is too small for so many pieces need not be walked: nearly every file.
    can_have_more = source.size > _SMALLEST_PIECE * max_pieces
    if can_have_more and _has_more_than(max_pieces, walk(source)):
        return f"files of more than {max_pieces} pieces"
    return ""


def _has_more_than(number: int, pieces: Iterator[object]) -> bool:
    try:
        return next(itertools.islice(pieces, number, None), None) is not None
    except MalformedContainer as damage:
        # Oversized: more pieces than even our own walk visits. Other damage ends the file before that many.
        return isinstance(damage, OversizedContainer)


def has_manifest_hint(source: Source) -> bool:
    """Whether the bytes of a manifest store occur in the file; in a huge file only the two ends are searched."""
    half = source.limits.c2pa_buffered // 2
    if source.size <= 2 * half:
        return _find_hint(source, 0, source.size)
    return _find_hint(source, 0, half) or _find_hint(source, source.size - half, source.size)


def _find_hint(source: Source, start: int, end: int) -> bool:
    hints = _HINTS.get(types.find_type(source.media_type).container, _ALL_HINTS)
    block = source.limits.block
    for offset in range(start, end, block):
        data = source.at(offset, min(block + _OVERLAP, end - offset))
        for plain, whole, shift in hints:
            if _contains(data, plain, whole, shift):
                return True
    return False


def _contains(data: bytes, plain: bytes, whole: re.Pattern[bytes], shift: int) -> bool:
    position = data.find(plain)
    while position >= 0:
        if position + shift >= 0 and whole.match(data, position + shift):
            return True
        position = data.find(plain, position + 1)
    return False
