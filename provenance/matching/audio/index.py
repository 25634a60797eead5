"""Where a known sound might stand: pairs of landmarks, looked up in an inverted index over all known sounds.

A pair of landmarks near each other makes a hash of pitch, step and distance. Pairs that a known sound and a deliverable
have in common, all at the same distance in time, make a candidate. For another speed, the deliverable's landmarks are
moved to where they would stand at the known one: nothing is analysed again. Nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint.audio import HOP, RATE, Landmarks
from provenance.media.arrays import Floats

_REACH, _STEP = 63, 63
"""Frames (1 s) and bins (490 Hz) over which landmarks are paired."""
_KNOWN_PAIRS, _HEARD_PAIRS = 4, 10
"""Partners of a landmark, nearest first. More of them where other sounds stand between."""
_HASHES = 1 << 22
_CROWD, _BANDS = 8, 5
"""Strong landmarks, and bands of 62 Hz among them, within a second on either side: fewer are beeps, tones or noise."""
_WINDOW = 60 * RATE // HOP
"""Frames of a deliverable that are looked up at once."""
_LEAST, _MOST = 4, 64
"""Pairs in common that make a candidate, and candidates followed up in a window at one speed, best first."""
_COMMON = 1000
"""Pairs of one hash that are looked at."""


@dataclass(frozen=True, slots=True)
class AudioCandidate:
    """A known sound that might stand in a deliverable. Known time = (deliverable time - offset) * speed."""

    entry: int
    speed: float
    offset: float
    """Samples from the start of the deliverable's view to where the start of the known sound would stand."""
    first: float
    last: float
    """Samples of the deliverable between which they have pairs in common."""
    pairs: int


class AudioIndex:
    """Pairs of all known sounds, by hash. 4 bytes a pair, about 130 pairs a second."""

    def __init__(self, entries: Iterable[Landmarks]) -> None:
        """Landmarks of every known sound; a candidate names its number in this order."""
        hashes, times, starts = [], [], [0]
        for marks in entries:
            worth = marks.strong & _crowded(marks)
            found, anchors = _pairs(marks.times[worth], marks.bins[worth], _KNOWN_PAIRS)
            hashes.append(found)
            times.append((np.rint(anchors).astype(np.int64) + starts[-1]).astype(np.uint32))
            length = int(marks.times[-1]) + 1 if len(marks.times) else 0
            starts.append(starts[-1] + length + 2 * _REACH)
        every = np.concatenate([np.zeros(0, np.uint32), *hashes])
        self._times = np.concatenate([np.zeros(0, np.uint32), *times])[np.argsort(every, kind="stable")]
        self._bounds = np.concatenate([[0], np.cumsum(np.bincount(every, minlength=_HASHES))])
        self._starts = np.array(starts)

    def candidates(self, heard: Landmarks, speed: float) -> Iterator[AudioCandidate]:
        """Where known sounds might stand if they were `speed` times as fast as known, best first in each minute."""
        for first in np.arange(0, heard.times[-1] + 1 if len(heard.times) else 0, _WINDOW):
            last = first + _WINDOW
            part = slice(*np.searchsorted(heard.times, (first, last + _REACH / speed)))
            times, bins = heard.times[part] * np.float32(speed), heard.bins[part] / np.float32(speed)
            hashes, anchors = _pairs(times, bins, _HEARD_PAIRS)
            inside = anchors < last * speed
            yield from self._likely(hashes[inside], anchors[inside], speed)

    def _likely(self, hashes: NDArray[np.uint32], anchors: Floats, speed: float) -> Iterator[AudioCandidate]:
        """Diagonals of (time in the known, time in the deliverable) with many pairs."""
        first, last = self._bounds[hashes], self._bounds[hashes + np.uint32(1)]
        counts = np.minimum(last - first, _COMMON)
        row = np.repeat(np.arange(len(hashes)), counts)
        if not len(row):
            return
        place = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts) + first[row]
        known = self._times[place].astype(np.int64)
        entry = np.searchsorted(self._starts, known, "right") - 1
        shift = np.rint(known - anchors[row]).astype(np.int64)
        base = int(shift.min()) - 1
        span = int(shift.max()) - base + 2
        keys = entry * span + (shift - base)
        order = np.argsort(keys)
        unique, start, count = np.unique(keys[order], return_index=True, return_counts=True)
        near = _with_neighbours(unique, count)
        for best in np.argsort(-near, kind="stable")[:_MOST]:
            if near[best] < _LEAST:
                return
            if _is_beside(unique, near, int(best)):
                continue
            rows = anchors[row[order[start[best] : start[best] + count[best]]]] * (HOP / speed)
            number, offset = divmod(int(unique[best]), span)
            offset = -(offset + base - int(self._starts[number]))
            yield AudioCandidate(
                number, speed, offset * HOP / speed, float(rows.min()), float(rows.max()), int(near[best])
            )


def _with_neighbours(unique: NDArray[np.int64], count: NDArray[np.intp]) -> NDArray[np.intp]:
    """Counts with those of the diagonals one frame beside."""
    near, adjacent = count.copy(), np.nonzero(np.diff(unique) == 1)[0]
    near[adjacent] += count[adjacent + 1]
    near[adjacent + 1] += count[adjacent]
    return near


def _is_beside(unique: NDArray[np.int64], near: NDArray[np.intp], at: int) -> bool:
    """Whether a neighbouring diagonal has more, or as much and comes first: that one stands for both."""
    before = at > 0 and unique[at] - unique[at - 1] == 1 and near[at - 1] >= near[at]
    return bool(before or (at + 1 < len(unique) and unique[at + 1] - unique[at] == 1 and near[at + 1] > near[at]))


def _crowded(marks: Landmarks) -> NDArray[np.bool_]:
    """Whether a landmark has company enough, in number and in pitch: beeps, tones and noise have not."""
    times, bands = marks.times[marks.strong], marks.bins[marks.strong] // 8
    around = np.add.outer((-RATE / HOP, RATE / HOP), marks.times)
    left, right = np.searchsorted(times, around)
    seen = np.zeros(len(marks.times), np.int64)
    for band in np.unique(bands):
        first, last = np.searchsorted(times[bands == band], around)
        seen += last > first
    return np.asarray((right - left >= _CROWD) & (seen >= _BANDS))


def _pairs(times: Floats, bins: Floats, most: int) -> tuple[NDArray[np.uint32], Floats]:
    """Hashes of landmarks with their nearest partners, and the times of the landmarks, in frames. `times` ascend."""
    hashes, anchors = [np.zeros(0, np.uint32)], [np.zeros(0, np.float32)]
    partners = np.zeros(len(times), np.int64)
    for ahead in range(1, len(times)):
        distance = np.rint(times[ahead:] - times[:-ahead]).astype(np.int64)
        step = np.rint(bins[ahead:]).astype(np.int64) - np.rint(bins[:-ahead]).astype(np.int64)
        open_ = (partners[:-ahead] < most) & (distance <= _REACH)
        if not open_.any():
            break
        found = np.nonzero(open_ & (distance >= 1) & (np.abs(step) <= _STEP))[0]
        partners[found] += 1
        pitch = np.clip(np.rint(bins[found]).astype(np.int64), 0, 511)
        hashes.append(((pitch * 64 + distance[found]) * 128 + step[found] + 64).astype(np.uint32))
        anchors.append(times[found])
    return np.concatenate(hashes), np.concatenate(anchors)
