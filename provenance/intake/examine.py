"""One path -> one Reading. The only broad `except` of the program stands here, once for each (file, member).

Runs in a worker process: everything that parses hostile bytes is called from here.
"""

from __future__ import annotations

import enum
import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from provenance import registry
from provenance.evidence import carriers, signals
from provenance.evidence.interface import Carrier, CarrierOutput, EmbeddedFile, Signal
from provenance.intake.parts import Part
from provenance.limits import Limits
from provenance.media.decode.thumbnail import make_thumbnail
from provenance.media.headers import read_header
from provenance.media.kinds import has_sound
from provenance.media.sniff import UNKNOWN, needs_no_carrier
from provenance.media.source import (
    Header,
    Source,
    file_state,
    open_and_digest,
    open_readonly,
    reopen,
    source_from_bytes,
)
from provenance.model.asset import Asset, FileState, Fingerprint, FingerprintLevel, Reading
from provenance.model.evidence import Credential, Evidence, Statement, Trouble
from provenance.model.match import Match
from provenance.model.vocabulary import SUSPECT, Cause
from provenance.origin import decide_origin

if TYPE_CHECKING:
    from provenance.fingerprint.looks import Watcher

Row = TypeVar("Row")
Learned = TypeVar("Learned")


class Thumbnails(enum.Enum):
    """Which files get a thumbnail."""

    NONE = enum.auto()
    FLAGGED = enum.auto()
    """Those with a mark of generation: what people will want to look at."""
    ALL = enum.auto()


@dataclass(frozen=True, slots=True)
class Job:
    """One file to look at. Paths and names are bytes, as the file system has them."""

    path: bytes
    size: int
    sidecars: tuple[bytes, ...] = ()
    sidecar_for: bytes | None = None
    """For a sidecar: whom it speaks of. Its words are read with that file, not with itself."""
    pictures: Thumbnails = Thumbnails.NONE
    fingerprints: FingerprintLevel = FingerprintLevel.NONE
    """How much is kept to find it again; of what turns out to be generated it is never less than all."""
    watched: bool = False
    """Whether known material is looked for in it."""
    part: Part | None = None
    """What is looked at of a file whose words were read before."""

    @property
    def key(self) -> tuple[bytes, Part | None]:
        """What tells it from all others."""
        return self.path, self.part


@dataclass(frozen=True, slots=True)
class EmbeddedAsset:
    """A thing found inside a file."""

    place: str
    """`b.psd!layer 3`, unique within the file."""
    parent: str
    """The place of what holds it; empty for the file itself."""
    reading: Reading


@dataclass(frozen=True, slots=True)
class Examined:
    """What came of it, and the stamp of the file that was really read."""

    reading: Reading
    stamp: FileState
    inside: tuple[EmbeddedAsset, ...] = ()


def examine(job: Job, limits: Limits, watcher: Watcher | None = None) -> Examined | Trouble:
    """Read one file; in one that is to be watched, `watcher` finds what is known.

    A file that changes meanwhile is read once more, and then told as unstable.

    Gives a Trouble alone when there is nothing to make a row of: the file cannot be opened or read.
    """
    if why := _silenced(job):
        alone = examine(replace(job, sidecar_for=None), limits)
        return alone if isinstance(alone, Trouble) else _with(alone, Trouble("", "sidecar", Cause.UNREADABLE, why))
    if job.part:
        return _pictures_of(job, job.part, limits, watcher)
    try:
        first = _looked_at(job, limits, watcher)
        if first.stamp == _now(job.path):
            return first
        again = _looked_at(job, limits, watcher)
        if again.stamp == _now(job.path):
            return again
    except OSError as fault:
        return Trouble("", "open", Cause.UNREADABLE, fault.strerror or str(fault))
    changed = Trouble("", "read", Cause.UNSTABLE, "changed while it was read, twice; scan again when it is at rest")
    return _with(again, changed)


def _with(examined: Examined, trouble: Trouble) -> Examined:
    return replace(examined, reading=replace(examined.reading, troubles=(*examined.reading.troubles, trouble)))


