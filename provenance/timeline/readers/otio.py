"""OpenTimelineIO documents: `.otio`, and the `content.otio` of `.otioz` bundles.

OpenTimelineIO file format, schemas Timeline.1, Stack.1, Track.1, Clip.1 and Clip.2, Gap.1, Transition.1. The items of a
track follow each other; a transition lies over the edge between its neighbours and takes no time of its own.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, ClassVar, TypeGuard
from urllib.parse import unquote

from provenance.media.readable import MalformedContainer, OversizedContainer
from provenance.media.source import Source
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause
from provenance.timecode import Clock, snap_rate
from provenance.timeline.exact import keep_small
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

_NESTING = 30
"""Compositions within compositions."""
_MOST_EVENTS = 400_000
_LARGEST_VALUE = 10**12
_KINDS = {"Video": "V", "Audio": "A"}
_CONTENT = "content.otio"
_FAR = Fraction(10**9)
"""Seconds; later than anything."""
_FASTEST = 10**6
_LOWEST_RATE, _HIGHEST_RATE = 1, 200_000
"""Units a second; those of sounds are their samples."""
_HIGHEST_FRAME_RATE = 1_000
_RENAMED = {"Sequence": "Track"}
"""Schemas of early versions."""
Node = Mapping[str, Any]


class Otio(CutReader):
    """Timelines of OpenTimelineIO documents; nested stacks and tracks as what they show."""

    name = "otio"
    title = "OpenTimelineIO"
    suffixes: ClassVar[tuple[str, ...]] = (".otio", ".otioz")

    def accepts(self, source: Source) -> bool:
        """By its first words, or by the name and type of a bundle."""
        if source.name.lower().endswith(self.suffixes):
            return True
        return b'"OTIO_SCHEMA"' in source.at(0, 4_096)

    def read(self, source: Source, options: CutOptions) -> Iterator[Cut | Trouble]:
        """Yield every timeline of the document."""
        document = _parse(_load(source))
        timelines = list(_find_timelines(document))
        if not timelines:
            yield Trouble("", self.name, Cause.MALFORMED, "contains no timeline")
        for timeline in timelines:
            yield _TimelineReader(timeline, options).make_cut()


def _load(source: Source) -> bytes:
    most = source.limits.cut_list
    if source.at(0, 2) == b"PK":
        # Nothing else in the bundle is read here, and nothing is unpacked to a disk.
        with zipfile.ZipFile(io.BytesIO(source.at(0, source.size)) if source.size <= most else source.file) as bundle:
            member = next((info for info in bundle.infolist() if info.filename == _CONTENT), None)
            if member is None:
                raise MalformedContainer(f"the bundle has no {_CONTENT}")
            with bundle.open(member) as stream:
                content = stream.read(most + 1)
    else:
        content = source.at(0, most + 1)
    if len(content) > most:
        raise OversizedContainer(f"is larger than the {most:,} bytes that are read of a timeline")
    return content


def _parse(content: bytes) -> object:
    try:
        document: object = json.loads(content)
    except RecursionError as fault:
        raise OversizedContainer("is nested too deeply") from fault
    except ValueError as fault:
        raise MalformedContainer(f"is not JSON: {fault}") from fault
    return document


def _find_timelines(document: object) -> Iterator[Node]:
    """The timelines of a document: itself, or the members of a collection."""
    pending: deque[object] = deque([document])
    seen = 0
    while pending and seen < _MOST_EVENTS:
        node = pending.popleft()
        seen += 1
        schema = _get_schema(node)
        if schema == "Timeline":
            yield _node(node)
        elif schema == "SerializableCollection":
            pending.extend(_list(_node(node).get("children")))


@dataclass(frozen=True, slots=True)
class _Window:
    """Where a composition stands in the cut: seconds of record time."""

    begin: Fraction
    """What is shown begins here."""
    end: Fraction
    origin: Fraction
    """Record time of the first frame of the composition, which may lie before `begin`."""
    enabled: bool = True
    via: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    """Names of the tracks that lead here, the outermost first."""


@dataclass(slots=True)
class _TimelineReader:
    timeline: Node
    options: CutOptions
    _not_read: Counter[str] = field(default_factory=Counter)
    _count: int = 0

    def make_cut(self) -> Cut:
        """The cut of the timeline."""
        stack = _node(self.timeline.get("tracks"))
        start = _read_time(self.timeline.get("global_start_time"))
        if start is None:
            start = next(filter(None, map(_find_record_start, _list(stack.get("children")))), None)
        rate = _find_frame_rate(self.timeline.get("global_start_time")) or _find_first_rate(stack)
        clock, rate_from = self.options.settle_clock(rate, _reads_drop(self.timeline))
        window = _Window(start or Fraction(0), _FAR, start or Fraction(0))
        events = list(self._read_stack(stack, _trim(stack, window), clock))
        first = round((start or Fraction(0)) * clock.rate)
        return Cut(
            format="otio",
            name=_text(self.timeline.get("name")),
            clock=clock,
            rate_from=rate_from,
            start=first,
            end=find_end(events, first),
            events=sort_events(events),
            tracks=tuple(dict.fromkeys(event.track for event in events)),
            not_read=dict(self._not_read),
        )

    def _read_stack(self, stack: Node, window: _Window, clock: Clock) -> Iterator[Event]:
        """The tracks of a stack, each from its beginning; a video track is numbered from the lowest up."""
        numbers: Counter[str] = Counter()
        for child in _list(stack.get("children")):
            letter = _KINDS.get(_text(child.get("kind")), "V")
            numbers[letter] += 1
            length = _find_duration(child)
            # A clip may stand in a stack without a track.
            end = window.end if length is None else min(window.end, window.origin + length)
            if window.begin < end:
                yield from self._read_item(child, f"{letter}{numbers[letter]}", replace(window, end=end), clock)

    def _read_track(self, track: Node, name: str, window: _Window, clock: Clock) -> Iterator[Event]:
        at = window.origin
        items = _list(track.get("children"))
        transitions = []
        events: list[Event] = []
        for item in items:
            if _get_schema(item) == "Transition":
                transitions.append(_make_transition(item, name, at, clock))
                continue
            length = _find_duration(item)
            if length is None:
                self._not_read["item without a length"] += 1
                continue
            shown = replace(window, begin=max(window.begin, at), end=min(window.end, at + length), origin=at)
            if shown.begin < shown.end:
                events.extend(self._read_item(item, name, shown, clock))
            at = keep_small(at + length)
        yield from add_handles(events, transitions, first=round(window.begin * clock.rate))

    def _read_item(self, item: Node, track: str, window: _Window, clock: Clock) -> Iterator[Event]:
        """What an item shows within its window."""
        schema = _get_schema(item)
        enabled = window.enabled and item.get("enabled") is not False
        window = replace(window, enabled=enabled)
        if schema == "Clip":
            yield from self._make_event(item, track, window, clock)
        elif schema in ("Stack", "Track"):
            yield from self._read_composition(item, schema, track, window, clock)
        elif schema != "Gap":
            self._not_read[f"item of schema {_text(item.get('OTIO_SCHEMA'))[:40]}"] += 1

    def _read_composition(self, item: Node, schema: str, track: str, window: _Window, clock: Clock) -> Iterator[Event]:
        if len(window.via) >= _NESTING:
            self._not_read["composition that is nested too deeply"] += 1
            return
        if _read_speed(item) != 1:
            self._not_read["nested sequence that is retimed: read as if it were not"] += 1
        inner = _trim(item, window)
        is_outermost = track and schema == "Track" and not window.via
        if not is_outermost:
            inner = replace(inner, via=(*window.via, _text(item.get("name")) or schema.lower()))
        if schema == "Track":
            if name := _text(item.get("name")):
                inner = replace(inner, labels=(*inner.labels, name))
            yield from self._read_track(item, track, inner, clock)
            return
        for event in self._read_stack(item, inner, clock):
            # What a nested stack shows stands on the track that holds it.
            if event.track[0] == track[0]:
                yield replace(event, track=track)

    def _make_event(self, clip: Node, track: str, window: _Window, clock: Clock) -> Iterator[Event]:
        record_in, record_out = round(window.begin * clock.rate), round(window.end * clock.rate)
        if record_in >= record_out:
            return
        if self._count >= _MOST_EVENTS:
            self._not_read["event beyond the limit"] += 1
            return
        self._count += 1
        reference = _find_reference(clip)
        is_made_here = _get_schema(reference) == "GeneratorReference"
        yield Event(
            track=track,
            record_in=record_in,
            record_out=record_out,
            source=_name_source(clip, reference),
            used=None if is_made_here else _read_used(clip, reference, window, clock),
            speed=_read_speed(clip),
            enabled=window.enabled,
            is_made_here=is_made_here,
            via=window.via,
            labels=(*window.labels, *_read_markers(clip)),
        )


def _read_markers(clip: Node) -> Iterator[str]:
    for marker in _list(clip.get("markers")):
        yield from filter(None, (_text(marker.get("name")), _text(marker.get("comment"))))


def _trim(composition: Node, window: _Window) -> _Window:
    """The window of what a composition holds, of which it may show a part only."""
    if _find_record_start(composition) is not None:
        return window
    shown = _node(composition.get("source_range"))
    start, length = _read_time(shown.get("start_time")), _read_time(shown.get("duration"))
    end = window.end if length is None else min(window.end, window.origin + length)
    return replace(window, end=end, origin=window.origin - (start or Fraction(0)))


def _find_record_start(composition: Node) -> Fraction | None:
    """The record time that the EDL reader of OpenTimelineIO hides, negated, in a range that shows nothing."""
    shown = _node(composition.get("source_range"))
    start, length = _read_time(shown.get("start_time")), _read_time(shown.get("duration"))
    return -start if start and length and start + length <= 0 else None


def _make_transition(item: Node, track: str, at: Fraction, clock: Clock) -> Transition:
    before = _read_time(item.get("in_offset")) or Fraction(0)
    after = _read_time(item.get("out_offset")) or Fraction(0)
    return Transition(
        track,
        start=round((at - before) * clock.rate),
        edit_point=round(at * clock.rate),
        end=round((at + after) * clock.rate),
    )


def _find_duration(item: Node) -> Fraction | None:
    """Seconds of an item: of its source range, of its media, or of what it holds."""
    own = _read_time(_node(item.get("source_range")).get("duration"))
    if own is not None:
        return max(own, Fraction(0))
    schema = _get_schema(item)
    if schema == "Clip":
        available = _node(_find_reference(item).get("available_range"))
        return _read_time(available.get("duration"))
    known: list[Fraction] = []
    for child in _list(item.get("children")):
        length = None if _get_schema(child) == "Transition" else _find_duration(child)
        if length is not None:
            known.append(length)
    if schema == "Track":
        return sum(known, Fraction(0))
    return max(known, default=None)


def _find_reference(clip: Node) -> Node:
    """The media reference that is active."""
    references = clip.get("media_references")
    if isinstance(references, dict):
        return _node(references.get(_text(clip.get("active_media_reference_key")) or "DEFAULT_MEDIA"))
    return _node(clip.get("media_reference"))


def _read_used(clip: Node, reference: Node, window: _Window, clock: Clock) -> SourceRange | None:
    own = _node(clip.get("source_range"))
    available = _node(reference.get("available_range"))
    start_time = own.get("start_time") or available.get("start_time")
    start = _read_time(start_time)
    rate = _find_frame_rate(start_time) or clock.rate
    if start is None or start < 0:
        return None
    speed = _read_speed(clip)
    pace = Fraction(1) if speed is None else abs(speed)
    head = window.begin - window.origin
    first = round((start + head * pace) * rate)
    length = (window.end - window.begin) * pace
    # Without the range of the media nobody knows whether its times are timecode.
    return SourceRange(first, first + round(length * rate), Clock(rate), is_relative=not available)


def _read_speed(clip: Node) -> Fraction | None:
    speed = Fraction(1)
    for effect in _list(clip.get("effects")):
        schema = _get_schema(effect)
        if schema == "FreezeFrame":
            return Fraction(0)
        if schema == "LinearTimeWarp":
            scalar = effect.get("time_scalar")
            if not _is_number(scalar) or not abs(scalar) <= _FASTEST:
                return None
            speed *= Fraction(scalar).limit_denominator(100_000)
        elif schema == "TimeEffect":
            return None
    return bound_speed(speed)


def _name_source(clip: Node, reference: Node) -> SourceNames:
    url = _text(reference.get("target_url"))
    # A relative reference may be a URL or a path: a percent sign in it means one of the two.
    plain = "" if "://" in url else unquote(url)
    return name_source(
        clips=(_text(clip.get("name")), _text(reference.get("name"))),
        references=(url, plain, _name_sequence(reference)),
    )


def _name_sequence(reference: Node) -> str:
    """The first frame of an image sequence reference."""
    if _get_schema(reference) != "ImageSequenceReference":
        return ""
    number, width = reference.get("start_frame"), reference.get("frame_zero_padding")
    if not isinstance(number, int) or not isinstance(width, int) or not 0 <= width <= 20 or abs(number) > 10**12:
        return ""
    prefix, suffix = _text(reference.get("name_prefix")), _text(reference.get("name_suffix"))
    return f"{_text(reference.get('target_url_base')).rstrip('/')}/{prefix}{number:0{width}}{suffix}"


# Values of the format


def _get_schema(node: object) -> str:
    """`Clip` of `Clip.2`; empty for anything that is not an object."""
    schema = _text(node.get("OTIO_SCHEMA")).partition(".")[0] if isinstance(node, dict) else ""
    return _RENAMED.get(schema, schema)


def _node(value: object) -> Node:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Node]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _find_rate(time: object) -> Fraction | None:
    rate = _node(time).get("rate")
    # Neither NaN nor infinity is between these.
    if not _is_number(rate) or not _LOWEST_RATE <= rate <= _HIGHEST_RATE:
        return None
    return snap_rate(rate)


def _find_frame_rate(time: object) -> Fraction | None:
    """The rate of a time, unless it counts the samples of a sound."""
    rate = _find_rate(time)
    return rate if rate and rate <= _HIGHEST_FRAME_RATE else None


def _read_time(time: object) -> Fraction | None:
    """Seconds of a RationalTime; None for what is none."""
    rate = _find_rate(time)
    value = _node(time).get("value")
    if rate is None or not _is_number(value) or not abs(value) <= _LARGEST_VALUE:
        return None
    return Fraction(value) / rate


def _find_first_rate(node: Node) -> Fraction | None:
    """The rate of the first item that has one."""
    pending = deque([node])
    while pending:
        item = pending.popleft()
        rate = _find_frame_rate(_node(item.get("source_range")).get("duration"))
        if rate is None and _get_schema(item) == "Clip":
            rate = _find_frame_rate(_node(_find_reference(item).get("available_range")).get("duration"))
        if rate is not None:
            return rate
        pending.extend(_list(item.get("children")))
    return None


def _reads_drop(timeline: Node) -> bool:
    """Whether the metadata say drop-frame; the format itself does not."""
    metadata = _node(timeline.get("metadata"))
    return metadata.get("drop_frame") is True
