"""Final Cut Pro XML: one magnetic storyline with clips connected to it, times in exact seconds.

Apple: FCPXML Reference, versions 1.8 to 1.13. Every element has a local time that begins at its `start`; `offset` is
where it stands in the local time of what it is in. So an element that stands at record time `r` shows a child of offset
`o` at `r + (o - start)`.
"""

from __future__ import annotations

import re
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
from provenance.timeline.exact import keep_small
from provenance.timeline.fcpxml_time import ZERO, TimeMap, make_time_map, read_format_rate, read_seconds
from provenance.timeline.interface import (
    Cut,
    CutOptions,
    CutReader,
    Event,
    SourceNames,
    SourceRange,
    bound_speed,
    find_end,
    sort_events,
)
from provenance.timeline.names import name_source
from provenance.timeline.transitions import Transition, add_handles
from provenance.timeline.xml_tree import find_child, find_children, get_local_name, has_root, parse_xml

_NESTING = 20
"""Compound clips within compound clips."""
_MOST_ELEMENTS = 150_000
"""Of one cut, those of compound clips counted each time they are shown: as many as a worker reads within its time."""
_STANDSTILL = 10**6
"""Record seconds of one second of a compound clip in a freeze frame of it: any number that no clip reaches."""
_FAR = Fraction(10**9)
"""Seconds; later than anything."""
_STORY = frozenset(
    {"asset-clip", "clip", "video", "audio", "title", "ref-clip", "sync-clip", "mc-clip", "gap", "audition", "spine"}
)
"""Elements that stand somewhere in time."""
_LABELS = frozenset({"marker", "chapter-marker", "keyword"})


class Fcpxml(CutReader):
    """Projects of `fcpxml` documents; compound and multicam clips as what they show."""

    name = "fcpxml"
    title = "Final Cut Pro XML"
    suffixes: ClassVar[tuple[str, ...]] = (".fcpxml",)

    def accepts(self, source: Source) -> bool:
        """By its root element."""
        return has_root(source, "fcpxml")

    def read(self, source: Source, options: CutOptions) -> Iterator[Cut | Trouble]:
        """Yield every project of the document."""
        document = _Document(parse_xml(source), options)
        sequences = list(document.find_projects())
        if not sequences:
            yield Trouble("", self.name, Cause.UNSUPPORTED, "contains clips, but no project: there is no cut in it")
        for name, sequence in sequences:
            yield document.make_cut(name, sequence)


@dataclass(frozen=True, slots=True)
class _Window:
    """Where the local time of an element stands in the cut, and how much of it is shown. Seconds."""

    shift: Fraction
    """Record time of local time 0."""
    begin: Fraction
    """In record time; nothing before is shown."""
    end: Fraction
    scale: Fraction = Fraction(1)
    """Record seconds of one local second; not 1 within what is retimed."""
    speed: Fraction | None = Fraction(1)
    """Of what leads here; None when it varies."""
    lane: int = 0
    enabled: bool = True
    via: tuple[str, ...] = ()
    """Compound clips on the way down, the outermost first."""
    has_video: bool = True
    has_audio: bool = True
    labels: tuple[str, ...] = ()
    """Of the elements that lead here."""

    def find_record_time(self, local: Fraction) -> Fraction:
        """The record time of a local one."""
        return keep_small(self.shift + self.scale * local)

    def find_local_time(self, record: Fraction) -> Fraction:
        """The local time of a record one."""
        return (record - self.shift) / self.scale

    def retime(self, time_map: TimeMap) -> _Window:
        """The window of what a retimed element contains, in the time of its content."""
        own_speed = time_map.speed
        pace = abs(time_map.mean_speed) or Fraction(1, _STANDSTILL)
        scale = self.scale / pace
        first = time_map.find_source_time(self.find_local_time(self.begin))
        last = time_map.find_source_time(self.find_local_time(self.end))
        content = min(first, last)
        speed = None if own_speed is None or self.speed is None else bound_speed(own_speed * self.speed)
        return replace(self, shift=keep_small(self.begin - scale * content), scale=scale, speed=speed)


