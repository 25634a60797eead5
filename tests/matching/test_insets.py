"""Small pictures in busy frames, which have too few of the frame's keypoints to be candidates by them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from provenance.fingerprint.shots import Shot
from provenance.matching.known import KnownPictures
from provenance.matching.picture import track
from provenance.matching.picture.insets import Box, find_boxes, find_insets
from provenance.matching.picture.select_keyframes import select_keyframes
from provenance.matching.picture.verify import verify_candidates
from provenance.model.match import COPY
from tests.matching.paint import (
    HEIGHT,
    WIDTH,
    Picture,
    inset,
    make_keyframe,
    make_shot,
    paint_picture,
    to_gray,
)
from tests.matching.stored import learn

STILLS = 6
SEEDS = range(STILLS)


@pytest.fixture(scope="module")
def stills(tmp_path_factory: pytest.TempPathFactory) -> KnownPictures:
    return learn(tmp_path_factory.mktemp("known") / "known", [paint_picture(seed) for seed in SEEDS])


def paint_busy(seed: int) -> Picture:
    """A picture with several thousand keypoints: foliage, gravel, a crowd."""
    random = np.random.default_rng(seed)
    grain = random.integers(-70, 71, (HEIGHT // 3, WIDTH // 3, 1)).astype(np.float32)
    spread = np.asarray(cv2.resize(grain, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC), np.float32)
    return np.asarray(np.clip(paint_picture(seed) + spread[:, :, None], 0, 255), np.uint8)


def show(seed: int, size: float = 0.15, x: float = 0.4, y: float = 0.6) -> Picture:
    """A known picture, small, in a busy one."""
    return inset(paint_picture(seed), paint_busy(70 + seed), size, x, y)


def test_a_small_inset_in_a_busy_still_is_found_and_no_other(stills: KnownPictures) -> None:
    plainly = 0
    for seed in SEEDS:
        frame = make_keyframe(show(seed))
        plainly += any(candidate.is_match for candidate in verify_candidates(frame, stills))
        found = [match.known.digest for match in track.find_in_picture(frame, stills)]
        assert found == [f"sha256:{seed}"]
    # Otherwise this would prove nothing.
    assert plainly < STILLS


def test_nothing_is_found_in_the_boxes_of_unrelated_pictures(stills: KnownPictures) -> None:
    for seed in SEEDS:
        frame = make_keyframe(inset(paint_picture(40 + seed), paint_busy(70 + seed), 0.15, 0.4, 0.6))
        assert list(find_insets(frame))
        assert track.find_in_picture(frame, stills) == []


@pytest.mark.parametrize("ground", [paint_picture(80), np.full((HEIGHT, WIDTH, 3), 90, np.uint8)])
def test_a_box_is_where_the_inset_is(ground: Picture) -> None:
    wide, high = int(WIDTH * 0.18), int(HEIGHT * 0.18)
    left, top = int((WIDTH - wide) * 0.7), int((HEIGHT - high) * 0.2)
    expected = Box(left, top, left + wide, top + high)
    for seed in SEEDS:
        boxes = find_boxes(to_gray(inset(paint_picture(seed), ground, 0.18, 0.7, 0.2)))
        assert any(np.abs(np.subtract(box, expected)).max() <= 3 for box in boxes)


@pytest.mark.parametrize("size", [(1, 1), (40, 640), (55, 80), (640, 360), (360, 640)])
def test_plain_and_tiny_pictures_have_no_box(size: tuple[int, int]) -> None:
    assert find_boxes(np.full(size, 128, np.uint8)) == []
    assert find_boxes(np.tile(np.arange(size[1], dtype=np.uint8), (size[0], 1))) == []


def test_points_of_an_inset_lie_where_it_is_in_the_frame() -> None:
    (box, *_) = find_insets(make_keyframe(show(2)))
    points = box.features.points
    assert len(points) > 20
    left, top, right, bottom = box.box
    assert (points >= (left - 1, top - 1)).all()
    assert (points <= (right, bottom)).all()
    assert (box.features.width, box.features.height) == (WIDTH, HEIGHT)


def drift(seed: int, comes: float, goes: float, rate: int = 24) -> Shot:
    """24 seconds of a locked camera. A known picture slides in from the left, drifts on, and slides out again."""
    ground = paint_busy(90)
    small = cv2.resize(paint_picture(seed), None, fx=0.2, fy=0.2, interpolation=cv2.INTER_AREA)
    high, wide = small.shape[:2]
    frames = []
    for number in range(24 * rate):
        time = number / rate
        frame = ground
        if comes < time < goes:
            outside = max(0.0, 1 - (time - comes) / 2, 1 - (goes - time) / 2)
            left = wide + int(20 * (time - comes) - (wide + 20) * outside)
            # Beyond the left edge there is more than is seen.
            canvas = cv2.copyMakeBorder(ground, 0, 0, wide, 0, cv2.BORDER_CONSTANT)
            canvas[120 : 120 + high, max(0, left) : max(0, left) + wide] = small
            frame = np.ascontiguousarray(canvas[:, wide:])
        frames.append(frame)
    return make_shot(frames, rate=rate, every=rate // 2)


def test_an_inset_that_slides_in_between_two_close_looks_is_found(stills: KnownPictures) -> None:
    comes, goes = 6.8, 12.6
    shot = drift(3, comes, goes)
    looks = [each.keyframe for each in select_keyframes(shot) if each.is_close]
    # Otherwise this would prove nothing.
    assert not any(one.is_match for look in looks for one in verify_candidates(look, stills))
    (match,) = track.find_in_shot(shot, stills)
    assert (match.known.digest, match.verdict) == ("sha256:3", COPY)
    assert match.time
    # While it slides in or out, it is partly there.
    assert comes <= match.time.start <= comes + 2.25
    assert goes - 2.25 <= match.time.end <= goes + 0.05
