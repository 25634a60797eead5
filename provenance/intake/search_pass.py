"""Paths -> rows, second pass: search contents for known material, each once, by as many workers as there are.

Movies are cut into ranges; one that cannot be decoded costs itself alone, and is reported with its times.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from provenance.intake.collect import NoProgress, Progress
from provenance.intake.engines.interface import Engine
from provenance.intake.jobs import (
    ContentSearched,
    Frames,
    Job,
    Outcome,
    ScanAudio,
    ScanEmbedded,
    ScanPicture,
    ScanRange,
    Searched,
    SearchJob,
    locate_trouble,
    split_movie,
    split_sequence,
)
from provenance.matching.merge import merge_matches
from provenance.matching.search_index import SearchIndex
from provenance.media.types import has_sound, is_moving, is_picture
from provenance.model.asset import Asset, FileState
from provenance.model.evidence import Trouble
from provenance.model.match import Match
from provenance.model.vocabulary import Cause

_CHANGED = Trouble(
    "", "read", Cause.UNSTABLE, "the file changed while it was searched; scan again when it is no longer written to"
)


@dataclass(frozen=True, slots=True)
class SearchTarget:
    """One content to be searched, and the file or frames in which it is."""

    asset: Asset
    shown: str
    path: bytes
    size: int
    state: FileState | None
    """Of the file when it was listed; None for a frame sequence."""
    frames: Frames = ()
    """Of a frame sequence."""
    has_embedded: bool = False
    """Whether files inside it show or sound."""


def is_searchable(asset: Asset) -> bool:
    """Whether it is something in which known material could be found."""
    return is_picture(asset.media_type) or is_moving(asset.media_type) or has_sound(asset.media_type)


def is_searched_for(asset: Asset, index: SearchIndex) -> bool:
    """Whether anything in an index could be found in a content itself, apart from the files inside it."""
    is_seen = is_picture(asset.media_type) or is_moving(asset.media_type)
    return (index.has_pictures and is_seen) or (index.has_audio and has_sound(asset.media_type))


def plan_jobs(target: SearchTarget, index: SearchIndex) -> list[SearchJob]:
    """The jobs that search a content for everything in the index; none for a content that shows nothing."""
    asset, path, size = target.asset, target.path, target.size
    jobs: list[SearchJob] = []
    if index.has_audio and has_sound(asset.media_type):
        jobs.append(ScanAudio(path, size, asset.digest, index))
    if index.has_pictures and target.frames:
        jobs.extend(split_sequence(target.frames, size, asset.digest, index))
    elif index.has_pictures and is_moving(asset.media_type):
        jobs.extend(split_movie(path, size, asset, index))
    elif index.has_pictures and is_picture(asset.media_type):
        jobs.append(ScanPicture(path, size, asset.digest, index))
    if target.has_embedded:
        jobs.append(ScanEmbedded(path, size, asset.digest, index))
    return jobs


@dataclass(slots=True)
class SearchPass:
    """Searches targets for everything in an index."""

    engine: Engine
    index: SearchIndex
    progress: Progress = field(default_factory=NoProgress)
    left: int = 0
    """Contents that should have been searched, and were not because the time of the run was over."""
    _waiting: dict[str, _Waiting] = field(default_factory=dict)
    """By digest of the content."""

    def run(self, targets: Iterable[SearchTarget]) -> Iterator[Searched]:
        """The result of every content as it is done, and of every file inside one. Each digest must come once."""
        jobs = self._jobs(targets)
        for job, outcome in self.engine.run(jobs):
            if not isinstance(job, SearchJob):
                continue
            waiting = self._waiting[job.digest]
            waiting.take(job, outcome)
            self._report_progress(waiting, job)
            if not waiting.jobs_left:
                del self._waiting[job.digest]
                yield from waiting.results()
        # Whoever asks for the rest of the jobs is told of every content that is still to be searched.
        for _ in jobs:
            pass
        self.left = len(self._waiting)

    def _jobs(self, targets: Iterable[SearchTarget]) -> Iterator[Job]:
        for target in targets:
            jobs = plan_jobs(target, self.index)
            if jobs:
                self._waiting[target.asset.digest] = _Waiting(target, len(jobs), len(jobs))
                yield from jobs

    def _report_progress(self, waiting: _Waiting, job: SearchJob) -> None:
        target = waiting.target
        if not isinstance(job, ScanRange | ScanAudio):
            self.progress.show_search(target.shown, target.size)
            return
        duration = target.asset.duration or 1.0
        done = duration * (1 - waiting.jobs_left / waiting.jobs)
        self.progress.show_search(target.shown, job.size, (done, duration))


@dataclass(slots=True)
class _Waiting:
    """A content of which not every part is searched yet."""

    target: SearchTarget
    jobs: int
    jobs_left: int
    matches: list[Match] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    inside: list[Searched] = field(default_factory=list)

    def take(self, job: SearchJob, outcome: Outcome) -> None:
        """Take in what one part gave; troubles say which range they are about."""
        self.jobs_left -= 1
        if isinstance(outcome, Trouble):
            self.troubles.append(locate_trouble(job, outcome))
        elif isinstance(outcome, ContentSearched):
            if self.target.state is not None and outcome.state != self.target.state:
                self.troubles.append(_CHANGED)
            for result in outcome.results:
                if result.digest != job.digest:
                    self.inside.append(result)
                    continue
                self.matches.extend(result.matches)
                self.troubles.extend(locate_trouble(job, trouble) for trouble in result.troubles)

    def results(self) -> Iterator[Searched]:
        """What was found in the content, pieces that touch merged, and in each file inside it."""
        troubles = tuple(dict.fromkeys(self.troubles))
        yield Searched(self.target.asset.digest, tuple(merge_matches(self.matches)), troubles)
        yield from self.inside
