"""The slow, exact reference: every known sound correlated with the whole of a view, at every speed.

No index, no guesses. The fast search must find what this finds; tests hold them against each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint.audio import AudioFingerprint
from provenance.matching.audio.align import sped

_AROUND = 16
"""Samples around the best lag that are left out of what chance is measured by."""


@dataclass(frozen=True, slots=True)
class ExactAlignment:
    """Where a known sound agrees best with a view."""

    entry: int
    speed: float
    offset: int
    """Samples of the view to where the known sound starts; negative when its head is cut off."""
    sigma: float
    """Deviations above chance."""


def standings(
    known: Sequence[AudioFingerprint], heard: AudioFingerprint, speeds: Sequence[float] = (1.0,)
) -> Iterator[ExactAlignment]:
    """The best place of each known sound, at its best speed, whether it stands there or not."""
    longest = max((int(sound.length / min(speeds)) + 1 for sound in known), default=0)
    size = 1 << (heard.length + longest).bit_length()
    spectrum = np.fft.rfft(heard.signs(0, heard.length).astype(np.float32), size)
    for entry, sound in enumerate(known):
        yield max((_best(entry, sound, spectrum, size, speed) for speed in speeds), key=lambda one: one.sigma)


def _best(
    entry: int, sound: AudioFingerprint, spectrum: NDArray[np.complexfloating], size: int, speed: float
) -> ExactAlignment:
    signs = sound.signs(0, sound.length)
    played = signs.astype(np.float32) if speed == 1 else sped(signs, round(len(signs) / speed))
    agreement = np.abs(np.fft.irfft(spectrum * np.conj(np.fft.rfft(played, size)), size))
    lag = int(agreement.argmax())
    height = float(agreement[lag])
    agreement[max(0, lag - _AROUND) : lag + _AROUND + 1] = 0
    deviation = float(np.sqrt(np.mean(agreement**2)))
    offset = lag if lag < size - len(played) else lag - size
    return ExactAlignment(entry, speed, offset, height / deviation if deviation else 0.0)
