"""Final Cut Pro 7 XML, which Premiere and Resolve write too.

Apple: Final Cut Pro XML Interchange Format, version 5. Times are frames: `start` and `end` from the beginning of the
sequence, `in` and `out` from the first frame of the file. A `start` or `end` of -1 lies in the transition beside it.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import ClassVar
from xml.etree.ElementTree import Element

from provenance.media.source import Source
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause
from provenance.timecode import Clock
from provenance.timeline.interface import (
    Cut,
    CutOptions,
    CutReader,
    Event,
    SourceNames,
    SourceRange,
    find_end,
    sort_events,
)
from provenance.timeline.names import name_source
from provenance.timeline.nesting import Placement, place_events
from provenance.timeline.transitions import Transition, add_handles
from provenance.timeline.xml_tree import find_child, find_children, get_local_name, get_text, has_root, parse_xml

_NESTING = 20
"""Sequences within sequences."""
_MOST_EVENTS = 200_000
"""Of one cut, nested ones counted each time they are shown."""
_HIGHEST_RATE = 1_000
_DEFAULT_CLOCK = Clock(Fraction(24))
_PERCENT = re.compile(r"[+-]?\d{1,6}(\.\d{1,9})?")
_BLACK = {"slug", "black", "black video"}


class Xmeml(CutReader):
    """Sequences of `xmeml` documents, nested ones as what they show."""

    name = "xmeml"
    title = "Final Cut Pro 7 XML"
    suffixes: ClassVar[tuple[str, ...]] = (".xml",)

    def accepts(self, source: Source) -> bool:
        """By its root element."""
        return has_root(source, "xmeml")

    def read(self, source: Source, options: CutOptions) -> Iterator[Cut | Trouble]:
        """Yield every sequence that stands for itself."""
        document = _Document(parse_xml(source), options)
        sequences = list(document.find_outer_sequences())
        if not sequences:
            yield Trouble("", self.name, Cause.MALFORMED, "contains no sequence")
        for sequence in sequences:
            yield document.make_cut(sequence)


@dataclass(slots=True)
class _Document:
    """One file with the elements that others refer to by their id."""

    root: Element
    options: CutOptions
    _files: dict[str, Element] = field(default_factory=dict)
    _sequences: dict[str, Element] = field(default_factory=dict)
    _inner: dict[int, list[Event]] = field(default_factory=dict)
    """Events of the nested sequences that were read, by element."""
    _not_read: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        for element in self.root.iter():
            name = get_local_name(element)
            # The first mention has the content; later ones are empty and refer to it.
            if name == "file" and len(element):
                self._files.setdefault(element.get("id", ""), element)
            elif name == "sequence" and len(element):
                self._sequences.setdefault(element.get("id", ""), element)

    def find_outer_sequences(self) -> Iterator[Element]:
        """Sequences that stand in a project, a bin or the document itself; a nested one is shown by its outer one."""
        pending = deque([self.root])
        while pending:
            element = pending.popleft()
            for child in element:
                name = get_local_name(child)
                if name == "sequence":
                    if len(child):
                        yield child
                elif name != "clip":
                    pending.append(child)

    def make_cut(self, sequence: Element) -> Cut:
        """The cut of one sequence."""
        self._not_read = Counter()
        clock, rate_from = self.options.settle_clock(None)
        own_clock = _read_clock(sequence)
        if own_clock:
            clock, rate_from = own_clock, "file"
        start = _read_start(sequence)
        events = list(_shift(self._read_sequence(sequence, ()), start))
        duration = _read_frame(get_text(sequence, "duration")) or 0
        return Cut(
            format="xmeml",
            name=get_text(sequence, "name"),
            clock=clock,
            rate_from=rate_from,
            start=start,
            end=find_end(events, start + duration),
            events=sort_events(events),
            tracks=tuple(name for name, _ in _list_tracks(sequence)),
            not_read=dict(self._not_read),
        )

    def _read_sequence(self, sequence: Element, outer: tuple[int, ...]) -> list[Event]:
        """Events in frames from the beginning of the sequence. `outer`: sequences that are being read already."""
        if id(sequence) in outer or len(outer) >= _NESTING:
            self._not_read["sequence that contains itself or is nested too deeply"] += 1
            return []
        key = id(sequence)
        if key not in self._inner:
            clock = _read_clock(sequence) or self.options.settle_clock(None)[0]
            events: list[Event] = []
            for name, track in _list_tracks(sequence):
                for event in self._read_track(name, track, clock, (*outer, key)):
                    if len(events) >= _MOST_EVENTS:
                        self._not_read["event beyond the limit"] += 1
                        return self._keep(key, events)
                    events.append(event)
            self._keep(key, events)
        return self._inner[key]

    def _keep(self, key: int, events: list[Event]) -> list[Event]:
        self._inner[key] = events
        return events

    def _read_track(self, name: str, track: Element, clock: Clock, outer: tuple[int, ...]) -> Iterator[Event]:
        items = [child for child in track if get_local_name(child).endswith("item")]
        transitions = []
        for item in items:
            if get_local_name(item) == "transitionitem":
                transition = _read_transition(item, name)
                if transition:
                    transitions.append(transition)
        yield from add_handles(self._read_items(name, track, items, clock, outer), transitions)

    def _read_items(
        self, name: str, track: Element, items: list[Element], clock: Clock, outer: tuple[int, ...]
    ) -> Iterator[Event]:
        is_track_enabled = get_text(track, "enabled").upper() != "FALSE"
        for index, item in enumerate(items):
            if get_local_name(item) == "transitionitem":
                continue
            times = _find_record_times(items, index)
            if times is None:
                self._not_read["clip without a place in the sequence"] += 1
                continue
            enabled = is_track_enabled and get_text(item, "enabled").upper() != "FALSE"
            hidden = _count_hidden_frames(items, index, times)
            placed = _Item(item, name, *times, hidden, clock, enabled, _read_speed(item))
            nested = find_child(item, "sequence")
            if nested is not None:
                yield from self._place_nested(placed, self._sequences.get(nested.get("id", ""), nested), outer)
            elif find_child(item, "multiclip") is not None:
                yield from self._show_angle(placed)
            else:
                yield from self._make_event(placed)

    def _place_nested(self, item: _Item, inner: Element, outer: tuple[int, ...]) -> Iterator[Event]:
        yield item.make_container()
        speed = item.speed
        if speed is None or speed <= 0:
            self._not_read["place in a sequence of varying or reversed speed: about right only"] += 1
            speed = Fraction(1)
        placement = Placement(
            item.track,
            item.name or get_text(inner, "name"),
            item.record_in,
            item.record_out,
            inner_in=round(item.first * speed),
            inner_rate=(_read_clock(inner) or item.clock).rate,
            outer_rate=item.clock.rate,
            enabled=item.enabled,
            speed=speed,
        )
        yield from place_events(self._read_sequence(inner, outer), placement)

    def _show_angle(self, item: _Item) -> Iterator[Event]:
        """The angle of a multiclip that is switched to. When its source was shot, the multiclip does not say."""
        yield item.make_container()
        angle = _find_active_angle(item)
        if angle is None:
            return
        clip = find_child(angle, "clip")
        file = self._find_file(next(angle.iter("file"), None))
        if clip is not None and file is not None:
            yield replace(item.make_event(_name_source(clip, file)), via=(item.name,))

    def _find_file(self, element: Element | None) -> Element | None:
        """The file element with the content, which stands where the file is mentioned first."""
        if element is None:
            return None
        return self._files.get(element.get("id", ""), element)

    def _make_event(self, item: _Item) -> Iterator[Event]:
        element = item.element
        file = self._find_file(find_child(element, "file"))
        is_generator = get_local_name(element) == "generatoritem"
        is_made_here = is_generator or (file is None and find_child(element, "effect") is not None)
        if is_made_here and item.name.lower() in _BLACK:
            return
        event = item.make_event(_name_source(element, file))
        if is_made_here:
            yield replace(event, is_made_here=True)
        else:
            yield replace(event, used=_read_used(item, file))


@dataclass(frozen=True, slots=True)
class _Item:
    """One clip on a track."""

    element: Element
    track: str
    record_in: int
    """Frames from the beginning of the sequence."""
    record_out: int
    hidden: int
    """Frames from its `in` to its edit point, which a transition covers."""
    clock: Clock
    """Of the sequence."""
    enabled: bool
    speed: Fraction | None

    @property
    def name(self) -> str:
        """As the editor sees it."""
        return get_text(self.element, "name")

    @property
    def first(self) -> int:
        """The frame of the clip that is shown at the edit point; where a clip is retimed, of the retimed clip."""
        return max(0, _read_frame(get_text(self.element, "in")) or 0) + self.hidden

    def make_event(self, source: SourceNames) -> Event:
        """An event for the whole of it."""
        return Event(
            track=self.track,
            record_in=self.record_in,
            record_out=self.record_out,
            source=source,
            number=self.element.get("id"),
            speed=self.speed,
            enabled=self.enabled,
            labels=tuple(self._read_markers()),
        )

    def _read_markers(self) -> Iterator[str]:
        for marker in find_children(self.element, "marker"):
            yield from filter(None, (get_text(marker, "name"), get_text(marker, "comment")))

    def make_container(self) -> Event:
        """A row for a nested sequence or multiclip itself, above the rows of what it shows."""
        event = self.make_event(SourceNames(shown=self.name, clip_names=(self.name,)))
        return replace(event, number=None, speed=None, is_made_here=True)


def _shift(events: Iterable[Event], frames: int) -> Iterator[Event]:
    """The events that many frames later."""
    for event in events:
        yield replace(event, record_in=event.record_in + frames, record_out=event.record_out + frames)


def _find_active_angle(item: _Item) -> Element | None:
    """The angle that a multiclip is switched to, for picture or for sound; the first where it does not say."""
    wanted = "activeaudioangle"
    if item.track.startswith("V"):
        wanted = "activevideoangle"
    angles = list(find_children(find_child(item.element, "multiclip"), "angle"))
    for angle in angles:
        if get_text(angle, wanted).upper() == "TRUE":
            return angle
    return next(iter(angles), None)


def _list_tracks(sequence: Element) -> Iterator[tuple[str, Element]]:
    media = find_child(sequence, "media")
    for kind, letter in (("video", "V"), ("audio", "A")):
        for number, track in enumerate(find_children(find_child(media, kind), "track"), 1):
            yield f"{letter}{number}", track


def _read_transition(item: Element, track: str) -> Transition | None:
    start, end = _read_frame(get_text(item, "start")), _read_frame(get_text(item, "end"))
    if start is None or end is None or not 0 <= start < end:
        return None
    alignment = get_text(item, "alignment").lower()
    edit_point = (start + end) // 2
    if alignment.startswith("start"):
        edit_point = start
    elif alignment.startswith("end"):
        edit_point = end
    return Transition(track, start, edit_point, end)


def _find_transition(items: list[Element], index: int) -> Transition | None:
    """The transition at that place of the track, if there is one."""
    if not 0 <= index < len(items) or get_local_name(items[index]) != "transitionitem":
        return None
    return _read_transition(items[index], "")


def _find_record_times(items: list[Element], index: int) -> tuple[int, int] | None:
    """Start and end of an item in the sequence; an edge of -1 is the edit point of the transition there."""
    start = _read_frame(get_text(items[index], "start"))
    end = _read_frame(get_text(items[index], "end"))
    if start == -1:
        before = _find_transition(items, index - 1)
        start = before.edit_point if before else None
    if end == -1:
        after = _find_transition(items, index + 1)
        end = after.edit_point if after else None
    if start is None or end is None or not 0 <= start < end:
        return None
    return start, end


def _read_clock(element: Element | None) -> Clock | None:
    """`timebase` 30 with `ntsc` TRUE is 29.97; drop-frame as the timecode is displayed. None without a time base."""
    rate = find_child(element, "rate")
    if rate is None:
        rate = find_child(element, "timecode", "rate")
    base = _read_frame(get_text(rate, "timebase")) or 0
    if not 0 < base <= _HIGHEST_RATE:
        return None
    is_ntsc = get_text(rate, "ntsc").upper() == "TRUE"
    clock = Clock(Fraction(base))
    if is_ntsc:
        clock = Clock(Fraction(base * 1000, 1001))
    is_drop = get_text(element, "timecode", "displayformat").upper() == "DF" and clock.has_drop
    return replace(clock, drop=is_drop)


def _read_start(sequence: Element) -> int:
    """The timecode of the first frame. `frame` is the truth, `string` a courtesy."""
    timecode = find_child(sequence, "timecode")
    frame = _read_frame(get_text(timecode, "frame"))
    if frame is None:
        frame = (_read_clock(sequence) or _DEFAULT_CLOCK).read(get_text(timecode, "string"))
    return frame or 0


def _read_frame(text: str) -> int | None:
    """A number of frames; some programs write `0.0`. None for anything else."""
    match = re.fullmatch(r"(-?\d{1,12})(\.\d{0,9})?", text)
    if match is None:
        return None
    return round(float(match[0]))


def _count_hidden_frames(items: list[Element], index: int, times: tuple[int, int]) -> int:
    """Frames between `in` and the edit point: where `start` is -1, `in` is the frame at the transition's start."""
    if _read_frame(get_text(items[index], "start")) != -1:
        return 0
    before = _find_transition(items, index - 1)
    if before is None:
        return 0
    return times[0] - before.start


