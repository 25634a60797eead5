"""Composition playlists of IMF packages (SMPTE ST 2067-3) and digital cinema packages (ST 429-7, Interop).

An IMF composition is segments one after the other, each with one sequence of resources a track. A DCP is reels one
after the other, each with one picture, one sound and more. Both name track files by UUID, which the asset map ties to
files.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import ClassVar
from xml.etree.ElementTree import Element

from provenance.media.source import Source
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause
from provenance.timecode import Clock
from provenance.timeline.exact import keep_small
from provenance.timeline.interface import Cut, CutOptions, CutReader, Event, SourceNames, SourceRange, sort_events
from provenance.timeline.names import read_uuid
from provenance.timeline.xml_tree import find_child, find_children, get_local_name, get_text, has_root, parse_xml

_MOST_REPEATS = 10_000
_MOST_EVENTS = 200_000
_HIGHEST_RATE = 1_000
_HIGHEST_SAMPLE_RATE = 1_000_000
_LARGEST_DENOMINATOR = 100_000
"""Of a rate; real ones have 1 or 1001."""
_MOST_DIGITS = 15
"""Of a number; Python refuses to read very long ones."""
_PICTURE = ("image", "picture", "stereoscopic")
_AUDIO = ("audio", "sound", "iab", "atmos")


class Cpl(CutReader):
    """One composition of an IMF or cinema package."""

    name = "cpl"
    title = "Composition playlist (IMF, DCP)"
    suffixes: ClassVar[tuple[str, ...]] = (".xml",)

    def accepts(self, source: Source) -> bool:
        """By its root element."""
        return has_root(source, "CompositionPlaylist")

    def read(self, source: Source, options: CutOptions) -> Iterator[Cut | Trouble]:
        """Yield the composition."""
        root = parse_xml(source)
        if get_local_name(root) != "CompositionPlaylist":
            yield Trouble("", self.name, Cause.MALFORMED, "contains no composition playlist")
            return
        yield _Composition(root, options).make_cut()


@dataclass(slots=True)
class _Composition:
    root: Element
    options: CutOptions
    _rate_from: str = "file"
    _not_read: Counter[str] = field(default_factory=Counter)
    _events: list[Event] = field(default_factory=list)

    def make_cut(self) -> Cut:
        """The cut of the composition."""
        segments = list(find_children(find_child(self.root, "SegmentList"), "Segment"))
        is_imf = bool(segments) or find_child(self.root, "SegmentList") is not None
        clock, start = self._read_clock(is_imf)
        if is_imf:
            cut_format = "imf-cpl"
            end = self._read_segments(segments, clock, start)
        else:
            cut_format = "dcp-cpl"
            end = self._read_reels(clock, start)
        return Cut(
            format=cut_format,
            name=get_text(self.root, "ContentTitle") or get_text(self.root, "ContentTitleText"),
            clock=clock,
            rate_from=self._rate_from,
            start=start,
            end=end,
            events=sort_events(self._events),
            tracks=tuple(dict.fromkeys(event.track for event in self._events)),
            not_read=dict(self._not_read),
        )

    def _read_clock(self, is_imf: bool) -> tuple[Clock, int]:
        rate = _read_rate(get_text(self.root, "EditRate"))
        if rate is None and not is_imf:
            # A playlist of a DCP has no rate of its own: it plays at that of its pictures.
            rate = self._find_picture_rate()
        if rate and rate > _HIGHEST_RATE:
            rate = None
        timecode = find_child(self.root, "CompositionTimecode")
        is_drop = get_text(timecode, "TimecodeDropFrame").lower() in ("true", "1")
        clock, self._rate_from = self.options.settle_clock(rate, is_drop)
        return clock, clock.read(get_text(timecode, "TimecodeStartAddress")) or 0

    def _find_picture_rate(self) -> Fraction | None:
        for element in self.root.iter():
            if _is_picture(get_local_name(element)):
                rate = _read_rate(get_text(element, "EditRate"))
                if rate:
                    return rate
        return None

    def _read_segments(self, segments: list[Element], clock: Clock, start: int) -> int:
        """Segments follow each other; a segment is as long as its longest track. Returns the end."""
        numbers: dict[str, str] = {}
        counts: Counter[str] = Counter()
        at = Fraction(start)
        for segment in segments:
            longest = Fraction(0)
            for sequence in find_child(segment, "SequenceList") or ():
                letter = _find_letter(get_local_name(sequence))
                if not letter:
                    continue
                track_id = get_text(sequence, "TrackId")
                if track_id not in numbers:
                    counts[letter] += 1
                    numbers[track_id] = f"{letter}{counts[letter]}"
                length = self._read_sequence(sequence, numbers[track_id], clock, at)
                longest = max(longest, length)
            at = keep_small(at + longest)
        return round(at)

    def _read_sequence(self, sequence: Element, track: str, clock: Clock, at: Fraction) -> Fraction:
        """The resources of one track in one segment, one after the other. Returns their length in frames."""
        begin = at
        for resource in find_children(find_child(sequence, "ResourceList"), "Resource"):
            rate = _read_rate(get_text(resource, "EditRate")) or clock.rate
            entry = _read_number(get_text(resource, "EntryPoint")) or 0
            length = _read_number(get_text(resource, "SourceDuration"))
            if length is None:
                length = (_read_number(get_text(resource, "IntrinsicDuration")) or 0) - entry
            repeats = _read_number(get_text(resource, "RepeatCount")) or 1
            if length <= 0 or repeats > _MOST_REPEATS:
                self._not_read["resource without a length"] += 1
                continue
            used = _make_range(entry, length, rate, clock)
            frames = length * clock.rate / rate
            for repeat in range(min(repeats, 1 + _MOST_EVENTS - len(self._events))):
                self._add(resource, "TrackFileId", track, at + repeat * frames, at + (repeat + 1) * frames, used)
            at = keep_small(at + repeats * frames)
        return at - begin

    def _read_reels(self, clock: Clock, start: int) -> int:
        at = Fraction(start)
        for reel in find_children(find_child(self.root, "ReelList"), "Reel"):
            longest = Fraction(0)
            counts: Counter[str] = Counter()
            for asset in find_child(reel, "AssetList") or ():
                letter = _find_letter(get_local_name(asset))
                if not letter:
                    continue
                rate = _read_rate(get_text(asset, "EditRate")) or clock.rate
                entry = _read_number(get_text(asset, "EntryPoint")) or 0
                length = _read_number(get_text(asset, "Duration"))
                if length is None:
                    length = (_read_number(get_text(asset, "IntrinsicDuration")) or 0) - entry
                if length <= 0:
                    self._not_read["asset without a length"] += 1
                    continue
                counts[letter] += 1
                frames = length * clock.rate / rate
                used = _make_range(entry, length, rate, clock)
                self._add(asset, "Id", f"{letter}{counts[letter]}", at, at + frames, used)
                longest = max(longest, frames)
            at = keep_small(at + longest)
        return round(at)

    def _add(
        self, element: Element, id_name: str, track: str, begin: Fraction, end: Fraction, used: SourceRange
    ) -> None:
        if len(self._events) >= _MOST_EVENTS:
            self._not_read["event beyond the limit"] += 1
            return
        package_id = read_uuid(get_text(element, id_name))
        names = SourceNames(get_text(element, "AnnotationText"))
        if package_id:
            names = SourceNames(names.shown or package_id, package_ids=(package_id,))
        number = read_uuid(get_text(element, "Id"))
        self._events.append(Event(track, round(begin), round(end), names, number, used, Fraction(1)))


def _make_range(entry: int, length: int, rate: Fraction, clock: Clock) -> SourceRange:
    """The part of a track file; that of a sound in frames of the composition, because nobody reads sample numbers."""
    if rate > _HIGHEST_RATE:
        entry, length, rate = (round(entry * clock.rate / rate), round(length * clock.rate / rate), clock.rate)
    return SourceRange(entry, entry + length, Clock(rate), is_relative=True)


def _find_letter(name: str) -> str:
    """`V` for a track of pictures, `A` for one of sound, nothing for others."""
    if _is_picture(name):
        return "V"
    if any(word in name.lower() for word in _AUDIO):
        return "A"
    return ""


def _is_picture(name: str) -> bool:
    return name.startswith("Main") and any(word in name.lower() for word in _PICTURE)


def _read_rate(text: str) -> Fraction | None:
    """`24000 1001` -> 24000/1001."""
    parts = text.split()
    if len(parts) != 2:
        return None
    numerator, denominator = map(_read_number, parts)
    if not numerator or not denominator:
        return None
    rate = Fraction(numerator, denominator)
    if rate.denominator > _LARGEST_DENOMINATOR or not 1 <= rate <= _HIGHEST_SAMPLE_RATE:
        return None
    return rate


def _read_number(text: str) -> int | None:
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        return None
    return int(text)
