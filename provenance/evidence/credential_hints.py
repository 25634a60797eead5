"""Which files can hold a C2PA manifest, and whether one that could not be parsed seems to hold one."""

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
"""Types that the library reads piece by piece; it holds all others whole in memory, some of them twice."""
EMBEDDING = types.select_names(lambda row: row.c2pa is not None)
"""Types in which a manifest can stand. Nothing else is handed to the library: there is nothing to look at."""

_STORE_BOX = re.compile(
    rb"jumb.{4}jumdc2pa|\xd8\xfe\xc3\xd6\x1b\x0eH<\x92\x97X\(\x87~\xc4\x81.{4}manifest|application/(x-)?c2pa", re.DOTALL
)
_OVERLAP = 64
_BOXES, _CHUNKS = 10_000, 100_000
"""Pieces up to which the library is quick; the time it takes for boxes grows with their square."""
_PIECES: dict[Container | None, tuple[int, Callable[[Source], Iterator[object]]]] = {
    Container.BOXES: (_BOXES, isobmff.walk_boxes),
    Container.HEIF: (_BOXES, isobmff.walk_boxes),
    Container.RIFF: (_CHUNKS, riff.walk_chunks),
    Container.PNG: (_CHUNKS, png.walk_chunks),
    Container.GIF: (_CHUNKS, gif.walk_extensions),
}


def library_type(media_type: str) -> str | None:
    """The type under which a file is handed to the library; None when it can hold no manifest."""
    row = types.find_type(media_type)
    if row.c2pa is None:
        return None
    return row.c2pa_name or media_type


def costs_too_much(source: Source) -> str:
    """Why the library would need more memory or time for it than a file may cost; empty when it would not."""
    most = source.limits.c2pa_buffered
    if source.size > most and source.media_type not in STREAMED:
        return f"files of more than {most} bytes"
    pieces, walk = _PIECES.get(types.find_type(source.media_type).container, (0, None))
    if walk and source.size > 8 * pieces and _goes_on(walk(source), pieces):
        return f"files of more than {pieces} pieces"
    return ""


def _goes_on(pieces: Iterator[object], most: int) -> bool:
    try:
        return next(itertools.islice(pieces, most, None), None) is not None
    except MalformedContainer as damage:
        return isinstance(damage, OversizedContainer)


def seems_to_hold_manifest(source: Source) -> bool:
    """Whether the mark of a manifest store stands anywhere in the file; of a huge one only both ends are searched."""
    half = source.limits.c2pa_buffered // 2
    if source.size <= 2 * half:
        return _find_hint(source, 0, source.size)
    return _find_hint(source, 0, half) or _find_hint(source, source.size - half, source.size)


def _find_hint(source: Source, start: int, end: int) -> bool:
    block = source.limits.block
    return any(
        _STORE_BOX.search(source.at(offset, min(block + _OVERLAP, end - offset))) for offset in range(start, end, block)
    )
