"""Walkers: what they find in sound files, and that no bytes make them raise anything but their own word."""

from __future__ import annotations

import contextlib
import random
import struct
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.limits import DEFAULT, Limits
from provenance.media.formats import dpx, exr, gif, heif, isobmff, jpeg, photoshop, png, rdf, riff, tiff
from provenance.media.readable import Block, MalformedContainer, OversizedContainer
from tests.evidence import build
from tests.evidence.build import SMALL, box

TIFF = build.tiff(
    [{0x10F: (2, b"Maker\0"), 0x8769: (4, 1), 0x14A: (4, 2)}, {0x829A: (5, struct.pack("<II", 1, 250))},
     {0x100: (3, b"\x40\0")}, {0x131: (2, b"Page two\0")}],
    links={0: 3},
)  # fmt: skip
GIF = (
    b"GIF89a\x01\0\x01\0\x80\0\0"
    + bytes(6)
    + b"!\xfe\x05hello\x06 world\0"
    + (b"!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0" + b",\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0" + b"!\xfe\x03end\0" + b";")
)
EXR = b"v/1\x01\x02\0\0\0" + b"software\0string\0\x04\0\0\0Nuke" + b"displayWindow\0box2i\0" + struct.pack(
    "<i4i", 16, 0, 0, 1919, 1079
) + b"\0"  # fmt: skip
PSD = b"8BPS\0\x01" + bytes(6) + struct.pack(">HIIHH", 3, 30, 40, 8, 3) + bytes(4) + struct.pack(">I", 24) + (
    b"8BIM\x04\x24\0\0" + struct.pack(">I", 3) + b"<x>\0" + b"8BIM\x04\x22\0\0" + bytes(4)
)  # fmt: skip
HEIC = box("ftyp", b"heic\0\0\0\0heic") + box(
    "meta", bytes(4), box("hdlr", bytes(24)),
    box("iinf", bytes(4), b"\0\x01", box("infe", b"\x02\0\0\0", b"\0\x07\0\0Exif\0")),
    box("iloc", bytes(4), b"\x44\0", b"\0\x01", b"\0\x07\0\0\0\x01", struct.pack(">II", 20, 4)),
    box("iprp", box("ipco", box("ispe", bytes(4), struct.pack(">II", 64, 48)))),
)  # fmt: skip
MP4 = box("ftyp", b"isom\0\0\0\0") + box("mdat", b"media") + box(
    "moov", box("udta", box(b"\xa9swr", b"\0\x03\0\0Abc"), bytes(4)), box("uuid", bytes.fromhex(isobmff.XMP), b"<x>")
)  # fmt: skip
WAV = build.riff(b"WAVE", build.riff_chunk(b"LIST", b"INFO" + build.riff_chunk(b"ISFT", b"Tool\0")),
                 build.riff_chunk(b"data", bytes(9)))  # fmt: skip
PNG = build.png([build.png_chunk(b"tEXt", b"a\0b")], [build.png_chunk(b"zTXt", b"c\0\0" + build.inflated_size(9))])
JPEG = build.jpeg(build.segment(0xFE, b"before"), between=build.segment(0xFE, b"between"))
DPX = b"SDPX" + bytes(156) + b"Program".ljust(100, b"\0") + bytes(512) + struct.pack(">II", 2048, 858) + bytes(1300)

Walk = Callable[[Block], Any]
WALKS: dict[str, tuple[Walk, bytes]] = {
    "jpeg": (lambda block: list(jpeg.walk_segments(block)), JPEG),
    "png": (lambda block: [png.read_text(block, chunk) for chunk in png.walk_chunks(block)], PNG),
    "riff": (lambda block: list(riff.walk_chunks(block)), WAV),
    "isobmff": (lambda block: list(isobmff.walk_boxes(block)), MP4),
    "heif": (lambda block: [heif.read_item(block, item) for item in heif.read_items(block)], HEIC),
    "extent": (heif.find_largest_size, HEIC),
    "tiff": (
        lambda block: [(tiff.read_value(block, f), tiff.read_numbers(block, f)) for f in tiff.walk_fields(block)],
        TIFF,
    ),
    "gif": (lambda block: [gif.join_blocks(block, extension) for extension in gif.walk_extensions(block)], GIF),
    "exr": (lambda block: list(exr.walk_attributes(block)), EXR),
    "dpx": (lambda block: [dpx.DpxHeader(block).read_text(name) for name in dpx.TEXT_FIELDS], DPX),
    "photoshop": (lambda block: list(photoshop.walk_resources(block)), PSD),
    "rdf": (
        lambda block: list(rdf.flatten_properties(block.data, 8)),
        build.packet("<dc:format>image/png</dc:format>"),
    ),
}
every = pytest.mark.parametrize(("walk", "valid"), WALKS.values(), ids=WALKS)


