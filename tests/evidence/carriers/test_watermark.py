"""The open watermark, read where it is and nowhere else."""

from __future__ import annotations

import functools
import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageFilter

from fixtures.media import pictures
from fixtures.media.hidden import embed_watermark, list_bits
from provenance.evidence.carriers.watermark import Watermark
from provenance.evidence.pixels import dwtdct
from provenance.limits import DEFAULT, Limits
from provenance.model.vocabulary import Standing
from tests.evidence.build import Heard, source

SDXL = "101100111110110010010000011110111011000110011110"
FLUX = "001010101111111010000111100111001111010100101110"
WRITTEN = {
    "sd1": list_bits("StableDiffusionV1"),
    "sd1 inpainting": list_bits("StableDiffusionV1-Inpainting"),
    "sd2": list_bits("SDV2"),
    "sdxl": SDXL,
    "flux": FLUX,
}
every_payload = pytest.mark.parametrize("bits", WRITTEN.values(), ids=WRITTEN)


@functools.cache
def natural(name: str = "harbour", seed: int = 1, size: tuple[int, int] = (512, 384)) -> Image.Image:
    return pictures.draw_scene(name, seed, size)


def saved(picture: Image.Image, format_: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, format_, **options)
    return buffer.getvalue()


def heard(data: bytes, media_type: str = "image/png", limits: Limits = DEFAULT) -> Heard:
    return Heard(Watermark(), source(data, media_type, limits=limits))


def near(said: str, bits: str) -> int:
    return sum(one == other for one, other in zip(said, bits, strict=True))


@every_payload
@pytest.mark.parametrize("floating", [False, True])
@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("name", ["harbour", "portrait", "city"])
def test_every_payload_in_every_way_of_writing(bits: str, floating: bool, swapped: bool, name: str) -> None:
    marked = embed_watermark(natural(name), bits, floating=floating, swapped=swapped)
    [statement] = heard(saved(marked)).statements
    assert near(statement.value, bits) >= len(bits) * 0.95
    assert (statement.key, statement.standing) == ("dwtDct", Standing.INFERRED)
    assert f"{len(bits)} bits" in statement.where


def test_the_least_that_must_be_right() -> None:
    assert {len(payload.bits): payload.least for payload in dwtdct.PAYLOADS} == {136: 120, 224: 198, 32: 32, 48: 44}
    assert [payload.bits for payload in dwtdct.PAYLOADS] == list(WRITTEN.values())


@pytest.mark.parametrize(
    ("format_", "media_type", "options"),
    [
        ("PNG", "image/png", {}),
        ("WEBP", "image/webp", {"lossless": True}),
        ("TIFF", "image/tiff", {"compression": "tiff_lzw"}),
        ("BMP", "image/bmp", {}),
    ],
)
def test_every_lossless_coding(format_: str, media_type: str, options: dict[str, Any]) -> None:
    assert heard(saved(embed_watermark(natural(), FLUX), format_, **options), media_type).values("dwtDct") == [FLUX]


def test_alpha_does_not_matter() -> None:
    marked = embed_watermark(natural(), SDXL)
    marked.putalpha(77)
    assert heard(saved(marked)).values("dwtDct") == [SDXL]


@pytest.mark.parametrize("ground", [(255, 255, 255), (0, 0, 0), (200, 180, 90)])
@pytest.mark.parametrize("place", [(0, 0, 512, 96), (0, 192, 512, 384)])
def test_flat_parts_only_weaken_a_mark(ground: tuple[int, int, int], place: tuple[int, int, int, int]) -> None:
    partly = natural().copy()
    partly.paste(ground, place)
    [statement] = heard(saved(embed_watermark(partly, SDXL))).statements
    assert near(statement.value, SDXL) >= 44


@every_payload
def test_jpeg_kills_it(bits: str) -> None:
    with Image.open(io.BytesIO(saved(embed_watermark(natural(), bits), "JPEG", quality=90))) as again:
        assert not heard(saved(again)).statements


