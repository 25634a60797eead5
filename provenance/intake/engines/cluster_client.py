"""The way from a run to its cluster: a client of Dask in a thread of its own, so that no signal breaks it off."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import queue
import threading
import uuid
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from distributed import Client
from distributed.client import FutureCancelledError

from provenance.intake.engines import cluster_worker
from provenance.intake.jobs import Job
from provenance.interrupts import HoldInterrupts
from provenance.settings import Cluster

_log = logging.getLogger(__name__)

Answer = TypeVar("Answer")

_CONNECT_SECONDS = 10.0
"""Seconds in which a scheduler must answer."""
_CALL_SECONDS = 5.0
"""Seconds in which the scheduler and the workers must do what takes them no time."""


@dataclass(eq=False, slots=True)
class Batch:
    """Jobs that are given to a machine together."""

    jobs: tuple[Job, ...]
    is_sure: bool = False
    """Whether folders that a machine does not see are not there anywhere."""
    is_alone: bool = False
    """Whether it is one job that is suspected, and is done while no other is."""
    losses: int = 0
    """How many machines were lost while they had it."""
    returns: int = 0
    """How often it came back undone because the scheduler was lost."""

    def split(self) -> list[Batch]:
        """A batch for each of its jobs, to be done alone."""
        return [Batch((job,), self.is_sure, is_alone=True) for job in self.jobs]


class Connection:
    """A client of Dask in a thread of its own, so that no signal breaks off what it does."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._loop: asyncio.AbstractEventLoop | None = None
        self._client: Client | None = None
        self._done: queue.SimpleQueue[tuple[str, bytes | BaseException]] = queue.SimpleQueue()
        self._tasks: set[asyncio.Task[bytes]] = set()
        """In the thread of the client alone: what waits for answers."""
        self.in_flight: dict[str, Batch] = {}
        """By key of its task."""
        self.why_closed = ""

    @property
    def is_open(self) -> bool:
        """Whether a scheduler answers."""
        return self._client is not None and self._client.status == "running"

    def list_workers(self) -> dict[str, dict[str, Any]]:
        """By address, what every worker says of itself. Connects when that was lost; empty when it cannot."""
        if not self.is_open and not self._open():
            return {}
        return self._call(self._ask_who_is_there(), _CALL_SECONDS) or {}

    async def _ask_who_is_there(self) -> dict[str, dict[str, Any]]:
        identity = await self._scheduler.identity(n_workers=-1)
        workers: dict[str, dict[str, Any]] = identity["workers"]
        return {address: worker for address, worker in workers.items() if worker.get("status") == "running"}

    @property
    def _scheduler(self) -> Any:  # noqa: ANN401 - Dask makes its methods up when they are called
        assert self._client is not None
        return self._client.scheduler

    def _open(self) -> bool:
        if self._loop is None:
            cluster_worker.prepare_dask(logging.CRITICAL)
            self._loop = asyncio.new_event_loop()
            threading.Thread(target=self._loop.run_forever, name="cluster", daemon=True).start()
        return bool(self._call(self._connect(), _CONNECT_SECONDS + _CALL_SECONDS))

    async def _connect(self) -> bool:
        if self._client is not None and self._client.status != "closed":
            is_running: bool = self._client.status == "running"
            return is_running
        try:
            self._client = await Client(
                self._cluster.address,
                security=cluster_worker.make_security(self._cluster),
                asynchronous=True,
                set_as_default=False,
                timeout=_CONNECT_SECONDS,
            )
        except OSError as error:
            self.why_closed = str(error.__cause__ or error)[:200]
            return False
        return True

    def submit(self, batch: Batch, jobs: tuple[Job, ...], run: str) -> None:
        """Give a batch to whichever machine takes part in a run; `wait` gives the answer."""
        key = f"read-{uuid.uuid4().hex}"
        self.in_flight[key] = batch
        assert self._loop is not None
        with HoldInterrupts():
            self._loop.call_soon_threadsafe(self._begin, key, jobs, batch.is_sure, run)

    def _begin(self, key: str, jobs: tuple[Job, ...], is_sure: bool, run: str) -> None:
        task = asyncio.ensure_future(self._read(key, jobs, is_sure, run))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda done: self._done.put((key, _get_result(done))))

    async def _read(self, key: str, jobs: tuple[Job, ...], is_sure: bool, run: str) -> bytes:
        assert self._client is not None
        future = self._client.submit(cluster_worker.read_batch, jobs, is_sure, key=key, pure=False, resources={run: 1})
        answer = await future
        if not isinstance(answer, bytes):
            raise ValueError(f"found {answer!r:.40} instead of an answer")
        return answer

    def wait(self, seconds: float) -> list[tuple[Batch, bytes | BaseException]]:
        """Wait for answers; gives all that are there. Answers to what was dropped are left out."""
        found: list[tuple[Batch, bytes | BaseException]] = []
        with HoldInterrupts(), contextlib.suppress(queue.Empty):
            key, answer = self._done.get(timeout=seconds)
            while True:
                if batch := self.in_flight.pop(key, None):
                    found.append((batch, answer))
                key, answer = self._done.get_nowait()
        return found

    def drop(self) -> list[Batch]:
        """Take back everything that was handed out."""
        batches = list(self.in_flight.values())
        self.in_flight.clear()
        if self._loop is not None and batches:
            with HoldInterrupts():
                self._loop.call_soon_threadsafe(self._cancel)
        return batches

    def _cancel(self) -> None:
        # A task that is cancelled lets go of its future, and what nobody waits for the scheduler forgets.
        for task in self._tasks:
            task.cancel()

    def list_processing(self) -> dict[str, list[Batch]]:
        """By address of a worker: the batches that it has."""
        found: dict[str, list[Batch]] = {}
        if self.is_open:
            for address, keys in (self._call(self._ask_what_is_done(), _CALL_SECONDS) or {}).items():
                found[address] = [self.in_flight[key] for key in keys if key in self.in_flight]
        return found

    async def _ask_what_is_done(self) -> dict[str, Sequence[str]]:
        processing: dict[str, Sequence[str]] = await self._scheduler.processing(workers=None)
        return processing

    def end_worker(self, address: str) -> None:
        """End a worker, and have the scheduler forget it even when it does not."""
        self.call_workers(cluster_worker.end_now, workers=[address])
        self._call(self._forget(address), _CALL_SECONDS)

    async def _forget(self, address: str) -> None:
        await self._scheduler.unregister(address=address, stimulus_id="overdue")

    def call_workers(self, task: Callable[..., object], *arguments: object, workers: list[str]) -> bool:
        """Call a function on workers at once, outside of any queue. False when one of them failed or is gone."""
        if not workers:
            return True
        if not self.is_open:
            return False
        answers = self._call(self._run_on(task, arguments, workers), _CALL_SECONDS) or {}
        has_failed = len(answers) < len(workers)
        for answer in answers.values():
            if isinstance(answer, BaseException):
                _log.warning("a worker failed: %r", answer)
                has_failed = True
        return not has_failed

    async def _run_on(
        self, task: Callable[..., object], arguments: tuple[object, ...], workers: list[str]
    ) -> dict[str, object]:
        assert self._client is not None
        answers: dict[str, object] = await self._client.run(task, *arguments, workers=workers, on_error="return")
        return answers

    def _call(self, coroutine: Coroutine[Any, Any, Answer], seconds: float) -> Answer | None:
        """The result of a coroutine in the client's thread; None when the other side does not answer in time."""
        assert self._loop is not None
        with HoldInterrupts():
            future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
            try:
                return future.result(seconds)
            except OSError as error:  # Among them a deadline that has passed.
                future.cancel()
                _log.info("the cluster did not answer: %r", error)
                return None

    def close(self) -> None:
        """Leave the cluster. What was handed out is dropped by the scheduler."""
        if self._loop is None:
            return
        self.drop()
        if self._client is not None:
            self._call(self._leave(), _CALL_SECONDS)
            self._client = None
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._loop = None

    async def _leave(self) -> None:
        assert self._client is not None
        await self._client.close()


def _get_result(task: asyncio.Task[bytes]) -> bytes | BaseException:
    if task.cancelled():
        cancelled: BaseException = FutureCancelledError("", "cancelled")
        return cancelled
    return task.exception() or task.result()