def cut_short(walk: Walk, data: bytes, limits: Limits = SMALL) -> None:
    with contextlib.suppress(MalformedContainer):
        walk(Block(data, limits))


@every
def test_sound_files_are_walked_to_the_end(walk: Walk, valid: bytes) -> None:
    assert walk(Block(valid, DEFAULT))


@every
@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=400))
def test_any_bytes_give_nothing_but_the_word_of_the_walker(walk: Walk, valid: bytes, data: bytes) -> None:
    cut_short(walk, data)
    cut_short(walk, valid[:16] + data)


@every
def test_every_truncation_and_seeded_damage_ends_in_order(walk: Walk, valid: bytes) -> None:
    rng = random.Random(20)
    for length in range(0, len(valid), 1 + len(valid) // 200):
        cut_short(walk, valid[:length])
    for _ in range(600):
        cut_short(walk, damaged(valid, rng))


def damaged(data: bytes, rng: random.Random) -> bytes:
    """The same bytes with a few of them overwritten, put in, taken out or repeated."""
    made = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 6))):
        at = rng.randrange(len(made)) if made else 0
        how = rng.randrange(4)
        if how == 0:
            made[at : at + 4] = rng.choice((b"\xff\xff\xff\xff", bytes(4), b"\x7f\xff\xff\xff", rng.randbytes(4)))
        elif how == 1:
            made[at:at] = rng.randbytes(rng.randrange(1, 9))
        elif how == 2:
            del made[at : at + rng.randrange(1, 30)]
        else:
            made[at:at] = made[at : at + rng.randrange(1, 60)]
    return bytes(made)


def test_jpeg_segments_before_and_between_the_scans_and_the_end() -> None:
    found = list(jpeg.walk_segments(Block(JPEG + b"trailer", DEFAULT)))
    comments = [JPEG[s.offset : s.offset + s.length] for s in found if s.marker == jpeg.COM]
    assert comments == [b"before", b"between"]
    assert found[-1].marker == jpeg.EOI
    assert found[-1].offset == len(JPEG)


def test_jpeg_without_an_end_says_so_after_everything_else() -> None:
    walk = jpeg.walk_segments(Block(build.jpeg(build.segment(0xFE, b"x"), end=b""), DEFAULT))
    assert next(walk).marker == jpeg.COM
    with pytest.raises(MalformedContainer, match="without an end"):
        list(walk)


def test_png_chunks_stand_anywhere_also_behind_the_end_chunk() -> None:
    data = PNG + build.png_chunk(b"tEXt", b"late\0text") + b"appended"
    kinds = [chunk.kind for chunk in png.walk_chunks(Block(data, DEFAULT))]
    assert kinds == ["IHDR", "tEXt", "IDAT", "zTXt", "IEND", "tEXt"]


def test_png_with_bad_checksums_is_read_all_the_same() -> None:
    broken = bytearray(PNG)
    broken[29:33] = b"\0\0\0\0"
    assert len(list(png.walk_chunks(Block(bytes(broken), DEFAULT)))) == 5


def test_riff_kinds_orders_and_lists() -> None:
    def inner(order: str) -> list[bytes]:
        words = build.riff_chunk(b"ISFT", b"Tool", order)
        return [build.riff_chunk(b"LIST", b"INFO" + words, order), build.riff_chunk(b"odd ", b"xyz", order)]

    for magic, order in ((b"RIFF", "<"), (b"RIFX", ">")):
        data = build.riff(b"AVI ", *inner(order), magic=magic, order=order)
        assert [(c.kind, c.path, c.length) for c in riff.walk_chunks(Block(data, DEFAULT))] == [
            ("ISFT", "AVI /INFO", 4),
            ("odd ", "AVI ", 3),
        ]


