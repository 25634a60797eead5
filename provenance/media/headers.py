"""Width, height and writer of a picture from its headers alone: nothing is decoded, and little is read."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Callable, Iterator
from typing import TypeVar

from provenance.media.formats import dpx, exif, exr, heif, isobmff, jpeg, png, riff, tiff
from provenance.media.readable import MalformedContainer, Readable
from provenance.media.source import Header, Source
from provenance.media.text import decoded

_Piece = TypeVar("_Piece")
_WIDTH, _HEIGHT, _MAKE, _MODEL, _SOFTWARE = 0x0100, 0x0101, 0x010F, 0x0110, 0x0131
_WRITERS = ("software", "writer", "owner")
"""EXR attributes that name the program, best first."""


def read_header(source: Source) -> Header | None:
    """What the headers say, None when they say nothing or the type has none. Never raises on any bytes."""
    reader = _READERS.get(source.media_type)
    try:
        shape = reader(source) if reader else None
    except (MalformedContainer, struct.error, OverflowError):
        return None
    if shape is None or shape == Header():
        return None
    return Header(_positive(shape.width), _positive(shape.height), writer=shape.writer or None)


def _positive(side: int | None) -> int | None:
    return side if side and side > 0 else None


def _sound(walk: Iterator[_Piece]) -> Iterator[_Piece]:
    """What a walker yields before it meets damage."""
    try:
        yield from walk
    except MalformedContainer:
        return


def _png(source: Source) -> Header:
    width, height = struct.unpack(">II", source.at(16, 8))
    writer = None
    for chunk in itertools.takewhile(lambda chunk: chunk.kind != "IDAT", _sound(png.chunks(source))):
        if chunk.kind == "tEXt" and source.at(chunk.offset, 9) == b"Software\0":
            writer = decoded(source.at(chunk.offset + 9, min(chunk.length - 9, 256)))
        elif chunk.kind == "eXIf" and not writer:
            writer = _writer(exif.block_at(source, chunk.offset, chunk.length))
    return Header(width, height, writer=writer)


def _jpeg(source: Source) -> Header:
    width = height = writer = None
    for segment in itertools.takewhile(lambda segment: segment.marker != jpeg.SOS, _sound(jpeg.segments(source))):
        if segment.marker in jpeg.FRAMES:
            height, width = struct.unpack(">HH", source.at(segment.offset + 1, 4))
        elif segment.marker == jpeg.APP1 and not writer and source.at(segment.offset, 4) == b"Exif":
            writer = _writer(exif.block_at(source, segment.offset, segment.length))
    return Header(width, height, writer=writer)


def _tiff(source: Source) -> Header:
    """The largest picture of the first page: in raws, the first directory itself has but a thumbnail."""
    sizes, width = [(0, 0)], 0
    for field in _sound(tiff.fields(source)):
        if field.tag in (_WIDTH, _HEIGHT) and field.ifd in ("IFD0", "SubIFD"):
            side = next(iter(tiff.numbers(source, field)), 0)
            if field.tag == _WIDTH:
                width = int(side)
            else:
                sizes.append((width, int(side)))
    return Header(*max(sizes, key=lambda size: size[0] * size[1]), writer=_writer(source))


def _first_directory(block: Readable) -> Iterator[tiff.Field]:
    return itertools.takewhile(lambda field: field.ifd == "IFD0", _sound(tiff.fields(block)))


def _writer(block: Readable) -> str | None:
    """The camera, else the program, that an EXIF block names."""
    said = {
        field.tag: decoded(block.at(field.offset, min(field.length, 256)).split(b"\0", 1)[0]).strip()
        for field in _first_directory(block)
        if field.tag in (_MAKE, _MODEL, _SOFTWARE)
    }
    make, model = said.get(_MAKE, ""), said.get(_MODEL, "")
    camera = model if model.lower().startswith(make.lower()) else f"{make} {model}".strip()
    return camera or said.get(_SOFTWARE) or None


def _exr(source: Source) -> Header:
    first = {
        attribute.name: attribute
        for attribute in itertools.takewhile(lambda a: a.part == 0, _sound(exr.attributes(source)))
    }
    window = first.get("displayWindow") or first.get("dataWindow")
    left, top, right, bottom = struct.unpack("<4i", source.at(window.offset, 16)) if window else (0, 0, -1, -1)
    named = (source.at(first[name].offset, min(first[name].length, 256)) for name in _WRITERS if name in first)
    writer = next((decoded(data) for data in named), None)
    return Header(right - left + 1, bottom - top + 1, writer=writer)


def _dpx(source: Source) -> Header:
    header = dpx.Header(source)
    width, height = header.size
    return Header(width, height, writer=header.text("Creator") or header.text("InputDevice") or None)


def _webp(source: Source) -> Header:
    for chunk in _sound(riff.chunks(source)):
        data = source.at(chunk.offset, 10)
        if chunk.kind == "VP8X":
            return Header(1 + int.from_bytes(data[4:7], "little"), 1 + int.from_bytes(data[7:10], "little"))
        if chunk.kind == "VP8 ":
            width, height = struct.unpack("<6xHH", data)
            return Header(width & 0x3FFF, height & 0x3FFF)
        if chunk.kind == "VP8L":
            bits = int.from_bytes(data[1:5], "little")
            return Header(1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    return Header()


def _gif(source: Source) -> Header:
    return Header(*struct.unpack("<HH", source.at(6, 4)))


def _bmp(source: Source) -> Header:
    if source.at(14, 4) == b"\x0c\0\0\0":
        return Header(*struct.unpack("<HH", source.at(18, 4)))
    width, height = struct.unpack("<ii", source.at(18, 8))
    return Header(width, abs(height))  # negative: the rows stand from top to bottom


def _heif(source: Source) -> Header:
    return Header(*(heif.largest_extent(source) or (None, None)))


def _jpeg2000(source: Source) -> Header:
    for box in _sound(isobmff.walk(source)):
        if box.kind == "ihdr":
            height, width = struct.unpack(">II", source.at(box.offset, 8))
            return Header(width, height)
    return Header()


def _codestream(source: Source) -> Header:
    right, bottom, left, top = struct.unpack(">4I", source.at(8, 16))
    return Header(right - left, bottom - top)


def _photoshop(source: Source) -> Header:
    height, width = struct.unpack(">II", source.at(14, 8))
    return Header(width, height)


_READERS: dict[str, Callable[[Source], Header]] = {
    "image/png": _png,
    "image/jpeg": _jpeg,
    "image/webp": _webp,
    "image/gif": _gif,
    "image/bmp": _bmp,
    "image/x-exr": _exr,
    "image/x-dpx": _dpx,
    "image/heic": _heif,
    "image/heif": _heif,
    "image/avif": _heif,
    "image/jp2": _jpeg2000,
    "image/x-j2c": _codestream,
    "image/vnd.adobe.photoshop": _photoshop,
    **dict.fromkeys(exif.TIFFS, _tiff),
}
