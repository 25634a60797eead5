"""Mobs, the object model that AAF files and Avid bins share -> cuts.

A *mob* is anything with tracks: a composition (a cut), a master (a clip as the bin shows it), a file, a tape. Its
tracks (*slots*) hold parts, and a part may refer to a slot of another mob: composition -> master -> file -> tape. What
a composition shows is found by following these references down, adding up where each begins.

AAF Object Specification, version 1.1, sections 4 to 7.
"""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from provenance.timecode import Clock
from provenance.timeline.interface import Cut, Event, SourceNames, SourceRange, bound_speed, sort_events
from provenance.timeline.names import name_source
from provenance.timeline.transitions import Transition, add_handles

_CHAIN = 12
"""Mobs on the way down from a composition; real chains have up to five."""
_DEPTH = 60
"""Parts within parts."""
_MOST_EVENTS = 200_000
_MOST_PARTS = 1_000_000
"""Of one cut, those of nested sequences counted each time they are shown."""


class MobKind(enum.Enum):
    """What a mob stands for."""

    COMPOSITION = enum.auto()
    MASTER = enum.auto()
    FILE = enum.auto()
    TAPE = enum.auto()


@dataclass(frozen=True, slots=True)
class Gap:
    """Nothing, for a number of edit units of the slot; all lengths below are such units."""

    length: int


@dataclass(frozen=True, slots=True)
class Clip:
    """Part of a slot of another mob."""

    length: int
    mob_id: str
    slot_id: int
    start: int


@dataclass(frozen=True, slots=True)
class PartSequence:
    """Parts one after the other; a `PartTransition` overlaps both its neighbours."""

    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class PartTransition:
    """A transition between two parts of a sequence."""

    length: int
    cut_point: int
    """Edit units from its start to the edit point."""


@dataclass(frozen=True, slots=True)
class Layers:
    """An effect over its inputs, or a choice that shows the first of them."""

    length: int
    inputs: tuple[Part, ...]
    speed: Fraction | None = Fraction(1)
    """None when it varies."""
    name: str = ""
    """Of the effect."""


@dataclass(frozen=True, slots=True)
class Label:
    """A timecode track: the label of its first frame, as a count of frames."""

    length: int
    start: int
    base: int
    """Frames that it counts to a second."""
    drop: bool


Part = Gap | Clip | PartSequence | PartTransition | Layers | Label


@dataclass(frozen=True, slots=True)
class Slot:
    """One track of a mob."""

    id: int
    kind: str
    """`V`, `A`, `T` for timecode; empty for others."""
    rate: Fraction
    """Edit units a second."""
    part: Part
    number: int = 0
    """As the physical track is numbered, from 1; 0 when it is not."""
    name: str = ""
    """As the editor named the track."""


@dataclass(frozen=True, slots=True)
class Mob:
    """One mob."""

    id: str
    kind: MobKind
    name: str
    slots: tuple[Slot, ...]
    locators: tuple[str, ...] = ()
    """URLs and paths of the file, as they were where it was made."""

    def find_slot(self, slot_id: int) -> Slot | None:
        """The slot with that number."""
        return next((slot for slot in self.slots if slot.id == slot_id), None)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a part is shown: record frames of the outer cut."""

    record_in: int
    record_out: int
    rate: Fraction
    """Edit units a second of the part's slot."""
    offset: Fraction = Fraction(0)
    """Edit units of the part before what is shown at `record_in`."""
    speed: Fraction | None = Fraction(1)
    via: tuple[str, ...] = ()
    depth: int = 0


