"""Known sounds at another pitch, tempo or speed, and backwards."""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
import pytest

from provenance.fingerprint.audio import RATE
from provenance.matching.audio.backwards import mirror_landmarks, mirror_sound
from provenance.matching.audio.exact import align_changed_exactly
from provenance.matching.audio.landmark_line import align_landmarks, pitch_landmarks
from provenance.matching.audio.match_audio import KnownSounds, find_matches, index_sounds
from provenance.matching.audio.triplets import TripletIndex, collect_triplets, lay_out_triplets
from provenance.media.arrays import Floats
from provenance.model.match import Match
from tests.sounds import analyse, asset, fingerprint, play_faster, speech, stretch, tune, under

NAMES = ("tune", "voice")
SECOND = 20.0


def make_clips() -> dict[str, Floats]:
    return {"tune": tune(12, 1), "voice": speech(10, 2)}


def make_others() -> dict[str, Floats]:
    others = {f"tune {seed}": tune(8, seed) for seed in range(10, 14)}
    return others | {f"voice {seed}": speech(6, seed) for seed in range(10, 14)}


@functools.cache
def make_bed() -> Floats:
    return np.asarray(0.2 * speech(45, 100) + 0.2 * tune(45, 101), np.float32)


@functools.cache
def index_known() -> KnownSounds:
    known = {**make_clips(), **make_others()}
    return index_sounds([(asset(name), fingerprint(sound)) for name, sound in known.items()])


def shift(sound: Floats, semitones: float) -> Floats:
    """At another pitch, as long as before."""
    ratio = 2 ** (semitones / 12)
    return play_faster(stretch(sound, ratio), ratio)


def find(clip: Floats) -> list[Match]:
    return find_matches([fingerprint(under(make_bed(), clip, SECOND, 0))], index_known())


def check_place(match: Match, seconds: float) -> None:
    assert match.time
    assert match.time.start == pytest.approx(SECOND, abs=0.3)
    assert match.time.end == pytest.approx(SECOND + seconds, abs=0.6)


@pytest.mark.parametrize("semitones", [-3, -1.3, 2, 3])
@pytest.mark.parametrize("name", NAMES)
def test_a_shifted_pitch_is_found_and_told(name: str, semitones: float) -> None:
    (match,) = find(shift(make_clips()[name], semitones))
    assert (match.known.path, match.method, match.verdict) == (name, "audio", "shares-content")
    check_place(match, len(make_clips()[name]) / RATE)
    direction = "up" if semitones > 0 else "down"
    assert f"pitch {abs(semitones):.1f} semitones {direction}, " in match.detail
    assert "stretched" not in match.detail


@pytest.mark.parametrize("percent", [92, 96, 108])
@pytest.mark.parametrize("name", NAMES)
def test_a_stretch_that_keeps_the_pitch_is_found_and_told(name: str, percent: int) -> None:
    (match,) = find(stretch(make_clips()[name], percent / 100))
    assert (match.known.path, match.verdict) == (name, "shares-content")
    check_place(match, len(make_clips()[name]) / RATE * percent / 100)
    assert match.known_time
    assert match.known_time.end == pytest.approx(len(make_clips()[name]) / RATE, abs=0.6)
    assert f"stretched to {percent}." in match.detail or f"stretched to {percent - 1}.9 %" in match.detail
    assert "pitch kept" in match.detail


def test_pitch_and_tempo_together_are_found() -> None:
    (match,) = find(shift(stretch(make_clips()["tune"], 1.05), -2))
    assert "pitch 2.0 semitones down, stretched to 10" in match.detail


@pytest.mark.parametrize("speed", [0.95, 0.97, 1.033, 1.05])
@pytest.mark.parametrize("name", NAMES)
def test_another_speed_is_found_to_the_sample(name: str, speed: float) -> None:
    (match,) = find(play_faster(make_clips()[name], speed))
    assert (match.known.path, match.verdict) == (name, "confirmed-copy")
    assert match.time
    assert match.time.start == pytest.approx(SECOND, abs=0.05)
    assert f"at {speed:.4f} times its speed" in match.detail
    assert f"runs {abs(speed - 1):.1%}".replace("%", " %") in match.detail


@pytest.mark.parametrize("name", NAMES)
def test_what_plays_backwards_is_found_with_its_times_in_both(name: str) -> None:
    clip = make_clips()[name][2 * RATE : 9 * RATE]
    (match,) = find(clip[::-1])
    assert (match.known.path, match.verdict) == (name, "confirmed-copy")
    assert "plays backwards" in match.detail
    assert match.time
    assert match.known_time
    assert (match.time.start, match.time.end) == pytest.approx((SECOND, SECOND + 7), abs=0.4)
    assert (match.known_time.start, match.known_time.end) == pytest.approx((2, 9), abs=0.4)


