"""A known picture under something that is laid over all of it is a copy; others before its set are none."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from provenance.fingerprint import pictures
from provenance.matching import known, write_index
from provenance.matching.known import KnownPictures, decode_gray_thumbnail
from provenance.matching.picture import track
from provenance.matching.picture.block_check import warp_back
from provenance.matching.picture.mixture_check import MixtureCheck, check_mixture
from provenance.model.match import COPY, Known
from provenance.model.vocabulary import Origin
from tests.matching.paint import Picture, make_fingerprint, make_keyframe, paint_picture

KNOWN = 3


@pytest.fixture(scope="module")
def stills(tmp_path_factory: pytest.TempPathFactory) -> KnownPictures:
    path = tmp_path_factory.mktemp("known") / "known"
    kept = pictures.pack("picture", [make_fingerprint(paint_picture(KNOWN))])
    rows = [(Known("sha256:known", "known.png", Origin.GENERATED), kept)]
    return known.load_pictures(write_index.write(str(path), rows).path)


def blend(picture: Picture, other: Picture, share: float) -> Picture:
    return np.asarray(cv2.addWeighted(picture, share, other, 1 - share, 0), np.uint8)


def rain(picture: Picture, _: Picture) -> Picture:
    over = picture.copy()
    random = np.random.default_rng(5)
    for x, y, length in random.random((300, 3)):
        start = int(x * picture.shape[1]), int(y * picture.shape[0])
        cv2.line(over, start, (start[0] - 3, start[1] + 8 + int(length * 25)), (225, 228, 230), 1, cv2.LINE_AA)
    return blend(over, picture, 0.7)


def age(picture: Picture, _: Picture) -> Picture:
    """Sepia, faded, with scratches, dust and grain."""
    random = np.random.default_rng(6)
    gray = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32) * 0.5 + 60
    for x in random.random(14):
        across = int(x * gray.shape[1])
        cv2.line(gray, (across, 0), (across + 4, gray.shape[0]), 235.0, 1, cv2.LINE_AA)
    for x, y in random.random((200, 2)):
        cv2.circle(gray, (int(x * gray.shape[1]), int(y * gray.shape[0])), 2, 20.0, -1)
    gray += random.normal(0, 9, gray.shape).astype(np.float32)
    return np.asarray(np.clip(gray[:, :, None] * (1.08, 0.92, 0.72), 0, 255), np.uint8)


OVERLAYS: dict[str, Callable[[Picture, Picture], Picture]] = {
    "half of it, and half of another": lambda picture, other: blend(picture, other, 0.5),
    "rain": rain,
    "an aged print": age,
}


@pytest.mark.parametrize("name", OVERLAYS)
def test_a_picture_under_an_overlay_is_a_copy(stills: KnownPictures, name: str) -> None:
    shown = OVERLAYS[name](paint_picture(KNOWN), paint_picture(71))
    (match,) = track.find_in_picture(make_keyframe(shown), stills)
    assert match.verdict == COPY


@pytest.mark.parametrize("name", OVERLAYS)
def test_an_unrelated_picture_under_an_overlay_matches_nothing(stills: KnownPictures, name: str) -> None:
    shown = OVERLAYS[name](paint_picture(72), paint_picture(73))
    assert track.find_in_picture(make_keyframe(shown), stills) == []


def measure(shown: Picture) -> MixtureCheck:
    """Compare a frame with the known picture, in place."""
    fingerprint = make_fingerprint(paint_picture(KNOWN))
    thumbnail = decode_gray_thumbnail(fingerprint)
    keyframe = make_keyframe(shown)
    scale = keyframe.gray.shape[1] / thumbnail.shape[1]
    mixture = check_mixture(thumbnail, warp_back(thumbnail, keyframe.gray, np.diag((scale, scale, 1.0))))
    assert mixture
    return mixture


def test_of_a_blend_nothing_is_missing() -> None:
    mixture = measure(blend(paint_picture(KNOWN), paint_picture(71), 0.5))
    assert mixture.share > 0.85
    assert mixture.figure == 0


def test_the_structure_is_missing_where_somebody_else_stands() -> None:
    shown = paint_picture(KNOWN).copy()
    shown[120:340, 260:380] = paint_picture(74)[120:340, 260:380]
    mixture = measure(shown)
    assert mixture.share > 0.6
    assert mixture.figure > 0.05


def test_others_before_the_same_set_are_no_copy_in_rain_either(stills: KnownPictures) -> None:
    shown = paint_picture(KNOWN).copy()
    shown[120:340, 260:380] = paint_picture(74)[120:340, 260:380]
    (match,) = track.find_in_picture(make_keyframe(rain(shown, shown)), stills)
    assert match.verdict != COPY


def test_a_negative_holds_the_same_structure() -> None:
    mixture = measure(np.asarray(255 - paint_picture(KNOWN), np.uint8))
    assert mixture.share > 0.9
    assert mixture.figure == 0


def test_an_unrelated_picture_holds_nothing() -> None:
    assert measure(paint_picture(75)).share < 0.3
