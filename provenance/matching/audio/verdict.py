"""Whether a known sound that was found is heard whole: additions hide it, and what is missing was never there.

Step 9 of sound in docs/matching.md. Tunes of one library are played from the same recordings, and two of them over the
same drums and chords agree in most of their samples. What tells them from a copy is what the known sound has and the
deliverable has not: its own melody. In every cell of a band and an eighth of a second two things are compared. The
*phases*, by the sign samples, say in which cells the known sound is what is heard, and so how loud it was mixed in.
The *levels* say where the deliverable is clearly softer than the known sound would be at that gain. Dialogue, noise and
other music on top of a sound make a cell louder, and never softer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint.audio import HOP, LEVEL_BANDS, LEVEL_SAMPLES, RATE, AudioFingerprint, Levels
from provenance.fingerprint.spectrum import BAND_EDGES
from provenance.matching.audio.align import Alignment
from provenance.matching.audio.play import KnownSound
from provenance.media.arrays import Floats

_CHUNK = 60 * RATE // LEVEL_SAMPLES
"""Cells in time that are compared at once."""
_DYNAMICS = 20
"""Decibels below its loudest that a band of the known sound still counts …"""
_LOUD_SHARE = 95
"""… loudest being this percentile of its levels …"""
_FAINTEST = 50
"""… and decibels below the loudest cell of all."""
_AGREES = 0.5
"""Correlation of the phases in a cell from which on the known sound is what is heard in it."""
_DIFFERS = 0.25
"""Correlation under which something else is heard in it."""
_GAIN_PERCENTILE = 30
"""Percentile of the differences in level that is the gain: other sounds in the same cells only make them larger."""
_FEWEST_CELLS = 30
"""Cells that agree without which the gain is not known."""
_FEWEST_IN_BAND = 10
"""Cells of a band that agree without which it has the gain of all bands."""
_FEWEST_NEARBY = 20
"""Cells that agree half a second around one without which its gain is that of the whole."""
_NEARBY = 4
"""Cells in time on either side over which a gain is taken, as it follows fades and compressors."""
_MOST_CHANGE = 20.0
"""Decibels that the gain changes over time, at most."""
_CUT_BAND = 15.0
"""Decibels below all others at which a band at either end of the spectrum was cut off by a filter."""
_SOFTER = 6.0
"""Decibels below what it should be at which a cell is missing …"""
_AS_LOUD = 1.0
"""… and at which one is that holds something else: it is not loud enough to hide what should be there."""
_UNHEARD = -1000.0
"""Decibels of what cannot be heard."""
_HIDES = 3.0
"""Decibels above what it should be from which on something else may hide a cell."""
_OTHER_WEIGHT = 0.5
"""What a cell counts that holds something else."""
_GAP = 0.8
"""Share of the bands that must be missing at once for a gap: a sound that was cut out, and no other tune."""
_EDGE = 2
"""Cells in time at either end that are not compared where there are enough: ends are placed a little too far out."""
_LONG = 16
"""Cells in time that are enough."""
_FEWEST_TOLD = 60
"""Cells that must be compared for a share of them to say anything."""

Cells = NDArray[np.float64]
"""(cells in time, LEVEL_BANDS)."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A known sound beside a deliverable, cell by cell."""

    correlation: Cells
    """-1 to 1: how much the phases agree."""
    known: Cells
    """Decibels of the known sound."""
    heard: Cells
    """Decibels of the deliverable at the same time."""

    def select_sounding(self) -> NDArray[np.bool_]:
        """The cells in which the known sound is loud enough for it to be missed."""
        if not len(self.known):
            return np.zeros(self.known.shape, np.bool_)
        loudest = np.percentile(self.known, _LOUD_SHARE, axis=0)
        return np.asarray((self.known > loudest - _DYNAMICS) & (self.known > self.known.max() - _FAINTEST))


def measure_missing(sound: KnownSound, deliverable: AudioFingerprint, alignment: Alignment) -> float | None:
    """Share, 0 to 1, of an aligned known sound that the deliverable does not have, though nothing hides it.

    None where nobody can tell: too little of it is heard by itself, or a fingerprint has no levels.
    `sound` is mirrored where the alignment plays backwards: `backwards.mirror_sound`.
    """
    comparison = _compare(sound, deliverable, alignment)
    excess = _measure_excess(comparison)
    return None if excess is None else _measure_share(comparison, excess)


def measure_missing_beside(
    sound: KnownSound, deliverable: AudioFingerprint, alignment: Alignment, found: tuple[KnownSound, AudioFingerprint]
) -> float | None:
    """The same for another downmix of both, where the one that was `found` tells how loud it was mixed in.

    Tunes may share what lies at the sides alone, with another melody in the middle.
    """
    loudness = _measure_gain(_compare(*found, alignment))
    comparison = _compare(sound, deliverable, alignment)
    excess = _measure_excess(comparison)
    if excess is None and loudness is not None:
        excess = comparison.heard - comparison.known - loudness
    return None if excess is None else _measure_share(comparison, excess)


