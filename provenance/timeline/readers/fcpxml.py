"""Final Cut Pro XML: one magnetic storyline with clips connected to it, times in exact seconds.

Apple: FCPXML Reference, versions 1.8 to 1.13. Every element has a local time that begins at its `start`; `offset` is
where it stands in the local time of what it is in. So an element that stands at record time `r` shows a child of offset
`o` at `r + (o - start)`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import ClassVar
from xml.etree.ElementTree import Element

from provenance.media.source import Source
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause
from provenance.timecode import Clock
from provenance.timeline.interface import Cut, CutOptions, CutReader, Event, SourceNames, SourceRange
from provenance.timeline.names import get_file_name, read_reference
from provenance.timeline.transitions import Transition, add_handles
from provenance.timeline.xml_tree import find_child, find_children, get_local_name, parse_xml

_ZERO = Fraction(0)
_NESTING = 20
"""Compound clips within compound clips."""
_MOST_EVENTS = 1_000_000
"""Of one cut, nested ones counted each time they are shown."""
_STORY = frozenset(
    {"asset-clip", "clip", "video", "audio", "title", "ref-clip", "sync-clip", "mc-clip", "gap", "audition", "spine"}
)
"""Elements that stand somewhere in time."""
_DEFAULT_RATE = Fraction(24)


class Fcpxml(CutReader):
    """Projects of `fcpxml` documents; compound and multicam clips as what they show."""

    name = "fcpxml"
    title = "Final Cut Pro XML"
    suffixes: ClassVar[tuple[str, ...]] = (".fcpxml",)

    def accepts(self, source: Source) -> bool:
        """By its root element."""
        return b"<fcpxml" in source.at(0, 4_096)

    def read(self, source: Source, options: CutOptions) -> Iterator[Cut | Trouble]:
        """Yield every project of the document."""
        del options  # The format always says its rate.
        document = _Document(parse_xml(source))
        sequences = list(document.find_projects())
        if not sequences:
            yield Trouble("", self.name, Cause.UNSUPPORTED, "contains clips, but no project: there is no cut in it")
        for name, sequence in sequences:
            yield document.make_cut(name, sequence)


@dataclass(frozen=True, slots=True)
class _Window:
    """Where the local time of an element stands in the cut, and how much of it is shown. Seconds."""

    shift: Fraction
    """Added to local time gives record time."""
    begin: Fraction
    """In record time; nothing before is shown."""
    end: Fraction
    lane: int = 0
    enabled: bool = True
    via: tuple[str, ...] = ()
    """Compound clips on the way down, the outermost first."""
    has_video: bool = True
    has_audio: bool = True


@dataclass(slots=True)
class _Document:
    """One file with the resources that its clips refer to."""

    root: Element
    _resources: dict[str, Element] = field(default_factory=dict)
    _not_read: Counter[str] = field(default_factory=Counter)
    _rate: Fraction = _DEFAULT_RATE
    """Of the cut that is being read."""
    _count: int = 0

    def __post_init__(self) -> None:
        for element in find_child(self.root, "resources") or ():
            self._resources.setdefault(element.get("id", ""), element)

    def find_projects(self) -> Iterator[tuple[str, Element]]:
        """Name and sequence of every project, in a library, an event or the document itself."""
        for project in self.root.iter():
            if get_local_name(project) == "project":
                sequence = find_child(project, "sequence")
                if sequence is not None:
                    yield project.get("name", ""), sequence

    def make_cut(self, name: str, sequence: Element) -> Cut:
        """The cut of one project."""
        self._not_read = Counter()
        self._count = 0
        self._rate = self._read_rate(sequence) or _DEFAULT_RATE
        clock = Clock(self._rate)
        clock = replace(clock, drop=sequence.get("tcFormat") == "DF" and clock.has_drop)
        start = _read_seconds(sequence.get("tcStart")) or _ZERO
        spine = find_child(sequence, "spine")
        length = _read_seconds(sequence.get("duration"))
        end = Fraction(10**9) if length is None else start + length
        events: list[Event] = []
        if spine is not None:
            events.extend(self._read_spine(spine, _Window(_ZERO, start, Fraction(10**9)), start))
        last = max((event.record_out for event in events), default=round(start * self._rate))
        return Cut(
            format="fcpxml",
            name=name,
            clock=clock,
            rate_from="file",
            start=round(start * self._rate),
            end=last if length is None else max(last, round(end * self._rate)),
            events=tuple(sorted(events, key=lambda event: (event.record_in, event.track))),
            tracks=tuple(sorted({event.track for event in events})),
            not_read=dict(self._not_read),
        )

    # Elements in time

    def _read_spine(self, spine: Element, window: _Window, at: Fraction = _ZERO) -> Iterator[Event]:
        """Elements one after the other; `at` is the local time of the first that does not say its own."""
        transitions = []
        events: list[Event] = []
        for child in spine:
            name = get_local_name(child)
            offset = _read_seconds(child.get("offset"))
            if name == "transition":
                transitions.append(self._read_transition(child, at, window))
            elif name in _STORY:
                at = at if offset is None else offset
                events.extend(self._read_element(child, at, window))
                at += self._find_duration(child)
        yield from add_handles(events, transitions, first=round(window.begin * self._rate))

    def _read_transition(self, element: Element, edit_point: Fraction, window: _Window) -> Transition:
        """A transition lies over the end of the element before it, at local time `edit_point`."""
        length = _read_seconds(element.get("duration")) or _ZERO
        begin = _read_seconds(element.get("offset"))
        if begin is None:
            begin = edit_point - length / 2
        edges = (begin, edit_point, begin + length)
        start, middle, end = (round((edge + window.shift) * self._rate) for edge in edges)
        return Transition(f"V{window.lane + 1}", start, middle, end)

    def _read_element(self, element: Element, offset: Fraction, outer: _Window) -> Iterator[Event]:
        """What an element shows, and what is connected to it. `offset`: its place in the outer local time."""
        name = get_local_name(element)
        if name == "audition":
            # The first is the one that plays.
            active = next((child for child in element if get_local_name(child) in _STORY), None)
            if active is not None:
                yield from self._read_element(active, offset, outer)
            return
        record = outer.shift + offset
        if name == "spine":
            yield from self._read_spine(element, replace(outer, shift=record))
            return
        start = self._find_start(element)
        lane = outer.lane + _read_lane(element)
        enabled = outer.enabled and element.get("enabled") != "0"
        shown = replace(
            outer,
            shift=record - start,
            begin=max(outer.begin, record),
            end=min(outer.end, record + self._find_duration(element)),
            lane=lane,
            enabled=enabled,
        )
        if shown.begin < shown.end:
            yield from self._read_content(element, name, shown)
        for child in element:
            # Connected clips may be longer than what they are connected to.
            if get_local_name(child) in _STORY and _read_lane(child):
                connected = replace(outer, shift=record - start, lane=outer.lane)
                yield from self._read_element(child, _read_seconds(child.get("offset")) or _ZERO, connected)

    def _read_content(self, element: Element, name: str, window: _Window) -> Iterator[Event]:
        """What the element itself shows within the window."""
        if name in ("asset-clip", "video", "audio", "title"):
            yield from self._make_events(element, name, window)
        elif name in ("clip", "sync-clip"):
            contained = [child for child in element if get_local_name(child) in _STORY and not _read_lane(child)]
            for child in contained:
                yield from self._read_element(child, _read_seconds(child.get("offset")) or _ZERO, window)
        elif name == "ref-clip":
            sequence = find_child(self._resources.get(element.get("ref", "")), "sequence")
            yield from self._make_container(element, window)
            yield from self._read_compound(element, sequence, window)
        elif name == "mc-clip":
            yield from self._make_container(element, window)
            yield from self._read_multicam(element, window)

    def _read_compound(self, element: Element, sequence: Element | None, window: _Window) -> Iterator[Event]:
        spine = find_child(sequence, "spine")
        if sequence is None or spine is None:
            self._not_read["compound clip whose content is not in the file"] += 1
            return
        if len(window.via) >= _NESTING:
            self._not_read["compound clip that contains itself or is nested too deeply"] += 1
            return
        inner = replace(window, via=(*window.via, element.get("name") or "compound clip"))
        yield from self._read_spine(spine, inner, _read_seconds(sequence.get("tcStart")) or _ZERO)

    def _read_multicam(self, element: Element, window: _Window) -> Iterator[Event]:
        """The angles that the clip shows and lets be heard; the first where it does not say."""
        multicam = find_child(self._resources.get(element.get("ref", "")), "multicam")
        angles = list(find_children(multicam, "mc-angle"))
        if not angles or len(window.via) >= _NESTING:
            self._not_read["multicam clip whose angles are not in the file"] += 1
            return
        chosen = [
            (source.get("angleID"), source.get("srcEnable", "all")) for source in find_children(element, "mc-source")
        ]
        if not chosen:
            chosen = [(angles[0].get("angleID"), "all")]
        for angle_id, enabled in chosen:
            angle = next((angle for angle in angles if angle.get("angleID") == angle_id), None)
            if angle is None or enabled == "none":
                continue
            inner = replace(
                window,
                via=(*window.via, f"{element.get('name') or 'multicam clip'}, angle {angle.get('name', '')}".strip()),
                has_video=window.has_video and enabled in ("all", "video"),
                has_audio=window.has_audio and enabled in ("all", "audio"),
            )
            yield from self._read_spine(angle, inner)

    # Events

    def _make_events(self, element: Element, name: str, window: _Window) -> Iterator[Event]:
        """One event for the picture and one for the sound, as far as the source has them and they are switched on."""
        record_in, record_out = (round(edge * self._rate) for edge in (window.begin, window.end))
        if record_in >= record_out:
            return
        if self._count >= _MOST_EVENTS:
            self._not_read["event beyond the limit"] += 1
            return
        resource = self._resources.get(element.get("ref", ""))
        is_made_here = name == "title" or (resource is not None and get_local_name(resource) == "effect")
        event = Event(
            track="",
            record_in=record_in,
            record_out=record_out,
            source=_name_source(element, resource),
            used=None if is_made_here else self._read_used(element, resource, window),
            speed=_read_speed(element),
            enabled=window.enabled,
            is_made_here=is_made_here,
            via=window.via,
        )
        for track in _list_tracks(element, name, resource, window):
            self._count += 1
            yield replace(event, track=track)

    def _make_container(self, element: Element, window: _Window) -> Iterator[Event]:
        """A row for a compound or multicam clip itself, above the rows of what it shows."""
        record_in, record_out = (round(edge * self._rate) for edge in (window.begin, window.end))
        if record_in < record_out and window.has_video:
            name = element.get("name", "")
            yield Event(
                track=f"V{window.lane + 1}",
                record_in=record_in,
                record_out=record_out,
                source=SourceNames(shown=name, clip_names=(name,)),
                enabled=window.enabled,
                is_made_here=True,
                via=window.via,
            )

    def _read_used(self, element: Element, resource: Element | None, window: _Window) -> SourceRange | None:
        rate = (None if resource is None else self._read_rate(resource)) or self._rate
        clock = Clock(rate)
        clock = replace(clock, drop=element.get("tcFormat") == "DF" and clock.has_drop)
        speed = _read_speed(element)
        # Local time of an element that refers to an asset is the time of the asset.
        start = window.begin - window.shift
        length = (window.end - window.begin) * (1 if speed is None else abs(speed))
        if start < 0:
            return None
        first = round(start * rate)
        return SourceRange(first, first + round(length * rate), clock)

    # Times

    def _read_rate(self, element: Element) -> Fraction | None:
        """Frames a second of the format that a sequence or an asset names."""
        form = self._resources.get(element.get("format", ""))
        duration = None if form is None else _read_seconds(form.get("frameDuration"))
        if not duration or duration < 0:
            return None
        rate = 1 / duration
        return rate if rate <= 1_000 else None

    def _find_start(self, element: Element) -> Fraction:
        """The local time at which an element begins; where it does not say, its content's own beginning."""
        start = _read_seconds(element.get("start"))
        if start is not None:
            return start
        name = get_local_name(element)
        resource = self._resources.get(element.get("ref", ""))
        if name == "ref-clip":
            return _read_seconds(_get(find_child(resource, "sequence"), "tcStart")) or _ZERO
        if name == "mc-clip":
            return _read_seconds(_get(find_child(resource, "multicam"), "tcStart")) or _ZERO
        if name in ("asset-clip", "video", "audio"):
            return _read_seconds(_get(resource, "start")) or _ZERO
        return _ZERO

    def _find_duration(self, element: Element) -> Fraction:
        """Its own duration, else that of its content."""
        duration = _read_seconds(element.get("duration"))
        if duration is not None:
            return max(duration, _ZERO)
        if get_local_name(element) == "audition":
            active = next((child for child in element if get_local_name(child) in _STORY), None)
            return _ZERO if active is None else self._find_duration(active)
        resource = self._resources.get(element.get("ref", ""))
        for holder in (resource, find_child(resource, "sequence")):
            duration = _read_seconds(_get(holder, "duration"))
            if duration is not None:
                return max(duration, _ZERO)
        return _ZERO


