"""Tracks of a cut as blocks on a line of record time: where each block, letter and timecode of a drawing stands."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from provenance.reports.cut_kinds import BY_NAME, RANKS, Kind
from provenance.reports.escape import shorten
from provenance.reports.language import format_number, translate
from provenance.timecode import Clock

WIDTH = 1000
"""Units of the drawing across, about one pixel each; names of tracks included."""
GUTTER = 66
"""Units for the names of tracks."""
AXIS = 16
"""Units for the timecodes above the tracks."""
ROW = 34
"""Units from one track to the next: a line of letters, the tallest kind, and a space."""
BAR = 30
"""Units from the top of a row to the bottom of its blocks."""

_CELL = 3.0
"""Units; what is narrower is drawn as one block with its neighbours in the same cell, and no block is narrower."""
_LETTER_WIDTH = 9.0
"""Units."""
_TICK_WIDTH = 80
"""Units of a timecode on the axis."""
_MOST_WIDE = 310
"""Blocks of a track that are drawn for themselves; without overlaps no track has more of this width."""
_LONGEST_LABEL = 200
"""Characters."""
_TICK_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400)
"""Seconds from one timecode to the next."""
_MOST_TICKS = 8


@dataclass(frozen=True, slots=True)
class Place:
    """Something that stands in a cut."""

    frames: tuple[int, int]
    """Record frames from 00:00:00:00, the second exclusive."""
    record: tuple[str, str]
    """The same as timecode."""
    kind: Kind
    label: str
    """What it is, in words; empty for what nobody has to look at."""
    link: str
    """Name of the place on the page that says more; empty for what nobody has to look at."""


@dataclass(frozen=True, slots=True)
class Block:
    """One place, neighbours too narrow to tell apart, or a run of places that nobody has to look at."""

    x: float
    width: float
    kind: Kind
    label: str
    """What a person reads when they point at it or reach it with the keyboard."""
    link: str


@dataclass(frozen=True, slots=True)
class Letter:
    """The letter of a kind above a block, where there is room for one."""

    x: float
    text: str


@dataclass(frozen=True, slots=True)
class TrackRow:
    """One line of the drawing."""

    name: str
    y: int
    blocks: list[Block]
    """By time, as the keyboard reaches them, after those that nobody has to look at."""
    letters: list[Letter]


@dataclass(frozen=True, slots=True)
class Tick:
    """A timecode on the axis."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Scale:
    """Frames of a cut -> units of its drawing."""

    first: int
    after: int

    def place(self, frame: int) -> float:
        """Units from the left; what is outside of the cut is at its edges."""
        inside = min(max(frame, self.first), self.after) - self.first
        return GUTTER + inside * (WIDTH - GUTTER) / max(1, self.after - self.first)


def list_ticks(scale: Scale, clock: Clock) -> Iterator[Tick]:
    """Yield timecodes at even distances from the first frame on."""
    seconds = (scale.after - scale.first) / float(clock.rate)
    step = math.ceil(seconds / _MOST_TICKS)
    for even in _TICK_STEPS:
        if seconds / even <= _MOST_TICKS:
            step = even
            break
    for number in range(_MOST_TICKS):
        frame = scale.first + number * step * clock.base
        if frame >= scale.after or scale.place(frame) > WIDTH - _TICK_WIDTH:
            break
        yield Tick(round(scale.place(frame), 1), clock.format(frame))


def build_row(name: str, number: int, places: Iterable[Place], scale: Scale) -> TrackRow:
    """One line of the drawing; lines count from 0."""
    runs = _join_runs([_start_run(place, scale) for place in places])
    blocks = [_finish_run(name, run) for run in sorted(runs, key=_order_run)]
    return TrackRow(name, AXIS + number * ROW, blocks, list(_place_letters(blocks)))


@dataclass(slots=True)
class _Run:
    """A block while its neighbours are joined to it."""

    x: float
    end: float
    record: tuple[str, str]
    kinds: Counter[str]
    label: str
    link: str

    @property
    def kind(self) -> Kind:
        """The gravest."""
        return BY_NAME[min(self.kinds, key=RANKS.__getitem__)]

    def join(self, other: _Run) -> None:
        """Take over a neighbour; the run stays where the gravest of its places are."""
        own, new = RANKS[self.kind.name], RANKS[other.kind.name]
        if new < own:
            self.x, self.end = other.x, other.end
        elif new == own:
            self.x, self.end = min(self.x, other.x), max(self.end, other.end)
        self.record = min(self.record[0], other.record[0]), max(self.record[1], other.record[1])
        self.kinds += other.kinds
        self.link = self.link or other.link
        words = ", ".join(f"{format_number(number)} {BY_NAME[name].words}" for name, number in self.kinds.items())
        self.label = translate("{number} events: {kinds}", number=self.kinds.total(), kinds=words)


def _start_run(place: Place, scale: Scale) -> _Run:
    first, after = map(scale.place, place.frames)
    return _Run(first, after, place.record, Counter([place.kind.name]), place.label, place.link)


def _order_run(run: _Run) -> tuple[bool, float]:
    is_narrow = run.end - run.x < _CELL
    # what is drawn wider than it is comes after what begins in its cell, and so is drawn above it
    return bool(run.link), run.x + _CELL * is_narrow


def _join_runs(runs: Iterable[_Run]) -> Iterator[_Run]:
    """A long cut must not make a heavy page, nor one in which events hide each other.

    1. What is narrower than a cell is one run with all that begins in the same cell: the gravest kind names it.
    2. Such runs of one kind alone in neighbouring cells are one run.
    3. Wide ones are joined with their neighbours where nobody has to look at them.
    """
    wide: list[_Run] = []
    cells: dict[int, _Run] = {}
    for run in runs:
        is_wide = run.end - run.x >= _CELL
        if is_wide and wide and not run.link and not wide[-1].link and _touch(wide[-1], run):
            wide[-1].join(run)
        elif is_wide and len(wide) < _MOST_WIDE:
            wide.append(run)
        elif (cell := int(run.x // _CELL)) in cells:
            cells[cell].join(run)
        else:
            cells[cell] = run
    narrow: list[_Run] = []
    for _, run in sorted(cells.items()):
        if narrow and _touch(narrow[-1], run):
            narrow[-1].join(run)
        else:
            narrow.append(run)
    yield from wide
    yield from narrow


def _touch(one: _Run, other: _Run) -> bool:
    """Whether two runs of one kind alone follow each other without a gap that can be seen."""
    return one.kinds.keys() == other.kinds.keys() and len(one.kinds) == 1 and other.x - one.end < _CELL


def _finish_run(name: str, run: _Run) -> Block:
    width = max(_CELL, run.end - run.x)
    x = min(run.x, WIDTH - width)
    label = ""
    if run.link:
        first, last = run.record
        label = shorten(
            translate("{track}, {start} to {end}: {what}", track=name, start=first, end=last, what=run.label),
            _LONGEST_LABEL,
        )
    return Block(round(x, 1), round(width, 1), run.kind, label, run.link)


def _place_letters(blocks: Sequence[Block]) -> Iterator[Letter]:
    """Letters that do not touch; where there is no room for all, the gravest kinds have theirs."""
    taken: list[float] = []
    for block in sorted(blocks, key=lambda block: (RANKS[block.kind.name], block.x)):
        middle = block.x + block.width / 2
        if block.kind.letter and all(abs(middle - other) >= _LETTER_WIDTH for other in taken):
            taken.append(middle)
            yield Letter(round(middle, 1), block.kind.letter)
