"""The part of a PDF page that holds its pictures, drawn by PDFium as a person sees it.

Most pictures of a document are files, or become one without being unpacked (`pdf_pictures`). The rest are seen on a
page alone: in codings and colours that no picture file has (JBIG2, spot colours), inside the page's own commands, cut
into strips, or as nothing but the transparency of a black plate.
"""

from __future__ import annotations

import itertools
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO, NamedTuple

from provenance.limits import Limits
from provenance.media.readable import MalformedContainer, MissingLibrary

_LONGEST_SIDE = 1280
"""Pixels of the drawn part: twice what a search looks at."""
_LEAST_SIDE = 4.0
"""Points (1/72 inch); a smaller part of a page shows nothing."""
_LARGEST_SCALE = 16.0
"""Pixels for a point. Nobody sees more in the smallest of pages."""
_DEEPEST_FORM = 8
"""Levels of forms within forms in which pictures are looked for."""
_DEFLATE_LEVEL = 1
"""The result is read once and thrown away."""
_BACKGROUND = (255, 255, 255, 255)


class Area(NamedTuple):
    """A part of a page, in points from its lower left corner."""

    left: float
    bottom: float
    right: float
    top: float


class DrawnPage(NamedTuple):
    """What a page shows where its pictures are."""

    number: int
    """From 1."""
    png: bytes
    pictures: int
    """How many pictures are on it, in forms too. Those in notes are not counted."""
    is_whole: bool
    """Whether every picture on it could be decoded. One that cannot is left out without a word."""


def draw_pages(file: BinaryIO, wanted: Mapping[int, bool], limits: Limits) -> Iterator[DrawnPage]:
    """Draw pages. `wanted`: number of each -> whether all of it is drawn, not only the part with its pictures.

    A page of which that part cannot be found out is drawn in full. Raises `MissingLibrary` without PDFium,
    `MalformedContainer` for a document or a page that it cannot draw, after all others were drawn.
    """
    try:
        # Imported here: few documents need it.
        import pypdfium2
    except ImportError:
        needed = "pages whose pictures can only be drawn need pypdfium2; install it with: pip install pypdfium2"
        raise MissingLibrary(f"PDF: {needed}") from None
    damage: MalformedContainer | None = None
    try:
        with pypdfium2.PdfDocument(file) as document:
            for number, in_full in wanted.items():
                try:
                    yield _draw_page(_Page(pypdfium2, document[number - 1], limits), number, in_full=in_full)
                except pypdfium2.PdfiumError as error:
                    damage = damage or MalformedContainer(f"PDF: page {number} cannot be drawn: {error}")
    except pypdfium2.PdfiumError as error:
        raise MalformedContainer(f"PDF: its pages cannot be drawn: {error}") from None
    if damage:
        raise damage


class _Page(NamedTuple):
    library: Any
    page: Any
    limits: Limits

    def list_pictures(self) -> list[Any]:
        """The pictures on the page and in its forms."""
        kinds = [self.library.raw.FPDF_PAGEOBJ_IMAGE]
        found = self.page.get_objects(kinds, max_depth=_DEEPEST_FORM)
        return list(itertools.islice(found, self.limits.chunks))


def _draw_page(opened: _Page, number: int, *, in_full: bool) -> DrawnPage:
    pictures = opened.list_pictures()
    width, height = opened.page.get_size()
    full = Area(0, 0, width, height)
    area = full
    # The numbers of a turned page count before it is turned.
    if not in_full and opened.page.get_rotation() == 0:
        area = _find_area(opened.page, pictures) or full
    longest = max(area.right - area.left, area.top - area.bottom)
    if longest < _LEAST_SIDE:
        area, longest = full, max(width, height)
    crop = (area.left, area.bottom, width - area.right, height - area.top)
    scale = min(_LONGEST_SIDE / longest, _LARGEST_SCALE)
    bitmap = opened.page.render(scale=scale, crop=crop, fill_color=_BACKGROUND, rev_byteorder=True)
    png = _write_png(bitmap.width, bitmap.height, bitmap.stride, bytes(bitmap.buffer))
    return DrawnPage(number, png, len(pictures), all(_is_decoded(opened.library, picture) for picture in pictures))


def _is_decoded(library: Any, picture: Any) -> bool:  # noqa: ANN401  # the library has no types
    try:
        picture.get_bitmap()
    except library.PdfiumError:
        return False
    return True


def _find_area(page: Any, pictures: Iterable[Any]) -> Area | None:  # noqa: ANN401
    """The smallest part of a page that holds its pictures; None when it has none, or they lie outside of it."""
    left, bottom, right, top = page.get_cropbox()
    area: Area | None = None
    for picture in pictures:
        # Places inside a form count from the form.
        if picture.container is not None:
            return None
        bounds = picture.get_bounds()
        lower = (max(bounds[0], left) - left, max(bounds[1], bottom) - bottom)
        upper = (min(bounds[2], right) - left, min(bounds[3], top) - bottom)
        found = Area(*lower, *upper)
        if found.right > found.left and found.top > found.bottom:
            area = found if area is None else _join(area, found)
    return area


def _join(area: Area, other: Area) -> Area:
    lows = (min(area.left, other.left), min(area.bottom, other.bottom))
    return Area(*lows, max(area.right, other.right), max(area.top, other.top))


def _write_png(width: int, height: int, stride: int, rgb: bytes) -> bytes:
    """A PNG of samples in red, green and blue, `stride` bytes a row."""
    rows = [b"\0" + rgb[start : start + 3 * width] for start in range(0, height * stride, stride)]
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(rows), _DEFLATE_LEVEL)), (b"IEND", b""))
    chunks = [struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
              for kind, data in parts]  # fmt: skip
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
