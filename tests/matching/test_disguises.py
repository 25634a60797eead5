"""What the plain search cannot find: negatives, and pictures behind bars. Nothing else may be found in their place."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from provenance.fingerprint import features
from provenance.matching.known import KnownPictures
from provenance.matching.picture import guided, track
from provenance.matching.picture.disguises import take_all_points
from provenance.matching.picture.index import PictureCandidate
from provenance.matching.picture.verify import verify_candidate, verify_candidates
from provenance.model.match import COPY, SHARES, Match
from tests.matching.paint import (
    Picture,
    crop,
    grade,
    inset,
    make_fingerprint,
    make_keyframe,
    make_shot,
    paint_picture,
    to_gray,
)
from tests.matching.stored import learn

STILLS = 6


@pytest.fixture(scope="module")
def stills(tmp_path_factory: pytest.TempPathFactory) -> KnownPictures:
    return learn(tmp_path_factory.mktemp("known") / "known", [paint_picture(seed) for seed in range(STILLS)])


def invert(picture: Picture) -> Picture:
    return np.asarray(255 - picture, np.uint8)


def cover(picture: Picture, *, step: int, width: int, level: int) -> Picture:
    """Lie bars over it, across and down."""
    covered = picture.copy()
    for start in range(0, picture.shape[1], step):
        covered[:, start : start + width] = level
        covered[start : start + width] = level
    return covered


def blur(picture: Picture) -> Picture:
    """As under titles."""
    soft = np.asarray(cv2.GaussianBlur(picture, (0, 0), 5) * 0.7, np.uint8)
    cv2.putText(soft, "CHAPTER THREE", (60, 190), cv2.FONT_HERSHEY_TRIPLEX, 1.9, (240, 240, 240), 4, cv2.LINE_AA)
    return soft


def trace_lines(picture: Picture) -> Picture:
    """Black contours on white, nothing between."""
    gray = cv2.GaussianBlur(to_gray(picture), (0, 0), 1.2)
    lines = cv2.adaptiveThreshold(gray, 255, cv2.ADAPTIVE_THRESH_GAUSSIAN_C, cv2.THRESH_BINARY, 13, 5)
    return np.repeat(np.asarray(lines, np.uint8)[:, :, None], 3, 2)


def glow(picture: Picture) -> Picture:
    """Bright contours on black, mirrored."""
    gray = cv2.GaussianBlur(to_gray(picture), (0, 0), 1).astype(np.float32)
    strength = np.hypot(cv2.Sobel(gray, cv2.CV_32F, 1, 0), cv2.Sobel(gray, cv2.CV_32F, 0, 1))
    return np.repeat(np.clip(strength, 0, 255).astype(np.uint8)[:, ::-1, None], 3, 2)


DISGUISES: dict[str, Callable[[Picture], Picture]] = {
    "negative": invert,
    "a part of the negative, mirrored": lambda picture: invert(crop(picture, 0.6)[:, ::-1]),
    "a graded negative": lambda picture: grade(invert(picture)),
    "dark bars": lambda picture: cover(picture, step=32, width=12, level=20),
    "light bars": lambda picture: cover(picture, step=32, width=12, level=235),
    "blurred under titles": blur,
    "drawn in lines": trace_lines,
    "glowing contours, mirrored": glow,
}


@pytest.mark.parametrize("name", DISGUISES)
def test_a_disguised_picture_is_found_and_no_other(stills: KnownPictures, name: str) -> None:
    for seed in (1, 4):
        disguised = make_keyframe(np.ascontiguousarray(DISGUISES[name](paint_picture(seed))))
        assert list_known(track.find_in_picture(disguised, stills)) == [f"sha256:{seed}"]


@pytest.mark.parametrize("name", DISGUISES)
def test_nothing_is_behind_the_disguise_of_another_picture(stills: KnownPictures, name: str) -> None:
    for seed in (61, 62, 63):
        disguised = make_keyframe(np.ascontiguousarray(DISGUISES[name](paint_picture(seed))))
        assert track.find_in_picture(disguised, stills) == []


def test_a_negative_in_a_shot_is_a_copy_from_cut_to_cut(stills: KnownPictures) -> None:
    shot = make_shot([invert(paint_picture(2))] * 48)
    (match,) = track.find_in_shot(shot, stills)
    assert (match.known.digest, match.verdict) == ("sha256:2", COPY)
    assert match.time
    assert (match.time.start, match.time.end) == (0.0, 2.0)
    assert match.detail.startswith("as a negative, fills the frame")


def test_a_drawing_is_shared_content_and_named(stills: KnownPictures) -> None:
    """What a drawing leaves out may have been another take."""
    drawn = make_keyframe(trace_lines(paint_picture(3)))
    (match,) = track.find_in_picture(drawn, stills)
    assert match.verdict == SHARES
    assert match.detail.startswith("by its contours alone, as of a drawing in lines, fills the frame")
    assert "contours agree" in match.detail


def test_a_drawing_in_a_shot_is_found_from_cut_to_cut(stills: KnownPictures) -> None:
    (match,) = track.find_in_shot(make_shot([trace_lines(paint_picture(2))] * 36), stills)
    assert (match.known.digest, match.verdict) == ("sha256:2", SHARES)
    assert match.time
    assert (match.time.start, match.time.end) == (0.0, 1.5)


def pixelate(picture: Picture, across: int, down: int) -> Picture:
    small = cv2.resize(picture, (across, down), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (640, 360), interpolation=cv2.INTER_NEAREST), np.uint8)


@pytest.mark.parametrize(
    ("across", "down", "seeds"), [(16, 9, (70, 72, 81, 88)), (12, 7, (70, 73, 78, 88)), (21, 12, (70, 71, 79))]
)
def test_mosaics_of_equal_squares_are_not_found_in_each_other(
    tmp_path: Path, across: int, down: int, seeds: tuple[int, ...]
) -> None:
    """Neither by the corners of their squares, which are alike, nor as drawings, which have the grid in common."""
    mosaics = [pixelate(paint_picture(seed), across, down) for seed in range(6)]
    library = learn(tmp_path / "index", mosaics)
    # All but the first are found where nothing asks for squares.
    for seed in seeds:
        other = make_keyframe(pixelate(paint_picture(seed), across, down))
        assert track.find_in_picture(other, library) == []
    (match,) = track.find_in_picture(make_keyframe(grade(mosaics[3])), library)
    assert (match.known.digest, match.verdict) == ("sha256:3", COPY)


def test_the_pixels_of_tiny_pictures_are_no_contours(tmp_path: Path) -> None:
    """Enlarged, eight by eight pixels show where their edges are, and nothing else."""
    rng = np.random.default_rng(5)
    tiny = [np.asarray(rng.integers(0, 256, (8, 8, 3)), np.uint8) for _ in range(12)]
    library = learn(tmp_path / "index", tiny[:6])
    for picture in tiny[6:]:
        assert track.find_in_picture(make_keyframe(picture), library) == []


def test_bars_in_front_are_named(stills: KnownPictures) -> None:
    frame = make_keyframe(DISGUISES["dark bars"](paint_picture(4)))
    (match,) = track.find_in_picture(frame, stills)
    assert match.detail.startswith("behind bars")


def test_the_plain_search_does_not_find_a_negative(stills: KnownPictures) -> None:
    """Otherwise the tests above would prove nothing."""
    candidates = verify_candidates(make_keyframe(invert(paint_picture(1))), stills)
    assert not any(candidate.is_match for candidate in candidates)


def test_a_doubtful_inset_is_searched_closer(stills: KnownPictures) -> None:
    """Of the keypoints of a busy frame, the usual ones leave a small inset too few to be sure of it."""
    surer = 0
    for seed in range(STILLS):
        frame = make_keyframe(inset(paint_picture(seed), paint_picture(70 + seed), 0.14, 0.4, 0.6))
        plain = [one for one in verify_candidates(frame, stills) if one.is_doubtful]
        for candidate in plain:
            closer = take_all_points(frame)
            item = stills.items[candidate.item]
            again = verify_candidate(closer, item, PictureCandidate(candidate.item, False, 1.0))
            assert again
            surer += again.inliers > candidate.inliers
    assert surer >= 2


def test_inverted_features_are_those_of_the_negative() -> None:
    gray = to_gray(paint_picture(3))
    derived = features.invert(features.extract_features(gray, 1000))
    extracted = features.extract_features(np.asarray(255 - gray, np.uint8), 1000)
    same = 0
    for row in range(len(derived)):
        is_here = np.abs(extracted.points - derived.points[row]).max(1) < 0.5
        is_here &= extracted.angles == derived.angles[row]
        cosines = extracted.descriptors[is_here] @ derived.descriptors[row]
        same += bool((cosines > 0.98).any())
    assert same > 0.8 * len(derived)


@functools.cache
def extract_known(seed: int) -> features.Features:
    return make_fingerprint(paint_picture(seed)).features


@pytest.mark.parametrize("mirrored", [False, True])
def test_pairs_are_found_where_a_warp_expects_them(mirrored: bool) -> None:
    picture = paint_picture(5)
    shown = cover(picture[:, ::-1] if mirrored else picture, step=64, width=12, level=20)
    found = make_keyframe(np.ascontiguousarray(shown)).features
    whole = np.array([[1.0, 0, 0], [0, 1, 0]])
    if mirrored:
        whole = np.array([[-1.0, 0, picture.shape[1]], [0, 1, 0]])
    warp = guided.match_under_warp(found, extract_known(5), whole, mirrored=mirrored)
    assert warp
    assert warp.inliers >= 10
    for seed in range(60, 66):
        other = extract_known(seed)
        assert guided.match_under_warp(found, other, whole, mirrored=mirrored) is None


def list_known(matches: list[Match]) -> list[str]:
    return [match.known.digest for match in matches]
