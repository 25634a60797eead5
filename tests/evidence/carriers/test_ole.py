"""Compound files: essence in an AAF, and what else has streams."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.limits import DEFAULT, Limits
from provenance.media.formats.ole import OleStorage
from provenance.media.readable import Block, MalformedContainer
from provenance.model.vocabulary import Cause, Origin
from tests.evidence.build import SMALL, compound, png, png_chunk, riff, riff_chunk
from tests.evidence.looking import Look

LABEL = b'{"Label":"1","ContentProducer":"a service","ProduceID":"7"}'
TONE = riff(b"WAVE", riff_chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, 48000, 96000, 2, 16)),
            riff_chunk(b"AIGC", LABEL), riff_chunk(b"data", bytes(9600)))  # fmt: skip
STILL = png([png_chunk(b"tEXt", b"Comment\0plain"), png_chunk(b"prVt", bytes(9000))])
sectors = pytest.mark.parametrize("shift", [9, 12])


@sectors
def test_embedded_essence_is_a_row(shift: int, tmp_path: Path) -> None:
    data = compound({"Data-2702": TONE, "properties": bytes(5000), "Data-2703": STILL}, shift)
    look = Look(data, tmp_path)
    assert look.own.asset.media_type == "application/x-aaf"
    assert look.origins == {"Data-2702": Origin.GENERATED, "Data-2703": Origin.UNKNOWN}
    assert look.inside["Data-2702"].asset.size == len(TONE)
    assert (look.origin, look.causes) == (Origin.UNKNOWN, set())


@sectors
def test_a_cut_list_without_essence_is_a_row_without_a_trouble(shift: int, tmp_path: Path) -> None:
    look = Look(compound({"properties": bytes(5000)}, shift), tmp_path)
    assert (look.inside, look.own.troubles) == ({}, ())


def test_other_files_of_the_kind_are_searched_and_say_so(tmp_path: Path) -> None:
    look = Look(compound({"Pictures": STILL}, kind=bytes(16)), tmp_path)
    assert look.types == {"Pictures": "image/png"}
    assert look.causes == {Cause.UNSUPPORTED}


def test_a_table_too_long_for_the_header() -> None:
    data = bytes(8_000_000) + b"end"
    storage = OleStorage(Block(compound({"Data": data}), DEFAULT))
    (entry,) = storage.walk_streams()
    assert storage.read_stream(entry) == data


@pytest.mark.parametrize("sector", [0, 1], ids=["of the directory", "of a stream"])
def test_a_chain_in_a_circle_ends(sector: int, tmp_path: Path) -> None:
    data = bytearray(compound({"Data": TONE}))
    (table,) = struct.unpack_from("<I", data, 76)
    struct.pack_into("<I", data, (table + 1) * 512 + 4 * (sector + 1), sector + 1)
    struct.pack_into("<I", data, (table + 1) * 512, 0 if sector == 0 else 0xFFFFFFFE)
    look = Look(bytes(data), tmp_path)
    assert "loop" in look.told(Cause.MALFORMED)
    assert len(look.inside) <= 1


def test_a_stream_too_large_is_told(tmp_path: Path) -> None:
    look = Look(compound({"Data": TONE}), tmp_path, limits=Limits(child=5000))
    assert "Data" in look.told(Cause.OVERSIZED)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60), st.integers(0, 2500))
def test_any_damage_gives_nothing_but_the_word_of_the_walker(data: bytes, place: int) -> None:
    whole = compound({"Data": TONE})
    for hurt in (whole[:place] + data + whole[place + len(data) :], whole[: place + 512]):
        try:
            storage = OleStorage(Block(hurt, SMALL))
            for entry in storage.walk_streams():
                storage.read_beginning(entry)
                storage.read_stream(entry)
        except MalformedContainer:
            pass


def test_seeded_damage_ends_in_order(tmp_path: Path) -> None:
    rng = random.Random(5)
    whole = compound({"Data": TONE, "more": STILL})
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(rng.randrange(1, 6)):
            place = rng.randrange(8, len(data) - 4)
            data[place : place + 4] = rng.choice((b"\xff\xff\xff\xff", bytes(4), rng.randbytes(4)))
        Look(bytes(data), tmp_path, limits=SMALL)