def test_rf64_takes_the_size_of_its_data_from_the_chunk_before() -> None:
    wide = build.riff_chunk(b"ds64", struct.pack("<QQQI", 0, 6, 0, 0))
    data = b"RF64\xff\xff\xff\xffWAVE" + wide + b"data\xff\xff\xff\xff" + bytes(6) + build.riff_chunk(b"AIGC", b"{}")
    assert [(c.kind, c.length) for c in riff.walk_chunks(Block(data, DEFAULT))][1:] == [("data", 6), ("AIGC", 2)]


def test_riff_sizes_left_open_or_counted_with_the_header_are_no_damage() -> None:
    body = b"WAVE" + build.riff_chunk(b"fmt ", bytes(16))
    for size in (0, 0xFFFFFFFF, len(body) + 8):
        data = b"RIFF" + struct.pack("<I", size) + body
        assert [c.kind for c in riff.walk_chunks(Block(data, DEFAULT))] == ["fmt "]
    with pytest.raises(MalformedContainer):
        list(riff.walk_chunks(Block(b"RIFF" + struct.pack("<I", 5000) + body, DEFAULT)))


def test_a_second_riff_behind_the_first_is_walked() -> None:
    data = build.riff(b"AVI ", build.riff_chunk(b"aaaa", b"")) + build.riff(b"AVIX", build.riff_chunk(b"bbbb", b""))
    assert [c.kind for c in riff.walk_chunks(Block(data, DEFAULT))] == ["aaaa", "bbbb"]


def test_boxes_with_wide_sizes_open_ends_and_a_moov_at_the_tail() -> None:
    wide = struct.pack(">I4sQ", 1, b"mdat", 16 + 3) + b"abc"
    data = (
        box("ftyp", b"isom")
        + wide
        + box("moov", box("udta", box("AIGC", b"{}")))
        + struct.pack(">I4s", 0, b"free")
        + b"xy"
    )
    found = {b.inner_path: b.length for b in isobmff.walk_boxes(Block(data, DEFAULT))}
    assert found == {"ftyp": 4, "mdat": 3, "moov": 18, "moov/udta": 10, "moov/udta/AIGC": 2, "free": 2}


def test_a_lying_box_loses_nothing_behind_it() -> None:
    liar = box("udta", struct.pack(">I4s", 9999, b"name") + b"x")
    found: list[str] = []
    with pytest.raises(MalformedContainer, match="'name'"):
        found.extend(
            b.inner_path
            for b in keep(isobmff.walk_boxes(Block(box("moov", liar) + box("uuid", bytes(16)), DEFAULT)), found)
        )
    assert found[-1] == "0" * 32


def keep(walk: Iterator[isobmff.Box], found: list[str]) -> Iterator[isobmff.Box]:
    for item in walk:
        found.append(item.inner_path)
        yield item


def test_heif_items_know_their_bytes() -> None:
    (item,) = heif.read_items(Block(HEIC, DEFAULT))
    assert (item.number, item.kind) == (7, "Exif")
    assert heif.read_item(Block(HEIC, DEFAULT), item) == HEIC[20:24]
    assert heif.find_largest_size(Block(HEIC, DEFAULT)) == (64, 48)


@pytest.mark.parametrize("order", ["<", ">"])
def test_tiff_directories_of_every_kind(order: str) -> None:
    data = build.tiff([{0x10F: (2, b"Maker\0"), 0x8769: (4, 1)}, {0x829A: (5, struct.pack(order + "II", 1, 250))},
                       {0x131: (2, b"two\0")}], order, links={0: 2})  # fmt: skip
    block = Block(data, DEFAULT)
    found = {(f.ifd, f.tag): f for f in tiff.walk_fields(block)}
    assert set(found) == {("IFD0", 0x10F), ("IFD0", 0x8769), ("Exif IFD", 0x829A), ("IFD1", 0x131)}
    assert str(tiff.read_numbers(block, found["Exif IFD", 0x829A])[0]) == "1/250"
    assert tiff.read_value(block, found["IFD1", 0x131]) == b"two\0"


