"""Where a known sound might be at another pitch or tempo: triplets of landmarks, in an inverted index of their own.

Step 7 of sound in docs/matching.md. Three landmarks after one another have two steps in pitch, counted in semitones,
and a ratio of their two distances in time. A change of pitch adds to all three pitches, a change of tempo multiplies
both distances: steps and ratio stay as they are. So one lookup finds every pitch and every tempo at once, and the
triplets that are found tell by how much both were changed. They are made of the landmarks that are stored anyhow.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint.audio import HOP, RATE, STEPS_PER_CELL, Landmarks
from provenance.matching.audio import posting_lists
from provenance.matching.audio.index import has_company
from provenance.matching.audio.posting_lists import HASH_BITS, PostingLists
from provenance.media.arrays import Floats

MOST_SEMITONES = 3.4
"""Semitones, up or down, by which the pitch may differ."""
_SLOWEST, _FASTEST = 0.9, 1.11
"""Tempos at which a known sound is looked for."""
_LEAST_SECOND = 6
"""Frames (0.1 s) from the first landmark of a triplet to the second, at least: nearer ones give no exact ratio."""
_LEAST_THIRD = 18
"""Frames (0.3 s) to the third, at least …"""
_MOST_THIRD = 63
"""… and at most (1 s)."""
_KNOWN_CHOICES = 3
"""Second and third landmarks that are tried for each first one of a known sound, nearest in time first."""
_DELIVERABLE_CHOICES = 14
"""The same in a deliverable: more, because landmarks of other sounds are in between. Under dialogue at -6 dB, 5 of them
found two thirds of what 14 find, where landmarks that are not strong are not looked at either."""
_MAX_STEP = 12.0
"""Semitones from the first landmark to the others, up or down."""
_STEP_CELL = 0.35
"""Semitones that fall into one cell of the hash: landmarks are placed to about a third of that."""
_STEP_CELLS = round(2 * _MAX_STEP / _STEP_CELL) + 1
_RATIO_CELLS = 12
"""Cells of the hash over the ratio of the distances."""
_PITCH_CELL = 8.0
"""Semitones of a cell of the first pitch. A pitch and the nearest other cell together cover all changes of pitch."""
_PITCH_CELLS = 8
_LENGTH_CELL = float(np.log(1.22))
"""Logarithm of a cell of the distance to the third. It and the nearest other one together cover all tempos."""
_LENGTH_CELLS = 12
_LOWEST_PITCH = 50.0
"""Semitones over bin 1 where the lowest cell begins: 143 Hz."""
_SHORTEST_LENGTH = 14.0
"""Frames where the shortest cell begins."""
_MAX_TRIPLETS_OF_HASH = 200
"""Known triplets of one hash that are looked at in a segment …"""
_MOST_VOTES = 300_000
"""… and of all hashes of a window."""
_WINDOW_FRAMES = 10 * RATE // HOP
"""Frames of a deliverable (10 s) that are looked up at once: within them a rough tempo places a sound well enough."""
_TEMPO_CELL = 0.02
"""Logarithm of the tempo over which triplets count together: one triplet tells the tempo to about 2 %."""
_CHANGE_CELL = 0.5
"""Semitones of change over which they count together."""
_SHIFT_CELL = 6
"""Frames of shift in time over which they count together."""
_FEWEST_TRIPLETS = 4
"""Triplets in common that make a candidate."""
_FEWEST_FIRSTS = 3
"""Different first landmarks among them."""
_MAX_CANDIDATES = 40
"""Candidates that are followed up in a window, best first."""
_SAME_CHANGE = 0.7
"""Semitones below which two candidates have one pitch."""
_SAME_SHIFT = 20
"""Frames (0.3 s) below which two candidates are at one place."""


@dataclass(frozen=True, slots=True)
class ChangedCandidate:
    """A known sound that might be in a deliverable at another pitch or tempo.

    Known time = (deliverable time - offset) * speed.
    """

    entry: int
    """Number of the known sound in the index."""
    speed: float
    """How many times as fast as known it is played."""
    semitones: float
    """Semitones by which it is higher."""
    offset: float
    """Samples from the start of the deliverable's downmix to where the known sound would start."""
    first: float
    """Sample of the deliverable at the first triplet in common."""
    last: float
    """Sample of the deliverable at the last one."""
    triplets: int
    """Triplets in common."""


