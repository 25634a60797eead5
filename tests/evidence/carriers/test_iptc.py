"""IPTC records wherever they stand."""

from __future__ import annotations

import contextlib
import random
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.evidence.carriers.iptc import Iptc
from provenance.limits import DEFAULT
from provenance.media.formats import iptc
from provenance.media.readable import Block, MalformedContainer
from provenance.model.vocabulary import Cause
from tests.evidence.build import SMALL, Heard, inflated_size, jpeg, png, png_chunk, segment, source, tiff
from tests.evidence.carriers.test_psd import Maker, resource

CREDIT, CAPTION = "Made with Google AI", "Küste bei Nacht"


def dataset(number: int, data: bytes, record: int = 2) -> bytes:
    return bytes([0x1C, record, number]) + struct.pack(">H", len(data)) + data


RECORD = (
    dataset(90, b"\x1b%G", record=1)
    + dataset(0, b"\0\4")
    + dataset(110, CREDIT.encode())
    + dataset(120, CAPTION.encode())
    + dataset(25, b"night")
    + dataset(25, b"coast")
)
EVEN = RECORD + bytes(-len(RECORD) % 4)
TURNED = b"".join(EVEN[at : at + 4][::-1] for at in range(0, len(EVEN), 4))
PHOTOSHOP = b"Photoshop 3.0\0"
HEX = f"\niptc\n{len(RECORD):8d}\n{RECORD.hex()}\n".encode()
BLOCKS = resource(1036, bytes(31)) + resource(1028, RECORD)
SPLIT = segment(0xED, PHOTOSHOP + BLOCKS[:80]) + segment(0xED, PHOTOSHOP + BLOCKS[80:])
FILES = {
    "jpeg": (jpeg(segment(0xED, PHOTOSHOP + BLOCKS)), "image/jpeg"),
    "jpeg in two segments": (jpeg(SPLIT), "image/jpeg"),
    "psd": (Maker().document([], resources=BLOCKS), "image/vnd.adobe.photoshop"),
    "tiff": (tiff([{33723: (7, RECORD)}]), "image/tiff"),
    "tiff as numbers": (
        tiff([{33723: (4, TURNED)}]),
        "image/tiff",
    ),
    "tiff resources": (tiff([{34377: (1, BLOCKS)}]), "image/tiff"),
    "png": (png([png_chunk(b"tEXt", b"Raw profile type iptc\0" + HEX)]), "image/png"),
    "png resources": (
        png([png_chunk(b"tEXt", b"Raw profile type 8bim\0" + b"\n8bim\n1\n" + BLOCKS.hex().encode())]), "image/png"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("data", "kind"), FILES.values(), ids=FILES)
def test_records_are_read_wherever_they_stand(data: bytes, kind: str) -> None:
    told = Heard(Iptc(), source(data, kind))
    assert told.said == {"Credit": CREDIT, "Caption-Abstract": CAPTION, "Keywords": "coast"}
    assert told.values("Keywords") == ["night", "coast"]
    assert told.troubles == []


def test_other_letters_without_a_word_of_their_encoding() -> None:
    for said, expected in ((CAPTION.encode("latin-1"), CAPTION), (CAPTION.encode(), CAPTION)):
        data = jpeg(segment(0xED, PHOTOSHOP + resource(1028, dataset(120, said))))
        assert Heard(Iptc(), source(data, "image/jpeg")).said == {"Caption-Abstract": expected}


def test_a_dataset_of_many_bytes() -> None:
    long = b"\x1c\x02\x78\x80\x04" + struct.pack(">I", 40_000) + b"x" * 40_000
    data = Maker().document([], resources=resource(1028, long))
    assert len(Heard(Iptc(), source(data, "image/vnd.adobe.photoshop")).said["Caption-Abstract"]) == 40_000


def test_a_cut_dataset_is_told_after_the_others() -> None:
    data = jpeg(segment(0xED, PHOTOSHOP + resource(1028, RECORD + b"\x1c\x02\x05\x00\xffabc")))
    told = Heard(Iptc(), source(data, "image/jpeg"))
    assert told.said["Credit"] == CREDIT
    assert [row.cause for row in told.troubles] == [Cause.MALFORMED]


def test_a_profile_that_grows_is_bounded() -> None:
    data = png([png_chunk(b"zTXt", b"Raw profile type iptc\0\0" + inflated_size(1_000_000))])
    assert Heard(Iptc(), source(data, "image/png", limits=SMALL)).statements == []


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_give_datasets_or_the_word_of_the_walker(data: bytes) -> None:
    for whole in (data, b"\x1c\x02\x78" + data):
        with contextlib.suppress(MalformedContainer):
            list(iptc.walk_datasets(Block(whole, SMALL)))


@pytest.mark.parametrize(("data", "kind"), FILES.values(), ids=FILES)
def test_seeded_damage_ends_in_order(data: bytes, kind: str) -> None:
    rng = random.Random(2)
    for _ in range(60):
        hurt = bytearray(data)
        for _ in range(rng.randrange(1, 5)):
            hurt[rng.randrange(len(hurt))] = rng.randrange(256)
        Heard(Iptc(), source(bytes(hurt), kind, limits=DEFAULT))
