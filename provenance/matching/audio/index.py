"""Where a known sound might be: pairs of landmarks, looked up in an inverted landmark index over all known sounds.

Step 4 of sound in docs/matching.md. Two landmarks near each other make a pair; its hash is made of the pitch of the
first, the step in pitch and the distance in time. Pairs that a known sound and a deliverable have in common, all at the
same distance in time, make a candidate. For another speed, the deliverable's landmarks are moved to where they would be
at the known one: nothing is analysed again. Nothing is decided here.
"""

from __future__ import annotations

import collections
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint.audio import HOP, RATE, Landmarks
from provenance.matching.audio import posting_lists
from provenance.matching.audio.posting_lists import PostingLists
from provenance.media.arrays import Floats

_MAX_DISTANCE = 63
"""Frames (1 s) over which landmarks are paired; 6 bits of the hash."""
_MAX_STEP = 63
"""Bins (490 Hz), up or down, over which landmarks are paired; 7 bits of the hash."""
_MAX_PITCH = 511
"""Highest bin; 9 bits of the hash."""
_KNOWN_PARTNERS = 4
"""Partners of a landmark of a known sound, nearest in time first."""
_DELIVERABLE_PARTNERS = 10
"""Partners of a landmark of a deliverable: more, because landmarks of other sounds are in between."""
_COMPANY = 8
"""Strong landmarks within a second on either side. Beeps, tones and noise have fewer."""
_COMPANY_BANDS = 5
"""Bands among them that hold a landmark. Beeps, tones and noise have fewer."""
_BAND_BINS = 8
"""Bins (62 Hz) of such a band."""
_WINDOW_FRAMES = 60 * RATE // HOP
"""Frames of a deliverable (a minute) that are looked up at once."""
_FEWEST_PAIRS = 4
"""Pairs in common that make a candidate."""
_MAX_CANDIDATES = 48
"""Candidates that are followed up in a window at one speed, best first."""
_MAX_CANDIDATES_OF_SOUND = 32
"""Candidates among them of one known sound: a loop agrees with itself at every beat, and must not crowd out others."""
_MAX_PAIRS_OF_HASH = 1000
"""Known pairs of one hash that are looked at in a segment …"""
_MOST_PAIRS = 400_000
"""… and of all hashes of a window."""


@dataclass(frozen=True, slots=True)
class AudioCandidate:
    """A known sound that might be in a deliverable. Known time = (deliverable time - offset) * speed."""

    entry: int
    """Number of the known sound in the index."""
    speed: float
    """How many times as fast as known it is played."""
    offset: float
    """Samples from the start of the deliverable's downmix to where the known sound would start."""
    first: float
    """Sample of the deliverable at the first pair in common."""
    last: float
    """Sample of the deliverable at the last one."""
    pairs: int
    """Pairs in common."""


@dataclass(frozen=True, slots=True)
class KnownPairs:
    """The landmark pairs of one known sound, n of them."""

    hashes: NDArray[np.uint32]
    times: NDArray[np.uint32]
    """(n,): frames of the first landmark of each."""
    length: int
    """Frames of the sound."""


def pair_known(landmarks: Landmarks) -> KnownPairs:
    """Pair the landmarks of a known sound that are worth it."""
    worth_it = landmarks.strong & has_company(landmarks)
    hashes, times = _pair(landmarks.times[worth_it], landmarks.bins[worth_it], _KNOWN_PARTNERS)
    length = int(landmarks.times[-1]) + 1 if len(landmarks.times) else 0
    return KnownPairs(hashes, np.rint(times).astype(np.uint32), length)


@dataclass(frozen=True, slots=True)
class PairSegment:
    """The landmark pairs of some known sounds, n of them: 6 bytes a pair and its list, about 130 pairs a second."""

    lists: PostingLists
    times: NDArray[np.uint32]
    """(n,): frames of the first landmark of each. All sounds lie one after the other on one axis of time."""
    starts: NDArray[np.int64]
    """(sounds + 1,): frames at which each begins."""


