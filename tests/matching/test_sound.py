from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
import pytest

from provenance.fingerprint.audio import METHOD, RATE, VERSION
from provenance.matching.audio.align import Alignment
from provenance.matching.audio.match_audio import FREE_SPEEDS, KnownSounds, find_matches, index_sounds, is_match
from provenance.matching.audio.play import KnownSound
from provenance.media.arrays import Floats
from provenance.model.asset import Fingerprint
from provenance.model.match import Match
from tests.sounds import analyse, asset, fingerprint, normalise, speech, tune, under

TIME = np.arange(15 * RATE) / RATE


def make_tune() -> Floats:
    return tune(9, 1)


def make_voice() -> Floats:
    return speech(7, 2)


def make_known() -> dict[str, Floats]:
    others = {f"tune {seed}": tune(8, seed) for seed in range(10, 16)}
    return {"tune": make_tune(), "voice": make_voice()} | others | {f"voice {s}": speech(6, s) for s in range(10, 16)}


@functools.cache
def make_bed() -> Floats:
    """A minute of dialogue over music."""
    return np.asarray(speech(60, 100) + tune(60, 101) * 10 ** np.float32(-22 / 20), np.float32)


@functools.cache
def index_known() -> KnownSounds:
    return index_sounds([(asset(name), fingerprint(sound)) for name, sound in make_known().items()])


def found(*heard: Floats, known: KnownSounds | None = None, speeds: Sequence[float] = (1.0,)) -> list[Match]:
    prints = [fingerprint(one, track=number) for number, one in enumerate(heard)]
    return find_matches(prints, index_known() if known is None else known, speeds)


