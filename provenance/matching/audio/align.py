"""Whether a known sound stands there, to the sample: correlation of whitened signs around a candidate.

The signs are correlated in short pieces, each over a tenth of a second around where the landmarks say. The pieces are
added up where the speed is right; where it is not, their own best places lie on a line whose slope is the error.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint.audio import RATE, AudioFingerprint, Signs
from provenance.matching.audio.index import AudioCandidate
from provenance.media.arrays import Floats

_PIECE = 2048
"""Samples correlated at once: a quarter of a second, in which a speed that is .2 % wrong smears little."""
_SLACK = 1024
"""Samples that a candidate may be off, on either side."""
_SURE = 9.0
"""Deviations over chance from which an alignment is one. Unrelated sounds stay under 7, but for what is brief."""
_CLEAR = 6.0
"""Deviations at which one piece is believed about its place."""
_ON_LINE = 4.0
"""Samples that such a piece may lie beside the line."""
_PIECES, _FEWEST = 32, 4
"""Clearest pieces that a line is sought through, and fewest it must pass."""
_STEEPEST = 0.006
_STRAIGHT = 0.2
"""Samples by which a line rises that need no correction."""
_TRIES, _WIDER = 4, 6
_MARGIN = 2 * RATE
_FARTHEST = 60 * RATE
"""Samples beyond the common landmarks in which the ends are sought."""
_FAINT = 1 / 8
"""Share of the mean agreement down to which a head or tail still belongs to it: fades are softer than the rest."""
_BIN = 8
"""Samples (1 ms) to which ends are told."""
_HEAD = RATE // 4
"""Samples from the end of the known sound within which a sound that cannot be heard out is taken to be whole."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """A known sound standing in a deliverable. Known sample = (deliverable sample - offset) * speed."""

    entry: int
    speed: float
    offset: float
    """Samples."""
    start: int
    end: int
    """Samples of the deliverable between which it is heard."""
    sigma: float
    """Deviations by which it stands out."""
    share: float
    """Quarter seconds between start and end that agree, 0 to 1; those count in which both sound."""
    weight: float = 0.0
    """Samples that agree less those that do not: of two views or speeds, the truer one has more."""

    @property
    def agreeing(self) -> float:
        """Samples in the quarter seconds that agree."""
        return self.share * (self.end - self.start)


@dataclass(frozen=True, slots=True)
class PositionTable:
    """Correlations of pieces (rows) at lags (columns) of -_SLACK … _SLACK samples."""

    centres: NDArray[np.float64]
    """(pieces,): samples of the deliverable at the middle of each."""
    values: Floats

    def peak(self) -> tuple[int, float, float]:
        """Best lag of all pieces together, in samples; its height, and by how many deviations that stands out."""
        total = np.abs(self.values.sum(0))
        best = int(total.argmax())
        around = np.concatenate([total[: max(0, best - 16)], total[best + 17 :]])
        deviation = float(np.sqrt(np.mean(around**2)))
        return best - _SLACK, float(total[best]), float(total[best]) / deviation if deviation else 0.0

    def line(self) -> tuple[float, float] | None:
        """Slope, and lag at deliverable sample 0, of the line on which most pieces have their own best lag."""
        sizes = np.abs(self.values)
        deviation = np.sqrt(np.mean(sizes**2, axis=1)) + 1e-9
        clear = np.argsort(-sizes.max(1) / deviation)[:_PIECES]
        clear = clear[sizes.max(1)[clear] > _CLEAR * deviation[clear]]
        if len(clear) < _FEWEST:
            return None
        at, lag = self.centres[clear], _summits(sizes[clear]) - _SLACK
        one, other = np.triu_indices(len(clear), 1)
        slopes = (lag[other] - lag[one]) / (at[other] - at[one])
        off = np.abs(lag[None] - lag[one, None] - slopes[:, None] * (at[None] - at[one, None]))
        votes = (off < _ON_LINE).sum(1) * (np.abs(slopes) < _STEEPEST)
        on = off[votes.argmax()] < _ON_LINE
        if votes.max() < _FEWEST:
            return None
        slope, height = np.polyfit(at[on], lag[on], 1)
        return float(slope), float(height)


def _summits(sizes: Floats) -> NDArray[np.float64]:
    """(rows,): where each row is highest, between its columns, by a parabola."""
    best = np.clip(sizes.argmax(1), 1, sizes.shape[1] - 2)
    row = np.arange(len(sizes))
    a, b, c = (sizes[row, best + step].astype(np.float64) for step in (-1, 0, 1))
    return np.asarray(best + np.clip(0.5 * (a - c) / np.minimum(a - 2 * b + c, -1e-6), -0.5, 0.5))


def aligned(known: AudioFingerprint, heard: AudioFingerprint, candidate: AudioCandidate) -> Alignment | None:
    """Where the known sound stands, to the sample; None when it does not.

    A speed that is a little wrong is right for a few seconds only: those tell it better, and so on to both ends.
    """
    start, end = int(candidate.first) - _MARGIN, int(candidate.last) + _MARGIN
    guess = Alignment(candidate.entry, candidate.speed, candidate.offset, start, end, 0.0, 0.0)
    best, longest = None, 0
    for _ in range(_WIDER):
        found = _found(known, heard, guess)
        if found is None:
            break
        best = _bounded(known, heard, found)
        if best.speed == candidate.speed or best.end - best.start < longest + _PIECE:
            break
        longest = best.end - best.start
        guess = replace(best, start=best.start - _MARGIN, end=best.end + _MARGIN)
    return best


def _found(known: AudioFingerprint, heard: AudioFingerprint, guess: Alignment) -> Alignment | None:
    """The best alignment near a guess: corrected by the line of its pieces as long as more of them agree."""
    speed, offset, best, highest = guess.speed, guess.offset, None, 0.0
    for _ in range(_TRIES):
        table = _table(known, heard, speed, offset, guess.start, guess.end)
        if table is None:
            break
        lag, height, sigma = table.peak()
        if height <= highest:
            break
        highest = height
        best = replace(guess, speed=speed, offset=offset + lag, sigma=sigma)
        line = table.line()
        if line is None or abs(line[0]) * (guess.end - guess.start) < _STRAIGHT:
            break
        speed, offset = _corrected(speed, offset, *line)
    return best if best and best.sigma >= _SURE else None


def _corrected(speed: float, offset: float, slope: float, height: float) -> tuple[float, float]:
    """Speed and offset when pieces lie `slope * sample + height` late: sample + lag = offset + known / speed."""
    wrong = 1 + slope
    return speed / wrong, offset * wrong + height


def _piece(known: AudioFingerprint, speed: float, offset: float, start: int, end: int) -> tuple[int, Floats]:
    """What the known sound would be between two samples of a deliverable, and the first sample where it is anything."""
    start = max(start, int(np.ceil(offset)))
    end = min(end, int(offset + known.length / speed))
    if end <= start:
        return start, np.zeros(0, np.float32)
    first = (start - offset) * speed
    whole = round(first)
    length = round((end - start) * speed)
    signs = known.signs(whole, whole + length)
    return start, signs.astype(np.float32) if speed == 1 else sped(signs, end - start)


def sped(signs: Signs, length: int) -> Floats:
    """The signs as a sound of another `length`, by its spectrum."""
    spectrum = np.fft.rfft(signs.astype(np.float32))
    wanted = np.zeros(length // 2 + 1, np.complex64)
    both = min(len(spectrum), len(wanted))
    wanted[:both] = spectrum[:both]
    return np.fft.irfft(wanted, length).astype(np.float32) * np.float32(length / max(1, len(signs)))


def _table(
    known: AudioFingerprint, heard: AudioFingerprint, speed: float, offset: float, start: int, end: int
) -> PositionTable | None:
    start, sound = _piece(known, speed, offset, start, end)
    pieces = len(sound) // _PIECE
    if pieces == 0:
        return None
    length = pieces * _PIECE
    around = heard.signs(start - _SLACK, start + length + _SLACK).astype(np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(around, _PIECE + 2 * _SLACK)[::_PIECE]
    size = _PIECE + 2 * _SLACK
    cross = np.fft.rfft(windows) * np.conj(np.fft.rfft(sound[:length].reshape(pieces, _PIECE), size))
    centres = start + _PIECE * (np.arange(pieces, dtype=np.float64) + 0.5)
    return PositionTable(centres, np.fft.irfft(cross, size)[:, : 2 * _SLACK + 1].astype(np.float32))


def _bounded(known: AudioFingerprint, heard: AudioFingerprint, guess: Alignment) -> Alignment:
    """The same with its ends where it is first and last heard."""
    first, last = max(0, guess.start - _FARTHEST), min(heard.length, guess.end + _FARTHEST)
    start, sound = _piece(known, guess.speed, guess.offset, first, last)
    bins = len(sound) // _BIN
    heard_there = heard.signs(start, start + bins * _BIN)
    product = (sound[: bins * _BIN] * heard_there).reshape(bins, _BIN).sum(1)
    both = (np.abs(sound[: bins * _BIN]) * np.abs(heard_there)).reshape(bins, _BIN).sum(1)
    middle = slice(max(0, guess.start - start) // _BIN, max(1, guess.end - start) // _BIN)
    agreement = float(product[middle].sum() / max(1.0, both[middle].sum()))
    product *= np.sign(agreement)
    first, last = _best_run(product - abs(agreement) * _FAINT * both)
    first, last = _whole(first, last, both, known, guess, start)
    share, weight = _share(product[first:last], both[first:last]), float(product[first:last].sum())
    return replace(guess, start=start + first * _BIN, end=start + last * _BIN, share=share, weight=weight)


def _best_run(gain: Floats) -> tuple[int, int]:
    """Bounds of the run with the largest sum."""
    total = np.concatenate([[0.0], np.cumsum(gain, dtype=np.float64)])
    lowest = np.minimum.accumulate(total)
    last = int((total - lowest).argmax())
    return int(total[: last + 1].argmin()), last


def _whole(
    first: int, last: int, both: Floats, known: AudioFingerprint, guess: Alignment, start: int
) -> tuple[int, int]:
    """The same bounds, moved to the known sound's own where nothing, or little, lies between."""
    head, tail = float(both[:first].sum()), float(both[last:].sum())
    rate = float(both[first:last].mean()) if last > first else 0.0
    if start - guess.offset < 2 and head <= rate * _HEAD / _BIN:
        first = 0
    if start + len(both) * _BIN > guess.offset + known.length / guess.speed - 2 * _BIN and tail <= rate * _HEAD / _BIN:
        last = len(both)
    return first, last


def _share(product: Floats, both: Floats) -> float:
    """Quarter seconds that agree by three deviations, of those in which both sound."""
    quarters = len(product) * _BIN // _PIECE
    width = _PIECE // _BIN
    sums, weights = (part[: quarters * width].reshape(quarters, width).sum(1) for part in (product, both))
    sounding: NDArray[np.bool_] = weights > _PIECE / 16
    return float((sums[sounding] > 3 * np.sqrt(weights[sounding])).mean()) if sounding.any() else 0.0