def lay_out_pairs(sounds: Iterable[KnownPairs]) -> PairSegment:
    """Lay out the pairs of some known sounds."""
    hashes = [np.zeros(0, np.uint32)]
    times = [np.zeros(0, np.uint32)]
    starts = [0]
    for pairs in sounds:
        hashes.append(pairs.hashes)
        times.append(pairs.times + np.uint32(starts[-1]))
        starts.append(starts[-1] + pairs.length + 2 * _MAX_DISTANCE)
    lists, order = posting_lists.lay_out(np.concatenate(hashes))
    return PairSegment(lists, np.concatenate(times)[order], np.array(starts, np.int64))


class LandmarkIndex:
    """The landmark pairs of all known sounds, in segments."""

    def __init__(self, segments: Sequence[PairSegment]) -> None:
        """A candidate names the number of a known sound in the order of the segments."""
        self._segments = segments
        self._lists = [segment.lists for segment in segments]
        counts = [len(segment.starts) - 1 for segment in segments]
        self._firsts = np.cumsum([0, *counts])

    def find_candidates(
        self, landmarks: Landmarks, speed: float, fewest_pairs: int = _FEWEST_PAIRS, most: int = _MAX_CANDIDATES
    ) -> Iterator[AudioCandidate]:
        """Yield where known sounds might be if they were `speed` times as fast as known, best first in each minute.

        Of each minute, at most so many with at least so many pairs.
        """
        end = landmarks.times[-1] + 1 if len(landmarks.times) else 0
        for first in np.arange(0, end, _WINDOW_FRAMES):
            last = first + _WINDOW_FRAMES
            # A pair belongs to the window of its first landmark; its second one may lie beyond.
            window = slice(*np.searchsorted(landmarks.times, (first, last + _MAX_DISTANCE / speed)))
            times = landmarks.times[window] * np.float32(speed)
            bins = landmarks.bins[window] / np.float32(speed)
            hashes, pair_times = _pair(times, bins, _DELIVERABLE_PARTNERS)
            inside = pair_times < last * speed
            yield from self._find_diagonals(hashes[inside], pair_times[inside], speed, fewest_pairs, most)

    def _find_diagonals(
        self, hashes: NDArray[np.uint32], pair_times: Floats, speed: float, fewest_pairs: int, most: int
    ) -> Iterator[AudioCandidate]:
        """Yield the diagonals of (time in the known sound, time in the deliverable) on which many pairs lie.

        `hashes`, `pair_times`: (pairs,) of the deliverable; the times are frames at the known speed.
        """
        # 1. Look up every pair: `row` numbers the deliverable's pair; where the known pair is, and of which sound.
        row, entry, known_times = self._look_up(hashes)
        if not len(row):
            return
        # 2. Count the pairs of each diagonal: one known sound at one shift in time. Both make one sortable key.
        shift = np.rint(known_times - pair_times[row].astype(np.float64)).astype(np.int64)
        base = int(shift.min()) - 1
        span = int(shift.max()) - base + 2
        keys = entry * span + (shift - base)
        order = np.argsort(keys)
        diagonals, start, count = np.unique(keys[order], return_index=True, return_counts=True)
        pairs = _add_adjacent(diagonals, count)
        # 3. The diagonals with most pairs are the candidates.
        followed_up: collections.Counter[int] = collections.Counter()
        for best in np.argsort(-pairs, kind="stable"):
            if pairs[best] < fewest_pairs or followed_up.total() == most:
                return
            number, shift_key = divmod(int(diagonals[best]), span)
            is_one_too_many = followed_up[number] == _MAX_CANDIDATES_OF_SOUND
            if is_one_too_many or _is_beside_better(diagonals, pairs, int(best)):
                continue
            followed_up[number] += 1
            rows = row[order[start[best] : start[best] + count[best]]]
            samples = pair_times[rows] * (HOP / speed)
            offset = -(shift_key + base) * HOP / speed
            yield AudioCandidate(number, speed, offset, float(samples.min()), float(samples.max()), int(pairs[best]))

    def _look_up(self, hashes: NDArray[np.uint32]) -> tuple[NDArray[np.int64], ...]:
        """(hits,) each: number of the hash, number of the known sound, its frames at the pair."""
        parts = [(np.zeros(0, np.int64),) * 3]
        for hits in posting_lists.look_up(self._lists, hashes, _MAX_PAIRS_OF_HASH, _MOST_PAIRS):
            segment = self._segments[hits.segment]
            times = segment.times[hits.posting].astype(np.int64)
            sound = np.searchsorted(segment.starts, times, "right") - 1
            parts.append((hits.lookup, sound + self._firsts[hits.segment], times - segment.starts[sound]))
        row, entry, known_times = map(np.concatenate, zip(*parts, strict=True))
        return row, entry, known_times


