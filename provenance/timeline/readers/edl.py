"""CMX 3600 edit decision lists, as editing systems write them: reels of any length, any line ends, any comments.

Only two things are firm in such a list: an event line ends in four timecodes, and what stands between the event's
number and these is reel, channels and transition. So a line is read from its right end.

CMX 3600 Edit Decision List, Sony/CMX, 1987; what systems add to it is gathered from their own lists.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import ClassVar

from provenance.media.source import Source
from provenance.media.text import decode_text
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause
from provenance.timecode import Clock
from provenance.timeline.interface import Cut, CutOptions, CutReader, Event, SourceNames, SourceRange

_LABEL = r"\d{1,2}:\d{1,2}:\d{1,2}[:;.,]\d{1,3}"
_EVENT = re.compile(rf"(\w+)\s+(\S.*?)\s+({_LABEL}|\d+)\s+({_LABEL}|\d+)\s+({_LABEL})\s+({_LABEL})")
_MIDDLE = re.compile(
    r"(?P<reel>.*?)\s+(?P<channels>(?:NONE|[AVB]\S*))\s+"
    r"(?P<transition>C|D|W\s?\d*|K\s?[BO]?)(?:\s+\(?F?\)?\s*(?P<frames>\d+))?",
    re.IGNORECASE,
)
_REPEAT = re.compile(r"M2\s+(?P<reel>.*?)\s+(?P<rate>[+-]?\d+(?:\.\d+)?)\s+\S+", re.IGNORECASE)
_COMMENT = re.compile(r"\*?\s*(?P<key>[A-Z][A-Z ]*?)\s*:\s*(?P<value>.*\S)\s*", re.IGNORECASE)
_MORE_AUDIO = re.compile(r"AUD\s+(\d+)(?:\s+(\d+))?", re.IGNORECASE)
_UMID_LINE = re.compile(r">>>\s*SOURCE\s+(?P<name>.*?)\s+(?P<umid>[0-9a-f]{64})", re.IGNORECASE)
_LONGEST_LINE = 4_096
"""Characters; a longer line is no line of an EDL."""
_NO_REELS = {"AX", "BL", "BLACK", "NONE", ""}
"""Reel names that name no reel."""
_BLACK = {"BL", "BLACK"}
_LEAST_CLOCKS = tuple(Clock(Fraction(rate)) for rate in (24, 25, 30, 50, 60, 100, 120))
_LEAST_DROP_CLOCKS = (Clock(Fraction(30000, 1001), drop=True), Clock(Fraction(60000, 1001), drop=True))


@dataclass(slots=True)
class _Line:
    """One event line with the comments under it, still as text."""

    number: str
    reel: str
    tracks: list[str]
    transition: str
    transition_frames: int
    labels: tuple[str, str, str, str]
    """Source in and out, record in and out."""
    file_clock_drops: bool
    """Whether the list was in drop-frame mode here (`FCM: DROP FRAME`)."""
    comments: list[tuple[str, str]] = field(default_factory=list)
    repeat_rate: Fraction | None = None
    """Frames a second at which the source is played (`M2`)."""
    umids: list[str] = field(default_factory=list)


class Edl(CutReader):
    """CMX 3600 and what grew out of it: File 16, File 32, File 128, and the lists of Avid, Premiere and Resolve."""

    name = "edl"
    title = "CMX 3600 EDL"
    suffixes: ClassVar[tuple[str, ...]] = (".edl",)

    def accepts(self, source: Source) -> bool:
        """By its name, or by a title line before an event line."""
        if source.name.lower().endswith(self.suffixes):
            return True
        return bool(re.match(rb"\s*(\xef\xbb\xbf)?TITLE:[^\r\n]*[\r\n]+\s*(FCM:|\d{3,6}\s)", source.at(0, 4_096)))

    def read(self, source: Source, options: CutOptions) -> Iterator[Cut | Trouble]:
        """Yield the one cut of the list."""
        size = source.limits.packet
        lines = _split_lines(decode_text(source.at(0, size)))
        if source.size > size:
            yield Trouble("", self.name, Cause.OVERSIZED, f"only the first {size:,} bytes of the list were read")
        parser = _Parser(source.limits.statements * 10)
        for line in lines:
            parser.take(line)
        if not parser.lines:
            yield Trouble("", self.name, Cause.MALFORMED, "contains no event line that could be read")
            return
        yield parser.make_cut(options)


def _split_lines(text: str) -> list[str]:
    """Lines, whether they end in LF, CR or both; padding behind the end of the list is dropped."""
    return re.split(r"\r\n|\r|\n", text.rstrip("\x1a\0"))


@dataclass(slots=True)
class _Parser:
    """Gathers the lines of one list, then makes events of them."""

    most_lines: int
    title: str = ""
    drops: bool | None = None
    """What the last FCM line says."""
    lines: list[_Line] = field(default_factory=list)
    not_read: Counter[str] = field(default_factory=Counter)

    def take(self, line: str) -> None:
        """Take the next line of the list."""
        stripped = line.strip()
        if not stripped:
            return
        if len(line) > _LONGEST_LINE:
            self.not_read["line that is too long"] += 1
        elif match := _EVENT.fullmatch(stripped):
            self._take_event(match)
        elif stripped.upper().startswith("TITLE:"):
            self.title = self.title or stripped[6:].strip()
        elif stripped.upper().lstrip("* ").startswith("FCM:"):
            self.drops = _reads_drop_frame(stripped)
        elif self.lines:
            self._take_note(stripped)

    def _take_event(self, match: re.Match[str]) -> None:
        middle = _MIDDLE.fullmatch(match[2])
        if len(self.lines) >= self.most_lines:
            self.not_read["event line beyond the limit"] += 1
        elif middle is None:
            self.not_read["event line"] += 1
        else:
            reel, channels = middle["reel"].strip(), middle["channels"].upper()
            transition = re.sub(r"\s", "", middle["transition"].upper())
            labels = (match[3], match[4], match[5], match[6])
            frames = int(middle["frames"] or 0)
            drops = bool(self.drops)
            self.lines.append(_Line(match[1], reel, _name_tracks(channels), transition, frames, labels, drops))

    def _take_note(self, line: str) -> None:
        """Take a line that says more about the event above it."""
        last = self.lines[-1]
        if match := _REPEAT.fullmatch(line):
            self._line_with_reel(match["reel"]).repeat_rate = Fraction(match["rate"])
        elif match := _MORE_AUDIO.fullmatch(line):
            last.tracks.extend(f"A{number}" for number in match.groups() if number)
        elif match := _UMID_LINE.match(line):
            last.umids.append(match["umid"].lower())
        elif match := _COMMENT.fullmatch(line):
            last.comments.append((" ".join(match["key"].upper().split()), match["value"]))

    def _line_with_reel(self, reel: str) -> _Line:
        """The line of the last event, of the one or two that have its number, that an M2 line speaks of."""
        number = self.lines[-1].number
        of_event = [line for line in self.lines[-2:] if line.number == number]
        named = [line for line in of_event if line.reel == reel.strip()]
        return named[-1] if named else self.lines[-1]

    def make_cut(self, options: CutOptions) -> Cut:
        """Count the labels by the clock that was asked for, else by the least that has them all."""
        clock = options.make_clock(self._reads_drop) or self._find_least_clock()
        events: list[Event] = []
        for index, line in enumerate(self.lines):
            after = self.lines[index + 1] if index + 1 < len(self.lines) else None
            before = self.lines[index - 1] if index else None
            self._add_events(line, before, after, clock, events)
        events.sort(key=lambda event: (event.record_in, event.track))
        ends = [event.record_out for event in events]
        return Cut(
            format="cmx3600",
            name=self.title,
            clock=clock,
            rate_from=options.rate_from,
            start=min((event.record_in for event in events), default=None),
            end=max(ends, default=None),
            events=tuple(events),
            tracks=tuple(sorted({event.track for event in events})),
            not_read=dict(self.not_read),
        )

    @property
    def _reads_drop(self) -> bool:
        """Whether the list says that it drops numbers, or writes its record side so."""
        if self.drops is not None:
            return self.drops
        return any(";" in label for line in self.lines for label in line.labels[2:])

    def _find_least_clock(self) -> Clock:
        """The slowest usual clock that has every frame number of the list."""
        labels = [label for line in self.lines for label in line.labels if ":" in label]
        largest = max(int(re.split(r"[:;.,]", label)[-1]) for label in labels)
        clocks = _LEAST_DROP_CLOCKS if self._reads_drop else _LEAST_CLOCKS
        fitting = [clock for clock in clocks if largest < clock.base]
        return fitting[0] if fitting else clocks[-1]

    def _add_events(
        self, line: _Line, before: _Line | None, after: _Line | None, clock: Clock, events: list[Event]
    ) -> None:
        record_in, record_out = (clock.read(label) for label in line.labels[2:])
        if record_in is None or record_out is None:
            self.not_read["event with an impossible timecode"] += 1
            return
        record_in, record_out = _after_midnight(record_in, record_out, clock, events)
        if line.transition_frames and line.transition.startswith(("D", "W")):
            # The outgoing picture can be seen until the transition ends.
            _extend_outgoing(events, line.tracks, record_in, record_in + line.transition_frames)
        if record_out < record_in:
            self.not_read["event that ends before it begins"] += 1
        elif record_out > record_in and line.reel.upper() not in _BLACK:
            event = Event(
                track="",
                record_in=record_in,
                record_out=record_out,
                source=_name_source(line, before, after),
                number=line.number,
                used=_read_used_range(line, clock),
                speed=_compute_speed(line, clock),
            )
            events.extend(replace(event, track=track) for track in line.tracks)


def _reads_drop_frame(line: str) -> bool | None:
    text = " ".join(line.upper().replace("-", " ").split())
    if "NON DROP" in text or "NONDROP" in text:
        return False
    return True if "DROP" in text else None


def _name_tracks(channels: str) -> list[str]:
    """`B` is `V1` and `A1`, `AA/V` is `V1`, `A1` and `A2`, `A2` is `A2`; `NONE` is no track."""
    if channels == "NONE":
        return []
    tracks: list[str] = []
    for part in re.findall(r"B|V\d*|AA|A\d*", channels):
        if part == "B":
            tracks += ["V1", "A1"]
        elif part == "AA":
            tracks += ["A1", "A2"]
        else:
            tracks.append(part if part[1:] else f"{part}1")
    return list(dict.fromkeys(tracks))


def _after_midnight(record_in: int, record_out: int, clock: Clock, events: list[Event]) -> tuple[int, int]:
    """The same times, counted on past midnight where the list runs over it."""
    half_a_day = clock.frames_a_day // 2
    if events and events[-1].record_in - record_in > half_a_day:
        record_in += clock.frames_a_day
        record_out += clock.frames_a_day
    if record_in - record_out > half_a_day:
        record_out += clock.frames_a_day
    return record_in, record_out


def _extend_outgoing(events: list[Event], tracks: list[str], at: int, until: int) -> None:
    """Let the events that end where a transition begins be seen until it ends."""
    for index in range(len(events) - 1, max(-1, len(events) - 40), -1):
        event = events[index]
        if event.track in tracks and event.record_out == at:
            events[index] = replace(event, record_out=until)


def _read_used_range(line: _Line, clock: Clock) -> SourceRange | None:
    """The source times; None where a list counts frames of the file instead of writing its timecode."""
    drop = clock.has_drop and (";" in line.labels[0] or (clock.drop and ":" not in line.labels[0][-3:]))
    source_clock = Clock(clock.rate, drop=drop)
    start, end = (source_clock.read(label) for label in line.labels[:2])
    if start is None or end is None:
        return None
    return SourceRange(start, end, source_clock, is_label=True)


def _compute_speed(line: _Line, clock: Clock) -> Fraction | None:
    if line.repeat_rate is None:
        return Fraction(1)
    speed = line.repeat_rate / clock.base
    exact = line.repeat_rate / clock.rate
    # Lists write 23.976 and 24 for the same rate.
    return Fraction(round(speed)) if abs(exact - round(exact)) < Fraction(1, 100) else speed


def _name_source(line: _Line, before: _Line | None, after: _Line | None) -> SourceNames:
    """What an event and the comments under it say about its source.

    A transition is two lines of one number with the comments under the second. There the names that begin with FROM
    belong to the first line, and those that begin with TO to the second.
    """
    is_incoming = before is not None and before.number == line.number
    is_outgoing = after is not None and after.number == line.number
    comments = after.comments if is_outgoing and after else line.comments
    file_names: list[str] = []
    clip_names: list[str] = []
    side = "FROM"
    wanted = "TO" if is_incoming else "FROM"
    has_to = any(key.startswith("TO CLIP") for key, _ in comments)
    for key, value in comments:
        if key.startswith(("FROM ", "TO ")):
            side = key.split()[0]
        is_ours = side == wanted or (is_incoming and not has_to)
        if not is_ours or value.strip("() ").upper() == "NULL":
            continue
        if key.endswith(("CLIP NAME", "CLIP")):
            clip_names.append(value)
        elif key.endswith("FILE"):
            file_names.append(value)
    reels = () if line.reel.upper() in _NO_REELS else (line.reel,)
    shown = next(iter([*clip_names, *file_names, *reels]), "")
    return SourceNames(
        shown=shown,
        umids=tuple(line.umids),
        paths=tuple(name for name in file_names if "/" in name or "\\" in name),
        file_names=tuple(re.split(r"[/\\]", name)[-1] for name in file_names),
        clip_names=tuple(clip_names),
        reels=reels,
    )
