"""Two cuts of any two formats -> what came in, went, was trimmed, moved, or shifted by a ripple.

Clips are tied by source and source timecode, not by their place: the same part of the same source is the same clip,
wherever it stands. Longest increasing subsequence: Fredman, "On computing the length of longest increasing
subsequences", 1975.
"""

from __future__ import annotations

import bisect
import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from provenance.timeline.interface import Event
from provenance.timeline.resolve import strip_name

_MOST_CANDIDATES = 200
"""Old clips before and behind a place that are looked at for one that was trimmed."""


@dataclass(frozen=True, slots=True)
class ResolvedEvent:
    """An event with the asset it shows."""

    event: Event
    digest: str | None

    @property
    def key(self) -> tuple[str, str]:
        """Which source it is, on which kind of track."""
        return self.event.track[:1], self.digest or strip_name(self.event.source.shown)

    @property
    def part(self) -> tuple[tuple[str, str], int, int]:
        """Which part of which source it is."""
        return self.key, self.source_start, self.length

    @property
    def length(self) -> int:
        """Frames of the cut from edit point to edit point; 0 or less for what a transition alone shows."""
        return self.event.record_out - self.event.record_in - self.event.handle

    @property
    def source_start(self) -> int:
        """Frame of the source; 0 where the cut gives none."""
        return self.event.used.start if self.event.used else 0

    @property
    def source_end(self) -> int:
        """Exclusive."""
        return self.source_start + self.length


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two cuts."""

    change: str
    """`added`, `removed`, `trimmed`, `moved`, `shifted`."""
    old: ResolvedEvent | None
    new: ResolvedEvent | None
    frames: int | None = None
    """How many frames it was trimmed by or shifted by; negative is shorter or earlier."""
    count: int = 1
    """Clips that a ripple shifts together."""


def compare(old: Sequence[ResolvedEvent], new: Sequence[ResolvedEvent]) -> Iterator[Change]:
    """Yield the changes from one cut to another, in order of record time."""
    pairs, removed, added = _tie(list(filter(_is_shown, old)), list(filter(_is_shown, new)))
    moved = _find_moved(pairs)
    changes = [Change("removed", event, None) for event in removed]
    changes += [Change("added", None, event) for event in added]
    shifts: list[tuple[ResolvedEvent, ResolvedEvent]] = []
    for index, (before, after) in enumerate(pairs):
        trimmed = after.length - before.length
        if trimmed or before.source_start != after.source_start:
            changes.append(Change("trimmed", before, after, trimmed))
        elif index in moved or before.event.track != after.event.track:
            changes.append(Change("moved", before, after, _get_shift(before, after)))
        if index not in moved:
            shifts.append((before, after))
    changes += _find_ripples(shifts)
    yield from sorted(changes, key=_get_place)


def _is_shown(event: ResolvedEvent) -> bool:
    return event.length > 0


def _get_place(change: Change) -> tuple[int, str, str]:
    event = change.new or change.old
    assert event is not None
    return event.event.record_in, event.event.track, change.change


def _get_shift(before: ResolvedEvent, after: ResolvedEvent) -> int:
    return after.event.record_in - before.event.record_in


def _tie(
    old: Sequence[ResolvedEvent], new: Sequence[ResolvedEvent]
) -> tuple[list[tuple[ResolvedEvent, ResolvedEvent]], list[ResolvedEvent], list[ResolvedEvent]]:
    """Pairs of the same clip in order of the new cut; then what is only in the old one, and only in the new one."""
    partner: dict[int, ResolvedEvent] = {}
    # First the same part of a source, then a part that overlaps it most.
    waiting = _tie_same(old, new, partner)
    for index, event in enumerate(new):
        if index not in partner:
            candidates = waiting[event.key]
            found = _find_partner(event, candidates)
            if found is not None:
                partner[index] = candidates.pop(found)
    pairs, added = [], []
    for index, event in enumerate(new):
        if index in partner:
            pairs.append((partner[index], event))
        else:
            added.append(event)
    return pairs, list(itertools.chain.from_iterable(waiting.values())), added


def _tie_same(
    old: Sequence[ResolvedEvent], new: Sequence[ResolvedEvent], partner: dict[int, ResolvedEvent]
) -> dict[tuple[str, str], list[ResolvedEvent]]:
    """Fill in the partners that show the same part of the same source; return the old clips that are left, by source.

    Of several the nearest in the cut is taken.
    """
    by_part: dict[tuple[tuple[str, str], int, int], list[ResolvedEvent]] = defaultdict(list)
    for event in sorted(old, key=_get_record_in):
        by_part[event.part].append(event)
    for index, event in enumerate(new):
        candidates = by_part[event.part]
        if candidates:
            partner[index] = candidates.pop(_find_nearest(event, candidates))
    waiting: dict[tuple[str, str], list[ResolvedEvent]] = defaultdict(list)
    for candidates in by_part.values():
        for candidate in candidates:
            waiting[candidate.key].append(candidate)
    for candidates in waiting.values():
        candidates.sort(key=_get_record_in)
    return waiting


def _get_record_in(event: ResolvedEvent) -> int:
    return event.event.record_in


def _find_nearest(event: ResolvedEvent, candidates: Sequence[ResolvedEvent]) -> int:
    """Index of the candidate that begins nearest in the cut; candidates are in order of record time."""
    after = bisect.bisect_left(candidates, event.event.record_in, key=_get_record_in)
    if after == len(candidates):
        return after - 1
    if not after:
        return 0
    is_before_nearer = abs(_get_shift(candidates[after - 1], event)) <= abs(_get_shift(candidates[after], event))
    return after - 1 if is_before_nearer else after


def _find_partner(event: ResolvedEvent, candidates: Sequence[ResolvedEvent]) -> int | None:
    """Index of the old clip that overlaps this one most in the source; of those that do alike, the nearest in the cut.

    Of very many uses of one source, only those around the same place in the cut are looked at.
    """
    middle = bisect.bisect_left(candidates, event.event.record_in, key=_get_record_in)
    best: tuple[int, int] | None = None
    found = None
    for index in range(max(0, middle - _MOST_CANDIDATES), min(len(candidates), middle + _MOST_CANDIDATES)):
        candidate = candidates[index]
        overlap = min(event.source_end, candidate.source_end) - max(event.source_start, candidate.source_start)
        rank = (-overlap, abs(_get_shift(candidate, event)))
        if overlap > 0 and (best is None or rank < best):
            best, found = rank, index
    return found


def _find_moved(pairs: Sequence[tuple[ResolvedEvent, ResolvedEvent]]) -> set[int]:
    """Pairs that stand in another order than before: all but the longest run that kept its order, on each track."""
    tracks: dict[str, list[int]] = defaultdict(list)
    for index, (_, after) in enumerate(pairs):
        tracks[after.event.track].append(index)
    kept: set[int] = set()
    for indexes in tracks.values():
        places = [(pairs[index][0].event.record_in, index) for index in indexes]
        kept.update(indexes[position] for position in _find_longest_increasing([place for place, _ in places]))
    return set(range(len(pairs))) - kept


def _find_longest_increasing(values: Sequence[int]) -> list[int]:
    """Positions of a longest strictly increasing subsequence."""
    tails: list[int] = []
    """Smallest last value of a subsequence of each length."""
    at: list[int] = []
    """Its position."""
    before: list[int] = []
    for position, value in enumerate(values):
        length = bisect.bisect_left(tails, value)
        if length == len(tails):
            tails.append(value)
            at.append(position)
        else:
            tails[length], at[length] = value, position
        before.append(at[length - 1] if length else -1)
    chain = []
    position = at[-1] if at else -1
    while position >= 0:
        chain.append(position)
        position = before[position]
    return chain[::-1]


def _find_ripples(pairs: Sequence[tuple[ResolvedEvent, ResolvedEvent]]) -> Iterator[Change]:
    """One change for each run of clips that are shifted by the same number of frames."""
    usual = Counter(_get_shift(before, after) for before, after in pairs)
    if set(usual) <= {0}:
        return
    run: list[tuple[ResolvedEvent, ResolvedEvent]] = []
    ordered = sorted(pairs, key=lambda pair: (pair[1].event.track, pair[1].event.record_in))
    for pair in ordered:
        is_same_run = (
            run and run[-1][1].event.track == pair[1].event.track and _get_shift(*run[-1]) == _get_shift(*pair)
        )
        if run and not is_same_run:
            yield from _make_ripple(run)
            run = []
        run.append(pair)
    yield from _make_ripple(run)


def _make_ripple(run: Sequence[tuple[ResolvedEvent, ResolvedEvent]]) -> Iterator[Change]:
    if run and _get_shift(*run[0]):
        before, after = run[0]
        yield Change("shifted", before, after, _get_shift(before, after), len(run))
