"""Width, height and writer of a picture from its headers alone: nothing is decoded, and little is read."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Callable, Iterator
from typing import TypeVar

from provenance.media import types
from provenance.media.formats import (
    bmp,
    cineon,
    dds,
    dpx,
    exif,
    exr,
    heif,
    isobmff,
    jpeg,
    png,
    riff,
    sgi,
    tga,
    tiff,
    webp,
)
from provenance.media.readable import MalformedContainer, Readable
from provenance.media.source import Header, Source
from provenance.media.text import decode_text
from provenance.media.types import Container

VERSIONS: dict[str, int] = {}
"""By media type, 1 where nothing stands. Raise that of a type whose headers say more than before: the files of that
type are then read again."""

_Part = TypeVar("_Part")
# EXIF and TIFF tags.
_WIDTH = 0x0100
_HEIGHT = 0x0101
_MAKE = 0x010F
_MODEL = 0x0110
_SOFTWARE = 0x0131
_EXR_WRITERS = ("software", "writer", "owner")
"""EXR attributes that name the program, best first."""
_LONGEST_WRITER = 256
"""Bytes of a name that are read."""


def has_header(media_type: str) -> bool:
    """Whether headers of files of this type are read here."""
    return media_type in _READERS


def read_header(source: Source) -> Header | None:
    """What the headers say; None when they say nothing or the type has none. Never raises on any bytes."""
    reader = _READERS.get(source.media_type)
    if reader is None:
        return None
    try:
        header = reader(source)
    except (MalformedContainer, struct.error, OverflowError):
        return None
    if header == Header():
        return None
    return Header(_keep_positive(header.width), _keep_positive(header.height), writer=header.writer or None)


def _keep_positive(side: int | None) -> int | None:
    """None for sides that make no picture: damaged headers have them."""
    if side is None or side <= 0:
        return None
    return side


def _until_damage(walk: Iterator[_Part]) -> Iterator[_Part]:
    """The parts of a file before its structure breaks off."""
    try:
        yield from walk
    except MalformedContainer:
        return


def _read_png(source: Source) -> Header:
    header = png.read_header(source)
    writer = None
    for chunk in _until_damage(png.walk_chunks(source)):
        # What comes behind the pixels would have to be searched for through the whole file.
        if chunk.kind == "IDAT":
            break
        if chunk.kind == "tEXt" and source.at(chunk.offset, 9) == b"Software\0":
            writer = decode_text(source.at(chunk.offset + 9, min(chunk.length - 9, _LONGEST_WRITER)))
        elif chunk.kind == "eXIf" and not writer:
            writer = _find_writer(exif.read_block(source, chunk.offset, chunk.length))
    return Header(header.width, header.height, writer=writer)


def _read_jpeg(source: Source) -> Header:
    width = height = writer = None
    for segment in _until_damage(jpeg.walk_segments(source)):
        # Behind the start of scan there are only pixels.
        if segment.marker == jpeg.SOS:
            break
        if segment.marker in jpeg.FRAMES:
            height, width = struct.unpack(">HH", source.at(segment.offset + 1, 4))
        elif segment.marker == jpeg.APP1 and not writer and source.at(segment.offset, 4) == b"Exif":
            writer = _find_writer(exif.read_block(source, segment.offset, segment.length))
    return Header(width, height, writer=writer)


def _read_tiff(source: Source) -> Header:
    """The largest picture of the first page: the first directory of a raw file has only a thumbnail."""
    sizes = [(0, 0)]
    width = 0
    for field in _until_damage(tiff.walk_fields(source)):
        is_size = field.tag in (_WIDTH, _HEIGHT)
        if not is_size or field.ifd not in ("IFD0", "SubIFD"):
            continue
        side = tiff.find_first_integer(tiff.read_numbers(source, field))
        # Fields are sorted by tag: the width of a directory comes just before its height.
        if field.tag == _WIDTH:
            width = side
        else:
            sizes.append((width, side))
    largest = max(sizes, key=lambda size: size[0] * size[1])
    return Header(*largest, writer=_find_writer(source))


def _find_writer(block: Readable) -> str | None:
    """The camera, else the program, that an EXIF block names."""
    texts: dict[int, str] = {}
    first_directory = itertools.takewhile(lambda field: field.ifd == "IFD0", _until_damage(tiff.walk_fields(block)))
    for field in first_directory:
        if field.tag in (_MAKE, _MODEL, _SOFTWARE):
            data = block.at(field.offset, min(field.length, _LONGEST_WRITER))
            texts[field.tag] = decode_text(data.split(b"\0", 1)[0]).strip()
    make = texts.get(_MAKE, "")
    model = texts.get(_MODEL, "")
    # Canon repeats its name in the model: "Canon", "Canon EOS R5".
    camera = model
    if not model.lower().startswith(make.lower()):
        camera = f"{make} {model}".strip()
    return camera or texts.get(_SOFTWARE) or None


def _read_exr(source: Source) -> Header:
    attributes: dict[str, exr.ExrAttribute] = {}
    for attribute in _until_damage(exr.walk_attributes(source)):
        # The first part is what a viewer shows.
        if attribute.part > 0:
            break
        attributes[attribute.name] = attribute
    width, height = _measure_exr_window(source, attributes)
    writer = None
    for name in _EXR_WRITERS:
        if name in attributes:
            attribute = attributes[name]
            writer = decode_text(source.at(attribute.offset, min(attribute.length, _LONGEST_WRITER)))
            break
    return Header(width, height, writer=writer)


def _measure_exr_window(source: Source, attributes: dict[str, exr.ExrAttribute]) -> tuple[int, int]:
    """Width and height in pixels of what is shown; 0 when there is no window."""
    window = attributes.get("displayWindow") or attributes.get("dataWindow")
    if window is None:
        return 0, 0
    left, top, right, bottom = struct.unpack("<4i", source.at(window.offset, 16))
    # A window names its first and its last pixel.
    return right - left + 1, bottom - top + 1


def _read_dpx(source: Source) -> Header:
    header = dpx.DpxHeader(source)
    width, height = header.size
    return Header(width, height, writer=header.read_text("Creator") or header.read_text("InputDevice") or None)


_WEBP_PARSERS: dict[str, Callable[[bytes], webp.WebpHeader]] = {
    "VP8X": webp.parse_vp8x,
    "VP8 ": webp.parse_vp8,
    "VP8L": webp.parse_vp8l,
}


def _read_webp(source: Source) -> Header:
    for chunk in _until_damage(riff.walk_chunks(source)):
        if parse := _WEBP_PARSERS.get(chunk.kind):
            header = parse(source.at(chunk.offset, webp.HEADER_LENGTH))
            return Header(header.width, header.height)
    return Header()


def _read_gif(source: Source) -> Header:
    return Header(*struct.unpack("<HH", source.at(6, 4)))


def _read_bmp(source: Source) -> Header:
    header = bmp.read_header(source)
    return Header(header.width, header.height)


def _read_heif(source: Source) -> Header:
    width, height = heif.find_largest_size(source) or (None, None)
    return Header(width, height)


def _read_jpeg2000(source: Source) -> Header:
    for box in _until_damage(isobmff.walk_boxes(source)):
        if box.kind == "ihdr":
            height, width = struct.unpack(">II", source.at(box.offset, 8))
            return Header(width, height)
    return Header()


def _read_codestream(source: Source) -> Header:
    """The image area on the reference grid (ITU-T T.800, A.5.1)."""
    right, bottom, left, top = struct.unpack(">4I", source.at(8, 16))
    return Header(right - left, bottom - top)


def _read_photoshop(source: Source) -> Header:
    height, width = struct.unpack(">II", source.at(14, 8))
    return Header(width, height)


def _make_fixed_reader(read_size: Callable[[Readable], tuple[int, int]]) -> Callable[[Source], Header]:
    """A reader for a format whose sizes stand at a fixed place."""
    return lambda source: Header(*read_size(source))


_READERS: dict[str, Callable[[Source], Header]] = {
    types.PNG: _read_png,
    types.JPEG: _read_jpeg,
    types.WEBP: _read_webp,
    types.GIF: _read_gif,
    types.BMP: _read_bmp,
    types.EXR: _read_exr,
    types.DPX: _read_dpx,
    types.JP2: _read_jpeg2000,
    types.JPEG2000_CODESTREAM: _read_codestream,
    types.PHOTOSHOP: _read_photoshop,
    types.CINEON: _make_fixed_reader(cineon.read_size),
    types.SGI: _make_fixed_reader(sgi.read_size),
    types.DDS: _make_fixed_reader(dds.read_size),
    types.TGA: _make_fixed_reader(tga.read_size),
    **dict.fromkeys(types.names_in(Container.HEIF), _read_heif),
    **dict.fromkeys(types.TIFF_STRUCTURES - {types.CAMERA_PROFILE}, _read_tiff),
}