@every_payload
def test_scaling_kills_it(bits: str) -> None:
    assert not heard(saved(embed_watermark(natural(), bits).resize((490, 368)))).statements


def test_another_payload_of_the_same_library_says_nothing() -> None:
    assert not heard(saved(embed_watermark(natural(), list_bits("qingquan")))).statements
    nearly = SDXL[:40] + "".join("10"[int(bit)] for bit in SDXL[40:])
    assert not heard(saved(embed_watermark(natural(), nearly))).statements


def test_pictures_that_the_library_refuses_are_not_searched() -> None:
    assert not heard(saved(embed_watermark(natural(size=(256, 248)), FLUX))).statements
    assert heard(saved(embed_watermark(natural(size=(256, 256)), FLUX))).statements


def test_a_picture_beyond_the_limit_is_said_to_be_not_searched() -> None:
    got = heard(saved(embed_watermark(natural(), FLUX), "BMP"), "image/bmp", Limits(watermark_pixels=100_000))
    assert not got.troubles
    assert list(got.said) == ["not searched"]
    assert "512 x 384" in got.said["not searched"]


def test_of_a_png_beyond_the_limit_the_first_rows_are_searched() -> None:
    limits = Limits(watermark_pixels=150_000)
    assert heard(saved(embed_watermark(natural(), FLUX)), limits=limits).values("dwtDct") == [FLUX]


def test_a_damaged_picture_gives_no_trouble() -> None:
    data = saved(embed_watermark(natural(), FLUX))
    got = heard(data[:5000])
    assert not got.statements
    assert not got.troubles


def unmarked() -> Iterator[Image.Image]:
    """Pictures of all kinds: drawn, noisy, smooth, flat, striped at the very lengths of the payloads."""
    chance = np.random.default_rng(7)
    for name in pictures.SCENES:
        picture = natural(name, 50, (512, 512))
        yield picture
        yield from (picture.rotate(angle) for angle in (90, 180, 270))
        yield picture.filter(ImageFilter.GaussianBlur(3))
    for _ in range(120):
        yield Image.fromarray(chance.integers(0, 256, (256, 256, 3), np.uint8))
    for _ in range(60):
        coarse = Image.fromarray(chance.integers(0, 256, (int(chance.integers(2, 40)),) * 2 + (3,), np.uint8))
        yield coarse.resize((384, 256), Image.Resampling.BICUBIC)
    for _ in range(60):
        yield Image.new("RGB", (256, 256), tuple(int(level) for level in chance.integers(0, 256, 3)))
    for count in (32, 48, 136, 224) * 15:
        stripes = chance.integers(0, 256, (1, count, 3), np.uint8).repeat(32, 0)
        yield Image.fromarray(stripes).resize((count * 8, 256), Image.Resampling.NEAREST)


def test_hundreds_of_unmarked_pictures_say_nothing() -> None:
    found = [list(dwtdct.find_watermarks(np.asarray(picture.convert("RGB")))) for picture in unmarked()]
    assert len(found) > 300
    assert not any(found)


def test_the_first_rows_tell_marked_from_unmarked() -> None:
    rows = 128
    for name in pictures.SCENES:
        plain = natural(name)
        assert not dwtdct.has_likely_watermark(np.asarray(plain)[:rows])
        for bits in WRITTEN.values():
            assert dwtdct.has_likely_watermark(np.asarray(embed_watermark(plain, bits))[:rows])


@pytest.mark.parametrize("size", [(1, 1), (7, 9), (8, 8), (9000, 8), (8, 9000), (300, 7)])
def test_pictures_of_any_shape(size: tuple[int, int]) -> None:
    samples = np.random.default_rng(3).integers(0, 256, (size[1], size[0], 3), np.uint8)
    assert not dwtdct.has_likely_watermark(samples)
    assert not list(dwtdct.find_watermarks(samples))
