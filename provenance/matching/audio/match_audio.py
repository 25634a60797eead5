"""Known sounds found again in the sound of a deliverable.

Two stages: landmarks name candidates, whitened correlation decides. The same for every view of every track, at every
speed that is asked for; what several of them find is told once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from provenance.fingerprint.audio import METHOD, RATE, VERSION, AudioFingerprint, from_bytes
from provenance.matching.audio.align import Alignment, aligned
from provenance.matching.audio.index import AudioCandidate, AudioIndex
from provenance.model.asset import Fingerprint
from provenance.model.match import COPY, SHARES, Known, Match, Span

FILM = (1.0, 24 / 25, 25 / 24)
"""Speeds at which clips are looked up. Each finds what is up to .3 % beside it: 1000/1001 is found with 1."""
FREE = (1.0, 0.98, 0.985, 0.99, 0.995, 1.005, 1.01, 1.015, 1.02, 24 / 25, 25 / 24)
"""The same with everything within 2 % of the known speed."""
_NAMED = {1.0: "", 24 / 25: "24/25", 25 / 24: "25/24", 1.001: "1001/1000", 1 / 1.001: "1000/1001",
          25 / 23.976: "25/23.976", 23.976 / 25: "23.976/25"}  # fmt: skip
_SAME_SPEED = 2e-4
_APART = RATE // 50
"""Samples by which two alignments of one sound differ when they are not the same."""
_JOINED = 2 * RATE
"""Samples of nothing between two parts of one use."""
_SURE_SECONDS, _SURE_SHARE, _SURE_SIGMA = 2.0, 0.5, 15.0
"""What makes a copy sure. Less is told as shared content: a word, a drum loop, or much that is drowned."""
_LEAST_SECONDS, _NEARLY_ALL = 1.0, 0.8
"""Seconds, or share of the known sound, that must be heard: a synthetic voice says the same word the same way twice."""
_BRIEF, _BRIEF_SIGMA = 3.0, 12.0
"""Seconds under which more must stand out: two voices at one pitch agree for a second or two, by 9 deviations."""

Load = Callable[[int], bytes]


class KnownSounds:
    """All known sounds, ready to be searched for. Holds the index alone; prints are loaded when they are candidates."""

    def __init__(self, entries: Iterable[tuple[Known, Fingerprint]], load: Load | None = None) -> None:
        """Every print of every known sound; those of other methods and versions are passed over and not counted.

        `load` gives the bytes of the n-th again; without it they are held.
        """
        self._known: list[Known] = []
        held: list[bytes] = []

        def marks() -> Iterator[AudioFingerprint]:
            for known, print_ in entries:
                if not _readable(print_):
                    continue
                self._known.append(known)
                if load is None:
                    held.append(print_.data)
                yield from_bytes(print_.data)

        self._index = AudioIndex(sound.landmarks for sound in marks())
        self._load = load or held.__getitem__

    def __len__(self) -> int:
        return len(self._known)

    def known(self, entry: int) -> Known:
        """The asset that an entry belongs to."""
        return self._known[entry]

    def sound(self, entry: int) -> AudioFingerprint:
        """Its print."""
        return from_bytes(self._load(entry))

    def candidates(self, heard: AudioFingerprint, speed: float) -> Iterator[AudioCandidate]:
        """Where any of them might stand."""
        return self._index.candidates(heard.landmarks, speed)


def _readable(print_: Fingerprint) -> bool:
    return (print_.method, print_.version) == (METHOD, VERSION)


@dataclass(frozen=True, slots=True)
class _Heard:
    """A known sound found in one view."""

    alignment: Alignment
    known: Known
    view: AudioFingerprint


def matches(heard: Sequence[Fingerprint], sounds: KnownSounds, speeds: Sequence[float] = FILM) -> list[Match]:
    """Known sounds in the prints of one deliverable, in the order of time. Spans are seconds, without timecodes.

    Raises `MalformedPrint` for prints that are none; those of other methods and versions are passed over.
    """
    found: list[_Heard] = []
    for print_ in heard:
        if _readable(print_):
            view = from_bytes(print_.data)
            found += (_Heard(alignment, sounds.known(alignment.entry), view) for alignment in _in(view, sounds, speeds))
    return sorted((_match(one, sounds) for one in _once(found)), key=_place)


def _place(match: Match) -> tuple[float, str, str]:
    return (match.time.start if match.time else 0.0, match.known.path, match.known.digest)


def _in(view: AudioFingerprint, sounds: KnownSounds, speeds: Sequence[float]) -> list[Alignment]:
    """Every known sound in one view."""
    found: list[Alignment] = []
    for speed in speeds:
        for candidate in sounds.candidates(view, speed):
            if any(_explains(alignment, candidate) for alignment in found):
                continue
            known = sounds.sound(candidate.entry)
            alignment = aligned(known, view, candidate)
            if alignment and is_enough(alignment, known):
                found.append(alignment)
    return _joined(found)


def is_enough(found: Alignment, known: AudioFingerprint) -> bool:
    """Whether what is heard is long enough for how far it stands out."""
    if found.agreeing < _BRIEF * RATE and found.sigma < _BRIEF_SIGMA:
        return False
    return found.agreeing >= min(_LEAST_SECONDS * RATE, _NEARLY_ALL * known.length)


def _joined(found: Iterable[Alignment]) -> list[Alignment]:
    """What was found bit by bit, at one speed and one place, as one."""
    whole: list[Alignment] = []
    for one in sorted(found, key=lambda one: (one.entry, one.start)):
        for number, other in enumerate(whole):
            if _continues(other, one):
                share = (one.agreeing + other.agreeing) / (one.end - one.start + other.end - other.start)
                best = max(one, other, key=lambda part: part.weight)
                start, end = min(one.start, other.start), max(one.end, other.end)
                whole[number] = replace(best, start=start, end=end, share=share, weight=one.weight + other.weight)
                break
        else:
            whole.append(one)
    return whole


def _continues(one: Alignment, other: Alignment) -> bool:
    """Whether two alignments of an entry, the later one second, are parts of one."""
    if one.entry != other.entry or other.start > one.end + _JOINED:
        return False
    apart = (other.start - one.offset) * one.speed - (other.start - other.offset) * other.speed
    return abs(apart) < _APART and abs(one.speed - other.speed) < _SAME_SPEED


def _explains(alignment: Alignment, candidate: AudioCandidate) -> bool:
    """Whether a candidate is but another look at what is found."""
    if alignment.entry != candidate.entry:
        return False
    middle = (candidate.first + candidate.last) / 2
    inside = alignment.start <= middle <= alignment.end
    there = (middle - alignment.offset) * alignment.speed - (middle - candidate.offset) * candidate.speed
    return inside and abs(there) < 4 * _APART


def _once(found: Sequence[_Heard]) -> list[_Heard]:
    """Of what overlaps in one track and is the same asset, the one with the most that agrees."""
    kept: list[_Heard] = []
    for one in sorted(found, key=lambda one: -one.alignment.weight):
        if not any(_overlap(one, other) > 0.5 for other in kept):
            kept.append(one)
    return kept


def _overlap(one: _Heard, other: _Heard) -> float:
    """Share of the shorter one's time that both have, 0 for different assets or tracks."""
    if one.known.digest != other.known.digest or one.view.track != other.view.track:
        return 0.0
    a, b = one.alignment, other.alignment
    common = min(a.end, b.end) - max(a.start, b.start)
    return max(0.0, common / max(1, min(a.end - a.start, b.end - b.start)))


