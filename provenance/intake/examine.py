"""One job -> its outcome. The only dispatch on jobs, and the only broad `except` for hostile files.

Runs in a worker process: everything that parses hostile bytes is called from here. What decodes is imported when a job
needs it, so that a worker that only reads metadata stays small.
"""

from __future__ import annotations

import functools
import io
import operator
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from provenance import registry
from provenance.evidence import carriers, signals
from provenance.evidence.interface import Carrier, CarrierOutput, EmbeddedFile, KeptManifest, Signal
from provenance.evidence.same_mark import drop_double_readings
from provenance.intake.jobs import (
    CompareFrames,
    Contents,
    ContentSearched,
    CutsRead,
    DeriveEvidence,
    EmbeddedAsset,
    EvidenceDerived,
    FileHashed,
    FileListRead,
    FileRead,
    FingerprintFrames,
    FramesCompared,
    FramesFingerprinted,
    HashFile,
    Job,
    Outcome,
    ReadCuts,
    ReadFile,
    ReadFileList,
    ReadTable,
    ScanAudio,
    ScanEmbedded,
    ScanFrames,
    ScanPicture,
    ScanRange,
    Searched,
    SearchJob,
    TableRead,
    Thumbnails,
)
from provenance.intake.levels import DECODING_LEVELS, raise_level
from provenance.limits import Limits
from provenance.matching.search_index import SearchIndexUnreadableError
from provenance.media import tables
from provenance.media.headers import has_header, read_header
from provenance.media.object_storage import ObjectFile
from provenance.media.readable import MalformedContainer
from provenance.media.source import (
    Header,
    Source,
    find_state,
    open_and_digest,
    open_place,
    open_raw,
    read_state,
    reopen,
    source_from_bytes,
)
from provenance.media.table_interface import TableReader
from provenance.media.text import replace_surrogates
from provenance.media.types import FILM_FRAMES, UNKNOWN, find_type, needs_no_carrier
from provenance.model.asset import Asset, Cutout, FileState, Fingerprint, FingerprintLevel, Reading
from provenance.model.declaration import Sheet
from provenance.model.evidence import Credential, Evidence, Statement, Trouble
from provenance.model.match import Match
from provenance.model.vocabulary import SUSPECT, Cause
from provenance.origin import decide_origin
from provenance.timeline import readers
from provenance.timeline.interface import Cut, CutReader, bound_texts
from provenance.timeline.packages import find as packages
from provenance.timeline.packages.interface import FileList
from provenance.trust import name_vouchers

VERSION = 1
"""Raised when a file gives more than before for a reason that no carrier and no other part has a version for: every
file is then read again."""

Row = TypeVar("Row")
Value = TypeVar("Value")

_COARSE_CLOCK = 5
"""CLOCK_REALTIME_COARSE of Linux, which it stamps files with; Python has no name for it."""
_LONGEST_TICK = 10_000_000
"""Nanoseconds: 4,000,000 with most kernels, 10,000,000 with those that tick most slowly."""
_WAIT = 0.001
"""Seconds between two looks at a file that was changed in this tick."""
_MOST_WAITS = 20
"""Such looks: more than a tick. Who goes on writing after that is seen by comparing the states."""
_LONGEST_NAME = 500
"""Characters of the name of an embedded file that are shown."""
_LONGEST_KEY = 1000
"""Characters of a statement's key that are kept."""
_LONGEST_DETAIL = 300
"""Characters of an error's own words that a trouble repeats."""
_OPENCV_NO_MEMORY = -4
"""Code of the error that OpenCV raises where others raise `MemoryError`."""
_TYPES_KEPT = 512
"""Media types whose carriers are kept in mind; there are fewer."""
_LONGEST_WRITER = 200
"""Characters of the name of the program that wrote a file."""


