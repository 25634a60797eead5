"""From where to where a known sound is found: no silence, no more than there is of it, every repetition of a loop."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from provenance.fingerprint.audio import RATE
from provenance.matching.audio.match_audio import find_matches, index_sounds
from provenance.matching.merge import merge_matches
from provenance.media.arrays import Floats
from provenance.model.match import Match, Span
from tests.sounds import asset, fingerprint, speech, tune, under

SONG, LOOP = tune(40, 22), tune(8, 21)
LOOPED = np.tile(LOOP, 6)
Spans = list[tuple[tuple[float, float], tuple[float, float]]]


def silence(seconds: float) -> Floats:
    return np.zeros(round(seconds * RATE), np.float32)


def join(*parts: Floats) -> Floats:
    return np.concatenate(parts).astype(np.float32)


def seconds(sound: Floats, first: float, last: float) -> Floats:
    return sound[round(first * RATE) : round(last * RATE)]


def dither(sound: Floats, seed: int) -> Floats:
    """As 16 bits, with triangular noise of one step on either side."""
    random = np.random.default_rng(seed)
    noise = random.random(len(sound)) - random.random(len(sound))
    return np.asarray(np.round(sound * 32768 + noise) / 32768, np.float32)


def noise(sound: Floats, decibels: float) -> Floats:
    """The sound over steady noise; `decibels` of full scale."""
    floor = np.random.default_rng(3).normal(size=len(sound)) * 10 ** (decibels / 20)
    return np.asarray(sound + floor, np.float32)


def find(known: Floats, *downmixes: Floats) -> list[Match]:
    names = ("mid", "side")
    deliverable = [fingerprint(sound, name) for sound, name in zip(downmixes, names, strict=False)]
    return merge_matches(find_matches(deliverable, index_sounds([(asset("known"), fingerprint(known))])))


def as_pair(span: Span | None) -> tuple[float, float]:
    assert span
    return span.start, span.end


def spans(matches: list[Match]) -> Spans:
    """In the deliverable and in the known sound, to half a second."""
    pairs = []
    for match in matches:
        time, known_time = as_pair(match.time), as_pair(match.known_time)
        pairs.append(((round(time[0], 2), round(time[1], 2)), (round(known_time[0], 2), round(known_time[1], 2))))
    return pairs


def is_near(found: Spans, wanted: Spans) -> bool:
    return len(found) == len(wanted) and bool(np.allclose(np.array(found), np.array(wanted), rtol=0, atol=0.2))


SURROUNDINGS: dict[str, Callable[[Floats], Floats]] = {
    "digital silence": lambda sound: sound,
    "dither": lambda sound: dither(sound, 1),
    "an offset": lambda sound: np.asarray(sound + 0.1, np.float32),
    "noise at -70 dB": lambda sound: noise(sound, -70),
    "noise at -50 dB": lambda sound: noise(sound, -50),
}


@pytest.mark.parametrize("name", SURROUNDINGS)
def test_what_is_silent_before_and_after_is_not_matched(name: str) -> None:
    part = seconds(SONG, 10, 30)
    found = spans(find(SONG, SURROUNDINGS[name](join(silence(15), part, silence(12)))))
    assert is_near(found, [((15, 35), (10, 30))])


@pytest.mark.parametrize("name", SURROUNDINGS)
def test_silence_that_both_have_is_not_matched(name: str) -> None:
    both = join(silence(6), tune(12, 3), silence(6))
    heard = SURROUNDINGS[name](join(silence(5), both, silence(5)))
    assert is_near(spans(find(SURROUNDINGS[name](both), heard)), [((11, 23), (6, 18))])


def test_a_short_silent_end_of_the_known_sound_belongs_to_it() -> None:
    known = join(silence(0.4), tune(10, 3), silence(0.4))
    assert is_near(spans(find(known, join(silence(5), known, silence(5)))), [((5, 15.8), (0, 10.8))])


def test_a_pause_of_the_known_sound_does_not_divide_it() -> None:
    known = join(tune(8, 3), silence(5), tune(8, 4))
    assert is_near(spans(find(known, join(silence(10), known, silence(3)))), [((10, 31), (0, 21))])


@pytest.mark.parametrize("filling", ["silence", "noise", "speech"])
def test_what_is_missing_in_the_middle_divides_it(filling: str) -> None:
    inside = {"silence": silence(8), "noise": noise(silence(8), -40), "speech": speech(8, 5)}[filling]
    heard = join(silence(5), seconds(SONG, 0, 15), inside, seconds(SONG, 23, 40), silence(5))
    assert is_near(spans(find(SONG, heard)), [((5, 20), (0, 15)), ((28, 45), (23, 40))])


def test_what_is_masked_for_a_while_is_one_use() -> None:
    heard = join(silence(5), SONG, silence(5))
    heard[20 * RATE : 23 * RATE] += speech(3, 5) * np.float32(8)
    loud = under(np.asarray(speech(50, 9) * np.float32(3), np.float32), heard, 0, 0)
    assert is_near(spans(find(SONG, loud)), [((5, 45), (0, 40))])


def test_every_repetition_of_a_loop_is_a_use_as_long_as_the_loop() -> None:
    found = spans(find(LOOP, join(silence(30), LOOPED, silence(3))))
    assert is_near(found, [((30 + 8 * number, 38 + 8 * number), (0, 8)) for number in range(6)])


def test_a_part_of_a_looped_source_is_found_where_it_is() -> None:
    (match,) = find(LOOPED, join(silence(30), seconds(LOOPED, 3, 36)))
    assert as_pair(match.time) == pytest.approx((30, 63), abs=0.1)
    first, last = as_pair(match.known_time)
    assert first % 8 == pytest.approx(3, abs=0.1)
    assert last - first == pytest.approx(33, abs=0.1)
    assert last <= 48.01


def test_a_loop_that_goes_on_beyond_its_source_is_found_whole() -> None:
    """A source of two and a half repetitions: each use is as long at most, and together they leave nothing out."""
    found = spans(find(seconds(LOOPED, 0, 20), join(silence(5), LOOPED, silence(5))))
    covered = 5.0
    for (first, last), (known_first, known_last) in found:
        assert first <= covered + 0.1
        assert last - first == pytest.approx(known_last - known_first, abs=0.1)
        assert known_last <= 20.01
        covered = max(covered, last)
    assert found[0][0][0] == pytest.approx(5, abs=0.1)
    assert covered == pytest.approx(53, abs=0.1)


def test_a_loop_does_not_crowd_out_what_lies_over_it() -> None:
    loop, song = np.tile(tune(2, 31), 30), tune(20, 32)
    known = index_sounds([(asset("loop"), fingerprint(loop)), (asset("song"), fingerprint(song))])
    heard = fingerprint(under(join(silence(10), loop, silence(10)), song, 30, -12))
    assert "song" in {match.known.path for match in find_matches([heard], known)}


def test_what_two_downmixes_have_of_one_use_is_one_match() -> None:
    """The sides have the beginning alone, under the middle of which the rest can be heard."""
    middle = under(speech(50, 8), seconds(SONG, 15, 40), 20, -6)
    side = np.asarray(join(silence(5), SONG, silence(5)) * np.float32(0.3), np.float32)
    side[25 * RATE :] = 0
    assert is_near(spans(find(SONG, middle, side)), [((5, 45), (0, 40))])


def test_the_same_twice_without_a_pause_is_two_uses() -> None:
    found = spans(find(LOOP, join(silence(4), LOOP, LOOP, silence(4))))
    assert is_near(found, [((4, 12), (0, 8)), ((12, 20), (0, 8))])