def _read_used(item: _Item, file: Element | None) -> SourceRange | None:
    """The part of the file; None where `in` is missing, or where a speed leaves open which part it is.

    `in` counts frames of the sequence, also when the file has another rate: so Premiere and Resolve read and write it.
    """
    written = _read_frame(get_text(item.element, "in"))
    if written is None or written < 0 or item.speed is None or item.speed <= 0:
        return None
    clock = replace(item.clock, drop=False)
    if find_child(file, "rate") is not None or find_child(file, "timecode") is not None:
        clock = _read_clock(file) or clock
    frames = item.speed * clock.rate / _find_grid(item, clock).rate
    start = round(item.first * frames)
    length = round((item.record_out - item.record_in) * item.speed * clock.rate / item.clock.rate)
    first = _read_frame(get_text(file, "timecode", "frame"))
    if first is None:
        first = clock.read(get_text(file, "timecode", "string"))
    if first is None:
        return SourceRange(start, start + length, clock, is_relative=True)
    return SourceRange(first + start, first + start + length, clock)


def _find_grid(item: _Item, clock: Clock) -> Clock:
    """The clock by which `in` and `out` are written: that of the sequence, unless only that of the file fits."""
    start, end = _read_frame(get_text(item.element, "in")) or 0, _read_frame(get_text(item.element, "out")) or 0
    length = item.record_out - item.record_in
    if item.hidden or item.speed != 1:
        return item.clock
    if abs((end - start) * item.clock.rate / clock.rate - length) < abs(end - start - length):
        return clock
    return item.clock