def examine(job: Job, limits: Limits) -> Outcome:
    """Do one job. A file that cannot be opened or read is a Trouble alone."""
    try:
        if isinstance(job, ReadFile):
            return _read_file(job, limits)
        if isinstance(job, CompareFrames):
            return _compare_frames(job, limits)
        if isinstance(job, FingerprintFrames):
            return _fingerprint_frames(job, limits)
        if isinstance(job, ReadCuts):
            return _read_cuts(job, limits)
        if isinstance(job, ReadFileList):
            return _read_file_list(job, limits)
        if isinstance(job, ReadTable):
            return _read_table(job, limits)
        if isinstance(job, HashFile):
            return _hash_file(job, limits)
        if isinstance(job, DeriveEvidence):
            return EvidenceDerived(tuple(derive_again(reading, limits) for reading in job.readings))
        return _search(job, limits)
    except OSError as fault:
        return Trouble("", "open", Cause.UNREADABLE, fault.strerror or str(fault))


def load_members() -> None:
    """Import every carrier and signal. Raises `ImportError` for one that cannot be loaded."""
    registry.load_members(carriers, Carrier)
    registry.load_members(signals, Signal)


# Reading a file


def _read_file(job: ReadFile, limits: Limits) -> FileRead | Trouble:
    """Read one file. One that changes meanwhile is read once more, and is then reported as unstable."""
    if reason := _why_sidecar_stands_alone(job):
        trouble = Trouble("", "sidecar", Cause.UNREADABLE, reason)
        alone = examine(replace(job, sidecar_for=None), limits)
        if isinstance(alone, FileRead):
            return _with_trouble(alone, trouble)
        if isinstance(alone, Trouble):
            return alone
        return trouble
    first = _read_once(job, limits)
    if first.state == find_state(job.path):
        return first
    second = _read_once(job, limits)
    if second.state == find_state(job.path):
        return second
    detail = "the file changed twice while it was read; scan again when it is no longer written to"
    return _with_trouble(second, Trouble("", "read", Cause.UNSTABLE, detail))


def _read_settled_state(opened: int | ObjectFile) -> FileState:
    """The state of an open file, in which every later change will show.

    Linux stamps all changes within one tick of its clock alike. What was changed in this very tick is left alone until
    it is over: else somebody could write while it is read, and leave the time as it is.
    """
    state = read_state(opened)
    for _ in range(_MOST_WAITS):
        # Where the file lies on a machine with another clock, its times are to come, or tell nothing.
        if not 0 <= max(state.mtime_ns, state.ctime_ns) - _find_time_of_tick() < _LONGEST_TICK:
            break
        time.sleep(_WAIT)
        state = read_state(opened)
    return state


def _find_time_of_tick() -> int:
    """Nanoseconds that the system would stamp a change with now. Other systems than Linux stamp the time itself."""
    if sys.platform == "linux":
        return time.clock_gettime_ns(_COARSE_CLOCK)
    return time.time_ns()


def _read_once(job: ReadFile, limits: Limits) -> FileRead:
    opened = open_place(job.path)
    state = _read_settled_state(opened)
    name = os.fsdecode(os.path.basename(job.path))
    source = open_and_digest(opened, name, state.size, limits, job.algorithms)
    with source.file:
        source.sidecars = tuple(os.fsdecode(name) for name in job.sidecars)
        source.beside = lambda name: _read_sidecar(job, name, limits)
        if job.sidecar_for is not None:
            # Its words count for the file it speaks of: here it is only a digest.
            return FileRead(Reading(_describe_asset(source)), state)
        until = _deadline_inside(state, limits)
        if job.labels:
            until = time.monotonic() + limits.compute_decode_deadline(state.size) / 2
        examiner = _FileExaminer(limits, job.thumbnails, job.level, until, labels=job.labels)
        reading = examiner.read(source)
        return FileRead(reading, state, tuple(examiner.embedded), examiner.contents)


def _deadline_inside(state: FileState, limits: Limits) -> float:
    """On the monotonic clock: half of the job's time, so that what was read by then still comes back in time."""
    return time.monotonic() + limits.compute_read_deadline(state.size) / 2