def _silenced(job: Job) -> str | None:
    """Why nobody will hear a sidecar with the file it speaks of; None when they can be read together."""
    if job.sidecar_for is None:
        return None
    try:
        with os.fdopen(open_readonly(os.path.join(os.path.dirname(job.path), job.sidecar_for)), "rb") as file:
            why = "" if file.read(1) else "empty"
    except OSError as fault:
        why = fault.strerror or str(fault)
    return f"read by itself, for the file that it speaks of cannot be read: {why}" if why else None


def _pictures_of(job: Job, part: Part, limits: Limits, watcher: Watcher | None) -> Examined | Trouble:
    """What the pictures of a stretch of a movie, of a sequence, or of a frame that stands for itself give."""
    from provenance.fingerprint.extract import learned, learned_strip
    from provenance.fingerprint.features import GRAY_SIDE
    from provenance.matching.hearing import heard
    from provenance.matching.watched import watched, watched_stretch, watched_strip
    from provenance.media.decode.sequence import FrameSequenceStream

    def looked_at() -> Iterator[Fingerprint | Match | Trouble]:
        if len(part.frames) > 1:
            strip = FrameSequenceStream(part.frames, limits, GRAY_SIDE)
            if job.fingerprints is not FingerprintLevel.NONE:
                yield from learned_strip(strip, job.fingerprints)
            if job.watched and watcher:
                yield from watched_strip(strip, watcher, part.digest)
            return
        with reopen(job.path, limits, part.digest) as source:
            if part.sound and watcher:
                yield from heard(source, watcher)
                yield from _faults(source)
                return
            if job.fingerprints is not FingerprintLevel.NONE:
                yield from learned(source, job.fingerprints)
            if job.watched and watcher and part.frames:
                yield from watched(source, watcher)
            elif job.watched and watcher:
                yield from watched_stretch(source, watcher, part.start, part.end)
            yield from _faults(source)

    try:
        shown = list(_guarded("sound" if part.sound else "picture", looked_at()))
        return Examined(with_pictures(Reading(Asset(part.digest, "", job.size, "")), shown), _now(job.path))
    except OSError as fault:
        return Trouble("", "open", Cause.UNREADABLE, fault.strerror or str(fault))


def kept_of(evidence: Iterable[Evidence], wanted: FingerprintLevel) -> FingerprintLevel:
    """How much is kept to find something again: all of what is or may be generated, unless nothing is wanted."""
    return (
        FingerprintLevel.FULL if wanted is not FingerprintLevel.NONE and decide_origin(evidence) in SUSPECT else wanted
    )


def with_pictures(reading: Reading, shown: Iterable[Fingerprint | Match | Trouble]) -> Reading:
    """A reading and what its pictures gave."""
    rows = list(shown)
    return replace(
        reading,
        troubles=(*reading.troubles, *(row for row in rows if isinstance(row, Trouble))),
        fingerprints=(*reading.fingerprints, *(row for row in rows if isinstance(row, Fingerprint))),
        matches=(*reading.matches, *(row for row in rows if isinstance(row, Match))),
    )


class SidecarUnreadableError(Exception):
    """What speaks of a file is there and cannot be read."""


def _now(path: bytes) -> FileState:
    return file_state(os.stat(path, follow_symlinks=False))


def _looked_at(job: Job, limits: Limits, watcher: Watcher | None) -> Examined:
    descriptor = open_readonly(job.path)
    stamp = file_state(os.fstat(descriptor))
    source = open_and_digest(descriptor, os.fsdecode(os.path.basename(job.path)), stamp.size, limits)
    with source.file:
        source.sidecars = tuple(os.fsdecode(name) for name in job.sidecars)
        source.beside = lambda name: _sidecar(job, name, limits)
        until = time.monotonic() + limits.seconds_for(stamp.size) / 2
        look = _FileExaminer(limits, job.pictures, job.fingerprints, watcher if job.watched else None, until)
        reading = look.read(source) if job.sidecar_for is None else Reading(_asset(source))
        return Examined(reading, stamp, tuple(look.inside))


