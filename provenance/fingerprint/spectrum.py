"""Samples of one downmix, fed in pieces of any length -> landmarks, whitened sign samples, levels, in bounded memory.

Steps 2 and 3 of sound in docs/matching.md. *Whitened*: every cell of a short-time spectrum is brought to the same
magnitude, so that a sound which is loud for a moment or in one band counts no more than a soft one. A clip under
dialogue is then audible wherever the dialogue pauses or has no energy: the true alignment stands out three times as far
as with a phase transform over the whole length.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint.audio import (
    HOP,
    LEVEL_BANDS,
    LEVEL_SAMPLES,
    RATE,
    SIGNS_PER_BYTE,
    Landmarks,
    Levels,
    SignSamples,
    pack_signs,
)
from provenance.media.arrays import Floats

BLOCK_SAMPLES = 1 << 17
"""Samples (16 s) that are analysed at once. A multiple of the hop of the spectrogram and of the whitening."""
_CONTEXT = 8192
"""Samples (1 s) of context on either side of a block, so that blocks leave no seam."""
_LANDMARK_WINDOW = 1024
"""Samples (128 ms) of one frame of the spectrogram."""
_WHITENING_WINDOW = 512
"""Samples (64 ms) of one frame of the whitening; frames overlap by half."""
_LOWEST_HERTZ = 150.0
_HIGHEST_HERTZ = 3700.0
_SILENCE = 1e-4
"""Root mean square that is taken for silence: -80 dB of full scale."""
_PEAK_FRAMES = 6
"""A landmark is the highest cell within this many frames (96 ms) on either side …"""
_PEAK_BINS = 12
"""… and within this many bins (94 Hz)."""
_PROMINENCE = 10.0
"""Power of a strong landmark over the mean around it. Of steady noise, one peak in hundreds has as much."""
_PROMINENCE_FRAMES = 16
"""Frames (a quarter of a second) on either side over which that mean is taken."""
_PROMINENCE_BINS = 24
"""Bins (190 Hz) on either side over which that mean is taken."""
_STEADY_FRAMES = 32
"""Frames (half a second): a tone that sounds this long before and after a peak is a steady one."""
_STEADY_POWER = 0.5
"""Share of the peak's power that a steady tone has there."""
_DEAD_ZONE = 0.6
"""Whitened samples nearer to zero than this, in standard deviations, become the sign sample 0."""


