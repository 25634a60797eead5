import sys

import cv2
import numpy as np
import pytest

from provenance.fingerprint import features, pictures
from provenance.matching.picture import geometry
from provenance.model.asset import Fingerprint
from tests.matching.paint import make_fingerprint, make_thumbnail, paint_picture, to_gray


def test_bytes_give_the_same_features_again() -> None:
    made = features.extract_features(to_gray(paint_picture(1)), 300)
    again = features.from_bytes(features.to_bytes(made))
    assert len(made) == len(again) == 300
    for name in ("points", "scales", "angles", "codes", "words", "signatures"):
        assert np.array_equal(getattr(made, name), getattr(again, name)), name


@pytest.mark.parametrize("cut", [0, 5, 100, -1])
def test_cut_bytes_are_refused(cut: int) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever numpy or struct say
        features.from_bytes(features.to_bytes(features.extract_features(to_gray(paint_picture(1)), 50))[:cut])


@pytest.mark.parametrize("level", [0, 16, 128, 255])
def test_flat_pictures_have_no_features(level: int) -> None:
    assert len(features.extract_features(np.full((360, 640), level, np.uint8), 500)) == 0


def test_a_mirrored_picture_has_the_permuted_descriptors() -> None:
    plain = features.extract_features(to_gray(paint_picture(2)), 400)
    flipped = features.extract_features(np.ascontiguousarray(to_gray(paint_picture(2))[:, ::-1]), 400)
    nearness = plain.descriptors[:, features.MIRRORED_BINS] @ flipped.descriptors.T
    assert np.median(nearness.max(1)) > 0.98
    assert np.median((plain.descriptors @ flipped.descriptors.T).max(1)) < 0.95


def test_words_of_mirrored_descriptors_are_the_mirrored_words() -> None:
    descriptors = features.extract_features(to_gray(paint_picture(3)), 400).descriptors
    words = features.find_nearest_words(descriptors, 1)
    same = features.find_nearest_words(descriptors[:, features.MIRRORED_BINS], 1) == features.mirror_words(words)
    assert same.mean() > 0.98  # but for ties of rounding


def test_the_nearest_words_are_the_nearest() -> None:
    descriptors = features.extract_features(to_gray(paint_picture(3)), 200).descriptors
    slow = np.argsort(-(descriptors @ features.load_vocabulary().T), axis=1)[:, :3]
    assert np.array_equal(features.find_nearest_words(descriptors, 3), slow)


@pytest.mark.parametrize("noise", [0, 40])
@pytest.mark.parametrize("most", [100, 1000])
def test_features_are_the_same_whichever_way_costs_least(
    noise: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    gray = to_gray(paint_picture(4))
    added = np.random.default_rng(4).normal(0, noise, gray.shape)
    gray = np.clip(gray + added, 0, 255).astype(np.uint8)
    is_busy = noise > 0
    assert features.has_little_detail(gray) != is_busy
    chosen = features.extract_features(gray, most)
    monkeypatch.setattr(features, "has_little_detail", lambda _: is_busy)
    other = features.extract_features(gray, most)
    assert features.to_bytes(chosen) == features.to_bytes(other)


def test_points_are_spread_over_the_picture() -> None:
    busy = np.full((360, 640), 90, np.uint8)
    busy[:, :320] = to_gray(paint_picture(4))[:, :320]
    faint = (to_gray(paint_picture(5))[:, 320:] * 0.25 + 70).astype(np.uint8)
    busy[:, 320:] = faint
    found = features.extract_features(busy, 200)
    assert (found.points[:, 0] > 330).sum() > 60


@pytest.mark.parametrize("size", [(360, 640), (361, 639)])
def test_coarse_features_lie_where_those_of_the_picture_lie(size: tuple[int, int]) -> None:
    gray = to_gray(paint_picture(6))[: size[0], : size[1]]
    gray = np.asarray(cv2.resize(gray, size[::-1]), np.uint8)
    coarse = features.extract_coarse_features(gray, 300)
    assert (coarse.width, coarse.height) == (gray.shape[1], gray.shape[0])
    warp = geometry.estimate_warp(coarse, features.extract_features(gray, 1000), mirrored=False)
    assert warp
    assert warp.inliers > 40
    assert np.abs(warp.affine - [[1, 0, 0], [0, 1, 0]])[:, :2].max() < 0.01
    assert np.abs(warp.affine[:, 2]).max() < 1
    # Sizes are those of the whole picture: nothing is as small as half of it cannot show.
    assert coarse.scales.min() >= 8 * np.log2(3)


def test_fingerprints_are_packed_and_unpacked() -> None:
    fingerprints = [
        make_fingerprint(paint_picture(6), time=0.0, most=40),
        make_fingerprint(paint_picture(7), time=0.5, most=40),
    ]
    kept = pictures.pack("video", fingerprints)
    again = list(pictures.unpack(kept))
    assert [one.time for one in again] == [0.0, 0.5]
    assert [one.perceptual_hash for one in again] == [one.perceptual_hash for one in fingerprints]
    assert [one.thumbnail for one in again] == [one.thumbnail for one in fingerprints]
    with pytest.raises(ValueError, match="too soon"):
        list(pictures.unpack(Fingerprint("video", 1, kept.data[:-1])))


def test_a_fingerprint_takes_few_bytes() -> None:
    assert len(pictures.pack("picture", [make_fingerprint(paint_picture(6))]).data) < 110_000
    assert len(pictures.pack("picture", [make_fingerprint(paint_picture(6), most=pictures.LIGHT_POINTS)]).data) < 50_000


def test_perceptual_hashes_survive_scaling_and_know_mirrors() -> None:
    def apart(one: bytes, other: bytes) -> int:
        return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()

    whole = to_gray(paint_picture(8))
    bits, quality = pictures.compute_perceptual_hash(whole)
    half = np.asarray(cv2.resize(whole, (320, 180), interpolation=cv2.INTER_AREA), np.uint8)
    assert apart(bits, pictures.compute_perceptual_hash(half)[0]) <= 12
    assert apart(bits, pictures.compute_perceptual_hash(np.ascontiguousarray(whole[:, ::-1]), mirrored=True)[0]) <= 8
    assert apart(bits, pictures.compute_perceptual_hash(to_gray(paint_picture(9)))[0]) > 80
    assert quality > 20
    assert pictures.compute_perceptual_hash(np.full((360, 640), 60, np.uint8))[1] == 0
    assert make_thumbnail(paint_picture(8)).shape == (135, 240, 3)


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc is told to keep memory")
def test_memory_that_is_freed_is_not_asked_of_the_system_again() -> None:
    import resource

    features.extract_features(to_gray(paint_picture(1)), 50)
    _fill_memory_and_free_it()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    _fill_memory_and_free_it()
    # Each of 4,096 bytes: all 20,480 anew otherwise.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before < 2000


def _fill_memory_and_free_it() -> None:
    """As much as SIFT takes for a picture, in as large pieces."""
    pieces = [bytearray(10 << 20) for _ in range(8)]
    pieces.clear()
