"""Where EXIF blocks lie in files, by media type. A block is a TIFF structure of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from provenance.media import types
from provenance.media.formats import heif, isobmff, jpeg, jxl, photoshop, png, riff
from provenance.media.readable import Block, Readable, read_within
from provenance.media.types import Container

_PREFIXES = (b"Exif\0\0", b"Exif\0\xff")
_CANON = "85c0b687820f11e08111f4ce462b6a48"
"""User type of the box in which a CR3 keeps its directories, each a block of its own."""


@dataclass(frozen=True, slots=True)
class ExifBlock:
    """A block, and where it stands, for a person."""

    block: Readable
    where: str


def find_blocks(source: Readable, media_type: str) -> Iterator[ExifBlock]:
    """The EXIF blocks of a file. Raises `MalformedContainer` as the walkers do, after everything readable."""
    if media_type in types.TIFF_STRUCTURES:
        yield ExifBlock(source, "TIFF")
    elif media_type in _FINDERS:
        yield from _FINDERS[media_type](source)


def read_block(source: Readable, offset: int, length: int) -> Block:
    """The EXIF block in a stretch of a file, without the mark that JPEG puts before it and others copy."""
    return _strip_marker(source, read_within(source, offset, length))


def _strip_marker(source: Readable, data: bytes) -> Block:
    for prefix in _PREFIXES:
        data = data.removeprefix(prefix)
    return Block(data, source.limits)


def _cut(source: Readable, offset: int, length: int, where: str) -> ExifBlock:
    return _find_block(source, read_within(source, offset, length), where)


def _find_block(source: Readable, data: bytes, where: str) -> ExifBlock:
    return ExifBlock(_strip_marker(source, data), where)


def _jpeg(source: Readable) -> Iterator[ExifBlock]:
    data, where = b"", ""
    for segment in jpeg.walk_app1_segments(source):
        if source.at(segment.offset, 6) not in _PREFIXES:
            continue
        part = source.at(segment.offset + 6, segment.length - 6)
        if data and part[:2] not in (b"II", b"MM") and len(data) < source.limits.packet:
            data += part  # a block too long for one segment goes on in the next
            continue
        if data:
            yield _find_block(source, data, where)
        data, where = part, f"APP1 at byte {segment.offset - 4}"
    if data:
        yield _find_block(source, data, where)


def _png(source: Readable) -> Iterator[ExifBlock]:
    left = source.limits.inflated
    for chunk in png.walk_chunks(source):
        where = f"{chunk.kind} chunk at byte {chunk.offset - 8}"
        if chunk.kind in ("eXIf", "exIf"):
            yield _cut(source, chunk.offset, chunk.length, where)
        elif chunk.kind in png.TEXT_KINDS and source.at(chunk.offset, 16) == b"Raw profile type":
            text = png.read_text(source, chunk, left)
            if text is None:
                continue
            left -= len(text.data)
            if text.keyword not in png.EXIF_PROFILES:
                continue
            data = png.decode_profile(text)
            if data.startswith(_PREFIXES):
                yield _find_block(source, data, where)


def _webp(source: Readable) -> Iterator[ExifBlock]:
    for chunk in riff.walk_chunks(source):
        if chunk.kind == "EXIF":
            yield _cut(source, chunk.offset, chunk.length, f"EXIF chunk at byte {chunk.offset - 8}")


def _heif(source: Readable) -> Iterator[ExifBlock]:
    for item in heif.read_items(source):
        if item.kind == "Exif":
            yield _behind_offset(source, heif.read_item(source, item), f"Exif item {item.number}")


def _behind_offset(source: Readable, data: bytes, where: str) -> ExifBlock:
    """Four bytes say how far behind them the block begins."""
    return _find_block(source, data[4 + int.from_bytes(data[:4], "big") :], where)


def _jpeg2000(source: Readable) -> Iterator[ExifBlock]:
    for box in isobmff.walk_level(source):
        if box.kind in isobmff.EXIF:
            yield _cut(source, box.offset, box.length, f"uuid box at byte {box.offset - 24}")


def _jpegxl(source: Readable) -> Iterator[ExifBlock]:
    for box, data in jxl.read_boxes(source, "Exif"):
        yield _behind_offset(source, data, f"Exif box at byte {box.offset - 8}")


def _cr3(source: Readable) -> Iterator[ExifBlock]:
    for box in isobmff.walk_boxes(source):
        if box.kind == _CANON:
            for part in isobmff.walk_children(source, box):
                if part.kind in ("CMT1", "CMT2"):
                    yield _cut(source, part.offset, part.length, f"{part.kind} box at byte {part.offset - 8}")


def _raf(source: Readable) -> Iterator[ExifBlock]:
    yield from _jpeg(jpeg.read_raf_preview(source))


def _photoshop(source: Readable) -> Iterator[ExifBlock]:
    for resource in photoshop.walk_resources(source):
        if resource.number == photoshop.EXIF:
            yield _cut(source, resource.offset, resource.length, f"image resource {resource.number}")


_FINDERS: dict[str, Callable[[Readable], Iterator[ExifBlock]]] = {
    **dict.fromkeys(types.names_in(Container.JPEG), _jpeg),
    types.PNG: _png,
    types.WEBP: _webp,
    **dict.fromkeys(types.names_in(Container.HEIF), _heif),
    types.JP2: _jpeg2000,
    types.JXL: _jpegxl,
    types.CANON_CR3: _cr3,
    types.FUJI_RAF: _raf,
    types.PHOTOSHOP: _photoshop,
}
EMBEDDING = frozenset(_FINDERS)
"""Media types that hold EXIF blocks within a structure of their own."""
MEDIA = types.TIFF_STRUCTURES | EMBEDDING
"""Media types in which EXIF blocks are looked for."""
