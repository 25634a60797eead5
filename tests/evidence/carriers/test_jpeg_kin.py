"""JPEG XL and JPEG 2000: packed boxes, comments of codestreams."""

from __future__ import annotations

import contextlib
import struct
import sys
from pathlib import Path

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.evidence.carriers.jpeg2000 import Jpeg2000
from provenance.limits import Limits
from provenance.media.formats import jpeg2000
from provenance.media.readable import Block, MalformedContainer
from provenance.model.vocabulary import Cause, Origin
from tests.evidence.build import SMALL, Heard, box, packet, source, tiff
from tests.evidence.looking import Look

DIGITAL = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
MARK = packet(f"<Iptc4xmpExt:DigitalSourceType>{DIGITAL}</Iptc4xmpExt:DigitalSourceType>")
PARAMETERS = b"a cat\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 8x8"
EXIF = bytes(4) + tiff([{0x8769: (4, 1)}, {0x9286: (7, b"ASCII\0\0\0" + PARAMETERS)}])
JXL = box("JXL ", b"\r\n\x87\n") + box("ftyp", b"jxl \0\0\0\0jxl ")


def packed(kind: bytes, data: bytes) -> bytes:
    return box("brob", kind, brotli.compress(data))


@pytest.mark.parametrize("wrap", [box, packed], ids=["bare", "packed"])
@pytest.mark.parametrize(("kind", "data", "signal"), [(b"xml ", MARK, "digital_source_type"), (b"Exif", EXIF, "a1111")])
def test_words_in_boxes_bare_and_packed(wrap: object, kind: bytes, data: bytes, signal: str, tmp_path: Path) -> None:
    assert callable(wrap)
    look = Look(JXL + wrap(kind, data) + box("jxlc", b"\xff\x0a"), tmp_path)
    assert ({row.signal for row in look.own.evidence}, look.causes) == ({signal}, set())
    assert look.origin is Origin.GENERATED


def test_a_packed_manifest_is_told_as_not_read(tmp_path: Path) -> None:
    look = Look(JXL + packed(b"jumb", b"manifest"), tmp_path)
    assert "compressed jumb box" in look.told(Cause.UNSUPPORTED)


def test_without_the_library_it_says_which_extra_helps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = JXL + packed(b"xml ", MARK) + box("Exif", EXIF)
    monkeypatch.setitem(sys.modules, "brotli", None)
    look = Look(data, tmp_path)
    assert "provenance[jxl]" in look.told(Cause.NOT_INSTALLED)
    assert {row.signal for row in look.own.evidence} == {"a1111"}  # what lies bare is read all the same


def test_a_packed_bomb_and_packed_damage(tmp_path: Path) -> None:
    bomb = Look(JXL + packed(b"xml ", bytes(5_000_000)), tmp_path, limits=Limits(inflated=100_000))
    assert "more than 100,000 bytes" in bomb.told(Cause.OVERSIZED)
    for content in (b"\xff" * 40, brotli.compress(MARK)[:-9], b""):
        assert Look(JXL + box("brob", b"xml ", content), tmp_path).causes == {Cause.MALFORMED}


def segment(marker: int, data: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data


CODESTREAM = b"\xff\x4f" + segment(0x51, bytes(36)) + segment(0x64, b"\0\1" + PARAMETERS) + segment(0x64, b"\0\0\1\2\3")
TILE = segment(0x90, bytes(8)) + b"\xff\x93data"
JP2 = box(b"jP  ", b"\r\n\x87\n") + box("ftyp", b"jp2 \0\0\0\0jp2 ")


def test_comments_of_codestreams() -> None:
    for data, kind in ((CODESTREAM + TILE, "image/x-j2c"), (JP2 + box("jp2c", CODESTREAM + TILE), "image/jp2")):
        told = Heard(Jpeg2000(), source(data, kind))
        assert (told.said, told.troubles) == ({"Comment": PARAMETERS.decode()}, [])


def test_a_cut_header_is_told() -> None:
    told = Heard(Jpeg2000(), source(CODESTREAM[:-3], "image/x-j2c"))
    assert told.said == {"Comment": PARAMETERS.decode()}
    assert [row.cause for row in told.troubles] == [Cause.MALFORMED]


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_give_segments_or_the_word_of_the_walker(data: bytes) -> None:
    for whole, kind in ((b"\xff\x4f" + data, "image/x-j2c"), (box("jp2c", b"\xff\x4f", data), "image/jp2")):
        with contextlib.suppress(MalformedContainer):
            list(jpeg2000.walk_segments(Block(whole, SMALL), kind))