def _sidecar(job: Job, name: str, limits: Limits) -> bytes | None:
    if os.fsencode(name) not in job.sidecars:
        return None
    try:
        descriptor = open_readonly(os.path.join(os.path.dirname(job.path), os.fsencode(name)))
    except OSError as fault:
        raise SidecarUnreadableError(f"{name}: {fault.strerror or fault}") from fault
    with os.fdopen(descriptor, "rb") as file:
        return file.read(limits.packet)


@dataclass(slots=True)
class _FileExaminer:
    """One look at one file and at everything inside it, within one budget."""

    limits: Limits
    pictures: Thumbnails
    depth: FingerprintLevel
    watcher: Watcher | None
    until: float
    """On the monotonic clock: after it nothing further inside is looked at, so that what was read is not lost."""
    inside: list[EmbeddedAsset] = field(default_factory=list)
    places: set[str] = field(default_factory=set)
    unpacked: int = 0

    def read(self, source: Source, place: str = "", depth: int = 0) -> Reading:
        """Read a file, or a thing found at `place` inside it."""
        said: list[CarrierOutput | Evidence] = list(self._said(source, place, depth))
        statements = tuple(row for row in said if isinstance(row, Statement))
        for signal in registry.members(signals, Signal).values():
            said.extend(_guarded(signal.name, signal.read(statements)))
        evidence = tuple(dict.fromkeys(row for row in said if isinstance(row, Evidence)))
        shown = list(self._shown(source, evidence, whole=not place))
        said.extend(row for row in shown if isinstance(row, Trouble))
        return Reading(
            _asset(source),
            statements,
            evidence,
            tuple(row for row in said if isinstance(row, Credential)),
            tuple(dict.fromkeys((*(row for row in said if isinstance(row, Trouble)), *_faults(source)))),
            _learned(source, make_thumbnail, bytes) if self._wants_picture(evidence) else None,
            tuple(row for row in shown if isinstance(row, Fingerprint)),
            tuple(row for row in shown if isinstance(row, Match)),
        )

    def _shown(
        self, source: Source, evidence: tuple[Evidence, ...], *, whole: bool
    ) -> Iterator[Fingerprint | Match | Trouble]:
        """What its pictures give: fingerprints to keep, known material found. Movies and sounds come later."""
        if self.depth is not FingerprintLevel.NONE:
            from provenance.fingerprint import extract
            from provenance.matching import hearing

            depth = kept_of(evidence, self.depth)
            yield from _guarded("picture", extract.learned(source, depth))
            yield from _guarded("sound", hearing.learned(source, depth))
        if self.watcher and not (whole and has_sound(source.media_type)):
            from provenance.matching import hearing, watched

            yield from _guarded("picture", watched.watched(source, self.watcher))
            yield from _guarded("sound", hearing.heard(source, self.watcher))

    def _wants_picture(self, evidence: tuple[Evidence, ...]) -> bool:
        flagged = self.pictures is Thumbnails.FLAGGED and decide_origin(evidence) in SUSPECT
        return flagged or self.pictures is Thumbnails.ALL

    def _said(self, source: Source, place: str, depth: int) -> Iterator[CarrierOutput]:
        """Everything that any carrier reads in the file, with valid text and within bounds; children are looked at."""
        if source.size == 0:
            yield Trouble("", "read", Cause.MALFORMED, "the file is empty")
            return
        readers = [carrier for carrier in registry.members(carriers, Carrier).values() if carrier.accepts(source)]
        if not any(carrier.counts_as_read for carrier in readers) and not needs_no_carrier(source.media_type):
            what = "unknown binary file" if source.media_type == UNKNOWN else source.media_type
            yield Trouble("", "read", Cause.UNSUPPORTED, f"{what}: digested, but nothing here can read it")
        told = 0
        for carrier in readers:
            for row in _guarded(carrier.name, carrier.read(source)):
                told += 1
                if told > self.limits.statements:
                    yield Trouble("", carrier.name, Cause.OVERSIZED, f"says more than {self.limits.statements} things")
                    return
                if not isinstance(row, EmbeddedFile):
                    yield _bounded(row, self.limits.text)
                elif refused := list(_guarded(carrier.name, self._descend(row, carrier.name, place, depth))):
                    yield from refused
                    break  # unpacking the rest would cost, and tell nothing

    def _descend(self, child: EmbeddedFile, stage: str, place: str, depth: int) -> Iterator[Trouble]:
        """Look at a thing inside; a Trouble on what holds it when the budget is spent."""
        limits = self.limits
        self.unpacked += len(child.content)
        if depth >= limits.nesting:
            yield Trouble("", stage, Cause.OVERSIZED, f"nested deeper than {limits.nesting}: not looked further")
        elif len(self.places) >= limits.children:
            yield Trouble("", stage, Cause.OVERSIZED, f"holds more than {limits.children} things: not all read")
        elif self.unpacked > limits.unpacked:
            yield Trouble("", stage, Cause.OVERSIZED, f"unpacks to more than {limits.unpacked} bytes: not all read")
        elif time.monotonic() > self.until:
            yield Trouble("", stage, Cause.SLOW, "what it holds takes too long to look at: not all read")
        else:
            source = source_from_bytes(child.content, _valid(child.name)[:500], limits)
            source.sidecars, source.beside = tuple(child.beside), child.beside.get
            if not needs_no_carrier(source.media_type):
                own = self._unique(f"{place}!{source.name}" if place else source.name)
                self.inside.append(EmbeddedAsset(own, place, self.read(source, own, depth + 1)))

    def _unique(self, place: str) -> str:
        count, unique = 1, place
        while unique in self.places:
            count += 1
            unique = f"{place} ({count})"
        self.places.add(unique)
        return unique


