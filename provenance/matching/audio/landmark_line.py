"""Whether a known sound is in a deliverable at another pitch or tempo: landmarks that agree along a line over time.

Step 8 of sound in docs/matching.md. Where a sound was stretched or its pitch shifted, no sample of it is left as it
was, and phases say nothing. What stays is where its landmarks are: all of them on one line from known time to time in
the deliverable, all shifted by the same number of semitones. The line is fitted, extended to both ends, and the share
of the known landmarks is counted that the deliverable has, to the frame. Chance is measured beside the line.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint.audio import HOP, RATE, Landmarks
from provenance.matching.audio.align import LONGEST_BREAK, Alignment
from provenance.matching.audio.triplets import ChangedCandidate, to_semitones
from provenance.media.arrays import Floats

_REACH = 40
"""Frames (0.6 s) on either side of the line in which landmarks are compared: the line, and chance beside it."""
_BESIDE = 6
"""Frames from the line from which on agreement is chance."""
_BROAD = 4.0
"""Frames from the rough line within which landmarks are taken to be on it …"""
_NARROW = 2.5
"""… from the better line, from the third fit on …"""
_NEAR_FIT = 1.5
"""… and that a landmark may lie beside a line that is fitted."""
_ON_LINE = 1.25
"""Frames (20 ms) from the final line within which a landmark agrees."""
_MARGIN = 200
"""Frames (3 s) by which the first range exceeds what the triplets span."""
_EXTENSION = 300
"""Frames (5 s) by which a range is extended at either end, as long as the landmarks there agree."""
_MAX_FITS = 12
_CHANCE_SIGMA = 3.5
"""Standard deviations under which the first fit ends the matter: unrelated sounds have 2 to 4."""
_FEWEST_IN_RANGE = 12
"""Landmarks of the known sound without which nothing is compared."""
_FEWEST_FOR_FIT = 6
_PITCH_TOLERANCE = 0.12
"""Semitones that a landmark may be off, and more the lower it is …"""
_PITCH_TOLERANCE_BINS = 9.0
"""… by so many, divided by its bin: half a bin."""
_ROUGH_TOLERANCE = 2.0
"""Times that tolerance for the first fit, whose pitch is rough."""
_LOWEST_PITCH = float(12 * np.log2(19.5))
_HIGHEST_PITCH = float(12 * np.log2(472))
"""Semitones over bin 1 between which landmarks are found."""
_LEAST_GAIN = 0.12
"""Share of landmarks that must agree for an end to go on."""
_SECOND = RATE // HOP
"""Frames of the steps in which breaks are sought."""
_FEWEST_IN_SECOND = 8
"""Known landmarks in a second that tell whether the sound is missing there."""
_FEWEST_PITCHES = 12
"""Semitones that the landmarks which agree must hold between them. Leaders and beeps have fewer."""
_SILENT_END = RATE // 2
"""Samples (half a second) that may be unheard at either end of the known sound and count as played."""
_WEIGHT = 0.05
"""What a sample counts that agrees by landmarks, against one that agrees by phase: that is surer by far."""


@dataclass(frozen=True, slots=True)
class PitchedLandmarks:
    """Landmarks with their pitch, n of them in the order of time."""

    times: Floats
    """(n,): frames."""
    pitches: Floats
    """(n,): semitones over bin 1."""
    length: int
    """Samples of the whole sound."""


def pitch_landmarks(landmarks: Landmarks, length: int, strong_only: bool) -> PitchedLandmarks:
    """Landmarks with their pitch; of a known sound the strong ones are enough."""
    chosen = landmarks.bins >= 1
    if strong_only:
        chosen &= landmarks.strong
    return PitchedLandmarks(landmarks.times[chosen], to_semitones(landmarks.bins[chosen]), length)


@dataclass(frozen=True, slots=True)
class _Line:
    """Deliverable frame = start + known frame / speed; deliverable pitch = known pitch + semitones."""

    start: float
    speed: float
    semitones: float


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Known landmarks on a line, beside those of the deliverable near them; n pairs."""

    known: NDArray[np.intp]
    """(n,): number among the known landmarks of the range."""
    lag: Floats
    """(n,): frames by which the deliverable's landmark is later than the line says."""
    step: Floats
    """(n,): semitones by which it is higher."""


