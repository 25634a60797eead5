"""Paths -> rows, first pass: walk, hand out, put sequences together, collect what each file says.

The second pass, the search for known material, is in `search_pass`: it needs to know everything that this one learned.
"""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol

from provenance.intake.engines.interface import Engine
from provenance.intake.jobs import (
    CompareFrames,
    Contents,
    FileRead,
    FingerprintFrames,
    FramesCompared,
    FramesFingerprinted,
    Job,
    Outcome,
    ReadFile,
    Thumbnails,
)
from provenance.intake.levels import DECODING_LEVELS, raise_level
from provenance.intake.sequences import (
    AssetRow,
    NumberedFiles,
    SequenceAssembler,
    group_by_number,
    show_one_picture,
)
from provenance.intake.versions import ReadingScope, ReadingVersions, make_scope
from provenance.intake.walk import FoundFile, KnownFolders, Walk
from provenance.model.asset import Asset, FingerprintLevel, Location, Reading, with_path
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import PASSING_CAUSES, Zone

_log = logging.getLogger(__name__)


class Progress(Protocol):
    """Is shown every file that was read, whether that worked or not, and every part of one that was searched."""

    def show_reading(self, path: str, size: int) -> None:
        """A file was read: `path` as shown, `size` in bytes."""

    def show_search(self, path: str, size: int, movie: tuple[float, float] | None = None) -> None:
        """A file, or so many bytes of it, was searched.

        `movie`: seconds of the movie that are done, and how many there are; it is done itself when these are equal.
        """


class NoProgress:
    """Shows nothing."""

    def show_reading(self, path: str, size: int) -> None:
        """Nothing."""

    def show_search(self, path: str, size: int, movie: tuple[float, float] | None = None) -> None:
        """Nothing."""


@dataclass(frozen=True, slots=True)
class ReadTerms:
    """For what, and by whom, a file is read. One that was read for less, or by others, is read again."""

    level: FingerprintLevel = FingerprintLevel.NONE
    thumbnails: Thumbnails = Thumbnails.FLAGGED
    labels: bool = False
    """Whether text that stands in pictures is looked for."""
    versions: ReadingVersions = field(default_factory=ReadingVersions)
    """Names what took part in a reading, with its version, and knows which of these names still hold."""


Item = FoundFile | NumberedFiles
"""What is read together: one file, or numbered files that may be a sequence."""
SelectChanged = Callable[[Sequence[Item]], Sequence[Item]]
"""Of the files of one folder those that were not read before with the size and times that they have."""


class _AwaitingFingerprint(NamedTuple):
    """A row that waits for its fingerprint."""

    row: AssetRow
    contents: Contents
    """What the files behind it consist of."""
    assembler: SequenceAssembler
    """Knows the numbered files that it is of."""
    files: int
    """Number of files behind it."""


