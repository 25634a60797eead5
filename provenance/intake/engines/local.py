"""Guarded worker processes on this machine. The only place that starts a process.

Media is parsed in workers alone, under a memory limit and a deadline. A worker that crashes or hangs costs its file one
retry, alone in a fresh process, and then a Trouble; the others go on. Workers die with their parent, also when it is
killed.
"""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import logging
import multiprocessing
import os
import queue
import select
import signal
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, MutableSequence, Sequence
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as DeadlinePassed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import forkserver, resource_tracker, sharedctypes
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Any, Self

from pebble import ProcessExpired, ProcessPool
from pebble.pool.base_pool import PoolContext, Task
from pebble.pool.process import PoolManager, TaskManager, WorkerManager, dictionary_values

from provenance.errors import ProvenanceError, UsageError
from provenance.evidence import plugins
from provenance.intake import worker
from provenance.intake.batches import MOST_JOBS, BatchMaker, JobSupply
from provenance.intake.jobs import FileRead, Job, Outcome, ReadFile, ScanRange
from provenance.intake.throttle import UNTHROTTLED, Throttle
from provenance.intake.worker import WorkerContext
from provenance.interrupts import HoldInterrupts
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause
from provenance.trust import TrustStore

_log = logging.getLogger(__name__)

_TASKS_PER_WORKER = 500
"""Tasks, of up to 64 files each, after which a worker is replaced, so that what libraries leak stays bounded."""
_PLUGIN_SECONDS = 60.0
"""Seconds that loading one plug-in may take."""
_SELF_TEST_SECONDS = 120.0
"""Seconds that the self-test may take: it loads every library, on a cold disk once."""
_TASKS_AHEAD = 16
"""Tasks handed out, per worker, so that none of them waits for work."""
_JOBS_AHEAD = 256
"""Jobs in these, per worker: four batches of the largest size."""
_HEALTH_CHECK_SECONDS = 2.0
"""Seconds without any outcome after which the pools are checked for being lost."""
_SHORTEST_WAIT = 0.01
"""Seconds that are waited at least for tokens: several small jobs then go out together."""
_MOST_POOL_LOSSES = 5
"""Times that a job is handed out anew because its pool was lost, and pools in a row that may fail to start."""
_SECONDS_TO_DIE = 3.0
"""That a worker has to end after it was asked to, and again after it was killed."""
_RETRY_FACTOR = 2
"""How many times as long as at first a job may take that is tried again."""
_KILLED = -9
"""Exit code of a worker that somebody else ended with SIGKILL."""
_PRELOAD = ["provenance.intake.one_thread", "provenance.intake.preload", __name__]
"""Modules that the fork server imports, in this order, once for all workers.

This one is among them for what a worker is started with: without it each of them would load it, and pebble, for itself.
"""
_CLOCK_LOOKS = 100_000
"""How often the clock is looked at before it is taken to stand still: 10 ms here, and clocks tick every 16 at most."""
_LONGEST_DETAIL = 300
"""Characters of an error's own words that a trouble repeats."""

_proven: set[tuple[int, TrustStore, tuple[str, ...]]] = set()
"""Fork servers, trust lists and plug-ins that the self-test was passed with: later engines need not repeat it."""


