"""From roots to rows: walk, hand out, put sequences together again."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Protocol

from provenance.intake.engines.local import Pool
from provenance.intake.examine import Examined, Job, Thumbnails, kept_of, with_pictures
from provenance.intake.parts import Part, stretches
from provenance.intake.sequences import AssetRow, NumberedFiles, SequenceAssembler, group_numbered
from provenance.intake.walk import FoundFile, Walk
from provenance.intake.worker import Outcome
from provenance.media.kinds import has_sound, is_moving
from provenance.model.asset import Asset, FileState, Fingerprint, FingerprintLevel, Location, Reading, with_path
from provenance.model.evidence import Trouble
from provenance.model.match import Match
from provenance.model.vocabulary import Cause, Zone


class Progress(Protocol):
    """Told of every file that is done, looked at or not, and of every stretch of a movie."""

    def __call__(self, path: str, size: int, reel: tuple[float, float] | None = None) -> None:
        """`path` as shown, `size` in bytes of what is done now.

        `reel`: seconds of the movie that are done, and how many there are; it is done itself when these are equal.
        """


def no_progress(path: str, size: int, reel: tuple[float, float] | None = None) -> None:
    """Say nothing."""


Unchanged = Callable[[FoundFile | NumberedFiles], bool]
"""Whether something was read before and has the same size and times since."""


@dataclass(slots=True)
class Reader:
    """Reads everything below the roots of a walk, once."""

    walk: Walk
    pool: Pool
    zone: Zone
    pictures: Thumbnails = Thumbnails.FLAGGED
    fingerprints: FingerprintLevel = FingerprintLevel.NONE
    watched: bool = False
    """Whether known material is looked for, by the watcher of the pool."""
    unchanged: Unchanged | None = None
    progress: Progress = no_progress
    left_alone: int = 0
    """Files that were not opened because nothing about them had changed."""
    _pending: dict[bytes, tuple[FoundFile, SequenceAssembler | None]] = field(default_factory=dict)
    _further: deque[Job] = field(default_factory=deque)
    _awaited: dict[tuple[bytes, Part | None], _Awaited] = field(default_factory=dict)

    def rows(self) -> Iterator[AssetRow | Trouble]:
        """One row for each asset as it is done, in no particular order; a Trouble for what is no file.

        The row of a file that could not be read has an empty digest.
        """
        for job, outcome in self.pool.examined(self._jobs(), self._further):
            if job.part:
                yield from self._seen(job, job.part, outcome)
                continue
            found, gathering = self._pending.pop(job.path)
            if isinstance(outcome, Examined):
                yield from self._inside(found, outcome)
            if gathering is None:
                yield from self._alone(found, outcome)
                continue
            self.progress(found.shown, found.stamp.size)
            if isinstance(outcome, Trouble):
                gathering.lose(found)
                yield self._finished(self._unread(found, outcome))
            else:
                gathering.add(found, outcome.reading)
            if gathering.complete:
                yield from self._gathered(gathering)
        yield from self.walk.troubles

    def _jobs(self) -> Iterator[Job]:
        for folder in self.walk.folders():
            for item in group_numbered(folder):
                if self.unchanged and self.unchanged(item):
                    self.left_alone += len(item.frames) if isinstance(item, NumberedFiles) else 1
                elif isinstance(item, NumberedFiles):
                    gathering = SequenceAssembler(item, self.zone)
                    for _, found in item.frames:
                        yield self._job(found, gathering)
                else:
                    yield self._job(item, None)

    def _job(self, found: FoundFile, gathering: SequenceAssembler | None) -> Job:
        self._pending[found.path] = (found, gathering)
        pictures = self.pictures
        if pictures is Thumbnails.ALL and gathering and found is not gathering.run.frames[0][1]:
            pictures = Thumbnails.FLAGGED  # one frame shows what a sequence looks like
        job = Job(found.path, found.stamp.size, found.sidecars, found.sidecar_for, pictures)
        if gathering:  # what its pictures are, a sequence or single stills, is not known yet
            return job
        return replace(job, fingerprints=self.fingerprints, watched=self.watched)

    def _alone(self, found: FoundFile, outcome: Outcome) -> Iterator[AssetRow]:
        """The row of one file, at once or when all of its picture was looked at."""
        row = self._row(found, outcome)
        parts = [] if found.sidecar_for else self._parts(row[2].asset)
        if not parts:
            self.progress(found.shown, found.stamp.size)
            yield self._finished(row)
            return
        size = found.stamp.size // len(parts)
        self._await(row, found.stamp, [Job(found.path, size, watched=True, part=part) for part in parts])

    def _parts(self, asset: Asset) -> list[Part]:
        """What is still to be looked at and listened to in a file."""
        watcher = self.pool.watcher
        if not self.watched or not watcher:
            return []
        heard = [Part(asset.digest, sound=True)] if watcher.has_audio and has_sound(asset.media_type) else []
        return heard + (stretches(asset) if watcher.has_pictures and is_moving(asset.media_type) else [])

    def _gathered(self, gathering: SequenceAssembler) -> Iterator[AssetRow]:
        """The rows of a run, now that it is known what it is; its pictures are looked at now."""
        for row in gathering.rows():
            if self.fingerprints is FingerprintLevel.NONE and not self.watched:
                yield self._finished(row)
            else:
                self._await(row, None, [self._picture_job(gathering.files(row[0]), row)])

    def _picture_job(self, files: tuple[tuple[int, FoundFile], ...], row: AssetRow) -> Job:
        """How the pictures of a row are looked at. A frame that differs is watched with its sequence."""
        location, _, reading = row
        return Job(
            files[0][1].path,
            sum(found.stamp.size for _, found in files),
            fingerprints=kept_of(reading.evidence, self.fingerprints),
            watched=self.watched and location.sequence is None,
            part=Part(reading.asset.digest, frames=tuple((number, found.path) for number, found in files)),
        )

    def _await(self, row: AssetRow, stamp: FileState | None, jobs: list[Job]) -> None:
        awaited = _Awaited(row, stamp, len(jobs), len(jobs))
        self._awaited.update((job.key, awaited) for job in jobs)
        self._further.extend(jobs)

    def _seen(self, job: Job, part: Part, outcome: Outcome) -> Iterator[AssetRow]:
        """A part was looked at; gives the row when it was the last."""
        awaited = self._awaited.pop(job.key)
        awaited.take(part, outcome)
        location, mark, reading = awaited.row
        if not part.frames:
            whole = reading.asset.duration or 1.0
            self.progress(location.path, job.size, (whole * (1 - awaited.left / awaited.parts), whole))
        if awaited.left:
            return
        shown = awaited.shown
        if self.pool.watcher:
            found = self.pool.watcher.joined([row for row in shown if isinstance(row, Match)])
            shown = [*(row for row in shown if not isinstance(row, Match)), *found]
        yield self._finished((location, mark, with_pictures(reading, shown)))

    def _finished(self, row: AssetRow) -> AssetRow:
        location, mark, reading = row
        return location, make_change_key(self.zone, mark, reading) if mark else "", with_path(reading, location.path)

    def _row(self, found: FoundFile, outcome: Outcome) -> AssetRow:
        if isinstance(outcome, Trouble):
            return self._unread(found, outcome)
        location = Location(found.root, found.shown, found.relative, self.zone)
        return location, _mark(found, outcome), outcome.reading

    def _inside(self, found: FoundFile, examined: Examined) -> Iterator[AssetRow]:
        """A row for each thing found inside a file; its mark is the file's own."""
        for thing in examined.inside:
            path = f"{found.shown}!{thing.place}"
            parent = f"{found.shown}!{thing.parent}" if thing.parent else found.shown
            relative = found.relative + b"\0" + thing.place.encode()  # no file can be called so
            location = Location(found.root, path, relative, self.zone, parent=parent)
            yield self._finished((location, _mark(found, examined), thing.reading))

    def _unread(self, found: FoundFile, trouble: Trouble) -> AssetRow:
        """A file that is listed and could not be read is a place without content; it is tried again next time."""
        location = Location(found.root, found.shown, found.relative, self.zone)
        return location, "", with_path(Reading(Asset("", "", found.stamp.size, ""), troubles=(trouble,)), found.shown)


