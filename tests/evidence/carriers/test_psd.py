"""Photoshop documents, laid out as Photoshop lays them out: layers, placed files, its note on generative tools."""

from __future__ import annotations

import random
import struct
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.limits import DEFAULT, Limits
from provenance.media.formats import photoshop, photoshop_placed
from provenance.media.formats.photoshop_descriptor import DescriptorReader
from provenance.media.readable import Block, MalformedContainer
from provenance.model.vocabulary import Cause, Origin
from tests.evidence.build import SMALL, packet
from tests.evidence.carriers.test_archive import zipped
from tests.evidence.looking import MARKED, PLAIN, Look

NOTHING = "A" * 36
IDS = ("0a1b2c3d-0000-1177-97ef-000000000001", "0a1b2c3d-0000-1177-97ef-000000000002")


def word(name: str) -> bytes:
    return struct.pack(">I", 0 if len(name) == 4 else len(name)) + name.encode()


def unicode(text: str) -> bytes:
    return struct.pack(">I", len(text) + 1) + text.encode("utf-16-be") + b"\0\0"


def descriptor(kind: str, *values: bytes, versioned: bool = True) -> bytes:
    body = unicode("")[:4] + b"\0\0" + word(kind) + struct.pack(">I", len(values)) + b"".join(values)
    return (struct.pack(">I", 16) if versioned else b"") + body


def value(name: str, kind: str, data: bytes) -> bytes:
    return word(name) + kind.encode() + data


def text(name: str, said: str) -> bytes:
    return value(name, "TEXT", unicode(said))


def number(name: str, said: int) -> bytes:
    return value(name, "long", struct.pack(">i", said))


class Maker:
    """Builds a document: `wide` for PSB."""

    def __init__(self, wide: bool = False) -> None:
        self.wide = wide

    def length(self, data: bytes) -> bytes:
        return struct.pack(">Q" if self.wide else ">I", len(data)) + data

    def block(self, key: str, data: bytes, padding: int = 4) -> bytes:
        size = ">Q" if self.wide and key in ("lnk2", "lnkE", "Lr16") else ">I"
        return b"8BIM" + key.encode() + struct.pack(size, len(data)) + data + b"\0" * (-len(data) % padding)

    def layer(self, name: str, shows: str = "", closes: bool = False) -> bytes:
        blocks = self.block("luni", unicode(name), 1)
        if shows:
            transform = value("Trnf", "VlLs", struct.pack(">I", 1) + b"doub" + struct.pack(">d", 1.5))
            blocks += self.block(
                "SoLd", b"soLD" + struct.pack(">I", 4) + descriptor("null", transform, text("Idnt", shows)), 1
            )
        if closes:
            blocks += self.block("lsct", struct.pack(">I", 3), 1)
        pascal = bytes([len(name)]) + name.encode()
        pascal += b"\0" * (-len(pascal) % 4)
        extra = struct.pack(">I", 0) + struct.pack(">I", 8) + bytes(8) + pascal + blocks
        channels = struct.pack(">H", 1) + struct.pack(">HQ" if self.wide else ">HI", 0, 2)
        return bytes(16) + channels + b"8BIMnorm\xff\0\0\0" + struct.pack(">I", len(extra)) + extra

    def records(self, layers: Sequence[bytes]) -> bytes:
        return struct.pack(">h", -len(layers)) + b"".join(layers) + bytes(2) * len(layers)

    def document(self, layers: Sequence[bytes], *blocks: bytes, resources: bytes = b"") -> bytes:
        section = self.length(self.records(layers)) if layers else self.length(b"")
        section += struct.pack(">I", 0) + b"".join(blocks)
        head = b"8BPS" + struct.pack(">H", 2 if self.wide else 1) + bytes(6) + struct.pack(">HIIHH", 3, 8, 8, 8, 3)
        return (
            head
            + struct.pack(">I", 0)
            + struct.pack(">I", len(resources))
            + resources
            + self.length(section)
            + bytes(194)
        )


def embedded(uuid: str, name: str, data: bytes, version: int = 7) -> bytes:
    said = b"liFD" + struct.pack(">I", version) + bytes([len(uuid)]) + uuid.encode() + unicode(name) + b"png 8BIM"
    opened = descriptor("null", value("compInfo", "Objc", descriptor("null", number("compID", -1), versioned=False)))
    said += struct.pack(">Q", len(data)) + b"\1" + opened + data
    said += (
        (unicode("") if version >= 5 else b"") + (bytes(8) if version >= 6 else b"") + (b"\0" if version >= 7 else b"")
    )
    return struct.pack(">Q", len(said)) + said + b"\0" * (-len(said) % 4)


