"""The end of a cluster where files are read: one Dask worker for a machine, around guarded processes of our own.

Dask hands out batches of jobs and sees whole machines come and go. Deadlines, memory limits, retries and the question
which file is to blame stay with `LocalEngine`: each thread of the Dask worker has one, with one process.

It opens sockets because that is what it is for: it listens for the scheduler that it was told of. What comes from there
may run any code here, so that only who holds a certificate of the same authority can speak to it; without one only this
very machine can (`cluster_link.check_address`).
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import logging
import os
import platform
import queue
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import dask
from distributed import Reschedule, Scheduler, Security, Worker, get_worker

from provenance.errors import ProvenanceError
from provenance.intake.engines.cluster_link import OWN_WORDS
from provenance.intake.engines.local import LocalEngine
from provenance.intake.jobs import FileSearch, Job, Outcome, ScanFrames, change_paths
from provenance.intake.transport import pack_outcomes
from provenance.intake.worker import WorkerContext
from provenance.mounts import Mount, map_path
from provenance.settings import Cluster

_log = logging.getLogger(__name__)

_SECONDS_TO_JOIN = 60.0
"""In which the scheduler must answer a worker."""
_SECONDS_TO_CLOSE = 2.0
"""That a worker waits for what it has begun when it is told to end."""
_MOST_INDEXES = 8
"""Search indexes that a machine keeps; an older one that is asked for again is sent again."""
_ENDED_FOR_A_RUN = 4
"""Exit code of a worker that a run has given up."""
_LONGEST_REASON = 300
"""Characters of an error's own words."""
_QUIET = {
    "distributed.worker.profile.enabled": False,
    "distributed.admin.system-monitor.disk": False,
    "distributed.comm.timeouts.connect": "10s",
    "distributed.worker.http.routes": [],
    "distributed.scheduler.http.routes": [],
    "distributed.scheduler.allowed-failures": 0,
}
"""Settings of Dask: no profile of threads that only wait, no pages that its web server would show to everybody without
a certificate, and what a lost machine had is given back, because only the run knows whom to suspect."""
_NO_PAGES = "127.0.0.1:0"
"""Where Dask's web server listens, which cannot be switched off."""

ANSWER_OUTCOMES, ANSWER_SECONDS, ANSWER_NOT_SEEN, ANSWER_NO_INDEX = "outcomes", "seconds", "not_seen", "no_index"


@dataclass(frozen=True, slots=True)
class MachineOptions:
    """How one machine takes part."""

    jobs: int
    """Processes that read."""
    mounts: tuple[Mount, ...] = ()
    name: str | None = None
    """In messages; by default the name of the machine with a number."""


def make_security(cluster: Cluster) -> Security:
    """Certificates for every connection; none for a scheduler on this very machine."""
    if not cluster.address or not cluster.address.startswith("tls:"):
        return Security()
    own = {"tls_ca_file": cluster.tls_ca}
    for role in ("client", "worker", "scheduler"):
        own[f"tls_{role}_cert"] = cluster.tls_cert
        own[f"tls_{role}_key"] = cluster.tls_key
    return Security(require_encryption=True, **own)


