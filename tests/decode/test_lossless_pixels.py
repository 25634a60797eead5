"""Samples of losslessly coded pictures: exactly those that were written, or none."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from provenance.decode import lossless_pixels
from provenance.limits import DEFAULT, Limits
from tests.evidence.build import png_chunk, source

TYPES = {"PNG": "image/png", "WEBP": "image/webp", "TIFF": "image/tiff", "BMP": "image/bmp"}


def noise(width: int, height: int, channels: int = 3, seed: int = 1) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, channels), np.uint8))


def saved(picture: Image.Image, format_: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, format_, **options)
    return buffer.getvalue()


def decoded(
    data: bytes, format_: str, count: int = 1_000_000, limits: Limits = DEFAULT
) -> lossless_pixels.Pixels | None:
    at = source(data, TYPES[format_], limits=limits)
    coding = lossless_pixels.find_coding(at)
    return lossless_pixels.decode_rows(at, coding, count) if coding else None


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize(("width", "height"), [(1, 1), (7, 300), (300, 7), (700, 500)])
@pytest.mark.parametrize("count", [1, 16, 129, 10_000])
def test_first_rows_of_a_png(width: int, height: int, channels: int, count: int) -> None:
    picture = noise(width, height, channels)
    got = decoded(saved(picture, "PNG"), "PNG", count)
    assert got is not None
    assert np.array_equal(got, np.asarray(picture)[:count])


def test_first_rows_need_only_the_beginning_of_a_file() -> None:
    data = saved(noise(400, 2000), "PNG")
    assert decoded(data[: len(data) // 3], "PNG", 16) is not None
    assert decoded(data[: len(data) // 3], "PNG") is None


@pytest.mark.parametrize(
    ("format_", "options"),
    [
        ("PNG", {}),
        ("WEBP", {"lossless": True}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("TIFF", {"compression": "tiff_adobe_deflate"}),
        ("BMP", {}),
    ],
)
def test_lossless_codings_give_what_was_written(format_: str, options: dict[str, Any]) -> None:
    picture = noise(300, 280)
    got = decoded(saved(picture, format_, **options), format_)
    assert got is not None
    assert np.array_equal(got, np.asarray(picture))


def test_a_broken_tiff_is_not_told_on_standard_error(capfd: pytest.CaptureFixture[str]) -> None:
    data = bytearray(saved(noise(300, 280), "TIFF", compression="tiff_lzw"))
    data[1000:200_000] = bytes(199_000)
    decoded(bytes(data), "TIFF")
    assert capfd.readouterr() == ("", "")


def test_alpha_of_a_lossy_webp_is_exact_and_its_colours_are_not() -> None:
    picture = noise(64, 64, 4)
    at = source(saved(picture, "WEBP", quality=60), "image/webp")
    coding = lossless_pixels.find_coding(at)
    assert coding
    assert (coding.alpha, coding.exact_colours) == (True, False)
    got = lossless_pixels.decode_rows(at, coding, 64)
    assert got is not None
    assert np.array_equal(got[..., 3], np.asarray(picture)[..., 3])


@pytest.mark.parametrize(
    ("data", "format_"),
    [
        (saved(noise(40, 40), "WEBP", quality=80), "WEBP"),
        (saved(noise(40, 40), "TIFF", compression="jpeg"), "TIFF"),
        (saved(noise(40, 40).convert("CMYK"), "TIFF"), "TIFF"),
        (saved(noise(40, 40).convert("P"), "PNG"), "PNG"),
        (saved(noise(40, 40).convert("L"), "PNG"), "PNG"),
        (saved(noise(40, 40).convert("P"), "BMP"), "BMP"),
        (saved(noise(40, 40), "WEBP", save_all=True, append_images=[noise(40, 40, 3, 2)], lossless=True), "WEBP"),
    ],
)
def test_others_are_left_alone(data: bytes, format_: str) -> None:
    assert lossless_pixels.find_coding(source(data, TYPES[format_])) is None


def test_an_interlaced_png_is_decoded_as_a_whole() -> None:
    """Sixteen grey pixels a side in the seven passes of Adam7, stored without filters."""
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    picture = np.asarray(noise(16, 16))
    raw = b"".join(b"\0" + row.tobytes() for x, y, dx, dy in passes for row in picture[y::dy, x::dx])
    header = struct.pack(">IIBBBBB", 16, 16, 8, 2, 0, 0, 1)
    data = b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", zlib.compress(raw))
    got = decoded(data + png_chunk(b"IEND", b""), "PNG", 4)
    assert np.array_equal(got if got is not None else [], picture[:4])


def test_what_is_too_large_is_not_decoded() -> None:
    small = Limits(watermark_pixels=50_000)
    assert decoded(saved(noise(300, 300), "BMP"), "BMP", 8, small) is None
    assert decoded(saved(noise(300, 300), "PNG"), "PNG", 300, small) is None
    assert decoded(saved(noise(300, 300), "PNG"), "PNG", 300, Limits(watermark_pixels=90_000)) is not None


def test_a_header_that_lies_gives_nothing() -> None:
    data = bytearray(saved(noise(300, 300), "PNG"))
    data[16:24] = struct.pack(">II", 60_000, 60_000)
    assert decoded(bytes(data), "PNG") is None
    assert decoded(bytes(data), "PNG", 16) is None


SEEDS = [
    (saved(noise(40, 24, 4), "PNG"), "PNG"),
    (saved(noise(40, 24), "WEBP", lossless=True), "WEBP"),
    (saved(noise(40, 24, 4), "WEBP", quality=50), "WEBP"),
    (saved(noise(40, 24), "BMP"), "BMP"),
    (saved(noise(40, 24), "TIFF"), "TIFF"),
]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SEEDS), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=6), st.floats(0, 1))
def test_damage_gives_rows_or_nothing(seed: tuple[bytes, str], changes: list[tuple[float, int]], cut: float) -> None:
    data = bytearray(seed[0])
    for place, value in changes:
        data[int(place * (len(data) - 1))] = value
    limits = Limits(watermark_pixels=100_000)
    got = decoded(bytes(data[: int(cut * len(data)) + 1]) if cut < 0.9 else bytes(data), seed[1], 16, limits)
    assert got is None or (got.ndim == 3 and len(got) <= 16)
