"""Types of files that can contain a C2PA manifest, and hints of a manifest in files that could not be parsed."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
# Bytes to look for, at least seven; what must stand there as a whole; and where that begins as seen from these bytes.
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
    step = source.limits.block
    # Two pieces of memory are used again and again: whole movies are searched, and new ones cost as much as reading.
    block, equal = np.empty(step + _OVERLAP, np.uint8), np.empty((step + _OVERLAP) // 4, np.bool_)
    for offset in range(start, end, step):
        source.file.seek(offset)
        data = block[: min(step + _OVERLAP, end - offset)]
        # A file that became shorter leaves bytes of the block before: they are not of this place.
        data = data[: _fill(source.file, data)]
        for plain, whole, shift in hints:
            if _may_contain(data, plain, equal) and _contains(data.tobytes(), plain, whole, shift):
                return True
    return False


def _fill(file: Any, data: NDArray[np.uint8]) -> int:  # noqa: ANN401 - both kinds of an open file have `readinto`
    """Read from where the file stands, until the array is full or the file ends. Returns the number of bytes."""
    count = 0
    while part := file.readinto(data[count:].data):
        count += part
    return count


def _may_contain(data: NDArray[np.uint8], plain: bytes, equal: NDArray[np.bool_]) -> bool:
    """Whether these bytes may be in the data: False is sure. `equal`: room for a truth value for every fourth byte.

    Wherever seven bytes stand, one of the four words that begin at their first four bytes lies at a multiple of four.
    Comparing all such words of the data with one takes a third of the time of a search for the bytes.
    """
    words = data[: len(data) // 4 * 4].view("<u4")
    equal = equal[: len(words)]
    return any(np.equal(words, word, out=equal).any() for word in _list_words(plain))


@functools.cache
def _list_words(plain: bytes) -> tuple[np.uint32, ...]:
    return tuple(np.uint32(int.from_bytes(plain[first : first + 4], "little")) for first in range(4))


def _contains(data: bytes, plain: bytes, whole: re.Pattern[bytes], shift: int) -> bool:
    position = data.find(plain)
    while position >= 0:
        if position + shift >= 0 and whole.match(data, position + shift):
            return True
        position = data.find(plain, position + 1)
    return False