def _measure_share(comparison: Comparison, excess: Cells) -> float | None:
    """Share of the cells that tell which are missing. None where too few tell."""
    counts = comparison.select_sounding() & np.isfinite(excess)
    is_softer = counts & (excess < -_SOFTER)
    # Where nearly all bands are missing at once, the sound was cut out for a moment.
    is_gap = (is_softer.sum(1) > _GAP * counts.sum(1)) & counts.any(1)
    counts &= ~is_gap[:, None]
    is_softer &= counts
    is_heard = counts & (comparison.correlation > _AGREES)
    # Something else that is louder might hide it, and then nobody can tell.
    is_open = counts & ((excess < _HIDES) | is_heard)
    is_other = counts & (comparison.correlation < _DIFFERS) & (excess < -_AS_LOUD) & ~is_softer
    softer, other, heard = int(is_softer.sum()), int(is_other.sum()), int(is_heard.sum())
    if is_open.sum() < _FEWEST_TOLD or softer + heard == 0:
        return None
    # In noise, the phases of faint cells are anything: they are half an indication.
    return softer / (softer + heard) + _OTHER_WEIGHT * other / int(is_open.sum())


def _compare(sound: KnownSound, deliverable: AudioFingerprint, alignment: Alignment) -> Comparison:
    """Compare the cells of the known sound that are wholly within the alignment."""
    known, speed, offset = sound.fingerprint, alignment.speed, alignment.offset
    # The last cell may be cut short. Mirrored, it is the first one, and begins before the mirrored sound.
    before = len(known.levels) * LEVEL_SAMPLES - known.length if alignment.is_backwards else 0
    # Without levels of either, nothing can be compared.
    cells = len(known.levels) if len(deliverable.levels) else 0
    first = max(0, int(np.ceil(((alignment.start - offset) * speed + before) / LEVEL_SAMPLES)))
    last = min(cells, int(((alignment.end - offset) * speed + before) / LEVEL_SAMPLES))
    if last - first > _LONG:
        first, last = first + _EDGE, last - _EDGE
    parts = [np.zeros((0, LEVEL_BANDS))]
    for start, end in _divide(first, last):
        sample = (start * LEVEL_SAMPLES - before) / speed + offset
        last_sample = round(sample + (end - start) * LEVEL_SAMPLES / speed)
        first_sample, signs = sound.play(speed, offset, round(sample), last_sample)
        heard = deliverable.unpack_signs(first_sample, first_sample + len(signs)).astype(np.float32)
        parts.append(_correlate(signs, heard, end - start))
    count = max(0, last - first)
    # A cell has the frames from its beginning to one before its end: mirrored, from one after it to the end.
    shift = HOP if alignment.is_backwards else 0
    place = ((first * LEVEL_SAMPLES - before + shift) / speed + offset) / LEVEL_SAMPLES
    levels = known.levels[first : first + count].astype(np.float64)
    # What a speed carries out of the band that is analysed cannot be heard, and is not missed.
    is_outside = (BAND_EDGES[:-1] * speed < BAND_EDGES[0] - 2) | (BAND_EDGES[1:] * speed > BAND_EDGES[-1] + 2)
    levels[:, is_outside] = _UNHEARD
    return Comparison(
        np.concatenate(parts),
        levels,
        _join_bands(resample_levels(deliverable.levels, place, 1 / speed, count), speed),
    )


def _divide(first: int, last: int) -> Iterator[tuple[int, int]]:
    for start in range(first, last, _CHUNK):
        yield start, min(last, start + _CHUNK)


def _correlate(known: Floats, heard: Floats, count: int) -> Cells:
    """(count, LEVEL_BANDS): how much the phases of two whitened sounds of one length agree in each cell."""
    size = len(known) // max(1, count)
    if size == 0:
        return np.zeros((count, LEVEL_BANDS))
    one, other = _transform(known, size, count), _transform(heard, size, count)
    # A cell is as much shorter as the sound is faster: so the bands of the known sound have the same bins at any speed.
    edges = 2 * BAND_EDGES
    shared = _sum_bands((one * np.conj(other)).real, edges)
    power = _sum_bands(np.abs(one) ** 2, edges) * _sum_bands(np.abs(other) ** 2, edges)
    return np.asarray(shared / np.sqrt(power + 1e-9))


