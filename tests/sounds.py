"""Synthetic sounds at the rate of audio fingerprints, and their fingerprints."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np

from provenance.fingerprint.audio import METHOD, RATE, VERSION, AudioFingerprint, to_bytes
from provenance.fingerprint.spectrum import AudioAnalyser
from provenance.media.arrays import Floats
from provenance.model.asset import Fingerprint
from provenance.model.match import Known
from provenance.model.vocabulary import Origin

Floats64 = np.ndarray[tuple[int], np.dtype[np.float64]]


@functools.cache
def tune(seconds: float, seed: int) -> Floats:
    """Plucked notes in a key and a tempo of their own, with a drum."""
    rng = np.random.default_rng(seed)
    beat = int(RATE * rng.uniform(0.15, 0.3))
    out = np.zeros(int(seconds * RATE) + 4 * beat)
    for start in range(0, int(seconds * RATE), beat):
        time = np.arange(int(beat * rng.uniform(1, 3))) / RATE
        pitch = 110 * 2 ** (rng.integers(36) / 12)
        tone = _sum_partials(2 * np.pi * pitch * time, [np.exp(1j * rng.uniform(0, 6)) / part for part in range(1, 9)])
        note = tone * np.exp(-time * rng.uniform(3, 9)) * np.minimum(1, time / 0.005)
        note[: beat // 2] += rng.normal(size=beat // 2) * np.exp(-np.arange(beat // 2) / 100) * rng.uniform(0, 0.5)
        out[start : start + len(note)] += note * rng.uniform(0.3, 1)
    return normalise(out[: int(seconds * RATE)])


@functools.cache
def speech(seconds: float, seed: int) -> Floats:
    """Syllables of a pulse train through two resonances, with hiss and pauses."""
    rng = np.random.default_rng(seed)
    parts, length = [np.zeros(0)], 0
    while length < seconds * RATE:
        time = np.arange(int(RATE * rng.uniform(0.1, 0.3))) / RATE
        pitch, first, second = rng.uniform(90, 200), rng.uniform(300, 900), rng.uniform(1000, 2600)
        phase = 2 * np.pi * pitch * (time + rng.uniform(-0.3, 0.3) * time**2)
        weights = [
            sum(1 / (1 + ((pitch * part - peak) / 80) ** 2) for peak in (first, second)) for part in range(1, 20)
        ]
        voiced = _sum_partials(phase, weights)
        hiss = rng.normal(size=len(time)) * np.exp(-((time / 0.03) ** 2)) * rng.uniform(0, 1)
        parts.append((voiced * np.sin(np.pi * time / time[-1]) + hiss) * (rng.random() > 0.2))
        length += len(time)
    return normalise(np.concatenate(parts)[: int(seconds * RATE)])


def _sum_partials(phase: Floats64, weights: Sequence[complex]) -> Floats64:
    """The imaginary part of the sum of weights[n - 1] * exp(i * n * phase): of all these sines, one is computed."""
    turn = np.exp(1j * phase)
    out = np.zeros_like(turn)
    for weight in reversed(weights):
        out = (out + weight) * turn
    return np.asarray(out.imag)


def normalise(sound: Floats64) -> Floats:
    """Bring a sound to the loudness of all others. It is read-only, because the caches hand it out again."""
    out = np.asarray(sound * (0.1 / np.sqrt(np.mean(sound**2))), np.float32)
    out.flags.writeable = False
    return out


def under(bed: Floats, clip: Floats, second: float, decibels: float) -> Floats:
    """The bed with a clip mixed in at a second; `decibels` is the gain of the clip."""
    start, out = round(second * RATE), bed.copy()
    out[start : start + len(clip)] += (clip * 10 ** (decibels / 20))[: len(out) - start]
    return out


def analyse(samples: Floats, downmix: str = "mid", track: int = 0, start: float = 0.0) -> AudioFingerprint:
    """Audio fingerprint of (n,) float32 samples at 8 kHz."""
    analyser = AudioAnalyser()
    analyser.feed(samples.astype(np.float32))
    landmarks, packed_signs, levels = analyser.finish()
    return AudioFingerprint(track, downmix, start, analyser.length, landmarks, packed_signs, levels)


def fingerprint(samples: Floats, downmix: str = "mid", track: int = 0, start: float = 0.0) -> Fingerprint:
    """The same in bytes, as workers send it."""
    return Fingerprint(METHOD, VERSION, to_bytes(analyse(samples, downmix, track, start)))


def asset(name: str) -> Known:
    return Known(f"sha256:{name}", name, Origin.GENERATED)


def stretch(sound: Floats, factor: float) -> Floats:
    """The sound so many times as long at its pitch, by a phase vocoder: no sample of it is left as it was."""
    size, hop = 512, 128
    window = np.hanning(size + 1)[:-1]
    padded = np.pad(sound.astype(np.float64), (size, 2 * size))
    starts = np.arange(0, len(sound) + size, hop / factor)
    frames = np.stack([padded[int(start) : int(start) + size] for start in starts])
    before = np.stack([padded[max(0, int(start) - hop) : max(0, int(start) - hop) + size] for start in starts])
    spectrum, earlier = np.fft.rfft(frames * window), np.fft.rfft(before * window)
    phase = np.cumsum(np.angle(spectrum * np.conj(earlier)), axis=0)
    out = np.zeros(len(starts) * hop + size)
    for number, frame in enumerate(np.fft.irfft(np.abs(spectrum) * np.exp(1j * phase), size)):
        out[number * hop : number * hop + size] += frame * window
    return normalise(out[round(size * factor) : round((size + len(sound)) * factor)])


def play_faster(sound: Floats, speed: float) -> Floats:
    """The sound at another speed, as from a tape: its pitch changes with it."""
    length = round(len(sound) / speed)
    spectrum = np.fft.rfft(sound)
    return normalise(np.fft.irfft(np.pad(spectrum, (0, max(0, length // 2 + 1 - len(spectrum)))), length))