def test_a_loop_that_two_tunes_share_is_no_copy_of_either() -> None:
    loop = tune(5, 50)
    known = np.concatenate([loop, tune(20, 51)])
    other = np.concatenate([tune(15, 52), loop, loop, tune(9, 53)])
    matches = find_matches([fingerprint(other)], index_sounds([(asset("tune"), fingerprint(known))]))
    assert [match.verdict for match in matches] == ["shares-content"] * 2
    assert [match.time.start for match in matches if match.time] == pytest.approx([15, 20], abs=0.3)
    (copy,) = find_matches([fingerprint(other)], index_sounds([(asset("loop"), fingerprint(loop))]))[:1]
    assert copy.verdict == "confirmed-copy"


def test_each_repetition_is_found_at_another_pitch() -> None:
    heard = under(under(make_bed(), shift(make_clips()["tune"], 2), 3, 0), shift(make_clips()["tune"], 2), 25, 0)
    times = [match.time.start for match in find_matches([fingerprint(heard)], index_known()) if match.time]
    assert times == pytest.approx([3, 25], abs=0.3)


def test_other_tunes_and_voices_are_not_found_at_any_pitch_or_tempo() -> None:
    others = [tune(30, seed) for seed in range(300, 303)] + [speech(30, seed) for seed in range(300, 303)]
    assert find_matches([fingerprint(sound) for sound in (make_bed(), *others)], index_known()) == []


def test_the_other_tempo_of_another_voice_saying_something_else_is_not_found() -> None:
    assert find_matches([fingerprint(stretch(speech(30, 400), 1.06))], index_known()) == []


@pytest.mark.parametrize(("semitones", "speed"), [(2.0, 1.0), (0.0, 0.95), (-1.5, 1.04)])
def test_the_fast_search_finds_what_the_exact_one_finds(semitones: float, speed: float) -> None:
    clips = [*make_clips().values(), *list(make_others().values())[:3]]
    known = [analyse(clip) for clip in clips]
    deliverable = analyse(under(make_bed(), stretch(shift(clips[0], semitones), 1 / speed), SECOND, 0))
    exact = list(align_changed_exactly(known, deliverable, [semitones - 1, semitones, semitones + 1], [speed, 1.08]))
    assert max(exact, key=lambda one: one.sigma).entry == 0
    assert (exact[0].semitones, exact[0].speed) == (semitones, speed)
    landmarks = pitch_landmarks(deliverable.landmarks, deliverable.length, strong_only=False)
    index = TripletIndex([lay_out_triplets([collect_triplets(sound.landmarks) for sound in known])])
    best = max(index.find_candidates(deliverable.landmarks), key=lambda candidate: candidate.triplets)
    source = pitch_landmarks(known[best.entry].landmarks, known[best.entry].length, strong_only=True)
    (fast,) = align_landmarks(source, landmarks, best)
    assert fast.entry == 0
    assert fast.semitones == pytest.approx(semitones, abs=0.1)
    assert fast.speed == pytest.approx(speed, abs=0.01)
    # The exact search keeps its speed, and so its offset drifts by as much as that is wrong.
    assert fast.offset == pytest.approx(exact[0].offset, abs=0.3 * RATE)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("tune", lambda clip: shift(clip, -3)),
        ("tune", lambda clip: stretch(clip, 0.96)),
        ("voice", lambda clip: shift(clip, 2)),
        ("voice", lambda clip: stretch(clip, 0.96)),
    ],
)
def test_under_louder_dialogue_it_is_found_as_well(name: str, change: Callable[[Floats], Floats]) -> None:
    clip = change(make_clips()[name])
    (match,) = find_matches([fingerprint(under(speech(45, 100), clip, SECOND, -5))], index_known())
    assert (match.known.path, match.verdict) == (name, "shares-content")
    check_place(match, len(clip) / RATE)


def test_mirroring_twice_changes_nothing() -> None:
    sound = analyse(make_clips()["tune"])
    twice = mirror_sound(mirror_sound(sound))
    assert np.array_equal(twice.unpack_signs(0, twice.length), sound.unpack_signs(0, sound.length))
    landmarks = mirror_landmarks(mirror_landmarks(sound.landmarks, sound.length), sound.length)
    assert np.allclose(landmarks.times, sound.landmarks.times, atol=1e-3)


def test_nothing_known_and_nothing_heard_give_no_candidates() -> None:
    nothing = analyse(np.zeros(0, np.float32)).landmarks
    sound = analyse(make_clips()["tune"]).landmarks
    assert list(TripletIndex([]).find_candidates(sound)) == []
    assert list(TripletIndex([lay_out_triplets([collect_triplets(nothing)])]).find_candidates(sound)) == []
    assert list(TripletIndex([lay_out_triplets([collect_triplets(sound)])]).find_candidates(nothing)) == []