@dataclass(slots=True)
class MobReader:
    """Makes cuts of the compositions of one file."""

    format: str
    mobs: Mapping[str, Mob]
    not_read: Counter[str] = field(default_factory=Counter)
    _rate: Fraction = Fraction(24)
    _count: int = 0
    _parts: int = 0

    def make_cut(self, mob: Mob) -> Cut:
        """The cut of a composition."""
        self.not_read = Counter()
        self._count = self._parts = 0
        slots = [slot for slot in mob.slots if slot.kind in ("V", "A")]
        timecode = _find_timecode(mob.slots)
        self._rate = _choose_rate(slots, timecode)
        clock = Clock(self._rate)
        start, labelled_start = 0, None
        if timecode:
            label = timecode[1]
            clock = replace(clock, drop=label.drop and clock.has_drop)
            start = labelled_start = label.start
        events: list[Event] = []
        numbers: Counter[str] = Counter()
        tracks = []
        lengths = [0]
        for slot in slots:
            numbers[slot.kind] += 1
            track = f"{slot.kind}{numbers[slot.kind]}"
            tracks.append(track)
            length = round(_get_length(slot.part) * self._rate / slot.rate)
            lengths.append(length)
            place = _Place(start, start + length, slot.rate)
            labels = (slot.name,) if slot.name else ()
            events.extend(replace(event, labels=labels) for event in self._read_part(slot.part, track, place))
        return Cut(
            format=self.format,
            name=mob.name,
            clock=clock,
            rate_from="file",
            start=labelled_start,
            end=start + max(lengths),
            events=sort_events(events),
            tracks=tuple(tracks),
            not_read=dict(self.not_read),
        )

    def _read_part(self, part: Part, track: str, place: _Place) -> Iterator[Event]:
        """Every source that a part shows at its place."""
        if isinstance(part, PartSequence):
            self._parts += len(part.parts)
        else:
            self._parts += 1
        if self._parts > _MOST_PARTS:
            self.not_read["part beyond the limit"] += 1
        elif place.depth > _DEPTH:
            self.not_read["part that is nested too deeply"] += 1
        elif isinstance(part, PartSequence):
            yield from self._read_sequence(part, track, place)
        elif isinstance(part, Layers):
            yield from self._read_layers(part, track, place)
        elif isinstance(part, Clip):
            yield from self._read_clip(part, track, place)

    def _read_sequence(self, sequence: PartSequence, track: str, place: _Place) -> Iterator[Event]:
        scale = self._scale(sequence, place)
        transitions = []
        events: list[Event] = []
        at = 0
        for index, part in enumerate(sequence.parts):
            if isinstance(part, PartTransition):
                at -= part.length
                transitions.append(
                    Transition(
                        track,
                        start=self._to_record(place, at, scale),
                        edit_point=self._to_record(place, at + part.cut_point, scale),
                        end=self._to_record(place, at + part.length, scale),
                    )
                )
                continue
            length = _get_length(part)
            # A clip begins at the edit point of the transition before it, and ends at that of the one after it.
            head, tail = _measure_handles(sequence.parts, index)
            begin = at + head
            record_in = max(place.record_in, self._to_record(place, begin, scale))
            record_out = min(place.record_out, self._to_record(place, at + length - tail, scale))
            if record_in < record_out:
                offset = max(Fraction(begin), self._to_unit(place, record_in, scale)) - at
                shown = replace(place, record_in=record_in, record_out=record_out, offset=offset, depth=place.depth + 1)
                events.extend(self._read_part(part, track, shown))
            at += length
        yield from add_handles(events, transitions, first=place.record_in)

    def _scale(self, sequence: PartSequence, place: _Place) -> Fraction:
        """Record frames for one edit unit of a sequence."""
        if place.speed and place.speed > 0:
            return self._rate / place.rate / place.speed
        # A freeze, backwards, or a speed that varies: the whole sequence fills the whole place.
        return Fraction(place.record_out - place.record_in, max(1, _get_length(sequence)))

    def _to_record(self, place: _Place, unit: Fraction | int, scale: Fraction) -> int:
        return place.record_in + round((unit - place.offset) * scale)

    def _to_unit(self, place: _Place, record: int, scale: Fraction) -> Fraction:
        return place.offset + (record - place.record_in) / scale

    def _read_layers(self, layers: Layers, track: str, place: _Place) -> Iterator[Event]:
        if not layers.inputs:
            yield self._make_title(layers.name, track, place)
            return
        speed = None
        if layers.speed is not None and place.speed is not None:
            speed = bound_speed(place.speed * layers.speed)
        # What a transition hides of an effect hides as many times more of its input as this is faster.
        offset = place.offset * abs(layers.speed or Fraction(1))
        inner = replace(place, speed=speed, offset=offset, depth=place.depth + 1)
        for part in layers.inputs:
            yield from self._read_part(part, track, inner)

    def _make_title(self, name: str, track: str, place: _Place) -> Event:
        """An effect without a source: a title or a generator."""
        self._count += 1
        return Event(
            track=track,
            record_in=place.record_in,
            record_out=place.record_out,
            source=SourceNames(shown=name or "effect"),
            is_made_here=True,
            via=place.via,
        )

    def _read_clip(self, clip: Clip, track: str, place: _Place) -> Iterator[Event]:
        mob = self.mobs.get(clip.mob_id)
        if mob is None and not clip.mob_id.strip("0"):
            return  # Refers to nothing: black.
        if self._count >= _MOST_EVENTS:
            self.not_read["event beyond the limit"] += 1
            return
        if mob is not None and mob.kind is MobKind.COMPOSITION:
            yield from self._read_nested(mob, clip, track, place)
            return
        self._count += 1
        names, used = self._follow(clip, place)
        yield Event(
            track=track,
            record_in=place.record_in,
            record_out=place.record_out,
            source=names,
            used=used,
            speed=place.speed,
            via=place.via,
        )

    def _read_nested(self, mob: Mob, clip: Clip, track: str, place: _Place) -> Iterator[Event]:
        slot = mob.find_slot(clip.slot_id)
        if slot is None or len(place.via) >= _CHAIN:
            self.not_read["sequence that contains itself or is nested too deeply"] += 1
            return
        inner = replace(
            place,
            rate=slot.rate,
            offset=(place.offset + clip.start) * slot.rate / place.rate,
            via=(*place.via, mob.name),
            depth=place.depth + 1,
        )
        yield from self._read_part(slot.part, track, inner)

    # Down the chain of mobs

    def _follow(self, clip: Clip, place: _Place) -> tuple[SourceNames, SourceRange | None]:
        """Everything that the mobs below a clip say about its source, and the timecode that is used of it."""
        clip_names: list[str] = []
        umids: list[str] = []
        references: list[str] = []
        reels: list[str] = []
        used: SourceRange | None = None
        rate, unit = place.rate, place.offset + clip.start
        reference: Clip | None = clip
        for _ in range(_CHAIN):
            if reference is None:
                break
            mob = self.mobs.get(reference.mob_id)
            if mob is None:
                break  # The file refers to a mob that it does not hold: the source has no more names.
            umids.append(mob.id)
            references.extend(mob.locators)
            if mob.kind is MobKind.TAPE:
                reels.append(mob.name)
            elif mob.name:
                clip_names.append(mob.name)
            slot = mob.find_slot(reference.slot_id)
            if slot is None:
                break
            unit = unit * slot.rate / rate
            rate = slot.rate
            used = _read_label(mob, unit, slot.rate, place, self._rate) or used
            reference, skipped = _find_clip(slot.part, unit)
            if reference is not None:
                unit = unit - skipped + reference.start
        return name_source(clips=clip_names, references=references, reels=reels, umids=umids), used


