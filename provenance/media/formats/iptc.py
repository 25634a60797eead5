"""IPTC-IIM, the older records of IPTC, in image resources of Photoshop, in TIFF tags and in PNG profiles.

Layout: datasets, one after the other: 0x1C, the number of the record, the number of the dataset, the length of its data
(two bytes, big-endian) and the data. A length with its highest bit set says how many bytes the true length has.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from provenance.media import types
from provenance.media.formats import jpeg, photoshop, png, tiff
from provenance.media.formats.photoshop import ImageResource
from provenance.media.formats.tiff import TiffField
from provenance.media.readable import Block, MalformedContainer, OversizedContainer, Readable, read_within
from provenance.media.types import Container

_PHOTOSHOP = b"Photoshop 3.0\0"
"""Begins the APP13 segments of a JPEG with image resources."""
_TIFF_RECORDS = 33723
"""TIFF tag of the records themselves."""
_TIFF_RESOURCES = 34377
"""TIFF tag of image resources."""
_TIFF_LONG = 4
"""TIFF type of numbers with 32 bits."""
_PROFILES = ("Raw profile type iptc", "Raw profile type 8bim")
"""Keywords under which ImageMagick keeps records or image resources in a PNG."""
_DATASET = b"\x1c"
_CHARACTER_SET = b"\1\x5a"
"""Record 1, dataset 90: the character set of all datasets that follow."""
_UTF8 = b"\x1b%G"
"""Escape sequence of ISO 2022 for UTF-8."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """One dataset: its numbers (2 and 110 for the credit), its bytes, and whether the record says that it is UTF-8."""

    record: int
    number: int
    data: bytes
    unicode: bool


@dataclass(frozen=True, slots=True)
class IptcBlock:
    """Records, and where they are, for a person."""

    block: Readable
    where: str


def find_records(source: Readable, media_type: str) -> Iterator[IptcBlock]:
    """Find the records of a file. Raises `MalformedContainer` as the walkers do, after everything readable."""
    yield from _FINDERS[media_type](source)


def walk_datasets(block: Readable) -> Iterator[Dataset]:
    """Walk every dataset, in order.

    Raises `MalformedContainer` where one is cut, `OversizedContainer` beyond `limits.chunks`.
    """
    position = 0
    is_unicode = False
    for _ in range(block.limits.chunks):
        head = block.at(position, 5)
        # Behind the last dataset come the end, or bytes that fill the block up.
        if len(head) < 5 or head[:1] != _DATASET:
            return
        offset = position + 5
        length = int.from_bytes(head[3:], "big")
        if length & 0x8000:
            length_size = length & 0x7FFF
            length = int.from_bytes(block.at(offset, min(length_size, 8)), "big")
            offset += length_size
        data = read_within(block, offset, length)
        if len(data) < length:
            raise MalformedContainer(f"IPTC: dataset {head[1]}:{head[2]} ends behind the end of its record")
        if head[1:3] == _CHARACTER_SET and data.startswith(_UTF8):
            is_unicode = True
        yield Dataset(head[1], head[2], data, is_unicode)
        position = offset + length
    raise OversizedContainer(f"IPTC: more than {block.limits.chunks:,} datasets")


def _select_records(source: Readable, resources: Iterator[ImageResource], where: str) -> Iterator[IptcBlock]:
    for resource in resources:
        if resource.number == photoshop.IPTC:
            block = Block(read_within(source, resource.offset, resource.length), source.limits)
            yield IptcBlock(block, f"{where}image resource {resource.number}")


def _find_in_resources(data: bytes, source: Readable, where: str) -> Iterator[IptcBlock]:
    block = Block(data, source.limits)
    yield from _select_records(block, photoshop.walk_resource_list(block, 0, block.size), where)


def read_jpeg_resources(source: Readable) -> tuple[Block, str]:
    """Read the image resources of a JPEG, put together from its APP13 segments, and where they begin, for a person."""
    data = bytearray()
    where = ""
    # The JPEG carrier reports the damage.
    with contextlib.suppress(MalformedContainer):
        for segment in itertools.takewhile(lambda segment: segment.marker != jpeg.SOS, jpeg.walk_segments(source)):
            if segment.marker != jpeg.APP13 or source.at(segment.offset, len(_PHOTOSHOP)) != _PHOTOSHOP:
                continue
            # Resources too long for one segment go on in the next.
            if len(data) + segment.length <= source.limits.packet:
                data += source.at(segment.offset + len(_PHOTOSHOP), segment.length - len(_PHOTOSHOP))
            where = where or f"APP13 at byte {segment.offset - 4}, "
    return Block(bytes(data), source.limits), where


def _find_in_jpeg(source: Readable) -> Iterator[IptcBlock]:
    resources, where = read_jpeg_resources(source)
    yield from _find_in_resources(resources.data, source, where)


def _find_in_photoshop(source: Readable) -> Iterator[IptcBlock]:
    yield from _select_records(source, photoshop.walk_resources(source), "")


def _find_in_pages(source: Readable) -> Iterator[IptcBlock]:
    yield from _find_in_tiff(source, tiff.walk_own_fields)


def _find_in_tiff(
    source: Readable, walk_fields: Callable[[Readable], Iterator[TiffField]] = tiff.walk_fields
) -> Iterator[IptcBlock]:
    for field in walk_fields(source):
        where = f"TIFF tag {field.tag} ({field.ifd})"
        if field.tag == _TIFF_RECORDS:
            data = tiff.read_value(source, field)
            # Some writers declare the bytes as 32-bit numbers, and write them in the other byte order.
            if field.kind == _TIFF_LONG and data[3:4] == _DATASET:
                data = _reverse_numbers(data)
            yield IptcBlock(Block(data, source.limits), where)
        elif field.tag == _TIFF_RESOURCES:
            yield from _find_in_resources(tiff.read_value(source, field), source, f"{where}, ")


def _reverse_numbers(data: bytes) -> bytes:
    return b"".join(data[start : start + 4][::-1] for start in range(0, len(data), 4))


def _find_in_png(source: Readable) -> Iterator[IptcBlock]:
    for chunk in png.walk_chunks(source):
        if chunk.kind not in png.TEXT_KINDS or source.at(chunk.offset, 16) != b"Raw profile type":
            continue
        text = png.read_text(source, chunk)
        if text is None or text.keyword not in _PROFILES:
            continue
        data = png.decode_profile(text)
        where = f"{chunk.kind} chunk at byte {chunk.offset - 8}"
        # Under either keyword there may be records or image resources.
        if data[:1] == _DATASET:
            yield IptcBlock(Block(data, source.limits), where)
        else:
            yield from _find_in_resources(data, source, f"{where}, ")


_FINDERS: dict[str, Callable[[Readable], Iterator[IptcBlock]]] = {
    **dict.fromkeys(types.names_in(Container.JPEG), _find_in_jpeg),
    types.PNG: _find_in_png,
    types.PHOTOSHOP: _find_in_photoshop,
    **dict.fromkeys(types.TIFF_STRUCTURES, _find_in_tiff),
    types.TIFF: _find_in_pages,
}
MEDIA = frozenset(_FINDERS)
"""Media types in which records are searched for."""
