"""The fast index against the slow reference, geometric verification and the block check."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from provenance.fingerprint import features
from provenance.fingerprint.features import Features
from provenance.matching.picture import exact
from provenance.matching.picture.block_check import BlockCheck, check_blocks, warp_back
from provenance.matching.picture.geometry import estimate_warp
from provenance.matching.picture.index import PictureIndex, lay_out, make_postings
from tests.matching.paint import Picture, add_titles, crop, grade, inset, make_thumbnail, paint_picture, to_gray

SHARED = 12
KNOWN = range(12)


def extract(picture: Picture) -> Features:
    return features.extract_features(to_gray(picture), 500)


@pytest.fixture(scope="module")
def known() -> list[Features]:
    return [extract(paint_picture(seed)) for seed in KNOWN]


def make_index(known: list[Features]) -> PictureIndex:
    return PictureIndex([(0, lay_out(make_postings(number, one) for number, one in enumerate(known)))])


QUERIES: dict[str, Callable[[], Picture]] = {
    "as is": lambda: paint_picture(3),
    "mirrored": lambda: paint_picture(4)[:, ::-1],
    "graded, mirrored and cropped": lambda: grade(crop(paint_picture(5), 0.6))[:, ::-1],
    "inset": lambda: inset(paint_picture(6), paint_picture(101), 0.4, 0.1, 0.8),
    "two at once": lambda: inset(paint_picture(7), crop(paint_picture(8), 0.8), 0.5, 0.0, 0.0),
    "titled": lambda: add_titles(paint_picture(9)),
    "unrelated": lambda: paint_picture(102),
    "unrelated and titled": lambda: add_titles(paint_picture(103)),
    "noise": lambda: np.random.default_rng(1).integers(0, 256, (360, 640, 3)).astype(np.uint8),
}


def test_what_is_left_out_takes_no_place_from_others() -> None:
    own = [extract(crop(paint_picture(3), 1 - 0.002 * number)) for number in range(9)]
    index = make_index([*own, extract(crop(paint_picture(3), 0.6))])
    assert 9 not in [one.item for one in index.find_candidates(own[0], 6)]
    assert [one.item for one in index.leave_out(range(9)).find_candidates(own[0], 6)] == [9]


@pytest.mark.parametrize("name", QUERIES)
def test_the_index_finds_what_the_reference_finds(name: str, known: list[Features]) -> None:
    picture = extract(np.ascontiguousarray(QUERIES[name]()))
    wanted = exact.find_overlapping(picture, known, SHARED)
    ranked = make_index(known).find_candidates(picture, 6)
    fast = {
        (one.item, one.mirrored)
        for one in ranked
        if (warp := estimate_warp(picture, known[one.item], mirrored=one.mirrored)) and warp.inliers >= SHARED
    }
    assert fast == wanted
    assert bool(wanted) != ("unrelated" in name or name == "noise")


def test_both_rank_the_same_picture_first(known: list[Features]) -> None:
    index = make_index(known)
    for seed in KNOWN:
        picture = extract(crop(paint_picture(seed), 0.7, 0.2, 0.9))
        fast, slow = index.find_candidates(picture, 1)[0], exact.find_candidates(picture, known, 1)[0]
        assert (fast.item, fast.mirrored) == (slow.item, slow.mirrored) == (seed, False)


def test_an_empty_index_and_an_empty_picture_find_nothing(known: list[Features]) -> None:
    flat = features.extract_features(np.zeros((360, 640), np.uint8), 500)
    assert make_index([]).find_candidates(known[0], 5) == []
    assert make_index([flat]).find_candidates(known[0], 5) == []
    assert make_index(known).find_candidates(flat, 5) == []


@pytest.mark.parametrize("mirrored", [False, True])
def test_the_warp_is_the_one_that_was_made(mirrored: bool) -> None:
    made = cv2.getRotationMatrix2D((320, 180), 8, 0.7)
    source = paint_picture(20)
    found = np.asarray(cv2.warpAffine(source, made, (640, 360)), np.uint8)
    if mirrored:
        found = np.ascontiguousarray(found[:, ::-1])
        made = np.array([[-1, 0], [0, 1]]) @ made + np.array([[0, 0, 640], [0, 0, 0]])
    warp = estimate_warp(extract(found), extract(source), mirrored=mirrored)
    assert warp is not None
    assert warp.inliers > 60
    corners = np.array([(0, 0, 1), (640, 0, 1), (640, 360, 1), (0, 360, 1)])
    assert np.abs(corners @ (warp.affine - made).T).max() < 2.5
    assert estimate_warp(extract(found), extract(source), mirrored=not mirrored) is None


def test_no_editor_squeezes_a_picture_to_a_third() -> None:
    source = paint_picture(21)
    squeezed = np.zeros_like(source)
    squeezed[:, :200] = cv2.resize(source, (200, 360), interpolation=cv2.INTER_AREA)
    assert estimate_warp(extract(squeezed), extract(source), mirrored=False) is None


STILL = np.diag((640 / 240, 640 / 240, 1.0))


def check(known: Picture, found: Picture) -> tuple[float, int, int, int]:
    return tuple(compare(known, found, STILL))  # type: ignore[return-value]


def compare(known: Picture, found: Picture, warp: NDArray[np.float64]) -> BlockCheck:
    thumbnail = to_gray(make_thumbnail(known))
    return check_blocks(thumbnail, warp_back(thumbnail, to_gray(found), warp))


def test_the_same_picture_agrees_whatever_its_colours() -> None:
    assert check(paint_picture(30), paint_picture(30))[0] > 0.97
    assert check(paint_picture(30), grade(paint_picture(30)))[0] > 0.95
    assert check(paint_picture(30), 255 - paint_picture(30))[0] > 0.95


def test_another_picture_does_not_agree() -> None:
    assert check(paint_picture(30), paint_picture(31))[0] < 0.2


def test_mattes_and_blurred_fillings_hide_and_do_not_contradict() -> None:
    matted = paint_picture(30).copy()
    matted[:60] = matted[300:] = 16
    share, _, covered, _ = check(paint_picture(30), matted)
    assert share > 0.9
    assert covered > 10
    filled = np.asarray(cv2.GaussianBlur(paint_picture(31), (0, 0), 25), np.uint8)
    filled[:, 200:440] = paint_picture(30)[:, 200:440]
    assert check(paint_picture(30), filled)[0] > 0.75


def test_another_take_agrees_in_its_background_alone() -> None:
    take = paint_picture(30).copy()
    take[90:360, 160:480] = paint_picture(32)[90:360, 160:480]
    assert 0.3 < check(paint_picture(30), take)[0] < 0.7


def test_flat_pictures_say_nothing() -> None:
    flat = np.full((360, 640, 3), 80, np.uint8)
    assert check(flat, flat) == (0.0, 0, 0, 0)
    assert check(paint_picture(30), flat)[0] == 0.0


def test_a_picture_on_a_screen_in_perspective_agrees() -> None:
    corners = np.array([(0, 0), (640, 0), (640, 360), (0, 360)], np.float32)
    seen = np.array([(150, 40), (520, 95), (480, 290), (110, 300)], np.float32)
    made = cv2.getPerspectiveTransform(corners, seen)
    source, found = paint_picture(40), paint_picture(41).copy()
    inside = cv2.warpPerspective(np.full((360, 640), 255, np.uint8), made, (640, 360)) > 127
    found[inside] = cv2.warpPerspective(cv2.GaussianBlur(source, (0, 0), 1), made, (640, 360))[inside]
    warp = estimate_warp(extract(found), extract(source), mirrored=False)
    assert warp is not None
    share = compare(source, found, warp.homography @ STILL).share
    flat = compare(source, found, np.vstack((warp.affine, (0, 0, 1))) @ STILL).share
    assert share > 0.85
    assert share > flat + 0.1