@dataclass(slots=True)
class FileCollector:
    """Reads everything below the roots of a walk, once."""

    walk: Walk
    engine: Engine
    zone: Zone
    terms: ReadTerms = field(default_factory=ReadTerms)
    select_changed: SelectChanged | None = None
    known: KnownFolders | None = None
    """Passes by folders of which `select_changed` would select nothing, and counts what it passes by itself."""
    progress: Progress = field(default_factory=NoProgress)
    algorithms: Mapping[bytes, tuple[str, ...]] = field(default_factory=dict)
    """By path: further algorithms by which a file is digested, because a list of files asks for them."""
    hashes: dict[bytes, tuple[str, ...]] = field(default_factory=dict)
    """What these gave, by path."""
    items: Iterable[Item] | None = None
    """What to read, when somebody else walked; without it everything below the roots of the walk."""
    unchanged: int = 0
    """Files that were not opened because nothing about them had changed."""
    left: int = 0
    """Files that should have been read, and were not because the time of the run was over."""
    _pending: dict[bytes, tuple[FoundFile, SequenceAssembler | None]] = field(default_factory=dict)
    _follow_ups: deque[Job] = field(default_factory=deque)
    _compared: dict[bytes, SequenceAssembler] = field(default_factory=dict)
    """By first path of the pairs: candidates whose pictures are being compared."""
    _fingerprinted: dict[tuple[str, bytes], _AwaitingFingerprint] = field(default_factory=dict)
    """By digest and first path: rows that wait for their fingerprint."""
    _silent_scopes: dict[tuple[str, Contents], ReadingScope] = field(default_factory=dict)
    """By media type and contents: the scope of files that say nothing."""
    _outstanding: Counter[int] = field(default_factory=Counter)
    """By identity of numbered files: jobs about them whose outcome has not come."""

    def rows(self) -> Iterator[AssetRow | Trouble]:
        """One row for each asset as it is done, in no particular order; a Trouble for what is not a file.

        The row of a file that could not be read has an empty digest.
        """
        for _, row in self.rows_by_item():
            if row is not None:
                yield row

    def rows_by_item(self) -> Iterator[tuple[Item | None, AssetRow | Trouble | None]]:
        """The same, each row with what it comes from, and None for a row when nothing more comes from there.

        What the walk could not look at comes from nothing.
        """
        jobs = self._jobs()
        for job, outcome in self.engine.run(jobs, self._follow_ups):
            item, rows = self._take(job, outcome)
            for row in rows:
                yield item, row
            if isinstance(item, NumberedFiles):
                # Taking the rows has handed out what follows from them, so zero means that nothing more will come.
                self._outstanding[id(item)] -= 1
                if self._outstanding[id(item)]:
                    continue
                del self._outstanding[id(item)]
            yield item, None
        self.left = self._count_left(jobs)
        for trouble in self.walk.troubles:
            yield None, trouble

    def _take(self, job: Job, outcome: Outcome) -> tuple[Item, Iterator[AssetRow]]:
        """What a job was about, and the rows that follow from its outcome."""
        if isinstance(job, CompareFrames):
            compared = self._compared.pop(job.path)
            return compared.files, self._take_comparison(compared, outcome)
        if isinstance(job, FingerprintFrames):
            waiting = self._fingerprinted.pop((job.digest, job.path))
            return waiting.assembler.files, iter([self._take_fingerprint(waiting, outcome)])
        file, assembler = self._pending.pop(job.path)
        item = file if assembler is None else assembler.files
        return item, self._take_file(file, assembler, outcome)

    def _count_left(self, jobs: Iterable[Job]) -> int:
        """Number of files that the engine did not come to: those it gave back, and those it never asked for."""
        # Numbered files are kept only when all of them are read: of an unfinished sequence every frame is left.
        unfinished = {id(assembler): assembler for assembler in self._compared.values()}
        left = sum(waiting.files for waiting in self._fingerprinted.values())
        for _, assembler in self._pending.values():
            if assembler is None:
                left += 1
            else:
                unfinished[id(assembler)] = assembler
        left += sum(len(assembler.files.frames) for assembler in unfinished.values())
        for job in jobs:
            del self._pending[job.path]
            left += 1
        return left

    def _jobs(self) -> Iterator[Job]:
        for item in self.items if self.items is not None else self._walk_items():
            if isinstance(item, NumberedFiles):
                yield from self._frame_jobs(item)
            else:
                self._pending[item.path] = (item, None)
                yield self._read_job(item, self.terms.thumbnails, self.terms.level, labels=self.terms.labels)

    def _walk_items(self) -> Iterator[Item]:
        """What has to be read, a folder at a time."""
        for folder in self.walk.folders(self.known):
            changed: Sequence[Item] = list(group_by_number(folder))
            if self.select_changed is not None and changed:
                changed = self.select_changed(changed)
            self.unchanged += len(folder) - sum(map(count_item, changed))
            yield from changed

    def _frame_jobs(self, files: NumberedFiles) -> Iterator[Job]:
        assembler = SequenceAssembler(files, self.zone)
        self._outstanding[id(files)] = len(files.frames)
        thumbnails = self.terms.thumbnails
        for _, file in files.frames:
            self._pending[file.path] = (file, assembler)
            # Whether its pictures are a sequence or stills is not known yet: fingerprints are taken when it is.
            yield self._read_job(file, thumbnails, FingerprintLevel.NONE)
            if thumbnails is Thumbnails.ALL:
                thumbnails = Thumbnails.FLAGGED  # One frame shows what a sequence looks like.

    def _read_job(
        self, file: FoundFile, thumbnails: Thumbnails, level: FingerprintLevel, *, labels: bool = False
    ) -> ReadFile:
        algorithms = self.algorithms.get(file.path, ())
        sidecars = file.sidecars, file.sidecar_for
        return ReadFile(file.path, file.state.size, *sidecars, thumbnails, level, algorithms, labels)

    def _take_file(self, file: FoundFile, assembler: SequenceAssembler | None, outcome: Outcome) -> Iterator[AssetRow]:
        self.progress.show_reading(file.shown, file.state.size)
        scope = ReadingScope()
        if isinstance(outcome, FileRead):
            # A file and everything inside are read together, and have one name for what took part.
            scope = self._make_scope_of_file(outcome)
            if outcome.embedded:
                yield from self._embedded_rows(file, outcome, scope)
            if file.path in self.algorithms:
                self.hashes[file.path] = outcome.reading.asset.hashes
        if assembler is None:
            yield self._finish(self._file_row(file, outcome), scope)
            return
        if isinstance(outcome, FileRead):
            assembler.add(file, outcome.reading, outcome.contents)
        else:
            # It is a row of its own at once: whatever the other frames make, this one was not looked at.
            assembler.lose(file)
            yield self._finish(self._file_row(file, outcome), scope)
        if assembler.complete:
            yield from self._assemble(assembler)

    def _file_row(self, file: FoundFile, outcome: Outcome) -> AssetRow:
        location = Location(file.root, file.shown, file.relative, self.zone)
        if isinstance(outcome, FileRead):
            return location, _change_key(file, outcome), outcome.reading
        # It is listed and could not be read: a place without content, which is tried again next time.
        reading = Reading(Asset("", "", file.state.size, ""))
        if isinstance(outcome, Trouble):
            reading = replace(reading, troubles=(outcome,))
        return location, "", reading

    def _make_scope_of_file(self, read: FileRead) -> ReadingScope:
        """The scope of a file. Of those that say nothing, all of one type have the same."""
        if read.embedded or not read.reading.is_silent:
            readings = [read.reading, *(embedded.reading for embedded in read.embedded)]
            return self._make_scope(readings, read.contents)
        of = read.reading.asset.media_type, read.contents
        if of not in self._silent_scopes:
            self._silent_scopes[of] = self._make_scope([read.reading], read.contents)
        return self._silent_scopes[of]

    def _make_scope(self, readings: Sequence[Reading], contents: Contents) -> ReadingScope:
        return make_scope(readings, contents, self.terms.level, self.terms.versions.conditions.limits)

    def _embedded_rows(self, file: FoundFile, read: FileRead, scope: ReadingScope) -> Iterator[AssetRow]:
        """A row for each file inside a file; its change key is that of the outermost one."""
        for embedded in read.embedded:
            path = f"{file.shown}!{embedded.place}"
            parent = file.shown
            if embedded.parent:
                parent = f"{file.shown}!{embedded.parent}"
            relative = file.relative + b"\0" + embedded.place.encode()  # No file can have such a name.
            location = Location(file.root, path, relative, self.zone, parent=parent)
            yield self._finish((location, _change_key(file, read), embedded.reading), scope)

    def _assemble(self, assembler: SequenceAssembler) -> Iterator[AssetRow]:
        """Decide what numbered files are: by headers and marks now, by their pictures when those were compared."""
        if not assembler.may_be_sequence or not assembler.can_be_compared:
            yield from self._assembled_rows(assembler, is_sequence=assembler.may_be_sequence)
            return
        pairs = assembler.neighbours()
        size = assembler.files.size * 2 * len(pairs) // len(assembler.files.frames)
        self._compared[pairs[0][0]] = assembler
        self._follow_up(assembler, CompareFrames(pairs, size))

    def _follow_up(self, assembler: SequenceAssembler, job: Job) -> None:
        self._outstanding[id(assembler.files)] += 1
        self._follow_ups.append(job)

    def _take_comparison(self, assembler: SequenceAssembler, outcome: Outcome) -> Iterator[AssetRow]:
        # Frames that could not be compared stay single stills: then each of them is kept to be found again.
        is_sequence = isinstance(outcome, FramesCompared) and show_one_picture(outcome.likeness)
        decision = "single stills"
        if is_sequence:
            decision = "a frame sequence"
        _log.info("%s: %s", assembler.files.shown, decision)
        yield from self._assembled_rows(assembler, is_sequence=is_sequence)

    def _assembled_rows(self, assembler: SequenceAssembler, *, is_sequence: bool) -> Iterator[AssetRow]:
        for row in assembler.rows(is_sequence=is_sequence):
            contents = assembler.describe_contents(row[0])
            level = raise_level(row[2].evidence, self.terms.level)
            if level not in DECODING_LEVELS and not self.terms.labels:
                yield self._finish_numbered(row, contents)
                continue
            files = assembler.files_behind(row[0])
            frames = tuple((number, file.path) for number, file in files)
            size = sum(file.state.size for _, file in files)
            job = FingerprintFrames(frames, size, row[2].asset.digest, level, self.terms.labels)
            self._fingerprinted[job.digest, job.path] = _AwaitingFingerprint(row, contents, assembler, len(files))
            self._follow_up(assembler, job)

    def _take_fingerprint(self, waiting: _AwaitingFingerprint, outcome: Outcome) -> AssetRow:
        (location, change_key, reading), contents, *_ = waiting
        if isinstance(outcome, FramesFingerprinted):
            troubles = (*reading.troubles, *outcome.troubles)
            reading = replace(
                reading,
                statements=(*reading.statements, *outcome.statements),
                evidence=(*reading.evidence, *outcome.evidence),
                cutouts=outcome.cutouts,
                fingerprints=outcome.fingerprints,
                troubles=troubles,
            )
        elif isinstance(outcome, Trouble):
            reading = replace(reading, troubles=(*reading.troubles, outcome))
        return self._finish_numbered((location, change_key, reading), contents)

    def _finish_numbered(self, row: AssetRow, contents: Contents) -> AssetRow:
        """The same for one row of numbered files."""
        scope = replace(self._make_scope([row[2]], contents), is_numbered=True)
        return self._finish(row, scope)

    def _finish(self, row: AssetRow, scope: ReadingScope) -> AssetRow:
        """The row as the catalogue takes it: with the key under which it is kept, and with the path in its troubles."""
        location, change_key, reading = row
        if change_key:
            change_key = make_change_key(self.terms, change_key, reading, scope)
        return location, change_key, with_path(reading, location.path)


