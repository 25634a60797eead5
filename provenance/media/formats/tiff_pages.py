"""The further pages of a TIFF, each cut out as a TIFF of its own.

A page is a directory of the chain: its fields, and the strips or tiles of its picture. Both are copied as they are, so
that words and pixels stay what they were. Fields that only lead elsewhere in the file are left out, and so is a content
credential, which binds the whole file. The tags of the page's EXIF directory are kept.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from provenance.media.formats.tiff import PICTURE_TAGS, TiffField, read_value, walk_fields
from provenance.media.formats.tiff_writer import FieldValue, write_tiff
from provenance.media.readable import MalformedContainer, OversizedContainer, Readable

_STRIPS = (273, 279)
_TILES = (324, 325)
"""Tags of the offsets and the lengths of a picture's pieces."""
_LEFT_OUT = frozenset({*_STRIPS, *_TILES, 330, 34665, 34853, 52545})
"""Written anew, or offsets of other directories and the content credential."""
_CODES = {3: "H", 4: "I", 13: "I", 16: "Q"}
"""Types of whole numbers, as the struct module writes them."""
_WIDE = frozenset({16, 17, 18})
"""Types that only BigTIFF has."""


@dataclass(slots=True)
class _Page:
    number: int
    fields: dict[int, TiffField] = field(default_factory=dict)


def walk_pages(source: Readable) -> Iterator[tuple[int, bytes]]:
    """Walk every page but the first: its number, from 2 on, and its file.

    Raises `MalformedContainer` after the last page if the picture of one is not there, `OversizedContainer` if one is
    larger than `limits.child`.
    """
    problem: MalformedContainer | None = None
    for page in _group_pages(source):
        # Directories without a picture are no pages.
        if page.number == 1 or page.fields.keys().isdisjoint(PICTURE_TAGS):
            continue
        try:
            yield page.number, _cut_page(source, page)
        except MalformedContainer as damage:
            problem = problem or damage
    if problem:
        raise problem


def _group_pages(source: Readable) -> Iterator[_Page]:
    """Group the fields by page. The directories of a page follow it, those of its EXIF data after the next one."""
    pages: dict[int, _Page] = {}
    try:
        for found in walk_fields(source):
            page = pages.setdefault(found.page, _Page(found.page))
            # Fields of the page itself come first, and win.
            if found.ifd.startswith(("IFD", "Exif")):
                page.fields.setdefault(found.tag, found)
    except MalformedContainer:
        # The carrier of EXIF reads the same directories and reports their damage.
        pass
    yield from pages.values()


def _cut_page(source: Readable, page: _Page) -> bytes:
    tags = _TILES if _TILES[0] in page.fields else _STRIPS
    offsets = _read_whole_numbers(source, page, tags[0])
    lengths = _read_whole_numbers(source, page, tags[1])
    if not offsets or len(offsets) != len(lengths):
        raise MalformedContainer(f"TIFF: page {page.number} does not say where its picture is")
    if sum(lengths) > source.limits.child:
        raise OversizedContainer(
            f"TIFF: page {page.number} is larger than {source.limits.child:,} bytes; it was not read"
        )
    values: dict[int, FieldValue] = {}
    for tag, found in page.fields.items():
        if tag in _LEFT_OUT or found.kind in _WIDE:
            continue
        value = _read_present(source, found)
        if value.count:
            values[tag] = value
    order = page.fields[tags[0]].order
    pieces = [source.at(offset, length) for offset, length in zip(offsets, lengths, strict=True)]
    if not any(pieces):
        raise MalformedContainer(f"TIFF: the picture of page {page.number} lies outside the file")
    return write_tiff(values, pieces, order, tags)


def _read_present(source: Readable, found: TiffField) -> FieldValue:
    """The value of a field, as far as it is in the file: a damaged one may claim gigabytes."""
    data = read_value(source, found)
    unit = found.length // max(1, found.count)
    count = len(data) // max(1, unit)
    return FieldValue(found.kind, count, data[: count * unit])


def _read_whole_numbers(source: Readable, page: _Page, tag: int) -> list[int]:
    found = page.fields.get(tag)
    if found is None or found.kind not in _CODES:
        return []
    data = read_value(source, found)
    code = found.order + _CODES[found.kind]
    size = struct.calcsize(code)
    return [number for (number,) in struct.iter_unpack(code, data[: len(data) // size * size])]