def _with_trouble(read: FileRead, trouble: Trouble) -> FileRead:
    return replace(read, reading=replace(read.reading, troubles=(*read.reading.troubles, trouble)))


class SidecarUnreadableError(Exception):
    """A sidecar is there and cannot be read."""


def _read_sidecar(job: ReadFile, name: str, limits: Limits) -> bytes | None:
    if os.fsencode(name) not in job.sidecars:
        return None
    try:
        raw = open_raw(os.path.join(os.path.dirname(job.path), os.fsencode(name)))
    except OSError as fault:
        raise SidecarUnreadableError(f"{name}: {fault.strerror or fault}") from fault
    with io.BufferedReader(raw) as file:
        return file.read(limits.packet)


def _why_sidecar_stands_alone(job: ReadFile) -> str | None:
    """Why a sidecar cannot be read with the file it speaks of; None when it can, or for any other file."""
    if job.sidecar_for is None:
        return None
    try:
        with open_raw(os.path.join(os.path.dirname(job.path), job.sidecar_for)) as file:
            if file.read(1):
                return None
        problem = "it is empty"
    except OSError as fault:
        problem = fault.strerror or str(fault)
    return f"read on its own, because the file it describes cannot be read: {problem}"


@dataclass(slots=True)
class _FileExaminer:
    """Reads one file and everything embedded in it, within one budget of bytes, files and time."""

    limits: Limits
    thumbnails: Thumbnails
    level: FingerprintLevel
    until: float
    """On the monotonic clock: after it no further embedded file is read."""
    embedded: list[EmbeddedAsset] = field(default_factory=list)
    labels: bool = False
    """Whether text that stands in pictures is looked for."""
    on_embedded: Callable[[Source], None] | None = None
    """Called for every embedded file while its bytes are at hand."""
    _places: set[str] = field(default_factory=set)
    _unpacked_bytes: int = 0
    _types: set[str] = field(default_factory=set)
    _sidecars: set[str] = field(default_factory=set)
    _keeps_statements: bool = True

    @property
    def contents(self) -> Contents:
        """What was examined so far."""
        return _make_contents(tuple(sorted(self._types)), tuple(sorted(self._sidecars)), self._keeps_statements)

    def read(self, source: Source, place: str = "", nesting: int = 0) -> Reading:
        """Read a file, or the file embedded at `place` in it."""
        self._types.add(source.media_type)
        if source.sidecars:
            self._sidecars.update(os.path.splitext(name)[1].lower() for name in source.sidecars)
        rows: list[CarrierOutput | Evidence | Cutout] = list(self._run_carriers(source, place, nesting))
        if self.labels:
            rows.extend(_look_for_labels(source, self.until))
        if not rows and self.level not in DECODING_LEVELS and self.thumbnails is not Thumbnails.ALL:
            # Nearly all files of a storage say nothing.
            return Reading(_describe_asset(source), troubles=tuple(_storage_faults(source)))
        statements = _select(rows, Statement)
        # Without words there is nothing that could mean something.
        if statements:
            for signal in registry.load_members(signals, Signal).values():
                rows.extend(_guard(signal.name, signal.read(statements), self.limits))
        credentials = _select(rows, Credential)
        evidence = _settle_evidence(_select(rows, Evidence), statements, credentials)
        fingerprint_rows = list(self._fingerprint(source, evidence))
        asset = _describe_asset(source)
        troubles = [*_select(rows, Trouble), *_select(fingerprint_rows, Trouble), *_storage_faults(source)]
        thumbnail = None
        if self._wants_thumbnail(evidence):
            # What draws takes a tenth of a second to import, and a night in which nothing changed draws nothing.
            from provenance.decode.thumbnail import make_thumbnail

            thumbnail = _optional(source, make_thumbnail, bytes)
        return Reading(
            asset,
            statements,
            evidence,
            credentials,
            tuple(dict.fromkeys(troubles)),
            thumbnail,
            _select(fingerprint_rows, Fingerprint),
            manifests=tuple(dict.fromkeys(row.data for row in _select(rows, KeptManifest))),
            cutouts=_select(rows, Cutout),
        )

    def _fingerprint(self, source: Source, evidence: tuple[Evidence, ...]) -> Iterator[Fingerprint | Trouble]:
        level = raise_level(evidence, self.level)
        if level not in DECODING_LEVELS:
            return
        from provenance.fingerprint import audio_tracks, extract

        yield from _guard("picture", extract.extract_fingerprint(source, level), self.limits)
        yield from _guard("sound", audio_tracks.extract_fingerprint(source, level), self.limits)

    def _wants_thumbnail(self, evidence: tuple[Evidence, ...]) -> bool:
        if self.thumbnails is Thumbnails.FLAGGED:
            return decide_origin(evidence) in SUSPECT
        return self.thumbnails is Thumbnails.ALL

    def _run_carriers(self, source: Source, place: str, nesting: int) -> Iterator[CarrierOutput]:
        """Everything that any carrier reads in the file, as valid text and within bounds; embedded files are read."""
        if source.size == 0:
            yield Trouble("", "read", Cause.MALFORMED, "the file is empty")
            return
        readers = _find_readers(source.media_type, registry.count_third_party(Carrier))
        if source.sidecars:
            readers = _select_carriers("accepts", source)
        is_read = any(carrier.counts_as_read for carrier in readers)
        if not is_read and not needs_no_carrier(source.media_type):
            yield Trouble("", "read", Cause.UNSUPPORTED, _describe_unread(source.media_type))
        count = 0
        for carrier in readers:
            for row in _guard(carrier.name, carrier.read(source), self.limits):
                count += 1
                if count > self.limits.statements:
                    detail = f"contains more than {self.limits.statements:,} metadata entries; the rest was not read"
                    yield Trouble("", carrier.name, Cause.OVERSIZED, detail)
                    return
                if not isinstance(row, EmbeddedFile):
                    yield _bound_text(row, self.limits.text)
                    continue
                descent = self._descend(row, carrier.name, place, nesting)
                if refusals := list(_guard(carrier.name, descent, self.limits)):
                    yield from refusals
                    break  # The budget is spent: unpacking the rest would cost time and add nothing.

    def _descend(self, child: EmbeddedFile, stage: str, place: str, nesting: int) -> Iterator[Trouble]:
        """Read an embedded file; yields a Trouble on the file that holds it when the budget is spent."""
        limits = self.limits
        self._unpacked_bytes += len(child.content)
        if nesting >= limits.nesting:
            detail = f"files are nested deeper than {limits.nesting} levels; the deeper ones were not read"
            yield Trouble("", stage, Cause.OVERSIZED, detail)
        elif len(self._places) >= limits.children:
            detail = f"holds more than {limits.children:,} files; the rest was not read"
            yield Trouble("", stage, Cause.OVERSIZED, detail)
        elif self._unpacked_bytes > limits.unpacked:
            detail = f"unpacks to more than {limits.unpacked:,} bytes; the rest was not read"
            yield Trouble("", stage, Cause.OVERSIZED, detail)
        elif time.monotonic() > self.until:
            yield Trouble("", stage, Cause.SLOW, "reading the files inside takes too long; the rest was not read")
        else:
            self._read_child(child, place, nesting)

    def _read_child(self, child: EmbeddedFile, place: str, nesting: int) -> None:
        source = source_from_bytes(child.content, replace_surrogates(child.name)[:_LONGEST_NAME], self.limits)
        source.sidecars, source.beside = tuple(child.beside), child.beside.get
        own_place = source.name
        if place:
            own_place = f"{place}!{source.name}"
        own_place = self._unique_place(own_place)
        count = len(self.embedded)
        reading = self.read(source, own_place, nesting + 1)
        # The file that holds texts and fonts stands for them: they are rows only if there is something in them.
        is_empty = len(self.embedded) == count and not reading.evidence and not reading.troubles
        if is_empty and needs_no_carrier(source.media_type):
            # What it says means nothing today, and is not stored: a new signal would need the file again.
            self._keeps_statements &= not reading.statements
            self._places.discard(own_place)
            return
        self.embedded.append(EmbeddedAsset(own_place, place, reading))
        if self.on_embedded:
            self.on_embedded(source)

    def _unique_place(self, place: str) -> str:
        count, unique = 1, place
        while unique in self._places:
            count += 1
            unique = f"{place} ({count})"
        self._places.add(unique)
        return unique