def find_compositions(mobs: Mapping[str, Mob], top_ids: Sequence[str]) -> list[Mob]:
    """The cuts of a file: those it calls top-level, else the compositions that no other one shows."""
    top = [mobs[mob_id] for mob_id in top_ids if mob_id in mobs]
    if top:
        return top
    compositions = []
    shown: set[str] = set()
    for mob in mobs.values():
        if mob.kind is MobKind.COMPOSITION:
            compositions.append(mob)
            for slot in mob.slots:
                shown.update(_list_mob_ids(slot.part))
    # Where two show each other, which only a damaged file does, none is the outer one.
    outer = [mob for mob in compositions if mob.id not in shown]
    return outer or compositions


def _list_mob_ids(part: Part) -> Iterator[str]:
    pending: list[Part] = [part]
    while pending:
        item = pending.pop()
        if isinstance(item, Clip):
            yield item.mob_id
        elif isinstance(item, PartSequence):
            pending.extend(item.parts)
        elif isinstance(item, Layers):
            pending.extend(item.inputs)


def _get_length(part: Part) -> int:
    """Edit units that a part takes in its sequence."""
    if not isinstance(part, PartSequence):
        return part.length
    length = 0
    for item in part.parts:
        if isinstance(item, PartTransition):
            length -= item.length
        else:
            length += _get_length(item)
    return max(0, length)