def _transform(sound: Floats, size: int, count: int) -> NDArray[np.complexfloating]:
    """Spectra of (count) windows of twice `size` samples, each around its cell."""
    window = np.hanning(2 * size + 1)[:-1].astype(np.float32)
    padded = np.pad(sound[: count * size], (size // 2, 2 * size))
    return np.fft.rfft(np.lib.stride_tricks.sliding_window_view(padded, 2 * size)[::size][:count] * window)


def _sum_bands(cells: NDArray[np.floating], edges: NDArray[np.int64]) -> Cells:
    return np.asarray(np.add.reduceat(cells, edges, axis=1)[:, :LEVEL_BANDS], np.float64)


def resample_levels(levels: Levels, first: float, step: float, count: int) -> Cells:
    """(count, LEVEL_BANDS) decibels: the levels in cells that begin at `first` and are `step` long, in cells."""
    # Sums from the beginning up to any place, also within a cell, give the power between two places.
    power = np.zeros((len(levels) + 1, LEVEL_BANDS))
    np.cumsum(10 ** (levels.astype(np.float64) / 10), axis=0, out=power[1:])
    edges = np.clip(first + step * np.arange(count + 1), 0, len(levels))
    whole = np.minimum(edges.astype(np.int64), max(0, len(levels) - 1))
    within = (edges - whole)[:, None]
    total = power[whole] + within * (power[np.minimum(whole + 1, len(levels))] - power[whole])
    return np.asarray(10 * np.log10(np.maximum(np.diff(total, axis=0) / step, 1.0)))


def _join_bands(levels: Cells, speed: float) -> Cells:
    """Levels of all that a band of the known sound reaches into at a speed: another band has a part of it there."""
    lowest = np.searchsorted(BAND_EDGES, BAND_EDGES[:-1] * speed + 1, "right") - 1
    highest = np.searchsorted(BAND_EDGES, BAND_EDGES[1:] * speed - 1)
    first = np.clip(lowest, 0, LEVEL_BANDS - 1)
    last = np.clip(highest, first + 1, LEVEL_BANDS)
    power = np.pad(np.cumsum(10 ** (levels / 10), axis=1), ((0, 0), (1, 0)))
    return np.asarray(10 * np.log10(np.maximum(power[:, last] - power[:, first], 1.0)))


def _measure_gain(comparison: Comparison) -> float | None:
    """Decibels by which it is louder in the deliverable. None where too little of it is heard by itself."""
    agrees = comparison.select_sounding() & (comparison.correlation > _AGREES)
    if agrees.sum() < _FEWEST_CELLS:
        return None
    return float(np.percentile((comparison.heard - comparison.known)[agrees], _GAIN_PERCENTILE))


def _measure_excess(comparison: Comparison) -> Cells | None:
    """Decibels by which each cell is louder than the known sound would be in it; NaN in bands that a filter cut off.

    None where too little of it is heard by itself to tell how loud it was mixed in.
    """
    overall = _measure_gain(comparison)
    if overall is None:
        return None
    sounding = comparison.select_sounding()
    difference = comparison.heard - comparison.known
    agrees = sounding & (comparison.correlation > _AGREES)
    excess = difference - overall
    # A filter makes one band softer than another, all the time.
    for band in range(LEVEL_BANDS):
        if agrees[:, band].sum() >= _FEWEST_IN_BAND:
            excess[:, band] = difference[:, band] - np.percentile(difference[agrees[:, band], band], _GAIN_PERCENTILE)
    # In a band that was cut off everything is missing, and that says nothing about the melody.
    excess[:, _find_cut_bands(difference - overall, sounding)] = np.nan
    agrees &= np.isfinite(excess)
    return excess - _follow_gain(excess, agrees)[:, None]


def _find_cut_bands(difference: Cells, sounding: NDArray[np.bool_]) -> list[int]:
    """Bands at either end of the spectrum in which the deliverable has nearly nothing all the time.

    The next one is among them: a filter cuts off a part of it.
    """
    cut: list[int] = []
    for bands in (range(LEVEL_BANDS), reversed(range(LEVEL_BANDS))):
        is_cut = False
        for band in bands:
            cells = difference[sounding[:, band], band]
            if len(cells) and float(np.median(cells)) > -_CUT_BAND:
                cut += [band] * is_cut
                break
            is_cut |= len(cells) > 0
            cut.append(band)
    return cut


def _follow_gain(excess: Cells, agrees: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(cells in time,) decibels: how the gain of all bands together changes over time."""
    gains = np.zeros(len(excess))
    for cell in range(len(excess)):
        nearby = slice(max(0, cell - _NEARBY), cell + _NEARBY + 1)
        values = excess[nearby][agrees[nearby]]
        if len(values) >= _FEWEST_NEARBY:
            gains[cell] = np.percentile(values, _GAIN_PERCENTILE)
    return np.clip(gains, -_MOST_CHANGE, _MOST_CHANGE)