def _look_for_labels(source: Source, until: float) -> Iterator[Statement | Cutout | Trouble]:
    from provenance.labels import look

    # What is kept of a line is far shorter than any limit for texts of files.
    yield from _guard(look.STAGE, look.look_for_labels(source, until), source.limits)


@functools.lru_cache(maxsize=_TYPES_KEPT)
def _make_contents(media_types: tuple[str, ...], sidecars: tuple[str, ...], keeps_statements: bool) -> Contents:
    """The same object for files that consist of the same: it goes over once with all outcomes of a task."""
    return Contents(media_types, sidecars, keeps_statements)


@functools.lru_cache(maxsize=_TYPES_KEPT)
def _find_readers(media_type: str, third_party: int) -> tuple[Carrier, ...]:  # noqa: ARG001 - what the answer holds for
    """The carriers that read files of a type, where no sidecar lies beside them.

    `third_party`: how many of all carriers are not the program's own.
    """
    return _select_carriers("accepts_type", media_type)


def _select_carriers(method: str, what: str | Source) -> tuple[Carrier, ...]:
    members = registry.load_members(carriers, Carrier).values()
    return tuple(filter(operator.methodcaller(method, what), members))


# Evidence


def derive_again(reading: Reading, limits: Limits) -> Reading:
    """The reading with the evidence that the signals of the program find in its statements now.

    Evidence of third-party signals stays: they may not be here.
    """
    own = set(registry.list_names(signals))
    rows: list[Evidence | Trouble] = []
    for name, signal in registry.load_members(signals, Signal).items():
        if name in own:
            rows.extend(_guard(name, signal.read(reading.statements), limits))
    others = [row for row in reading.evidence if row.signal not in own]
    evidence = _settle_evidence([*_select(rows, Evidence), *others], reading.statements, reading.credentials)
    troubles = [trouble for trouble in reading.troubles if trouble.stage not in own]
    return replace(reading, evidence=evidence, troubles=(*troubles, *_select(rows, Trouble)))


