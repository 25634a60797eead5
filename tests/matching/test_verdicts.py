"""What is called a copy, what is called shared content, and what is no evidence at all."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from provenance.fingerprint import pictures
from provenance.fingerprint.pictures import PictureFingerprint
from provenance.fingerprint.shots import Shot
from provenance.matching import known, write_index
from provenance.matching.picture import track
from provenance.matching.picture.graphics import is_graphic
from provenance.model.match import COPY, SHARES, Known, Match
from provenance.model.vocabulary import Origin
from tests.matching.paint import (
    HEIGHT,
    WIDTH,
    Picture,
    grade,
    make_fingerprint,
    make_shot,
    make_thumbnail,
    paint_picture,
)

FRAMES = 60
TITLES = (("THE LAST SUMMER", 150), ("a film by someone", 210))
OTHER_TITLES = (("LATE HARVEST", 150), ("the mill on a hill", 210))


def act(ground: int, actor: int, frame: int, step: int) -> Picture:
    """A locked camera: an actor walks through a set, or comes from the other side and jumps."""
    picture = paint_picture(ground).copy()
    x = 40 + step * frame if step > 0 else 440 + step * frame
    y = 120 if step > 0 else 90 - int(60 * np.sin(frame / 5))
    picture[y : y + 210, x : x + 110] = paint_picture(actor)[100:310, 200:310]
    return picture


def draw_bars() -> Picture:
    levels = ((191, 191, 191), (191, 191, 0), (0, 191, 191), (0, 191, 0), (191, 0, 191), (191, 0, 0), (0, 0, 191))
    bars = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    for number, colour in enumerate(levels):
        bars[:, number * WIDTH // 7 : (number + 1) * WIDTH // 7] = colour
    bars[260:, 300:] = (20, 20, 60)
    bars[300:, :200] = 235
    return bars


def write(picture: Picture, lines: tuple[tuple[str, int], ...]) -> Picture:
    out = picture.copy()
    for text, y in lines:
        cv2.putText(out, text, (40, y), cv2.FONT_HERSHEY_DUPLEX, 1.6, (250, 250, 250), 4, cv2.LINE_AA)
    return out


def find(
    folder: Path, shown: Shot, *, clip: list[PictureFingerprint] | None = None, still: Picture | None = None
) -> list[Match]:
    stored = clip
    if stored is None:
        assert still is not None
        stored = [make_fingerprint(still)]
    fingerprint = pictures.pack("video" if clip else "picture", stored)
    path = str(folder / "known")
    write_index.write(path, [(Known("sha256:known", "known", Origin.GENERATED), fingerprint)])
    return track.find_in_shot(shown, known.KnownPictures(path))


def make_clip(frames: list[Picture]) -> list[PictureFingerprint]:
    return [make_fingerprint(frames[number], number / 24) for number in range(0, len(frames), 12)]


CLIP = [act(1, 2, frame, 5) for frame in range(FRAMES)]


def test_a_clip_is_a_copy_where_it_moves_alike(tmp_path: Path) -> None:
    graded = [grade(frame) for frame in CLIP[7:50]]
    (match,) = find(tmp_path, make_shot(graded), clip=make_clip(CLIP))
    assert match.verdict == COPY
    assert match.detail.endswith("it moves alike")


@pytest.mark.parametrize(("actor", "step"), [(2, -6), (3, 5)], ids=["the same actor, later", "another actor"])
def test_another_take_before_a_locked_camera_is_no_copy(tmp_path: Path, actor: int, step: int) -> None:
    take = [act(1, actor, frame, step) for frame in range(45)]
    (match,) = find(tmp_path, make_shot(take), clip=make_clip(CLIP))
    assert match.verdict == SHARES
    assert match.detail.endswith("what moves is not the same")


def swell(frame: int) -> Picture:
    """A sea before a shore: a band of the picture goes to and fro."""
    picture = paint_picture(1).copy()
    picture[130:330] = np.roll(picture[130:330], int(30 * np.sin(frame / 6)), axis=1)
    return picture


def put_before(ground: Picture, frame: int) -> Picture:
    """Somebody of another picture in front of the right part, who moves as he likes."""
    picture = ground.copy()
    picture[:, 400:] = act(5, 3, frame, 5)[:, 400:]
    return picture


def gesture(frame: int, turn: float) -> Picture:
    """An actor walks through a set and turns a sign in one hand, this way or that."""
    picture = act(1, 2, frame, 5)
    x, y = 500 + int(60 * np.cos(turn * frame / 8)), 90 + int(60 * np.sin(turn * frame / 8))
    picture[y - 18 : y + 18, x - 18 : x + 18] = 245
    return picture


@pytest.mark.parametrize(("turn", "verdict"), [(1.0, COPY), (-1.0, SHARES)])
def test_one_limb_that_moves_in_another_way_is_another_take(tmp_path: Path, turn: float, verdict: str) -> None:
    clip = make_clip([gesture(frame, 1.0) for frame in range(FRAMES + 24)])
    (match,) = find(tmp_path, make_shot([gesture(frame, turn) for frame in range(6, 72)]), clip=clip)
    assert match.verdict == verdict


def test_a_part_of_a_clip_is_a_copy_where_what_moves_in_it_moves_alike(tmp_path: Path) -> None:
    clip = make_clip([swell(frame) for frame in range(FRAMES + 36)])
    shown = [put_before(swell(frame), frame) for frame in range(4, 88)]
    (match,) = find(tmp_path, make_shot(shown), clip=clip)
    assert match.verdict == COPY
    assert match.detail.startswith("a part of it")


def test_a_part_of_a_clip_that_stands_still_may_be_its_set(tmp_path: Path) -> None:
    shown = [put_before(act(1, 2, 0, 5), frame) for frame in range(4, 52)]
    matches = find(tmp_path, make_shot(shown), clip=make_clip(CLIP))
    assert [match.verdict for match in matches] == [SHARES]


def test_an_empty_set_is_no_copy_of_what_was_played_in_it(tmp_path: Path) -> None:
    matches = find(tmp_path, make_shot([paint_picture(1)] * 40), clip=make_clip(CLIP))
    assert [match.verdict for match in matches] == [SHARES]


def test_a_frozen_frame_of_a_clip_is_a_copy(tmp_path: Path) -> None:
    (match,) = find(tmp_path, make_shot([CLIP[24]] * 40), clip=make_clip(CLIP))
    assert match.verdict == COPY


def test_a_part_in_another_picture_is_a_copy_of_a_part(tmp_path: Path) -> None:
    still = paint_picture(4)
    composite = paint_picture(5).copy()
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.ellipse(mask, (300, 190), (150, 120), 0, 0, 360, 255, -1)
    composite[mask > 0] = still[mask > 0]
    (match,) = find(tmp_path, make_shot([composite] * 30), still=still)
    assert match.verdict == COPY
    share = int(match.detail.removeprefix("a part of it: ").split("%")[0])
    assert share == pytest.approx(100 * np.pi * 150 * 120 / (WIDTH * HEIGHT), abs=8)
    # Its outline stands in the known picture too, which otherwise is shown as it is stored.
    thumbnail = make_fingerprint(still).thumbnail
    assert match.pictures is not None
    assert match.pictures[0] != thumbnail


def test_somebody_else_before_the_set_of_a_still_is_no_copy(tmp_path: Path) -> None:
    matches = find(tmp_path, make_shot([act(1, 3, 20, 5)] * 30), still=act(1, 2, 20, 5))
    assert [match.verdict for match in matches] == [SHARES]


def test_bars_before_a_scene_are_no_evidence(tmp_path: Path) -> None:
    clip = make_clip([draw_bars()] * 24 + [paint_picture(6)] * 24)
    assert find(tmp_path, make_shot([draw_bars()] * 30), clip=clip) == []
    (match,) = find_again(tmp_path, make_shot([paint_picture(6)] * 30))
    assert match.verdict == COPY


def find_again(folder: Path, shown: Shot) -> list[Match]:
    return track.find_in_shot(shown, known.KnownPictures(str(folder / "known")))


@pytest.mark.parametrize("words", [TITLES, OTHER_TITLES], ids=["the same words", "other words"])
def test_lettering_alone_is_no_evidence(tmp_path: Path, words: tuple[tuple[str, int], ...]) -> None:
    shown = make_shot([write(paint_picture(8), words)] * 30)
    assert find(tmp_path, shown, still=write(paint_picture(7), TITLES)) == []


def test_what_unrelated_known_pictures_have_in_common_is_no_evidence(tmp_path: Path) -> None:
    ornament = paint_picture(40)[:150, :280]

    def adorn(seed: int) -> Picture:
        picture = paint_picture(seed).copy()
        picture[190:340, 30:310] = ornament
        return picture

    path = str(tmp_path / "known")
    rows = []
    for seed in (41, 42, 43):
        fingerprint = pictures.pack("picture", [make_fingerprint(adorn(seed))])
        rows.append((Known(f"sha256:{seed}", str(seed), Origin.GENERATED), fingerprint))
    write_index.write(path, rows)
    library = known.KnownPictures(path)
    assert track.find_in_shot(make_shot([adorn(44)] * 30), library) == []
    (match,) = track.find_in_shot(make_shot([grade(adorn(42))] * 30), library)
    assert (match.known.path, match.verdict) == ("42", COPY)


def test_a_titled_picture_is_found_under_its_title(tmp_path: Path) -> None:
    titled = write(paint_picture(7), TITLES)
    (match,) = find(tmp_path, make_shot([grade(titled)] * 30), still=titled)
    assert match.verdict == COPY


def test_what_is_drawn_is_told_from_pictures() -> None:
    card = write(np.full((HEIGHT, WIDTH, 3), 20, np.uint8), TITLES)
    drawn = (draw_bars(), card, np.zeros((HEIGHT, WIDTH, 3), np.uint8))
    assert all(is_graphic(make_thumbnail(picture)) for picture in drawn)
    assert not any(is_graphic(make_thumbnail(write(paint_picture(seed), TITLES))) for seed in range(12))


@pytest.mark.parametrize(("top", "right", "verdict"), [(20, 200, SHARES), (0, 320, COPY)])
def test_somebody_close_to_the_camera_is_no_compositor(tmp_path: Path, top: int, right: int, verdict: str) -> None:
    # Beside the one there is the set above; the other half of a split screen reaches from edge to edge.
    shown = paint_picture(1).copy()
    shown[top:, :right] = paint_picture(50)[top:, :right]
    (match,) = find(tmp_path, make_shot([shown] * 30), still=paint_picture(1))
    assert match.verdict == verdict
