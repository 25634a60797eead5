"""Guarded worker processes on this machine. The only place that starts a process.

Media is parsed in workers alone, under a memory limit and a deadline. A worker that crashes or hangs costs its file one
retry, alone in a fresh process, and then a Trouble; the others go on. Workers die with their parent, also when it is
killed.
"""

from __future__ import annotations

import dataclasses
import multiprocessing
import os
import queue
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as Overdue
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from pebble import ProcessExpired, ProcessPool
from pebble.pool.process import PoolManager, dictionary_values

from provenance.errors import UsageError
from provenance.evidence import plugins
from provenance.intake import worker
from provenance.intake.examine import Job, Thumbnails
from provenance.intake.worker import Outcome, WorkerContext
from provenance.model.asset import FingerprintLevel
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause

if TYPE_CHECKING:
    from provenance.fingerprint.looks import Watcher

_TASKS_PER_WORKER = 2000
"""A worker is replaced after this many files, so that what libraries leak stays bounded."""
_PATIENCE = 60.0
"""Seconds that loading one plug-in may take."""
_AHEAD = 16
"""Files handed out beyond what the workers are busy with, per worker."""
_PULSE = 2.0
"""Seconds without any outcome after which it is seen to that the crews are well."""
_BREAKS = 5
"""Times that a job is handed out anew because its crew was lost."""


