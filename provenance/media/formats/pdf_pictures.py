"""The pictures of a PDF that are bare samples (ISO 32000-2, 8.9 and 7.4): a file around them that decoders can read.

A picture is a stream of samples, packed by one filter or by several, one after the other. Its dictionary says how many
samples there are and what they mean. The last packing is left as it is, because PNG and TIFF have the same ones:

- Deflate with the row filters of PNG is what a PNG holds. Nothing is unpacked.
- Deflate without them, LZW, runs of bytes (PackBits) and the fax codings of the CCITT are compressions of TIFF.
- Samples without any packing make a TIFF as well.

Packings in front of the last one, mostly those that turn bytes into text, are undone.
"""

from __future__ import annotations

import base64
import binascii
import re
import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from provenance.media.formats.tiff_writer import LONG, SHORT, FieldValue, encode_numbers, write_tiff
from provenance.media.text import inflate

WHOLE_FILES = frozenset({"DCTDecode", "JPXDecode"})
"""Filters whose bytes are a JPEG or JPEG 2000 file."""
DEFLATE = "FlateDecode"
_LZW = "LZWDecode"
_RUNS = "RunLengthDecode"
_FAX = "CCITTFaxDecode"
_HEX = "ASCIIHexDecode"
_BASE85 = "ASCII85Decode"
_SHORT_NAMES = {
    "Fl": DEFLATE, "LZW": _LZW, "RL": _RUNS, "CCF": _FAX, "AHx": _HEX, "A85": _BASE85, "DCT": "DCTDecode",
}  # fmt: skip

_TIFF_PREDICTOR = 2
"""PDF's number of differences between neighbouring samples, which is that of TIFF as well."""
_PNG_PREDICTORS = range(10, 16)
"""PDF's numbers of the row filters of PNG. Every row says itself which filter it has, whatever the number."""
_LARGEST_SIDE = 2**31 - 1
_DEFAULT_FAX_COLUMNS = 1728
_ORDER = ">"
"""Byte order of samples with 16 bits in PDF and PNG."""
_COMPRESSIONS = {"": 1, _LZW: 5, DEFLATE: 8, _RUNS: 32773}
"""TIFF's number of each packing, `` for none."""
_GROUP_3 = 3
_GROUP_4 = 4
"""TIFF's numbers of the fax codings."""

# TIFF tags.
_WIDTH = 256
_HEIGHT = 257
_BITS_PER_SAMPLE = 258
_COMPRESSION = 259
_PHOTOMETRIC = 262
_SAMPLES_PER_PIXEL = 277
_ROWS_PER_STRIP = 278
_GROUP_3_OPTIONS = 292
_PREDICTOR = 317
_COLOR_MAP = 320

_WHITE_IS_ZERO = 0
_BLACK_IS_ZERO = 1
_RGB = 2
_PALETTE = 3
_CMYK = 5
"""What samples mean, in TIFF's numbers."""
_PNG_COLOR_TYPES = {_BLACK_IS_ZERO: 0, _RGB: 2, _PALETTE: 3}


class UnreadablePicture(ValueError):
    """Nothing here can make a file of the picture; the text says why, in a few words."""


class Filter(NamedTuple):
    """One packing of a stream: its full name without the slash, and its parameters."""

    name: str
    parameters: Mapping[str, int]


class ColorSpace(NamedTuple):
    """What the samples of a pixel mean."""

    components: int
    palette: bytes = b""
    """Red, green and blue of each number, for pictures whose samples are numbers of colours."""
    is_ink: bool = False
    """Whether the highest value is the darkest: one printing ink."""


@dataclass(frozen=True, slots=True)
class PictureLayout:
    """What the dictionary of a picture says."""

    width: int
    height: int
    bits: int
    """Of a sample."""
    color_space: ColorSpace
    is_inverted: bool = False
    """Whether its `/Decode` turns black and white round."""
    filters: tuple[Filter, ...] = ()


def expand_filter_name(name: str) -> str:
    """`/Fl` -> `FlateDecode`."""
    bare = name.lstrip("/")
    return _SHORT_NAMES.get(bare, bare)


