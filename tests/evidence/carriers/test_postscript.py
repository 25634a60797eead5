"""EPS files: a preview is a file of its own, and pictures that only PostScript draws are not passed over in silence."""

from __future__ import annotations

import io
import struct

import pytest
from PIL import Image

from provenance.evidence.carriers.postscript import Postscript
from provenance.evidence.interface import EmbeddedFile
from provenance.limits import Limits
from provenance.media.source import source_from_bytes
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause

HEAD = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n%%EndComments\n"
PROLOG = HEAD + b"/I { image } bind def\n/image load pop\n%%EndProlog\n"
VECTOR = PROLOG + b"newpath 0 0 moveto 8 8 lineto stroke\nshowpage\n%%EOF\n"


def read(data: bytes, limits: Limits | None = None) -> list[object]:
    source = source_from_bytes(data, "art.eps", limits or Limits())
    assert source.media_type == "application/postscript"
    return list(Postscript().read(source))


def with_header(postscript: bytes, metafile: bytes = b"", tiff: bytes = b"") -> bytes:
    first = 30
    places = (first, len(postscript), 0, len(metafile), first + len(postscript) + len(metafile), len(tiff))
    return b"\xc5\xd0\xd3\xc6" + struct.pack("<6IH", *places, 0xFFFF) + postscript + metafile + tiff


def tiff() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(file, "TIFF")
    return file.getvalue()


def test_a_tiff_preview_is_a_file_of_its_own() -> None:
    assert read(with_header(VECTOR, tiff=tiff())) == [EmbeddedFile("preview.tif", tiff())]


def test_a_drawing_without_pictures_raises_nothing() -> None:
    assert read(VECTOR) == []


@pytest.mark.parametrize(
    "page",
    [
        b"8 8 8 [8 0 0 -8 0 8] {currentfile 8 string readhexstring pop} image\nff\n",
        b"8 8 8 [8 0 0 8 0 0] {<ff>} false 3 colorimage\r",
        b'%ImageData: 8 8 8 3 1 8 2 "beginimage"\nbeginimage\n',
        b"%%BeginBinary: 64\nbeginimage\n",
        b"%%BeginData: 64 Hex Bytes\nff\n",
        b"%AI5_BeginRaster\n",
    ],
)
def test_a_picture_that_is_only_drawn_is_reported(page: bytes) -> None:
    (trouble,) = read(PROLOG + page)
    assert isinstance(trouble, Trouble)
    assert (trouble.cause, "not looked at" in trouble.detail) == (Cause.UNSUPPORTED, True)


def test_a_picture_beyond_the_first_block_is_reported() -> None:
    data = PROLOG + b"0 0 moveto\n" * 600 + b"8 8 8 [8 0 0 8 0 0] {<ff>} image\n"
    assert len(read(data, Limits(block=1024))) == 1


def test_a_metafile_and_a_preview_that_is_cut_off_are_reported() -> None:
    rows = read(with_header(VECTOR, metafile=b"meta", tiff=tiff())[:-20])
    assert [row.cause for row in rows if isinstance(row, Trouble)] == [Cause.UNSUPPORTED, Cause.MALFORMED]


@pytest.mark.parametrize("block", [1024, 1 << 20])
def test_without_a_prolog_everything_is_pages(block: int) -> None:
    data = HEAD + b"0 0 moveto\n" * 600 + b"8 8 8 [8 0 0 8 0 0] {<ff>} image\n" + b"0 0 moveto\n" * 600
    assert len(read(data, Limits(block=block))) == 1


@pytest.mark.parametrize("block", [1024, 1 << 20])
def test_what_a_long_prolog_defines_is_no_picture(block: int) -> None:
    data = HEAD + b"/I {\nimage\n} def\n" * 300 + b"%%EndProlog\n0 0 moveto\n" * 300
    assert read(data, Limits(block=block)) == []