class LocalEngine:
    """Does jobs in `count` worker processes. Use as a context manager; leaving it stops every worker.

    The first job starts the workers, after a self-test, unless workers of the same fork server passed the same one; an
    engine without jobs starts nothing. Small files go to a worker together (`batches.BatchMaker`); which of them a
    failure is about is told by the worker's marks (`_Marks`), so that it costs none of the others. An engine for many
    machines has one of these on each of them.
    """

    def __init__(
        self,
        count: int,
        context: WorkerContext,
        work: Callable[[Job], Outcome] | None = None,
        throttle: Throttle = UNTHROTTLED,
    ) -> None:
        """`work` is what a worker does with a job, for tests of the guard itself; by default it examines the file."""
        self._context = context
        self._work = work or worker.work
        self._count = max(1, count)
        self._throttle = throttle
        self._is_proven = work is not None
        self._batches = BatchMaker()
        self._marks = _Marks(self._count * _JOBS_AHEAD + MOST_JOBS)
        self._shared = _WorkerPool(self._count, context, self._marks)
        self._single = _WorkerPool(1, context, self._marks)
        self.failed: Counter[Cause] = Counter()
        """Attempts that ended without an outcome, by cause; for a slow or crashed one the worker is gone as well."""
        self.retries = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._shared.stop()
        self._single.stop()

    def self_test(self) -> None:
        """Have a worker load every carrier and signal and judge a file with a known answer. Goes before the first job.

        Raises `ProvenanceError` when it judges wrongly or takes for ever, `ImportError` for a member that cannot be
        loaded, `UsageError` for a plug-in that cannot.
        """
        self._judge_known_file()
        for name in self._context.plugins:
            fault = self._shared.schedule(plugins.load, (name,), seconds=_PLUGIN_SECONDS).exception()
            if isinstance(fault, UsageError):
                raise fault
            if fault is not None:
                reason = f"{type(fault).__name__}: {fault}"[:_LONGEST_DETAIL]
                raise UsageError(f"the plug-in {name!r} cannot be loaded: {reason}", "leave it out, or ask its maker")
        self._is_proven = True
        if (server := _find_fork_server()) is not None:
            _proven.add((server, self._context.trust, self._context.plugins))

    def _was_proven_before(self) -> bool:
        """Whether workers passed the self-test that were forked from the same libraries, with the same lists."""
        server = _find_fork_server()
        return server is not None and (server, self._context.trust, self._context.plugins) in _proven

    def _judge_known_file(self) -> None:
        # A worker may be killed in its self-test as in any other task: that says nothing about its judgement.
        for _ in range(_MOST_POOL_LOSSES):
            try:
                self._shared.schedule(worker.self_test, self._context.trust, seconds=_SELF_TEST_SECONDS).result()
            except ProcessExpired as loss:
                _log.warning("a worker was lost in its self-test (exit code %s)", loss.exitcode)
            except DeadlinePassed:
                hint = "the machine may be overloaded; try again, or run: provenance doctor"
                raise ProvenanceError(f"the self-test did not end within {_SELF_TEST_SECONDS:.0f} s", hint) from None
            except BrokenProcessPool:
                raise _make_start_error() from None
            else:
                return
        raise _make_start_error()

    def run(self, jobs: Iterable[Job], follow_ups: deque[Job] | None = None) -> Iterator[tuple[Job, Outcome]]:
        """Every job with its outcome, in the order in which they end; reads `jobs` only a little ahead.

        `follow_ups` may grow while outcomes come, and goes first. Raises as `self_test` does, before the first outcome.
        When the time of the run is over, what is at work is given up, and what is left of `jobs` is not asked for.
        """
        in_flight = _InFlight()
        supply = JobSupply(jobs, deque() if follow_ups is None else follow_ups, self._throttle)
        while not supply.is_over:
            while supply.has_more and in_flight.has_room(self._count):
                batch = self._batches.make(supply)
                if batch:
                    self._hand_out(_Attempt(batch), in_flight)
                elif supply.delay:
                    break
            if not in_flight.attempts and not supply.has_more:
                return
            for attempt, outcomes in in_flight.wait(supply.delay):
                yield from self._settle(attempt, outcomes, in_flight)
        # Workers know nothing of the end, and would go on with what they were given.
        self._shared.stop()
        self._single.stop()

    def _settle(
        self, attempt: _Attempt, outcomes: Sequence[Outcome] | BaseException, in_flight: _InFlight
    ) -> Iterator[tuple[Job, Outcome]]:
        """The jobs of an attempt with their outcomes; nothing of those that are tried once more."""
        number = self._marks.give_back(attempt.slot)
        if not isinstance(outcomes, BaseException):
            for job, outcome in zip(attempt.jobs, outcomes, strict=True):
                _log.debug("done %r", job.path)
                yield job, _note_missing_pictures(outcome) if attempt.leaves_decoding_out else outcome
            return
        if isinstance(outcomes, BrokenProcessPool) and attempt.pool_losses < _MOST_POOL_LOSSES:
            _log.warning("the worker pool was lost; handing %r out again", attempt.jobs[0].path)
            self._hand_out(dataclasses.replace(attempt, pool_losses=attempt.pool_losses + 1), in_flight)
            return
        jobs = list(attempt.jobs)
        if len(jobs) > 1:
            # The job at work is to blame, if the worker had begun one. The others start anew, one by one.
            blamed = jobs[number - 1 : number]
            for job in jobs[: number - len(blamed)] + jobs[number:]:
                self._hand_out(_Attempt((job,)), in_flight)
            jobs = blamed
        for job in jobs:
            yield from self._blame(dataclasses.replace(attempt, jobs=(job,)), outcomes, in_flight)

    def _blame(self, attempt: _Attempt, error: BaseException, in_flight: _InFlight) -> Iterator[tuple[Job, Outcome]]:
        """A Trouble for a job that has failed twice; nothing for one that is tried once more, alone."""
        [job] = attempt.jobs
        self.failed[_classify(error)] += 1
        trouble = self._describe_failure(attempt, error)
        if attempt.is_retry:
            _log.warning("gave up on %r: %s", job.path, trouble.detail)
            yield job, trouble
        else:
            _log.warning("worker lost on %r (%s); one retry, alone in a fresh process", job.path, trouble.cause)
            self.retries += 1
            self._hand_out(dataclasses.replace(attempt, is_retry=True), in_flight)

    def _hand_out(self, attempt: _Attempt, in_flight: _InFlight) -> None:
        if not self._is_proven:
            self._is_proven = self._was_proven_before()
        if not self._is_proven:
            self.self_test()
        for job in attempt.tasks:
            _log.debug("begun %s %r, %d bytes", type(job).__name__, job.path, job.size)
        pool = self._single if attempt.is_retry else self._shared
        attempt = dataclasses.replace(attempt, slot=self._marks.take())
        with HoldInterrupts():
            deadline = self._compute_deadline(attempt)
            future = pool.schedule(_work_in_turn, self._work, attempt.tasks, attempt.slot, seconds=deadline)
            in_flight.add(attempt, future, pool)

    def _compute_deadline(self, attempt: _Attempt) -> float:
        """Seconds: a job that decodes is given longer, and one that was too slow is given twice as long.

        Several small files together are given as long as one file of their size: no less than each would have alone.
        """
        limits = self._context.limits
        size = sum(job.size for job in attempt.tasks)
        deadline = limits.compute_read_deadline(size)
        if any(job.decodes for job in attempt.tasks):
            first = attempt.tasks[0]
            seconds = first.seconds if isinstance(first, ScanRange) else 0.0
            deadline = limits.compute_decode_deadline(size, seconds)
        # A busy machine makes everything slow at once: without more time, what was too slow once is so again.
        return deadline * _RETRY_FACTOR if attempt.is_retry else deadline

    def _describe_failure(self, attempt: _Attempt, error: BaseException) -> Trouble:
        """Why a file could not be looked at, after it failed twice, and the limit that it reached."""
        limits = self._context.limits
        if isinstance(error, DeadlinePassed):
            first = self._compute_deadline(dataclasses.replace(attempt, is_retry=False))
            second = self._compute_deadline(dataclasses.replace(attempt, is_retry=True))
            return Trouble("", "worker", Cause.SLOW, limits.describe_slowness(first, second))
        if isinstance(error, MemoryError):
            return Trouble("", "worker", Cause.OVERSIZED, limits.describe_shortage())
        if isinstance(error, ProcessExpired):
            detail = f"the worker that read it crashed twice (exit code {error.exitcode})"
            if error.exitcode == _KILLED:
                # Workers have a limit of memory, but all of them together may need more than there is.
                detail = f"{detail}: it was killed, as happens when the machine runs out of memory; use fewer --jobs"
            return Trouble("", "worker", Cause.CRASHED, detail)
        if isinstance(error, CancelledError | KeyboardInterrupt):
            raise error
        return Trouble("", "worker", Cause.CRASHED, f"{type(error).__name__}: {error}"[:_LONGEST_DETAIL])