def _read_speed(item: Element) -> Fraction | None:
    """The speed of a time remap filter, 1 without one, None for one that varies."""
    for filter_ in find_children(item, "filter"):
        effect = find_child(filter_, "effect")
        if get_text(effect, "effectid").lower() != "timeremap":
            continue
        values: dict[str, str] = {}
        for parameter in find_children(effect, "parameter"):
            name = get_text(parameter, "parameterid").lower()
            values[name] = get_text(parameter, "value")
        if values.get("variablespeed", "0").upper() not in ("0", "FALSE", ""):
            return None
        if not _PERCENT.fullmatch(values.get("speed", "100")):
            return None
        speed = Fraction(values.get("speed", "100")) / 100
        if values.get("reverse", "").upper() == "TRUE":
            # Some write a reversed clip with a negative speed as well.
            return -abs(speed)
        return speed
    return Fraction(1)


def _name_source(item: Element, file: Element | None) -> SourceNames:
    return name_source(
        clips=(get_text(item, "name"), get_text(item, "subclipinfo", "name")),
        files=(get_text(file, "name"),),
        references=(get_text(file, "pathurl"),),
        reels=(
            get_text(file, "timecode", "reel", "name"),
            get_text(item, "logginginfo", "originalvideofilename"),
        ),
    )
