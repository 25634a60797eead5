"""From roots to rows: walk, hand out, put sequences together again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Protocol

from provenance.intake.examine import Examined, Job, Pictures
from provenance.intake.pool import Outcome, Pool
from provenance.intake.sequences import Gathering, Row, Run, proposed
from provenance.intake.walk import Found, Walk
from provenance.model import Depth, Location, Trouble, Zone, placed


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
        """One row for each asset as it is done, in no particular order; a Trouble for what could not be made one."""
        for job, outcome in self.pool.examined(self._jobs()):
            found, gathering = self._pending.pop(job.path)
            self.progress(found.shown, found.stamp.size)
            if isinstance(outcome, Examined):
                yield from self._inside(found, outcome)
            if gathering is None:
                yield self._row(found, outcome)
                continue
            if isinstance(outcome, Trouble):
                gathering.lost += 1
                yield self._lost(found, outcome)
            else:
                gathering.add(found, outcome.reading)
            if gathering.complete:
                for location, mark, reading in gathering.rows():
                    yield location, marked(self.zone, mark), placed(reading, location.path)
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
        return Job(
            found.path, found.stamp.size, found.sidecars, found.speaks_of, pictures, self.fingerprints, self.watched
        )

    def _row(self, found: Found, outcome: Outcome) -> Row | Trouble:
        if isinstance(outcome, Trouble):
            return self._lost(found, outcome)
        location = Location(found.root, found.shown, found.relative, self.zone)
        return location, self._mark(found, outcome), placed(outcome.reading, found.shown)

    def _inside(self, found: Found, examined: Examined) -> Iterator[Row]:
        """A row for each thing found inside a file; its mark is the file's own."""
        for thing in examined.inside:
            path = f"{found.shown}!{thing.place}"
            parent = f"{found.shown}!{thing.parent}" if thing.parent else found.shown
            relative = found.relative + f"!{thing.place}".encode()
            location = Location(found.root, path, relative, self.zone, parent=parent)
            yield location, self._mark(found, examined), placed(thing.reading, path)

    def _mark(self, found: Found, examined: Examined) -> str:
        """The mark of what was really read: none when the file changed since it was listed: then read it again."""
        return marked(self.zone, found.mark) if found.stamp == examined.stamp else ""

    def _lost(self, found: Found, trouble: Trouble) -> Trouble:
        """A file that is listed and could not be read has not vanished."""
        self.walk.unseen.append(found.relative)
        return replace(trouble, path=found.shown)


def marked(zone: Zone, mark: str) -> str:
    """Size, times and zone as the catalogue keeps them: whatever of these changes, the file is taken in again."""
    return f"{zone}:{mark}"


def survey(walk: Walk) -> tuple[int, int]:
    """Files and bytes below the roots, without opening any."""
    files = size = 0
    for folder in walk.folders():
        files += len(folder)
        size += sum(found.stamp.size for found in folder)
    return files, size