def played(sound: Floats, speed: float) -> Floats:
    """At another speed, pitch and all."""
    length = round(len(sound) / speed)
    spectrum = np.fft.rfft(sound)
    return normalise(np.fft.irfft(np.pad(spectrum, (0, max(0, length // 2 + 1 - len(spectrum)))), length))


@pytest.mark.parametrize("decibels", [0, -6, -12])
@pytest.mark.parametrize("name", ["tune", "voice"])
def test_a_clip_under_dialogue_is_found_to_the_sample(name: str, decibels: float) -> None:
    clip = make_known()[name]
    (match,) = found(under(make_bed(), clip, 21.5, decibels))
    assert (match.known.path, match.method, match.verdict) == (name, "audio", "confirmed-copy")
    assert match.time is not None
    assert match.known_time is not None
    assert match.time.start == pytest.approx(21.5, abs=0.002)
    assert match.time.end == pytest.approx(21.5 + len(clip) / RATE, abs=0.05)
    assert (match.known_time.start, match.known_time.end) == pytest.approx((0, len(clip) / RATE), abs=0.05)
    assert 0 < match.score <= 1


def test_what_is_not_there_is_not_found() -> None:
    assert found(make_bed(), speed_all := tune(60, 300), speech(60, 301), speeds=FREE_SPEEDS) == []
    assert len(speed_all)


@pytest.mark.parametrize("speed", [24 / 25, 25 / 24, 1.001, 1 / 1.001, 25 / 23.976])
def test_film_speeds_are_found_and_named(speed: float) -> None:
    (match,) = found(under(make_bed(), played(make_tune(), speed), 10, -6), speeds=(1.0, 24 / 25, 25 / 24))
    assert match.time is not None
    assert match.time.start == pytest.approx(10, abs=0.05)
    assert f"at {speed:.4f} times its speed (" in match.detail


@pytest.mark.parametrize("speeds", [(1.0,), FREE_SPEEDS])
def test_a_free_speed_is_found_and_told(speeds: tuple[float, ...]) -> None:
    (match,) = found(under(make_bed(), played(make_tune(), 1.013), 10, 0), speeds=speeds)
    assert "runs 1.3 % faster, at 1.0130 times its speed," in match.detail


def test_a_part_is_found_with_its_times_in_both() -> None:
    (match,) = found(under(make_bed(), make_tune()[2 * RATE : 6 * RATE], 30, -6))
    assert match.time is not None
    assert match.known_time is not None
    assert (match.time.start, match.time.end) == pytest.approx((30, 34), abs=0.15)
    assert (match.known_time.start, match.known_time.end) == pytest.approx((2, 6), abs=0.15)


@pytest.mark.parametrize(
    ("seconds", "sigma", "enough"),
    [(0.9, 50, False), (1.1, 50, True), (2.9, 11, False), (2.9, 12, True), (3.1, 9, True)],
)
def test_what_is_brief_must_stand_out_further(seconds: float, sigma: float, enough: bool) -> None:
    found = Alignment(0, 1.0, 0.0, 0, round(seconds * RATE), sigma, 1.0)
    assert is_match(found, analyse(make_tune())) is enough


def test_a_clip_that_stands_twice_is_found_twice() -> None:
    times = [match.time for match in found(under(under(make_bed(), make_tune(), 5, -6), make_tune(), 40, -6))]
    assert [round(time.start, 2) for time in times if time] == [5, 40]


def test_one_music_in_two_assets_is_both() -> None:
    known = index_sounds(
        [(asset("whole"), fingerprint(make_tune())), (asset("excerpt"), fingerprint(make_tune()[3 * RATE :]))]
    )
    told = {match.known.path: match.time for match in found(under(make_bed(), make_tune(), 5, -6), known=known)}
    assert {name: round(time.start, 2) for name, time in told.items() if time} == {"whole": 5, "excerpt": 8}


def test_turned_over_cut_off_and_filtered_sound_is_found() -> None:
    clip = np.convolve(-make_tune(), [0.4, 0.3, 0.2, 0.1], "same").astype(np.float32)
    (match,) = found(under(make_bed(), clip, 56, -6))
    assert match.time is not None
    assert (match.time.start, match.time.end) == pytest.approx((56, 60), abs=0.05)


def test_a_long_known_sound_used_for_seconds_is_found() -> None:
    known = index_sounds([(asset("song"), fingerprint(song := tune(110, 7)))])
    (match,) = found(under(make_bed(), song[100 * RATE : 106 * RATE], 20, -6), known=known)
    assert match.known_time is not None
    assert (match.known_time.start, match.known_time.end) == pytest.approx((100, 106), abs=0.2)


def test_a_long_use_is_one_match() -> None:
    song = tune(80, 7)
    (match,) = found(under(speech(90, 8), song, 5, -6), known=index_sounds([(asset("song"), fingerprint(song))]))
    assert match.time is not None
    assert (match.time.start, match.time.end) == pytest.approx((5, 85), abs=0.05)


NOISE = (np.random.default_rng(5).normal(size=len(TIME)) * 0.05).astype(np.float32)
EMPTY = {
    "silence": TIME * 0,
    "tone": 0.3 * np.sin(2 * np.pi * 1000 * TIME),
    "chord": sum(0.1 * np.sin(2 * np.pi * pitch * TIME) for pitch in (220, 277.2, 329.6, 440)),
    "noise": NOISE,
    "room": np.convolve(NOISE, np.exp(-np.arange(40) / 10), "same") / 10 + 0.01 * np.sin(2 * np.pi * 50 * TIME),
    "leader": 0.3 * np.sin(2 * np.pi * 1000 * TIME) * (TIME % 1 < 1 / 24),
    "pips": 0.3 * np.sin(2 * np.pi * 997 * TIME) * (TIME % 0.5 < 0.1) + NOISE * 0.01,
    "line-up": 0.1 * np.sin(2 * np.pi * 1000 * TIME) * (TIME % 3 > 0.25),
}


@pytest.mark.parametrize("name", EMPTY)
def test_empty_sound_matches_nothing_not_even_itself(name: str) -> None:
    empty = np.asarray(EMPTY[name], np.float32)
    known = index_sounds([(asset("empty"), fingerprint(empty)), (asset("tune"), fingerprint(make_tune()))])
    assert found(empty, under(make_bed(), empty, 10, 0), known=known, speeds=FREE_SPEEDS) == []


def test_the_downmix_in_which_it_is_clearest_is_reported_once() -> None:
    bare, drowned = (
        fingerprint(under(make_bed(), make_tune(), 5, 0), "side"),
        fingerprint(under(make_bed(), make_tune(), 5, -12), "mid"),
    )
    (match,) = find_matches([drowned, bare], index_known())
    assert "audio track 1 (side)" in match.detail


def test_times_count_from_the_first_frame_of_both_files() -> None:
    known = index_sounds([(asset("late"), fingerprint(make_tune(), start=2.0))])
    (match,) = find_matches([fingerprint(under(make_bed(), make_tune(), 5, -6), start=0.5)], known)
    assert match.time is not None
    assert match.known_time is not None
    assert (match.time.start, match.known_time.start) == pytest.approx((5.5, 2.0), abs=0.002)


def test_fingerprints_are_loaded_when_they_are_candidates() -> None:
    prints = [fingerprint(sound) for sound in make_known().values()]
    asked: list[int] = []

    def load(entry: int) -> bytes:
        asked.append(entry)
        return prints[entry].data

    known = index_sounds(((asset(str(number)), one) for number, one in enumerate(prints)), load)
    assert len(known) == len(prints)
    assert [match.known.path for match in found(under(make_bed(), make_voice(), 5, -6), known=known)] == ["1"]
    assert 1 in asked
    assert len(asked) < 20


def test_fingerprints_of_other_methods_and_versions_are_skipped() -> None:
    heard = fingerprint(make_tune()).data
    assert find_matches([Fingerprint("video", 1, heard), Fingerprint(METHOD, VERSION + 1, heard)], index_known()) == []
    assert found(make_tune(), known=index_sounds([(asset("other"), Fingerprint(METHOD, VERSION + 1, heard))])) == []


def test_empty_fingerprints_match_nothing() -> None:
    assert found(make_tune(), known=index_sounds([])) == []
    assert found(np.zeros(0, np.float32)) == []
    assert found(make_tune()[:100]) == []


def test_a_known_sound_plays_at_any_speed_and_from_any_sample() -> None:
    time = np.arange(4 * RATE) / RATE
    sound = analyse(np.sin(2 * np.pi * 440 * time).astype(np.float32) + make_tune()[: len(time)])
    signs = sound.unpack_signs(0, sound.length).astype(np.float32)
    start, plain = KnownSound(sound).play(1.0, 100.0, 0, 10**6)
    assert (start, len(plain)) == (100, sound.length)
    assert np.array_equal(plain, signs)
    for speed in (24 / 25, 1.0003, 1.05):
        start, played = KnownSound(sound).play(speed, 10.25, 5000, 20000)
        wanted = (np.arange(5000, 20000) - 10.25) * speed
        nearest = signs[np.rint(wanted).astype(int)]
        assert (start, len(played)) == (5000, 15000)
        assert np.corrcoef(played, nearest)[0, 1] > 0.8
        assert float(np.std(played)) == pytest.approx(float(np.std(signs)), rel=0.1)
    assert len(KnownSound(sound).play(1.01, 0, 10**6, 10**7)[1]) == 0
