"""Shots with known material in them: what is found, from which frame to which, and when nothing is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from provenance.fingerprint import pictures
from provenance.fingerprint.shots import Shot
from provenance.matching import known, write_index
from provenance.matching.merge import merge_matches
from provenance.matching.picture import track
from provenance.matching.picture.select_keyframes import select_keyframes
from provenance.matching.search_index import SearchIndex
from provenance.model.match import COPY, SHARES, Known, Match, Span
from provenance.model.vocabulary import Origin
from tests.matching.paint import (
    Picture,
    add_titles,
    crop,
    grade,
    inset,
    make_fingerprint,
    make_keyframe,
    make_shot,
    paint_picture,
)

STILLS = range(6)
CLIP = "sha256:clip"


def moving(seed: int, frame: int, rate: float = 1.0) -> Picture:
    """A frame of a clip that changes: over a wide ground that pans, a thing that crosses it."""
    wide = paint_picture(seed, 1280, 360)
    left = int(8 * frame * rate) % 640
    picture = wide[:, left : left + 640].copy()
    cv2.circle(picture, (40 + int(6 * frame * rate) % 560, 200), 45, (250, 240, 20), -1)
    return picture


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> SearchIndex:
    rows = [
        (
            Known(f"sha256:{seed}", f"{seed}.png", Origin.GENERATED),
            pictures.pack("picture", [make_fingerprint(paint_picture(seed))]),
        )
        for seed in STILLS
    ]
    clip = [make_fingerprint(moving(50, frame), time=frame / 24) for frame in range(0, 72, 12)]
    rows.append((Known(CLIP, "clip.mp4", Origin.GENERATED), pictures.pack("video", clip)))
    path = Path(tmp_path_factory.mktemp("known"), "known")
    index = write_index.write(str(path), rows)
    assert (index.pictures, index.clips, index.sounds) == (len(STILLS), 1, 0)
    return index


def found(index: SearchIndex, *shots: Shot) -> list[Match]:
    library = known.load_pictures(index.path)
    return merge_matches(match for one in shots for match in track.find_in_shot(one, library))


def frames(match: Match) -> tuple[int, int]:
    assert match.time
    return round(match.time.start * 24), round(match.time.end * 24)


def test_a_still_that_fills_a_shot_is_a_copy_from_cut_to_cut(index: SearchIndex) -> None:
    other = make_shot([paint_picture(90)] * 30)
    (match,) = found(index, other, make_shot([grade(crop(paint_picture(2), 0.7))] * 40, first=30 / 24))
    assert (match.known.path, match.method, match.verdict) == ("2.png", "picture", COPY)
    assert frames(match) == (30, 70)
    assert match.known_time is None
    assert match.time
    assert (match.time.timecode_in, match.time.timecode_out) == ("00:00:01:06", "00:00:02:22")
    assert "cropped to 4" in match.detail
    assert "fills the frame" in match.detail
    assert match.pictures
    assert all(picture.startswith(b"\xff\xd8") for picture in match.pictures)


def test_a_mirrored_inset_is_reported_as_one(index: SearchIndex) -> None:
    shown = inset(np.ascontiguousarray(paint_picture(3)[:, ::-1]), paint_picture(91), 0.4, 0.05, 0.95)
    (match,) = found(index, make_shot([shown] * 30))
    assert match.known.path == "3.png"
    assert "mirrored" in match.detail
    assert "bottom left" in match.detail
    assert "fills 16% of the frame" in match.detail


def test_an_inset_that_comes_and_goes_within_a_shot_is_tracked_to_the_frame(index: SearchIndex) -> None:
    ground = [crop(paint_picture(92), 0.9, x=number / 96) for number in range(96)]
    shown = [
        inset(paint_picture(1), one, 0.45, 0.9, 0.1) if 31 <= number < 70 else one for number, one in enumerate(ground)
    ]
    (match,) = found(index, make_shot(shown))
    assert frames(match) == (31, 70)


def pan_over(seed: int, count: int) -> list[Picture]:
    """Frames of a slow pan: keyframes two seconds apart differ, and nothing happens suddenly."""
    return [crop(paint_picture(seed), 0.8, x=number / count) for number in range(count)]


def test_what_a_shot_shows_at_its_end_alone_is_found_although_only_its_middle_is_looked_at_closely(
    index: SearchIndex,
) -> None:
    shown = pan_over(93, 144)
    for number in range(72, 144):
        share = min(1.0, (number - 72) / 30)
        shown[number] = np.asarray(cv2.addWeighted(paint_picture(2), share, shown[number], 1 - share, 0), np.uint8)
    (match,) = found(index, make_shot(shown))
    assert match.known.path == "2.png"
    first, end = frames(match)
    assert 72 < first < 102
    assert end == 144


def count_extracted(shot: Shot, name: str) -> int:
    """Keyframes of which some features were extracted."""
    return [name in vars(keyframe) for keyframe in shot.keyframes].count(True)


def test_of_an_unrelated_shot_one_keyframe_is_looked_at_closely(index: SearchIndex) -> None:
    shot = make_shot(pan_over(94, 144))
    assert len(select_keyframes(shot)) == 3
    assert found(index, shot) == []
    assert count_extracted(shot, "features") == 1
    assert count_extracted(shot, "coarse_features") == 2


def test_all_selected_keyframes_of_a_shot_that_shows_something_known_are_searched_closely(index: SearchIndex) -> None:
    shot = make_shot(pan_over(3, 144))
    assert len(select_keyframes(shot)) == 3
    (match,) = found(index, shot)
    assert match.known.path == "3.png"
    assert count_extracted(shot, "features") >= 3


def test_a_slow_push_in_is_one_match(index: SearchIndex) -> None:
    pushed = [crop(paint_picture(4), 1 - 0.3 * number / 90) for number in range(90)]
    (match,) = found(index, make_shot(pushed))
    assert frames(match) == (0, 90)
    assert match.verdict == COPY


def test_pieces_of_a_long_shot_are_one_match(index: SearchIndex) -> None:
    take = [grade(paint_picture(0))] * 48
    (match,) = found(index, make_shot(take), make_shot(take, first=2.0), make_shot(take, first=4.0))
    assert frames(match) == (0, 144)


def test_a_still_seen_twice_is_two_matches(index: SearchIndex) -> None:
    still = [paint_picture(0)] * 24
    matches = found(
        index, make_shot(still), make_shot([paint_picture(93)] * 24, first=1.0), make_shot(still, first=2.0)
    )
    assert [frames(match) for match in matches] == [(0, 24), (48, 72)]


def test_a_dissolve_into_a_still_ends_with_the_shot(index: SearchIndex) -> None:
    def mixed(share: float) -> Picture:
        return np.asarray(cv2.addWeighted(paint_picture(2), share, paint_picture(94), 1 - share, 0), np.uint8)

    dissolve = [mixed(float(np.clip((number - 30) / 24, 0, 1))) for number in range(96)]
    (match,) = found(index, make_shot(dissolve))
    first, end = frames(match)
    assert 30 <= first <= 54
    assert end == 96


@pytest.mark.parametrize("speed", [0.5, 1.0, 1.7])
def test_a_clip_is_found_at_its_own_time_at_any_speed(index: SearchIndex, speed: float) -> None:
    length = int(48 / max(1.0, speed))
    (match,) = found(index, make_shot([grade(moving(50, number, speed)) for number in range(length)]))
    assert (match.known.digest, match.method) == (CLIP, "video")
    assert frames(match) == (0, length)
    assert match.known_time
    assert match.known_time.start == pytest.approx(0, abs=0.35)
    assert match.known_time.end == pytest.approx(length * speed / 24, abs=0.5)


def test_another_take_shares_content_and_is_no_copy(index: SearchIndex) -> None:
    take = paint_picture(5).copy()
    take[80:360, 150:490] = paint_picture(95)[80:360, 150:490]
    (match,) = found(index, make_shot([take] * 30))
    assert (match.known.path, match.verdict) == ("5.png", SHARES)


NOTHING: dict[str, Callable[[int], Picture]] = {
    "black": lambda _: np.zeros((360, 640, 3), np.uint8),
    "gray": lambda _: np.full((360, 640, 3), 120, np.uint8),
    "noise": lambda number: np.random.default_rng(number).integers(0, 256, (360, 640, 3)).astype(np.uint8),
    "dark noise": lambda number: np.random.default_rng(number).integers(14, 19, (360, 640, 3)).astype(np.uint8),
    "a title on black": lambda _: add_titles(np.zeros((360, 640, 3), np.uint8)),
    "unrelated": lambda number: crop(paint_picture(96), 0.9, x=number / 30),
    "a checkerboard": lambda _: (
        np.kron(np.indices((18, 32)).sum(0) % 2, np.full((20, 20), 255))[..., None].repeat(3, 2).astype(np.uint8)
    ),
}


@pytest.mark.parametrize("name", NOTHING)
def test_nothing_matches_nothing(index: SearchIndex, name: str) -> None:
    assert found(index, make_shot([NOTHING[name](number) for number in range(30)])) == []


def test_a_title_alone_is_no_evidence_of_the_picture_it_stands_on(tmp_path: Path) -> None:
    path = str(tmp_path / "known")
    kept = pictures.pack("picture", [make_fingerprint(add_titles(paint_picture(97)))])
    write_index.write(path, [(Known("sha256:t", "t.png", Origin.GENERATED), kept)])
    title = make_shot([add_titles(np.zeros((360, 640, 3), np.uint8))] * 30)
    assert found(SearchIndex(path), title) == []


def test_a_picture_is_not_found_in_itself(index: SearchIndex) -> None:
    library = known.load_pictures(index.path)
    assert track.find_in_picture(make_keyframe(paint_picture(1)), library.leave_out("sha256:1")) == []
    (match,) = track.find_in_picture(make_keyframe(paint_picture(1)), library.leave_out("sha256:other"))
    assert (match.known.path, match.time, match.verdict) == ("1.png", None, COPY)


def test_other_versions_and_methods_are_left_out(tmp_path: Path) -> None:
    kept = pictures.pack("picture", [make_fingerprint(paint_picture(1))])
    asset = Known("sha256:1", "1.png", Origin.GENERATED)
    older = type(kept)(kept.method, kept.version + 1, kept.data)
    rows = [(asset, older), (asset, type(kept)("smell", 1, b""))]
    assert write_index.write(str(tmp_path / "known"), rows).is_empty


def test_times_are_spans(index: SearchIndex) -> None:
    (match,) = found(index, make_shot([paint_picture(1)] * 24, first=10.0))
    assert match.time == Span(10.0, 11.0, "00:00:10:00", "00:00:11:00")