def _settle_evidence(
    rows: Sequence[Evidence], statements: Sequence[Statement], credentials: Sequence[Credential]
) -> tuple[Evidence, ...]:
    """What the signals of one file found, each mark once, and with the trust list that vouches for it."""
    evidence = name_vouchers(rows, credentials)
    return tuple(drop_double_readings(dict.fromkeys(evidence), statements))


# Fingerprints


def _compare_frames(job: CompareFrames, limits: Limits) -> FramesCompared:
    from provenance.decode import frames, stills
    from provenance.fingerprint import shot_detection
    from provenance.fingerprint.shots import LUMA_SIZE

    def compare(pair: tuple[bytes, bytes]) -> Iterator[float]:
        thumbnails = []
        for path in pair:
            with reopen(path, limits) as source:
                frame = stills.decode(source, max(LUMA_SIZE)).frame
                thumbnails.append(frames.make_luma_thumbnail(frame, LUMA_SIZE))
        yield shot_detection.compare_thumbnails(*thumbnails)

    likeness: list[float] = []
    for pair in job.pairs:
        # A damaged pair says nothing; the others decide.
        likeness.extend(_select(_guard("picture", compare(pair), limits), float))
    return FramesCompared(tuple(likeness))


def _fingerprint_frames(job: FingerprintFrames, limits: Limits) -> FramesFingerprinted:
    labels = list(_look_at_frames(job, limits)) if job.labels else []
    statements = _select(labels, Statement)
    evidence = _interpret(statements, limits)
    level = raise_level(_select(evidence, Evidence), job.level)
    made = FramesFingerprinted((), ())
    if level in DECODING_LEVELS:
        made = _fingerprint_frames_at(replace(job, level=level), limits)
    troubles = (*made.troubles, *_select([*labels, *evidence], Trouble))
    cutouts = _select(labels, Cutout)
    return FramesFingerprinted(made.fingerprints, troubles, statements, _select(evidence, Evidence), cutouts)


