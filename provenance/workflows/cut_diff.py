"""Two cut lists -> what came in, went, was trimmed or moved, cut by cut."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from provenance.model.cut import Timeline, Use
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Origin
from provenance.timeline.compare import Change, ResolvedEvent, compare
from provenance.timeline.interface import Cut
from provenance.workflows.cut import (
    CutFile,
    list_cuts,
    list_lost,
    make_cut_options,
    read_cut_files,
    resolve_cut,
    settle_rate,
)
from provenance.workflows.cut_sources import LookUp, load_known
from provenance.workflows.run import RunContext


@dataclass(frozen=True, slots=True)
class CutChange:
    """One difference between two cuts, as reports give it: CHANGE of the contract."""

    change: str
    track: str
    source: str
    digest: str | None
    origin: Origin
    old: Use | None
    new: Use | None
    frames: int | None
    count: int


@dataclass(frozen=True, slots=True)
class CutPair:
    """Two versions of one cut. None where a file has no such cut."""

    old: Timeline | None
    new: Timeline | None
    changes: tuple[CutChange, ...]


@dataclass(frozen=True, slots=True)
class CutDiff:
    """The differences between two files."""

    pairs: tuple[CutPair, ...]
    troubles: tuple[Trouble, ...]
    is_complete: bool
    """Whether both files hold a cut that could be read."""

    @property
    def exit_code(self) -> int:
        """0 alike, 1 they differ, 3 one could not be read."""
        if self.troubles or not self.is_complete:
            return 3
        return 1 if any(pair.changes for pair in self.pairs) else 0


def diff(old: str, new: str, rate: str | None, remember: bool, context: RunContext) -> CutDiff:
    """Compare two cut lists of any two formats. Arguments as in `look_up`."""
    options, store = make_cut_options(rate), context.load_trust_store()
    with context.start_engine(store) as engine:
        files = read_cut_files(engine, list(dict.fromkeys([old, new])), options)
    if not remember:
        return _compare_files(files, LookUp())
    with context.open_catalogue(write=False) as catalogue:
        return _compare_files(files, load_known(catalogue, list_cuts(files)))


def _compare_files(files: Sequence[CutFile], look_up: LookUp) -> CutDiff:
    old, new = files[0], files[-1]
    troubles: list[Trouble] = []
    for file in files:
        troubles.extend(file.troubles)
    # Nothing can be said of what a file that could not be read lacks.
    is_complete = bool(old.cuts and new.cuts)
    pairs = []
    if is_complete:
        for before, after in _pair_cuts(old.cuts, new.cuts):
            sides = _Side(old, before, look_up), _Side(new, after, look_up)
            for side in sides:
                troubles.extend(side.lost)
            pairs.append(_compare_cuts(*sides))
    return CutDiff(tuple(pairs), tuple(troubles), is_complete)


def _pair_cuts(old: Sequence[Cut], new: Sequence[Cut]) -> Iterator[tuple[int | None, int | None]]:
    """Indexes of the cuts that are versions of each other: by name, then what is left over, in order, if it is one.

    A cut that has no other version stands alone.
    """
    waiting = list(range(len(old)))
    alone = []
    for index, cut in enumerate(new):
        name = cut.name.strip().casefold()
        partner = next((place for place in waiting if old[place].name.strip().casefold() == name), None)
        if partner is None:
            alone.append(index)
            continue
        waiting.remove(partner)
        yield partner, index
    if len(waiting) == 1 and len(alone) == 1:
        yield waiting[0], alone[0]
        return
    for place in waiting:
        yield place, None
    for index in alone:
        yield None, index


class _Side:
    """One of the two cuts that are compared; without events where a file has no such cut."""

    def __init__(self, file: CutFile, index: int | None, look_up: LookUp) -> None:
        self.timeline: Timeline | None = None
        self.rate: Fraction | None = None
        self.events: list[ResolvedEvent] = []
        # By identity: two events of a cut may be equal in everything that they say, and are two uses all the same.
        self.uses: dict[int, Use] = {}
        self.lost: list[Trouble] = []
        """What could not be read: nobody can say whether it changed."""
        if index is None:
            return
        cut = settle_rate(file.cuts[index], look_up.known)
        path = f"{file.path}#{index + 1}" if index else file.path
        self.timeline, uses = resolve_cut(replace(file, path=path), cut, look_up)
        self.lost = list(list_lost(path, cut))
        self.rate = Fraction(cut.clock.base)
        for event, use in zip(cut.events, uses, strict=True):
            if event.enabled:
                self.add(ResolvedEvent(event, use.digest), use)

    def add(self, resolved: ResolvedEvent, use: Use) -> None:
        """Add an event, and the use that reports give for it."""
        self.events.append(resolved)
        self.uses[id(resolved.event)] = use

    def convert(self, rate: Fraction | None) -> None:
        """Count its record times at another rate, to the nearest frame."""
        if rate is None or self.rate is None or rate == self.rate:
            return
        ratio = rate / self.rate
        events, self.events = self.events, []
        for resolved in events:
            event = resolved.event
            record_in, record_out = round(event.record_in * ratio), round(event.record_out * ratio)
            converted = replace(event, record_in=record_in, record_out=record_out, handle=round(event.handle * ratio))
            self.add(replace(resolved, event=converted), self.uses[id(event)])


def _compare_cuts(old: _Side, new: _Side) -> CutPair:
    # A cut delivered at 25 frames a second and one at 24 may still be the same cut.
    old.convert(new.rate)
    uses = {**old.uses, **new.uses}
    changes = tuple(_make_change(change, uses) for change in compare(old.events, new.events))
    return CutPair(old.timeline, new.timeline, changes)


def _make_change(change: Change, uses: Mapping[int, Use]) -> CutChange:
    old = new = None
    if change.old:
        old = uses[id(change.old.event)]
    if change.new:
        new = uses[id(change.new.event)]
    # A source that stands in both is described as the new cut has it.
    use = new or old
    assert use is not None
    return CutChange(
        change.change, use.track, use.source, use.digest, use.origin, old, new, change.frames, change.count
    )