def _find_timecode(slots: Sequence[Slot]) -> tuple[Slot, Label] | None:
    """The timecode of a mob: of its physical track 1, else the first."""
    first = None
    for slot in slots:
        label = _find_label(slot.part)
        if label is None:
            continue
        if slot.number == 1:
            return slot, label
        if first is None:
            first = (slot, label)
    return first


def _find_label(part: Part) -> Label | None:
    if isinstance(part, PartSequence) and part.parts:
        part = part.parts[0]
    if isinstance(part, Label):
        return part
    return None


def _choose_rate(slots: Sequence[Slot], timecode: tuple[Slot, Label] | None) -> Fraction:
    """The rate of a cut: that of its picture, else of its timecode. Edit units of sound may be samples."""
    for slot in slots:
        if slot.kind == "V":
            return slot.rate
    if timecode:
        return timecode[0].rate
    if slots:
        return slots[0].rate
    return Fraction(24)


def _measure_handles(parts: Sequence[Part], index: int) -> tuple[int, int]:
    """Edit units of a part before the edit point at its head, and after that at its tail; 0 without a transition."""
    head = tail = 0
    if index > 0:
        before = parts[index - 1]
        if isinstance(before, PartTransition):
            head = before.cut_point
    if index + 1 < len(parts):
        after = parts[index + 1]
        if isinstance(after, PartTransition):
            tail = after.length - after.cut_point
    return head, tail


def _read_label(mob: Mob, unit: Fraction, rate: Fraction, place: _Place, record_rate: Fraction) -> SourceRange | None:
    """The timecode of a mob at an edit unit, for as long as the place shows it."""
    timecode = _find_timecode(mob.slots)
    if timecode is None:
        return None
    label = timecode[1]
    # A label that counts 24 to the second of a 23.976 slot counts its edit units; other bases are converted.
    clock_rate = rate
    if label.base != round(rate):
        clock_rate = Fraction(label.base)
    frames_a_unit = clock_rate / rate
    clock = Clock(clock_rate)
    clock = replace(clock, drop=label.drop and clock.has_drop)
    start = label.start + round(unit * frames_a_unit)
    if start < 0:
        return None
    length = (place.record_out - place.record_in) * clock_rate / record_rate
    if place.speed is not None:
        length *= abs(place.speed)
    return SourceRange(start, start + round(length), clock)


def _find_clip(part: Part, unit: Fraction) -> tuple[Clip | None, Fraction]:
    """The clip of a part that is at an edit unit, and the unit at which it begins."""
    begin = Fraction(0)
    for _ in range(_DEPTH):
        if isinstance(part, Clip):
            return part, begin
        if isinstance(part, Layers) and part.inputs:
            part = part.inputs[0]
        elif isinstance(part, PartSequence):
            found = _find_in_sequence(part, unit - begin)
            if found is None:
                return None, begin
            part, skipped = found
            begin += skipped
        else:
            return None, begin
    return None, begin


def _find_in_sequence(sequence: PartSequence, unit: Fraction) -> tuple[Part, int] | None:
    at = 0
    last: tuple[Part, int] | None = None
    for part in sequence.parts:
        if isinstance(part, PartTransition):
            at -= part.length
            continue
        last = (part, at)
        at += _get_length(part)
        if unit < at:
            return last
    return last
