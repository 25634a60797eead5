"""Which frames of a sequence and of an animation are kept to be found again: each that shows something else."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from provenance.fingerprint import extract, pictures
from provenance.intake.examine import examine
from provenance.intake.jobs import FingerprintFrames, FramesFingerprinted
from provenance.limits import DEFAULT
from provenance.model.asset import FingerprintLevel
from provenance.model.vocabulary import Cause
from tests.decode import plates
from tests.matching.paint import Picture, paint_picture

SIZE = (320, 180)


def pan(count: int, seed: int = 90, step: int = 2) -> list[Picture]:
    wide = paint_picture(seed, SIZE[0] + step * count, SIZE[1])
    return [np.ascontiguousarray(wide[:, step * number :][:, : SIZE[0]]) for number in range(count)]


def add_noise(picture: Picture, seed: int, strength: float) -> Picture:
    noise = np.random.default_rng(seed).normal(0, strength, picture.shape[:2])[..., None]
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def write(folder: Path, shown: Sequence[Picture], suffix: str = "png") -> tuple[tuple[int, bytes], ...]:
    frames = []
    for number, picture in enumerate(shown):
        path = folder / f"shot.{number:04}.{suffix}"
        if suffix == "dpx":
            path.write_bytes(plates.dpx(plates.density(picture), transfer=1, pace=24, packed=0))
        else:
            Image.fromarray(picture).save(path)
        frames.append((number, os.fsencode(path)))
    return tuple(frames)


def fingerprint(frames: tuple[tuple[int, bytes], ...], level: FingerprintLevel) -> FramesFingerprinted:
    done = examine(FingerprintFrames(frames, 0, "sha256:0", level), DEFAULT)
    assert isinstance(done, FramesFingerprinted)
    return done


def kept(folder: Path, shown: Sequence[Picture], level: FingerprintLevel, suffix: str = "png") -> list[int]:
    """Numbers of the frames that are kept."""
    done = fingerprint(write(folder, shown, suffix), level)
    assert done.troubles == ()
    (stored,) = done.fingerprints
    return [round(one.time * 24) for one in pictures.unpack(stored)]


@pytest.mark.parametrize(
    ("suffix", "level", "is_kept"),
    [
        ("png", FingerprintLevel.FULL, True),
        ("png", FingerprintLevel.LIGHT, True),
        ("jpg", FingerprintLevel.LIGHT, True),
        ("dpx", FingerprintLevel.FULL, True),
        ("dpx", FingerprintLevel.LIGHT, False),
    ],
)
def test_an_insert_of_one_frame_is_kept(tmp_path: Path, suffix: str, level: FingerprintLevel, is_kept: bool) -> None:
    shown = pan(30)
    shown[17] = paint_picture(1, *SIZE)
    numbers = kept(tmp_path, shown, level, suffix)
    assert (17 in numbers) is is_kept
    assert 18 not in numbers, "the shot that goes on is kept already"
    assert len(numbers) <= 8


def test_every_shot_and_every_still_of_a_mixed_folder_is_kept(tmp_path: Path) -> None:
    stills = [paint_picture(seed, *SIZE) for seed in range(6)]
    numbers = kept(tmp_path, [*pan(10, 91), *pan(10, 92), *stills], FingerprintLevel.LIGHT)
    assert {0, 10, 20, 21, 22, 23, 24, 25} <= set(numbers)
    assert len(numbers) <= 12


SAME: dict[str, Callable[[int], Picture]] = {
    "grain": lambda number: add_noise(paint_picture(93, *SIZE), number, 14),
    "a flicker": lambda number: np.asarray(paint_picture(93, *SIZE) * (1 - 0.3 * (number % 2)), np.uint8),
    "a fade": lambda number: np.asarray(paint_picture(93, *SIZE) * (1 - number / 40), np.uint8),
    "nothing but noise": lambda number: add_noise(np.full((SIZE[1], SIZE[0], 3), 120, np.uint8), number, 20),
}


@pytest.mark.parametrize("name", SAME)
def test_what_shows_the_same_is_kept_once_a_step(tmp_path: Path, name: str) -> None:
    assert len(kept(tmp_path, [SAME[name](number) for number in range(30)], FingerprintLevel.FULL)) <= 3


def test_a_slow_pan_is_kept_wherever_it_has_got_to(tmp_path: Path) -> None:
    numbers = kept(tmp_path, pan(60, 94, 12), FingerprintLevel.LIGHT)
    assert 6 <= len(numbers) <= 30
    assert max(np.diff([*numbers, 60])) <= 12


def test_frames_left_out_because_there_are_too_many_are_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(extract._MOST_SAMPLES, FingerprintLevel.LIGHT, 4)
    done = fingerprint(write(tmp_path, [paint_picture(seed, *SIZE) for seed in range(10)]), FingerprintLevel.LIGHT)
    (trouble,) = done.troubles
    assert trouble.cause is Cause.OVERSIZED
    assert "only its first 8 pictures are kept" in trouble.detail


def test_every_picture_of_a_fast_animation_is_kept(tmp_path: Path) -> None:
    shown = [Image.fromarray(paint_picture(seed, *SIZE)) for seed in range(5)]
    shown[0].save(tmp_path / "five.webp", save_all=True, append_images=shown[1:], duration=100, lossless=True)
    done = fingerprint(((1, os.fsencode(tmp_path / "five.webp")),), FingerprintLevel.LIGHT)
    assert len(list(pictures.unpack(done.fingerprints[0]))) == 5
