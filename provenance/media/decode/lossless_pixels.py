"""Samples of losslessly coded pictures: what stands in single bits of them is still there.

Of a PNG that is not interlaced the first rows are decoded alone, for a fraction of the cost: nearly every picture is
told apart by them. Any other picture is decoded as a whole, once. Metadata of the file takes no part.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import struct
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from provenance.media.formats import png, riff, tiff
from provenance.media.readable import MalformedContainer
from provenance.media.source import Source

Pixels = NDArray[np.uint8]
"""Rows x columns x 3 or 4: red, green, blue and, where there is one, alpha."""

_LOOK_ROWS, _LOOK_PIXELS = 128, 131_072
_SLACK = 65_536
"""Bytes that a compressed stream may be longer than what it holds."""
_UNDECODABLE = (OSError, ValueError, SyntaxError, EOFError, struct.error)
"""What Pillow raises for damage."""


@dataclass(frozen=True, slots=True)
class PixelCoding:
    """How a picture stands in its file. Sides in pixels."""

    width: int
    height: int
    alpha: bool
    """Whether there is an alpha channel; it is kept exactly."""
    exact_colours: bool
    """Whether the colours are kept exactly. In a lossy WebP only alpha is."""
    format: str
    """As Pillow names it."""
    decodes_by_rows: bool = False
    """Whether the first rows can be decoded alone."""

    @property
    def pixels(self) -> int:
        """Width times height."""
        return self.width * self.height

    @property
    def probe_rows(self) -> int:
        """Rows that suffice to see whether a closer look is worth its price."""
        return min(self.height, max(_LOOK_ROWS, -(-_LOOK_PIXELS // self.width)))


def find_coding(source: Source) -> PixelCoding | None:
    """How the picture is coded; None where nothing of it is kept exactly, and for more or less than 8 bits a sample."""
    read = _CODINGS.get(source.media_type)
    try:
        coding = read(source) if read else None
    except (MalformedContainer, struct.error):
        return None
    return coding if coding and coding.width > 0 and coding.height > 0 else None


def decode_rows(source: Source, coding: PixelCoding, count: int) -> Pixels | None:
    """The first `count` rows, or as many as there are. None where damage or the limit keeps them from being decoded.

    What was decoded is kept with the source for whoever asks next.
    """
    count = min(count, coding.height)
    if source.samples is None or len(source.samples) < count:
        decoded = _decoded(source, coding, max(count, coding.probe_rows))
        if decoded is None:
            return None
        source.samples = decoded
    return source.samples[:count]


def is_within_limit(source: Source, coding: PixelCoding) -> bool:
    """Whether the picture, or its first rows, are few enough pixels to be looked at."""
    looked_at = coding.probe_rows if coding.decodes_by_rows else coding.height
    return looked_at * coding.width <= source.limits.watermark_pixels


def _decoded(source: Source, coding: PixelCoding, count: int) -> Pixels | None:
    if coding.width * (count if coding.decodes_by_rows else coding.height) > source.limits.watermark_pixels:
        return None
    try:
        return np.asarray(_first_rows(source, coding, count) if coding.decodes_by_rows else _whole(source, coding))
    except _UNDECODABLE:
        return None


def _first_rows(source: Source, coding: PixelCoding, count: int) -> Image.Image:
    """The rows of a PNG, from as much of its stream as they can fill."""
    mode = "RGBA" if coding.alpha else "RGB"
    left, parts = count * (coding.width * len(mode) + 1) + _SLACK, list[bytes]()
    for chunk in _picture_data(source):
        parts.append(source.at(chunk.offset, min(chunk.length, left)))
        left -= len(parts[-1])
        if left <= 0:
            break
    return Image.frombytes(mode, (coding.width, count), b"".join(parts), "zip", mode, 0)


def _picture_data(source: Source) -> Iterator[png.PngChunk]:
    with contextlib.suppress(MalformedContainer):  # what stands before the damage may hold the rows
        yield from (chunk for chunk in png.chunks(source) if chunk.kind == "IDAT")


def _whole(source: Source, coding: PixelCoding) -> Image.Image:
    source.file.seek(0)
    with warnings.catch_warnings(), _muted(), Image.open(source.file, formats=[coding.format]) as image:
        if image.size != (coding.width, coding.height):
            raise ValueError("the picture is not what its header says")
        return image.convert("RGBA" if coding.alpha else "RGB")


@contextlib.contextmanager
def _muted() -> Iterator[None]:
    """Damage is told by values: Pillow warns of it, and libtiff writes it straight to standard error."""
    warnings.simplefilter("ignore")
    kept = os.dup(2)
    try:
        with open(os.devnull, "wb") as nothing:
            os.dup2(nothing.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _png(source: Source) -> PixelCoding | None:
    width, height, depth, kind, interlaced = struct.unpack(">IIBB2xB", source.at(16, 13))
    if depth != 8 or kind not in (2, 6):
        return None
    return PixelCoding(width, height, kind == 6, exact_colours=True, format="PNG", decodes_by_rows=not interlaced)


def _webp(source: Source) -> PixelCoding | None:
    alpha = False
    for chunk in riff.chunks(source):
        data = source.at(chunk.offset, 10)
        if chunk.kind == "VP8L":
            bits = int.from_bytes(data[1:5], "little")
            width, height = 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
            return PixelCoding(width, height, bool(bits >> 28 & 1), exact_colours=True, format="WEBP")
        if chunk.kind == "VP8 " and alpha:
            width, height = struct.unpack("<6xHH", data)
            return PixelCoding(width & 0x3FFF, height & 0x3FFF, alpha=True, exact_colours=False, format="WEBP")
        if chunk.kind in ("VP8 ", "ANIM"):
            break
        alpha = alpha or chunk.kind == "ALPH"
    return None


_LAYOUT = _WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC, _SAMPLES = 256, 257, 258, 259, 262, 277
_EXACTLY = (1, 5, 8, 32773, 32946, 34925, 50000)
"""No compression, LZW, Deflate, PackBits, Deflate as it was numbered first, LZMA, Zstandard."""
_RGB = 2


def _tiff(source: Source) -> PixelCoding | None:
    first = itertools.takewhile(lambda field: field.ifd == "IFD0", tiff.fields(source))
    said = {field.tag: tiff.numbers(source, field) for field in first if field.tag in _LAYOUT}
    width, height, compression, photometric, samples = (
        int(next(iter(said.get(tag, ())), 0)) for tag in (_WIDTH, _HEIGHT, _COMPRESSION, _PHOTOMETRIC, _SAMPLES)
    )
    plain = photometric == _RGB and samples in (3, 4) and set(said.get(_BITS, ())) == {8}
    if not plain or compression not in _EXACTLY:
        return None
    return PixelCoding(width, height, alpha=False, exact_colours=True, format="TIFF")


def _bmp(source: Source) -> PixelCoding | None:
    width, height, bits, compression = struct.unpack("<ii2xHI", source.at(18, 16))
    if source.at(14, 4) == b"\x0c\0\0\0" or bits not in (24, 32) or compression:
        return None
    return PixelCoding(width, abs(height), alpha=False, exact_colours=True, format="BMP")


_CODINGS: dict[str, Callable[[Source], PixelCoding | None]] = {
    "image/png": _png,
    "image/webp": _webp,
    "image/tiff": _tiff,
    "image/bmp": _bmp,
}
MEDIA = frozenset(_CODINGS)
"""Media types of which some pictures are coded losslessly."""
