"""Pictures of another shape than the frame: cropped until they fill it, between borders, squeezed; by hashes alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from provenance.matching.known import KnownPictures
from provenance.matching.picture import track
from provenance.matching.picture.placement import (
    SHAPES,
    Area,
    Placement,
    find_picture_area,
    list_areas,
    list_middles,
    list_placements,
)
from provenance.model.match import COPY, SHARES
from tests.matching.paint import HEIGHT, WIDTH, Picture, make_keyframe, make_shot, paint_picture, to_gray
from tests.matching.stored import learn

SIDES = {"square": (480, 480), "3:2": (540, 360), "upright": (360, 540), "very wide": (860, 320)}
"""Shapes of the known pictures, in pixels."""


@pytest.fixture(scope="module")
def stills(tmp_path_factory: pytest.TempPathFactory) -> KnownPictures:
    painted = [paint_picture(seed, *size) for seed, size in enumerate(SIDES.values())]
    return learn(tmp_path_factory.mktemp("known") / "known", painted)


def fill(picture: Picture, width: int = WIDTH, height: int = HEIGHT) -> Picture:
    """Its middle, as large as the frame."""
    scale = max(width / picture.shape[1], height / picture.shape[0])
    large = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    top, left = (large.shape[0] - height) // 2, (large.shape[1] - width) // 2
    return np.asarray(large[top : top + height, left : left + width], np.uint8)


def shatter(picture: Picture) -> Picture:
    """Behind frosted glass: every part is a little beside its place, so that no keypoint is left."""
    rng = np.random.default_rng(3)
    moved = [cv2.GaussianBlur(rng.normal(0, 1, picture.shape[:2]).astype(np.float32), (0, 0), 2) * 22 for _ in "xy"]
    down, across = np.mgrid[: picture.shape[0], : picture.shape[1]].astype(np.float32)
    return np.asarray(cv2.remap(picture, across + moved[0], down + moved[1], cv2.INTER_LINEAR), np.uint8)


def draw(picture: Picture) -> Picture:
    """Black contours on white."""
    gray = cv2.GaussianBlur(to_gray(picture), (0, 0), 1.2)
    lines = cv2.adaptiveThreshold(gray, 255, cv2.ADAPTIVE_THRESH_GAUSSIAN_C, cv2.THRESH_BINARY, 13, 5)
    return np.repeat(np.asarray(lines, np.uint8)[:, :, None], 3, 2)


def frame(picture: Picture) -> Picture:
    """In the middle of a black frame."""
    framed = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    top, left = (HEIGHT - picture.shape[0]) // 2, (WIDTH - picture.shape[1]) // 2
    framed[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    return framed


def squeeze(picture: Picture) -> Picture:
    """As for an anamorphic projection, between black bars."""
    return frame(np.asarray(cv2.resize(picture, (WIDTH // 2, HEIGHT), interpolation=cv2.INTER_AREA), np.uint8))


EDITS: dict[str, Callable[[Picture], Picture]] = {
    "frosted": lambda picture: shatter(fill(picture)),
    "frosted, mirrored": lambda picture: np.ascontiguousarray(shatter(fill(picture))[:, ::-1]),
    "frosted, in a letterbox": lambda picture: frame(shatter(fill(picture, WIDTH, 270))),
    "frosted and squeezed": lambda picture: squeeze(shatter(fill(picture))),
    "drawn": lambda picture: draw(fill(picture)),
    "drawn, in a letterbox": lambda picture: frame(draw(fill(picture, WIDTH, 270))),
}


@pytest.mark.parametrize("name", EDITS)
@pytest.mark.parametrize("number", range(len(SIDES)), ids=SIDES)
def test_what_fills_the_frame_with_its_middle_is_found(stills: KnownPictures, name: str, number: int) -> None:
    shown = EDITS[name](paint_picture(number, *list(SIDES.values())[number]))
    found = track.find_in_picture(make_keyframe(shown), stills)
    assert [match.known.digest for match in found] == [f"sha256:{number}"]


@pytest.mark.parametrize("name", EDITS)
def test_nothing_is_found_in_the_middle_of_another_picture(stills: KnownPictures, name: str) -> None:
    for seed in (61, 62, 63):
        shown = EDITS[name](paint_picture(seed, 480, 480))
        assert track.find_in_picture(make_keyframe(shown), stills) == []


def test_it_is_tracked_from_cut_to_cut(stills: KnownPictures) -> None:
    shot = make_shot([EDITS["frosted and squeezed"](paint_picture(0, 480, 480))] * 48)
    (match,) = track.find_in_shot(shot, stills)
    assert match.time
    assert (match.verdict, match.time.start, match.time.end) == (COPY, 0.0, 2.0)
    shot = make_shot([draw(fill(paint_picture(0, 480, 480)))] * 48)
    (match,) = track.find_in_shot(shot, stills)
    assert match.time
    assert (match.verdict, match.time.start, match.time.end) == (SHARES, 0.0, 2.0)
    assert "cropped to 56% of its area" in match.detail


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("size", [(400, 400), (640, 200), (200, 640), (640, 360)])
def test_a_placement_puts_the_middle_where_the_area_is(size: tuple[int, int], mirrored: bool) -> None:
    area = Area(40, 30, 320, 180)
    placement = Placement(area, area.shape)
    affine = placement.place(size, mirrored=mirrored)
    known = np.random.default_rng(1).integers(0, 255, (size[1], size[0]), np.uint8)
    height, width = placement.crop(known).shape
    assert width / height == pytest.approx(area.shape, rel=0.01)
    left, top = (size[0] - width) / 2, (size[1] - height) / 2
    corners = np.array([(left, top), (left + width, top + height)]) @ affine[:, :2].T + affine[:, 2]
    wanted = [(360, 30), (40, 210)] if mirrored else [(40, 30), (360, 210)]
    assert corners == pytest.approx(np.array(wanted), abs=1.5)


def test_borders_are_found_and_a_plain_picture_has_none() -> None:
    gray = to_gray(paint_picture(5))
    whole = Area(0, 0, WIDTH, HEIGHT)
    assert find_picture_area(gray) == whole
    framed = np.full_like(gray, 16)
    framed[60:300, 100:540] = cv2.resize(gray, (440, 240))
    area = find_picture_area(framed)
    assert np.abs(np.array(area) - (100, 60, 440, 240)).max() <= 3
    framed = np.full_like(gray, 16)
    framed[160:220, 300:360] = 200
    assert find_picture_area(framed) == whole, "what is so small is no picture between borders"
    assert find_picture_area(np.full_like(gray, 90)) == whole
    assert list_areas(gray) == [whole]
    assert [placement.area for placement in list_placements(whole)] == [whole, whole]


def test_middles_are_those_of_other_shapes_alone() -> None:
    middles = list_middles(np.zeros((360, 640), np.uint8))
    assert [middle is None for middle in middles] == [shape == 16 / 9 for shape in SHAPES]
    for middle, shape in zip(middles, SHAPES, strict=True):
        if middle is not None:
            assert middle.shape[1] / middle.shape[0] == pytest.approx(shape, rel=0.02)


def test_the_index_has_no_hash_of_a_middle_that_is_all(tmp_path: Path) -> None:
    known = learn(tmp_path / "known", [paint_picture(0, 480, 480)])
    assert known.middle_hashes.shape == (len(SHAPES), 1, 4)
    is_empty = (known.middle_hashes == 0).all((1, 2))
    assert [bool(empty) for empty in is_empty] == [shape == 1.0 for shape in SHAPES]