@dataclass(slots=True)
class _Document:
    """One file with the resources that its clips refer to."""

    root: Element
    options: CutOptions
    _resources: dict[str, Element] = field(default_factory=dict)
    _not_read: Counter[str] = field(default_factory=Counter)
    _rate: Fraction = Fraction(24)
    """Of the cut that is being read."""
    _count: int = 0

    def __post_init__(self) -> None:
        for element in self.root.iter():
            # They stand in the document itself; in versions up to 1.2 in its project.
            if get_local_name(element) == "resources":
                for resource in element:
                    self._resources.setdefault(resource.get("id", ""), resource)

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
        rate = self._read_rate(sequence)
        clock, rate_from = self.options.settle_clock(rate, sequence.get("tcFormat") == "DF")
        self._rate = clock.rate
        start = read_seconds(sequence.get("tcStart")) or ZERO
        spine = find_child(sequence, "spine")
        length = read_seconds(sequence.get("duration")) or ZERO
        events: list[Event] = []
        if spine is not None:
            events.extend(self._read_spine(spine, _Window(ZERO, start, _FAR), start))
        return Cut(
            format="fcpxml",
            name=name,
            clock=clock,
            rate_from=rate_from,
            start=round(start * self._rate),
            end=find_end(events, round((start + max(ZERO, length)) * self._rate)),
            events=sort_events(events),
            tracks=tuple(sorted({event.track for event in events})),
            not_read=dict(self._not_read),
        )

    # Elements in time

    def _read_spine(self, spine: Element, window: _Window, at: Fraction = ZERO) -> Iterator[Event]:
        """Elements one after the other; `at` is the local time of the first that does not say its own."""
        transitions = []
        events: list[Event] = []
        for child in spine:
            name = get_local_name(child)
            offset = read_seconds(child.get("offset"))
            if name == "transition":
                transitions.append(self._read_transition(child, at, window))
            elif name in _STORY:
                at = at if offset is None else offset
                end = keep_small(at + self._find_duration(child))
                # An angle of a multicam clip may be hours long, and each of its uses shows seconds.
                if _has_connected(child) or _is_seen(at, end, window):
                    events.extend(self._read_element(child, at, window))
                at = end
        yield from add_handles(events, transitions, first=round(window.begin * self._rate))

    def _read_transition(self, element: Element, edit_point: Fraction, window: _Window) -> Transition:
        """A transition lies over the end of the element before it, at local time `edit_point`."""
        length = read_seconds(element.get("duration")) or ZERO
        begin = read_seconds(element.get("offset"))
        if begin is None:
            begin = edit_point - length / 2
        return Transition(
            f"V{window.lane + 1}",
            start=self._count_frames(window.find_record_time(begin)),
            edit_point=self._count_frames(window.find_record_time(edit_point)),
            end=self._count_frames(window.find_record_time(begin + length)),
        )

    def _read_element(self, element: Element, offset: Fraction, outer: _Window) -> Iterator[Event]:
        """What an element shows, and what is connected to it. `offset`: its place in the outer local time."""
        self._count += 1
        if self._count > _MOST_ELEMENTS:
            self._not_read["clip beyond the limit"] += 1
            return
        name = get_local_name(element)
        if name == "audition":
            active = _find_active(element)
            if active is not None:
                yield from self._read_element(active, offset, outer)
            return
        record = outer.find_record_time(offset)
        lane = outer.lane + _read_lane(element)
        if name == "spine":
            yield from self._read_spine(element, replace(outer, shift=record, lane=lane))
            return
        duration = self._find_duration(element)
        if not duration:
            self._not_read["clip without a duration"] += 1
        local = replace(
            outer,
            shift=keep_small(record - outer.scale * self._find_start(element)),
            end=min(outer.end, record + outer.scale * duration),
            begin=max(outer.begin, record),
            lane=lane,
            enabled=outer.enabled and element.get("enabled") != "0",
            labels=(*outer.labels, *_read_labels(element)),
        )
        for window in _split_edit(element, local, outer):
            if window.begin < window.end:
                yield from self._read_content(element, name, window)
        for child in element:
            # Connected clips may be longer than what they are connected to.
            if get_local_name(child) in _STORY and _read_lane(child):
                connected = replace(outer, shift=local.shift, lane=lane)
                yield from self._read_element(child, read_seconds(child.get("offset")) or ZERO, connected)

    def _read_content(self, element: Element, name: str, window: _Window) -> Iterator[Event]:
        """What the element itself shows within the window."""
        if name in ("asset-clip", "video", "audio", "title"):
            yield from self._make_events(element, name, window)
            return
        if name in ("ref-clip", "mc-clip"):
            yield from self._make_container(element, window)
        time_map = _read_time_map(element)
        if time_map:
            if time_map.speed is None or time_map.speed < 0:
                self._not_read["place in a clip of varying or reversed speed: about right only"] += 1
            window = window.retime(time_map)
        if name in ("clip", "sync-clip"):
            for child in _list_contained(element):
                yield from self._read_element(child, read_seconds(child.get("offset")) or ZERO, window)
        elif name == "ref-clip":
            sequence = find_child(self._resources.get(element.get("ref", "")), "sequence")
            yield from self._read_compound(element, sequence, window)
        elif name == "mc-clip":
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
        yield from self._read_spine(spine, inner, read_seconds(sequence.get("tcStart")) or ZERO)

    def _read_multicam(self, element: Element, window: _Window) -> Iterator[Event]:
        """The angles that the clip shows and lets be heard; the first where it does not say."""
        multicam = find_child(self._resources.get(element.get("ref", "")), "multicam")
        angles = list(find_children(multicam, "mc-angle"))
        if not angles or len(window.via) >= _NESTING:
            self._not_read["multicam clip whose angles are not in the file"] += 1
            return
        by_id = {angle.get("angleID"): angle for angle in reversed(angles)}
        sources = list(find_children(element, "mc-source")) or [angles[0]]
        for source in sources:
            angle, enabled = by_id.get(source.get("angleID")), source.get("srcEnable", "all")
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
        record_in, record_out = self._count_frames(window.begin), self._count_frames(window.end)
        if record_in >= record_out:
            return
        resource = self._resources.get(element.get("ref", ""))
        is_made_here = name == "title" or (resource is not None and get_local_name(resource) == "effect")
        event = Event(
            track="",
            record_in=record_in,
            record_out=record_out,
            source=_name_source(element, resource),
            used=None if is_made_here else self._read_used(element, resource, window),
            speed=_find_speed(element, window),
            enabled=window.enabled,
            is_made_here=is_made_here,
            via=window.via,
            labels=window.labels,
        )
        for track in _list_tracks(name, resource, window):
            yield replace(event, track=track)

    def _make_container(self, element: Element, window: _Window) -> Iterator[Event]:
        """A row for a compound or multicam clip itself, above the rows of what it shows."""
        record_in, record_out = self._count_frames(window.begin), self._count_frames(window.end)
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
        rate = self._read_rate(resource) or self._rate
        clock = Clock(rate)
        clock = replace(clock, drop=element.get("tcFormat") == "DF" and clock.has_drop)
        # Local time of an element that refers to an asset is the time of the asset, unless it is retimed.
        start, end = window.find_local_time(window.begin), window.find_local_time(window.end)
        if time_map := _read_time_map(element):
            start, end = sorted((time_map.find_source_time(start), time_map.find_source_time(end)))
        if start < 0:
            return None
        first = round(start * rate)
        return SourceRange(first, first + round((end - start) * rate), clock)

    # Times

    def _count_frames(self, record: Fraction) -> int:
        return round(record * self._rate)

    def _read_rate(self, element: Element | None) -> Fraction | None:
        """Frames a second of the format that a sequence or an asset names."""
        form = self._resources.get(_get(element, "format") or "")
        duration = read_seconds(_get(form, "frameDuration"))
        if not duration or duration < 0:
            return read_format_rate(_get(form, "name") or "")
        rate = 1 / duration
        return rate if rate <= 1_000 else None

    def _find_start(self, element: Element) -> Fraction:
        """The local time at which an element begins; where it does not say, its content's own beginning."""
        start = read_seconds(element.get("start"))
        if start is not None:
            return start
        name = get_local_name(element)
        resource = self._resources.get(element.get("ref", ""))
        if name == "ref-clip":
            return read_seconds(_get(find_child(resource, "sequence"), "tcStart")) or ZERO
        if name == "mc-clip":
            return read_seconds(_get(find_child(resource, "multicam"), "tcStart")) or ZERO
        if name in ("asset-clip", "video", "audio"):
            return read_seconds(_get(resource, "start")) or ZERO
        return ZERO

    def _find_duration(self, element: Element) -> Fraction:
        """Its own duration, else that of its content."""
        duration = read_seconds(element.get("duration"))
        if duration is not None:
            return max(duration, ZERO)
        name = get_local_name(element)
        if name == "audition":
            active = _find_active(element)
            return ZERO if active is None else self._find_duration(active)
        if name in ("clip", "sync-clip"):
            end = ZERO
            for child in _list_contained(element):
                end = max(end, (read_seconds(child.get("offset")) or ZERO) + _read_length(child))
            return max(ZERO, end - self._find_start(element))
        resource = self._resources.get(element.get("ref", ""))
        for holder in (resource, find_child(resource, "sequence")):
            duration = read_seconds(_get(holder, "duration"))
            if duration is not None:
                return max(duration, ZERO)
        return ZERO