def _get(element: Element | None, name: str) -> str | None:
    return None if element is None else element.get(name)


def _read_seconds(text: str | None) -> Fraction | None:
    """`1001/24000s`, `5s`, `1.5s` -> exact seconds; None for anything else, or beyond a century."""
    if not text or len(text) > 60:
        return None
    try:
        seconds = Fraction(text.strip().removesuffix("s"))
    except (ValueError, ZeroDivisionError):
        return None
    return seconds if abs(seconds) < 10**10 else None


def _read_lane(element: Element) -> int:
    try:
        return int(element.get("lane", "0"))
    except ValueError:
        return 0


def _read_speed(element: Element) -> Fraction | None:
    """The slope of a time map with two points, 1 without a map, None for one with more points."""
    time_map = find_child(element, "timeMap")
    if time_map is None:
        return Fraction(1)
    points = [
        (_read_seconds(point.get("time")), _read_seconds(point.get("value")))
        for point in find_children(time_map, "timept")
    ]
    if len(points) != 2:
        return None
    (time_a, value_a), (time_b, value_b) = points
    if time_a is None or time_b is None or value_a is None or value_b is None or time_a == time_b:
        return None
    return (value_b - value_a) / (time_b - time_a)


def _list_tracks(element: Element, name: str, resource: Element | None, window: _Window) -> Iterator[str]:
    """`V1` is the primary storyline, `V2` lane 1 above it; sounds likewise, with lanes below counted on."""
    enabled = element.get("srcEnable", "all")
    has_video = name in ("video", "title") or (name == "asset-clip" and _get(resource, "hasVideo") != "0")
    if name == "asset-clip" and resource is not None:
        has_video = resource.get("hasVideo") == "1"
    has_audio = name == "audio" or (name == "asset-clip" and _get(resource, "hasAudio") == "1")
    if has_video and window.has_video and enabled in ("all", "video"):
        yield f"V{window.lane + 1}"
    if has_audio and window.has_audio and enabled in ("all", "audio"):
        yield f"A{abs(window.lane) + 1}"


def _name_source(element: Element, resource: Element | None) -> SourceNames:
    references = [_get(resource, "src"), *(part.get("src") for part in find_children(resource, "media-rep"))]
    paths = [read_reference(reference) for reference in references if reference]
    clip_names = [name for name in (element.get("name"), _get(resource, "name")) if name]
    file_names = [get_file_name(path) for path in paths]
    return SourceNames(
        shown=next(iter([*clip_names, *file_names]), ""),
        paths=tuple(dict.fromkeys(paths)),
        file_names=tuple(dict.fromkeys(file_names)),
        clip_names=tuple(dict.fromkeys(clip_names)),
    )
