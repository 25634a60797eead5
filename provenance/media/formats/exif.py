"""EXIF (CIPA DC-008): where its blocks are in files, by media type. A block is a TIFF structure of its own.

JPEG keeps a block in APP1 segments behind `Exif` and two zeros, PNG in the `eXIf` chunk, WebP in the `EXIF` chunk, HEIF
in an item and JPEG XL in a box (both behind the offset of its start), JPEG 2000 and CR3 in boxes, Photoshop in image
resource 1058. A TIFF file is itself such a structure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from provenance.media import types
from provenance.media.formats import heif, isobmff, jpeg, jxl, photoshop, png, riff
from provenance.media.readable import Block, Readable, read_within
from provenance.media.types import Container

_PREFIXES = (b"Exif\0\0", b"Exif\0\xff")
"""Bytes before a block in a JPEG."""
_BYTE_ORDERS = (b"II", b"MM")
"""Begin every block."""
_CANON_METADATA = "85c0b687820f11e08111f4ce462b6a48"
"""User type of the box in which a CR3 keeps its directories, each a block of its own."""


@dataclass(frozen=True, slots=True)
class ExifBlock:
    """A block, and where it is, for a person."""

    block: Readable
    where: str


def find_blocks(source: Readable, media_type: str) -> Iterator[ExifBlock]:
    """Find the EXIF blocks of a file. Raises `MalformedContainer` as the walkers do, after everything readable."""
    if media_type in types.TIFF_STRUCTURES:
        yield ExifBlock(source, "TIFF")
    elif finder := _FINDERS.get(media_type):
        yield from finder(source)


def read_block(source: Readable, offset: int, length: int) -> Block:
    """Read the EXIF block in a range of a file, without the prefix of JPEG, which others copy."""
    return _strip_prefix(source, read_within(source, offset, length))


def _strip_prefix(source: Readable, data: bytes) -> Block:
    for prefix in _PREFIXES:
        data = data.removeprefix(prefix)
    return Block(data, source.limits)


def _find_in_jpeg(source: Readable) -> Iterator[ExifBlock]:
    data = b""
    where = ""
    for segment in jpeg.walk_app1_segments(source):
        if source.at(segment.offset, 6) not in _PREFIXES:
            continue
        part = source.at(segment.offset + 6, segment.length - 6)
        # A block too long for one segment goes on in the next, which then does not begin with a byte order.
        continues = data and part[:2] not in _BYTE_ORDERS
        if continues and len(data) < source.limits.packet:
            data += part
            continue
        if data:
            yield ExifBlock(_strip_prefix(source, data), where)
        data = part
        where = f"APP1 at byte {segment.offset - 4}"
    if data:
        yield ExifBlock(_strip_prefix(source, data), where)


def _find_in_png(source: Readable) -> Iterator[ExifBlock]:
    left = source.limits.inflated
    for chunk in png.walk_chunks(source):
        where = f"{chunk.kind} chunk at byte {chunk.offset - 8}"
        # The registered name is `eXIf`; the other spelling is read as well.
        if chunk.kind in ("eXIf", "exIf"):
            yield ExifBlock(read_block(source, chunk.offset, chunk.length), where)
            continue
        if chunk.kind not in png.TEXT_KINDS or source.at(chunk.offset, 16) != b"Raw profile type":
            continue
        text = png.read_text(source, chunk, left)
        if text is None:
            continue
        left -= len(text.data)
        if text.keyword not in png.EXIF_PROFILES:
            continue
        # ImageMagick writes whatever a JPEG had in APP1 under this keyword, XMP as well.
        data = png.decode_profile(text)
        if data.startswith(_PREFIXES):
            yield ExifBlock(_strip_prefix(source, data), where)


def _find_in_webp(source: Readable) -> Iterator[ExifBlock]:
    for chunk in riff.walk_chunks(source):
        if chunk.kind == "EXIF":
            block = read_block(source, chunk.offset, chunk.length)
            yield ExifBlock(block, f"EXIF chunk at byte {chunk.offset - 8}")


def _find_in_heif(source: Readable) -> Iterator[ExifBlock]:
    for item in heif.read_items(source):
        if item.kind == "Exif":
            block = _skip_to_block(source, heif.read_item(source, item))
            yield ExifBlock(block, f"Exif item {item.number}")


def _skip_to_block(source: Readable, data: bytes) -> Block:
    # ISO/IEC 23008-12, A.2.1: four bytes say how far behind them the block begins.
    offset = 4 + int.from_bytes(data[:4], "big")
    return _strip_prefix(source, data[offset:])


def _find_in_jpeg2000(source: Readable) -> Iterator[ExifBlock]:
    for box in isobmff.walk_level(source):
        if box.kind in isobmff.EXIF:
            block = read_block(source, box.offset, box.length)
            yield ExifBlock(block, f"uuid box at byte {box.offset - 24}")


def _find_in_jxl(source: Readable) -> Iterator[ExifBlock]:
    for box, data in jxl.read_boxes(source, "Exif"):
        yield ExifBlock(_skip_to_block(source, data), f"Exif box at byte {box.offset - 8}")


def _find_in_cr3(source: Readable) -> Iterator[ExifBlock]:
    for box in isobmff.walk_boxes(source):
        if box.kind != _CANON_METADATA:
            continue
        for part in isobmff.walk_children(source, box):
            # IFD0 and the Exif IFD; CMT3 is the maker note, CMT4 the GPS IFD.
            if part.kind in ("CMT1", "CMT2"):
                block = read_block(source, part.offset, part.length)
                yield ExifBlock(block, f"{part.kind} box at byte {part.offset - 8}")


def _find_in_raf(source: Readable) -> Iterator[ExifBlock]:
    yield from _find_in_jpeg(jpeg.read_raf_preview(source))


def _find_in_photoshop(source: Readable) -> Iterator[ExifBlock]:
    for resource in photoshop.walk_resources(source):
        if resource.number == photoshop.EXIF:
            block = read_block(source, resource.offset, resource.length)
            yield ExifBlock(block, f"image resource {resource.number}")


_FINDERS: dict[str, Callable[[Readable], Iterator[ExifBlock]]] = {
    **dict.fromkeys(types.names_in(Container.JPEG), _find_in_jpeg),
    types.PNG: _find_in_png,
    types.WEBP: _find_in_webp,
    **dict.fromkeys(types.names_in(Container.HEIF), _find_in_heif),
    types.JP2: _find_in_jpeg2000,
    types.JXL: _find_in_jxl,
    types.CANON_CR3: _find_in_cr3,
    types.FUJI_RAF: _find_in_raf,
    types.PHOTOSHOP: _find_in_photoshop,
}
EMBEDDING = frozenset(_FINDERS)
"""Media types that hold EXIF blocks within a structure of their own."""
MEDIA = types.TIFF_STRUCTURES | EMBEDDING
"""Media types in which EXIF blocks are searched for."""
