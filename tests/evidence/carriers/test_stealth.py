"""Words in the lowest bits of the pixels."""

from __future__ import annotations

import io
import json
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from fixtures.media.hidden import embed_stealth_text
from provenance.evidence.carriers.stealth import Stealth
from provenance.limits import DEFAULT, Limits
from provenance.model.vocabulary import Cause
from tests.evidence.build import Heard, source

SIGNATURES = ("stealth_pnginfo", "stealth_pngcomp", "stealth_rgbinfo", "stealth_rgbcomp")
every_signature = pytest.mark.parametrize("signature", SIGNATURES)
PARAMETERS = "a cat\nNegative prompt: dog\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Model: テスト"


def noise(width: int = 64, height: int = 80, seed: int = 1) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8))


def saved(picture: Image.Image, format_: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, format_, **options)
    return buffer.getvalue()


def heard(data: bytes, media_type: str = "image/png", limits: Limits = DEFAULT) -> Heard:
    return Heard(Stealth(), source(data, media_type, limits=limits))


@every_signature
def test_every_layout_is_read_in_png(signature: str) -> None:
    got = heard(saved(embed_stealth_text(noise(), signature, PARAMETERS)))
    assert got.said == {"parameters": PARAMETERS}
    assert not got.troubles
    place = "alpha" if "png" in signature else "red, green and blue"
    assert got.statements[0].where == f"lowest bits of {place}, {signature}"


@every_signature
def test_every_layout_is_read_in_lossless_webp(signature: str) -> None:
    data = saved(embed_stealth_text(noise(), signature, PARAMETERS), "WEBP", lossless=True, exact=True)
    assert heard(data, "image/webp").said == {"parameters": PARAMETERS}


def test_alpha_of_a_lossy_webp_keeps_its_bits_and_the_colours_do_not() -> None:
    in_alpha = saved(embed_stealth_text(noise(), "stealth_pngcomp", PARAMETERS), "WEBP", quality=70)
    assert heard(in_alpha, "image/webp").said == {"parameters": PARAMETERS}
    in_colours = saved(embed_stealth_text(noise(), "stealth_rgbcomp", PARAMETERS), "WEBP", quality=70)
    assert not heard(in_colours, "image/webp").statements


@every_signature
@pytest.mark.parametrize("size", [(400, 3), (400, 15), (3, 400), (17, 120), (16, 119), (1200, 200)])
def test_pictures_of_any_shape(signature: str, size: tuple[int, int]) -> None:
    assert heard(saved(embed_stealth_text(noise(*size), signature, "Steps: 1"))).said == {"parameters": "Steps: 1"}


def test_an_object_of_texts_speaks_under_its_own_keys() -> None:
    words = {"Software": "NovelAI", "Comment": json.dumps({"steps": 28, "uc": ""})}
    assert heard(saved(embed_stealth_text(noise(), "stealth_pngcomp", json.dumps(words)))).said == words


def test_any_other_object_is_the_parameters() -> None:
    swarm = json.dumps({"sui_image_params": {"prompt": "a cat"}})
    assert heard(saved(embed_stealth_text(noise(), "stealth_pngcomp", swarm))).said == {"parameters": swarm}


def test_alpha_and_colours_of_one_picture_both_speak() -> None:
    both = embed_stealth_text(embed_stealth_text(noise(), "stealth_rgbinfo", "one"), "stealth_pnginfo", "two")
    assert heard(saved(both)).values("parameters") == ["two", "one"]


def test_pictures_without_a_text_say_nothing() -> None:
    for seed in range(40):
        opaque, clear = noise(seed=seed), noise(seed=seed)
        opaque.putalpha(255)
        clear.putalpha(Image.fromarray(np.random.default_rng(seed).integers(0, 256, (80, 64), np.uint8)))
        for picture in (opaque, clear):
            got = heard(saved(picture))
            assert not got.statements
            assert not got.troubles


@pytest.mark.parametrize("wrong", ["stealth_pngindo", "Stealth_pnginfo", "stealth_pnginf0"])
def test_one_letter_off_is_no_signature(wrong: str) -> None:
    assert not heard(saved(embed_stealth_text(noise(), wrong, PARAMETERS))).statements


def test_a_jpeg_is_not_read() -> None:
    assert not Stealth().accepts_type("image/jpeg")


def test_a_length_beyond_the_picture_is_told_and_the_text_kept() -> None:
    samples = np.array(embed_stealth_text(noise(), "stealth_pnginfo", "Steps: 20"))
    length = np.unpackbits(np.frombuffer((1 << 19).to_bytes(4), np.uint8))
    column = samples[..., 3].T.reshape(-1).copy()
    column[120:152] = 254 | length
    samples[..., 3] = column.reshape(64, 80).T
    got = heard(saved(Image.fromarray(samples)))
    assert [row.cause for row in got.troubles] == [Cause.MALFORMED]
    assert got.values("parameters")[0].startswith("Steps: 20")


def test_a_text_that_unpacks_without_end_is_bounded() -> None:
    got = heard(saved(embed_stealth_text(noise(), "stealth_pngcomp", "A" * 300_000)), limits=Limits(inflated=10_000))
    assert [row.cause for row in got.troubles] == [Cause.OVERSIZED]
    assert len(got.values("parameters")[0]) == 10_000


def test_a_picture_cut_behind_its_signature_is_a_trouble() -> None:
    data = saved(embed_stealth_text(noise(600, 600), "stealth_pngcomp", PARAMETERS))
    got = heard(data[: len(data) * 3 // 4])
    assert [row.cause for row in got.troubles] == [Cause.MALFORMED]
    assert not got.statements


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SIGNATURES), st.integers(0, 2**32 - 1), st.binary(max_size=200))
def test_any_bits_behind_a_signature(signature: str, length: int, content: bytes) -> None:
    bits = np.unpackbits(np.frombuffer(signature.encode() + length.to_bytes(4) + content, np.uint8))
    samples = np.array(embed_stealth_text(noise(30, 140), signature, ""))
    channels = slice(3, 4) if "png" in signature else slice(0, 3)
    columns = samples[..., channels].transpose(1, 0, 2)
    stream = columns.reshape(-1)
    stream[: len(bits)] = 254 | bits
    samples[..., channels] = stream.reshape(columns.shape).transpose(1, 0, 2)
    got = heard(saved(Image.fromarray(samples)), limits=Limits(inflated=5_000))
    assert all(len(row.value) <= 5_000 for row in got.statements)
    assert all(row.cause in (Cause.MALFORMED, Cause.OVERSIZED) for row in got.troubles)


@pytest.mark.parametrize("count", range(60))
def test_damaged_files_raise_nothing(count: int) -> None:
    dice = random.Random(count)
    data = bytearray(saved(embed_stealth_text(noise(), "stealth_pngcomp", PARAMETERS), "WEBP" if count % 2 else "PNG"))
    for _ in range(4):
        data[dice.randrange(len(data))] = dice.randrange(256)
    heard(bytes(data), "image/webp" if count % 2 else "image/png")