def _get(element: Element | None, name: str) -> str | None:
    if element is None:
        return None
    return element.get(name)


def _has_connected(element: Element) -> bool:
    return any(map(_read_lane, element))


def _is_seen(begin: Fraction, end: Fraction, window: _Window) -> bool:
    return window.find_record_time(end) > window.begin and window.find_record_time(begin) < window.end


def _read_length(element: Element) -> Fraction:
    return max(ZERO, read_seconds(element.get("duration")) or ZERO)


def _find_active(audition: Element) -> Element | None:
    """The first is the one that plays."""
    for child in audition:
        if get_local_name(child) in _STORY:
            return child
    return None


def _list_contained(element: Element) -> list[Element]:
    """What a clip consists of; what is connected to it has a lane."""
    return [child for child in element if get_local_name(child) in _STORY and not _read_lane(child)]


def _split_edit(element: Element, local: _Window, outer: _Window) -> Iterator[_Window]:
    """The window of an element, or one for its picture and one for its sound where these have other edges."""
    enabled = element.get("srcEnable", "all")
    local = replace(
        local,
        has_video=local.has_video and enabled in ("all", "video"),
        has_audio=local.has_audio and enabled in ("all", "audio"),
    )
    start, length = read_seconds(element.get("audioStart")), read_seconds(element.get("audioDuration"))
    if start is None and length is None:
        yield local
        return
    yield replace(local, has_audio=False)
    begin, end = local.begin, local.end
    if start is not None:
        begin = local.find_record_time(start)
    if length is not None:
        end = begin + local.scale * length
    yield replace(local, begin=max(outer.begin, begin), end=min(outer.end, end), has_video=False)