def _change_key(file: FoundFile, read: FileRead) -> str:
    """The key of what was really read: none when the file changed since it was listed, so that it is read again."""
    if file.state != read.state:
        return ""
    return file.change_key


_LEVELS = list(FingerprintLevel)
_THUMBNAILS = list(Thumbnails)
"""Both in order: each includes everything that those before it give."""
_WITH_LABELS = "+labels"
"""Ends the level in the key of a file in whose pictures labels were looked for."""
_NOT_ALL_READ = "!"
"""Ends the key of a file of which something could not be looked at."""


def make_change_key(terms: ReadTerms, key: str, reading: Reading, scope: ReadingScope) -> str:
    """Terms, what took part, sizes and times, as the catalogue keeps them.

    Empty when the file must be read again in any case.
    """
    causes = reading.troubles and {trouble.cause for trouble in reading.troubles}
    if causes and causes & PASSING_CAUSES:
        return ""
    level = f"{terms.level}{_WITH_LABELS}" if terms.labels else terms.level
    stored = f"{level}:{terms.thumbnails.name}:{terms.versions.name(scope)}:{key}"
    if causes:
        stored += _NOT_ALL_READ
    return stored


def get_file_states(key: str) -> tuple[str, ...]:
    """Size and times of a file and of its sidecars, out of a change key with or without the terms before it."""
    return tuple(key.removesuffix(_NOT_ALL_READ).rsplit(":", 1)[-1].split(";"))