def _interpret(statements: tuple[Statement, ...], limits: Limits) -> list[Evidence | Trouble]:
    """What the signals say of statements on labels: there are no others to which they could belong."""
    rows: list[Evidence | Trouble] = []
    if statements:
        for signal in registry.load_members(signals, Signal).values():
            rows.extend(_guard(signal.name, signal.read(statements), limits))
    return rows


def _look_at_frames(job: FingerprintFrames, limits: Limits) -> Iterator[Statement | Cutout | Trouble]:
    from provenance.decode.sequence import FrameSequenceStream
    from provenance.labels import look

    until = time.monotonic() + limits.compute_decode_deadline(job.size) / 2
    if len(job.frames) > 1:
        sequence = FrameSequenceStream(job.frames, limits, look.SIDE)
        yield from _guard(look.STAGE, look.look_at_frames(sequence, until), limits)
        return
    with reopen(job.path, limits, job.digest) as source:
        yield from _guard(look.STAGE, look.look_for_labels(source, until), limits)


def _fingerprint_frames_at(job: FingerprintFrames, limits: Limits) -> FramesFingerprinted:
    from provenance.decode.sequence import FrameSequenceStream
    from provenance.fingerprint import extract
    from provenance.fingerprint.features import GRAY_SIDE

    if len(job.frames) > 1:
        sequence = FrameSequenceStream(job.frames, limits, GRAY_SIDE)
        # Numbered PNG and JPEG may be a batch of pictures after all: then each of them must be found again.
        is_film = os.path.splitext(job.path)[1].lower() in FILM_FRAMES.suffixes
        by_change = job.level is FingerprintLevel.FULL or not is_film
        fingerprints = extract.extract_sequence_fingerprint(sequence, job.level, by_change=by_change)
        rows = list(_guard("picture", fingerprints, limits))
    else:
        with reopen(job.path, limits, job.digest) as source:
            rows = [
                *_guard("picture", extract.extract_fingerprint(source, job.level), limits),
                *_storage_faults(source),
            ]
    return FramesFingerprinted(_select(rows, Fingerprint), _select(rows, Trouble))


# Cut lists


def _read_cuts(job: ReadCuts, limits: Limits) -> CutsRead:
    """Read every cut of a file with the reader of its format."""
    opened = open_place(job.path)
    size = read_state(opened).size
    source = open_and_digest(opened, os.fsdecode(os.path.basename(job.path)), size, limits)
    with source.file:
        reader = _find_cut_reader(source)
        if reader is None:
            detail = f"a file of type {source.media_type}, not a cut list that can be read here"
            return CutsRead(source.digest, (), (Trouble("", "cut", Cause.UNSUPPORTED, detail),))
        rows = list(_guard(reader.name, reader.read(source, job.options), limits))
    if not rows:
        rows.append(Trouble("", reader.name, Cause.MALFORMED, "contains no cut"))
    cuts = tuple(bound_texts(cut) for cut in _select(rows, Cut))
    return CutsRead(source.digest, cuts, _select(rows, Trouble))


def _find_cut_reader(source: Source) -> CutReader | None:
    for reader in registry.load_members(readers, CutReader).values():
        if reader.accepts(source):
            return reader
    return None


def _read_file_list(job: ReadFileList, limits: Limits) -> FileListRead:
    """Read a list of files, if the file is one."""
    with reopen(job.path, limits) as source:
        rows = list(_guard("package", _read_list_rows(source), limits))
    found = next(iter(_select(rows, FileList)), None)
    return FileListRead(found, _select(rows, Trouble))