def undo_filters(data: bytes, filters: tuple[Filter, ...], most: int) -> bytes:
    """Undo packings, first to last; at most `most` bytes, which has to be more than `data` has.

    Raises `UnreadablePicture` for a packing that is not undone here.
    """
    for step in filters:
        if step.name == _HEX:
            data = _decode_hex(data)
        elif step.name == _BASE85:
            data = _decode_base85(data)
        elif step.name == DEFLATE and step.parameters.get("Predictor", 1) == 1:
            data = inflate(data, most)[0]
        elif step.name != "Crypt":
            raise UnreadablePicture(f"packed in {step.name}")
    return data


def _decode_hex(data: bytes) -> bytes:
    digits = re.sub(rb"[^0-9A-Fa-f]", b"", data.partition(b">")[0])
    return binascii.unhexlify(digits + b"0" * (len(digits) % 2))


def _decode_base85(data: bytes) -> bytes:
    text = data.partition(b"~>")[0].removeprefix(b"<~")
    try:
        return base64.a85decode(text)
    except ValueError as error:
        raise UnreadablePicture(str(error)) from None


def build_file(data: bytes, layout: PictureLayout, most: int, unpack: Callable[[], bytes]) -> bytes:
    """Build a PNG or TIFF around the samples of a picture. `most`: bytes that unpacking may give.

    `unpack` undoes all packings by other means; it is called only when that gives no more than `most` bytes. Raises
    `UnreadablePicture` for a packing or colours that no file here has.
    """
    if not (0 < layout.width <= _LARGEST_SIDE and 0 < layout.height <= _LARGEST_SIDE):
        raise UnreadablePicture(f"{layout.width} x {layout.height} pixels")
    data = undo_filters(data, layout.filters[:-1], most)
    last = layout.filters[-1] if layout.filters else Filter("", {})
    if last.name == _FAX:
        return _build_fax(data, layout, last.parameters)
    if last.name in (_HEX, _BASE85):
        data = undo_filters(data, layout.filters[-1:], most)
        last = Filter("", {})
    if last.name not in _COMPRESSIONS:
        raise UnreadablePicture(f"packed in {last.name}")
    predictor = last.parameters.get("Predictor", 1)
    if last.name == DEFLATE and predictor in _PNG_PREDICTORS:
        if _has_png_rows(layout, last.parameters):
            return _build_png(data, layout)
        if len(inflate(data, most)[0]) >= most:
            raise UnreadablePicture(f"unpacks to more than {most:,} bytes")
        return _build_tiff(unpack(), layout, _COMPRESSIONS[""])
    # TIFF's LZW widens its codes one early, as PDF does unless told otherwise.
    has_late_change = last.parameters.get("EarlyChange", 1) == 0
    if predictor not in (1, _TIFF_PREDICTOR) or has_late_change:
        raise UnreadablePicture(f"packed in a variant of {last.name}")
    return _build_tiff(data, layout, _COMPRESSIONS[last.name], predictor)


def _build_tiff(data: bytes, layout: PictureLayout, compression: int, predictor: int = 1) -> bytes:
    components = layout.color_space.components
    numbers: dict[int, tuple[int, list[int]]] = {
        _BITS_PER_SAMPLE: (SHORT, [layout.bits] * components),
        _COMPRESSION: (SHORT, [compression]),
        _PHOTOMETRIC: (SHORT, [_find_photometric(layout)]),
        _SAMPLES_PER_PIXEL: (SHORT, [components]),
    }
    if predictor != 1:
        numbers[_PREDICTOR] = (SHORT, [predictor])
    if layout.color_space.palette:
        numbers[_COLOR_MAP] = (SHORT, _make_color_map(layout))
    return _write_strip(data, layout, numbers)