@dataclass(frozen=True, slots=True)
class _Attempt:
    """Jobs as they are handed out: one, or several small ones."""

    jobs: tuple[Job, ...]
    is_retry: bool = False
    """It failed once, and is now done alone."""
    pool_losses: int = 0
    """How often its pool was lost."""
    slot: int = 0
    """Where its worker marks the job that it is at."""

    @property
    def leaves_decoding_out(self) -> bool:
        """A picture that cannot be decoded in time must not cost the metadata: the retry reads without decoding."""
        return self.is_retry and any(isinstance(job, ReadFile) and job.decodes for job in self.jobs)

    @property
    def tasks(self) -> tuple[Job, ...]:
        """What is done of them."""
        if self.is_retry:
            return tuple(job.without_decoding if isinstance(job, ReadFile) else job for job in self.jobs)
        return self.jobs


class _Marks:
    """A byte for each attempt in flight, in memory shared with the workers: the number of the job at work, from 1.

    What a worker that crashed or was ended was doing stands there when nothing else can tell it any more.
    """

    def __init__(self, count: int) -> None:
        # Byte 0 is for those that find no other free; what stands there is about nobody.
        self.shared = sharedctypes.RawArray("B", 1 + count)
        self._free = list(range(1, 1 + count))

    def take(self) -> int:
        """The place of a byte for a new attempt."""
        slot = self._free.pop() if self._free else 0
        self.shared[slot] = 0
        return slot

    def give_back(self, slot: int) -> int:
        """The number of the job that the attempt was at last; 0 when it had begun none, or that is not known."""
        if not slot:
            return 0
        self._free.append(slot)
        return int(self.shared[slot])