def to_semitones(bins: Floats) -> Floats:
    """Pitches of (n,) bins > 0: semitones over bin 1."""
    return (12 * np.log2(bins)).astype(np.float32)


@dataclass(frozen=True, slots=True)
class _Triplets:
    """Triplets of the landmarks of one sound, n of them."""

    first: NDArray[np.intp]
    """(n,): number of the first landmark."""
    length: Floats
    """(n,): frames from the first landmark to the third."""
    shape: NDArray[np.int64]
    """(n,): what no change of pitch or tempo changes: both steps and the ratio."""
    pitch_place: Floats
    """(n,): the first pitch, in cells."""
    length_place: Floats
    """(n,): the length, in cells."""


class _Votes(NamedTuple):
    """Triplets that a deliverable and known sounds have in common, n of them."""

    first: NDArray[np.intp]
    """(n,): number of the first landmark in the deliverable."""
    entry: NDArray[np.int64]
    known_time: Floats
    """(n,): frames of the known sound at its first landmark."""
    semitones: Floats
    speed: Floats


_NOTHING = np.zeros(0, np.float32)
_NO_VOTES = _Votes(np.zeros(0, np.intp), np.zeros(0, np.int64), _NOTHING, _NOTHING, _NOTHING)


@dataclass(frozen=True, slots=True)
class KnownTriplets:
    """The triplets of one known sound, n of them, and its m landmarks that are in them."""

    hashes: NDArray[np.uint32]
    firsts: NDArray[np.uint32]
    """(n,): number of the first landmark of each."""
    lengths: NDArray[np.uint8]
    """(n,): distance to the third, in quarter frames."""
    times: Floats
    """(m,): frames."""
    pitches: Floats
    """(m,): semitones."""


def collect_triplets(landmarks: Landmarks) -> KnownTriplets:
    """Make the triplets of a known sound."""
    times, pitches = choose_landmarks(landmarks, strong_only=True)
    triplets = _make_triplets(times, pitches, _KNOWN_CHOICES)
    pitch_cell = np.floor(triplets.pitch_place).astype(np.int64)
    length_cell = np.floor(triplets.length_place).astype(np.int64)
    hashes = _hash_triplets(triplets.shape, pitch_cell, length_cell)
    lengths = np.rint(triplets.length * STEPS_PER_CELL).astype(np.uint8)
    return KnownTriplets(hashes, triplets.first.astype(np.uint32), lengths, times, pitches)


@dataclass(frozen=True, slots=True)
class TripletSegment:
    """The triplets of some known sounds, n of them, and their m landmarks: 7 bytes each, and 8 a landmark."""

    lists: PostingLists
    firsts: NDArray[np.uint32]
    """(n,): number of the first landmark of each."""
    lengths: NDArray[np.uint8]
    """(n,): distance to the third, in quarter frames."""
    times: Floats
    """(m,): frames. The landmarks of one sound come after those of the one before."""
    pitches: Floats
    """(m,): semitones."""
    starts: NDArray[np.int64]
    """(sounds + 1,): number of the first landmark of each."""


def lay_out_triplets(sounds: Iterable[KnownTriplets]) -> TripletSegment:
    """Lay out the triplets of some known sounds."""
    hashes = [np.zeros(0, np.uint32)]
    firsts = [np.zeros(0, np.uint32)]
    lengths = [np.zeros(0, np.uint8)]
    times = [np.zeros(0, np.float32)]
    pitches = [np.zeros(0, np.float32)]
    starts = [0]
    for triplets in sounds:
        hashes.append(triplets.hashes)
        firsts.append(triplets.firsts + np.uint32(starts[-1]))
        lengths.append(triplets.lengths)
        times.append(triplets.times)
        pitches.append(triplets.pitches)
        starts.append(starts[-1] + len(triplets.times))
    lists, order = posting_lists.lay_out(np.concatenate(hashes))
    return TripletSegment(
        lists,
        np.concatenate(firsts)[order],
        np.concatenate(lengths)[order],
        np.concatenate(times),
        np.concatenate(pitches),
        np.array(starts, np.int64),
    )


