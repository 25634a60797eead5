"""What is a copy of a known sound, and what only has recordings in common with it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from provenance.fingerprint.audio import METHOD, RATE, from_bytes, to_bytes
from provenance.matching.audio.match_audio import find_matches, index_sounds
from provenance.matching.audio.verdict import resample_levels
from provenance.media.arrays import Floats
from provenance.model.asset import Fingerprint
from provenance.model.match import Match
from tests.sounds import analyse, asset, fingerprint, play_faster, speech, tune, under

SECONDS = 14
BACKING, MELODY, OTHER_MELODY = tune(SECONDS, 1), tune(SECONDS, 5), tune(SECONDS, 6)
SONG = np.asarray(BACKING + 0.7 * MELODY, np.float32)
TIME = np.arange(len(SONG)) / RATE


def find(heard: Floats, known: Floats = SONG) -> list[Match]:
    return find_matches([fingerprint(heard)], index_sounds([(asset("song"), fingerprint(known))]))


def talk(level: float) -> Floats:
    return np.asarray(speech(SECONDS, 9) * np.float32(10 ** (level / 20)), np.float32)


def pass_band(sound: Floats, lowest: float, highest: float) -> Floats:
    spectrum = np.fft.rfft(sound)
    hertz = np.fft.rfftfreq(len(sound), 1 / RATE)
    spectrum[(hertz < lowest) | (hertz > highest)] = 0
    return np.asarray(np.fft.irfft(spectrum, len(sound)), np.float32)


def cut_out(sound: Floats, first: float, last: float) -> Floats:
    out = sound.copy()
    out[round(first * RATE) : round(last * RATE)] = 0
    return out


COPIES: dict[str, Callable[[], NDArray[np.floating]]] = {
    "as it is": lambda: SONG,
    "under dialogue as loud": lambda: SONG + talk(3),
    "under dialogue, 6 dB louder": lambda: SONG + talk(9),
    "under dialogue, 12 dB louder": lambda: SONG + talk(15),
    "under another tune": lambda: SONG + tune(SECONDS, 77),
    "in noise": lambda: SONG + np.random.default_rng(1).normal(size=len(SONG)) * 0.05,
    "faded in and out": lambda: SONG * np.sin(np.pi * TIME / SECONDS) ** 2,
    "on the telephone": lambda: pass_band(SONG, 500, 2500),
    "with a second cut out": lambda: cut_out(SONG, 6, 7),
    "a twentieth faster": lambda: play_faster(SONG, 1.05),
    "backwards": lambda: SONG[::-1],
}
NO_COPIES: dict[str, Callable[[], NDArray[np.floating]]] = {
    "another melody": lambda: BACKING + 0.7 * OTHER_MELODY,
    "another melody under dialogue": lambda: BACKING + 0.7 * OTHER_MELODY + talk(6),
    "no melody": lambda: BACKING,
    "no melody, backwards": lambda: BACKING[::-1],
    "a melody that is hardly there": lambda: BACKING + 0.2 * MELODY,
}


@pytest.mark.parametrize("name", COPIES)
def test_what_is_added_to_a_copy_does_not_unmake_it(name: str) -> None:
    heard = np.asarray(COPIES[name](), np.float32)
    (match,) = find(under(np.zeros(len(heard) + 3000, np.float32), heard, 0.2, 0))
    assert match.verdict == "confirmed-copy"
    assert "missing" not in match.detail


@pytest.mark.parametrize("name", NO_COPIES)
def test_what_is_missing_of_it_does(name: str) -> None:
    heard = np.asarray(NO_COPIES[name](), np.float32)
    matches = find(under(np.zeros(len(heard) + 3000, np.float32), heard, 0.2, 0))
    assert {match.verdict for match in matches} == {"shares-content"}
    assert any("of what it holds is missing" in match.detail for match in matches)


def test_a_loop_of_a_long_tune_is_shared_content_with_its_span() -> None:
    (match,) = find(SONG[4 * RATE : 8 * RATE])
    assert match.verdict == "shares-content"
    assert match.known_time is not None
    assert (match.known_time.start, match.known_time.end) == pytest.approx((4, 8), abs=0.3)


SIDES = tune(SECONDS, 40)


@pytest.mark.parametrize(
    ("middle", "verdict"),
    [
        (SONG + talk(9), "confirmed-copy"),
        (SONG + talk(24), "confirmed-copy"),
        (tune(SECONDS, 41) + talk(0), "shares-content"),
        (OTHER_MELODY, "shares-content"),
    ],
)
def test_sides_alone_do_not_make_a_copy_of_a_track_with_another_middle(middle: Floats, verdict: str) -> None:
    entries = [(asset("song"), fingerprint(SONG, "mid")), (asset("song"), fingerprint(SIDES, "side"))]
    heard = [fingerprint(np.asarray(middle, np.float32), "mid"), fingerprint(SIDES, "side")]
    for known in (entries, entries[::-1]):
        (match,) = find_matches(heard, index_sounds(known))
        assert "(side)" in match.detail
        assert match.verdict == verdict


def test_without_levels_nothing_is_proven() -> None:
    sound = dataclasses.replace(analyse(SONG), levels=np.zeros((0, 24), np.uint8))
    data = (1).to_bytes(2, "little") + to_bytes(sound)[2:]
    assert not len(from_bytes(data).levels)
    known = index_sounds([(asset("song"), Fingerprint(METHOD, 1, data))])
    (match,) = find_matches([fingerprint(SONG)], known)
    assert (match.verdict, match.score) == ("shares-content", 1.0)
    assert "its levels are not known" in match.detail


def test_levels_between_cells_are_the_power_of_both() -> None:
    levels = np.repeat(np.array([[100], [110], [110]], np.uint8), 24, axis=1)
    assert resample_levels(levels, 0, 1, 3) == pytest.approx(levels)
    assert resample_levels(levels, 0.5, 1, 1)[0, 0] == pytest.approx(10 * np.log10((1e10 + 1e11) / 2))
    assert resample_levels(levels, 5, 1, 2).max() == 0
    assert resample_levels(levels[:0], 0, 1, 2).max() == 0


def test_a_sound_of_which_little_is_heard_by_itself_is_no_copy() -> None:
    masked = np.random.default_rng(2).normal(size=len(SONG)) * 0.6
    matches = find(np.asarray(SONG + masked, np.float32))
    assert "confirmed-copy" not in {match.verdict for match in matches}
