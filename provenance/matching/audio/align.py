"""Whether a known sound is in a deliverable, and where to the sample: phase correlation around a candidate.

Step 5 of sound in docs/matching.md. Sign samples are whitened, so their cross-correlation is a phase correlation. It
is taken in short pieces, each over lags of a tenth of a second around where the landmarks say. Where the speed is right
the pieces are added up; where it is not, their best lags lie on a line whose slope is the error of the speed.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint.audio import RATE, AudioFingerprint
from provenance.matching.audio.index import AudioCandidate
from provenance.matching.audio.play import KnownSound
from provenance.media.arrays import Floats

_PIECE = 2048
"""Samples (a quarter of a second) correlated at once; a speed that is 0.2 % wrong smears little in them."""
_MAX_LAG = 1024
"""Samples that a candidate may be off, on either side."""
_PEAK_RADIUS = 16
"""Samples around the best lag that are left out when chance is measured."""
_LEAST_SIGMA = 9.0
"""Standard deviations over chance that make an alignment. Unrelated sounds stay under 7, unless they are brief."""
_CLEAR_SIGMA = 6.0
"""Standard deviations at which the best lag of a single piece is believed."""
_LINE_TOLERANCE = 4.0
"""Samples that such a piece may lie beside the line."""
_MAX_LINE_PIECES = 32
"""Clearest pieces through which a line is sought."""
_FEWEST_ON_LINE = 4
"""Pieces that the line must pass."""
_STEEPEST_LINE = 0.006
"""Samples of lag a sample: the largest error of a speed."""
_NEGLIGIBLE_RISE = 0.2
"""Samples by which a line may rise over the whole range without a correction of the speed."""
_MAX_CORRECTIONS = 4
"""Corrections of the speed in one range."""
_MAX_EXTENSIONS = 6
"""Times that the range is extended to both sides with a better speed."""
_MARGIN = 2 * RATE
"""Samples (2 s) by which the range exceeds what is known to agree."""
_FARTHEST_END = 60 * RATE
"""Samples (a minute) beyond the range in which the ends are sought."""
_FADE = 1 / 8
"""Share of the mean agreement down to which a head or tail still belongs to it: fades are softer than the rest."""
_END_STEP = 8
"""Samples (1 ms) to which ends are found."""
_QUARTER_STEPS = _PIECE // _END_STEP
"""Such steps in a quarter of a second."""
_UNHEARD_END = RATE // 4
"""Samples (a quarter of a second) of sound at an end of the known sound that need not be heard to count as played."""
_SILENT_END = RATE // 2
"""Samples (half a second) that such an end lasts at most, with the silence of the known sound itself."""
LONGEST_BREAK = 2 * RATE
"""Samples (2 s) of the known sound that may be missing within one use of it."""
_BARE_AGREEMENT = 0.5
"""Mean agreement from which on a sound is nearly bare: then what does not agree is not there, and not masked either."""
_AGREEING_SIGMA = 3
"""Standard deviations by which a quarter of a second agrees."""
_LEAST_SOUNDING = 1 / 16
"""Share of the samples of a quarter of a second in which both must sound for it to count."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """A known sound in a deliverable. Known sample = (deliverable sample - offset) * speed."""

    entry: int
    """Number of the known sound."""
    speed: float
    """How many times as fast as known it is played."""
    offset: float
    """Samples of the deliverable to where the known sound starts."""
    start: int
    """First sample of the deliverable in which it is audible: its in point."""
    end: int
    """Sample after the last one: its out point."""
    sigma: float
    """Height of the correlation peak, in standard deviations of chance."""
    share: float
    """Share, 0 to 1, of the quarter seconds between start and end that agree; those count in which both sound."""
    weight: float = 0.0
    """Samples that agree less those that do not: of two downmixes or speeds, the truer one has more."""
    coverage: float = 0.0
    """Share, 0 to 1, of the known sound that is between start and end."""
    semitones: float | None = None
    """Semitones by which it is higher than known; None where its pitch is that of its speed, as on a tape."""
    landmarks: int = 0
    """Known landmarks that the deliverable has, where these are the evidence; 0 where it is phase correlation."""
    is_backwards: bool = False
    """Whether it plays backwards. Known sample = known length - (deliverable sample - offset) * speed."""

    @property
    def agreeing_samples(self) -> float:
        """Samples in the quarter seconds that agree."""
        return self.share * (self.end - self.start)


@dataclass(frozen=True, slots=True)
class PhaseCorrelation:
    """Correlation of a known sound with a deliverable, piece by piece, around an expected place."""

    centres: NDArray[np.float64]
    """(pieces,) float64: sample of the deliverable at the middle of each piece."""
    values: Floats
    """(pieces, 2 * _MAX_LAG + 1) float32: correlation at lags of -_MAX_LAG … _MAX_LAG samples, of either sign."""

    def find_peak(self) -> tuple[int, float, float]:
        """Best lag of all pieces together, in samples; the height of its peak; its standard deviations over chance."""
        # The magnitude counts: a sound of inverted polarity is the same sound.
        total = np.abs(self.values.sum(0))
        best = int(total.argmax())
        chance = np.concatenate([total[: max(0, best - _PEAK_RADIUS)], total[best + _PEAK_RADIUS + 1 :]])
        deviation = float(np.sqrt(np.mean(chance**2)))
        height = float(total[best])
        sigma = height / deviation if deviation else 0.0
        return best - _MAX_LAG, height, sigma

    def fit_line(self) -> tuple[float, float] | None:
        """Fit a line to the best lags of single pieces: slope, and lag at deliverable sample 0. None when none fits."""
        magnitudes = np.abs(self.values)
        deviations = np.sqrt(np.mean(magnitudes**2, axis=1)) + 1e-9
        heights = magnitudes.max(1)
        clearest = np.argsort(-heights / deviations)[:_MAX_LINE_PIECES]
        clear = clearest[heights[clearest] > _CLEAR_SIGMA * deviations[clearest]]
        if len(clear) < _FEWEST_ON_LINE:
            return None
        centres = self.centres[clear]
        lags = _interpolate_maxima(magnitudes[clear]) - _MAX_LAG
        # Every two pieces propose a line; the one with most inliers is fitted to them by least squares.
        one, other = np.triu_indices(len(clear), 1)
        slopes = (lags[other] - lags[one]) / (centres[other] - centres[one])
        residuals = np.abs(lags[None] - lags[one, None] - slopes[:, None] * (centres[None] - centres[one, None]))
        inlier_counts = (residuals < _LINE_TOLERANCE).sum(1) * (np.abs(slopes) < _STEEPEST_LINE)
        if inlier_counts.max() < _FEWEST_ON_LINE:
            return None
        inliers = residuals[inlier_counts.argmax()] < _LINE_TOLERANCE
        slope, lag_at_zero = np.polyfit(centres[inliers], lags[inliers], 1)
        return float(slope), float(lag_at_zero)


def _interpolate_maxima(rows: Floats) -> NDArray[np.float64]:
    """(rows,) float64: the column where each row is highest, placed between columns by a parabola."""
    best = np.clip(rows.argmax(1), 1, rows.shape[1] - 2)
    row = np.arange(len(rows))
    before = rows[row, best - 1].astype(np.float64)
    middle = rows[row, best].astype(np.float64)
    after = rows[row, best + 1].astype(np.float64)
    curvature = np.minimum(before - 2 * middle + after, -1e-6)
    return np.asarray(best + np.clip(0.5 * (before - after) / curvature, -0.5, 0.5))


def align(known: KnownSound, deliverable: AudioFingerprint, candidate: AudioCandidate) -> list[Alignment]:
    """Find where the known sound is, to the sample: its audible parts in order. Empty when it is not there."""
    start = int(candidate.first) - _MARGIN
    end = int(candidate.last) + _MARGIN
    guess = Alignment(candidate.entry, candidate.speed, candidate.offset, start, end, sigma=0.0, share=0.0)
    best: list[Alignment] = []
    longest = 0
    # A speed that is a little wrong is right for a few seconds only. Those seconds give a better speed, which is right
    # for more of them, and so on to both ends.
    for _ in range(_MAX_EXTENSIONS):
        corrected = _correct(known, deliverable, guess)
        if corrected is None:
            break
        best = _find_parts(known, deliverable, corrected)
        if not best or corrected.speed == candidate.speed:
            break
        length = best[-1].end - best[0].start
        if length < longest + _PIECE:
            break
        longest = length
        guess = replace(corrected, start=best[0].start - _MARGIN, end=best[-1].end + _MARGIN)
    return best


def _correct(known: KnownSound, deliverable: AudioFingerprint, guess: Alignment) -> Alignment | None:
    """Correct the speed and offset of a guess within its range, as long as more of its pieces agree."""
    speed, offset = guess.speed, guess.offset
    best: Alignment | None = None
    highest = 0.0
    for _ in range(_MAX_CORRECTIONS):
        correlation = _correlate(known, deliverable, speed, offset, guess.start, guess.end)
        if correlation is None:
            break
        lag, height, sigma = correlation.find_peak()
        if height <= highest:
            break
        highest = height
        best = replace(guess, speed=speed, offset=offset + lag, sigma=sigma)
        line = correlation.fit_line()
        if line is None:
            break
        slope, lag_at_zero = line
        if abs(slope) * (guess.end - guess.start) < _NEGLIGIBLE_RISE:
            break
        # What was expected at deliverable sample s is really at s + slope * s + lag_at_zero.
        speed, offset = speed / (1 + slope), offset * (1 + slope) + lag_at_zero
    if best is None or best.sigma < _LEAST_SIGMA:
        return None
    return best


def _correlate(
    known: KnownSound, deliverable: AudioFingerprint, speed: float, offset: float, start: int, end: int
) -> PhaseCorrelation | None:
    """Correlate the known sound, played at a speed and offset, with the deliverable's samples from start to end.

    None where less than one piece of the known sound would be.
    """
    start, sound = known.play(speed, offset, start, end)
    count = len(sound) // _PIECE
    if count == 0:
        return None
    length = count * _PIECE
    around = deliverable.unpack_signs(start - _MAX_LAG, start + length + _MAX_LAG).astype(np.float32)
    # A window exceeds its piece by the largest lag on both sides, so that no lag wraps round.
    size = _PIECE + 2 * _MAX_LAG
    windows = np.lib.stride_tricks.sliding_window_view(around, size)[::_PIECE]
    pieces = sound[:length].reshape(count, _PIECE)
    cross_spectrum = np.fft.rfft(windows) * np.conj(np.fft.rfft(pieces, size))
    values = np.fft.irfft(cross_spectrum, size)[:, : 2 * _MAX_LAG + 1].astype(np.float32)
    centres = start + _PIECE * (np.arange(count, dtype=np.float64) + 0.5)
    return PhaseCorrelation(centres, values)


@dataclass(frozen=True, slots=True)
class _Comparison:
    """A known sound as it would be played, beside a range of a deliverable, in steps of 1 ms; (steps,) float32 each."""

    start: int
    """Sample of the deliverable at the first step."""
    agreement: Floats
    """How much the two agree: positive where they do, also when one has inverted polarity."""
    sounding: Floats
    """How much they could agree: samples in which both sound."""
    known_sounding: Floats
    """Samples in which the known sound is anything, whatever the deliverable has there."""
    mean_agreement: float
    """Of what could agree where the known sound is thought to be, the share that does: 0 to 1."""
    begins_with_known: bool
    """Whether the first step is the beginning of the known sound."""
    ends_with_known: bool
    """Whether the last step is its end."""


def _find_parts(known: KnownSound, deliverable: AudioFingerprint, guess: Alignment) -> list[Alignment]:
    """The audible parts of an alignment, each with the in point and out point where it is first and last audible."""
    comparison = _compare(known, deliverable, guess)
    # An end encloses what agrees by more than a fade does.
    gain = comparison.agreement - comparison.mean_agreement * _FADE * comparison.sounding
    parts = []
    for part_first, part_last in _divide_at_breaks(comparison):
        first, last = _find_maximum_range(gain[part_first:part_last])
        if first == last:
            continue
        first, last = _extend_to_ends(part_first + first, part_first + last, comparison)
        agreement = comparison.agreement[first:last]
        part = replace(
            guess,
            start=comparison.start + first * _END_STEP,
            end=comparison.start + last * _END_STEP,
            share=_measure_share(agreement, comparison.sounding[first:last]),
            weight=float(agreement.sum()),
        )
        parts.append(part)
    return parts


def _compare(known: KnownSound, deliverable: AudioFingerprint, guess: Alignment) -> _Comparison:
    """Compare the known sound with the deliverable around a guess, as far as an end may be."""
    first_sample = max(0, guess.start - _FARTHEST_END)
    last_sample = min(deliverable.length, guess.end + _FARTHEST_END)
    start, sound = known.play(guess.speed, guess.offset, first_sample, last_sample)
    step_count = len(sound) // _END_STEP
    sound = sound[: step_count * _END_STEP]
    signs = deliverable.unpack_signs(start, start + len(sound))
    loudness = np.abs(sound)
    agreement = (sound * signs).reshape(step_count, _END_STEP).sum(1)
    sounding = (loudness * np.abs(signs)).reshape(step_count, _END_STEP).sum(1)
    inside = slice(max(0, guess.start - start) // _END_STEP, max(1, guess.end - start) // _END_STEP)
    mean_agreement = float(agreement[inside].sum() / max(1.0, sounding[inside].sum()))
    end = start + len(sound)
    return _Comparison(
        start,
        # Inverted polarity agrees negatively throughout.
        agreement * np.float32(np.sign(mean_agreement)),
        sounding,
        loudness.reshape(step_count, _END_STEP).sum(1),
        abs(mean_agreement),
        begins_with_known=start - guess.offset < 2,
        ends_with_known=end > guess.offset + known.fingerprint.length / guess.speed - 2 * _END_STEP,
    )


def _divide_at_breaks(comparison: _Comparison) -> list[tuple[int, int]]:
    """First and last (exclusive) step of the parts between breaks: longer times in which the known sound is missing.

    It is missing where it should sound and the deliverable is silent, or sounds otherwise though nothing masks it.
    """
    step_count = len(comparison.agreement)
    agreements = _sum_quarters(comparison.agreement)
    soundings = _sum_quarters(comparison.sounding)
    least = _PIECE * _LEAST_SOUNDING
    agrees = agreements > _AGREEING_SIGMA * np.sqrt(soundings)
    is_telling = (soundings <= least) | (comparison.mean_agreement >= _BARE_AGREEMENT)
    is_missing = (_sum_quarters(comparison.known_sounding) > least) & ~agrees & is_telling
    # Each run of quarter seconds that do not agree, with the one before it and the one after it.
    agreeing = [-1, *np.flatnonzero(agrees), len(agrees)]
    parts = []
    part_first = 0
    for before, after in itertools.pairwise(agreeing):
        if is_missing[before + 1 : after].sum() * _PIECE < LONGEST_BREAK:
            continue
        # It may go on for a part of a quarter second into the break, and begin again as early before its end.
        parts.append((part_first, (before + 2) * _QUARTER_STEPS))
        part_first = max(0, after - 1) * _QUARTER_STEPS
    parts.append((part_first, step_count))
    return parts


def _sum_quarters(steps: Floats) -> Floats:
    """(quarters,) float32: sums over the whole quarter seconds in (steps,) float32."""
    quarter_count = len(steps) // _QUARTER_STEPS
    sums: Floats = steps[: quarter_count * _QUARTER_STEPS].reshape(quarter_count, _QUARTER_STEPS).sum(1)
    return sums


def _find_maximum_range(gain: Floats) -> tuple[int, int]:
    """First and last (exclusive) of the shortest contiguous range of (n,) gains that has the largest sum."""
    total = np.concatenate([[0.0], np.cumsum(gain, dtype=np.float64)])
    lowest_before = np.minimum.accumulate(total)
    last = int((total - lowest_before).argmax())
    # Silence gains nothing and loses nothing: of equal beginnings, the latest one has no silence before it.
    first = last - int(total[last::-1].argmin())
    return first, last


def _extend_to_ends(first: int, last: int, comparison: _Comparison) -> tuple[int, int]:
    """The same range of steps, extended to an end of the known sound that is near and of which little is unheard.

    What it has of silence there does not count as unheard.
    """
    known_sounding = comparison.known_sounding
    unheard = float(known_sounding[first:last].mean()) * _UNHEARD_END / _END_STEP
    farthest = _SILENT_END // _END_STEP
    step_count = len(known_sounding)
    if comparison.begins_with_known and first <= farthest and float(known_sounding[:first].sum()) <= unheard:
        first = 0
    if comparison.ends_with_known and step_count - last <= farthest and float(known_sounding[last:].sum()) <= unheard:
        last = step_count
    return first, last


def _measure_share(agreement: Floats, sounding: Floats) -> float:
    """Share, 0 to 1, of the quarter seconds that agree, among those in which both sound; (steps,) float32 each."""
    agreements = _sum_quarters(agreement)
    soundings = _sum_quarters(sounding)
    counts: NDArray[np.bool_] = soundings > _PIECE * _LEAST_SOUNDING
    if not counts.any():
        return 0.0
    # By chance, the sum over n samples of -1 and 1 has a standard deviation of sqrt(n).
    agrees = agreements[counts] > _AGREEING_SIGMA * np.sqrt(soundings[counts])
    return float(agrees.mean())