def _add_adjacent(diagonals: NDArray[np.int64], count: NDArray[np.intp]) -> NDArray[np.intp]:
    """(diagonals,): pairs of each diagonal and of those one frame beside it, for times are rounded to frames."""
    total = count.copy()
    adjacent = np.nonzero(np.diff(diagonals) == 1)[0]
    total[adjacent] += count[adjacent + 1]
    total[adjacent + 1] += count[adjacent]
    return total


def _is_beside_better(diagonals: NDArray[np.int64], pairs: NDArray[np.intp], at: int) -> bool:
    """Whether an adjacent diagonal has more pairs, or as many and comes first: that one is the candidate of both."""
    has_previous = at > 0 and diagonals[at] - diagonals[at - 1] == 1
    if has_previous and pairs[at - 1] >= pairs[at]:
        return True
    has_next = at + 1 < len(diagonals) and diagonals[at + 1] - diagonals[at] == 1
    return bool(has_next and pairs[at + 1] > pairs[at])


def has_company(landmarks: Landmarks) -> NDArray[np.bool_]:
    """(n,) bool: whether a landmark has strong ones around it, many and at different pitches.

    Beeps, tones and noise have not, and any two of them are alike.
    """
    strong_times = landmarks.times[landmarks.strong]
    bands = landmarks.bins[landmarks.strong] // _BAND_BINS
    around = np.add.outer((-RATE / HOP, RATE / HOP), landmarks.times)
    left, right = np.searchsorted(strong_times, around)
    bands_around = np.zeros(len(landmarks.times), np.int64)
    for band in np.unique(bands):
        first, last = np.searchsorted(strong_times[bands == band], around)
        bands_around += last > first
    return np.asarray((right - left >= _COMPANY) & (bands_around >= _COMPANY_BANDS))


def _pair(times: Floats, bins: Floats, max_partners: int) -> tuple[NDArray[np.uint32], Floats]:
    """Pair landmarks with the nearest that follow. Returns (pairs,) hashes, and (pairs,) times of the first of each.

    `times`: (n,) frames, ascending; `bins`: (n,) bins.
    """
    hashes, pair_times = [np.zeros(0, np.uint32)], [np.zeros(0, np.float32)]
    partners = np.zeros(len(times), np.int64)
    # All landmarks are paired with the next at once, then all with the one after it, and so on.
    for ahead in range(1, len(times)):
        distance = np.rint(times[ahead:] - times[:-ahead]).astype(np.int64)
        step = np.rint(bins[ahead:]).astype(np.int64) - np.rint(bins[:-ahead]).astype(np.int64)
        wants_more = (partners[:-ahead] < max_partners) & (distance <= _MAX_DISTANCE)
        if not wants_more.any():
            break
        paired = np.nonzero(wants_more & (distance >= 1) & (np.abs(step) <= _MAX_STEP))[0]
        partners[paired] += 1
        pitch = np.clip(np.rint(bins[paired]).astype(np.int64), 0, _MAX_PITCH)
        hashes.append(_hash_pairs(pitch, distance[paired], step[paired]))
        pair_times.append(times[paired])
    return np.concatenate(hashes), np.concatenate(pair_times)


def _hash_pairs(pitch: NDArray[np.int64], distance: NDArray[np.int64], step: NDArray[np.int64]) -> NDArray[np.uint32]:
    """(pairs,) uint32 of 22 bits: 9 bits of pitch, 6 of distance, 7 of step."""
    return ((pitch * 64 + distance) * 128 + step + 64).astype(np.uint32)
