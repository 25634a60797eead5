"""Pixels of losslessly coded pictures: marks in their single bits survive.

Of a PNG that is not interlaced the first rows are decoded alone, for a fraction of the cost: they are enough to dismiss
nearly every picture. Any other picture is decoded as a whole, once. Metadata of the file plays no part.
"""

from __future__ import annotations

import contextlib
import os
import struct
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from provenance.media import types
from provenance.media.formats import bmp, png, riff, tiff, webp
from provenance.media.readable import MalformedContainer
from provenance.media.source import Source

Pixels = NDArray[np.uint8]
"""(height, width, 3 or 4): red, green, blue and, where there is one, alpha, 0 to 255."""

_PROBE_ROWS = 128
"""Rows that are decoded first, at least."""
_PROBE_PIXELS = 131_072
"""Pixels that are decoded first, at least."""
_SLACK = 65_536
"""Bytes by which a compressed stream may be longer than the pixels in it."""
_DAMAGE = (OSError, ValueError, SyntaxError, EOFError, struct.error)
"""What Pillow raises for damage."""
_STANDARD_ERROR = 2
"""File descriptor."""

_PNG_RGB = 2
_PNG_RGBA = 6
"""Colour types of a PNG."""
_LOSSLESS_COMPRESSIONS = (1, 5, 8, 32773, 32946, 34925, 50000)
"""No compression, LZW, Deflate, PackBits, Deflate under its old number, LZMA, Zstandard."""
_PHOTOMETRIC_RGB = 2