def align_landmarks(
    known: PitchedLandmarks, deliverable: PitchedLandmarks, candidate: ChangedCandidate
) -> list[Alignment]:
    """Find where the known sound is and how it was changed: its parts in order. Empty when it is not there."""
    line = _Line(candidate.offset / HOP, candidate.speed, candidate.semitones)
    fitted = _fit_line(known, deliverable, line, candidate.first / HOP, candidate.last / HOP)
    if fitted is None:
        return []
    return _find_parts(known, deliverable, fitted, candidate.entry)


def _fit_line(
    known: PitchedLandmarks, deliverable: PitchedLandmarks, line: _Line, first: float, last: float
) -> _Line | None:
    """Fit the line to the landmarks near it, extending the range from first to last frame. None for mere chance."""
    first, last = first - _MARGIN, last + _MARGIN
    for number in range(_MAX_FITS):
        times, pitches = _project(known, line, first, last)
        if len(times) < _FEWEST_IN_RANGE:
            return None
        pairs = _find_pairs(times, pitches, deliverable, _ROUGH_TOLERANCE if number == 0 else 1.0)
        peak, sigma = _find_peak(pairs.lag)
        if number == 0 and sigma < _CHANCE_SIGMA:
            return None
        near = np.abs(pairs.lag - peak) <= (_BROAD if number < 2 else _NARROW)
        if near.sum() < _FEWEST_FOR_FIT:
            return None
        time, lag = times[pairs.known[near]], pairs.lag[near]
        line = _correct_line(line, time, lag)
        line = replace(line, semitones=line.semitones + float(np.median(pairs.step[near])))
        if number == 0:
            continue
        if first <= time.min() - _EXTENSION and last >= time.max() + _EXTENSION:
            break
        first = min(first, float(time.min()) - _EXTENSION)
        last = max(last, float(time.max()) + _EXTENSION)
    return line


def _project(known: PitchedLandmarks, line: _Line, first: float, last: float) -> tuple[Floats, Floats]:
    """Times and pitches of the known landmarks on a line, between two frames and within the band that is analysed."""
    times = np.float32(line.start) + known.times / np.float32(line.speed)
    pitches = known.pitches + np.float32(line.semitones)
    inside = (times >= first) & (times <= last) & (pitches > _LOWEST_PITCH) & (pitches < _HIGHEST_PITCH)
    return times[inside], pitches[inside]


def _find_pairs(times: Floats, pitches: Floats, deliverable: PitchedLandmarks, tolerance: float) -> _Pairs:
    """Pair each of (n,) landmarks with those of the deliverable at its pitch, `_REACH` frames around it."""
    first = np.searchsorted(deliverable.times, times - _REACH)
    counts = np.searchsorted(deliverable.times, times + _REACH) - first
    number = np.repeat(np.arange(len(times)), counts)
    other = np.arange(len(number)) - np.repeat(np.cumsum(counts) - counts, counts) + first[number]
    step = deliverable.pitches[other] - pitches[number]
    limit = _PITCH_TOLERANCE + _PITCH_TOLERANCE_BINS * np.exp2(-pitches / 12)
    at_pitch = np.abs(step) <= limit[number] * np.float32(tolerance)
    number, other = number[at_pitch], other[at_pitch]
    return _Pairs(number, deliverable.times[other] - times[number], step[at_pitch])


def _find_peak(lag: Floats) -> tuple[float, float]:
    """The lag on which most of (n,) agree, within a frame on either side, and its standard deviations over chance."""
    cells = np.clip(np.floor(lag + _REACH), 0, 2 * _REACH - 1).astype(np.int64)
    counts = np.convolve(np.bincount(cells, minlength=2 * _REACH), np.ones(3), "same")
    best = int(counts[1:-1].argmax()) + 1
    beside = counts[np.abs(np.arange(2 * _REACH) - best) >= _BESIDE]
    chance = float(beside.mean())
    deviation = max(float(beside.std()), float(np.sqrt(chance)), 1.0)
    return best - _REACH + 0.5, (float(counts[best]) - chance) / deviation