def external(uuid: str, name: str) -> bytes:
    alias = value("alis", "alis", struct.pack(">I", 5) + b"bytes")
    link = descriptor("ExternalFileLink", number("descVersion", 1), text("Nm  ", name), alias)
    said = b"liFE" + struct.pack(">I", 7) + bytes([len(uuid)]) + uuid.encode() + unicode(name) + b"png 8BIM"
    said += struct.pack(">Q", 0) + b"\0" + link + bytes(16) + struct.pack(">Q", 999) + unicode("") + bytes(9)
    return struct.pack(">Q", len(said)) + said + b"\0" * (-len(said) % 4)


def generative(used: int, *models: str) -> bytes:
    named = b"".join(b"TEXT" + unicode(model) for model in models)
    return descriptor("genTechInfo", number("isUsingGenTech", used),
                      value("externalModelList", "VlLs", struct.pack(">I", len(models)) + named))  # fmt: skip


def resource(kind: int, data: bytes) -> bytes:
    return b"8BIM" + struct.pack(">H", kind) + b"\0\0" + struct.pack(">I", len(data)) + data + b"\0" * (len(data) % 2)


both = pytest.mark.parametrize("wide", [False, True], ids=["psd", "psb"])


@both
def test_placed_files_are_named_after_their_layers(wide: bool, tmp_path: Path) -> None:
    make = Maker(wide)
    layers = [make.layer("Background"), make.layer("</Layer group>", closes=True), make.layer("Sky", IDS[0]),
              make.layer("Group 1"), make.layer("Sky again", IDS[0])]  # fmt: skip
    files = embedded(IDS[0], "sky.png", MARKED) + embedded(IDS[1], "unused.png", PLAIN) + external(NOTHING, "far.png")
    look = Look(make.document(layers, make.block("Patt", b"x" * 5), make.block("lnk2", files)), tmp_path)
    assert look.origins == {"layer 2 (sky.png)": Origin.GENERATED, "unused.png": Origin.UNKNOWN}
    assert look.says("layer name") == ["Background", "Sky", "Group 1", "Sky again"]
    assert look.says("placed file") == ["far.png"]
    assert (look.origin, look.causes) == (Origin.UNKNOWN, set())


@both
@pytest.mark.parametrize("version", [1, 4, 5, 6, 7])
def test_every_version_of_a_placed_file(wide: bool, version: int, tmp_path: Path) -> None:
    make = Maker(wide)
    files = embedded(IDS[0], "a.png", MARKED, version) + embedded(IDS[1], "b.png", PLAIN, version)
    look = Look(make.document([], make.block("lnk2", files)), tmp_path)
    assert look.origins == {"a.png": Origin.GENERATED, "b.png": Origin.UNKNOWN}


@both
def test_documents_of_more_than_eight_bits_keep_their_layers_elsewhere(wide: bool, tmp_path: Path) -> None:
    make = Maker(wide)
    inside = make.block("Lr16", make.records([make.layer("Deep", IDS[0])]))
    look = Look(make.document([], inside, make.block("lnk2", embedded(IDS[0], "a.png", MARKED))), tmp_path)
    assert look.says("layer name") == ["Deep"]
    assert list(look.inside) == ["layer 1 (a.png)"]


def test_a_document_placed_in_a_document_in_an_archive(tmp_path: Path) -> None:
    make = Maker()
    inner = make.document([], make.block("lnk2", embedded(IDS[0], "still.png", MARKED)))
    outer = make.document([make.layer("Comp", IDS[1])], make.block("lnk2", embedded(IDS[1], "comp.psb", inner)))
    look = Look(zipped({"key art.psd": outer}), tmp_path)
    assert look.origins["key art.psd!layer 1 (comp.psb)!still.png"] is Origin.GENERATED


@both
@pytest.mark.parametrize(("used", "origin"), [(1, Origin.PARTLY_GENERATED), (0, Origin.UNKNOWN)])
def test_the_note_on_generative_tools(wide: bool, used: int, origin: Origin, tmp_path: Path) -> None:
    make = Maker(wide)
    look = Look(make.document([make.layer("Fill")], make.block("GenI", generative(used, "A Model"))), tmp_path)
    assert look.origin is origin
    assert look.says("isUsingGenTech") == [str(used)]
    assert look.says("externalModelList") == ["A Model"]
    assert [row.used.model for row in look.own.evidence if row.used] == ["A Model"] * used


def test_words_of_the_document_are_read_beside(tmp_path: Path) -> None:
    digital = "<Iptc4xmpExt:DigitalSourceType>http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
    credit = b"\x1c\x02\x6e\0\x13Made with Google AI"
    resources = resource(1028, credit) + resource(1060, packet(digital + "</Iptc4xmpExt:DigitalSourceType>"))
    look = Look(Maker().document([], resources=resources), tmp_path)
    assert {row.signal for row in look.own.evidence} == {"credit_line", "digital_source_type"}


def test_damage_of_one_part_leaves_the_others(tmp_path: Path) -> None:
    make = Maker()
    layers = [make.layer("one").replace(b"8BIMnorm", b"XXXXnorm")]
    blocks = make.block("GenI", generative(1)), make.block("lnk2", embedded(IDS[0], "a.png", MARKED))
    look = Look(make.document(layers, *blocks), tmp_path)
    assert look.causes == {Cause.MALFORMED}
    assert look.origin is Origin.PARTLY_GENERATED
    assert list(look.inside) == ["a.png"]


