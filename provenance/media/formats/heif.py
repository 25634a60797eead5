"""HEIF: the items of a picture file (HEIC, AVIF): what kind each is, and where its bytes lie."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from provenance.media.formats import isobmff
from provenance.media.formats.isobmff import Box
from provenance.media.readable import MalformedContainer, OversizedContainer, Readable, read_within


@dataclass(frozen=True, slots=True)
class HeifItem:
    """One item: `kind` is `Exif`, `mime`, `hvc1` …; `extents` are (offset, length) pairs in the file."""

    number: int
    kind: str
    content_type: str
    extents: tuple[tuple[int, int], ...]


def read_items(source: Readable) -> list[HeifItem]:
    """The items that the file's own meta box names; empty when there is none.

    Raises `MalformedContainer` when its tables end too early, `OversizedContainer` beyond `limits.chunks` entries.
    """
    meta = _find_meta(source)
    if meta is None:
        return []
    tables = {box.kind: box for box in isobmff.walk_children(source, meta)}
    if "iinf" not in tables or "iloc" not in tables:
        return []
    # Items of construction method 1 lie in the idat box of the file itself.
    idat = 0
    if "idat" in tables:
        idat = tables["idat"].offset
    places = dict(_places(_ItemTable(source, tables["iloc"]), idat))
    return [
        HeifItem(number, kind, content_type, places.get(number, ()))
        for number, kind, content_type in _kinds(source, tables["iinf"])
    ]


def _find_meta(source: Readable) -> Box | None:
    for box in isobmff.walk_level(source):
        if box.kind == "meta":
            return box
    return None


def read_item(source: Readable, item: HeifItem) -> bytes:
    """The bytes of an item in one piece, no more than one metadata block may have."""
    data = bytearray()
    for offset, length in item.extents:
        room = source.limits.packet - len(data)
        data += read_within(source, offset, min(room, length or room))  # no length: all of the file
    return bytes(data)


@dataclass(slots=True)
class _ItemTable:
    """A full box read field by field."""

    source: Readable
    box: Box
    data: bytes = b""
    position: int = 4

    def __post_init__(self) -> None:
        self.data = read_within(self.source, self.box.offset, self.box.length)

    @property
    def version(self) -> int:
        if not self.data:
            return 0
        return self.data[0]

    def number(self, size: int) -> int:
        field = self.data[self.position : self.position + size]
        if len(field) < size:
            raise MalformedContainer(f"{self.box.kind} box ends inside its table")
        self.position += size
        return int.from_bytes(field, "big")


def _kinds(source: Readable, iinf: Box) -> Iterator[tuple[int, str, str]]:
    width = 4 if _ItemTable(source, iinf).version == 0 else 6
    entries = isobmff.walk_level(source, iinf.offset + width + 2, iinf.offset + iinf.length, iinf.inner_path)
    for box in itertools.islice((box for box in entries if box.kind == "infe"), source.limits.chunks):
        entry = _ItemTable(source, box)
        # Before version 2 an entry gives no kind: nothing there holds metadata.
        if entry.version < 2:
            continue
        number_size = 2 if entry.version == 2 else 4
        number = entry.number(number_size)
        entry.number(2)
        kind = entry.number(4).to_bytes(4, "big").decode("latin-1")
        texts = entry.data[entry.position :].split(b"\0")
        content_type = ""
        if kind == "mime" and len(texts) > 1:
            content_type = texts[1].decode("latin-1")
        yield number, kind, content_type


def _places(iloc: _ItemTable, idat: int) -> Iterator[tuple[int, tuple[tuple[int, int], ...]]]:
    version, sizes = iloc.version, iloc.number(2)
    offset_size, length_size, base_size, index_size = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    left = iloc.source.limits.chunks
    # ISO 14496-12, 8.11.3: counts and item numbers are wider from version 2 on.
    number_size = 2 if version < 2 else 4
    for _ in range(iloc.number(number_size)):
        number = iloc.number(number_size)
        method = 0
        if version > 0:
            method = iloc.number(2) & 15
        iloc.number(2)  # Data reference: always this file.
        base, count = iloc.number(base_size), iloc.number(2)
        left -= 1 + count
        if left < 0:
            raise OversizedContainer(f"iloc box places more than {iloc.source.limits.chunks} pieces")
        extents = []
        for _ in range(count):
            if version > 0:
                iloc.number(index_size)
            offset = base + iloc.number(offset_size)
            if method == 1:
                offset += idat
            extents.append((offset, iloc.number(length_size)))
        # Method 2 builds an item from other items, which no metadata item does.
        if method < 2:
            yield number, tuple(extents)
        else:
            yield number, ()


def find_largest_size(source: Readable) -> tuple[int, int] | None:
    """Width and height in pixels of the largest picture described: tiles and thumbnails are smaller. None without."""
    largest: tuple[int, int] | None = None
    try:
        for box in isobmff.walk_boxes(source):
            if box.kind != "ispe":
                continue
            # ISO/IEC 23008-12, 6.5.3: version and flags, then width and height.
            data = source.at(box.offset + 4, 8)
            if len(data) == 8:
                size = int.from_bytes(data[:4], "big"), int.from_bytes(data[4:], "big")
                largest = max(largest or (0, 0), size, key=_count_pixels)
    except MalformedContainer:
        # The carrier that reads the text reports it.
        pass
    return largest


def _count_pixels(size: tuple[int, int]) -> int:
    width, height = size
    return width * height
