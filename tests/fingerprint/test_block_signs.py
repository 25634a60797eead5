"""Block signs: they tell a copy from another picture as a thumbnail does, and show no picture."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable

import cv2
import numpy as np
import pytest

from provenance.fingerprint import block_signs, pictures
from provenance.fingerprint.block_signs import BlockSigns
from provenance.matching.picture.block_check import BlockCheck
from provenance.matching.picture.sign_check import check_signs
from tests.matching.paint import Picture, add_titles, grade, make_fingerprint, paint_picture, to_gray

IDENTITY = np.eye(3)


@functools.cache
def make_signs(seed: int) -> BlockSigns:
    signs = block_signs.parse(block_signs.remove_thumbnail(make_fingerprint(paint_picture(seed))).thumbnail)
    assert signs
    return signs


def check(seed: int, found: Picture, warp: np.ndarray[tuple[int, int], np.dtype[np.float64]] = IDENTITY) -> BlockCheck:
    signs = make_signs(seed)
    return check_signs(signs, to_gray(found), warp @ np.diag((640 / signs.width, 360 / signs.height, 1.0)))


COPIES: dict[str, Callable[[Picture], Picture]] = {
    "the same": lambda picture: picture,
    "graded": grade,
    "a negative": lambda picture: 255 - picture,
    "blurred": lambda picture: np.asarray(cv2.GaussianBlur(picture, (0, 0), 3), np.uint8),
    "grainy": lambda picture: np.clip(picture + np.random.default_rng(1).normal(0, 20, picture.shape), 0, 255).astype(
        np.uint8
    ),
}


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_agrees(name: str) -> None:
    found = check(1, COPIES[name](paint_picture(1)))
    assert found.share >= 0.9
    assert found.compared > 80


def test_unrelated_pictures_agree_in_nothing() -> None:
    shares = [check(1, paint_picture(seed)).share for seed in range(2, 22)]
    assert max(shares) <= 0.25


def test_half_of_a_picture_is_half_of_it() -> None:
    mixed = paint_picture(1).copy()
    mixed[:, 320:] = paint_picture(2)[:, 320:]
    assert 0.3 <= check(1, mixed).share <= 0.65


def test_only_what_lies_inside_is_compared_and_plates_hide() -> None:
    # The frame shows the left half of the known picture, twice as large.
    warp = np.diag((2.0, 2.0, 1.0))
    frame = np.asarray(cv2.resize(paint_picture(1)[:180, :320], (640, 360)), np.uint8)
    found = check(1, frame, warp)
    assert found.share >= 0.8
    assert 20 <= found.compared <= 40
    plated = paint_picture(1).copy()
    plated[:120] = 0
    assert check(1, plated).covered >= 20
    assert check(1, plated).share >= 0.8
    assert check(1, add_titles(paint_picture(1))).share >= 0.5


def test_signs_show_no_picture() -> None:
    """The best that patterns and signs give is noise: it hardly correlates with the blocks, and has no brightness."""
    picture = to_gray(paint_picture(1))
    assert block_signs.measure_leak(picture) < 0.45
    # Lighter, darker, flatter: the signs are the same, so they say nothing of it.
    signs = block_signs.make_block_signs(picture).signs
    for changed in (picture // 2, picture // 2 + 100):
        other = block_signs.make_block_signs(np.asarray(changed, np.uint8)).signs
        assert np.bitwise_count(signs ^ other).mean() < 1.5


def test_a_fingerprint_with_signs_is_stored_as_any_other() -> None:
    bare = block_signs.remove_thumbnail(make_fingerprint(paint_picture(1)))
    (again,) = pictures.unpack(pictures.pack("picture", [bare]))
    assert again.thumbnail == bare.thumbnail
    assert block_signs.remove_thumbnail(again) is again


def test_damaged_signs_raise_value_errors_alone() -> None:
    whole = block_signs.pack(make_signs(1))
    chance = random.Random(1)
    for _ in range(200):
        damaged = bytearray(whole[: chance.randrange(4, len(whole) + 1)])
        damaged[chance.randrange(4, max(5, min(12, len(damaged)))) % len(damaged)] ^= 1 << chance.randrange(8)
        try:
            block_signs.parse(bytes(damaged))
        except ValueError as error:
            assert "block signs" in str(error)  # noqa: PT017 - most of them are refused, and some are sound
    assert block_signs.parse(b"\xff\xd8\xff\xe0 a picture") is None
