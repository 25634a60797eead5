"""Pixels of Photoshop layers: in every packing and depth what they were, and only where nothing else shows them."""

from __future__ import annotations

import contextlib
import io
import random

import numpy as np
import pytest
from PIL import Image

from provenance.limits import Limits
from provenance.media.formats.photoshop_layers import has_empty_merged_picture, walk_layer_pictures
from provenance.media.readable import Block, MalformedContainer, OversizedContainer
from tests.evidence.seen_pictures import make_layered
from tests.matching.paint import paint_picture

PICTURE = np.ascontiguousarray(paint_picture(3)[:90, :131])


@pytest.mark.parametrize("is_large", [False, True], ids=["psd", "psb"])
@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("packing", range(4))
def test_a_layer_shows_what_it_showed(packing: int, bits: int, *, is_large: bool) -> None:
    data = Block(make_layered(PICTURE, packing, bits, is_large=is_large), Limits())
    plate, above = walk_layer_pictures(data)
    assert (plate[:2], above[:2]) == ((1, "plate"), (2, "above"))
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(above[2]))), PICTURE)
    assert has_empty_merged_picture(data)


def test_a_document_that_shows_its_layers_together_is_not_unpacked() -> None:
    whole = make_layered(PICTURE, merged=1)
    # Of one colour, whatever the document says of it.
    assert has_empty_merged_picture(Block(whole, Limits()))
    drawn = whole[:-20] + bytes(range(20))
    assert not has_empty_merged_picture(Block(drawn, Limits()))


def test_large_layers_are_bounded() -> None:
    data = make_layered(PICTURE)
    with pytest.raises(OversizedContainer):
        list(walk_layer_pictures(Block(data, Limits(pixels=5000))))
    with pytest.raises(OversizedContainer):
        list(walk_layer_pictures(Block(data, Limits(child=1000))))


def test_a_layer_that_unpacks_to_more_than_it_shows_is_cut() -> None:
    data = Block(make_layered(PICTURE, 2), Limits())
    assert [number for number, _, _ in walk_layer_pictures(data)] == [1, 2]


def test_seeded_damage_ends_in_order() -> None:
    chance = random.Random(5)
    for packing in range(4):
        whole = make_layered(PICTURE, packing)
        for _ in range(60):
            damaged = bytearray(whole)
            for _ in range(3):
                damaged[chance.randrange(len(damaged) // 3)] = chance.randrange(256)
            block = Block(bytes(damaged[: chance.randrange(len(damaged))]), Limits())
            # Whatever is found, it ends, and with an error that says what is wrong.
            with contextlib.suppress(MalformedContainer):
                has_empty_merged_picture(block)
                list(walk_layer_pictures(block))
