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
    compute_speed,
    sort_events,
)
from provenance.timeline.names import get_file_name, is_path, name_source, read_umid
from provenance.timeline.text_lists import decode_list, split_lines

# All patterns but the first are for lines in which every white space is one blank, so that none of them backtracks far.
_LABEL = re.compile(r"\d{1,2}:\d{1,2}:\d{1,2}[:;.,]\d{1,3}")
_MIDDLE = re.compile(
    r"(?:(?P<reel>.*?) )?(?P<channels>NONE|[AVB][AVB/\d]*) "
    r"(?P<transition>C|D|W(?: ?\d+)??|K ?[BO]?)(?: \(?F?\)? ?(?P<frames>\d{1,6}))?(?: \(?F\)?)?",
    re.IGNORECASE,
)
_REPEAT = re.compile(r"M2 (?:(?P<reel>.*) )?(?P<rate>[+-]?\d{1,6}(?:\.\d{1,6})?)(?: \d{1,2}:\S{1,20})?", re.IGNORECASE)
_REPLACED_REEL = re.compile(r"\*? ?FINAL CUT PRO REEL: (?P<own>[^:]+) REPLACED BY: (?P<reel>[^:]+)", re.IGNORECASE)
_KEY = re.compile(r"\*? ?([A-Z][A-Z ]*)", re.IGNORECASE)
_MARKER = re.compile(r"\d\d[:;.,]\S{1,20}\s+[A-Za-z]+\s+(?P<text>.+)")
_MORE_AUDIO = re.compile(r"AUD (\d{1,3})(?: (\d{1,3}))?", re.IGNORECASE)
_LONGEST_LINE = 4_096
"""Characters; a longer line is no line of an EDL."""
_MOST_TRACKS = 64
"""Of one event."""
_MOST_EVENTS = 200_000
_MOST_LISTS = 100
"""In one file."""
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
    comments: list[tuple[str, str]] = field(default_factory=list)
    repeat_rate: Fraction | None = None
    """Frames a second at which the source is played (`M2`)."""
    own_reel: str | None = None
    """The reel as it was called before the list shortened it."""

    @property
    def has_transition(self) -> bool:
        """Whether it is the incoming side of a dissolve, wipe or key."""
        return not self.transition.startswith("C")

    @property
    def is_black(self) -> bool:
        """Whether it shows nothing."""
        return self.reel.upper() in _BLACK


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
        """Yield the cut of the list; of each, where several lists follow each other in one file."""
        size = source.limits.cut_list
        lines = split_lines(decode_list(source.at(0, size)))
        if source.size > size:
            yield Trouble("", self.name, Cause.OVERSIZED, f"only the first {size:,} bytes of the list were read")
        parsers = [_Parser()]
        for line in lines:
            if _is_title(line) and parsers[-1].lines and len(parsers) < _MOST_LISTS:
                parsers.append(_Parser())
            parsers[-1].take(line)
        for parser in parsers:
            if parser.lines:
                yield parser.make_cut(options)
        if not parsers[0].lines:
            yield Trouble("", self.name, Cause.MALFORMED, "contains no event line that could be read")


