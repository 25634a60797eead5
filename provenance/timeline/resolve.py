"""Names in a cut -> known assets: `Use`s that say which asset stands where, and by what it was recognised.

A wrong asset is worse than none. Ties are tried from the most certain to the least; the first that leads to any asset
decides. Where it leads to several, the source timecode has to choose one; where it cannot, the answer is "ambiguous".
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from provenance.timecode import Clock
from provenance.timeline.interface import Cut, Event, SourceNames, SourceRange
from provenance.timeline.names import get_file_name

_APPENDED = re.compile(r"(?:\.(?:new|copy|sub)\.\d{1,3}| copy(?: \d{1,3})?| ?\(copy(?: \d{1,3})?\))$")
"""What editing systems append to the name of a clip: `.new.01`, `.Copy.02`, `.sub.01`."""
_MOST_APPENDED = 10
"""Copies of copies."""
_EXTENSION = re.compile(r"\.(?!v?\d+$)[a-z0-9]{2,5}$")
"""`.mov`; a version or a number behind a dot is part of the name."""
_SEQUENCE = re.compile(r"(?P<prefix>.*?)\[(?P<first>\d+)(?:\.\.|-)(?P<last>\d+)\](?P<suffix>.*)", re.DOTALL)
"""`shot.[1001-1120].exr` and Avid's `NAME_[1..96]`."""
_NUMBER = re.compile(r"(?P<prefix>.*?)(?<!\d)(?P<number>\d+)(?P<suffix>\.[a-z0-9]{2,5})", re.IGNORECASE | re.DOTALL)
_SHORT_REEL = 8
"""Characters to which a CMX 3600 list cuts reel names; some systems cut at 16 or 32."""
_REEL_LENGTHS = (_SHORT_REEL, 16, 32)


