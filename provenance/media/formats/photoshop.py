"""Photoshop: the image resources of a PSD or PSB, its layers, and the files that are placed in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from provenance.media.readable import MalformedContainer, OversizedContainer, Readable
from provenance.media.text import decode_text

IPTC, EXIF, XMP = 1028, 1058, 1060

_SIGNATURES = (b"8BIM", b"8B64")
_WIDE = frozenset(
    {b"LMsk", b"Lr16", b"Lr32", b"Layr", b"Mt16", b"Mt32", b"Mtrn", b"Alph", b"FMsk", b"lnk2", b"lnk3", b"lnkE",
     b"FEid", b"FXid", b"FELS", b"PxSD", b"pths", b"extn", b"cinf", b"artd"}
)  # fmt: skip
"""Blocks whose length has eight bytes in a PSB."""
_LAYERS = ("Lr16", "Lr32", "Layr")
"""Blocks that hold the layers of documents with more than eight bits."""
_DIVIDER, _END_OF_GROUP = "lsct", 3


@dataclass(frozen=True, slots=True)
class ImageResource:
    """One image resource; `offset` and `length` are those of its data."""

    number: int
    offset: int
    length: int


def walk_resources(source: Readable) -> Iterator[ImageResource]:
    """Every image resource of the document, in order. Raises as `walk_resource_list` does."""
    start, end = _sections(source)[0]
    yield from walk_resource_list(source, start, end)


def walk_resource_list(source: Readable, position: int, end: int) -> Iterator[ImageResource]:
    """Every image resource between two offsets, as they stand in documents, and in JPEG and TIFF files too.

    Raises `MalformedContainer` where the list is cut, `OversizedContainer` beyond `limits.chunks` resources.
    """
    for _ in range(source.limits.chunks):
        if position >= end:
            return
        head = source.at(position, 7)
        if len(head) < 7 or not head[:4].isalnum():  # 8BIM mostly; plug-ins sign with their own
            raise MalformedContainer(f"Photoshop: no image resource at byte {position}")
        name = (head[6] + 2) & ~1
        length = int.from_bytes(source.at(position + 6 + name, 4), "big")
        offset = position + 10 + name
        yield ImageResource(int.from_bytes(head[4:6], "big"), offset, length)
        position = offset + length + length % 2
    raise OversizedContainer(f"Photoshop: more than {source.limits.chunks} image resources")


@dataclass(frozen=True, slots=True)
class LayerBlock:
    """One block of further information, of the document or of a layer; `offset` and `length` are those of its data."""

    key: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer or group. They are counted from 1, the lowest first."""

    number: int
    name: str
    blocks: tuple[LayerBlock, ...]


def walk_blocks(source: Readable) -> Iterator[LayerBlock]:
    """The blocks of the document as a whole. Raises `MalformedContainer` and `OversizedContainer` as `walk_layers`."""
    start, end = _sections(source)[1]
    if start < end:
        wide = _wide(source)
        start += wide + _length(source, start, wide)  # the layers
        start += 4 + _length(source, start, 4)  # the mask of all of them
        yield from _blocks(source, start, end, 4)


def walk_layers(source: Readable) -> Iterator[Layer]:
    """Every layer of the document.

    Raises `MalformedContainer` where a layer or a block is cut, `OversizedContainer` beyond `limits.chunks` of them.
    """
    start, end = _sections(source)[1]
    if start >= end:
        return
    wide = _wide(source)
    if _length(source, start, wide):
        yield from _layers(source, start + wide)
    else:
        for block in walk_blocks(source):
            if block.key in _LAYERS:
                yield from _layers(source, block.offset)


def _sections(source: Readable) -> tuple[tuple[int, int], tuple[int, int]]:
    """Beginning and end of the image resources, and of the layers."""
    if source.at(0, 4) != b"8BPS":
        raise MalformedContainer("Photoshop: no header")
    first = 30 + _length(source, 26, 4) + 4
    first_end = first + _length(source, first - 4, 4)
    wide = _wide(source)
    second = first_end + wide
    return (first, first_end), (second, min(source.size, second + _length(source, first_end, wide)))


def _wide(source: Readable) -> int:
    """Bytes of the large lengths: a PSB has eight where a PSD has four."""
    return 8 if source.at(4, 2) == b"\0\2" else 4


def _length(source: Readable, offset: int, size: int) -> int:
    return int.from_bytes(source.at(offset, size), "big")


def _layers(source: Readable, position: int) -> Iterator[Layer]:
    count = abs(int.from_bytes(source.at(position, 2), "big", signed=True))
    position, number, place = position + 2, 0, 2 + _wide(source)
    for _ in range(count):
        position += 18 + _length(source, position + 16, 2) * place
        if source.at(position, 4) not in _SIGNATURES:
            raise MalformedContainer(f"Photoshop: no layer before byte {position}")
        extra, position = position + 16, position + 16 + _length(source, position + 12, 4)
        for _ in ("mask", "blending ranges"):
            extra += 4 + _length(source, extra, 4)
        letters = _length(source, extra, 1)
        name, extra = decode_text(source.at(extra + 1, letters)), extra + (letters + 4 & ~3)
        found = tuple(_blocks(source, extra, position, 1))
        if not _closes_group(source, found):
            number += 1
            yield Layer(number, _unicode_name(source, found) or name, found)


def _closes_group(source: Readable, found: tuple[LayerBlock, ...]) -> bool:
    return any(block.key == _DIVIDER and _length(source, block.offset, 4) == _END_OF_GROUP for block in found)


def _unicode_name(source: Readable, found: tuple[LayerBlock, ...]) -> str:
    block = next((block for block in found if block.key == "luni"), None)
    data = source.at(block.offset, min(block.length, 4096)) if block else b""
    return data[4 : 4 + 2 * int.from_bytes(data[:4], "big")].decode("utf-16-be", "replace").rstrip("\0")


def _blocks(source: Readable, position: int, end: int, padding: int) -> Iterator[LayerBlock]:
    big = _wide(source) == 8
    for _ in range(source.limits.chunks):
        head = source.at(position, 8)
        if position + 12 > end or not head.strip(b"\0"):
            return
        if head[:4] not in _SIGNATURES:
            raise MalformedContainer(f"Photoshop: no block of layer information at byte {position}")
        size = 8 if big and head[4:] in _WIDE else 4
        length = _length(source, position + 8, size)
        offset = position + 8 + size
        if offset + length > end:
            raise MalformedContainer(
                f"Photoshop: block {decode_text(head[4:])} at byte {position} ends beyond its place"
            )
        yield LayerBlock(decode_text(head[4:]), offset, length)
        position = offset + length + -length % padding
    raise OversizedContainer(f"Photoshop: more than {source.limits.chunks} blocks")