@dataclass(slots=True)
class _Parser:
    """Gathers the lines of one list, then makes events of them."""

    title: str = ""
    drops: bool | None = None
    """What the FCM line above the events says."""
    lines: list[_Line] = field(default_factory=list)
    umids: dict[str, str] = field(default_factory=dict)
    """By reel in upper case."""
    is_in_table: bool = False
    """Whether the lines now are those of the table of sources that Avid writes under a list."""
    starts: list[int] = field(default_factory=list)
    """Record times of every line that takes any, black ones too; `ends` likewise."""
    ends: list[int] = field(default_factory=list)
    not_read: Counter[str] = field(default_factory=Counter)

    def take(self, line: str) -> None:
        """Take the next line of the list."""
        stripped = line.strip()
        if not stripped:
            return
        words = stripped.split()
        shouted = stripped.upper()
        if len(line) > _LONGEST_LINE:
            self.not_read["line that is too long"] += 1
        elif len(words) >= 6 and _is_event(words):
            self._take_event(words)
        elif _resembles_event(words):
            self.not_read["event line"] += 1
        elif _is_title(line):
            self.title = self.title or stripped[6:].strip()
        elif shouted.lstrip("* ").startswith("FCM:"):
            self._take_mode(shouted)
        elif self.lines:
            self._take_note(stripped, " ".join(words))

    def _take_mode(self, line: str) -> None:
        """Take an `FCM` line. The first one speaks of the list itself; one further down of the sources under it."""
        drops = _reads_drop_frame(line)
        if self.drops is None and not self.lines:
            self.drops = drops

    def _take_event(self, words: list[str]) -> None:
        middle = _MIDDLE.fullmatch(" ".join(words[1:-4]))
        if len(self.lines) >= _MOST_EVENTS:
            self.not_read["event line beyond the limit"] += 1
        elif middle is None:
            self.not_read["event line"] += 1
        else:
            transition = middle["transition"].upper().replace(" ", "")
            frames = int(middle["frames"] or 0)
            tracks = _name_tracks(middle["channels"].upper())
            labels = (words[-4], words[-3], words[-2], words[-1])
            self.is_in_table = False
            self.lines.append(_Line(words[0], middle["reel"] or "", tracks, transition, frames, labels))

    def _take_note(self, line: str, spaced: str) -> None:
        """Take a line that says more about the event above it; `spaced` has one blank for every white space."""
        last = self.lines[-1]
        key, colon, value = line.partition(":")
        if spaced.startswith(">>>"):
            self._take_umid(spaced.split())
            self.is_in_table = True
        elif self.is_in_table:
            pass  # What stands between the rows of the table speaks of them, not of the last event.
        elif match := _REPEAT.fullmatch(spaced):
            self._line_with_reel(match["reel"] or "").repeat_rate = Fraction(match["rate"])
        elif match := _REPLACED_REEL.fullmatch(spaced):
            self._line_with_reel(match["reel"]).own_reel = match["own"]
        elif match := _MORE_AUDIO.fullmatch(spaced):
            more = [f"A{int(number)}" for number in filter(None, match.groups())]
            last.tracks = list(dict.fromkeys([*last.tracks, *more]))[:_MOST_TRACKS]
        elif colon and value.strip() and (match := _KEY.fullmatch(" ".join(key.split()))):
            last.comments.append((match[1].upper(), value.strip()))

    def _take_umid(self, words: list[str]) -> None:
        """Take a row of the table of sources: `>>> SOURCE`, clip, reel, UMID."""
        umid = read_umid(words[-1])
        if umid and len(words) > 4:
            self.umids[words[-2].upper()] = umid

    def _line_with_reel(self, reel: str) -> _Line:
        """The line of the last event, of the one or two that have its number, that an M2 line speaks of."""
        number = self.lines[-1].number
        for line in reversed(self.lines[-2:]):
            if line.number == number and line.reel == reel:
                return line
        return self.lines[-1]

    def make_cut(self, options: CutOptions) -> Cut:
        """Count the labels by the clock that was asked for, else by the least that has them all."""
        clock = options.make_clock(self._reads_drop) or self._find_least_clock()
        events: list[Event] = []
        neighbours = zip([None, *self.lines], self.lines, [*self.lines[1:], None], strict=False)
        for before, line, after in neighbours:
            self._add_events(line, before, after, clock, events)
        return Cut(
            format="cmx3600",
            name=self.title,
            clock=clock,
            rate_from=options.rate_from,
            start=min(self.starts, default=None),
            end=max(self.ends, default=None),
            events=sort_events(events),
            tracks=tuple(sorted({event.track for event in events})),
            not_read=dict(self.not_read),
        )

    @property
    def _reads_drop(self) -> bool:
        """Whether the list says that it drops numbers, or writes its record side so."""
        if self.drops is not None:
            return self.drops
        return any(";" in line.labels[2] + line.labels[3] for line in self.lines)

    def _find_least_clock(self) -> Clock:
        """The slowest usual clock that has every frame number of the list."""
        largest = 0
        for line in self.lines:
            for label in filter(_LABEL.fullmatch, line.labels):
                largest = max(largest, int(re.split(r"[:;.,]", label)[-1]))
        clocks = _LEAST_DROP_CLOCKS if self._reads_drop else _LEAST_CLOCKS
        return next((clock for clock in clocks if largest < clock.base), clocks[-1])

    def _add_events(
        self, line: _Line, before: _Line | None, after: _Line | None, clock: Clock, events: list[Event]
    ) -> None:
        record_in, record_out = clock.read(line.labels[2]), clock.read(line.labels[3])
        if record_in is None or record_out is None:
            self.not_read["event with an impossible timecode"] += 1
            return
        record_in, record_out = self._after_midnight(record_in, record_out, clock)
        if line.transition_frames and line.transition.startswith(("D", "W")):
            # The outgoing picture can be seen until the transition ends.
            _extend_outgoing(events, line.tracks, record_in, record_in + line.transition_frames)
        if record_out < record_in:
            self.not_read["event that ends before it begins"] += 1
            return
        if record_out > record_in:
            self.starts.append(record_in)
            self.ends.append(record_out)
        if len(events) + len(line.tracks) > _MOST_EVENTS:
            self.not_read["event beyond the limit"] += 1
        elif record_out > record_in and not line.is_black:
            event = Event(
                track="",
                record_in=record_in,
                record_out=record_out,
                source=_name_source(line, before, after, self.umids.get(line.reel.upper())),
                number=line.number,
                used=_read_used_range(line, clock),
                speed=Fraction(1) if line.repeat_rate is None else compute_speed(line.repeat_rate, clock),
                repeat_rate=line.repeat_rate,
                labels=_read_markers(line),
            )
            events.extend(replace(event, track=track) for track in line.tracks)

    def _after_midnight(self, record_in: int, record_out: int, clock: Clock) -> tuple[int, int]:
        """The same times, counted on past midnight where the list runs over it."""
        half_a_day = clock.frames_a_day // 2
        if self.starts and self.starts[-1] - record_in > half_a_day:
            record_in += clock.frames_a_day
            record_out += clock.frames_a_day
        if record_in - record_out > half_a_day:
            record_out += clock.frames_a_day
        return record_in, record_out


