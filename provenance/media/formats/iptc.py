"""IPTC's older records (IIM), among Photoshop's image resources, in TIFF tags and in PNG profiles."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from provenance.media import types
from provenance.media.formats import jpeg, photoshop, png, tiff
from provenance.media.readable import Block, MalformedContainer, OversizedContainer, Readable, read_within
from provenance.media.types import Container

_PHOTOSHOP = b"Photoshop 3.0\0"
_TIFF_RECORDS, _TIFF_RESOURCES = 33723, 34377
_PROFILES = ("Raw profile type iptc", "Raw profile type 8bim")
_MARK = 0x1C
_UTF8 = b"\x1b%G"


@dataclass(frozen=True, slots=True)
class Dataset:
    """One dataset: its numbers (2 and 110 for the credit), its bytes, and whether the record says that it is UTF-8."""

    record: int
    number: int
    data: bytes
    unicode: bool


@dataclass(frozen=True, slots=True)
class IptcBlock:
    """Records, and where they stand, for a person."""

    block: Readable
    where: str


def find_records(source: Readable, media_type: str) -> Iterator[IptcBlock]:
    """The records of a file. Raises `MalformedContainer` as the walkers do, after everything readable."""
    yield from _FINDERS[media_type](source)


def walk_datasets(block: Readable) -> Iterator[Dataset]:
    """Every dataset, in order.

    Raises `MalformedContainer` where one is cut, `OversizedContainer` beyond `limits.chunks`.
    """
    position, unicode = 0, False
    for _ in range(block.limits.chunks):
        head = block.at(position, 5)
        if len(head) < 5 or head[0] != _MARK:  # the end, or what fills it up
            return
        length, offset = int.from_bytes(head[3:], "big"), position + 5
        if length & 0x8000:  # a length that needs more bytes says how many
            size = length & 0x7FFF
            length, offset = int.from_bytes(block.at(offset, min(size, 8)), "big"), offset + size
        data = read_within(block, offset, length)
        if len(data) < length:
            raise MalformedContainer(f"IPTC: dataset {head[1]}:{head[2]} ends beyond its record")
        unicode = unicode or (head[1:3] == b"\1\x5a" and data.startswith(_UTF8))
        yield Dataset(head[1], head[2], data, unicode)
        position = offset + length
    raise OversizedContainer(f"IPTC: more than {block.limits.chunks} datasets")


def _among(source: Readable, found: Iterator[photoshop.ImageResource], where: str) -> Iterator[IptcBlock]:
    for resource in found:
        if resource.number == photoshop.IPTC:
            block = Block(read_within(source, resource.offset, resource.length), source.limits)
            yield IptcBlock(block, f"{where}image resource {resource.number}")


def _jpeg(source: Readable) -> Iterator[IptcBlock]:
    """Resources too long for one segment go on in the next."""
    data, where = bytearray(), ""
    with contextlib.suppress(MalformedContainer):
        for segment in itertools.takewhile(lambda segment: segment.marker != jpeg.SOS, jpeg.walk_segments(source)):
            if segment.marker == jpeg.APP13 and source.at(segment.offset, len(_PHOTOSHOP)) == _PHOTOSHOP:
                if len(data) + segment.length <= source.limits.packet:
                    data += source.at(segment.offset + len(_PHOTOSHOP), segment.length - len(_PHOTOSHOP))
                where = where or f"APP13 at byte {segment.offset - 4}, "
    yield from _resources(bytes(data), source, where)


def _resources(data: bytes, source: Readable, where: str) -> Iterator[IptcBlock]:
    block = Block(data, source.limits)
    yield from _among(block, photoshop.walk_resource_list(block, 0, block.size), where)


def _photoshop(source: Readable) -> Iterator[IptcBlock]:
    yield from _among(source, photoshop.walk_resources(source), "")


def _tiff(source: Readable) -> Iterator[IptcBlock]:
    for field in tiff.walk_fields(source):
        if field.tag == _TIFF_RECORDS:
            data = tiff.read_value(source, field)
            if field.kind == 4 and data[3:4] == bytes([_MARK]):  # written as numbers of the other byte order
                data = b"".join(data[at : at + 4][::-1] for at in range(0, len(data), 4))
            yield IptcBlock(Block(data, source.limits), f"TIFF tag {field.tag} ({field.ifd})")
        elif field.tag == _TIFF_RESOURCES:
            yield from _resources(tiff.read_value(source, field), source, f"TIFF tag {field.tag} ({field.ifd}), ")


def _png(source: Readable) -> Iterator[IptcBlock]:
    for chunk in png.walk_chunks(source):
        if chunk.kind in ("zTXt", "tEXt", "iTXt") and source.at(chunk.offset, 16) == b"Raw profile type":
            text = png.read_text(source, chunk)
            if text and text.keyword in _PROFILES:
                data, where = png.decode_profile(text), f"{chunk.kind} chunk at byte {chunk.offset - 8}"
                if data[:1] == bytes([_MARK]):
                    yield IptcBlock(Block(data, source.limits), where)
                else:
                    yield from _resources(data, source, f"{where}, ")


_FINDERS: dict[str, Callable[[Readable], Iterator[IptcBlock]]] = {
    **dict.fromkeys(types.names_in(Container.JPEG), _jpeg),
    types.PNG: _png,
    types.PHOTOSHOP: _photoshop,
    **dict.fromkeys(types.TIFF_STRUCTURES, _tiff),
}
MEDIA = frozenset(_FINDERS)
"""Media types in which records are looked for."""
