"""Sizes and coding of pictures, from their headers."""

from __future__ import annotations

import struct

import pytest

from provenance.limits import DEFAULT
from provenance.media.formats import bmp, png, tiff, webp
from provenance.media.readable import Block, MalformedContainer
from tests.evidence import build


def block(data: bytes) -> Block:
    return Block(data, DEFAULT)


def short(*values: int) -> tuple[int, bytes]:
    return 3, struct.pack(f"<{len(values)}H", *values)


RGB = {0x100: short(64), 0x101: short(48), 0x102: short(8, 8, 8), 0x103: short(5), 0x106: short(2), 0x115: short(3)}


def test_the_layout_of_a_tiff_is_that_of_its_first_directory() -> None:
    data = build.tiff([RGB, {0x100: short(9), 0x103: short(7)}], links={0: 1})
    assert tiff.read_layout(block(data)) == tiff.TiffLayout(64, 48, (8, 8, 8), 5, 2, 3)


def test_a_tiff_without_numbers_has_zeros() -> None:
    data = build.tiff([{0x131: (2, b"Tool\0")}])
    assert tiff.read_layout(block(data)) == tiff.TiffLayout(0, 0, (), 0, 0, 0)


def test_a_width_that_is_not_a_number_is_zero() -> None:
    infinite = build.tiff([{0x100: (5, struct.pack("<II", 1, 0)), 0x101: short(48)}])
    assert tiff.read_layout(block(infinite))[:2] == (0, 48)
    # The builder has no floats: the type of the width is changed afterwards.
    not_a_number = build.tiff([{0x100: (4, struct.pack("<f", float("nan"))), 0x101: short(48)}]).replace(
        struct.pack("<HHI", 0x100, 4, 1), struct.pack("<HHI", 0x100, 11, 1)
    )
    assert tiff.read_layout(block(not_a_number))[:2] == (0, 48)


def test_the_layout_of_something_else_is_refused() -> None:
    with pytest.raises(MalformedContainer):
        tiff.read_layout(block(b"not a TIFF at all"))


VP8X = b"\x10\0\0\0" + (1919).to_bytes(3, "little") + (1079).to_bytes(3, "little")
VP8 = b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 640 | 0x4000, 480)
VP8L = b"\x2f" + (319 | 239 << 14 | 1 << 28).to_bytes(4, "little") + bytes(5)


@pytest.mark.parametrize(
    ("chunks", "header"),
    [
        ([(b"VP8X", VP8X), (b"ALPH", b""), (b"VP8 ", VP8)], webp.WebpHeader(1920, 1080, has_alpha=True)),
        ([(b"VP8 ", VP8)], webp.WebpHeader(640, 480, has_alpha=False)),
        ([(b"VP8L", VP8L)], webp.WebpHeader(320, 240, has_alpha=True)),
        ([(b"EXIF", b"")], None),
    ],
    ids=["canvas", "lossy", "lossless", "no picture"],
)
def test_the_first_picture_chunk_of_a_webp_gives_its_size(
    chunks: list[tuple[bytes, bytes]], header: webp.WebpHeader | None
) -> None:
    data = build.riff(b"WEBP", *[build.riff_chunk(kind, content) for kind, content in chunks])
    assert webp.read_header(block(data)) == header


def test_png_and_bitmap_headers_survive_a_cut_behind_their_sizes() -> None:
    picture = build.png()
    assert png.read_header(block(picture[:24])) == (*png.read_header(block(picture))[:2], 0, 0, 0)
    bitmap = b"BM" + bytes(12) + struct.pack("<IiiHHI", 40, 8, -6, 1, 24, 0)
    assert bmp.read_header(block(bitmap)) == bmp.BmpHeader(8, 6, 24, 0)
    assert bmp.read_header(block(bitmap[:26])) == bmp.BmpHeader(8, 6, 0, 0)
    with pytest.raises(struct.error):
        bmp.read_header(block(bitmap[:20]))
