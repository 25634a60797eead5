"""How fast and until when jobs are handed out, for any engine: one bucket of tokens for all workers together.

A token is a byte. A job takes the tokens of everything that it may fetch from the storage when it is handed out, and
what it takes too much is a debt that the next job waits for. Large files are paced by their worker as well, so that
they are not read in one rush and paid for afterwards.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from provenance.gentleness import NOTHING_ASKED, FolderGentleness, Gentleness
from provenance.intake.jobs import HashFile, Job
from provenance.media.source import LARGEST_KEPT_IN_CACHE

_BURST_SECONDS = 1.0
"""Seconds of reading that may be made up for after a while in which nothing was read."""


@dataclass(slots=True)
class TokenBucket:
    """Fills up by `rate` tokens a second. Who finds it above zero may take more than is in it."""

    rate: int
    clock: Callable[[], float]
    _level: float = 0.0
    _filled_at: float = 0.0

    def __post_init__(self) -> None:
        self._level = self.rate * _BURST_SECONDS
        self._filled_at = self.clock()

    def compute_delay(self) -> float:
        """Seconds until something may be taken; 0 when it may be now."""
        now = self.clock()
        self._level = min(self.rate * _BURST_SECONDS, self._level + (now - self._filled_at) * self.rate)
        self._filled_at = now
        if self._level > 0:
            return 0.0
        # Until there is a whole token, so that rounding leaves more than none.
        return (1 - self._level) / self.rate

    def take(self, tokens: int) -> None:
        """Take tokens, also more than there are."""
        self._level -= tokens


@dataclass(slots=True)
class Throttle:
    """Says when the next job may be handed out, and when none may be any more."""

    gentleness: Gentleness = NOTHING_ASKED
    ends_at: float | None = None
    """Seconds since 1970 at which the run ends; None when it goes on until it is done."""
    clock: Callable[[], float] = time.monotonic
    time_of_day: Callable[[], float] = time.time
    """Like `time.time`: a night ends when the clock on the wall says so, also when that was set meanwhile."""
    _buckets: list[tuple[FolderGentleness, TokenBucket]] = field(default_factory=list)

    def __post_init__(self) -> None:
        everywhere = FolderGentleness(b"/", self.gentleness.max_read_rate)
        for row in (everywhere, *self.gentleness.folders):
            if row.max_read_rate:
                self._buckets.append((row, TokenBucket(row.max_read_rate, self.clock)))

    @property
    def is_over(self) -> bool:
        """Whether the time of the run is over: nothing is handed out any more, and what is at work is given up."""
        return self.ends_at is not None and self.time_of_day() >= self.ends_at

    def compute_delay(self, job: Job) -> float:
        """Seconds until a job may be handed out; 0 when it may be now."""
        return max((bucket.compute_delay() for bucket in self._find_buckets(job)), default=0.0)

    def take(self, job: Job) -> None:
        """Take the tokens of a job that is handed out."""
        for bucket in self._find_buckets(job):
            bucket.take(count_bytes(job))

    def _find_buckets(self, job: Job) -> Iterator[TokenBucket]:
        for row, bucket in self._buckets:
            if row.holds(job.path):
                yield bucket


def count_bytes(job: Job) -> int:
    """Bytes that a job may fetch from the storage: a file that the cache cannot keep is fetched twice to be decoded."""
    if job.size > LARGEST_KEPT_IN_CACHE and not isinstance(job, HashFile) and job.decodes:
        return 2 * job.size
    return job.size


UNTHROTTLED = Throttle()
"""Hands out everything at once."""
