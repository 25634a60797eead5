"""Truevision TGA (specification 2.0): how it is recognised, its identification field and its extension area.

Layout, little-endian: a header of 18 bytes (length of the identification field, kind of colour map, kind of picture,
the colour map in five bytes, origin, width, height, bits a pixel, descriptor), the identification field, the colour
map, the pixels. Version 2 ends with a footer of 26 bytes: offsets of the extension area and of the developer directory,
and a signature. There is no number at the beginning, so the fields of the header have to agree with each other.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import NamedTuple

from provenance.media.formats.header_text import HeaderText
from provenance.media.readable import MalformedContainer, Readable, read_within
from provenance.media.text import decode_text, extract_text, is_printable

_HEADER = struct.Struct("<BBBHHBHHHHBB")
_MAPPED = (1, 9)
_TRUE_COLOUR = (2, 10)
_GRAY = (3, 11)
"""Kinds of picture, each without and with compression."""
_PIXEL_BITS = {**dict.fromkeys(_MAPPED, (8, 16)), **dict.fromkeys(_TRUE_COLOUR, (15, 16, 24, 32)),
               **dict.fromkeys(_GRAY, (8, 16))}  # fmt: skip
_MAP_BITS = (15, 16, 24, 32)
_ALPHA_BITS = (0, 1, 8)
"""Bits a pixel, bits of an entry of the colour map, and bits of alpha, that occur."""

_WIDTH = 12
_SIGNATURE = b"TRUEVISION-XFILE.\0"
_FOOTER = 26
_TEXT_FIELDS = {"AuthorName": (2, 41), "JobName": (379, 41), "SoftwareId": (426, 41)}
_COMMENTS = (43, 4, 81)
"""Offset, number and length of the lines of the author's comments in the extension area."""
_VERSION = 467
"""Offset of the version of the software, a number in hundredths and a letter."""
_EXTENSION_AREA = 495
_DEVELOPER_ENTRY = 10
"""Bytes of an entry of the developer directory: tag, offset, length."""
_LONGEST_DEVELOPER_TEXT = 65_536


class TgaHeader(NamedTuple):
    """The fields of the header, in its order. Sizes in pixels."""

    identification_length: int
    map_kind: int
    kind: int
    map_start: int
    map_length: int
    map_bits: int
    left: int
    top: int
    width: int
    height: int
    bits: int
    descriptor: int


def parse_header(head: bytes) -> TgaHeader | None:
    """The header of a TGA; None for bytes whose fields do not agree with each other."""
    if len(head) < _HEADER.size:
        return None
    header = TgaHeader(*_HEADER.unpack_from(head))
    bits = _PIXEL_BITS.get(header.kind, ())
    is_picture = header.width > 0 and header.height > 0 and header.bits in bits
    # The two highest bits of the descriptor must be zero; the lowest four count bits of alpha.
    has_valid_descriptor = header.descriptor < 0x40 and header.descriptor & 0x0F in _ALPHA_BITS
    if not is_picture or not has_valid_descriptor:
        return None
    if header.kind in _MAPPED:
        has_map = header.map_kind == 1 and header.map_length > 0 and header.map_bits in _MAP_BITS
        return header if has_map else None
    has_no_map = header.map_kind == header.map_start == header.map_length == 0
    return header if has_no_map and header.map_bits in (0, *_MAP_BITS) else None


def is_tga(read_at: Callable[[int, int], bytes]) -> bool:
    """Whether the fields of the header agree with each other, and the file is long enough for them."""
    header = parse_header(read_at(0, _HEADER.size))
    if header is None:
        return False
    map_length = header.map_length * -(-header.map_bits // 8)
    start = _HEADER.size + header.identification_length + map_length
    if header.kind in (_MAPPED[1], _TRUE_COLOUR[1], _GRAY[1]):
        # A packet of up to 128 pixels has at least a byte of its own and one pixel.
        shortest = -(-header.width * header.height // 128) * (1 + -(-header.bits // 8))
    else:
        shortest = header.width * header.height * -(-header.bits // 8)
    return len(read_at(start + shortest - 1, 1)) == 1


def read_size(source: Readable) -> tuple[int, int]:
    """Read width and height in pixels. Raises `struct.error` when the file ends before them."""
    width, height = struct.unpack("<HH", source.at(_WIDTH, 4))
    return width, height


def walk_texts(source: Readable) -> Iterator[HeaderText]:
    """Walk the identification field, the texts of the extension area, and texts in the developer area.

    Raises `MalformedContainer` where the footer names a place outside of the file.
    """
    identification_length = int.from_bytes(source.at(0, 1), "little")
    identification = source.at(_HEADER.size, identification_length)
    yield from _make_text("ImageId", identification, _HEADER.size)
    footer_start = source.size - _FOOTER
    footer = source.at(footer_start, _FOOTER)
    if footer[8:] != _SIGNATURE:
        return
    extension, developer = struct.unpack_from("<II", footer)
    if extension:
        yield from _read_extension(source, extension)
    if developer:
        yield from _read_developer_area(source, developer)


def _make_text(key: str, data: bytes, offset: int) -> Iterator[HeaderText]:
    text = decode_text(data.split(b"\0", 1)[0]).strip()
    if is_printable(text):
        yield HeaderText(key, text, offset)


def _read_extension(source: Readable, start: int) -> Iterator[HeaderText]:
    area = source.at(start, _EXTENSION_AREA)
    for key, (offset, length) in _TEXT_FIELDS.items():
        yield from _make_text(key, area[offset : offset + length], start + offset)
    first, count, length = _COMMENTS
    for offset in range(first, first + count * length, length):
        yield from _make_text("Comment", area[offset : offset + length], start + offset)
    if len(area) < _EXTENSION_AREA:
        raise MalformedContainer(f"TGA: the extension area at byte {start} lies outside the file or is cut")
    number, letter = struct.unpack_from("<Hc", area, _VERSION)
    if number:
        yield HeaderText("SoftwareVersion", f"{number / 100:.2f}{decode_text(letter).strip()}", start + _VERSION)


def _read_developer_area(source: Readable, start: int) -> Iterator[HeaderText]:
    """Walk the texts in a developer's own fields."""
    count = int.from_bytes(source.at(start, 2), "little")
    directory = source.at(start + 2, count * _DEVELOPER_ENTRY)
    for tag, offset, length in struct.iter_unpack("<HII", directory[: len(directory) // 10 * 10]):
        data = read_within(source, offset, min(length, _LONGEST_DEVELOPER_TEXT))
        if text := extract_text(data).strip():
            yield HeaderText(f"DeveloperTag{tag}", text, offset)
    if len(directory) < count * _DEVELOPER_ENTRY or not source.at(start, 2):
        raise MalformedContainer(f"TGA: the developer directory at byte {start} lies outside the file or is cut")
