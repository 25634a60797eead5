"""From a file to statements: what is read in stills, movies and sequences, where and how often, with its cut-out."""

from __future__ import annotations

import io
import time
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
import pytest
from av.video.stream import VideoStream
from PIL import Image, ImageDraw, ImageFont

from provenance.decode.sequence import FrameSequenceStream
from provenance.evidence.text.visible_text import LINE, LINE_IN_SHOTS, LINE_ONCE, LOOKED
from provenance.labels import look, reader
from provenance.labels.look import look_at_frames, look_for_labels
from provenance.labels.weights import find_weights
from provenance.limits import DEFAULT
from provenance.media.source import reopen
from provenance.model.asset import Cutout
from provenance.model.evidence import Statement, Trouble
from provenance.model.vocabulary import Cause

needs_reader = pytest.mark.skipif(find_weights() is None, reason="the extra labels is not installed")
SIZE = (640, 360)


def frame(text: str = "", place: tuple[float, float] = (0.5, 0.5), *, gray: int = 60) -> Image.Image:
    """A frame with a few shapes and a line of white text."""
    picture = Image.new("RGB", SIZE, (gray, gray, gray + 20))
    pen = ImageDraw.Draw(picture)
    for number in range(6):
        pen.ellipse(
            (number * 110, gray % 90 + 40, number * 110 + 60 + gray % 40, 220), fill=(gray // 2, 90, number * 30)
        )
    font = ImageFont.load_default(28)
    pen.text((SIZE[0] * place[0], SIZE[1] * place[1]), text, font=font, fill="white", anchor="mm")
    return picture


def write_movie(path: Path, shots: Sequence[tuple[Image.Image, float]], codec: str = "mpeg4") -> Path:
    """Shots, each one still for some seconds, at 8 frames a second."""
    with av.open(str(path), "w") as container:
        stream = cast("VideoStream", container.add_stream(codec, 8))
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.bit_rate = 4_000_000
        for picture, seconds in shots:
            for _ in range(round(seconds * 8)):
                container.mux(stream.encode(av.VideoFrame.from_ndarray(np.asarray(picture), format="rgb24")))
        container.mux(stream.encode())
    return path


def to_fast_start(path: Path) -> bytes:
    """The bytes of a movie with its index in front."""
    target = path.with_name("fast.mov")
    with av.open(str(path)) as source, av.open(str(target), "w", options={"movflags": "faststart"}) as container:
        stream = container.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None:
                packet.stream = stream
                container.mux(packet)
    return target.read_bytes()


def look_at(path: Path, until: float = float("inf")) -> tuple[dict[str, str], dict[str, Statement], list[look.Row]]:
    """Value -> key of what was read, value -> statement, and everything."""
    with reopen(str(path).encode(), DEFAULT) as source:
        rows = list(look_for_labels(source, until))
    # In many typefaces the two letters are one; what was read is kept as it was read.
    statements = {row.value.replace("Al", "AI"): row for row in rows if isinstance(row, Statement)}
    return {value: row.key for value, row in statements.items()}, statements, rows


@needs_reader
def test_a_still(tmp_path: Path) -> None:
    frame("AI-generated", (0.8, 0.93)).save(tmp_path / "a.png")
    keys, statements, rows = look_at(tmp_path / "a.png")
    assert keys == {"AI-generated": LINE, "1 of 1 pictures": LOOKED}
    where = statements["AI-generated"].where
    assert where.startswith("lower right, ")
    left, top = map(int, where.removeprefix("lower right, ").partition("-")[0].split(","))
    assert 380 < left < 450
    assert 310 < top < 335
    [cutout] = [row for row in rows if isinstance(row, Cutout)]
    assert cutout.where == where
    assert cutout.picture.startswith(b"\xff\xd8\xff")
    assert len(cutout.picture) <= 20_000


@needs_reader
def test_other_text_is_not_kept(tmp_path: Path) -> None:
    frame("Call me: 555 0123").save(tmp_path / "a.png")
    keys, _, _ = look_at(tmp_path / "a.png")
    assert keys == {"1 of 1 pictures": LOOKED}


@needs_reader
def test_a_label_in_one_shot_of_a_movie(tmp_path: Path) -> None:
    movie = write_movie(
        tmp_path / "a.mp4", [(frame(gray=200), 2), (frame("VFX TBD", gray=20), 1.5), (frame(gray=120), 1.5)]
    )
    keys, statements, _ = look_at(movie)
    assert keys == {"VFX TBD": LINE_IN_SHOTS, "3 of 3 shots": LOOKED}
    assert statements["VFX TBD"].where.startswith("00:00:02:")
    assert ", middle, " in statements["VFX TBD"].where


@needs_reader
def test_a_label_all_through_a_clip(tmp_path: Path) -> None:
    shots = [(frame("KLING AI", (0.8, 0.9), gray=gray), 1.5) for gray in (30, 90)]
    keys, statements, _ = look_at(write_movie(tmp_path / "a.mp4", shots))
    assert keys["KLING AI"] == LINE
    assert "00:00:00:00 to 00:00:0" in statements["KLING AI"].where


@needs_reader
def test_a_label_that_is_there_for_a_moment_was_read_once(tmp_path: Path) -> None:
    shots = [(frame(gray=200), 1.5), (frame("AI-generated", gray=20), 0.25), (frame(gray=120), 1.5)]
    keys, _, _ = look_at(write_movie(tmp_path / "a.mp4", shots))
    assert keys.get("AI-generated") == LINE_ONCE


@needs_reader
def test_a_sequence_says_the_numbers_of_its_frames(tmp_path: Path) -> None:
    frame("SHOT MISSING").save(shown := io.BytesIO(), "png")
    numbered = []
    for number in range(1001, 1049):
        path = tmp_path / f"a.{number}.png"
        path.write_bytes(shown.getvalue())
        numbered.append((number, str(path).encode()))
    rows = list(look_at_frames(FrameSequenceStream(tuple(numbered), DEFAULT, look.SIDE)))
    [label] = [row for row in rows if isinstance(row, Statement) and row.value == "SHOT MISSING"]
    assert label.where.startswith("frames 1001 to 10")


@needs_reader
def test_what_there_was_no_time_for_is_a_trouble(tmp_path: Path) -> None:
    movie = write_movie(tmp_path / "a.mp4", [(frame("VFX TBD"), 1)])
    keys, _, rows = look_at(movie, until=time.monotonic() - 1)
    assert keys == {"0 of 1 or more shots": LOOKED}
    [trouble] = [row for row in rows if isinstance(row, Trouble)]
    assert trouble.cause is Cause.SLOW


@needs_reader
@pytest.mark.parametrize("codec", ["mpeg4", "mjpeg"])
def test_a_movie_that_ends_before_its_time_is_a_trouble(tmp_path: Path, codec: str) -> None:
    movie = write_movie(tmp_path / "a.mov", [(frame(gray=gray), 3) for gray in (30, 90, 150)], codec)
    _, _, whole = look_at(movie)
    assert not [row for row in whole if isinstance(row, Trouble)]
    # The index stands in front, so that what is there can still be entered.
    data = to_fast_start(movie)
    (tmp_path / "cut.mov").write_bytes(data[: len(data) * 2 // 3])
    _, _, rows = look_at(tmp_path / "cut.mov")
    assert {row.cause for row in rows if isinstance(row, Trouble)} == {Cause.MALFORMED}


def test_without_the_optional_part_it_is_a_trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "load", lambda: None)
    frame().save(tmp_path / "a.png")
    _, _, [trouble] = look_at(tmp_path / "a.png")
    assert isinstance(trouble, Trouble)
    assert trouble.cause is Cause.NOT_INSTALLED
    assert "provenance[labels]" in trouble.detail


def test_what_shows_nothing_needs_no_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "load", lambda: None)
    (tmp_path / "a.txt").write_text("AI-generated")
    assert look_at(tmp_path / "a.txt") == ({}, {}, [])


def test_the_rate_of_a_sequence_without_one() -> None:
    # The numbers of frames in a statement follow from it.
    assert FrameSequenceStream(((1, b"/nowhere"),), DEFAULT, look.SIDE).rate == Fraction(24)