def _build_fax(data: bytes, layout: PictureLayout, parameters: Mapping[str, int]) -> bytes:
    if parameters.get("EncodedByteAlign"):
        raise UnreadablePicture("packed in a variant of the CCITT's fax coding")
    coding = parameters.get("K", 0)
    # In a fax the runs of black are ones. PDF turns them to zeros unless told otherwise, which is the darkest as well.
    is_inverted = layout.is_inverted != bool(parameters.get("BlackIs1"))
    numbers: dict[int, tuple[int, list[int]]] = {
        _BITS_PER_SAMPLE: (SHORT, [1]),
        _COMPRESSION: (SHORT, [_GROUP_4 if coding < 0 else _GROUP_3]),
        _PHOTOMETRIC: (SHORT, [_BLACK_IS_ZERO if is_inverted else _WHITE_IS_ZERO]),
        _SAMPLES_PER_PIXEL: (SHORT, [1]),
    }
    if coding >= 0:
        # The lowest bit says that rows are coded by the row before them.
        numbers[_GROUP_3_OPTIONS] = (LONG, [1 if coding > 0 else 0])
    columns = parameters.get("Columns", _DEFAULT_FAX_COLUMNS)
    if not 0 < columns <= _LARGEST_SIDE:
        raise UnreadablePicture(f"{columns} columns")
    coded = PictureLayout(columns, layout.height, 1, layout.color_space)
    return _write_strip(data, coded, numbers)


def _write_strip(data: bytes, layout: PictureLayout, numbers: Mapping[int, tuple[int, list[int]]]) -> bytes:
    """Write a TIFF whose picture is one strip."""
    sizes = {
        _WIDTH: (LONG, [layout.width]),
        _HEIGHT: (LONG, [layout.height]),
        _ROWS_PER_STRIP: (LONG, [layout.height]),
    }
    fields: dict[int, FieldValue] = {}
    for tag, (kind, values) in {**numbers, **sizes}.items():
        fields[tag] = encode_numbers(kind, values, _ORDER)
    return write_tiff(fields, [data], _ORDER)


def _find_photometric(layout: PictureLayout) -> int:
    space = layout.color_space
    if space.palette:
        return _PALETTE
    if space.components == 1:
        return _WHITE_IS_ZERO if space.is_ink != layout.is_inverted else _BLACK_IS_ZERO
    found = {3: _RGB, 4: _CMYK}.get(space.components)
    if found is None:
        raise UnreadablePicture(f"{space.components} colours a pixel")
    return found


def _make_color_map(layout: PictureLayout) -> list[int]:
    """All red values, then green, then blue, in 16 bits, as TIFF has them."""
    size = 3 << layout.bits
    padded = layout.color_space.palette[:size].ljust(size, b"\0")
    # 257 times a value of 8 bits is the same value in 16.
    values = [value * 257 for value in padded]
    return values[0::3] + values[1::3] + values[2::3]


def _has_png_rows(layout: PictureLayout, parameters: Mapping[str, int]) -> bool:
    """Whether the rows are packed as those of a PNG of the same size and colours, which has no inks."""
    components = layout.color_space.components
    return components in (1, 3) and (
        parameters.get("Columns", 1) == layout.width
        and parameters.get("Colors", 1) == components
        and parameters.get("BitsPerComponent", 8) == layout.bits
    )


def _build_png(data: bytes, layout: PictureLayout) -> bytes:
    photometric = _find_photometric(layout)
    palette = layout.color_space.palette
    # PNG knows black as zero only. A palette of grays turns it round, where there are few enough.
    if photometric == _WHITE_IS_ZERO and layout.bits <= 8:
        photometric = _PALETTE
        palette = _make_negative_palette(layout.bits)
    return _write_png(data, layout, _PNG_COLOR_TYPES.get(photometric, 0), palette[: 3 << layout.bits])


def _make_negative_palette(bits: int) -> bytes:
    highest = (1 << bits) - 1
    return b"".join(bytes([255 - 255 * index // highest] * 3) for index in range(highest + 1))


def _write_png(data: bytes, layout: PictureLayout, color_type: int, palette: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", layout.width, layout.height, layout.bits, color_type, 0, 0, 0)
    chunks = [_write_chunk(b"IHDR", header)]
    if palette:
        chunks.append(_write_chunk(b"PLTE", palette[: len(palette) // 3 * 3]))
    chunks += [_write_chunk(b"IDAT", data), _write_chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _write_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