@dataclass(slots=True)
class AudioAnalyser:
    """Finds the landmarks and sign samples of one downmix: `feed` it samples in order, then `finish` once."""

    length: int = 0
    """Samples fed so far."""
    _pending: list[Floats] = field(default_factory=lambda: [np.zeros(_CONTEXT, np.float32)])
    """Samples not analysed yet, with the context before them; the first block has silence for its context."""
    _analysed: int = 0
    """Samples whose block is done."""
    _landmarks: list[Landmarks] = field(default_factory=list)
    _packed_signs: list[bytes] = field(default_factory=list)
    _levels: list[Levels] = field(default_factory=list)
    _unpacked_signs: SignSamples = field(default_factory=lambda: np.zeros(0, np.int8))
    """Fewer than `SIGNS_PER_BYTE` sign samples that do not fill a byte yet."""

    def feed(self, samples: Floats) -> None:
        """Add the next samples: (n,) float32, mono at `RATE`, full scale 1."""
        for start in range(0, len(samples), BLOCK_SAMPLES):
            piece = samples[start : start + BLOCK_SAMPLES]
            self.length += len(piece)
            self._pending.append(piece)
            if self.length - self._analysed >= BLOCK_SAMPLES + _CONTEXT:
                self._analyse_block(BLOCK_SAMPLES)

    def finish(self) -> tuple[Landmarks, bytes, Levels]:
        """Analyse the rest. Returns the landmarks, the packed sign samples and the levels of everything fed."""
        rest = self.length - self._analysed
        padded = rest + -rest % _WHITENING_WINDOW
        self._pending.append(np.zeros(padded - rest + _CONTEXT, np.float32))
        for start in range(0, padded, BLOCK_SAMPLES):
            self._analyse_block(min(BLOCK_SAMPLES, padded - start))
        self._packed_signs.append(pack_signs(self._unpacked_signs))
        levels = np.concatenate([np.zeros((0, LEVEL_BANDS), np.uint8), *self._levels])
        return _concatenate(self._landmarks), b"".join(self._packed_signs), levels

    def _analyse_block(self, size: int) -> None:
        """Analyse the next `size` samples between their context."""
        pending = np.concatenate(self._pending)
        block = pending[: size + 2 * _CONTEXT]
        self._pending = [pending[size:]]
        fed = min(size, self.length - self._analysed)  # without the zeros that pad the last block
        if block.any():
            power = compute_spectrogram(block)
            self._keep_landmarks(find_landmarks(power), fed)
            first_frame = _CONTEXT // HOP
            levels = measure_levels(power[first_frame : first_frame - (-fed // HOP)])
            signs = quantise_to_signs(whiten(block)[_CONTEXT:-_CONTEXT])
        else:
            # A track may be silent for hours; those cost nothing.
            signs = np.zeros(size, np.int8)
            levels = np.zeros((-(-fed // LEVEL_SAMPLES), LEVEL_BANDS), np.uint8)
        self._keep_signs(signs[:fed])
        self._levels.append(levels)
        self._analysed += size

    def _keep_landmarks(self, landmarks: Landmarks, size: int) -> None:
        """Keep the landmarks of the block's own `size` samples: those of its context belong to its neighbours."""
        first = _CONTEXT // HOP
        inside = (landmarks.times >= first) & (landmarks.times < first + size / HOP)
        times = landmarks.times[inside] + np.float32(self._analysed / HOP - first)
        self._landmarks.append(Landmarks(times.astype(np.float32), landmarks.bins[inside], landmarks.strong[inside]))

    def _keep_signs(self, signs: SignSamples) -> None:
        """Pack the sign samples that fill whole bytes, and put the rest before the next ones."""
        signs = np.concatenate([self._unpacked_signs, signs])
        whole = len(signs) - len(signs) % SIGNS_PER_BYTE
        self._packed_signs.append(pack_signs(signs[:whole]))
        self._unpacked_signs = signs[whole:]


def _concatenate(parts: Sequence[Landmarks]) -> Landmarks:
    """Landmarks of all blocks, in the order of time."""
    nothing = np.zeros(0, np.float32)
    return Landmarks(
        np.concatenate([nothing, *(part.times for part in parts)]),
        np.concatenate([nothing, *(part.bins for part in parts)]),
        np.concatenate([np.zeros(0, np.bool_), *(part.strong for part in parts)]),
    )


# Step 2: landmarks, the peaks of the spectrogram.


def find_landmarks(power: Floats) -> Landmarks:
    """Find the peaks of a spectrogram, (frames, 513); times are frames from the first one."""
    is_peak = power == _maximum_filter(_maximum_filter(power, _PEAK_FRAMES, axis=0), _PEAK_BINS, axis=1)
    is_peak &= power > (_SILENCE**2) * _LANDMARK_WINDOW / 4
    low_bin, high_bin = _band_limits(_LANDMARK_WINDOW)
    is_peak[:, :low_bin] = False
    is_peak[:, high_bin:] = False
    # The first and last frame lack a neighbour to interpolate with.
    is_peak[:1] = False
    is_peak[-1:] = False
    frames, bins = np.nonzero(is_peak)
    strong = _is_prominent(power, frames, bins) & ~_is_steady_tone(power, frames, bins)
    # Another speed moves landmarks by fractions of a cell (step 4), so they are placed between the cells.
    times = frames + _interpolate_peaks(power, frames, bins, axis=0)
    frequencies = bins + _interpolate_peaks(power, frames, bins, axis=1)
    order = np.argsort(times, kind="stable")
    return Landmarks(times[order], frequencies[order], strong[order])


def compute_spectrogram(samples: Floats) -> Floats:
    """(frames, 513) float32, >= 0: power of a Hann-windowed frame around every `HOP` samples, in bins of 7.8125 Hz."""
    hann = np.hanning(_LANDMARK_WINDOW + 1)[:-1].astype(np.float32)
    margin = np.zeros(_LANDMARK_WINDOW // 2, np.float32)
    padded = np.concatenate([margin, samples, margin])
    frames = np.lib.stride_tricks.sliding_window_view(padded, _LANDMARK_WINDOW)[::HOP]
    spectrum = np.fft.rfft(frames * hann)
    return (spectrum.real**2 + spectrum.imag**2).astype(np.float32)


def _band_limits(window: int) -> tuple[int, int]:
    """First bin of the band that is used, and first bin above it, for frames of `window` samples."""
    return int(_LOWEST_HERTZ * window / RATE), int(_HIGHEST_HERTZ * window / RATE)


def _maximum_filter(cells: Floats, reach: int, axis: int) -> Floats:
    """Same shape: the highest cell within `reach` on either side along an axis."""
    widened = np.pad(np.moveaxis(cells, axis, 0), ((reach, reach), (0, 0)))
    # A maximum over w cells and the same shifted by up to w give one over up to 2w: few passes instead of one a cell.
    width = 1
    wanted = 2 * reach + 1
    while width < wanted:
        shift = min(width, wanted - width)
        widened = np.maximum(widened[:-shift], widened[shift:])
        width += shift
    return np.moveaxis(widened, 0, axis)


def _is_prominent(power: Floats, frames: NDArray[np.intp], bins: NDArray[np.intp]) -> NDArray[np.bool_]:
    """(peaks,) bool: whether a peak has `_PROMINENCE` times the mean power of the rectangle around it."""
    # A summed-area table gives the sum over any rectangle from its four corners.
    summed_area = np.pad(power, ((1, 0), (1, 0))).cumsum(0, np.float64).cumsum(1)
    top = np.maximum(frames - _PROMINENCE_FRAMES, 0)
    bottom = np.minimum(frames + _PROMINENCE_FRAMES + 1, power.shape[0])
    left = np.maximum(bins - _PROMINENCE_BINS, 0)
    right = np.minimum(bins + _PROMINENCE_BINS + 1, power.shape[1])
    inside = summed_area[bottom, right] - summed_area[top, right] - summed_area[bottom, left] + summed_area[top, left]
    cell_count = (bottom - top) * (right - left)
    return np.asarray(power[frames, bins] * cell_count > _PROMINENCE * inside)


def _is_steady_tone(power: Floats, frames: NDArray[np.intp], bins: NDArray[np.intp]) -> NDArray[np.bool_]:
    """(peaks,) bool: whether the same bin is about as loud before and after a peak: any two steady tones look alike."""
    before = power[np.maximum(frames - _STEADY_FRAMES, 0), bins]
    after = power[np.minimum(frames + _STEADY_FRAMES, len(power) - 1), bins]
    return np.asarray(np.minimum(before, after) > _STEADY_POWER * power[frames, bins])


def _interpolate_peaks(power: Floats, frames: NDArray[np.intp], bins: NDArray[np.intp], axis: int) -> Floats:
    """(peaks,) float32, -0.5 to 0.5 cells: where a peak is along an axis, by a parabola through the logarithms."""
    frame_step, bin_step = (1, 0) if axis == 0 else (0, 1)
    before = np.log(power[frames - frame_step, bins - bin_step] + 1e-12)
    middle = np.log(power[frames, bins] + 1e-12)
    after = np.log(power[frames + frame_step, bins + bin_step] + 1e-12)
    curvature = before - 2 * middle + after
    vertex = np.where(curvature < 0, 0.5 * (before - after) / np.minimum(curvature, -1e-6), 0)
    return np.clip(vertex, -0.5, 0.5).astype(np.float32)


# What is missing and what is masked: the levels of bands.


def _divide_bands() -> NDArray[np.int64]:
    """(LEVEL_BANDS + 1,) int64: bins at the edges of the bands, which are as wide as the ear has them."""
    lowest, highest = (2595 * np.log10(1 + hertz / 700) for hertz in (_LOWEST_HERTZ, _HIGHEST_HERTZ))
    hertz = 700 * (10 ** (np.linspace(lowest, highest, LEVEL_BANDS + 1) / 2595) - 1)
    return np.rint(hertz * _LANDMARK_WINDOW / RATE).astype(np.int64)


BAND_EDGES = _divide_bands()
"""Bins of 7.8125 Hz."""
_FRAMES_PER_CELL = LEVEL_SAMPLES // HOP
_NOTHING = -120.0
"""Decibels of power that count as none; full scale is about 48."""


def measure_levels(power: Floats) -> Levels:
    """Levels of a spectrogram, (frames, 513), from its first frame on; the last cell may have fewer frames."""
    starts = np.arange(0, len(power), _FRAMES_PER_CELL)
    counts = np.diff([*starts, len(power)])
    bands = np.add.reduceat(power, BAND_EDGES, axis=1)[:, :LEVEL_BANDS]
    cells = np.add.reduceat(bands, starts, axis=0) / counts[:, None]
    decibels = 10 * np.log10(cells + 10 ** (_NOTHING / 10))
    return np.clip(np.rint(decibels - _NOTHING), 0, 255).astype(np.uint8)


# Step 3: sign samples of the whitened sound.


def whiten(samples: Floats) -> Floats:
    """(n,) float32, standard deviation about 1: the samples with every cell of their short-time spectrum equally loud.

    Only the phase of the cells is left, which is what phase correlation compares.
    """
    hop = _WHITENING_WINDOW // 2
    # The sine window is applied before and after: its squares, half a window apart, add up to 1.
    window = np.sin(np.pi * (np.arange(_WHITENING_WINDOW) + 0.5) / _WHITENING_WINDOW).astype(np.float32)
    padded = np.concatenate([np.zeros(hop, np.float32), samples, np.zeros(_WHITENING_WINDOW, np.float32)])
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WHITENING_WINDOW)[::hop]
    spectrum = np.fft.rfft(frames * window)
    # Cells of silence must not be amplified. A sine window lets half of the power through, so this is their magnitude.
    floor = _SILENCE * np.sqrt(hop)
    spectrum *= np.sqrt(_WHITENING_WINDOW) / (np.abs(spectrum) + floor)
    low_bin, high_bin = _band_limits(_WHITENING_WINDOW)
    spectrum[:, :low_bin] = 0
    spectrum[:, high_bin:] = 0
    whitened = np.fft.irfft(spectrum, _WHITENING_WINDOW).astype(np.float32) * window
    return _overlap_add(whitened, hop)[hop : hop + len(samples)]


def _overlap_add(frames: Floats, hop: int) -> Floats:
    """(n,) float32: (frames, 2 * hop) overlapping frames added up."""
    # Every second frame touches the next without overlap, so that two additions suffice.
    even = frames[0::2].reshape(-1)
    odd = frames[1::2].reshape(-1)
    out = np.zeros(hop + max(len(even), len(odd) + hop), np.float32)
    out[: len(even)] += even
    out[hop : hop + len(odd)] += odd
    return out


def quantise_to_signs(whitened: Floats) -> SignSamples:
    """(n,) int8, -1, 0 or 1: the sign samples of whitened samples.

    Three values lose a tenth of the evidence of exact ones; unlike two values, they can be silent.
    """
    return (np.sign(whitened) * (np.abs(whitened) > _DEAD_ZONE)).astype(np.int8)