def _read_labels(element: Element) -> Iterator[str]:
    """Roles, with and without the subrole behind the point, keywords and markers of a clip."""
    for name in ("role", "videoRole", "audioRole"):
        if role := element.get(name):
            yield role
            yield role.partition(".")[0]
    for child in element:
        if get_local_name(child) in _LABELS:
            yield from filter(None, (child.get("value"), child.get("note")))


def _read_lane(element: Element) -> int:
    lane = element.get("lane", "")
    if not re.fullmatch(r"-?\d{1,4}", lane):
        return 0
    return int(lane)


def _read_time_map(element: Element) -> TimeMap | None:
    time_map = find_child(element, "timeMap")
    points = []
    for point in find_children(time_map, "timept"):
        time, value = read_seconds(point.get("time")), read_seconds(point.get("value"))
        points.append((time, value))
    return make_time_map(points)


def _find_speed(element: Element, window: _Window) -> Fraction | None:
    """Of an element and of all that leads to it; None when it varies, or cannot be read."""
    if find_child(element, "timeMap") is None:
        return window.speed
    time_map = _read_time_map(element)
    if time_map is None or time_map.speed is None or window.speed is None:
        return None
    return bound_speed(time_map.speed * window.speed)


def _list_tracks(name: str, resource: Element | None, window: _Window) -> Iterator[str]:
    """`V1` is the primary storyline, `V2` lane 1 above it; sounds likewise, with lanes below counted on."""
    has_video, has_audio = name in ("video", "title"), name == "audio"
    if name == "asset-clip":
        has_audio = _get(resource, "hasAudio") == "1"
        # An asset that says neither is taken for a picture.
        has_video = _get(resource, "hasVideo") == "1" or not has_audio
    if has_video and window.has_video:
        yield f"V{window.lane + 1}"
    if has_audio and window.has_audio:
        yield f"A{abs(window.lane) + 1}"


def _name_source(element: Element, resource: Element | None) -> SourceNames:
    references = [_get(resource, "src")]
    references.extend(part.get("src") for part in find_children(resource, "media-rep"))
    return name_source(clips=(element.get("name"), _get(resource, "name")), references=references)
