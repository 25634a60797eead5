"""JPEG and GIF comments."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from provenance.evidence.carriers.gif import Gif
from provenance.evidence.carriers.jpeg import Jpeg
from provenance.evidence.signals.tc260 import Tc260
from provenance.model.vocabulary import Cause, Origin
from tests.evidence.build import Heard, jpeg, segment, source


def test_jpeg_comments_before_the_picture_and_between_its_scans() -> None:
    data = jpeg(segment(0xFE, b"first\0"), segment(0xFE, b"  "), between=segment(0xFE, "zwölf".encode()))
    told = Heard(Jpeg(), source(data, "image/jpeg"))
    assert told.values("Comment") == ["first", "zwölf"]
    assert told.statements[0].where == "COM segment at byte 2"
    assert told.troubles == []


@pytest.mark.parametrize("lead", [b"AIGC", b"AIGC\0", b'{"AIGC":', b"of a service\0AIGC: "])
def test_a_loose_label_in_an_application_segment(lead: bytes) -> None:
    label = b'{"Label":"1","ProduceID":"7"}'
    told = Heard(Jpeg(), source(jpeg(segment(0xEA, b"else"), segment(0xE9, lead + label)), "image/jpeg"))
    assert [(row.key, row.where) for row in told.statements] == [("AIGC", "APP9 segment at byte 10")]
    assert [row.origin for row in Tc260().read(told.statements)] == [Origin.GENERATED]
    elsewhere = jpeg(segment(0xE1, b"Exif\0\0" + lead + label), segment(0xE2, b"ICC_PROFILE\0" + lead + label))
    assert Heard(Jpeg(), source(elsewhere, "image/jpeg")).statements == []


def test_a_jpeg_cut_short_says_so() -> None:
    told = Heard(Jpeg(), source(jpeg(segment(0xFE, b"kept"))[:-6], "image/jpeg"))
    assert told.values("Comment") == ["kept"]
    assert [row.cause for row in told.troubles] == [Cause.MALFORMED]


def test_a_gif_comment_longer_than_one_block() -> None:
    file = io.BytesIO()
    frames = [Image.new("P", (30, 30), shade) for shade in (0, 90, 200)]
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:], comment=b"words " * 100)
    told = Heard(Gif(), source(file.getvalue(), "image/gif"))
    assert told.values("Comment")[0] == "words " * 100
    assert told.troubles == []
    cut = Heard(Gif(), source(file.getvalue()[:-5], "image/gif"))
    assert [row.cause for row in cut.troubles] == [Cause.MALFORMED]