_shared_marks: MutableSequence[int] = bytearray()
"""In a worker: the bytes of `_Marks`."""


def _work_in_turn(work: Callable[[Job], Outcome], jobs: tuple[Job, ...], slot: int) -> list[Outcome]:
    """In a worker: do jobs one after the other, marking which one is at work. Raises whatever any of them raises."""
    outcomes = []
    for number, job in enumerate(jobs, start=1):
        _shared_marks[slot] = number
        outcomes.append(work(job))
    return outcomes


class _InFlight:
    """What is handed out and has not come back."""

    def __init__(self) -> None:
        self.attempts: dict[Future[Any], tuple[_Attempt, ProcessPool]] = {}
        self._done: queue.SimpleQueue[Future[Any]] = queue.SimpleQueue()
        self._jobs = 0

    def has_room(self, workers: int) -> bool:
        """Whether so many workers should be given more."""
        return len(self.attempts) < workers * _TASKS_AHEAD and self._jobs < workers * _JOBS_AHEAD

    def add(self, attempt: _Attempt, future: Future[Any], pool: _WorkerPool) -> None:
        self.attempts[future] = attempt, pool.processes
        self._jobs += len(attempt.jobs)
        future.add_done_callback(self._done.put)

    def wait(self, delay: float) -> list[tuple[_Attempt, Sequence[Outcome] | BaseException]]:
        """Waits for the next one that is done, or until more may be handed out: `delay` in seconds, 0 for no such time.

        Gives all that were with a pool that is lost.
        """
        with HoldInterrupts():
            return self._wait_for_one(min(max(delay, _SHORTEST_WAIT), _HEALTH_CHECK_SECONDS) if delay else None)

    def _wait_for_one(self, seconds: float | None) -> list[tuple[_Attempt, Sequence[Outcome] | BaseException]]:
        try:
            future = self._done.get(timeout=seconds or _HEALTH_CHECK_SECONDS)
        except queue.Empty:
            lost = [done for done, (_, pool) in self.attempts.items() if not pool.active and not done.done()]
            return [(self._remove(future), BrokenProcessPool()) for future in lost]
        if future not in self.attempts:  # It was given up as lost before it came back.
            return []
        return [(self._remove(future), future.exception() or future.result())]

    def _remove(self, future: Future[Any]) -> _Attempt:
        attempt, _ = self.attempts.pop(future)
        self._jobs -= len(attempt.jobs)
        return attempt


class _WorkerPool:
    """Worker processes, started with the first task, and replaced as a whole when their manager has lost track."""

    def __init__(self, count: int, context: WorkerContext, marks: _Marks) -> None:
        self._count, self._context, self._marks = count, context, marks
        self._processes: ProcessPool | None = None

    @property
    def processes(self) -> ProcessPool:
        """Those of today. Starts the first."""
        if self._processes is None:
            self._processes = self._start()
        return self._processes

    def schedule(self, task: Callable[..., Any], *arguments: object, seconds: float | None = None) -> Future[Any]:
        """Hand out a task. Raises `ProvenanceError` when no worker can be started."""
        for _ in range(_MOST_POOL_LOSSES):
            if not self.processes.active:
                self._replace()
            try:
                return self.processes.schedule(task, args=arguments, timeout=seconds)
            except RuntimeError:  # The pool was lost in this very moment.
                continue
        raise _make_start_error()

    def _replace(self) -> None:
        """Start a new pool. Raises `ProvenanceError` when the workers of the old one could not even be started."""
        _log.warning("starting a new pool of %d workers", self._count)
        # A worker that is killed while it takes a job leaves the channel locked, and the others of its pool take none.
        # In a new pool they do; where workers cannot be started, nobody has ever taken one.
        if self._manager.deaths >= _MOST_POOL_LOSSES and not self._manager.has_worked:
            raise _make_start_error()
        self.stop()
        self._processes = self._start()

    def stop(self) -> None:
        """End every worker."""
        if self._processes is None:
            return
        with HoldInterrupts():
            self._processes.stop()  # type: ignore[no-untyped-call]  # untyped in pebble
            self._processes.join()

    def _start(self) -> ProcessPool:
        start = _choose_start_method()
        pool = ProcessPool(self._count, _TASKS_PER_WORKER, _set_up_worker, (self._context, self._marks.shared), start)
        self._manager = _PatientManager(pool._context, start)  # noqa: SLF001 - see there
        pool._pool_manager = self._manager  # noqa: SLF001 - as above
        return pool


