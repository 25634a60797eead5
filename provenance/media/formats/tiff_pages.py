"""The further pictures of a TIFF, each cut out as a TIFF of its own: pages, and sub-directories inside of a page.

A page is a directory of the chain: its fields, and the strips or tiles of its picture. Both are copied as they are, so
that words and pixels stay what they were. Fields that only lead elsewhere in the file are left out, and so is a content
credential, which binds the whole file. The tags of the page's EXIF directory are kept. A sub-directory (SubIFD) of any
page, the first included, may hold a picture in the same way: layers and smaller versions of some programs are there.
"""

from __future__ import annotations

import collections
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
_SUBDIRECTORY = "SubIFD"
_CODES = {3: "H", 4: "I", 13: "I", 16: "Q"}
"""Types of whole numbers, as the struct module writes them."""
_WIDE = frozenset({16, 17, 18})
"""Types that only BigTIFF has."""


_WIDTH, _HEIGHT = 256, 257
_SMALLEST_SIDE = 64
"""Pixels of the shorter side of a picture in a sub-directory that is worth looking at."""


@dataclass(slots=True)
class _Page:
    number: int
    picture: int = 0
    """Number of a sub-directory of the page, from 1 on; 0 for the page itself."""
    fields: dict[int, TiffField] = field(default_factory=dict)

    @property
    def name(self) -> str:
        if self.picture:
            return f"page {self.number}, sub-picture {self.picture}"
        return f"page {self.number}"


def walk_pages(source: Readable) -> Iterator[tuple[str, bytes]]:
    """Walk every page but the first, and the pictures in sub-directories: the name of each, and its file.

    Raises `MalformedContainer` after the last page if the picture of one is not there, `OversizedContainer` if one is
    larger than `limits.child`.
    """
    problem: MalformedContainer | None = None
    for page in _group_pages(source):
        # Directories without a picture are no pages.
        is_first = page.number == 1 and not page.picture
        if is_first or page.fields.keys().isdisjoint(PICTURE_TAGS):
            continue
        if page.picture and _measure_shorter_side(source, page) < _SMALLEST_SIDE:
            continue
        try:
            yield page.name, _cut_page(source, page)
        except MalformedContainer as damage:
            problem = problem or damage
    if problem:
        raise problem


def _group_pages(source: Readable) -> Iterator[_Page]:
    """Group the fields by page. The directories of a page follow it, those of its EXIF data after the next one."""
    pages: dict[int, _Page] = {}
    inside: dict[int, _Page] = {}
    pictures: collections.Counter[int] = collections.Counter()
    try:
        for found in walk_fields(source):
            page = pages.setdefault(found.page, _Page(found.page))
            if found.ifd == _SUBDIRECTORY:
                if found.directory not in inside:
                    pictures[found.page] += 1
                    inside[found.directory] = _Page(found.page, pictures[found.page])
                inside[found.directory].fields.setdefault(found.tag, found)
            # Fields of the page itself come first, and win.
            elif found.ifd.startswith(("IFD", "Exif")):
                page.fields.setdefault(found.tag, found)
    except MalformedContainer:
        # The carrier of EXIF reads the same directories and reports their damage.
        pass
    yield from pages.values()
    yield from inside.values()


def _measure_shorter_side(source: Readable, page: _Page) -> int:
    """Pixels; 0 where the directory does not say."""
    width = _read_whole_numbers(source, page, _WIDTH)
    height = _read_whole_numbers(source, page, _HEIGHT)
    return min(*width[:1], *height[:1]) if width and height else 0


def _cut_page(source: Readable, page: _Page) -> bytes:
    tags = _TILES if _TILES[0] in page.fields else _STRIPS
    offsets = _read_whole_numbers(source, page, tags[0])
    lengths = _read_whole_numbers(source, page, tags[1])
    if not offsets or len(offsets) != len(lengths):
        raise MalformedContainer(f"TIFF: {page.name} does not say where its picture is")
    if sum(lengths) > source.limits.child:
        raise OversizedContainer(f"TIFF: {page.name} is larger than {source.limits.child:,} bytes; it was not read")
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
        raise MalformedContainer(f"TIFF: the picture of {page.name} lies outside the file")
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
