from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.fingerprint.audio import (
    LEVEL_BANDS,
    RATE,
    AudioFingerprint,
    MalformedAudioFingerprint,
    from_bytes,
    pack_signs,
    to_bytes,
)
from provenance.fingerprint.spectrum import BAND_EDGES, BLOCK_SAMPLES, AudioAnalyser, quantise_to_signs, whiten
from provenance.media.arrays import Floats
from tests.sounds import analyse, speech, tune

TIME = np.arange(20 * RATE) / RATE
SECONDS = 35


def make_long() -> Floats:
    return speech(SECONDS, 1)


@settings(max_examples=5, deadline=None)
@given(st.lists(st.integers(1, BLOCK_SAMPLES + 999), min_size=1, max_size=6))
def test_pieces_of_any_length_give_the_same(lengths: list[int]) -> None:
    long = make_long()
    analysis, whole = AudioAnalyser(), analyse(long)
    for piece in np.split(long, np.cumsum(lengths)):
        analysis.feed(piece)
    marks, packed, levels = analysis.finish()
    assert packed == whole.packed_signs
    assert np.array_equal(levels, whole.levels)
    assert analysis.length == len(long)
    assert np.array_equal(marks.times, whole.landmarks.times)
    assert np.array_equal(marks.bins, whole.landmarks.bins)


def test_blocks_leave_no_seam() -> None:
    long = make_long()
    padded = np.concatenate([np.zeros(8192, np.float32), long, np.zeros(8192, np.float32)])
    assert np.array_equal(analyse(long).unpack_signs(0, len(long)), quantise_to_signs(whiten(padded))[8192:-8192])


def test_whitened_sound_is_as_loud_everywhere() -> None:
    sound = tune(20, 1) * np.linspace(0.05, 1, 20 * RATE, dtype=np.float32)
    loudness = np.sqrt(np.mean(whiten(sound).reshape(20, -1) ** 2, axis=1))
    assert loudness.min() > 0.8 * loudness.max()


@pytest.mark.parametrize(
    ("sound", "most"),
    {
        "silence": (TIME * 0, 0),
        "tone": (0.3 * np.sin(TIME * 5000), 1),
        "hum": (sum(0.1 / part * np.sin(2 * np.pi * 50 * part * TIME) for part in range(1, 30)), 1),
        "noise": (np.random.default_rng(1).normal(size=len(TIME)) * 0.05, 2),
        "room": (
            np.convolve(np.random.default_rng(2).normal(size=len(TIME)), np.exp(-np.arange(9) / 3), "same") / 99,
            2,
        ),
    }.values(),
)
def test_what_has_no_features_has_no_strong_landmarks(sound: Floats, most: float) -> None:
    assert analyse(sound).landmarks.strong.sum() / 20 <= most


@pytest.mark.parametrize("make", [speech, tune])
def test_speech_and_music_have_many(make: Callable[[float, int], Floats]) -> None:
    assert analyse(make(20, 3)).landmarks.strong.sum() / 20 > 8


def test_a_second_costs_about_two_kilobytes() -> None:
    assert len(to_bytes(analyse(make_long()))) < 2200 * SECONDS


def test_levels_say_how_loud_each_band_is() -> None:
    quiet, loud = (analyse(np.asarray(make_long() * gain, np.float32)).levels.astype(int) for gain in (0.25, 0.5))
    audible = quiet > 100
    assert audible.any()
    assert np.abs(loud - quiet - 6)[audible].max() <= 1
    tone = analyse(np.asarray(0.3 * np.sin(2 * np.pi * 1000 * TIME), np.float32)).levels
    band = int(np.searchsorted(BAND_EDGES, 128, "right")) - 1
    assert set(tone[2:-2].argmax(1)) == {band}
    assert not analyse(np.zeros(len(TIME), np.float32)).levels.any()


def test_an_older_fingerprint_is_read_and_has_no_levels() -> None:
    sound = analyse(tune(7.3, 4))
    data = to_bytes(sound)
    old = (1).to_bytes(2, "little") + data[2 : len(data) - sound.levels.size]
    again = from_bytes(old)
    assert again.levels.shape == (0, LEVEL_BANDS)
    assert (again.length, again.packed_signs) == (sound.length, sound.packed_signs)
    for broken in (old + b"0", (1).to_bytes(2, "little") + data[2:], data[:-1]):
        with pytest.raises(MalformedAudioFingerprint):
            from_bytes(broken)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(-1, 1), max_size=40), st.integers(-10, 50), st.integers(0, 60))
def test_signs_come_back_from_anywhere(values: list[int], start: int, count: int) -> None:
    signs = np.array(values, np.int8)
    sound = AudioFingerprint(0, "mid", 0.0, len(signs), analyse(np.zeros(0, np.float32)).landmarks, pack_signs(signs))
    wanted = [values[at] if 0 <= at < len(values) else 0 for at in range(start, start + count)]
    assert sound.unpack_signs(start, start + count).tolist() == wanted


def test_a_fingerprint_survives_its_bytes() -> None:
    sound = analyse(tune(7.3, 4), "front side", 3, 1.25)
    again = from_bytes(to_bytes(sound))
    assert (again.track, again.downmix, again.start, again.length) == (3, "front side", 1.25, sound.length)
    assert again.packed_signs == sound.packed_signs
    assert np.array_equal(again.levels, sound.levels)
    assert np.abs(again.landmarks.times - sound.landmarks.times).max() <= 0.125
    assert np.abs(again.landmarks.bins - sound.landmarks.bins).max() <= 0.125
    assert np.array_equal(again.landmarks.strong, sound.landmarks.strong)
    assert to_bytes(again) == to_bytes(sound)


DATA = to_bytes(analyse(speech(2, 5)))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60) | st.integers(0, len(DATA)).map(lambda end: DATA[:end]))
def test_other_bytes_are_refused(data: bytes) -> None:
    if data != DATA:
        with pytest.raises(MalformedAudioFingerprint):
            from_bytes(data)
