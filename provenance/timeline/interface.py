"""What a cut list says, whatever its format: `Cut`, its `Event`s, and what they say about their sources.

A *reader* knows one format and gives the events of every cut in a file. It knows nothing of assets, origins or the
catalogue: `resolve` looks the sources up afterwards. A name in a cut is a name and never opened.

Adding a format: a new file in `readers/` with exactly one class, named as the file is; a cut list in its test; and that
test. No list has to be edited: `provenance.registry` finds members by file name. The contract test
(`tests/contract/test_cut_readers.py`) runs over every member. Readers run in worker processes only, under limits of
time and memory.
"""

from __future__ import annotations

import abc
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, fields, replace
from fractions import Fraction
from typing import ClassVar

from provenance.media.source import Source
from provenance.media.text import replace_surrogates
from provenance.model.evidence import Trouble
from provenance.model.value import value
from provenance.timecode import Clock

_SAME_SPEED = Fraction(2, 1_000)
"""A speed that differs by less from a whole number is that: 24 and 23.976 are one rate."""
_DEFAULT_RATE = Fraction(24)
"""Of a cut that says none."""
_FASTEST = 1_000_000
"""Times as fast as shot."""
_READ_ABOUT = ("place in a ", "nested sequence that is retimed")
"""How entries of `Cut.not_read` begin whose events are there, if not exactly. A file's own words never come first."""
_LONGEST_NAME = 2_000
"""Characters; paths have up to 1,024 on most systems."""
_MOST_NAMES = 100
"""Of one kind for one source."""


@value
class SourceNames:
    """Everything that a cut says to identify one source; each kind from the most to the least certain."""

    shown: str = ""
    """What a person is shown: the clip name, else the file name, else the reel."""
    digests: tuple[str, ...] = ()
    """`sha256:<hex>`, `sha1:<hex>`."""
    package_ids: tuple[str, ...] = ()
    """UUIDs of track files in a package: lower case, without `urn:uuid:`."""
    umids: tuple[str, ...] = ()
    """64 lower-case hex digits each: of the clip, of its file, of its tape."""
    paths: tuple[str, ...] = ()
    """Places of the file as the cut gives them: absolute or relative, percent signs decoded, without `file://`."""
    file_names: tuple[str, ...] = ()
    clip_names: tuple[str, ...] = ()
    reels: tuple[str, ...] = ()
    """Reels and tapes; they identify a source only together with its timecode."""


@value
class SourceRange:
    """The part of a source that an event uses, in frames of the source; `end` exclusive."""

    start: int
    end: int
    clock: Clock
    is_relative: bool = False
    """Whether they count from the first frame of the file instead of from timecode 00:00:00:00."""
    is_label: bool = False
    """Whether the list writes timecode labels. Others count frames; how these are labelled the source knows."""


@value
class Event:
    """One source on one track of a cut, for as long as any of it can be seen or heard."""

    track: str
    """`V1`, `A2` …"""
    record_in: int
    """Frames from 00:00:00:00 of the cut, past midnight if the cut runs past midnight."""
    record_out: int
    """Exclusive. On the outgoing side of a transition it is the end of the transition."""
    source: SourceNames
    number: str | None = None
    """As the list counts its events."""
    used: SourceRange | None = None
    """None when the cut gives no source time."""
    speed: Fraction | None = None
    """1 is as shot, 2 twice as fast, negative backwards, 0 a freeze frame; None when it changes or is not known."""
    repeat_rate: Fraction | None = None
    """Frames of the source that are played a second, where the list says that instead of a speed."""
    handle: int = 0
    """Frames of it that only a transition shows, beyond the edit point: where cuts are compared they do not count."""
    enabled: bool = True
    is_made_here: bool = False
    """A title or generator of the editing system, or a nested sequence as such: there is no source to look for."""
    via: tuple[str, ...] = ()
    """Names of the nested sequences or compound clips that lead to it, the outermost first."""
    labels: tuple[str, ...] = ()
    """What editors wrote on it: the name of its track, its roles and keywords, the markers on the clip."""


@value
class Cut:
    """One sequence of a file."""

    format: str
    """`cmx3600`, `xmeml`, `fcpxml`, `aaf`, `otio`, `ale`, `avid-bin`, `imf-cpl`, `dcp-cpl`."""
    name: str
    clock: Clock
    rate_from: str
    """`file`; `option` when the file does not say its rate and the user does; `least` when nobody does: then the clock
    is the slowest usual one that has its frame numbers."""
    start: int | None
    """Timecode of its first frame, as frames from 00:00:00:00; None when it has none."""
    end: int | None
    """Exclusive."""
    events: tuple[Event, ...]
    tracks: tuple[str, ...] = ()
    not_read: Mapping[str, int] = field(default_factory=dict)
    """What the reader saw and could not use: `event with an impossible timecode`, and how many.

    Some of it was read all the same, but not exactly: `place in a clip of varying or reversed speed: about right only`.
    """

    @property
    def lost(self) -> dict[str, int]:
        """What stands in the cut and in none of its events: nobody knows what it shows."""
        return {what: count for what, count in self.not_read.items() if not what.startswith(_READ_ABOUT)}


def sort_events(events: Iterable[Event]) -> tuple[Event, ...]:
    """The events by record time, then by track."""
    return tuple(sorted(events, key=lambda event: (event.record_in, event.track)))


def find_end(events: Iterable[Event], least: int) -> int:
    """The end of the last event, or `least` if that is later."""
    return max([least, *(event.record_out for event in events)])