class TripletIndex:
    """The triplets of all known sounds, in segments."""

    def __init__(self, segments: Sequence[TripletSegment]) -> None:
        """A candidate names the number of a known sound in the order of the segments."""
        self._segments = segments
        self._lists = [segment.lists for segment in segments]
        counts = [len(segment.starts) - 1 for segment in segments]
        self._firsts = np.cumsum([0, *counts])

    def find_candidates(self, landmarks: Landmarks) -> Iterator[ChangedCandidate]:
        """Yield where known sounds might be, at whichever pitch and tempo, best first in each 10 seconds."""
        # What is strong in a known sound is often not so under dialogue.
        times, pitches = choose_landmarks(landmarks, strong_only=False)
        end = times[-1] + 1 if len(times) else 0
        for first in np.arange(0, end, _WINDOW_FRAMES):
            last = first + _WINDOW_FRAMES
            window = slice(*np.searchsorted(times, (first, last + _MOST_THIRD)))
            votes = self._look_up(times[window], pitches[window])
            if len(votes.entry):
                yield from _count_votes(votes, times[window], (first + last) / 2)

    def _look_up(self, times: Floats, pitches: Floats) -> _Votes:
        """Find the known triplets of the same shape whose pitch and length are near enough."""
        triplets = _make_triplets(times, pitches, _DELIVERABLE_CHOICES)
        cells = itertools.product(_find_two_cells(triplets.pitch_place), _find_two_cells(triplets.length_place))
        hashes = np.concatenate([_hash_triplets(triplets.shape, *pair) for pair in cells])
        parts = [_NO_VOTES]
        for hits in posting_lists.look_up(self._lists, hashes, _MAX_TRIPLETS_OF_HASH, _MOST_VOTES):
            segment = self._segments[hits.segment]
            # Each triplet is looked up four times, and all of them once before any is looked up again.
            row = hits.lookup % max(1, len(triplets.first))
            known_first = segment.firsts[hits.posting]
            first_landmark = triplets.first[row]
            semitones = pitches[first_landmark] - segment.pitches[known_first]
            speed = segment.lengths[hits.posting].astype(np.float32) / STEPS_PER_CELL / triplets.length[row]
            is_near = (np.abs(semitones) <= MOST_SEMITONES) & (speed >= _SLOWEST) & (speed <= _FASTEST)
            near = known_first[is_near]
            entry = np.searchsorted(segment.starts, near, "right") - 1 + self._firsts[hits.segment]
            parts.append(
                _Votes(first_landmark[is_near], entry, segment.times[near], semitones[is_near], speed[is_near])
            )
        return _Votes(*map(np.concatenate, zip(*parts, strict=True)))


def choose_landmarks(landmarks: Landmarks, strong_only: bool) -> tuple[Floats, Floats]:
    """Times, in frames, and pitches, in semitones, of the landmarks that have strong ones around them."""
    chosen = has_company(landmarks) & (landmarks.bins >= 1)
    if strong_only:
        chosen &= landmarks.strong
    return landmarks.times[chosen], to_semitones(landmarks.bins[chosen])


def _make_triplets(times: Floats, pitches: Floats, choices: int) -> _Triplets:
    """Triplets of (n,) landmarks in the order of time."""
    count = len(times)
    number = np.arange(count)
    earliest_second = np.searchsorted(times, times + _LEAST_SECOND)
    earliest_third = np.searchsorted(times, times + _LEAST_THIRD)
    end = np.searchsorted(times, times + _MOST_THIRD)
    firsts, seconds, thirds = [], [], []
    for second_choice in range(choices):
        for third_choice in range(choices):
            second = earliest_second + second_choice
            third = earliest_third + third_choice
            exists = (second < third) & (third < end)
            firsts.append(number[exists])
            seconds.append(second[exists])
            thirds.append(third[exists])
    first, second, third = np.concatenate(firsts), np.concatenate(seconds), np.concatenate(thirds)
    second_step = pitches[second] - pitches[first]
    third_step = pitches[third] - pitches[first]
    is_near = (np.abs(second_step) <= _MAX_STEP) & (np.abs(third_step) <= _MAX_STEP)
    first, second, third = first[is_near], second[is_near], third[is_near]
    length = times[third] - times[first]
    shape = np.rint((second_step[is_near] + _MAX_STEP) / _STEP_CELL).astype(np.int64)
    shape = shape * _STEP_CELLS + np.rint((third_step[is_near] + _MAX_STEP) / _STEP_CELL).astype(np.int64)
    ratio = (times[second] - times[first]) / length
    shape = shape * _RATIO_CELLS + (ratio * _RATIO_CELLS).astype(np.int64)
    pitch_place = (pitches[first] - _LOWEST_PITCH) / _PITCH_CELL
    length_place = np.log(length / _SHORTEST_LENGTH) / _LENGTH_CELL
    return _Triplets(first, length, shape, pitch_place.astype(np.float32), length_place.astype(np.float32))


