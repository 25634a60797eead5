"""Jobs -> batches: small files share a task, because handing one out costs more than reading a small file does."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable

from provenance.intake.jobs import Job, ReadFile, Thumbnails
from provenance.intake.throttle import UNTHROTTLED, Throttle

MOST_JOBS = 64
"""Jobs of one batch. Handing out a task takes .3 ms of processor time, reading a small text .1 ms."""
_MOST_BYTES = 4 * 1024 * 1024
"""Bytes of all files of one batch: 3 ms of digesting."""
_SMALL = 256 * 1024
"""Bytes of a file that is read with others; what is in a larger one may take long enough to be worth a task."""
_TASKS_BEFORE_GROWTH = 16
"""Tasks of one size before twice that size: a few files are spread over the workers, thousands go out in bulk."""
_MOST_GROWTH = MOST_JOBS.bit_length() - 1
"""Times that the size is doubled."""
_LONGEST_WAIT = 0.05
"""Seconds that a job waits for others to go with it, while the files that come between need no reading."""


class BatchMaker:
    """Takes jobs and gives them on in batches, which are small at first. For any engine; it starts nothing itself."""

    def __init__(self) -> None:
        self._made = 0

    def make(self, supply: JobSupply) -> tuple[Job, ...]:
        """The next batch: several small files, or one job alone. Empty when there is nothing just now."""
        most = min(2 ** min(self._made // _TASKS_BEFORE_GROWTH, _MOST_GROWTH), MOST_JOBS)
        jobs: list[Job] = []
        size = 0
        until = None
        while len(jobs) < most and size < _MOST_BYTES:
            job = supply.take()
            if job is None:
                break
            if not is_small(job):
                if not jobs:
                    jobs.append(job)
                else:
                    # It comes next, alone.
                    supply.put_back(job)
                break
            jobs.append(job)
            size += job.size
            until = until or time.monotonic() + _LONGEST_WAIT
            if time.monotonic() > until:
                break
        self._made += bool(jobs)
        return tuple(jobs)


class JobSupply:
    """Jobs one after the other, and before them what was put into `first` meanwhile; no faster than a throttle says."""

    def __init__(self, jobs: Iterable[Job], first: deque[Job], throttle: Throttle = UNTHROTTLED) -> None:
        self._jobs, self._first, self._throttle = iter(jobs), first, throttle
        self._is_exhausted = False
        self._returned: Job | None = None
        """Was given back after it had taken its tokens."""
        self._waiting: Job | None = None
        """Waits for tokens."""
        self.delay = 0.0
        """Seconds until the next job may be taken."""

    @property
    def has_more(self) -> bool:
        """Whether there may be another job, now or after the delay."""
        return bool(self._first or self._returned or self._waiting) or not self._is_exhausted

    @property
    def is_over(self) -> bool:
        """Whether the time of the run is over: then there is nothing more to take, whatever is left."""
        return self._throttle.is_over

    def take(self) -> Job | None:
        """The next job; None when there is none now, or none before the delay has passed."""
        if self._returned is not None:
            returned, self._returned = self._returned, None
            return returned
        job = self._waiting or self._take_next()
        self._waiting = None
        if job is None:
            return None
        self.delay = self._throttle.compute_delay(job)
        if self.delay:
            self._waiting = job
            return None
        self._throttle.take(job)
        return job

    def _take_next(self) -> Job | None:
        if self._first:
            return self._first.popleft()
        if self._is_exhausted:
            return None
        job = next(self._jobs, None)
        self._is_exhausted = job is None
        return job

    def put_back(self, job: Job) -> None:
        """Give the job back that was taken last; it is the next one."""
        self._returned = job


def is_small(job: Job) -> bool:
    """Whether a job may share a task: a small file that is read and not decoded."""
    return (
        isinstance(job, ReadFile)
        and job.size <= _SMALL
        and not job.decodes
        and not job.algorithms
        and job.thumbnails is not Thumbnails.ALL
    )
