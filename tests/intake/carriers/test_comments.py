"""JPEG and GIF comments."""

from __future__ import annotations

import io

from PIL import Image

from provenance.intake.carriers.gif import Gif
from provenance.intake.carriers.jpeg import Jpeg
from provenance.model import Cause
from tests.intake.build import Heard, jpeg, segment, source


def test_jpeg_comments_before_the_picture_and_between_its_scans() -> None:
    data = jpeg(segment(0xFE, b"first\0"), segment(0xFE, b"  "), between=segment(0xFE, "zwölf".encode()))
    told = Heard(Jpeg(), source(data, "image/jpeg"))
    assert told.values("Comment") == ["first", "zwölf"]
    assert told.statements[0].where == "COM segment at byte 2"
    assert told.troubles == []


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