def prepare_dask(level: int = logging.ERROR) -> None:
    """Settings for this process. Dask's messages go where ours go, from `level` on."""
    dask.config.set(_QUIET)
    for name in ("distributed", "tornado", "bokeh"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(level)


class Machine:
    """What a Dask worker does its tasks with."""

    def __init__(
        self,
        context: WorkerContext,
        options: MachineOptions,
        scratch: str,
        work: Callable[[Job], Outcome] | None = None,
    ) -> None:
        """`scratch`: a folder of its own. `work`: as `LocalEngine` takes it."""
        self._mounts, self._scratch = options.mounts, scratch
        self._engines = [LocalEngine(1, context, work) for _ in range(options.jobs)]
        self._free: queue.SimpleQueue[LocalEngine] = queue.SimpleQueue()
        for engine in self._engines:
            self._free.put(engine)
        self.fault: ProvenanceError | None = None
        """Why it cannot read any more."""

    def self_test(self) -> None:
        """As that of `LocalEngine`."""
        self._engines[0].self_test()

    def stop(self) -> None:
        """End every process."""
        for engine in self._engines:
            engine.__exit__(None, None, None)

    def remove_scratch(self) -> None:
        """Remove what it keeps on disk: search indexes, which may be large."""
        shutil.rmtree(self._scratch, ignore_errors=True)

    def read(self, jobs: Sequence[Job], *, is_sure: bool) -> str:
        """Do jobs, and give the answer as JSON. `is_sure`: folders that are not there are not there anywhere.

        Raises `ProvenanceError` when no process can be started.
        """
        here = [change_paths(job, self._map) for job in jobs]
        if not is_sure:
            for folder in dict.fromkeys(os.path.dirname(job.path) for job in jobs):
                if not has_entries(self._map(folder)):
                    names = [os.fsdecode(folder), os.fsdecode(self._map(folder))]
                    return f'"{ANSWER_NOT_SEEN}":{json.dumps(names)}'
        for number, job in enumerate(here):
            if isinstance(job, FileSearch | ScanFrames):
                path = os.path.join(self._scratch, job.index.path)
                if not os.path.exists(path):
                    return f'"{ANSWER_NO_INDEX}":{json.dumps(job.index.path)}'
                here[number] = replace(job, index=replace(job.index, path=path))
        start = time.monotonic()
        outcomes = self._run(here)
        return f'"{ANSWER_SECONDS}":{time.monotonic() - start:.3f},"{ANSWER_OUTCOMES}":{pack_outcomes(outcomes)}'

    def _run(self, jobs: list[Job]) -> list[Outcome]:
        """The outcomes in the order of the jobs."""
        outcomes: dict[int, Outcome] = {}
        engine = self._free.get()
        try:
            # They end in any order. The same file may be named twice, so that a job is known by being the same object.
            for job, outcome in engine.run(jobs):
                outcomes[id(job)] = outcome
        finally:
            self._free.put(engine)
        return [outcomes[id(job)] for job in jobs]

    def _map(self, path: bytes) -> bytes:
        return map_path(path, self._mounts)

    def take_index(self, name: str, start: int, data: bytes, size: int) -> None:
        """Write a part of a search index. With the last byte it is held against its name, its SHA-256.

        Raises `ValueError` when it is not what was sent.
        """
        path = os.path.join(self._scratch, name)
        # Parts come in order, and a second sender begins anew.
        with open(path + ".part", "r+b" if start else "wb") as file:
            file.seek(start)
            file.write(data)
        if start + len(data) < size:
            return
        with open(path + ".part", "rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != name:
                raise ValueError(f"the search index {name} arrived damaged")
        os.replace(path + ".part", path)
        self._forget_indexes()

    def _forget_indexes(self) -> None:
        kept = [entry for entry in os.scandir(self._scratch) if not entry.name.endswith(".part")]
        kept.sort(key=_measure_age, reverse=True)
        for entry in kept[_MOST_INDEXES:]:
            os.unlink(entry)


def _measure_age(entry: os.DirEntry[str]) -> int:
    return entry.stat().st_mtime_ns


def has_entries(folder: bytes) -> bool:
    """Whether something is in a folder: one that is not mounted is often there, and empty."""
    try:
        with os.scandir(folder) as entries:
            return any(entries)
    except OSError:
        return False


_machine: Machine | None = None


def read_batch(jobs: Sequence[Job], is_sure: bool) -> bytes:
    """The task that a run gives to a Dask worker: do jobs and answer in JSON, as `Machine.read` does."""
    assert _machine is not None
    worker = get_worker()
    try:
        answer = _machine.read(jobs, is_sure=is_sure)
    except ProvenanceError as error:
        # This machine cannot read. Another one does it, and this one says why and leaves.
        _machine.fault = error
        worker.loop.add_callback(worker.close, executor_wait=False, reason="readers cannot be started")
        raise Reschedule from None
    return f'{{"worker":{json.dumps(worker.address)},{answer}}}'.encode()


async def grant(run: str, dask_worker: Worker) -> None:
    """Let this worker take tasks of a run."""
    state = dask_worker.state
    for name, amount in list(state.total_resources.items()):
        # A run that is over, and has no task left at work here.
        if not amount and not state.available_resources[name]:
            del state.total_resources[name], state.available_resources[name]
    await dask_worker.set_resources(**{run: state.nthreads})


async def revoke(run: str, dask_worker: Worker) -> None:
    """Give this worker no further tasks of a run."""
    await dask_worker.set_resources(**{run: 0})


def take_index(name: str, start: int, data: bytes, size: int) -> None:
    """As `Machine.take_index`, asked for by a run."""
    assert _machine is not None
    _machine.take_index(name, start, data, size)


async def end_now() -> None:
    """End this machine's worker at once: a run has waited for it longer than anything may take."""
    assert _machine is not None
    _machine.remove_scratch()
    os._exit(_ENDED_FOR_A_RUN)


def serve(
    cluster: Cluster,
    context: WorkerContext,
    reader: Mapping[str, str],
    options: MachineOptions,
    announce: Callable[[str], None],
    work: Callable[[Job], Outcome] | None = None,
) -> None:
    """Read for whoever asks the scheduler at `cluster.address`, until a signal comes or the scheduler is gone.

    `reader`: what it says of itself, from `describe_reader`. Raises `ProvenanceError` when it cannot read, or when
    there is no scheduler (any more).
    """
    global _machine
    prepare_dask()
    with tempfile.TemporaryDirectory(prefix="provenance-worker-") as scratch:
        machine = _machine = Machine(context, options, scratch, work)
        try:
            if work is None:
                machine.self_test()
            ended_by = asyncio.run(_serve(cluster, reader, options, scratch, announce))
        finally:
            machine.stop()
    if machine.fault:
        raise machine.fault
    if ended_by is None:
        raise ProvenanceError(f"the scheduler at {cluster.address} has ended", "start this worker again with it")
    signal.raise_signal(ended_by)


async def _serve(
    cluster: Cluster,
    reader: Mapping[str, str],
    options: MachineOptions,
    scratch: str,
    announce: Callable[[str], None],
) -> signal.Signals | None:
    """The signal that ended it; None when the scheduler did."""
    address = cluster.address or ""
    name = options.name or f"{platform.node()}-{os.getpid()}"
    host = None
    if address.startswith("tcp:"):
        host = "127.0.0.1"
    with _catch_signals() as caught:
        worker = Worker(
            address,
            nthreads=options.jobs,
            name=name,
            host=host,
            security=make_security(cluster),
            local_directory=os.path.join(scratch, "dask"),
            memory_limit=0,
            dashboard_address=_NO_PAGES,
            death_timeout=_SECONDS_TO_JOIN,
            startup_information={OWN_WORDS: lambda _: dict(reader)},
        )
        announce(f"{name} joins {address}")
        waiting = [asyncio.ensure_future(_run(worker)), asyncio.ensure_future(caught.wait())]
        done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if waiting[0] not in done:
            with contextlib.suppress(OSError):
                await worker.close(timeout=_SECONDS_TO_CLOSE, executor_wait=False, reason="signal")
        for task in waiting:
            task.cancel()
        if waiting[0] in done and (error := waiting[0].exception()):
            raise _explain_failure(address, error)
        return caught.number


def schedule(cluster: Cluster, announce: Callable[[str], None]) -> None:
    """Be the scheduler of a cluster at `cluster.address`, until a signal comes.

    Raises `ProvenanceError` when nothing can listen there.
    """
    prepare_dask()
    ended_by = asyncio.run(_schedule(cluster, announce))
    if ended_by is not None:
        signal.raise_signal(ended_by)


async def _schedule(cluster: Cluster, announce: Callable[[str], None]) -> signal.Signals | None:
    address = cluster.address or ""
    with _catch_signals() as caught:
        scheduler = Scheduler(
            host=address,
            security=make_security(cluster),
            dashboard=False,
            dashboard_address=_NO_PAGES,
        )
        try:
            await scheduler
        except (OSError, RuntimeError) as error:
            reason = f"nothing can listen at {address}: {error.__cause__ or error}"[:_LONGEST_REASON]
            raise ProvenanceError(reason, "is it an address of this machine, and free?") from None
        announce(f"listening at {scheduler.address}")
        await caught.wait()
        await scheduler.close()
        return caught.number


async def _run(server: Worker) -> None:
    await server
    await server.finished()


def _explain_failure(address: str, error: BaseException) -> ProvenanceError:
    hint = "is it started, and is its certificate of the same authority? see docs/how-to/spread-over-machines.md"
    reason = f"{type(error).__name__}: {error}"[:_LONGEST_REASON]
    return ProvenanceError(f"no scheduler at {address} let this worker in: {reason}", hint)


class _CaughtSignals:
    """Signals that end a server, each noted and waited for."""

    def __init__(self) -> None:
        self.number: signal.Signals | None = None
        self._came = asyncio.Event()

    def take(self, number: signal.Signals) -> None:
        self.number = number
        self._came.set()

    async def wait(self) -> None:
        await self._came.wait()


@contextlib.contextmanager
def _catch_signals() -> Iterator[_CaughtSignals]:
    """Within the block the loop is told of signals; afterwards the program handles them as before."""
    caught, loop, handlers = _CaughtSignals(), asyncio.get_running_loop(), {}
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is None or signal.getsignal(number) is signal.SIG_IGN:
            continue
        handlers[number] = signal.getsignal(number)
        with contextlib.suppress(NotImplementedError):  # Windows: the program's own handlers stay.
            loop.add_signal_handler(number, caught.take, number)
    try:
        yield caught
    finally:
        for number, handler in handlers.items():
            with contextlib.suppress(NotImplementedError):
                loop.remove_signal_handler(number)
            signal.signal(number, handler)