def change_clock(cut: Cut, clock: Clock) -> Cut:
    """The same labels counted by another clock, for a cut that does not say its rate.

    Labels that the other clock does not have are dropped, and counted in `not_read`.
    """
    if clock == cut.clock:
        return cut
    events = []
    lost = 0
    for event in cut.events:
        changed = _change_event(event, cut.clock, clock)
        if changed is None:
            lost += 1
        else:
            events.append(changed)
    not_read = dict(cut.not_read)
    if lost:
        not_read[f"event with a timecode that {clock.describe()} does not have"] = lost
    start, end = _relabel(cut.start, cut.clock, clock), _relabel(cut.end, cut.clock, clock)
    return replace(cut, clock=clock, events=tuple(events), start=start, end=end, not_read=not_read)


def _change_event(event: Event, old: Clock, new: Clock) -> Event | None:
    record_in = _relabel(event.record_in, old, new)
    record_out = _relabel(event.record_out, old, new)
    if record_in is None or record_out is None:
        return None
    used = event.used
    if used and used.is_label and used.clock.rate == old.rate:
        # Where the list knows no rate, source labels are counted by the same clock; they drop numbers on their own.
        used = _relabel_range(used, Clock(new.rate, drop=used.clock.drop and new.has_drop))
    speed = event.speed
    if event.repeat_rate is not None:
        speed = compute_speed(event.repeat_rate, new)
    return replace(event, record_in=record_in, record_out=record_out, used=used, speed=speed)


def _relabel_range(used: SourceRange, clock: Clock) -> SourceRange | None:
    start = _relabel(used.start, used.clock, clock)
    end = _relabel(used.end, used.clock, clock)
    if start is None or end is None:
        return None
    return replace(used, start=start, end=end, clock=clock)


def compute_speed(repeat_rate: Fraction, clock: Clock) -> Fraction:
    """The speed at which a cut of this clock plays `repeat_rate` frames of a source a second."""
    speed = repeat_rate / clock.base
    exact = repeat_rate / clock.rate
    if abs(exact - round(exact)) <= _SAME_SPEED:
        # Lists write 23.976 and 24 for the same rate.
        return Fraction(round(speed))
    return speed


def _relabel(frame: int | None, old: Clock, new: Clock) -> int | None:
    """The frame to which another clock gives the label of this one, as many days on."""
    if frame is None:
        return None
    days, rest = divmod(frame, old.frames_a_day)
    relabelled = new.read(old.format(rest))
    if relabelled is None:
        return None
    return relabelled + days * new.frames_a_day


def bound_speed(speed: Fraction | None) -> Fraction | None:
    """The speed; None for one that nobody means."""
    if speed is not None and abs(speed) > _FASTEST:
        return None
    return speed


def bound_texts(cut: Cut) -> Cut:
    """The same cut with text that any output can hold: no lone surrogates, and no name that is a book."""
    events = tuple(map(_bound_event, cut.events))
    not_read = {_bound_text(what): count for what, count in cut.not_read.items()}
    return replace(cut, name=_bound_text(cut.name), events=events, not_read=not_read)


def _bound_event(event: Event) -> Event:
    number = event.number
    if number is not None:
        number = _bound_text(number)
    return replace(
        event,
        number=number,
        source=_bound_names(event.source),
        via=_bound_all(event.via),
        labels=_bound_all(event.labels[:_MOST_NAMES]),
    )


def _bound_names(source: SourceNames) -> SourceNames:
    bounded = {}
    # Every kind of name, also one that is added later.
    for kind in fields(source):
        if kind.name != "shown":
            bounded[kind.name] = _bound_all(getattr(source, kind.name)[:_MOST_NAMES])
    return SourceNames(_bound_text(source.shown), **bounded)


def _bound_all(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(map(_bound_text, texts))


def _bound_text(text: str) -> str:
    text = text[:_LONGEST_NAME]
    if text.isascii():
        return text
    return replace_surrogates(text)


@value
class CutOptions:
    """What the user says about cut lists."""

    rate: Fraction | None = None
    """Frames a second of lists that do not say theirs."""
    drop: bool | None = None
    """Whether such a list drops numbers; None: as it says, else it does not."""

    @property
    def rate_from(self) -> str:
        """Where the rate of such a list comes from."""
        if self.rate is None:
            return "least"
        return "option"

    def settle_clock(self, rate: Fraction | None, drops: bool = False) -> tuple[Clock, str]:
        """The clock of a cut whose file says this rate, or none, and where its rate comes from.

        `drops`: whether the file says that numbers are dropped, which counts where such timecode exists.
        """
        if rate is None:
            return self.make_clock(drops) or Clock(_DEFAULT_RATE), self.rate_from
        clock = Clock(rate)
        return replace(clock, drop=drops and clock.has_drop), "file"

    def make_clock(self, drops: bool = False) -> Clock | None:
        """The clock for a list that says itself whether it drops numbers; None when the user gives no rate."""
        if self.rate is None:
            return None
        clock = Clock(self.rate)
        if self.drop is not None:
            drops = self.drop
        return replace(clock, drop=drops and clock.has_drop)


class CutReader(abc.ABC):
    """Reads the cuts of one format.

    `read` yields each cut when it is whole. It may raise any `Exception`: `examine` turns that into a Trouble. It reads
    within `source.limits`, and counts in `Cut.not_read` what it left out.
    """

    name: ClassVar[str]
    """Same as the module's name."""
    title: ClassVar[str]
    """The format as people call it, for the reference."""
    suffixes: ClassVar[tuple[str, ...]]
    """Lower-case endings of the names such files have."""

    @abc.abstractmethod
    def accepts(self, source: Source) -> bool:
        """Whether the file is of this format, by its first bytes and its name."""

    @abc.abstractmethod
    def read(self, source: Source, options: CutOptions) -> Iterator[Cut | Trouble]:
        """Yield every cut of the file, the outermost sequences first."""