@dataclass(frozen=True, slots=True)
class KnownSource:
    """A known asset, as far as cuts can refer to it."""

    digest: str
    paths: tuple[str, ...]
    """Absolute places, with slashes; one asset may be at several."""
    umids: tuple[str, ...] = ()
    package_ids: tuple[str, ...] = ()
    reels: tuple[str, ...] = ()
    start: int | None = None
    """Timecode of its first frame, as frames from 00:00:00:00; None when it has no timecode of its own."""
    clock: Clock | None = None
    frames: int | None = None
    """Its length in frames."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """Which asset an event shows."""

    by: str
    """`digest`, `package-id`, `umid`, `path`, `file-name`, `clip-name`, `reel`; `ambiguous`, `missing`, `outside`,
    `made-here`."""
    source: KnownSource | None = None
    candidates: tuple[str, ...] = ()
    """Digests, sorted, where more than one asset fits."""
    clock: Clock | None = None
    """How its source counts: that of the asset, or of all that fit."""


def normalise(name: str) -> str:
    """A name as it is compared: case and Unicode form do not count."""
    return unicodedata.normalize("NFC", name).casefold().strip()


def strip_extension(name: str) -> str:
    """A name without its extension, normalised."""
    return _EXTENSION.sub("", normalise(name))


def strip_name(name: str) -> str:
    """A clip name without extension and without what editing systems append, normalised."""
    name = normalise(name)
    for _ in range(_MOST_APPENDED):
        match = _APPENDED.search(name)
        if match is None or not match.start():
            break
        name = name[: match.start()]
    return strip_extension(name)


@dataclass(slots=True)
class KnownSources:
    """Known assets by everything that a cut may call them."""

    _by_digest: dict[str, KnownSource] = field(default_factory=dict)
    _by_umid: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _by_package_id: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _by_path: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _by_file_name: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _by_stem: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _by_reel: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _by_sequence: dict[tuple[str, str], list[tuple[int, int, str]]] = field(default_factory=lambda: defaultdict(list))
    """By the text around the frame number: first and last number, and digest."""

    def add(self, source: KnownSource) -> None:
        """Add an asset. One digest is one asset, wherever it lies."""
        self._by_digest[source.digest] = source
        for umid in source.umids:
            self._by_umid[umid].add(source.digest)
            # The last half is the material number, which formats print in different orders. Some writers leave it out.
            if umid[32:].strip("0"):
                self._by_umid[umid[32:]].add(source.digest)
        for package_id in source.package_ids:
            self._by_package_id[package_id].add(source.digest)
        for path in source.paths:
            self._add_path(path, source.digest)
        for reel in source.reels:
            self._add_reel(reel, source.digest)

    def _add_path(self, path: str, digest: str) -> None:
        name = normalise(get_file_name(path))
        self._by_path[normalise(path)].add(digest)
        self._by_file_name[name].add(digest)
        stem = strip_extension(name)
        self._by_stem[stem].add(digest)
        self._add_reel(stem, digest)
        if match := _SEQUENCE.fullmatch(name):
            span = (int(match["first"]), int(match["last"]), digest)
            self._by_sequence[match["prefix"], match["suffix"]].append(span)
            self._by_stem[match["prefix"].rstrip("._-")].add(digest)

    def _add_reel(self, reel: str, digest: str) -> None:
        for name in _list_reel_names(reel):
            self._by_reel[name].add(digest)

    def resolve(self, event: Event) -> Resolution:
        """Find the asset that an event shows."""
        if event.is_made_here:
            return Resolution("made-here")
        refuted: set[str] = set()
        for by, digests in self._list_ties(event.source):
            fitting: set[str] = set()
            proved: set[str] = set()
            for digest in digests:
                has_timecode = self._compare_timecode(digest, event.used)
                if has_timecode is False:
                    refuted.add(digest)
                    continue
                fitting.add(digest)
                if has_timecode:
                    proved.add(digest)
            # A reel is a tape with many clips: only a timecode that fits makes it one of them.
            if by == "reel" or (len(fitting) > 1 and proved):
                fitting = proved
            if len(fitting) == 1:
                source = self._by_digest[next(iter(fitting))]
                return Resolution(by, source, clock=source.clock)
            if fitting:
                return self._make_ambiguous(fitting)
        by = "missing"
        if any(map(_leads_outside, event.source.paths)):
            by = "outside"
        return Resolution(by, candidates=tuple(sorted(refuted)))

    def _make_ambiguous(self, digests: set[str]) -> Resolution:
        clocks = {self._by_digest[digest].clock for digest in digests}
        clock = None
        # Whichever of them it is, its timecode counts like that.
        if len(clocks) == 1:
            clock = clocks.pop()
        return Resolution("ambiguous", candidates=tuple(sorted(digests)), clock=clock)

    def _list_ties(self, names: SourceNames) -> Iterator[tuple[str, set[str]]]:
        """The assets that each kind of name leads to, from the most certain kind to the least."""
        yield "digest", self._by_digest.keys() & set(names.digests)
        yield "package-id", self._look_up(self._by_package_id, names.package_ids)
        material_numbers = [umid[32:] for umid in names.umids]
        yield "umid", self._look_up(self._by_umid, names.umids) or self._look_up(self._by_umid, material_numbers)
        yield "path", self._look_up(self._by_path, map(normalise, names.paths))
        # A clip often has the name of its file, and some lists give a file no other name than that of the clip.
        all_names = (*names.file_names, *names.clip_names)
        file_names = list(map(normalise, all_names))
        yield "file-name", self._look_up(self._by_file_name, file_names) or self._look_up_frames(file_names)
        # A name as it stands comes before what it may be short for: `shot.new.01` may be a file of its own.
        for strip in (normalise, strip_extension, strip_name):
            yield "clip-name", self._look_up(self._by_stem, map(strip, all_names))
        yield "reel", self._look_up(self._by_reel, map(_simplify_reel, names.reels))

    def _look_up(self, index: dict[str, set[str]], names: Iterable[str]) -> set[str]:
        found: set[str] = set()
        for name in names:
            if name:
                found |= index.get(name, set())
        return found

    def _look_up_frames(self, file_names: Iterable[str]) -> set[str]:
        """Sequences that have a frame of one of these names."""
        found = set()
        for name in file_names:
            match = _NUMBER.fullmatch(name)
            if match is None:
                continue
            number = int(match["number"])
            for first, last, digest in self._by_sequence.get((match["prefix"], match["suffix"]), ()):
                if first <= number <= last:
                    found.add(digest)
        return found

    def _compare_timecode(self, digest: str, used: SourceRange | None) -> bool | None:
        """Whether the asset has the timecode that an event uses; None when one of them has none."""
        source = self._by_digest[digest]
        if used is None or used.is_relative or source.start is None or source.clock is None:
            return None
        start = find_source_frame(used, used.start, source.clock)
        if start is None:
            return None
        return source.start <= start < source.start + (source.frames or 1)


def find_source_frame(used: SourceRange, frame: int, clock: Clock) -> int | None:
    """A frame of a source range as the source itself counts it; None for a label that the source does not have."""
    if used.is_label:
        # The list may not say at which rate it counts, but the label is the same at all of them.
        return clock.read(used.clock.format(frame))
    return round(frame * clock.rate / used.clock.rate)


def _simplify_reel(reel: str) -> str:
    """A reel name without what lists change in it."""
    return re.sub(r"[\s_.-]", "", strip_extension(reel))


def _list_reel_names(reel: str) -> set[str]:
    """The names by which lists may call a reel: whole, or cut at the lengths that systems cut at."""
    name = _simplify_reel(reel)
    names = {name}
    for length in _REEL_LENGTHS:
        # Some cut before they replace what is not a letter or digit, and some after.
        names.update((name[:length], _simplify_reel(reel[:length])))
    return names


def _leads_outside(path: str) -> bool:
    return "://" in path or ".." in path.split("/")


def find_rate(cut: Cut, known: KnownSources) -> Fraction | None:
    """The rate of the sources that a cut without a rate names, where they agree and the rate has its frame numbers."""
    rates = set()
    for event in cut.events:
        source = known.resolve(event).source
        if source and source.clock and event.track.startswith("V"):
            rates.add(source.clock.rate)
    if len(rates) != 1:
        return None
    clock = Clock(rates.pop())
    if clock.base < cut.clock.base or (cut.clock.drop and not clock.has_drop):
        return None
    return clock.rate


def list_own_names(file_name: str) -> set[str]:
    """Every normalised name by which a cut may mean a file of this name."""
    name = normalise(file_name)
    stem = strip_extension(name)
    names = {name, stem, *_list_reel_names(stem)}
    if match := _SEQUENCE.fullmatch(name):
        names.add(match["prefix"].rstrip("._-"))
        names.add(f"{match['prefix']}#{match['suffix']}")
    return names


def list_names(cuts: Sequence[Cut]) -> set[str]:
    """Every normalised name and stem by which the cuts refer to sources: what the catalogue has to be asked for."""
    names: set[str] = set()
    for cut in cuts:
        for event in cut.events:
            source = event.source
            for name in (*source.file_names, *source.clip_names):
                names.update((normalise(name), strip_extension(name), strip_name(name)))
                if match := _NUMBER.fullmatch(normalise(name)):
                    names.add(f"{match['prefix']}#{match['suffix']}")
            names.update(map(_simplify_reel, source.reels))
    names.discard("")
    return names
