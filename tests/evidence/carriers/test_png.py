from __future__ import annotations

import zlib

import pytest

from provenance.evidence.carriers.exif import Exif
from provenance.evidence.carriers.png import Png
from provenance.evidence.carriers.xmp import Xmp
from provenance.limits import Limits
from provenance.media.text import inflate
from provenance.model.vocabulary import Cause
from tests.evidence.build import Heard, inflated_size, png, png_chunk, source


def heard(data: bytes, limits: Limits | None = None) -> Heard:
    return Heard(Png(), source(data, "image/png", limits=limits or Limits()))


def test_text_in_every_kind_of_chunk_before_and_after_the_picture() -> None:
    compressed = zlib.compress("größer".encode())
    told = heard(png(
        [png_chunk(b"tEXt", b"parameters\0Steps: 20"), png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"packed"))],
        [png_chunk(b"iTXt", b"Title\0\1\0de\0Titel\0" + compressed), png_chunk(b"iTXt", "Plain\0\0\0\0\0été".encode())],
    ))  # fmt: skip
    assert told.said == {"parameters": "Steps: 20", "Comment": "packed", "Title": "größer", "Plain": "été"}
    assert told.statements[0].where == 'tEXt chunk "parameters" at byte 33'
    assert told.troubles == []


def test_private_chunk_of_animated_pictures() -> None:
    told = heard(png(after=[png_chunk(b"comf", b'prompt\0{"3": {"class_type": "KSampler"}}')]))
    assert told.said == {"prompt": '{"3": {"class_type": "KSampler"}}'}


@pytest.mark.parametrize("raw", ["naïve 画".encode(), "naïve".encode("latin-1")])
def test_text_is_latin_1_by_the_book_and_utf_8_in_the_wild(raw: bytes) -> None:
    (value,) = heard(png([png_chunk(b"tEXt", b"Comment\0" + raw)])).values("Comment")
    assert value.startswith("naïve")


def test_a_bomb_is_named_and_its_beginning_kept() -> None:
    bomb = png_chunk(b"zTXt", b"parameters\0\0" + inflated_size(3_000_000))
    told = heard(png([bomb]), Limits(inflated=100_000))
    assert [row.cause for row in told.troubles] == [Cause.OVERSIZED]
    assert 'zTXt chunk "parameters" at byte 33' in told.troubles[0].detail
    assert told.said == {"parameters": "A" * 100_000}


def test_many_bombs_share_one_allowance() -> None:
    bombs = [png_chunk(b"zTXt", b"x\0\0" + inflated_size(1_000_000))] * 50
    told = heard(png(bombs), Limits(inflated=100_000))
    assert sum(len(value) for value in told.values("x")) <= 4 * 100_000
    assert len(told.troubles) == 50


@pytest.mark.parametrize("keyword", [b"Raw profile type exif", b"Raw profile type xmp", b"XML:com.adobe.xmp"])
def test_bombs_under_names_that_others_read_share_it_too(keyword: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    unpacked: list[int] = []

    def counted(data: bytes, most: int) -> tuple[bytes, Cause | None]:
        text, loss = inflate(data, most)
        unpacked.append(len(text))
        return text, loss

    monkeypatch.setattr("provenance.media.formats.png.inflate", counted)
    data = png([png_chunk(b"zTXt", keyword + b"\0\0" + inflated_size(1_000_000))] * 50)
    for carrier in (Png(), Exif(), Xmp()):
        Heard(carrier, source(data, "image/png", limits=Limits(inflated=100_000)))
    assert sum(unpacked) <= 6 * 100_000


def test_damaged_compression_keeps_what_came_before() -> None:
    packed = zlib.compress(bytes(range(256)) * 2000, 0)
    told = heard(png([png_chunk(b"zTXt", b"x\0\0" + packed[:100_000] + b"\xff" * 99)]))
    assert [row.cause for row in told.troubles] == [Cause.MALFORMED]
    assert len(told.values("x")[0]) > 10_000


def test_a_truncated_file_still_says_what_is_there() -> None:
    whole = png([png_chunk(b"tEXt", b"a\0first")], [png_chunk(b"tEXt", b"b\0second is cut")], end=b"")
    told = heard(whole[:-8])
    assert told.said == {"a": "first", "b": "second is"}
    assert [row.cause for row in told.troubles] == [Cause.MALFORMED]


def test_packets_and_profiles_are_left_to_their_own_carriers() -> None:
    chunks = [
        png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<x/>"),
        png_chunk(b"tEXt", b"Raw profile type exif\0\nexif\n0\n"),
    ]
    assert heard(png(chunks)).statements == []