def test_a_placed_file_that_is_too_large_or_lies(tmp_path: Path) -> None:
    make = Maker()
    document = make.document([], make.block("lnk2", embedded(IDS[0], "a.png", MARKED)))
    large = Look(document, tmp_path, limits=Limits(child=50))
    assert "a.png" in large.told(Cause.OVERSIZED)
    size = struct.pack(">Q", len(MARKED))
    lying = Look(document.replace(size, struct.pack(">Q", 2**40)), tmp_path)
    assert (lying.causes, lying.inside) == ({Cause.MALFORMED}, {})


def test_lengths_beyond_all_numbers(tmp_path: Path) -> None:
    make = Maker(wide=True)
    document = make.document([make.layer("one")], make.block("lnk2", embedded(IDS[0], "a.png", MARKED)))
    for place in range(30, 160, 4):
        look = Look(document[:place] + b"\xff" * 8 + document[place + 8 :], tmp_path)
        assert all("Error" not in trouble.detail for trouble in look.own.troubles)


def test_thirty_thousand_layers_cost_little(tmp_path: Path) -> None:
    make = Maker()
    look = Look(make.document([make.layer("x")] * 30_000), tmp_path)
    assert len(look.says("layer name")) == 1000


def test_descriptors_of_every_kind_are_measured() -> None:
    parts = (
        b"prop" + unicode("") + word("Lyr ") + word("name"),
        b"Enmr" + unicode("") + word("Lyr ") + word("Ordn") + word("Trgt"),
        b"Idnt" + unicode("") + word("Lyr ") + bytes(4),
        b"name" + unicode("") + word("Lyr ") + unicode("n"),
    )
    reference = struct.pack(">I", len(parts)) + b"".join(parts)
    numbers = value("Hrzn", "UnFl", b"#Pxl" + struct.pack(">I", 2) + bytes(16))
    array = struct.pack(">I", 2) + descriptor("rationalPoint", numbers, versioned=False)
    made = descriptor(
        "null", value("a", "doub", struct.pack(">d", 0.5)), value("b", "UntF", b"#Pxl" + bytes(8)),
        value("c", "comp", struct.pack(">q", 7)), value("d", "bool", b"\1"),
        value("e", "enum", word("sort") + word("last")),
        value("f", "Clss", unicode("") + word("name")), value("g", "tdta", struct.pack(">I", 3) + b"abc"),
        value("h", "obj ", reference), value("i", "ObAr", array), text("j", "end"),
    )  # fmt: skip
    walk = DescriptorReader(Block(made, DEFAULT), 0)
    walk.read_with_version()
    assert walk.values == [("a", "0.5"), ("c", "7"), ("d", "True"), ("e", "last"), ("j", "end")]
    assert walk.position == len(made)


def test_descriptors_without_end_are_refused() -> None:
    deep = b"".join(b"\0\0\0\0\0\0\0\0null\0\0\0\1\0\0\0\0nextObjc" for _ in range(60))
    endless = descriptor("null")[:-4] + b"\xff\xff\xff\xff" + number("next", 1) * 1000
    for data in (struct.pack(">I", 16) + deep, endless, descriptor("null", value("a", "????", b""))):
        with pytest.raises(MalformedContainer):
            DescriptorReader(Block(data, SMALL), 0).read_with_version()


def walked(data: bytes) -> None:
    block = Block(data, SMALL)
    for walk in (photoshop.walk_layers, photoshop.walk_blocks, photoshop_placed.walk_files, photoshop.walk_resources):
        try:
            for item in walk(block):
                if isinstance(item, photoshop.Layer):
                    photoshop_placed.find_shown_file(block, item)
        except MalformedContainer:
            pass


MAKE = Maker()
FILES = MAKE.block("lnk2", embedded(IDS[0], "a", b"x") + external(IDS[1], "b"))
WHOLE = MAKE.document([MAKE.layer("a", IDS[0])] * 3, FILES, MAKE.block("GenI", generative(1)))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=40), st.integers(0, len(WHOLE)))
def test_any_damage_gives_nothing_but_the_word_of_the_walker(data: bytes, place: int) -> None:
    walked(WHOLE[:place] + data + WHOLE[place + len(data) :])
    walked(WHOLE[:place] + data)


def test_seeded_damage_ends_in_order(tmp_path: Path) -> None:
    rng = random.Random(12)
    for _ in range(100):
        data = bytearray(WHOLE)
        for _ in range(rng.randrange(1, 6)):
            place = rng.randrange(4, len(data))
            data[place : place + 4] = rng.choice((b"\xff\xff\xff\xff", bytes(4), rng.randbytes(4)))
        Look(bytes(data), tmp_path, limits=SMALL)
