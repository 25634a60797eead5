"""Samples of one view, in pieces of any length -> landmarks and whitened signs, in bounded memory.

*Whitened*: every cell of a short-time spectrum is brought to the same size, so that what is loud for a moment or in one
band counts no more than what is soft. A clip under dialogue then speaks wherever the dialogue pauses or has no energy:
against a whole-length phase transform the true alignment stands out three times as far.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint.audio import HOP, RATE, SIGNS_PER_BYTE, Landmarks, Signs, pack_signs
from provenance.media.arrays import Floats

BLOCK = 1 << 17
"""Samples worked on at once: 16 s. A multiple of both hops."""
_AROUND = 8192
"""Samples looked at on either side of a block."""
_WINDOW, _WHITE = 1024, 512
"""Samples of a frame for landmarks, and for whitening."""
_LOWEST, _HIGHEST = 150.0, 3700.0
"""Hertz."""
_SILENCE = 1e-4
"""Root mean square of what is taken for silence: -80 dB of full scale."""
_REACH, _SPREAD = 6, 12
"""A landmark is the highest cell within so many frames (96 ms) and bins (94 Hz) on either side."""
_PROMINENCE = 10.0
"""Power over the mean around it. Of steady noise one peak in hundreds has so much."""
_STEADY = 32
"""Frames (half a second) after which a tone that still sounds, and did so before, is a steady one."""
_DEAD = 0.6
"""Whitened samples nearer to zero than this, in deviations, have the sign 0."""


@dataclass(slots=True)
class Analysis:
    """Takes samples as they come; `landmarks` and `packed` are whole after `finish`."""

    length: int = 0
    """Samples heard."""
    _held: list[Floats] = field(default_factory=lambda: [np.zeros(_AROUND, np.float32)])
    _done: int = 0
    _marks: list[Landmarks] = field(default_factory=list)
    _signs: list[bytes] = field(default_factory=list)
    _rest: Signs = field(default_factory=lambda: np.zeros(0, np.int8))

    def hear(self, samples: Floats) -> None:
        """The next samples, mono at `RATE`, full scale 1."""
        for start in range(0, len(samples), BLOCK):
            piece = samples[start : start + BLOCK]
            self.length += len(piece)
            self._held.append(piece)
            if self.length - self._done >= BLOCK + _AROUND:
                self._block()

    def finish(self) -> tuple[Landmarks, bytes]:
        """Landmarks and packed signs of everything heard."""
        rest = self.length - self._done
        size = rest + -rest % _WHITE
        self._held.append(np.zeros(size - rest + _AROUND, np.float32))
        for start in range(0, size, BLOCK):
            self._block(min(BLOCK, size - start))
        self._keep(np.zeros(0, np.int8), last=True)
        times, bins, strong = (
            np.concatenate([getattr(marks, name) for marks in self._marks] or [np.zeros(0, kind)])
            for name, kind in (("times", np.float32), ("bins", np.float32), ("strong", np.bool_))
        )
        return Landmarks(times, bins, strong), b"".join(self._signs)

    def _block(self, size: int = BLOCK) -> None:
        held = np.concatenate(self._held)
        block, self._held = held[: size + 2 * _AROUND], [held[size:]]
        if block.any():
            self._mark(landmarks(block), min(size, self.length - self._done))
            signs = signs_of(whitened(block)[_AROUND:-_AROUND])
        else:  # hours of nothing are cheap
            signs = np.zeros(size, np.int8)
        self._keep(signs[: self.length - self._done])
        self._done += size

    def _mark(self, marks: Landmarks, size: int) -> None:
        """Keep those that stand in the block itself, `size` samples."""
        first = _AROUND // HOP
        inside = (marks.times >= first) & (marks.times < first + size / HOP)
        at = marks.times[inside] + np.float32(self._done / HOP - first)
        self._marks.append(Landmarks(at.astype(np.float32), marks.bins[inside], marks.strong[inside]))

    def _keep(self, signs: Signs, *, last: bool = False) -> None:
        """Pack what fills whole bytes."""
        signs = np.concatenate([self._rest, signs])
        whole = len(signs) if last else len(signs) - len(signs) % SIGNS_PER_BYTE
        self._signs.append(pack_signs(signs[:whole]))
        self._rest = signs[whole:]


def whitened(samples: Floats) -> Floats:
    """(n,): the same samples with every cell of their short-time spectrum at the same size, about 1 in deviation."""
    half = _WHITE // 2
    window = np.sin(np.pi * (np.arange(_WHITE) + 0.5) / _WHITE).astype(np.float32)
    padded = np.concatenate([np.zeros(half, np.float32), samples, np.zeros(_WHITE, np.float32)])
    spectrum = np.fft.rfft(np.lib.stride_tricks.sliding_window_view(padded, _WHITE)[::half] * window)
    # A sine window lets half of the power through: noise that soft has cells of this size.
    floor = _SILENCE * np.sqrt(half)
    spectrum *= np.sqrt(_WHITE) / (np.abs(spectrum) + floor)
    low, high = (int(hertz * _WHITE / RATE) for hertz in (_LOWEST, _HIGHEST))
    spectrum[:, :low] = spectrum[:, high:] = 0
    frames = np.fft.irfft(spectrum, _WHITE).astype(np.float32) * window
    even, odd = frames[0::2].reshape(-1), frames[1::2].reshape(-1)
    out = np.zeros(half + max(len(even), len(odd) + half), np.float32)
    out[: len(even)] += even
    out[half : half + len(odd)] += odd
    return out[half : half + len(samples)]


def signs_of(white: Floats) -> Signs:
    """(n,): -1, 0 or 1. Three values lose a tenth of the evidence of exact ones and can be silent, which two cannot."""
    return (np.sign(white) * (np.abs(white) > _DEAD)).astype(np.int8)


def landmarks(samples: Floats) -> Landmarks:
    """Peaks of the spectrogram; times are frames from the first sample, to a quarter."""
    power = _spectrogram(samples)
    peak = power == _highest(_highest(power, _REACH, 0), _SPREAD, 1)
    peak &= power > (_SILENCE**2) * _WINDOW / 4
    low, high = (int(hertz * _WINDOW / RATE) for hertz in (_LOWEST, _HIGHEST))
    peak[:, :low] = peak[:, high:] = peak[:1] = peak[-1:] = False
    frame, bin_ = np.nonzero(peak)
    strong = _stands_out(power, frame, bin_) & ~_steady(power, frame, bin_)
    times, bins = _between(power, frame, bin_, 0) + frame, _between(power, frame, bin_, 1) + bin_
    order = np.argsort(times, kind="stable")
    return Landmarks(times[order], bins[order], strong[order])


def _spectrogram(samples: Floats) -> Floats:
    """(frames, bins): power of a windowed frame around every `HOP` samples."""
    window = np.hanning(_WINDOW + 1)[:-1].astype(np.float32)
    padded = np.concatenate([np.zeros(_WINDOW // 2, np.float32), samples, np.zeros(_WINDOW // 2, np.float32)])
    spectrum = np.fft.rfft(np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::HOP] * window)
    return (spectrum.real**2 + spectrum.imag**2).astype(np.float32)


def _highest(cells: Floats, reach: int, axis: int) -> Floats:
    """The highest cell within `reach` on either side: windows doubled until they are wide enough."""
    padded = np.pad(np.moveaxis(cells, axis, 0), ((reach, reach), (0, 0)))
    width, wanted = 1, 2 * reach + 1
    while width < wanted:
        step = min(width, wanted - width)
        padded = np.maximum(padded[:-step], padded[step:])
        width += step
    return np.moveaxis(padded, 0, axis)


def _stands_out(power: Floats, frame: NDArray[np.intp], bin_: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Whether a peak is well over the mean of what surrounds it, a quarter of a second and 190 Hz on either side."""
    total = np.pad(power, ((1, 0), (1, 0))).cumsum(0, np.float64).cumsum(1)
    top, bottom = np.maximum(frame - 16, 0), np.minimum(frame + 17, power.shape[0])
    left, right = np.maximum(bin_ - 24, 0), np.minimum(bin_ + 25, power.shape[1])
    inside = total[bottom, right] - total[top, right] - total[bottom, left] + total[top, left]
    return np.asarray(power[frame, bin_] * ((bottom - top) * (right - left)) > _PROMINENCE * inside)


def _steady(power: Floats, frame: NDArray[np.intp], bin_: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Whether the same bin sounds as loud half a second before and after: a tone, which every other one resembles."""
    before = power[np.maximum(frame - _STEADY, 0), bin_]
    after = power[np.minimum(frame + _STEADY, len(power) - 1), bin_]
    return np.asarray(np.minimum(before, after) > 0.5 * power[frame, bin_])


def _between(power: Floats, frame: NDArray[np.intp], bin_: NDArray[np.intp], axis: int) -> Floats:
    """Where between its neighbours a peak really is, -.5 to .5, by a parabola through the logarithms."""
    step = (1, 0) if axis == 0 else (0, 1)
    a, b, c = (np.log(power[frame + k * step[0], bin_ + k * step[1]] + 1e-12) for k in (-1, 0, 1))
    bend = a - 2 * b + c
    return np.clip(np.where(bend < 0, 0.5 * (a - c) / np.minimum(bend, -1e-6), 0), -0.5, 0.5).astype(np.float32)
