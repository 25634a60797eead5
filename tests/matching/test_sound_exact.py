from __future__ import annotations

import functools

import numpy as np
import pytest

from provenance.fingerprint.audio import RATE, from_bytes
from provenance.matching.audio.exact import align_exactly
from provenance.matching.audio.match_audio import find_matches, index_sounds
from provenance.media.arrays import Floats
from provenance.model.asset import Fingerprint
from tests.sounds import analyse, asset, fingerprint, speech, tune, under

PLACED = {1: 3.0, 5: 20.5, 9: 31.25, 14: 47.0}


def make_clips() -> list[Floats]:
    return [tune(5 + seed % 4, seed) for seed in range(8)] + [speech(5 + seed % 3, seed) for seed in range(8)]


@functools.cache
def make_prints() -> list[Fingerprint]:
    return [fingerprint(clip) for clip in make_clips()]


@pytest.mark.parametrize("decibels", [0, -6, -12])
def test_the_fast_search_finds_what_the_exact_one_finds(decibels: float) -> None:
    mix = speech(60, 200) + 0.1 * tune(60, 201)
    for number, second in PLACED.items():
        mix = under(mix, make_clips()[number], second, decibels)
    known = index_sounds([(asset(str(number)), one) for number, one in enumerate(make_prints())])
    fast = {
        match.known.path: match.time.start for match in find_matches([fingerprint(mix)], known, (1.0,)) if match.time
    }
    exact = list(align_exactly([from_bytes(one.data) for one in make_prints()], analyse(mix)))
    assert {str(one.entry): pytest.approx(one.offset / RATE, abs=0.01) for one in exact if one.sigma > 12} == fast
    assert {one.entry for one in exact if one.sigma > 12} == set(PLACED)
    assert max(one.sigma for one in exact if one.entry not in PLACED) < 12


def test_the_exact_search_finds_the_speed() -> None:
    clip = tune(6, 1)
    slow = np.fft.irfft(np.pad(np.fft.rfft(clip), (0, 1000)), 50_000).astype(np.float32)
    mix = under(speech(20, 5), slow * np.float32(50 / 48), 4, -3)
    (one,) = align_exactly([analyse(clip)], analyse(mix), (1.0, 0.96, 1 / 0.96))
    assert one.speed == 0.96
    assert one.offset == pytest.approx(4 * RATE, abs=3)