def _make_start_error() -> ProvenanceError:
    reason = f"no worker could be started, {_MOST_POOL_LOSSES} times in a row"
    return ProvenanceError(reason, "see: provenance doctor; is there memory left, and room for processes?")


def _set_up_worker(context: WorkerContext, marks: MutableSequence[int]) -> None:
    """First thing in a new worker: end with the process that started it, which ends with the program."""
    global _shared_marks
    _shared_marks = marks
    worker.set_up(context, os.getppid())
    # The fork server ends when nobody holds its pipe any more. It passes that to every worker, and one that hangs would
    # keep it alive.
    server: Any = forkserver._forkserver  # noqa: SLF001 - there is no other way to the pipe
    if server._forkserver_alive_fd is not None:  # noqa: SLF001 - as above
        os.close(server._forkserver_alive_fd)  # noqa: SLF001 - as above
        server._forkserver_alive_fd = None  # noqa: SLF001 - as above
    program = multiprocessing.parent_process()
    if program is None or _has_ended(program):  # Before the kernel was asked to tell.
        os._exit(1)


def _has_ended(program: BaseProcess) -> bool:
    if sys.platform == "win32":  # It cannot select on handles.
        return not program.is_alive()
    # `is_alive` asks the clock, and where that stands still it waits for ever.
    return bool(select.select([program.sentinel], [], [], 0)[0])


def _choose_start_method() -> BaseContext:
    """Fork workers from a server that has loaded the libraries, on Linux; elsewhere each of them loads them itself."""
    # On macOS system libraries do not survive a fork, and Windows has none. Under a clock that stands still, as checks
    # of last days and of equal bytes set it, the standard library waits for ever for news of a forked worker.
    if sys.platform == "linux" and _is_clock_running() and _start_fork_server():
        return multiprocessing.get_context("forkserver")
    return multiprocessing.get_context("spawn")


def _find_fork_server() -> int | None:
    """Process of the fork server, started if it has to be; None where each worker loads the libraries for itself."""
    if _choose_start_method().get_start_method() != "forkserver":
        return None
    server: Any = forkserver._forkserver  # noqa: SLF001 - there is no other way to its number
    return int(server._forkserver_pid)  # noqa: SLF001 - as above


def _is_clock_running() -> bool:
    start = time.monotonic()
    return any(time.monotonic() != start for _ in range(_CLOCK_LOOKS))


def _start_fork_server() -> bool:
    """Start the fork server, unless it runs already; it ends with this process. False if it cannot be reached."""
    forkserver.set_forkserver_preload(_PRELOAD)
    # It inherits the mask: Ctrl-C is the program's to handle, also while the server still loads.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        forkserver.ensure_running()
    except OSError as error:  # Its socket lies in the temporary folder, whose path may be too long for one.
        _log.warning("no fork server (%s): every worker loads the libraries itself", error)
        return False
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    return True


class _SteadyTasks(TaskManager):
    """Pebble's tasks with deadlines on the monotonic clock: the time of day may be set while a job is at work."""

    taken = 0
    """Tasks that workers took."""

    def task_start(self, task_id: int, worker_id: int | None) -> None:
        """Note when a worker took a task."""
        super().task_start(task_id, worker_id)
        # Without a worker it is one that is given up with its pool.
        self.taken += worker_id is not None
        # Pebble has written the time of day there. Until this line a deadline seems far away, and none has passed.
        if task := self.tasks.get(task_id):
            task.timestamp = time.monotonic()

    @staticmethod
    def timeout(task: Task) -> bool:
        """Whether the deadline of a task has passed."""
        return bool(task.timeout and task.started and time.monotonic() - task.timestamp > task.timeout)