def _read_table(job: ReadTable, limits: Limits) -> TableRead:
    """Read the tables of a file with the reader that its name asks for."""
    name = os.fsdecode(os.path.basename(job.path))
    suffix = os.path.splitext(name)[1].lower()
    members = registry.load_members(tables, TableReader).values()
    reader = next((member for member in members if suffix in member.suffixes), None)
    if reader is None:
        known = ", ".join(end for member in members for end in member.suffixes)
        return TableRead((), (Trouble("", "table", Cause.UNSUPPORTED, f"not a table by its name; known: {known}"),))
    with reopen(job.path, limits) as source:
        if source.size > limits.table_file:
            detail = f"larger than {limits.table_file:,} bytes"
            return TableRead((), (Trouble("", "table", Cause.OVERSIZED, detail),))
        rows = list(_guard(reader.name, reader.read(source), limits))
    sheets = tuple(row for row in rows if isinstance(row, Sheet))
    return TableRead(sheets, tuple(row for row in rows if isinstance(row, Trouble)))


def _hash_file(job: HashFile, limits: Limits) -> FileHashed | Trouble:
    """Digest a file. One that changes meanwhile has no digest."""
    opened = open_place(job.path)
    state = _read_settled_state(opened)
    source = open_and_digest(opened, "", state.size, limits, job.algorithms)
    source.file.close()
    if state != find_state(job.path):
        return Trouble("", "read", Cause.UNSTABLE, "the file changed while it was read")
    return FileHashed(source.hashes, state)


def _read_list_rows(source: Source) -> Iterator[FileList]:
    read = packages.find_reader(source)
    if read is not None:
        yield read(source)


# Searching


def _search(job: SearchJob, limits: Limits) -> ContentSearched:
    """Search one content for known material. What a damaged file costs is a Trouble of this search alone."""
    if isinstance(job, ScanEmbedded):
        return _search_container(job, limits)
    stage = "sound" if isinstance(job, ScanAudio) else "picture"
    rows = list(_guard(stage, _search_rows(job, limits), limits))
    return ContentSearched((_make_result(job.digest, rows),), find_state(job.path))


def _search_rows(job: SearchJob, limits: Limits) -> Iterator[Match | Trouble]:
    from provenance.decode.sequence import FrameSequenceStream
    from provenance.fingerprint.features import GRAY_SIDE
    from provenance.matching import search

    if isinstance(job, ScanFrames):
        sequence = FrameSequenceStream(job.frames, limits, GRAY_SIDE, first=(job.first or job.frames)[0])
        yield from search.search_frames(sequence, job.index, job.digest)
        return
    with reopen(job.path, limits, job.digest) as source:
        if isinstance(job, ScanPicture):
            yield from search.search_picture(source, job.index)
        elif isinstance(job, ScanRange):
            yield from search.search_range(source, job.index, job.start, job.end)
        elif isinstance(job, ScanAudio):
            yield from search.search_audio(source, job.index)
        yield from _storage_faults(source)


def _search_container(job: ScanEmbedded, limits: Limits) -> ContentSearched:
    """Unpack a container again, and search every picture and sound inside while its bytes are at hand."""
    from provenance.matching import search

    results: dict[str, Searched] = {}

    def search_source(source: Source) -> None:
        if source.digest in results:
            return
        rows = [
            *_guard("picture", search.search_picture(source, job.index), limits),
            *_guard("sound", search.search_audio(source, job.index), limits),
        ]
        results[source.digest] = _make_result(source.digest, rows)

    with reopen(job.path, limits, job.digest) as source:
        state = find_state(job.path)
        until = time.monotonic() + limits.compute_decode_deadline(state.size) / 2
        examiner = _FileExaminer(limits, Thumbnails.NONE, FingerprintLevel.NONE, until, on_embedded=search_source)
        examiner.read(source)
    # The container itself shows nothing; its entry says that everything inside was searched.
    results.setdefault(job.digest, Searched(job.digest))
    return ContentSearched(tuple(results.values()), state)