def _mark(found: FoundFile, examined: Examined) -> str:
    """The mark of what was really read: none when the file changed since it was listed: then it is read again."""
    return found.mark if found.stamp == examined.stamp else ""


@dataclass(slots=True)
class _Awaited:
    """A row whose pictures are not all looked at yet."""

    row: AssetRow
    stamp: FileState | None
    """Of the file when its words were read."""
    parts: int
    left: int
    """Parts that have not come yet."""
    shown: list[Fingerprint | Match | Trouble] = field(default_factory=list)

    def take(self, part: Part, outcome: Outcome) -> None:
        """What a part gave; troubles say which stretch they are about."""
        self.left -= 1
        if isinstance(outcome, Trouble):
            self.shown.append(part.telling(outcome))
            return
        reading = outcome.reading
        self.shown += [
            *(part.telling(trouble) for trouble in reading.troubles),
            *reading.fingerprints,
            *reading.matches,
        ]
        if self.stamp and outcome.stamp != self.stamp and _CHANGED not in self.shown:
            self.shown.append(_CHANGED)


_CHANGED = Trouble("", "read", Cause.UNSTABLE, "changed while it was read; scan again when it is at rest")


_PASSING = frozenset({Cause.UNREADABLE, Cause.UNSTABLE, Cause.SLOW, Cause.CRASHED, Cause.NOT_INSTALLED})
"""Causes that may be gone the next time: such a file is read again although nothing about it changed."""


def make_change_key(zone: Zone, mark: str, reading: Reading | None = None) -> str:
    """Size, times and zone as the catalogue keeps them: whatever of these changes, the file is taken in again.

    A mark that ends in `!` says that something about the file could not be looked at.
    """
    causes = {trouble.cause for trouble in reading.troubles} if reading else set()
    if causes & _PASSING:
        return ""
    return f"{zone}:{mark}" + ("!" if causes else "")


def count_files(walk: Walk) -> tuple[int, int]:
    """Files and bytes below the roots, without opening any."""
    files = size = 0
    for folder in walk.folders():
        files += len(folder)
        size += sum(found.stamp.size for found in folder)
    return files, size