class KeptTerms(NamedTuple):
    """For what a file was read, and what took part, out of its change key."""

    level: FingerprintLevel
    thumbnails: Thumbnails
    name: str
    """Of what took part."""
    states: str
    """Sizes and times."""
    labels: bool = False


def split_change_key(stored: str) -> KeptTerms | None:
    """The parts of a key; None for an empty one, and for those of older versions, which have fewer."""
    parts = stored.removesuffix(_NOT_ALL_READ).split(":", 3)
    if len(parts) != 4:
        return None
    level, thumbnails, name, states = parts
    labels = level.endswith(_WITH_LABELS)
    return KeptTerms(FingerprintLevel(level.removesuffix(_WITH_LABELS)), Thumbnails[thumbnails], name, states, labels)


def is_current(stored: str, key: str, terms: ReadTerms) -> bool:
    """Whether a file kept under `stored` need not be read again: unchanged, read for no less, by what is the same."""
    kept = split_change_key(stored)
    if kept is None or kept.states != key or kept.name not in terms.versions.current:
        return False
    has_level = _LEVELS.index(kept.level) >= _LEVELS.index(terms.level) and kept.labels >= terms.labels
    return has_level and _THUMBNAILS.index(kept.thumbnails) >= _THUMBNAILS.index(terms.thumbnails)