def _make_result(digest: str, rows: list[Match | Trouble]) -> Searched:
    troubles = dict.fromkeys(_select(rows, Trouble))
    return Searched(digest, _select(rows, Match), tuple(troubles))


# Guards


def _guard(stage: str, rows: Iterator[Row], limits: Limits) -> Iterator[Row | Trouble]:
    """Yield what a member yields until it fails; then why it failed."""
    try:
        yield from rows
    except SidecarUnreadableError as fault:
        yield Trouble("", stage, Cause.UNREADABLE, replace_surrogates(f"sidecar {fault}")[:_LONGEST_DETAIL])
    except SearchIndexUnreadableError as fault:
        # Of another cause than a damaged file, so that it is searched again by the next run.
        yield Trouble("", "search", Cause.UNREADABLE, replace_surrogates(str(fault))[:_LONGEST_DETAIL])
    except MalformedContainer as fault:
        yield Trouble("", stage, fault.cause, replace_surrogates(str(fault))[:_LONGEST_DETAIL])
    except MemoryError:
        yield Trouble("", stage, Cause.OVERSIZED, limits.describe_shortage())
    except Exception as error:  # noqa: BLE001 - a hostile file may raise anything in any member
        if getattr(error, "code", None) == _OPENCV_NO_MEMORY:
            yield Trouble("", stage, Cause.OVERSIZED, limits.describe_shortage())
            return
        detail = replace_surrogates(f"{type(error).__name__}: {error}")
        yield Trouble("", stage, Cause.MALFORMED, detail[:_LONGEST_DETAIL])


def _select(rows: Iterable[object], kind: type[Value]) -> tuple[Value, ...]:
    """The rows of one kind: what a member yields comes mixed with the troubles it had."""
    return tuple(row for row in rows if isinstance(row, kind))


def _describe_unread(media_type: str) -> str:
    """Say what is left of a file that no carrier reads."""
    if media_type == UNKNOWN:
        return "an unknown binary file: digested, but nothing here can read it"
    if find_type(media_type).decoder is not None:
        return f"a picture of type {media_type}: it can be compared, but nothing here reads its metadata"
    return f"a file of type {media_type}: digested, but nothing here can read it"


def _bound_text(row: CarrierOutput, longest: int) -> CarrierOutput:
    """The same row with text that any output can hold: no lone surrogates, no more than `longest` characters."""
    if not isinstance(row, Statement):
        return row
    key = replace_surrogates(row.key)[:_LONGEST_KEY]
    return replace(row, where=replace_surrogates(row.where), key=key, value=replace_surrogates(row.value[:longest]))


def _storage_faults(source: Source) -> Iterator[Trouble]:
    if fault := source.fault:
        yield Trouble("", "read", Cause.UNREADABLE, f"the storage failed while reading: {fault.strerror or fault}")


def _describe_asset(source: Source) -> Asset:
    header = source.shape
    if header is None and has_header(source.media_type):
        header = _optional(source, read_header, Header)
    if header is None:
        return Asset(source.digest, source.xxh128, source.size, source.media_type, hashes=source.hashes)
    writer = header.writer or None
    if writer:
        writer = replace_surrogates(writer)[:_LONGEST_WRITER]
    return Asset(
        source.digest,
        source.xxh128,
        source.size,
        source.media_type,
        header.width,
        header.height,
        header.duration,
        writer,
        header.frame_rate,
        header.start_timecode,
        source.hashes,
    )


def _optional(source: Source, make: Callable[[Source], Value | None], wanted: type[Value]) -> Value | None:
    """What `make` gives of the file; None on failure: the value is optional."""

    def make_once() -> Iterator[Value | None]:
        yield make(source)

    for value in _guard("header", make_once(), source.limits):
        if isinstance(value, wanted):
            return value
    return None
