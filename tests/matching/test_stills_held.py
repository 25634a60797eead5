"""A still that is held: found from its first frame to its last, whatever comes over it and however its frames last."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from provenance.fingerprint import pictures
from provenance.limits import DEFAULT
from provenance.matching import known, search, write_index
from provenance.matching.merge import merge_matches
from provenance.matching.picture import track
from provenance.matching.search_index import SearchIndex
from provenance.media.source import reopen
from provenance.model.evidence import Trouble
from provenance.model.match import Known, Match
from provenance.model.vocabulary import Origin
from tests.decode.movies import movie
from tests.matching.paint import Picture, crop, inset, make_fingerprint, make_shot, paint_picture

STILL = paint_picture(0)
OTHERS = [crop(paint_picture(92), 0.9, x=number / 60) for number in range(24)]
WHITE = np.full_like(STILL, 250)
FRAMES = 72


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> SearchIndex:
    kept = pictures.pack("picture", [make_fingerprint(STILL)])
    path = tmp_path_factory.mktemp("known") / "known"
    return write_index.write(str(path), [(Known("sha256:0", "0.png", Origin.GENERATED), kept)])


def fade(frame: int) -> float:
    """1, and from frame 48 on down to 0 at the last frame."""
    return min(1.0, (FRAMES - 1 - frame) / 24)


def darken(picture: Picture, light: float) -> Picture:
    return np.asarray(picture * light, np.uint8)


def blur(picture: Picture, radius: float) -> Picture:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), radius), np.uint8)


WHOLE: dict[str, Callable[[int], Picture]] = {
    "a flash": lambda frame: WHITE if 24 <= frame < 26 else STILL,
    "a flash where a keyframe is": lambda frame: WHITE if 35 <= frame < 38 else STILL,
    "a glitch now and then": lambda frame: np.roll(STILL, 90, 1) if frame % 30 == 17 else STILL,
    "a slow zoom and a fade": lambda frame: darken(crop(STILL, 1 - frame / 200), fade(frame)),
    "a zoom to a quarter": lambda frame: crop(STILL, 1 - 0.75 * frame / FRAMES, x=0.3),
    "going out of focus": lambda frame: blur(STILL, 0.1 + 30 * frame / FRAMES),
    "a grade that drifts": lambda frame: darken(STILL, 1 - 0.9 * frame / FRAMES),
}


@pytest.mark.parametrize("name", WHOLE)
def test_it_is_found_whole(index: SearchIndex, name: str) -> None:
    shot = make_shot([WHOLE[name](frame) for frame in range(FRAMES)])
    (match,) = merge_matches(track.find_in_shot(shot, known.load_pictures(index.path)))
    assert match.time
    assert round(match.time.start * 24) == 0
    assert round(match.time.end * 24) == pytest.approx(FRAMES, abs=2)


def test_what_comes_between_for_longer_divides_it(index: SearchIndex) -> None:
    shot = make_shot([OTHERS[0] if 20 <= frame < 44 else STILL for frame in range(FRAMES)])
    matches = merge_matches(track.find_in_shot(shot, known.load_pictures(index.path)))
    spans = [(round(match.time.start * 24), round(match.time.end * 24)) for match in matches if match.time]
    assert spans == [(0, 20), (44, FRAMES)]


def test_an_inset_ends_where_it_is_taken_away(index: SearchIndex) -> None:
    ground = paint_picture(93)
    shown = [inset(STILL, ground, 0.5, 0.5, 0.5) if 20 <= frame < 40 else ground for frame in range(FRAMES)]
    (match,) = track.find_in_shot(make_shot(shown), known.load_pictures(index.path))
    assert match.time
    assert (round(match.time.start * 24), round(match.time.end * 24)) == (20, 40)


def search_file(path: Path, index: SearchIndex, *bounds: float) -> list[Match | Trouble]:
    with reopen(os.fsencode(path), dataclasses.replace(DEFAULT), "sha256:movie") as source:
        if bounds:
            return list(search.search_range(source, index, *bounds))
        return list(search.search_picture(source, index))


def spans(rows: list[Match | Trouble]) -> list[tuple[float, float]]:
    """Of all that was found; there must be no trouble."""
    found = [row for row in rows if isinstance(row, Match)]
    assert len(found) == len(rows)
    return [(match.time.start, match.time.end) for match in merge_matches(found) if match.time]


def to_milliseconds(frames: int) -> list[int]:
    return [round(frame * 1000 / 24) for frame in range(frames)]


@pytest.mark.parametrize("seconds", [3, 12])
def test_one_frame_that_lasts_is_found_as_long_as_it_lasts(tmp_path: Path, index: SearchIndex, seconds: int) -> None:
    times = to_milliseconds(24)
    after = [1000 * (1 + seconds) + time for time in times]
    path = movie(tmp_path / "held.mp4", [*OTHERS, STILL, *OTHERS], at=[*times, 1000, *after])
    assert spans(search_file(path, index)) == [pytest.approx((1, 1 + seconds), abs=0.05)]


def test_the_last_slide_of_a_show_lasts_as_long_as_the_others(tmp_path: Path, index: SearchIndex) -> None:
    path = movie(tmp_path / "slides.mp4", [OTHERS[0], paint_picture(94), STILL], rate=Fraction(1, 12))
    assert spans(search_file(path, index)) == [pytest.approx((24, 36), abs=0.05)]


def test_a_range_ends_with_its_last_frame(tmp_path: Path, index: SearchIndex) -> None:
    times = to_milliseconds(24)
    path = movie(tmp_path / "held.mp4", [*OTHERS, STILL, *OTHERS], at=[*times, 1000, *(4000 + time for time in times)])
    assert spans(search_file(path, index, 0.0, 2.0)) == [pytest.approx((1, 4), abs=0.05)]


@pytest.mark.parametrize("suffix", ["gif", "webp", "png"])
def test_the_last_picture_of_an_animation_lasts_as_it_says(tmp_path: Path, index: SearchIndex, suffix: str) -> None:
    path = tmp_path / f"two.{suffix}"
    first, last = Image.fromarray(OTHERS[0]), Image.fromarray(STILL)
    first.save(path, save_all=True, append_images=[last], duration=[1000, 3000])
    assert spans(search_file(path, index)) == [pytest.approx((1, 4), abs=0.05)]