def _correct_line(line: _Line, time: Floats, lag: Floats) -> _Line:
    """The line through (n,) landmarks that lag behind it, those far beside it left out."""
    middle = float(time.mean())
    slope, height = 0.0, float(np.median(lag))
    on_line = np.ones(len(time), np.bool_)
    for _ in range(4):
        if on_line.sum() < _FEWEST_FOR_FIT or np.ptp(time[on_line]) < _SECOND:
            break
        slope, height = (float(one) for one in np.polyfit(time[on_line] - middle, lag[on_line], 1))
        on_line = np.abs(lag - height - slope * (time - middle)) < _NEAR_FIT
    # What was expected at frame t is really at t + height + slope * (t - middle).
    start = line.start + height + slope * (line.start - middle)
    return replace(line, start=start, speed=line.speed / (1 + slope))


def _find_parts(known: PitchedLandmarks, deliverable: PitchedLandmarks, line: _Line, entry: int) -> list[Alignment]:
    """The parts of the line along which the known landmarks are in the deliverable."""
    times, pitches = _project(known, line, 0, deliverable.length / HOP)
    if len(times) < _FEWEST_IN_RANGE:
        return []
    pairs = _find_pairs(times, pitches, deliverable, 1.0)
    agrees = np.zeros(len(times), np.bool_)
    agrees[pairs.known[np.abs(pairs.lag) <= _ON_LINE]] = True
    beside = int((np.abs(pairs.lag) >= _BESIDE).sum())
    chance = beside / (_REACH - _BESIDE) * _ON_LINE / len(times)
    # An end encloses what agrees by more than chance.
    gain = agrees - max(_LEAST_GAIN, 2 * chance)
    parts = []
    for part_first, part_last in _divide_at_breaks(times, agrees, chance):
        total = np.concatenate([[0.0], np.cumsum(gain[part_first:part_last])])
        last = int((total - np.minimum.accumulate(total)).argmax())
        first = last - int(total[last::-1].argmin())
        inside = slice(part_first + first, part_first + last)
        if len(np.unique(np.rint(pitches[inside][agrees[inside]]))) < _FEWEST_PITCHES:
            continue
        parts.append(_make_alignment(known, deliverable, line, entry, times[inside], agrees[inside], chance))
    return parts


def _divide_at_breaks(times: Floats, agrees: NDArray[np.bool_], chance: float) -> list[tuple[int, int]]:
    """First and last (exclusive) landmark of the parts between breaks: whole seconds that agree by chance at most."""
    seconds = ((times - times[0]) // _SECOND).astype(np.int64)
    counts = np.bincount(seconds)
    agreeing = np.bincount(seconds, agrees)
    is_missing = (counts >= _FEWEST_IN_SECOND) & (agreeing <= 2 * chance * counts)
    # Where the known sound is silent, nothing can be missing, and a break goes on.
    present = [-1, *np.flatnonzero(~is_missing & (counts >= _FEWEST_IN_SECOND)), len(counts)]
    parts = []
    part_first = 0
    for before, after in itertools.pairwise(present):
        if is_missing[before + 1 : after].sum() * _SECOND * HOP < LONGEST_BREAK:
            continue
        parts.append((part_first, int(np.searchsorted(seconds, before + 2))))
        part_first = int(np.searchsorted(seconds, after - 1))
    parts.append((part_first, len(times)))
    return [(first, last) for first, last in parts if first < last]


def _make_alignment(
    known: PitchedLandmarks,
    deliverable: PitchedLandmarks,
    line: _Line,
    entry: int,
    times: Floats,
    agrees: NDArray[np.bool_],
    chance: float,
) -> Alignment:
    """The alignment of one part, of which (n,) landmarks from its first to its last are compared."""
    offset = float(line.start * HOP)
    known_end = offset + known.length / line.speed
    start, end = float(times[0]) * HOP, float(times[-1]) * HOP
    if start - offset <= _SILENT_END:
        start = max(0.0, offset)
    if known_end - end <= _SILENT_END:
        end = min(known_end, deliverable.length)
    count, hits = len(agrees), int(agrees.sum())
    share = hits / count
    deviation = max(1.0, float(np.sqrt(count * chance)))
    return Alignment(
        entry,
        float(line.speed),
        offset,
        round(start),
        round(end),
        sigma=float((hits - count * chance) / deviation),
        share=share,
        weight=share * (end - start) * _WEIGHT,
        semitones=float(line.semitones),
        landmarks=hits,
    )