class _AbandoningWorkers(WorkerManager):
    """Pebble's workers. One that even SIGKILL does not end is left to itself.

    The kernel keeps a process that waits for a hung mount until the mount answers, which may be never. Pebble would
    wait as long, and with it every deadline and the end of the program.
    """

    def force_stop_workers(self) -> None:
        """End every worker."""
        for number in tuple(self.workers):
            _stop_or_abandon(self.workers.pop(number))

    def maybe_stop_worker(self, worker_id: int) -> bool:
        """End a worker; False when it holds the channel just now, so that it has to be tried again."""
        with self.workers_channel.lock(block=False) as is_locked:  # type: ignore[union-attr]
            if is_locked and (process := self.workers.pop(worker_id, None)):
                _stop_or_abandon(process)
            return bool(is_locked)


def _stop_or_abandon(process: BaseProcess) -> None:
    process.terminate()
    process.join(_SECONDS_TO_DIE)
    if process.is_alive():
        process.kill()
        process.join(_SECONDS_TO_DIE)
    if process.is_alive():
        _log.warning("worker %s does not end, as happens on a mount that hangs; it is left to itself", process.pid)
        # Otherwise the interpreter waits for it at its end, and for the tracker of semaphores, which it keeps alive.
        multiprocessing.process._children.discard(process)  # type: ignore[attr-defined]  # noqa: SLF001 - no other way
        atexit.register(_end_tracker)


def _end_tracker() -> None:
    """End the tracker of semaphores. It has our standard error, and whoever reads that waits for its end."""
    tracker = vars(resource_tracker)["_resource_tracker"]
    state = vars(tracker)
    state["_fd"] = None
    if state["_pid"] is not None:
        with contextlib.suppress(OSError):
            os.kill(state["_pid"], signal.SIGKILL)


class _PatientManager(PoolManager):
    """Pebble's manager with patience: it may see a worker dead before it was told which job that worker had taken.

    Pebble then gives up the whole pool, or leaves the job to its deadline.
    """

    def __init__(self, context: PoolContext, start: BaseContext) -> None:
        super().__init__(context, start)
        self.task_manager = self._tasks = _SteadyTasks(context.task_queue.task_done)
        self._taken_before = 0
        self.worker_manager = _AbandoningWorkers(context.workers, context.worker_parameters, start)
        self.deaths = 0
        """Workers that died one after the other without having taken a job."""

    @property
    def has_worked(self) -> bool:
        """Whether any worker of this pool ever took a task."""
        return self._tasks.taken > 0

    def handle_worker_expiration(self, expiration: tuple[int, int]) -> None:
        """Wait up to half a second for word of its job; a worker that had none is not missed.

        Unless none of them lives long enough to take one: then the pool is given up.
        """
        for _ in range(50):
            if any(task.worker_id == expiration[0] for task in dictionary_values(self.task_manager.tasks)):
                self.deaths = 0
                super().handle_worker_expiration(expiration)
                return
            time.sleep(0.01)
        # Five in a whole night are no storm: only those count between which nobody took anything.
        if self._tasks.taken != self._taken_before:
            self.deaths, self._taken_before = 0, self._tasks.taken
        self.deaths += 1
        if self.deaths >= _MOST_POOL_LOSSES:
            raise BrokenProcessPool(f"{self.deaths} workers died before they took a job")


def _note_missing_pictures(outcome: Outcome) -> Outcome:
    """The metadata alone, and a Trouble that says that pictures and sound were not decoded."""
    if not isinstance(outcome, FileRead):
        return outcome
    detail = "decoding it took too long or crashed the worker: only its metadata was read"
    trouble = Trouble("", "picture", Cause.CRASHED, detail)
    reading = dataclasses.replace(outcome.reading, troubles=(*outcome.reading.troubles, trouble))
    return dataclasses.replace(outcome, reading=reading)


def _classify(error: BaseException) -> Cause:
    if isinstance(error, DeadlinePassed):
        return Cause.SLOW
    if isinstance(error, MemoryError):
        return Cause.OVERSIZED
    return Cause.CRASHED
