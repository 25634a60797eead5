"""Guarded worker processes on this machine. The only place that starts a process.

Media is parsed in workers alone, under a memory limit and a deadline. A worker that crashes or hangs costs its file one
retry, alone in a fresh process, and then a Trouble; the others go on. Workers die with their parent, also when it is
killed.
"""

from __future__ import annotations

import ctypes
import dataclasses
import multiprocessing
import os
import queue
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as Overdue
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Self

from pebble import ProcessExpired, ProcessPool

from provenance.errors import UsageError
from provenance.intake import plugins
from provenance.intake.examine import Examined, Job, Pictures, examine, load_members
from provenance.limits import Limits
from provenance.model import Cause, Depth, Trouble
from provenance.trust import TrustStore

if TYPE_CHECKING:
    from provenance.looks import Watcher

_TASKS_PER_WORKER = 2000
"""A worker is replaced after this many files, so that what libraries leak stays bounded."""
_PATIENCE = 60.0
"""Seconds that loading one plug-in may take."""
_AHEAD = 16
"""Files handed out beyond what the workers are busy with, per worker."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What every worker is set up with."""

    limits: Limits
    trust: TrustStore
    plugins: tuple[str, ...] = ()
    """Names of the detectors of other people that take part."""
    watcher: Watcher | None = None
    """Finds known material in jobs that are to be watched."""


Outcome = Examined | Trouble


class Pool:
    """Looks at files in `jobs` worker processes. Use as a context manager; leaving it stops every worker."""

    def __init__(self, jobs: int, bench: Bench, work: Callable[[Job], Outcome] | None = None) -> None:
        """`work` is what a worker does with a job, for tests of the guard itself; by default it examines the file."""
        self._bench = bench
        self._work = work or _work
        self._jobs = max(1, jobs)
        self._crew = self._workers(self._jobs)
        self._alone: ProcessPool | None = None
        self.failed: Counter[Cause] = Counter()
        """Attempts that ended without an outcome, by cause: of what was slow or crashed, the worker is gone too."""
        self.retries = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for crew in (self._crew, self._alone):
            if crew is not None:
                crew.stop()  # type: ignore[no-untyped-call]  # untyped in pebble
                crew.join()

    def _workers(self, count: int) -> ProcessPool:
        return ProcessPool(
            max_workers=count,
            max_tasks=_TASKS_PER_WORKER,
            context=multiprocessing.get_context("spawn"),
            initializer=_set_up,
            initargs=(self._bench, os.getpid()),
        )

    def prove(self) -> None:
        """Have a worker load every carrier and signal and judge a file with a known answer.

        Raises `ProvenanceError` when it judges wrongly, `ImportError` for a member that cannot be loaded, `UsageError`
        for a plug-in that cannot.
        """
        self._crew.schedule(_prove, args=(self._bench.trust,)).result()
        for name in self._bench.plugins:
            fault = self._crew.schedule(plugins.join, args=((name,),), timeout=_PATIENCE).exception()
            if isinstance(fault, UsageError):
                raise fault
            if fault is not None:
                why = f"{type(fault).__name__}: {fault}"[:300]
                raise UsageError(f"the plug-in {name!r} cannot be loaded: {why}", "leave it out, or ask its maker")

    def examined(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Outcome]]:
        """Every job with what came of it, in the order in which they are done; reads `jobs` only a little ahead."""
        done: queue.SimpleQueue[tuple[Job, Outcome | BaseException, bool]] = queue.SimpleQueue()
        waiting = 0
        supply = iter(jobs)
        exhausted = False
        while True:
            while not exhausted and waiting < self._jobs * _AHEAD:
                job = next(supply, None)
                if job is None:
                    exhausted = True
                else:
                    self._hand_out(self._crew, job, done, again=False)
                    waiting += 1
            if not waiting:
                return
            job, outcome, again = done.get()
            if isinstance(outcome, BaseException):
                self.failed[_cause(outcome)] += 1
            if isinstance(outcome, BaseException) and not again:
                self.retries += 1
                self._alone = self._alone or self._workers(1)
                self._hand_out(self._alone, job, done, again=True)
                continue
            waiting -= 1
            if isinstance(outcome, BaseException):
                yield job, self._told(job, outcome)
            else:
                yield job, _without_pictures(outcome) if again and _decodes(job) else outcome

    def _hand_out(
        self,
        crew: ProcessPool,
        job: Job,
        done: queue.SimpleQueue[tuple[Job, Outcome | BaseException, bool]],
        *,
        again: bool,
    ) -> None:
        # what cannot be decoded in time must not cost the words: the second look leaves the pictures out
        task = _words_of(job) if again else job
        future = crew.schedule(self._work, args=(task,), timeout=self._allowed(task))
        future.add_done_callback(lambda ended: done.put((job, ended.exception() or ended.result(), again)))

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


def _decodes(job: Job) -> bool:
    return job.watched or job.fingerprints is not Depth.NONE


def _words_of(job: Job) -> Job:
    return dataclasses.replace(job, pictures=Pictures.NONE, fingerprints=Depth.NONE, watched=False)


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


_bench: Bench | None = None


def _work(job: Job) -> Outcome:
    assert _bench is not None
    plugins.join(_bench.plugins)
    return examine(job, _bench.limits, _bench.watcher)


def _prove(store: TrustStore) -> None:
    from provenance.intake.carriers import c2pa

    load_members()
    c2pa.self_test(store)


def _set_up(bench: Bench, parent: int) -> None:
    """First thing in a new worker: die with the parent, be silent, keep within bounds, learn whom to trust."""
    global _bench
    _die_with(parent)
    _hush()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    _limit_memory(bench.limits.worker_memory)
    from provenance.intake.carriers import c2pa

    c2pa.configure(bench.trust)
    _bench = bench


def _hush() -> None:
    """Libraries complain of hostile files, in the files' own words, on which a terminal acts: that goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)


def _limit_memory(size: int) -> None:
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _die_with(parent: int) -> None:
    """Have the kernel kill this process when its parent ends; elsewhere than on Linux, look every second."""
    if sys.platform == "linux":
        kill_on_parents_death = 1
        ctypes.CDLL(None).prctl(kill_on_parents_death, signal.SIGKILL)
    else:
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    if os.getppid() != parent:
        os._exit(1)


def _watch(parent: int, wait: Callable[[float], None] = time.sleep) -> None:
    while os.getppid() == parent:
        wait(1.0)
    os._exit(1)
