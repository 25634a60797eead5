"""NovelAI's signature over pixels and settings, made here with a key of our own."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from PIL import Image, PngImagePlugin

from fixtures.media.hidden import embed_stealth_text
from provenance.evidence.carriers.signed_hash import NOVELAI, SignedHash
from provenance.evidence.signals.novelai import Novelai
from provenance.limits import DEFAULT, Limits
from provenance.model.evidence import Evidence
from provenance.model.vocabulary import Origin, Standing
from tests.evidence.build import Heard, source

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SETTINGS: dict[str, Any] = {
    "prompt": "1girl, テスト, \u2028", "steps": 28, "scale": 5.0, "seed": 2043807047, "uncond_scale": 1e-05,
    "sampler": "k_euler", "uc": "lowres", "v4_prompt": {"caption": {"base_caption": "1girl", "char_captions": []}},
}  # fmt: skip


def picture(width: int = 90, height: int = 110, channels: int = 3) -> Image.Image:
    return Image.fromarray(np.random.default_rng(4).integers(0, 256, (height, width, channels), np.uint8))


def comment(image: Image.Image, key: Ed25519PrivateKey = KEY) -> str:
    """The settings with a signature over the colours of a picture, as the service makes it."""
    colours = np.asarray(image)[..., :3].tobytes()
    signature = key.sign(colours + json.dumps(SETTINGS).encode())
    return json.dumps({**SETTINGS, "signed_hash": base64.b64encode(signature).decode()})


def saved(image: Image.Image, text: str | None = None, format_: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    if text is not None and format_ == "PNG":
        options["pnginfo"] = PngImagePlugin.PngInfo()
        options["pnginfo"].add_text("Comment", text)
    elif text is not None:
        options["exif"] = Image.Exif()
        options["exif"].get_ifd(0x8769)[0x9286] = b"ASCII\0\0\0" + json.dumps({"Comment": text}).encode()
    image.save(buffer, format_, **options)
    return buffer.getvalue()


def heard(data: bytes, media_type: str = "image/png", limits: Limits = DEFAULT) -> Heard:
    return Heard(SignedHash(KEY.public_key().public_bytes_raw()), source(data, media_type, limits=limits))


def told(got: Heard) -> list[Evidence]:
    return list(Novelai().read(got.statements))


@pytest.mark.parametrize("channels", [3, 4])
def test_a_signature_in_png_text_holds(channels: int) -> None:
    image = picture(channels=channels)
    [statement] = heard(saved(image, comment(image))).statements
    assert (statement.key, statement.value, statement.standing) == ("signed_hash", "valid", Standing.SIGNED)
    assert 'tEXt chunk "Comment"' in statement.where


def test_a_signature_in_the_exif_of_a_lossless_webp_holds() -> None:
    image = picture()
    data = saved(image, comment(image), "WEBP", lossless=True)
    assert heard(data, "image/webp").values("signed_hash") == ["valid"]


@pytest.mark.parametrize("format_", ["PNG", "WEBP"])
def test_a_signature_in_the_lowest_bits_of_alpha_holds(format_: str) -> None:
    image = picture()
    words = json.dumps({"Software": "NovelAI", "Comment": comment(image)})
    data = saved(embed_stealth_text(image, "stealth_pngcomp", words), None, format_, lossless=True)
    got = heard(data, f"image/{format_.lower()}")
    assert got.values("signed_hash") == ["valid"]
    assert "lowest bits of alpha" in got.statements[0].where


def test_one_changed_pixel_breaks_it() -> None:
    image = picture()
    text = comment(image)
    image.putpixel((50, 50), (1, 2, 3))
    [statement] = heard(saved(image, text)).statements
    assert (statement.value, statement.standing) == ("invalid", Standing.BROKEN)


def test_one_changed_word_breaks_it() -> None:
    image = picture()
    assert heard(saved(image, comment(image).replace("lowres", "lowRes"))).values("signed_hash") == ["invalid"]


@pytest.mark.parametrize(
    "signature", ["", "AAAA", "not base64!", "A" * 87, "ü" * 20, base64.b64encode(bytes(64)).decode()]
)
def test_signatures_of_any_shape_are_invalid(signature: str) -> None:
    text = json.dumps({**SETTINGS, "signed_hash": signature})
    assert heard(saved(picture(), text)).values("signed_hash") == ["invalid"]


def test_another_key_does_not_hold() -> None:
    image = picture()
    text = comment(image, Ed25519PrivateKey.generate())
    assert heard(saved(image, text)).values("signed_hash") == ["invalid"]
    assert Heard(SignedHash(), source(saved(image, comment(image)), "image/png")).values("signed_hash") == ["invalid"]
    assert len(NOVELAI) == 32


@pytest.mark.parametrize("text", ["", "signed_hash", '{"signed_hash": 7}', '{"signed_hash": null}', '["signed_hash"]',
                                  '{"Comment": {"signed_hash": "AAAA"}}', '{"Comment": "signed_hash"}'])  # fmt: skip
def test_words_without_a_signature_say_nothing(text: str) -> None:
    assert not heard(saved(picture(), text)).statements


def test_lossy_pictures_are_not_judged() -> None:
    image = picture()
    assert not heard(saved(image, comment(image), "WEBP", quality=90), "image/webp").statements


def test_what_is_too_large_or_cut_is_not_judged() -> None:
    image = picture(300, 300)
    data = saved(image, comment(image))
    assert not heard(data, limits=Limits(watermark_pixels=50_000)).statements
    assert not heard(data[: len(data) // 2]).statements


def test_many_signatures_are_not_all_looked_at() -> None:
    chunks = PngImagePlugin.PngInfo()
    for count in range(50):
        chunks.add_text("Comment", json.dumps({"signed_hash": f"{count}"}))
    assert len(heard(saved(picture(), None, pnginfo=chunks)).statements) == 4


def test_the_signal_tells_what_held_and_what_did_not() -> None:
    image = picture()
    [holds] = told(heard(saved(image, comment(image))))
    assert (holds.origin, holds.standing, holds.tool) == (Origin.GENERATED, Standing.SIGNED, "NovelAI")
    assert "published key" in holds.detail
    [broken] = told(heard(saved(image, comment(image).replace("lowres", "low"))))
    assert (broken.origin, broken.standing) == (Origin.GENERATED, Standing.BROKEN)
    assert "does not verify" in broken.detail