def _match(one: _Heard, sounds: KnownSounds) -> Match:
    found, view = one.alignment, one.view
    known = sounds.sound(found.entry)
    first, last = (max(0.0, (at - found.offset) * found.speed / RATE) + known.start for at in (found.start, found.end))
    sure = found.end - found.start >= _SURE_SECONDS * RATE and found.share >= _SURE_SHARE and found.sigma >= _SURE_SIGMA
    return Match(
        known=one.known,
        method=METHOD,
        verdict=COPY if sure else SHARES,
        time=Span(view.start + found.start / RATE, view.start + found.end / RATE),
        known_time=Span(first, last),
        score=round(found.share, 3),
        detail=_told(found, view),
    )


def _told(found: Alignment, view: AudioFingerprint) -> str:
    parts = [f"audio track {view.track + 1} ({view.view})"]
    if abs(found.speed - 1) > _SAME_SPEED / 2:
        parts.append(f"at {found.speed:.4f} times its speed{_film_speed(found.speed)}")
    parts.append(f"{found.share:.0%} of its quarter seconds agree, {found.sigma:.0f} deviations above chance")
    return ", ".join(parts)


def _film_speed(speed: float) -> str:
    nearest = min(_NAMED, key=lambda named: abs(named - speed))
    return f" ({_NAMED[nearest]})" if _NAMED[nearest] and abs(nearest - speed) < _SAME_SPEED else ""
