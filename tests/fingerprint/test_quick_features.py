"""Quick keypoints beside those of SIFT, which are stored of known pictures."""

from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from provenance.fingerprint import features
from provenance.fingerprint.quick_features import extract_coarse_features, extract_quick_features
from provenance.matching.picture.geometry import Warp, estimate_warp
from tests.matching.paint import Picture, grade, inset, paint_picture, to_gray


def place(gray: Picture, known: Picture, *, mirrored: bool = False) -> Warp:
    """Where quick keypoints see a known picture."""
    stored = features.extract_features(to_gray(known), 1000)
    warp = estimate_warp(extract_quick_features(gray, 1000), stored, mirrored=mirrored)
    assert warp
    return warp


def measure_difference(affine: NDArray[np.float64], wanted: Any) -> float:
    """Pixels, at most, by which a warp misses one of the corners."""
    corners = np.array([(0, 0, 1), (639, 0, 1), (0, 359, 1), (639, 359, 1)], np.float64)
    return float(np.linalg.norm(corners @ (affine - wanted).T, axis=1).max())


def test_quick_keypoints_lie_where_those_of_sift_lie() -> None:
    gray = to_gray(paint_picture(5))
    quick = extract_quick_features(gray, 1000)
    sift = features.extract_features(gray, 5000)
    distances = np.linalg.norm(quick.points[:, None] - sift.points[None], axis=2)
    nearest = distances.argmin(1)
    rows = np.arange(len(quick))
    same = distances[rows, nearest] < 1
    assert same.mean() > 0.4
    cosines = (quick.descriptors @ sift.descriptors.T)[rows[same]]
    # The best of those at the same place, which may have another direction or size.
    beside = np.where(distances[same] < 1, cosines, -1).max(1)
    assert np.median(beside) > 0.95


@pytest.mark.parametrize("angle", [0, 30, 90, 200])
def test_a_turned_picture_is_placed(angle: int) -> None:
    picture = paint_picture(6)
    turn = cv2.getRotationMatrix2D((320, 180), angle, 0.7)
    gray = np.asarray(cv2.warpAffine(to_gray(picture), turn, (640, 360)), np.uint8)
    warp = place(gray, picture)
    assert warp.inliers > 60
    assert measure_difference(warp.affine, turn) < 3


def test_a_small_inset_a_grade_and_a_mirror_image_are_placed() -> None:
    picture = paint_picture(7)
    shown = inset(grade(picture), paint_picture(8), 0.3, 0.5, 0.5)
    assert place(to_gray(shown), picture).inliers > 20
    mirrored = np.ascontiguousarray(to_gray(picture)[:, ::-1])
    assert place(mirrored, picture, mirrored=True).inliers > 100


@pytest.mark.parametrize("size", [(1, 1), (3, 640), (360, 5), (12, 12), (13, 640)])
def test_pictures_of_any_size_have_features_or_none(size: tuple[int, int]) -> None:
    noise = np.random.default_rng(1).integers(0, 256, size).astype(np.uint8)
    for extract in (extract_quick_features, extract_coarse_features):
        found = extract(noise, 200)
        assert (found.height, found.width) == size
        assert len(found) <= 200


@pytest.mark.parametrize("level", [0, 16, 255])
def test_a_flat_picture_has_none(level: int) -> None:
    assert len(extract_quick_features(np.full((360, 640), level, np.uint8), 1000)) == 0


def test_at_most_so_many_are_kept_spread_over_the_picture() -> None:
    busy = to_gray(paint_picture(9))
    busy[:, :320] //= 4
    found = extract_quick_features(busy, 200)
    assert len(found) == 200
    assert (found.points[:, 0] < 320).sum() > 40
    assert (found.points[:, 0] > 320).sum() > 40


@pytest.mark.parametrize("size", [(360, 640), (361, 639)])
def test_coarse_features_lie_where_those_of_the_picture_lie(size: tuple[int, int]) -> None:
    gray = np.asarray(cv2.resize(to_gray(paint_picture(6)), size[::-1]), np.uint8)
    coarse = extract_coarse_features(gray, 300)
    assert (coarse.width, coarse.height) == (gray.shape[1], gray.shape[0])
    warp = estimate_warp(coarse, features.extract_features(gray, 1000), mirrored=False)
    assert warp
    assert warp.inliers > 40
    assert np.abs(warp.affine - [[1, 0, 0], [0, 1, 0]])[:, :2].max() < 0.01
    assert np.abs(warp.affine[:, 2]).max() < 1
    # Sizes are those of the whole picture: nothing is as small as half of it cannot show.
    assert coarse.scales.min() >= 8 * np.log2(3)