def load_members() -> None:
    """Import every carrier and signal. Raises `ImportError` for one that cannot be loaded."""
    registry.members(carriers, Carrier)
    registry.members(signals, Signal)


def _guarded(stage: str, rows: Iterator[Row]) -> Iterator[Row | Trouble]:
    """What a member yields until it fails; then why it failed."""
    try:
        yield from rows
    except SidecarUnreadableError as fault:
        yield Trouble("", stage, Cause.UNREADABLE, _valid(f"sidecar {fault}")[:300])
    except MemoryError:
        yield Trouble("", stage, Cause.OVERSIZED, "needs more memory than a worker may have")
    except Exception as error:  # noqa: BLE001 - a hostile file may raise anything in any member
        yield Trouble("", stage, Cause.MALFORMED, _valid(f"{type(error).__name__}: {error}")[:300])


def _bounded(row: CarrierOutput, longest: int) -> CarrierOutput:
    """The same row with text that any output can hold: no lone surrogates, no more than `longest` characters."""
    if isinstance(row, Statement):
        return replace(row, where=_valid(row.where), key=_valid(row.key)[:1000], value=_valid(row.value[:longest]))
    return row


def _valid(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _faults(source: Source) -> Iterator[Trouble]:
    if fault := source.fault:
        yield Trouble("", "read", Cause.UNREADABLE, f"the storage failed while reading: {fault.strerror or fault}")


def _asset(source: Source) -> Asset:
    shape = source.shape or _learned(source, read_header, Header) or Header()
    return Asset(
        source.digest, source.xxh128, source.size, source.media_type,
        shape.width, shape.height, shape.duration, _valid(shape.writer)[:200] if shape.writer else None,
    )  # fmt: skip


def _learned(source: Source, learn: Callable[[Source], Learned | None], wanted: type[Learned]) -> Learned | None:
    """What `learn` gives; None when it fails, for its want breaks no promise."""

    def once() -> Iterator[Learned | None]:
        yield learn(source)

    return next((made for made in _guarded("shape", once()) if isinstance(made, wanted)), None)
