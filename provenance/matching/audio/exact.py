"""The slow, exact reference: every known sound correlated with the whole of a downmix, at every speed.

No landmark index, no candidates. The fast search must find what this one finds; tests compare the two.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint.audio import HOP, AudioFingerprint, SignSamples
from provenance.matching.audio.landmark_line import PitchedLandmarks, pitch_landmarks
from provenance.media.arrays import Floats

_PEAK_RADIUS = 16
"""Samples around the best lag that are left out when chance is measured."""


@dataclass(frozen=True, slots=True)
class ExactAlignment:
    """Where a known sound agrees best with a downmix."""

    entry: int
    """Number of the known sound."""
    speed: float
    """How many times as fast as known it is played."""
    offset: int
    """Samples of the downmix to where the known sound starts; negative when its head is cut off."""
    sigma: float
    """Height of the correlation peak, in standard deviations of chance."""


def align_exactly(
    known: Sequence[AudioFingerprint], deliverable: AudioFingerprint, speeds: Sequence[float] = (1.0,)
) -> Iterator[ExactAlignment]:
    """Yield the best place of each known sound, at its best speed, whether it is there or not."""
    longest = 0
    for sound in known:
        longest = max(longest, int(sound.length / min(speeds)) + 1)
    # Zeros at the end keep the circular correlation from wrapping round.
    size = 1 << (deliverable.length + longest).bit_length()
    spectrum = np.fft.rfft(deliverable.unpack_signs(0, deliverable.length).astype(np.float32), size)
    for entry, sound in enumerate(known):
        alignments = [_correlate(entry, sound, spectrum, size, speed) for speed in speeds]
        yield max(alignments, key=lambda alignment: alignment.sigma)


def _play(sound: AudioFingerprint, speed: float) -> Floats:
    """(n,) float32: the whole known sound at a speed."""
    signs = sound.unpack_signs(0, sound.length)
    if speed == 1:
        return signs.astype(np.float32)
    return _resample_signs(signs, round(len(signs) / speed))


def _resample_signs(signs: SignSamples, length: int) -> Floats:
    """(length,) float32: resample (n,) sign samples by cutting or padding their spectrum."""
    spectrum = np.fft.rfft(signs.astype(np.float32))
    resized = np.zeros(length // 2 + 1, np.complex64)
    common = min(len(spectrum), len(resized))
    resized[:common] = spectrum[:common]
    return np.fft.irfft(resized, length).astype(np.float32) * np.float32(length / max(1, len(signs)))


def _correlate(
    entry: int, sound: AudioFingerprint, spectrum: NDArray[np.complexfloating], size: int, speed: float
) -> ExactAlignment:
    """Correlate one known sound at one speed; `spectrum`: (size // 2 + 1,) of the deliverable's sign samples."""
    played = _play(sound, speed)
    correlation = np.abs(np.fft.irfft(spectrum * np.conj(np.fft.rfft(played, size)), size))
    lag = int(correlation.argmax())
    height = float(correlation[lag])
    # Chance is measured beside the peak.
    correlation[max(0, lag - _PEAK_RADIUS) : lag + _PEAK_RADIUS + 1] = 0
    deviation = float(np.sqrt(np.mean(correlation**2)))
    sigma = height / deviation if deviation else 0.0
    # Lags in the last part of the circle are negative ones.
    offset = lag if lag < size - len(played) else lag - size
    return ExactAlignment(entry, speed, offset, sigma)


@dataclass(frozen=True, slots=True)
class ExactChange:
    """Where, and at which pitch and tempo of those asked for, most landmarks of a known sound agree with a downmix."""

    entry: int
    """Number of the known sound."""
    semitones: float
    """Semitones by which it is higher."""
    speed: float
    """How many times as fast as known it is played."""
    offset: float
    """Samples of the downmix to where the known sound would start."""
    sigma: float
    """Landmarks that agree, in standard deviations of chance."""


def align_changed_exactly(
    known: Sequence[AudioFingerprint],
    deliverable: AudioFingerprint,
    semitones: Sequence[float],
    speeds: Sequence[float],
) -> Iterator[ExactChange]:
    """Yield the best place of each known sound, at its best pitch and tempo, whether it is there or not.

    Every landmark of the known sound is compared with every one of the downmix: no triplets, no candidates.
    """
    heard = pitch_landmarks(deliverable.landmarks, deliverable.length, strong_only=False)
    for entry, sound in enumerate(known):
        source = pitch_landmarks(sound.landmarks, sound.length, strong_only=True)
        changes = [_compare_landmarks(entry, source, heard, pitch, speed) for pitch in semitones for speed in speeds]
        yield max(changes, key=lambda change: change.sigma)


def _compare_landmarks(
    entry: int, known: PitchedLandmarks, heard: PitchedLandmarks, semitones: float, speed: float
) -> ExactChange:
    """Count, for every shift in time, the landmarks that agree at one pitch and tempo."""
    step = heard.pitches[None] - known.pitches[:, None] - semitones
    shift = heard.times[None] - known.times[:, None] / speed
    # Half a bin, whose semitones are fewer the higher it is.
    at_pitch = np.abs(step) <= 9 * np.exp2(-(known.pitches[:, None] + semitones) / 12) + 0.12
    shifts = np.rint(shift[at_pitch]).astype(np.int64)
    least = int(shifts.min(initial=0))
    counts = np.bincount(shifts - least, minlength=3).astype(np.float64)
    total = np.convolve(counts, np.ones(3), "same")
    best = int(total.argmax())
    chance = float(np.mean(total))
    sigma = (float(total[best]) - chance) / max(1.0, float(np.sqrt(chance)))
    return ExactChange(entry, semitones, speed, float(best + least) * HOP, sigma)
