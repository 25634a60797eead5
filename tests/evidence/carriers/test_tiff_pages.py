"""Pages of a TIFF: each with its own words and its own picture, and none of them speaks for the first."""

from __future__ import annotations

import io
import random
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from provenance.limits import Limits
from provenance.media.formats.tiff_pages import walk_pages
from provenance.media.readable import Block
from provenance.model.vocabulary import Cause, Origin
from tests.evidence.build import SMALL, packet
from tests.evidence.looking import Look

PARAMETERS = "a cat\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 8x8"
GENERATED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
DESCRIPTION, XMP = 270, 700
PLACEHOLDER = 65000


def paint(number: int, mode: str = "RGB") -> Image.Image:
    noise = np.random.default_rng(number).integers(0, 256, (40, 50, 3), np.uint8)
    return Image.fromarray(noise).convert(mode)


def book(pages: Sequence[tuple[Image.Image, dict[int, Any]]], **options: Any) -> bytes:
    """Pages with tags of their own."""
    for image, tags in pages:
        image.encoderinfo = {"tiffinfo": tags}
    file = io.BytesIO()
    (first, tags), *rest = pages
    first.save(file, "TIFF", save_all=True, append_images=[image for image, _ in rest], tiffinfo=tags, **options)
    return file.getvalue()


def test_words_of_a_page_are_its_own(tmp_path: Path) -> None:
    mark = packet(f"<Iptc4xmpExt:DigitalSourceType>{GENERATED}</Iptc4xmpExt:DigitalSourceType>")
    tags: tuple[dict[int, Any], ...] = (
        {DESCRIPTION: "cover"}, {DESCRIPTION: PARAMETERS}, {XMP: mark}, {DESCRIPTION: "back"},
    )  # fmt: skip
    pages = [(paint(number), own) for number, own in enumerate(tags)]
    look = Look(book(pages), tmp_path)
    assert look.origins == {"page 2": Origin.GENERATED, "page 3": Origin.GENERATED, "page 4": Origin.UNKNOWN}
    assert (look.origin, look.causes, look.says("ImageDescription")) == (Origin.UNKNOWN, set(), ["cover"])


@pytest.mark.parametrize("big", [False, True], ids=["classic", "big"])
@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "tiff_adobe_deflate", "jpeg"])
@pytest.mark.parametrize("mode", ["RGB", "L", "P"])
def test_a_page_shows_what_it_showed(mode: str, compression: str, *, big: bool) -> None:
    if (mode, compression) == ("P", "jpeg"):
        pytest.skip("TIFF has no JPEG with a table of colours")
    pages: list[tuple[Image.Image, dict[int, Any]]] = [(paint(1, mode), {}), (paint(2, mode), {})]
    data = book(pages, compression=compression, big_tiff=big)
    ((name, content),) = walk_pages(Block(data, Limits()))
    assert name == "page 2"
    with Image.open(io.BytesIO(data)) as whole, Image.open(io.BytesIO(content)) as page:
        whole.seek(1)
        assert (page.mode, page.n_frames) == (whole.mode, 1)  # type: ignore[attr-defined]  # a TIFF has frames
        assert page.tobytes() == whole.tobytes()


def hold_inside(pages: list[tuple[Image.Image, dict[int, Any]]]) -> bytes:
    """Two pages, the second one turned into a sub-directory of the first."""
    (first, tags), second = pages
    placeholder = ImageFileDirectory_v2()
    placeholder.update(tags)
    placeholder.tagtype[PLACEHOLDER] = 4
    placeholder[PLACEHOLDER] = 77
    file = io.BytesIO()
    image, own = second
    image.encoderinfo = {"tiffinfo": own}
    first.save(file, "TIFF", save_all=True, append_images=[image], tiffinfo=placeholder)
    data = bytearray(file.getvalue())
    directory = int.from_bytes(data[4:8], "little")
    link = directory + 2 + 12 * int.from_bytes(data[directory : directory + 2], "little")
    entry = struct.pack("<HHII", PLACEHOLDER, 4, 1, 77)
    at = data.index(entry)
    data[at : at + 12] = struct.pack("<HHI", 330, 4, 1) + data[link : link + 4]
    data[link : link + 4] = bytes(4)
    return bytes(data)


def test_a_picture_inside_of_a_page_is_looked_at(tmp_path: Path) -> None:
    inside = paint(2).resize((120, 90))
    data = hold_inside([(paint(1), {}), (inside, {DESCRIPTION: PARAMETERS})])
    ((name, content),) = walk_pages(Block(data, Limits()))
    assert name == "page 1, sub-picture 1"
    with Image.open(io.BytesIO(content)) as picture:
        assert picture.tobytes() == inside.tobytes()
    assert Look(data, tmp_path).origins == {name: Origin.GENERATED}


def test_a_thumbnail_inside_of_a_page_is_none() -> None:
    data = hold_inside([(paint(1), {}), (paint(2), {})])
    assert list(walk_pages(Block(data, Limits()))) == []


def test_a_single_page_is_no_page(tmp_path: Path) -> None:
    assert Look(book([(paint(1), {})]), tmp_path).inside == {}


def test_damage_and_excess_are_told(tmp_path: Path) -> None:
    data = book([(paint(1), {}), (paint(2), {}), (paint(3), {})])
    look = Look(data, tmp_path, limits=Limits(child=1000))
    assert (look.inside, look.causes) == ({}, {Cause.OVERSIZED})
    assert Cause.OVERSIZED in Look(data, tmp_path, limits=Limits(children=1)).causes


def test_a_value_that_claims_gigabytes_is_as_long_as_it_is() -> None:
    data = book([(paint(1), {}), (paint(2), {DESCRIPTION: PARAMETERS})])
    entry = struct.pack("<HHI", DESCRIPTION, 2, len(PARAMETERS) + 1)
    assert data.count(entry) == 1
    damaged = data.replace(entry, struct.pack("<HHI", DESCRIPTION, 2, 0xFFFF_FF00))
    ((_, content),) = walk_pages(Block(damaged, Limits()))
    assert PARAMETERS.encode() in content
    assert len(content) <= 2 * len(data)


def test_seeded_damage_ends_in_order(tmp_path: Path) -> None:
    whole = book([(paint(1), {}), (paint(2), {DESCRIPTION: PARAMETERS})])
    rng = random.Random(6)
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(rng.randrange(1, 12)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        look = Look(bytes(data), tmp_path, limits=SMALL)
        assert not any("Error" in trouble.detail for trouble in look.own.troubles)
