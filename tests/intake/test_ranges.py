"""A movie looked at in stretches shows what it shows as a whole, each frame once, at the same times."""

from __future__ import annotations

import dataclasses
import itertools
import math
import os
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from provenance.decode.av_container import open_media
from provenance.decode.errors import DecodeError
from provenance.decode.movie import find_movie_stream
from provenance.intake.jobs import ScanRange, locate_trouble, split_movie, split_sequence
from provenance.limits import DEFAULT
from provenance.matching.search_index import SearchIndex
from provenance.media.source import reopen
from provenance.model.asset import Asset
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause
from tests.decode.movies import edited, movie
from tests.matching.paint import Picture, paint_picture

LONG = {"preset": "superfast", "g": "250", "bf": "3"}
OPEN = {"preset": "superfast", "g": "12", "bf": "3", "x264-params": "open-gop=1"}


def scene(count: int) -> list[Picture]:
    wide = paint_picture(3, 320 + 4 * count, 180)
    return [wide[:, 4 * number : 4 * number + 320].copy() for number in range(count)]


def times(path: Path, begin: float = 0.0, end: float = math.inf) -> tuple[list[float], list[Trouble]]:
    with reopen(os.fsencode(path), DEFAULT) as source, open_media(source) as container:
        reel = find_movie_stream(container, source, begin, end)
        assert reel
        return [round(time, 4) for time, _ in reel.frames()], reel.troubles


def plain(name: str, **options: object) -> Callable[[Path], Path]:
    return lambda folder: movie(folder / name, scene(120), **options)  # type: ignore[arg-type]


MADE: dict[str, Callable[[Path], Path]] = {
    "one key frame": plain("a.mov", options=LONG),
    "open groups": plain("a.mp4", options=OPEN),
    "ntsc": plain("a.mov", rate=Fraction(30000, 1001), options=LONG),
    "prores": plain("a.mov", codec="prores_ks", pixels="yuv422p10le"),
    "matroska": plain("a.mkv", options=LONG),
    "avi": plain("a.avi", options=OPEN),
    "mpeg-4 in avi": plain("a.avi", codec="mpeg4", options={"g": "12", "bf": "2"}),
    "mxf": plain("a.mxf", codec="mpeg2video", pixels="yuv422p", rate=25, options={"g": "12", "bf": "2"}),
    "edit list": lambda folder: edited(movie(folder / "a.mov", scene(120), options=LONG), 1, 3, empty=1),
    "variable rate": plain("a.mp4", at=[(40 if n % 3 else 25) * n + n for n in range(0, 360, 3)]),
}


@pytest.mark.parametrize("kind", MADE)
def test_every_frame_is_in_one_stretch(tmp_path: Path, kind: str) -> None:
    path = MADE[kind](tmp_path)
    whole, _ = times(path)
    assert len(whole) > 60
    bounds = [0.0, 0.9, 1.7, 2.55, 3.3, math.inf]
    found = [times(path, begin, end) for begin, end in itertools.pairwise(bounds)]
    assert [time for seen, _ in found for time in seen] == whole
    assert [trouble for _, troubles in found for trouble in troubles] == []


@pytest.mark.parametrize("kind", ["avi", "mpeg-4 in avi"])
def test_reordered_frames_of_a_format_without_presentation_times_follow_at_its_rate(tmp_path: Path, kind: str) -> None:
    found, troubles = times(MADE[kind](tmp_path))
    assert found == [round(number / 24, 4) for number in range(120)]
    assert not troubles


@pytest.mark.parametrize("kind", ["avi", "mpeg-4 in avi"])
def test_key_frames_that_are_decoded_alone_stay_near_their_times(tmp_path: Path, kind: str) -> None:
    path = MADE[kind](tmp_path)
    with reopen(os.fsencode(path), DEFAULT) as source, open_media(source) as container:
        reel = find_movie_stream(container, source)
        assert reel
        wanted = [round(time * 24) for time, frame in reel.frames() if frame.key_frame]
    with reopen(os.fsencode(path), DEFAULT) as source, open_media(source) as container:
        reel = find_movie_stream(container, source)
        assert reel
        found = [round(time * 24) for time, _ in reel.frames(lambda packet: packet.is_keyframe)]
    assert len(wanted) > 9
    # By as many frames as may be reordered, which the format does not say.
    assert found == pytest.approx(wanted, abs=3)


def test_what_was_cut_off_is_told_by_the_last_stretch(tmp_path: Path) -> None:
    path = movie(tmp_path / "a.mov", scene(240), options=OPEN, muxing={"movflags": "faststart"})
    os.truncate(path, path.stat().st_size * 6 // 10)
    seen = [times(path, begin, begin + 2.0)[0] for begin in (0.0, 2.0, 4.0)]
    assert len(seen[0]) == 48
    assert len(seen[2]) < 48
    try:
        _, told = times(path, 6.0)
    except DecodeError as fault:
        told = [fault.trouble]
    assert [trouble.cause for trouble in told] == [Cause.MALFORMED]


def split(asset: Asset) -> list[ScanRange]:
    return split_movie(b"a.mov", asset.size, asset, SearchIndex("nowhere"))


def test_a_film_is_cut_into_minutes_and_its_end_is_left_open() -> None:
    asset = Asset("sha256:0", "", 0, "video/quicktime", duration=150.0)
    made = split(asset)
    assert [(part.start, part.end) for part in made] == [(0.0, 50.0), (50.0, 100.0), (100.0, math.inf)]
    told = locate_trouble(made[1], Trouble("a.mov", "picture", Cause.SLOW, "not done"))
    assert told.detail == "0:50 to 1:40: not done"
    for whole in (dataclasses.replace(asset, duration=None), dataclasses.replace(asset, media_type="video/mp2t")):
        (part,) = split(whole)
        assert (part.start, part.end, locate_trouble(part, told)) == (0.0, math.inf, told)
    assert len(split(dataclasses.replace(asset, duration=1e9))) == 240


def test_a_range_has_time_for_its_seconds_however_few_bytes_they_take() -> None:
    index = SearchIndex("index")
    still = Asset("sha256:1", "1", 100_000, "video/mp4", 1920, 1080, 300.0)
    for job in split_movie(b"reel.mp4", 100_000, still, index):
        assert DEFAULT.compute_decode_deadline(job.size, job.seconds) >= 600
    lying = dataclasses.replace(still, duration=1e9)
    for job in split_movie(b"reel.mp4", 100_000, lying, index):
        assert DEFAULT.compute_decode_deadline(job.size, job.seconds) < 1300


def test_each_frame_of_a_sequence_is_in_one_range_and_times_count_from_its_first() -> None:
    frames = tuple((1001 + number, b"plate.%d.dpx" % number) for number in range(10_000))
    made = split_sequence(frames, 1_000_000, "sha256:0", SearchIndex("nowhere"))
    assert len(made) == 20
    assert sum((job.frames for job in made), ()) == frames
    assert {job.first for job in made[1:]} == {frames[:1]}
    assert (made[0].first, sum(job.size for job in made)) == ((), 1_000_000)
    assert len(split_sequence(frames * 20, 1, "sha256:0", SearchIndex("nowhere"))) == 240
