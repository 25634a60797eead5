"""Photoshop documents (Adobe's File Formats Specification): image resources of a PSD or PSB, its blocks and layers.

Layout, big-endian: a header of 26 bytes (`8BPS`, version 1 for PSD, 2 for PSB), then four sections with their length
before each: colour mode, image resources, layers, pixels. A resource is a signature, a number, a name, the length of
the data and the data. The section of layers holds the layers, a mask, and blocks: a signature, a key of four letters,
the length of the data and the data. Each layer ends with blocks of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from provenance.media.readable import MalformedContainer, OversizedContainer, Readable
from provenance.media.text import decode_text

IPTC = 1028
EXIF = 1058
VERSION_INFO = 1057
XMP = 1060
"""Numbers of image resources."""

_HEADER_LENGTH = 26
_SIGNATURES = (b"8BIM", b"8B64")
"""Of layers and blocks."""
_WIDE_KEYS = frozenset(
    {b"LMsk", b"Lr16", b"Lr32", b"Layr", b"Mt16", b"Mt32", b"Mtrn", b"Alph", b"FMsk", b"lnk2", b"lnk3", b"lnkE",
     b"FEid", b"FXid", b"FELS", b"PxSD", b"pths", b"extn", b"cinf", b"artd"}
)  # fmt: skip
"""Blocks whose length has eight bytes in a PSB."""
_DEEP_LAYERS = ("Lr16", "Lr32", "Layr")
"""Blocks that hold the layers of documents with more than eight bits."""
_SECTION_DIVIDER = "lsct"
"""Block of the layers that begin and end a group."""
_END_OF_GROUP = 3
"""Type of the layer that ends a group: it is there only as a mark."""
_UNICODE_NAME = "luni"
_LONGEST_NAME = 4096
"""Bytes of a name that are read."""


@dataclass(frozen=True, slots=True)
class ImageResource:
    """One image resource; `offset` and `length` are those of its data."""

    number: int
    offset: int
    length: int


def walk_resources(source: Readable) -> Iterator[ImageResource]:
    """Walk every image resource of the document, in order. Raises as `walk_resource_list` does."""
    sections = _find_sections(source)
    yield from walk_resource_list(source, sections.resources_start, sections.resources_end)


def walk_resource_list(source: Readable, position: int, end: int) -> Iterator[ImageResource]:
    """Walk every image resource between two offsets: in documents, and in JPEG and TIFF files, which hold them as well.

    Raises `MalformedContainer` where the list is cut, `OversizedContainer` beyond `limits.chunks` resources.
    """
    for _ in range(source.limits.chunks):
        if position >= end:
            return
        head = source.at(position, 7)
        # The signature is mostly 8BIM; plug-ins sign with their own.
        if len(head) < 7 or not head[:4].isalnum():
            raise MalformedContainer(f"Photoshop: no image resource at byte {position}")
        number = int.from_bytes(head[4:6], "big")
        # A byte of length and the name, padded to an even length.
        name_length = (head[6] + 2) & ~1
        length = _read_number(source, position + 6 + name_length, 4)
        offset = position + 10 + name_length
        yield ImageResource(number, offset, length)
        position = offset + length + length % 2
    raise OversizedContainer(f"Photoshop: more than {source.limits.chunks:,} image resources")


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


@dataclass(frozen=True, slots=True)
class _Sections:
    """Offsets of the two sections that are read."""

    resources_start: int
    resources_end: int
    layers_start: int
    layers_end: int
    """Offset of the merged picture as well."""


def walk_blocks(source: Readable) -> Iterator[LayerBlock]:
    """Walk the blocks of the document as a whole. Raises as `walk_layers` does."""
    sections = _find_sections(source)
    position = sections.layers_start
    if position >= sections.layers_end:
        return
    # Before the blocks: the layers, then the mask of all of them, each with its length.
    length_size = _measure_long_length(source)
    position += length_size + _read_number(source, position, length_size)
    position += 4 + _read_number(source, position, 4)
    yield from _walk_block_list(source, position, sections.layers_end, 4)


def walk_layers(source: Readable) -> Iterator[Layer]:
    """Walk every layer of the document.

    Raises `MalformedContainer` where a layer or a block is cut, `OversizedContainer` beyond `limits.chunks` of them.
    """
    for start in _find_layer_lists(source):
        yield from _walk_layer_list(source, start)


def _find_layer_lists(source: Readable) -> Iterator[int]:
    """Offsets of the lists of layers; in nearly all documents there is one."""
    sections = _find_sections(source)
    start = sections.layers_start
    if start >= sections.layers_end:
        return
    length_size = _measure_long_length(source)
    if _read_number(source, start, length_size):
        yield start + length_size
        return
    # The list is empty in documents with more than eight bits: they keep it in a block.
    for block in walk_blocks(source):
        if block.key in _DEEP_LAYERS:
            yield block.offset


def _find_sections(source: Readable) -> _Sections:
    if source.at(0, 4) != b"8BPS":
        raise MalformedContainer("Photoshop: the header is missing")
    colour_mode_length = _read_number(source, _HEADER_LENGTH, 4)
    resources_start = _HEADER_LENGTH + 4 + colour_mode_length + 4
    resources_end = resources_start + _read_number(source, resources_start - 4, 4)
    length_size = _measure_long_length(source)
    layers_start = resources_end + length_size
    layers_end = layers_start + _read_number(source, resources_end, length_size)
    return _Sections(resources_start, resources_end, layers_start, min(source.size, layers_end))


def _measure_long_length(source: Readable) -> int:
    """Bytes of a length that may be large: a PSB has eight where a PSD has four."""
    is_psb = source.at(4, 2) == b"\0\2"
    return 8 if is_psb else 4


def find_merged_picture(source: Readable) -> int:
    """Offset of the picture of all layers together."""
    return _find_sections(source).layers_end


def has_merged_picture(source: Readable) -> bool:
    """False for a document that was saved without the picture of all layers together. In it is a plain one then."""
    for resource in walk_resources(source):
        if resource.number == VERSION_INFO:
            # A version of four bytes comes before.
            return source.at(resource.offset + 4, 1) != b"\0"
    return True


def _read_number(source: Readable, offset: int, size: int) -> int:
    return int.from_bytes(source.at(offset, size), "big")


@dataclass(frozen=True, slots=True)
class LayerPixels:
    """The pixels of a layer; `offset` is that of the data of its first channel."""

    layer: Layer
    top: int
    left: int
    bottom: int
    right: int
    channels: tuple[tuple[int, int], ...]
    """Number and bytes of each, in the order in which they stand in the file. -1 is transparency, below are masks."""
    offset: int


def walk_layer_pixels(source: Readable) -> Iterator[LayerPixels]:
    """Walk the layers that have pixels of their own. Raises as `walk_layers` does."""
    for start in _find_layer_lists(source):
        records = list(_walk_records(source, start))
        # The pixels of all layers stand behind the last of the records.
        offset = records[-1].end if records else start
        number = 0
        for record in records:
            if not _is_end_of_group(source, record.layer.blocks):
                number += 1
                top, left, bottom, right = (_read_signed(source, record.start + 4 * side) for side in range(4))
                if bottom > top and right > left:
                    layer = replace(record.layer, number=number)
                    yield LayerPixels(layer, top, left, bottom, right, record.channels, offset)
            offset += sum(length for _, length in record.channels)


def _read_signed(source: Readable, offset: int) -> int:
    return int.from_bytes(source.at(offset, 4), "big", signed=True)


def _walk_layer_list(source: Readable, position: int) -> Iterator[Layer]:
    number = 0
    for record in _walk_records(source, position):
        if not _is_end_of_group(source, record.layer.blocks):
            number += 1
            yield replace(record.layer, number=number)


@dataclass(frozen=True, slots=True)
class _Record:
    """What the list of layers says of one; its number is not counted yet."""

    layer: Layer
    start: int
    end: int
    channels: tuple[tuple[int, int], ...]


def _walk_records(source: Readable, position: int) -> Iterator[_Record]:
    # A negative count says that the first channel of alpha is the transparency of the whole picture.
    count = abs(int.from_bytes(source.at(position, 2), "big", signed=True))
    position += 2
    # A channel is a number of two bytes and a length.
    channel_size = 2 + _measure_long_length(source)
    for _ in range(count):
        # A rectangle of 16 bytes, a count of channels, and the channels.
        first = position
        channels = _read_channels(source, position + 16, channel_size)
        position += 18 + len(channels) * channel_size
        if source.at(position, 4) not in _SIGNATURES:
            raise MalformedContainer(f"Photoshop: no layer before byte {position}")
        # Signature, blending mode, opacity, clipping, flags and a filler, then the length of everything else.
        start = position + 16
        end = start + _read_number(source, position + 12, 4)
        name, blocks_start = _read_layer_name(source, start)
        blocks = tuple(_walk_block_list(source, blocks_start, end, 1))
        yield _Record(Layer(0, _read_unicode_name(source, blocks) or name, blocks), first, end, channels)
        position = end


def _read_channels(source: Readable, position: int, size: int) -> tuple[tuple[int, int], ...]:
    count = _read_number(source, position, 2)
    channels: list[tuple[int, int]] = []
    for start in range(position + 2, position + 2 + count * size, size):
        number = int.from_bytes(source.at(start, 2), "big", signed=True)
        channels.append((number, _read_number(source, start + 2, size - 2)))
    return tuple(channels)


def _read_layer_name(source: Readable, position: int) -> tuple[str, int]:
    """The short name of a layer, and the offset of its blocks."""
    # Before the name: the mask and the blending ranges, each with its length.
    position += 4 + _read_number(source, position, 4)
    position += 4 + _read_number(source, position, 4)
    name_length = _read_number(source, position, 1)
    name = decode_text(source.at(position + 1, name_length))
    # A byte of length and the name, padded to a multiple of four.
    return name, position + (name_length + 4 & ~3)


def _is_end_of_group(source: Readable, blocks: tuple[LayerBlock, ...]) -> bool:
    for block in blocks:
        if block.key == _SECTION_DIVIDER and _read_number(source, block.offset, 4) == _END_OF_GROUP:
            return True
    return False


def _read_unicode_name(source: Readable, blocks: tuple[LayerBlock, ...]) -> str:
    """The name in full, which the short one may cut; empty when there is none."""
    for block in blocks:
        if block.key == _UNICODE_NAME:
            data = source.at(block.offset, min(block.length, _LONGEST_NAME))
            letters = int.from_bytes(data[:4], "big")
            return data[4 : 4 + 2 * letters].decode("utf-16-be", "replace").rstrip("\0")
    return ""


def _walk_block_list(source: Readable, position: int, end: int, padding: int) -> Iterator[LayerBlock]:
    """Walk the blocks between two offsets; `padding` is the multiple of bytes that their data is padded to."""
    long_length_size = _measure_long_length(source)
    for _ in range(source.limits.chunks):
        head = source.at(position, 8)
        is_padding = not head.strip(b"\0")
        if position + 12 > end or is_padding:
            return
        if head[:4] not in _SIGNATURES:
            raise MalformedContainer(f"Photoshop: no block of layer information at byte {position}")
        key = decode_text(head[4:])
        length_size = long_length_size if head[4:] in _WIDE_KEYS else 4
        length = _read_number(source, position + 8, length_size)
        offset = position + 8 + length_size
        if offset + length > end:
            raise MalformedContainer(f"Photoshop: the block {key} at byte {position} ends behind the end of its list")
        yield LayerBlock(key, offset, length)
        position = offset + length + -length % padding
    raise OversizedContainer(f"Photoshop: more than {source.limits.chunks:,} blocks")
