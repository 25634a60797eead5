"""From roots to rows: walk, hand out, put sequences together again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Protocol

from provenance.intake.examine import FLAGS, Examined, Job, Pictures, with_pictures
from provenance.intake.pool import Outcome, Pool
from provenance.intake.sequences import Gathering, Row, Run, proposed
from provenance.intake.walk import Found, Walk
from provenance.model import Asset, Cause, Depth, Location, Reading, Trouble, Zone, placed
from provenance.origin import settle


class Progress(Protocol):
    """Told of every file that is done, looked at or not."""

    def __call__(self, path: str, size: int) -> None:
        """`path` as shown, `size` in bytes."""


def no_progress(path: str, size: int) -> None:
    """Say nothing."""


Unchanged = Callable[[Found | Run], bool]
"""Whether something was read before and has the same size and times since."""


@dataclass(slots=True)
class Reader:
    """Reads everything below the roots of a walk, once."""

    walk: Walk
    pool: Pool
    zone: Zone
    pictures: Pictures = Pictures.FLAGGED
    fingerprints: Depth = Depth.NONE
    watched: bool = False
    """Whether known material is looked for, by the watcher of the pool."""
    unchanged: Unchanged | None = None
    progress: Progress = no_progress
    left_alone: int = 0
    """Files that were not opened because nothing about them had changed."""
    _pending: dict[bytes, tuple[Found, Gathering | None]] = field(default_factory=dict)

    def rows(self) -> Iterator[Row | Trouble]:
        """One row for each asset as it is done, in no particular order; a Trouble for what is no file.

        The row of a file that could not be read has an empty digest.
        """
        for job, outcome in self.pool.examined(self._jobs()):
            found, gathering = self._pending.pop(job.path)
            self.progress(found.shown, found.stamp.size)
            if isinstance(outcome, Examined):
                yield from self._inside(found, outcome)
            if gathering is None:
                yield self._row(found, outcome)
                continue
            if isinstance(outcome, Trouble):
                gathering.lose(found)
                yield self._unread(found, outcome)
            else:
                gathering.add(found, outcome.reading)
            if gathering.complete:
                yield from self._gathered(gathering)
        yield from self.walk.troubles

    def _jobs(self) -> Iterator[Job]:
        for folder in self.walk.folders():
            for item in proposed(folder):
                if self.unchanged and self.unchanged(item):
                    self.left_alone += len(item.frames) if isinstance(item, Run) else 1
                elif isinstance(item, Run):
                    gathering = Gathering(item, self.zone)
                    for _, found in item.frames:
                        yield self._job(found, gathering)
                else:
                    yield self._job(item, None)

    def _job(self, found: Found, gathering: Gathering | None) -> Job:
        self._pending[found.path] = (found, gathering)
        pictures = self.pictures
        if pictures is Pictures.ALL and gathering and found is not gathering.run.frames[0][1]:
            pictures = Pictures.FLAGGED  # one frame shows what a sequence looks like
        job = Job(found.path, found.stamp.size, found.sidecars, found.speaks_of, pictures)
        if gathering:  # what its pictures are, a sequence or single stills, is not known yet
            return job
        return replace(job, fingerprints=self.fingerprints, watched=self.watched)

    def _gathered(self, gathering: Gathering) -> Iterator[Row]:
        """The rows of a run, now that it is known what it is; its pictures are looked at now."""
        if self.fingerprints is Depth.NONE and not self.watched:
            for location, mark, reading in gathering.rows():
                yield location, marked(self.zone, mark, reading), placed(reading, location.path)
            return
        waiting: dict[tuple[bytes, int], Row] = {}

        def jobs() -> Iterator[Job]:
            for row in gathering.rows():
                job = self._picture_job(gathering.files(row[0]), row)
                waiting[job.path, len(job.frames)] = row
                yield job

        for job, outcome in self.pool.examined(jobs()):
            location, mark, reading = waiting.pop((job.path, len(job.frames)))
            seen = Reading(reading.asset, troubles=(outcome,)) if isinstance(outcome, Trouble) else outcome.reading
            reading = with_pictures(reading, (*seen.troubles, *seen.fingerprints, *seen.matches))
            yield location, marked(self.zone, mark, reading), placed(reading, location.path)

    def _picture_job(self, files: tuple[tuple[int, Found], ...], row: Row) -> Job:
        """How the pictures of a row are looked at. A frame that differs is watched with its sequence."""
        location, _, reading = row
        depth = self.fingerprints
        if depth is not Depth.NONE and settle(reading.evidence) in FLAGS:
            depth = Depth.FULL
        return Job(
            files[0][1].path,
            sum(found.stamp.size for _, found in files),
            fingerprints=depth,
            watched=self.watched and location.sequence is None,
            frames=tuple((number, found.path) for number, found in files),
            digest=reading.asset.digest,
        )

    def _row(self, found: Found, outcome: Outcome) -> Row:
        if isinstance(outcome, Trouble):
            return self._unread(found, outcome)
        location = Location(found.root, found.shown, found.relative, self.zone)
        return location, self._mark(found, outcome, outcome.reading), placed(outcome.reading, found.shown)

    def _inside(self, found: Found, examined: Examined) -> Iterator[Row]:
        """A row for each thing found inside a file; its mark is the file's own."""
        for thing in examined.inside:
            path = f"{found.shown}!{thing.place}"
            parent = f"{found.shown}!{thing.parent}" if thing.parent else found.shown
            relative = found.relative + b"\0" + thing.place.encode()  # no file can be called so
            location = Location(found.root, path, relative, self.zone, parent=parent)
            yield location, self._mark(found, examined, thing.reading), placed(thing.reading, path)

    def _mark(self, found: Found, examined: Examined, reading: Reading) -> str:
        """The mark of what was really read: none when the file changed since it was listed: then read it again."""
        return marked(self.zone, found.mark, reading) if found.stamp == examined.stamp else ""

    def _unread(self, found: Found, trouble: Trouble) -> Row:
        """A file that is listed and could not be read is a place without content; it is tried again next time."""
        location = Location(found.root, found.shown, found.relative, self.zone)
        return location, "", placed(Reading(Asset("", "", found.stamp.size, ""), troubles=(trouble,)), found.shown)


_PASSING = frozenset({Cause.UNREADABLE, Cause.UNSTABLE, Cause.SLOW, Cause.CRASHED, Cause.NOT_INSTALLED})
"""Causes that may be gone the next time: such a file is read again although nothing about it changed."""


def marked(zone: Zone, mark: str, reading: Reading | None = None) -> str:
    """Size, times and zone as the catalogue keeps them: whatever of these changes, the file is taken in again.

    A mark that ends in `!` says that something about the file could not be looked at.
    """
    causes = {trouble.cause for trouble in reading.troubles} if reading else set()
    if causes & _PASSING:
        return ""
    return f"{zone}:{mark}" + ("!" if causes else "")


def survey(walk: Walk) -> tuple[int, int]:
    """Files and bytes below the roots, without opening any."""
    files = size = 0
    for folder in walk.folders():
        files += len(folder)
        size += sum(found.stamp.size for found in folder)
    return files, size