class Pool:
    """Looks at files in `jobs` worker processes. Use as a context manager; leaving it stops every worker."""

    def __init__(self, jobs: int, bench: WorkerContext, work: Callable[[Job], Outcome] | None = None) -> None:
        """`work` is what a worker does with a job, for tests of the guard itself; by default it examines the file."""
        self._bench = bench
        self._work = work or worker.work
        self._jobs = max(1, jobs)
        self._crew, self._alone = _WorkerPool(self._jobs, bench), _WorkerPool(1, bench)
        self.failed: Counter[Cause] = Counter()
        """Attempts that ended without an outcome, by cause: of what was slow or crashed, the worker is gone too."""
        self.retries = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._crew.stop()
        self._alone.stop()

    @property
    def watcher(self) -> Watcher | None:
        """Who looks for known material."""
        return self._bench.watcher

    def prove(self) -> None:
        """Have a worker load every carrier and signal and judge a file with a known answer.

        Raises `ProvenanceError` when it judges wrongly, `ImportError` for a member that cannot be loaded, `UsageError`
        for a plug-in that cannot.
        """
        self._crew.schedule(worker.self_test, self._bench.trust).result()
        for name in self._bench.plugins:
            fault = self._crew.schedule(plugins.join, (name,), seconds=_PATIENCE).exception()
            if isinstance(fault, UsageError):
                raise fault
            if fault is not None:
                why = f"{type(fault).__name__}: {fault}"[:300]
                raise UsageError(f"the plug-in {name!r} cannot be loaded: {why}", "leave it out, or ask its maker")

    def examined(self, jobs: Iterable[Job], further: deque[Job] | None = None) -> Iterator[tuple[Job, Outcome]]:
        """Every job with what came of it, in the order in which they are done; reads `jobs` only a little ahead.

        `further` may grow as outcomes come, and goes first.
        """
        further = deque() if further is None else further
        lent = _InFlight()
        supply, exhausted = iter(jobs), False
        while True:
            while len(lent.out) < self._jobs * _AHEAD and (further or not exhausted):
                job = further.popleft() if further else next(supply, None)
                if job is None:
                    exhausted = True
                else:
                    self._hand_out(_Attempt(job), lent)
            if not lent.out:
                return
            for attempt, outcome in lent.back():
                yield from self._settled(attempt, outcome, lent)

    def _settled(
        self, attempt: _Attempt, outcome: Outcome | BaseException, lent: _InFlight
    ) -> Iterator[tuple[Job, Outcome]]:
        """The job with its outcome; nothing when it is tried once more."""
        if isinstance(outcome, BrokenProcessPool) and attempt.breaks < _BREAKS:
            self._hand_out(dataclasses.replace(attempt, breaks=attempt.breaks + 1), lent)
            return
        if not isinstance(outcome, BaseException):
            yield attempt.job, _without_pictures(outcome) if attempt.leaves_pictures_out else outcome
            return
        self.failed[_cause(outcome)] += 1
        if attempt.again:
            yield attempt.job, self._told(attempt.job, outcome)
        else:
            self.retries += 1
            self._hand_out(dataclasses.replace(attempt, again=True), lent)

    def _hand_out(self, attempt: _Attempt, lent: _InFlight) -> None:
        crew = self._alone if attempt.again else self._crew
        lent.hand_out(attempt, crew.schedule(self._work, attempt.task, seconds=self._allowed(attempt.task)), crew)

    def _allowed(self, job: Job) -> float:
        """Seconds: a job whose pictures are decoded is given longer."""
        limits = self._bench.limits
        return limits.seconds_to_decode(job.size) if _decodes(job) else limits.seconds_for(job.size)

    def _told(self, job: Job, error: BaseException) -> Trouble:
        """Why a file could not be looked at, after it failed twice."""
        if isinstance(error, Overdue):
            allowed = self._bench.limits.seconds_for(job.size)
            return Trouble("", "worker", Cause.SLOW, f"not done after {allowed:.0f} s, twice")
        if isinstance(error, MemoryError):
            return Trouble("", "worker", Cause.OVERSIZED, "needs more memory than a worker may have")
        if isinstance(error, ProcessExpired):
            return Trouble(
                "", "worker", Cause.CRASHED, f"the worker reading it died, twice (exit code {error.exitcode})"
            )
        if isinstance(error, CancelledError | KeyboardInterrupt):
            raise error
        return Trouble("", "worker", Cause.CRASHED, f"{type(error).__name__}: {error}"[:300])


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A job as it is handed out."""

    job: Job
    again: bool = False
    """Whether it failed once, and is looked at alone."""
    breaks: int = 0
    """How often its crew was lost."""

    @property
    def leaves_pictures_out(self) -> bool:
        """What cannot be decoded in time must not cost the words: the second look leaves the pictures out."""
        return self.again and not self.job.part and _decodes(self.job)

    @property
    def task(self) -> Job:
        """What is done of it."""
        if not self.again or self.job.part:
            return self.job
        return dataclasses.replace(
            self.job, pictures=Thumbnails.NONE, fingerprints=FingerprintLevel.NONE, watched=False
        )


class _InFlight:
    """What is handed out and has not come back."""

    def __init__(self) -> None:
        self.out: dict[Future[Outcome], tuple[_Attempt, ProcessPool]] = {}
        self._done: queue.SimpleQueue[Future[Outcome]] = queue.SimpleQueue()

    def hand_out(self, attempt: _Attempt, future: Future[Outcome], crew: _WorkerPool) -> None:
        self.out[future] = attempt, crew.processes
        future.add_done_callback(self._done.put)

    def back(self) -> Iterator[tuple[_Attempt, Outcome | BaseException]]:
        """Waits for the next one that is done; all that were with a crew that is lost."""
        try:
            future = self._done.get(timeout=_PULSE)
        except queue.Empty:
            lost = [future for future, (_, crew) in self.out.items() if not crew.active and not future.done()]
            for future in lost:
                yield self.out.pop(future)[0], BrokenProcessPool()
            return
        if future in self.out:  # else it was given up
            yield self.out.pop(future)[0], future.exception() or future.result()


class _WorkerPool:
    """Worker processes, replaced as a whole when their keeper has lost track of them."""

    def __init__(self, count: int, bench: WorkerContext) -> None:
        self._count, self._bench = count, bench
        self.processes = self._begun()

    def schedule(self, task: Callable[..., Any], argument: object, seconds: float | None = None) -> Future[Any]:
        while True:
            if not self.processes.active:
                self.stop()
                self.processes = self._begun()
            try:
                return self.processes.schedule(task, args=(argument,), timeout=seconds)
            except RuntimeError:  # lost in this very moment
                continue

    def stop(self) -> None:
        self.processes.stop()  # type: ignore[no-untyped-call]  # untyped in pebble
        self.processes.join()

    def _begun(self) -> ProcessPool:
        context = multiprocessing.get_context("spawn")
        begun = ProcessPool(self._count, _TASKS_PER_WORKER, worker.set_up, (self._bench, os.getpid()), context)
        begun._pool_manager = _PatientManager(begun._context, context)  # noqa: SLF001 - see there
        return begun


class _PatientManager(PoolManager):
    """Pebble's keeper with patience: it may see a worker dead before it was told which job that worker had taken.

    Pebble then gives up the whole pool, or leaves the job to its deadline.
    """

    def handle_worker_expiration(self, expiration: tuple[int, int]) -> None:
        """Wait for the word; a worker that had no job is not missed."""
        for _ in range(50):
            if any(task.worker_id == expiration[0] for task in dictionary_values(self.task_manager.tasks)):
                super().handle_worker_expiration(expiration)
                return
            time.sleep(0.01)


def _decodes(job: Job) -> bool:
    return job.watched or job.fingerprints is not FingerprintLevel.NONE


def _without_pictures(outcome: Outcome) -> Outcome:
    """What the words gave, and that the pictures were not looked at."""
    if isinstance(outcome, Trouble):
        return outcome
    missed = Trouble(
        "", "picture", Cause.CRASHED, "decoding it took too long or ended the worker: only its words were read"
    )
    reading = outcome.reading
    return dataclasses.replace(outcome, reading=dataclasses.replace(reading, troubles=(*reading.troubles, missed)))


def _cause(error: BaseException) -> Cause:
    if isinstance(error, Overdue):
        return Cause.SLOW
    return Cause.OVERSIZED if isinstance(error, MemoryError) else Cause.CRASHED