@dataclass(slots=True)
class CurrentKeys:
    """Answers as `is_current` does, for many files at once: of most keys all but sizes and times are the same."""

    terms: ReadTerms
    _current: dict[str, bool] = field(default_factory=dict)
    """By what stands before sizes and times."""

    def has(self, stored: str, key: str) -> bool:
        """Whether a file kept under `stored` need not be read again."""
        before, _, states = stored.rpartition(":")
        if states != key:
            return is_current(stored, key, self.terms)
        return self.has_terms(before)

    def has_terms(self, before: str) -> bool:
        """The same for files of which size and times are as they were: `before` stands before these in their keys."""
        if before not in self._current:
            self._current[before] = is_current(f"{before}:", "", self.terms)
        return self._current[before]


def was_read_in_part(stored: str) -> bool:
    """Whether something about a file kept under `stored` could not be looked at."""
    return stored.endswith(_NOT_ALL_READ)


def was_fingerprinted(stored: str, current: Collection[str]) -> bool:
    """Whether a file kept under `stored` was read for fingerprints, by what would read it today.

    `current`: the names that hold.
    """
    kept = split_change_key(stored)
    return kept is not None and kept.level is not FingerprintLevel.NONE and kept.name in current


def count_item(item: Item) -> int:
    """Number of files that are read together."""
    if isinstance(item, NumberedFiles):
        return len(item.frames)
    return 1


def count_files(walk: Walk) -> tuple[int, int]:
    """Files and bytes below the roots, without opening any."""
    files = size = 0
    for folder in walk.folders():
        files += len(folder)
        size += sum(file.state.size for file in folder)
    return files, size