def _find_two_cells(places: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The cell of each of (n,) places, and the other cell that is nearest."""
    cell = np.floor(places).astype(np.int64)
    nearest = np.where(places - cell < 0.5, cell - 1, cell + 1)
    return cell, nearest


def _hash_triplets(
    shape: NDArray[np.int64], pitch_cell: NDArray[np.int64], length_cell: NDArray[np.int64]
) -> NDArray[np.uint32]:
    """(n,) uint32 below 2 to the power of `HASH_BITS`."""
    exact = (shape * _PITCH_CELLS + pitch_cell) * _LENGTH_CELLS + length_cell
    # Multiplied by an odd number, the bits in the middle depend on all. What collides differs in pitch or tempo.
    return (exact * 2654435761 >> 7 & (1 << HASH_BITS) - 1).astype(np.uint32)


def _count_votes(votes: _Votes, times: Floats, middle: float) -> Iterator[ChangedCandidate]:
    """Yield the known sounds on whose change of pitch, tempo and shift in time many triplets agree.

    `times`: (n,) frames of the deliverable's landmarks in the window; `middle`: its middle, from which shifts count.
    """
    time = times[votes.first] - np.float32(middle)
    # 1. Each vote counts at its tempo and at the nearest other one. All that it says makes one sortable key.
    tempo_place = np.log(votes.speed) / _TEMPO_CELL
    change_cell = np.floor(votes.semitones / _CHANGE_CELL + 0.5).astype(np.int64)
    keys = []
    for tempo_cell in _find_two_cells(tempo_place.astype(np.float32)):
        speed = np.exp((tempo_cell + 0.5) * _TEMPO_CELL)
        shift_cell = np.floor((votes.known_time - time * speed) / _SHIFT_CELL).astype(np.int64)
        keys.append(((votes.entry * 32 + tempo_cell + 16) * 32 + change_cell + 16 << 24) + shift_cell + (1 << 20))
    all_keys = np.concatenate(keys)
    order = np.argsort(all_keys, kind="stable")
    cells, start, count = np.unique(all_keys[order], return_index=True, return_counts=True)
    # 2. Shifts are rounded: a cell counts with those beside it.
    total = count.copy()
    adjacent = np.nonzero(np.diff(cells) == 1)[0]
    total[adjacent] += count[adjacent + 1]
    total[adjacent + 1] += count[adjacent]
    # 3. The cells with most triplets are the candidates.
    candidates: list[tuple[ChangedCandidate, float]] = []
    enough = np.flatnonzero(total >= _FEWEST_TRIPLETS)
    for best in enough[np.argsort(-total[enough], kind="stable")]:
        if len(candidates) == _MAX_CANDIDATES:
            break
        members = order[start[best] : start[best] + count[best]] % len(votes.entry)
        if len(np.unique(votes.first[members])) < _FEWEST_FIRSTS:
            continue
        speed = float(np.median(votes.speed[members]))
        semitones = float(np.median(votes.semitones[members]))
        place = float(np.median(votes.known_time[members] - time[members] * speed))
        entry = int(votes.entry[members[0]])
        if any(_is_same(entry, semitones, place, *other) for other in candidates):
            continue
        first, last = time[members].min() + middle, time[members].max() + middle
        offset = (middle - place / speed) * HOP
        candidate = ChangedCandidate(
            entry, speed, semitones, offset, float(first * HOP), float(last * HOP), int(total[best])
        )
        candidates.append((candidate, place))
    yield from (candidate for candidate, _ in candidates)


def _is_same(entry: int, semitones: float, place: float, other: ChangedCandidate, other_place: float) -> bool:
    """Whether a candidate has the sound, the pitch and the place of one that has more triplets."""
    if entry != other.entry:
        return False
    return abs(semitones - other.semitones) < _SAME_CHANGE and abs(place - other_place) < _SAME_SHIFT