def _is_title(line: str) -> bool:
    return line.lstrip().upper().startswith("TITLE:")


def _is_event(words: list[str]) -> bool:
    """Whether a line ends in four times. Some lists count the frames of a source instead of writing its timecode."""
    source_in, source_out, record_in, record_out = words[-4:]
    if not words[0].isalnum() or not (_LABEL.fullmatch(record_in) and _LABEL.fullmatch(record_out)):
        return False
    return all(_LABEL.fullmatch(word) or word.isdecimal() for word in (source_in, source_out))


def _resembles_event(words: list[str]) -> bool:
    """Whether a line that is no event was meant to be one."""
    return words[0].isdecimal() and len(list(filter(_LABEL.fullmatch, words))) > 1


def _reads_drop_frame(line: str) -> bool | None:
    text = " ".join(line.replace("-", " ").split())
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
    return list(dict.fromkeys(tracks))[:_MOST_TRACKS]


def _extend_outgoing(events: list[Event], tracks: list[str], at: int, until: int) -> None:
    """Let the events that end where a transition begins be seen until it ends."""
    for index in range(len(events) - 1, max(-1, len(events) - 40), -1):
        event = events[index]
        if event.track in tracks and event.record_out == at:
            events[index] = replace(event, record_out=until, handle=until - at)


def _read_used_range(line: _Line, clock: Clock) -> SourceRange | None:
    """The source times; None where a list counts frames of the file instead of writing its timecode."""
    drop = clock.has_drop and (";" in line.labels[0] or (clock.drop and ":" not in line.labels[0][-3:]))
    source_clock = Clock(clock.rate, drop=drop)
    start, end = source_clock.read(line.labels[0]), source_clock.read(line.labels[1])
    if start is None or end is None:
        return None
    if start - end > source_clock.frames_a_day // 2:
        end += source_clock.frames_a_day
    return SourceRange(start, max(start, end), source_clock, is_label=True)


def _name_source(line: _Line, before: _Line | None, after: _Line | None, umid: str | None) -> SourceNames:
    """What an event and the comments under it say about its source."""
    clip_names: list[str] = []
    file_names: list[str] = []
    references: list[str] = []
    for key, value in _choose_comments(line, before, after):
        if value.strip("() ").upper() == "NULL":
            continue
        if key.endswith(("CLIP NAME", "CLIP")):
            clip_names.append(value)
        elif key.endswith("FILE"):
            file_names.append(get_file_name(value))
            if is_path(value):
                references.append(value)
    reel = None if line.reel.upper() in _NO_REELS else line.reel
    return name_source(
        clips=clip_names,
        files=file_names,
        references=references,
        reels=[reel, line.own_reel],
        umids=[umid],
    )


def _read_markers(line: _Line) -> tuple[str, ...]:
    """The texts of the markers under an event: `* LOC: 01:00:00:00 RED     text`."""
    found = (_MARKER.fullmatch(value) for key, value in line.comments if key == "LOC")
    return tuple(match["text"] for match in found if match)


def _choose_comments(line: _Line, before: _Line | None, after: _Line | None) -> list[tuple[str, str]]:
    """The comments that speak of this line.

    A transition is two lines of one number, as a rule with the comments of both under the second: there those from a
    FROM on belong to the first line, and those from a TO or KEY on to the second. A name without a side is not guessed:
    the source of the other line would be a wrong one.
    """
    if before and before.number == line.number and line.has_transition and not before.comments:
        names_a_side = any(_read_side(key, "") for key, _ in line.comments)
        # With black on the other side, everything speaks of this one, on whichever side the list writes it.
        if before.is_black or not names_a_side:
            return line.comments
        return _filter_side(line.comments, "TO")
    if after and after.number == line.number and after.has_transition and not line.comments:
        return after.comments if after.is_black else _filter_side(after.comments, "FROM")
    if line.has_transition:
        return _filter_side(line.comments, "TO") or line.comments
    # Some lists name the clip behind the next transition here as well.
    return [comment for comment in line.comments if _read_side(comment[0], "") != "TO"]


def _filter_side(comments: list[tuple[str, str]], wanted: str) -> list[tuple[str, str]]:
    side = ""
    chosen = []
    for key, value in comments:
        side = _read_side(key, side)
        if side == wanted:
            chosen.append((key, value))
    return chosen


def _read_side(key: str, side: str) -> str:
    if key.startswith("FROM "):
        return "FROM"
    return "TO" if key.startswith(("TO ", "KEY ")) else side