@dataclass(frozen=True, slots=True)
class PixelCoding:
    """How the pixels of a picture are kept in its file. Sides in pixels."""

    width: int
    height: int
    alpha: bool
    """Whether there is an alpha channel; it is kept exactly."""
    exact_colours: bool
    """Whether the colours are kept exactly. In a lossy WebP only alpha is."""
    decodes_by_rows: bool = False
    """Whether the first rows can be decoded alone."""

    @property
    def mode(self) -> str:
        """The mode in which Pillow decodes it."""
        return "RGBA" if self.alpha else "RGB"

    @property
    def pixels(self) -> int:
        """Width times height."""
        return self.width * self.height

    @property
    def probe_rows(self) -> int:
        """Rows that show whether the rest is worth decoding."""
        rows_for_pixels = -(-_PROBE_PIXELS // self.width)
        return min(self.height, max(_PROBE_ROWS, rows_for_pixels))

    def count_decoded_pixels(self, rows: int) -> int:
        """Pixels that have to be decoded to get so many rows."""
        return self.width * (rows if self.decodes_by_rows else self.height)


def find_coding(source: Source) -> PixelCoding | None:
    """How the pixels are coded; None where none of them is kept exactly, or not with 8 bits a sample."""
    reader = _READERS.get(source.media_type)
    if reader is None:
        return None
    try:
        coding = reader(source)
    except (MalformedContainer, struct.error):
        return None
    # A damaged header may name no pixels at all, or a negative number of them.
    if coding is None or coding.width <= 0 or coding.height <= 0:
        return None
    return coding


def decode_rows(source: Source, coding: PixelCoding, count: int) -> Pixels | None:
    """The first `count` rows, or as many as there are; None for damage and for more pixels than the limit.

    They are kept with the source for the next caller: decoding costs more than everything else.
    """
    count = min(count, coding.height)
    if source.samples is None or len(source.samples) < count:
        pixels = _decode(source, coding, max(count, coding.probe_rows))
        if pixels is None:
            return None
        source.samples = pixels
    return source.samples[:count]


def is_within_limit(source: Source, coding: PixelCoding) -> bool:
    """Whether the picture, or its first rows if they can be decoded alone, has few enough pixels."""
    return coding.count_decoded_pixels(coding.probe_rows) <= source.limits.watermark_pixels


def _decode(source: Source, coding: PixelCoding, count: int) -> Pixels | None:
    if coding.count_decoded_pixels(count) > source.limits.watermark_pixels:
        return None
    try:
        if coding.decodes_by_rows:
            return np.asarray(_decode_png_rows(source, coding, count))
        return np.asarray(_decode_whole(source, coding))
    except _DAMAGE:
        return None


def _decode_png_rows(source: Source, coding: PixelCoding, count: int) -> Image.Image:
    """The rows of a PNG, from as much of its stream as they can fill."""
    # Each row has a byte for its filter in front.
    bytes_left = count * (coding.width * len(coding.mode) + 1) + _SLACK
    parts: list[bytes] = []
    for chunk in _find_data_chunks(source):
        parts.append(source.at(chunk.offset, min(chunk.length, bytes_left)))
        bytes_left -= len(parts[-1])
        if bytes_left <= 0:
            break
    return Image.frombytes(coding.mode, (coding.width, count), b"".join(parts), "zip", coding.mode, 0)


def _find_data_chunks(source: Source) -> Iterator[png.PngChunk]:
    # Damage further on does not matter: the chunks before it may hold all the rows.
    with contextlib.suppress(MalformedContainer):
        yield from (chunk for chunk in png.walk_chunks(source) if chunk.kind == "IDAT")


def _decode_whole(source: Source, coding: PixelCoding) -> Image.Image:
    pillow_format = types.find_type(source.media_type).pillow_format
    source.file.seek(0)
    with warnings.catch_warnings(), _mute_libraries(), Image.open(source.file, formats=[pillow_format]) as image:
        if image.size != (coding.width, coding.height):
            raise ValueError("the picture does not have the size in its header")
        return image.convert(coding.mode)


@contextlib.contextmanager
def _mute_libraries() -> Iterator[None]:
    """Damage is reported by values, but Pillow warns of it, and libtiff writes it straight to standard error."""
    warnings.simplefilter("ignore")
    saved = os.dup(_STANDARD_ERROR)
    try:
        with open(os.devnull, "wb") as nothing:
            os.dup2(nothing.fileno(), _STANDARD_ERROR)
        yield
    finally:
        os.dup2(saved, _STANDARD_ERROR)
        os.close(saved)


def _read_png(source: Source) -> PixelCoding | None:
    header = png.read_header(source)
    if header.bit_depth != 8 or header.colour_type not in (_PNG_RGB, _PNG_RGBA):
        return None
    has_alpha = header.colour_type == _PNG_RGBA
    return PixelCoding(
        header.width, header.height, has_alpha, exact_colours=True, decodes_by_rows=not header.interlacing
    )


def _read_webp(source: Source) -> PixelCoding | None:
    has_alpha = False
    for chunk in riff.walk_chunks(source):
        data = source.at(chunk.offset, webp.HEADER_LENGTH)
        if chunk.kind == "VP8L":
            header = webp.parse_vp8l(data)
            return PixelCoding(header.width, header.height, header.has_alpha, exact_colours=True)
        if chunk.kind == "VP8 " and has_alpha:
            header = webp.parse_vp8(data)
            return PixelCoding(header.width, header.height, alpha=True, exact_colours=False)
        # The frames of an animation are drawn over each other: no pixel of the file is shown as it is kept.
        if chunk.kind in ("VP8 ", "ANIM"):
            break
        has_alpha = has_alpha or chunk.kind == "ALPH"
    return None


def _read_tiff(source: Source) -> PixelCoding | None:
    layout = tiff.read_layout(source)
    has_8_bits = set(layout.bits_per_sample) == {8}
    is_rgb = layout.photometric == _PHOTOMETRIC_RGB and layout.samples_per_pixel in (3, 4)
    if not has_8_bits or not is_rgb or layout.compression not in _LOSSLESS_COMPRESSIONS:
        return None
    return PixelCoding(layout.width, layout.height, alpha=False, exact_colours=True)


def _read_bmp(source: Source) -> PixelCoding | None:
    header = bmp.read_header(source)
    if header.bits not in (24, 32) or header.compression:
        return None
    return PixelCoding(header.width, header.height, alpha=False, exact_colours=True)


_READERS: dict[str, Callable[[Source], PixelCoding | None]] = {
    types.PNG: _read_png,
    types.WEBP: _read_webp,
    types.TIFF: _read_tiff,
    types.BMP: _read_bmp,
}
MEDIA = types.select_names(lambda row: row.may_be_lossless)
"""Media types of which some pictures are coded losslessly."""