def test_big_tiff() -> None:
    entry = struct.pack("<HHQ", 0x131, 2, 12) + struct.pack("<Q", 16 + 8 + 20 + 8)
    data = b"II+\0\x08\0\0\0" + struct.pack("<Q", 16) + struct.pack("<Q", 1) + entry + bytes(8) + b"Long enough\0"
    block = Block(data, DEFAULT)
    (field,) = tiff.walk_fields(block)
    assert tiff.read_value(block, field) == b"Long enough\0"


def test_a_loop_of_directories_ends() -> None:
    data = build.tiff([{0x131: (2, b"a\0")}, {0x8769: (4, 0)}], links={0: 1, 1: 0})
    assert len(list(tiff.walk_fields(Block(data, DEFAULT)))) == 2


def test_a_field_of_four_thousand_million_values_costs_nothing() -> None:
    entry = struct.pack("<HHII", 0x927C, 7, 0xFFFFFFFF, 30)
    block = Block(b"II*\0\x08\0\0\0" + struct.pack("<H", 1) + entry + bytes(40), DEFAULT)
    (field,) = tiff.walk_fields(block)
    assert len(tiff.read_value(block, field)) == block.size - 30


def test_gif_extensions_between_the_pictures() -> None:
    block = Block(GIF, DEFAULT)
    found = list(gif.walk_extensions(block))
    assert [e.kind for e in found] == [gif.COMMENT, "NETSCAPE2.0", gif.COMMENT, gif.END]
    assert found[-1].offset == len(GIF)
    assert gif.join_blocks(block, found[0]) == b"hello world"


def test_exr_parts_are_counted() -> None:
    two = b"v/1\x01\x02\x10\0\0" + b"name\0string\0\x01\0\0\0a\0" + b"name\0string\0\x01\0\0\0b\0\0"
    found = [(a.part, two[a.offset : a.offset + a.length]) for a in exr.walk_attributes(Block(two, DEFAULT))]
    assert found == [(0, b"a"), (1, b"b")]


def test_photoshop_resources() -> None:
    found = list(photoshop.walk_resources(Block(PSD, DEFAULT)))
    assert [(r.number, PSD[r.offset : r.offset + r.length]) for r in found] == [(1060, b"<x>"), (1058, b"")]


@pytest.mark.parametrize(
    ("walk", "data"),
    [
        (jpeg.walk_segments, build.jpeg(*[build.segment(0xFE, b"")] * 600)),
        (png.walk_chunks, build.png([build.png_chunk(b"tEXt", b"")] * 600)),
        (riff.walk_chunks, build.riff(b"WAVE", *[build.riff_chunk(b"junk", b"")] * 600)),
        (riff.walk_chunks, build.riff(b"WAVE", build.riff_chunk(b"LIST", b"abcd" + b"LIST\xff\xff\xff\x7fabcd" * 20))),
        (isobmff.walk_boxes, box("free") * 600),
        (tiff.walk_fields, build.tiff([dict.fromkeys(range(1000, 1600), (3, b"\0\0"))])),
        (gif.walk_extensions, GIF[:19] + b"!\xfe\0" * 600),
        (exr.walk_attributes, b"v/1\x01\x02\0\0\0" + b"a\0b\0\0\0\0\0" * 600),
    ],
    ids=lambda value: getattr(value, "__module__", "")[-8:],
)
def test_endless_structures_are_told_as_too_large(walk: Callable[[Block], Iterator[object]], data: bytes) -> None:
    with pytest.raises(OversizedContainer):
        list(walk(Block(data, SMALL)))


def test_deep_boxes_end_at_the_depth_allowed() -> None:
    data = b""
    for _ in range(40):
        data = box("moov", data)
    with pytest.raises(OversizedContainer):
        list(isobmff.walk_boxes(Block(data, DEFAULT)))
