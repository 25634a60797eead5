"""Many machines: jobs go in batches to the workers of a Dask cluster, each of which has guarded processes of its own.

Dask is given machines, never files: a task is a batch of jobs that one machine's `LocalEngine` does, so that deadlines,
memory limits, retries and the question which file is to blame are decided as on one machine. What only a cluster has is
decided here: which machines take part, what is read again because a machine was lost, and what becomes of a batch that
ends the machines that try it.

It opens a socket to the scheduler because that is the only way to another machine; `cluster_link.check_address` says
where to: over TLS with certificates on both sides, or to this very machine. No other module of the library asks anybody
for anything but `signing.ask_authority`.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import logging
import os
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, Self

from distributed import KilledWorker
from distributed.client import FutureCancelledError

from provenance.errors import ProvenanceError
from provenance.intake.batches import JobSupply
from provenance.intake.engines import cluster_worker
from provenance.intake.engines.cluster_client import Batch, Connection
from provenance.intake.engines.cluster_link import OWN_WORDS, list_differences
from provenance.intake.engines.local import LocalEngine
from provenance.intake.jobs import (
    DeriveEvidence,
    FileSearch,
    Job,
    Outcome,
    ReadCuts,
    ReadFileList,
    ReadTable,
    ScanFrames,
    ScanRange,
)
from provenance.intake.throttle import UNTHROTTLED, Throttle
from provenance.intake.transport import unpack_outcomes
from provenance.limits import Limits
from provenance.matching.index_file import copy_whole
from provenance.matching.search_index import SearchIndex
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause
from provenance.settings import Cluster

_log = logging.getLogger(__name__)

_MOST_JOBS = 32
"""Jobs of one batch: from 16 on, handing a file out costs less than a millisecond (benchmarks/cluster.py)."""
_BATCH_SECONDS = 1.0
"""Seconds that a batch should take, as far as that is known: a longer one leaves other machines without work."""
_FIRST_GUESS = 1 / 16
"""Seconds that a file of an unknown kind is taken to need."""
_NEWEST_SHARE = 0.5
"""Of the newest batch in what is known of a kind: machines and contents change while a run goes on."""
_MOST_KINDS = 500
"""Of files; names can end in anything."""
_BATCH_BYTES = 32 * 1024 * 1024
"""Bytes of all files of one batch; a larger file goes alone …"""
_BYTES_A_FILE = 512 * 1024
"""… where each counts as if it had so many more."""
_BATCHES_A_PROCESS = 3
"""Batches given to a machine for each of its processes: one at work and two that wait for it."""
_PATIENCE_SECONDS = 60.0
"""Seconds without any machine after which a run ends or goes on alone."""
_LOOK_SECONDS = 2.0
"""Seconds between two looks at who is there, and between two attempts to reach a scheduler."""
_WATCH_SECONDS = 10.0
"""Seconds between two looks at whether a machine is overdue."""
_SPARE_SECONDS = 60.0
"""Seconds that a machine may take beyond the deadlines of all files of a batch."""
_ATTEMPTS_A_FILE = 3
"""In deadlines of its first attempt: the first, and the retry, which is given twice as long."""
_CHUNK = 8 * 1024 * 1024
"""Bytes of a search index that are sent at a time."""
_AT_HOME = (ReadCuts, ReadFileList, ReadTable, DeriveEvidence)
"""Jobs on no file, or on small ones that may lie where no other machine sees them: this machine does them."""


@dataclass(frozen=True, slots=True)
class ClusterTerms:
    """With whom, and how, a run shares its work."""

    cluster: Cluster
    reader: Mapping[str, str]
    """What this machine says of its readers (`describe_reader`); a worker that says anything else is refused."""
    limits: Limits
    announce: Callable[[str], None]
    """Takes a sentence that a person should see while the run goes on."""


class ClusterEngine:
    """Does jobs on all machines of a cluster. Use as a context manager; the first job connects it."""

    def __init__(self, terms: ClusterTerms, home: LocalEngine, throttle: Throttle = UNTHROTTLED) -> None:
        """`home`: does what no other machine sees, and everything when the terms let it fall back."""
        self._terms, self._home, self._throttle = terms, home, throttle
        self._connection = Connection(terms.cluster)
        self._crew = _Crew(self._connection, terms)
        self._pace = _Pace()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._crew.dismiss()
        self._connection.close()
        self._home.__exit__(kind, error, trace)

    @property
    def processes(self) -> int:
        """Of all machines that take part by now."""
        return self._crew.processes

    def self_test(self) -> None:
        """Wait for the first machine whose readers are those of this one; each has tested itself before it joined.

        Raises `ProvenanceError` when none comes.
        """
        self._crew.look()
        while not self._crew.has_members:
            if self._crew.is_given_up:
                if not self._terms.cluster.falls_back:
                    raise self._crew.explain_absence()
                self._home.self_test()
                return
            self._connection.wait(_LOOK_SECONDS)
            self._crew.look()

    def run(self, jobs: Iterable[Job], follow_ups: deque[Job] | None = None) -> Iterator[tuple[Job, Outcome]]:
        """Every job with its outcome, in the order in which they end; reads `jobs` only a little ahead.

        `follow_ups` may grow while outcomes come, and goes first. When the time of the run is over, what is at work is
        given up. Raises `ProvenanceError` when there has been no machine for a minute.
        """
        first = deque() if follow_ups is None else follow_ups
        supply = _Supply(jobs, first, self._throttle, self._pace)
        waiting = _Waiting()
        try:
            while not supply.is_over:
                if not (waiting.batches or self._connection.in_flight) and (batch := supply.make_batch()):
                    waiting.batches.append(batch)
                yield from self._home.run(supply.take_for_home())
                pause = supply.delay
                if waiting.has_any or self._connection.in_flight:
                    pause = pause or _LOOK_SECONDS
                    self._crew.look()
                    if self._crew.is_given_up:
                        if not self._terms.cluster.falls_back:
                            raise self._crew.explain_absence()
                        yield from self._go_on_alone(supply, waiting, first)
                        return
                    waiting.batches.extend(self._crew.give_back())
                    self._hand_out(supply, waiting)
                elif not supply.has_more:
                    return
                for batch, answer in self._connection.wait(min(pause, _LOOK_SECONDS)):
                    yield from self._settle(batch, answer, waiting)
        finally:
            # Whoever breaks off does not want the rest.
            self._connection.drop()

    def _go_on_alone(self, supply: _Supply, waiting: _Waiting, first: deque[Job]) -> Iterator[tuple[Job, Outcome]]:
        self._terms.announce(f"{self._crew.explain_absence().message}; this machine goes on alone")
        unfinished: list[Job] = []
        for batch in (*self._connection.drop(), *waiting.batches, *waiting.suspects):
            unfinished.extend(batch.jobs)
        yield from self._home.run(itertools.chain(unfinished, supply.take_rest()), first)

    def _hand_out(self, supply: _Supply, waiting: _Waiting) -> None:
        in_flight = self._connection.in_flight
        while len(in_flight) < self._crew.processes * _BATCHES_A_PROCESS:
            batch = waiting.batches.popleft() if waiting.batches else supply.make_batch()
            if batch is None:
                # Suspects come last, one by one: who is alone on all machines when one of them ends is to blame.
                if in_flight or not waiting.suspects:
                    return
                batch = waiting.suspects.popleft()
            self._connection.submit(batch, self._crew.prepare(batch.jobs), self._crew.run)
            if batch.is_alone:
                return

    def _settle(self, batch: Batch, answer: bytes | BaseException, waiting: _Waiting) -> Iterator[tuple[Job, Outcome]]:
        """The jobs of a batch with their outcomes; nothing of those that are tried once more."""
        if isinstance(answer, bytes):
            try:
                outcomes = self._take(batch, json.loads(answer))
            except ValueError as error:
                yield from self._take_failure(batch, error, waiting)
                return
            if outcomes is None:
                waiting.batches.appendleft(batch)
                return
            yield from zip(batch.jobs, outcomes, strict=True)
        else:
            yield from self._take_failure(batch, answer, waiting)

    def _take_failure(self, batch: Batch, failure: BaseException, waiting: _Waiting) -> Iterator[tuple[Job, Outcome]]:
        if isinstance(failure, FutureCancelledError | OSError):
            # The scheduler was lost, not a machine.
            batch.returns += 1
            if batch.returns > _MOST_RETURNS:
                raise ProvenanceError(f"the cluster lost the same files {batch.returns} times: {failure!r}", _HINT)
            waiting.batches.appendleft(batch)
            return
        if batch.is_alone:
            yield batch.jobs[0], _describe_failure(failure)
            return
        if isinstance(failure, KilledWorker):
            # Machines end for many reasons, and with one go all batches that it had: the first time blames nobody.
            batch.losses += 1 + failure.allowed_failures
            if batch.losses < _LOSSES_OF_A_SUSPECT:
                waiting.batches.append(batch)
                return
        _log.warning("%d files failed together, and go alone now: %r", len(batch.jobs), failure)
        waiting.suspects.extend(batch.split())

    def _take(self, batch: Batch, answer: object) -> list[Outcome] | None:
        """The outcomes in a worker's answer; None when it could not do the batch. Raises `ValueError`."""
        if not isinstance(answer, dict):
            raise ValueError(f"found {answer!r:.40} instead of an answer")
        worker = str(answer.get("worker"))
        self._crew.note_news(worker)
        if cluster_worker.ANSWER_NOT_SEEN in answer:
            here, there = map(str, answer[cluster_worker.ANSWER_NOT_SEEN])
            # When this machine sees nothing there either, the folder is gone, and no machine is to blame.
            batch.is_sure = not cluster_worker.has_entries(os.fsencode(here))
            if not batch.is_sure:
                self._crew.take_complaint(worker, there)
            return None
        if cluster_worker.ANSWER_NO_INDEX in answer:
            self._crew.send_indexes([worker])
            return None
        outcomes = unpack_outcomes(answer.get(cluster_worker.ANSWER_OUTCOMES))
        if len(outcomes) != len(batch.jobs):
            raise ValueError(f"{len(outcomes)} outcomes for {len(batch.jobs)} jobs")
        self._pace.learn(batch.jobs, float(answer[cluster_worker.ANSWER_SECONDS]))
        return outcomes


@dataclass(slots=True)
class _Waiting:
    """What was handed out once, and is to be again."""

    batches: deque[Batch] = field(default_factory=deque)
    suspects: deque[Batch] = field(default_factory=deque)
    """Single jobs, one of which may have ended two machines."""

    @property
    def has_any(self) -> bool:
        """Whether there is something."""
        return bool(self.batches or self.suspects)


_MOST_RETURNS = 5
"""Times that a batch is handed out anew because the scheduler was lost."""
_LOSSES_OF_A_SUSPECT = 2
"""Machines that were lost while they had a batch before its files are suspected."""
_HINT = "see docs/how-to/spread-over-machines.md; --cluster-fallback lets this machine go on alone"


def _describe_failure(error: object) -> Trouble:
    if isinstance(error, KilledWorker):
        detail = "the machines that read it ended, one after the other; read it on one machine to see why"
        return Trouble("", "worker", Cause.CRASHED, detail)
    return Trouble("", "worker", Cause.CRASHED, f"{type(error).__name__}: {error}"[:300])


class _Pace:
    """How long files take, by the end of their names: what was measured of the batches before."""

    def __init__(self) -> None:
        self._seconds: dict[tuple[type[Job], bytes], float] = {}

    def estimate(self, job: Job) -> float:
        """Seconds that a job will take."""
        return self._seconds.get(_find_kind(job), _FIRST_GUESS)

    def learn(self, jobs: Sequence[Job], seconds: float) -> None:
        """Note how long a batch took. Which of its files took how long is not known: each counts alike."""
        if len(self._seconds) > _MOST_KINDS:
            self._seconds.clear()
        for kind in dict.fromkeys(map(_find_kind, jobs)):
            known = self._seconds.get(kind, seconds / len(jobs))
            self._seconds[kind] = known + _NEWEST_SHARE * (seconds / len(jobs) - known)


def _find_kind(job: Job) -> tuple[type[Job], bytes]:
    return type(job), os.path.splitext(job.path)[1].lower()


class _Supply:
    """Jobs one after the other, made into batches for other machines; those for this one are set aside."""

    def __init__(self, jobs: Iterable[Job], first: deque[Job], throttle: Throttle, pace: _Pace) -> None:
        self._jobs, self._pace = JobSupply(jobs, first, throttle), pace
        self._for_home: list[Job] = []

    @property
    def has_more(self) -> bool:
        """Whether there may be another job now."""
        return bool(self._for_home) or self._jobs.has_more

    @property
    def is_over(self) -> bool:
        """Whether the time of the run is over."""
        return self._jobs.is_over

    @property
    def delay(self) -> float:
        """Seconds until there may be another batch."""
        return self._jobs.delay

    def make_batch(self) -> Batch | None:
        """The next batch: several small files or one large one. None when there is nothing now."""
        jobs: list[Job] = []
        size = 0
        seconds = 0.0
        while len(jobs) < _MOST_JOBS and seconds < _BATCH_SECONDS and (job := self._take()):
            seconds += self._pace.estimate(job)
            size += job.size + _BYTES_A_FILE
            is_alone = isinstance(job, ScanRange) or size > _BATCH_BYTES
            if jobs and is_alone:
                self._jobs.put_back(job)
                break
            jobs.append(job)
            if is_alone:
                break
        if not jobs:
            return None
        return Batch(tuple(jobs))

    def _take(self) -> Job | None:
        """The next job for another machine."""
        while isinstance(job := self._jobs.take(), _AT_HOME):
            self._for_home.append(job)
        return job

    def take_for_home(self) -> list[Job]:
        """Jobs that this machine does itself."""
        jobs, self._for_home = self._for_home, []
        return jobs

    def take_rest(self) -> Iterator[Job]:
        """All that is left, no faster than before."""
        yield from self.take_for_home()
        while self._jobs.has_more and not self._jobs.is_over:
            if job := self._jobs.take():
                yield job
            else:
                time.sleep(min(self._jobs.delay, _LOOK_SECONDS))


@dataclass(slots=True)
class _Member:
    """A machine that takes part."""

    name: str
    processes: int
    busy_since: float | None = None
    """On the monotonic clock: since when it owes an answer."""


@dataclass(slots=True)
class _Crew:
    """Which machines take part in a run: those that read as this one does, and see its folders."""

    connection: Connection
    terms: ClusterTerms
    run: str = field(default_factory=lambda: f"provenance-{uuid.uuid4().hex}")
    """The resource of Dask that a task of this run needs, and that only a machine has which takes part."""
    _members: dict[str, _Member] = field(default_factory=dict)
    """By address."""
    _refused: dict[str, str] = field(default_factory=dict)
    """By address: its name and why it does not take part."""
    _indexes: dict[str, str] = field(default_factory=dict)
    _whole: dict[str, str] = field(default_factory=dict)
    """By path of a search index: its copy that needs no other file."""
    """By path: the SHA-256 of every search index that jobs of this run have named."""
    _looked_at: float = -_LOOK_SECONDS
    _checked_at: float = field(default_factory=time.monotonic)
    _last_seen: float | None = None
    """On the monotonic clock: when a machine was there last, or was first looked for."""
    _were_lost: bool = False
    """Whether all machines went away since something was handed out."""

    @property
    def has_members(self) -> bool:
        """Whether a machine takes part."""
        return bool(self._members)

    @property
    def processes(self) -> int:
        """Of all machines together."""
        return sum(member.processes for member in self._members.values())

    @property
    def is_given_up(self) -> bool:
        """Whether there has been no machine for too long."""
        if self._members or self._last_seen is None:
            return False
        return time.monotonic() - self._last_seen > _PATIENCE_SECONDS

    def explain_absence(self) -> ProvenanceError:
        """Why nobody does the work."""
        address = self.terms.cluster.address
        if not self.connection.is_open:
            reason = f"no scheduler answers at {address}"
            if self.connection.why_closed:
                reason = f"{reason} ({self.connection.why_closed})"
            hint = f"start one: provenance scheduler {address}; {_HINT}"
            return ProvenanceError(reason, hint)
        seconds = f"{_PATIENCE_SECONDS:.0f} s"
        reason = f"no worker that can take part was at {address} for {seconds}"
        if self._refused:
            reason = f"{reason}; refused: {'; '.join(self._refused.values())}"
        return ProvenanceError(reason, f"start one: provenance worker {address}; {_HINT}")

    def look(self) -> None:
        """See who is there: take in who came, and forget who left. From time to time; otherwise it does nothing."""
        now = time.monotonic()
        if self._members or self._last_seen is None:
            self._last_seen = now
        if now - self._looked_at < _LOOK_SECONDS:
            return
        self._looked_at = now
        present = self.connection.list_workers()
        for address in self._members.keys() - present.keys():
            gone = self._members.pop(address)
            _log.warning("%s is gone; what it had begun is read again by others", gone.name)
            self._were_lost = self._were_lost or not self._members
        for address in self._refused.keys() - present.keys():
            # What joins under its address later is asked anew.
            del self._refused[address]
        for address, worker in present.items():
            if address not in self._members and address not in self._refused:
                self._take_in(address, worker)
        if now - self._checked_at > _WATCH_SECONDS:
            self._checked_at = now
            self._end_overdue()

    def _take_in(self, address: str, worker: Mapping[str, Any]) -> None:
        name = str(worker.get("name") or address)
        if differences := list_differences(worker.get(OWN_WORDS), self.terms.reader):
            self._refuse(address, name, "; ".join(differences))
            return
        self._send(self._indexes, [address])
        if self.connection.call_workers(cluster_worker.grant, self.run, workers=[address]):
            self._members[address] = _Member(name, int(worker["nthreads"]))
            self._last_seen = time.monotonic()
            _log.info("%s takes part, with %d processes", name, self._members[address].processes)

    def _refuse(self, address: str, name: str, why: str) -> None:
        self._refused[address] = f"{name}: {why}"
        self.terms.announce(f"the worker {name} is refused: {why}")

    def take_complaint(self, address: str, folder: str) -> None:
        """A machine does not see a folder that is there, or sees nothing in it: it takes no more part."""
        member = self._members.pop(address, None)
        if member is None:  # It was refused for an earlier batch.
            return
        self._were_lost = self._were_lost or not self._members
        why = f"it does not see what is in {folder}; mount the storage there, or map it with [[mount]] in its config"
        self._refuse(address, member.name, why)
        self.connection.call_workers(cluster_worker.revoke, self.run, workers=[address])

    def give_back(self) -> list[Batch]:
        """What was handed out before all machines were lost: the scheduler waits with it for one of them."""
        if not (self._were_lost and self._members):
            return []
        self._were_lost = False
        return self.connection.drop()

    def note_news(self, address: str) -> None:
        """A machine has answered."""
        if member := self._members.get(address):
            member.busy_since = time.monotonic()

    def _end_overdue(self) -> None:
        """End the worker of a machine that has owed an answer for longer than its files may take."""
        now = time.monotonic()
        processing = self.connection.list_processing()
        for address, member in list(self._members.items()):
            batches = processing.get(address, [])
            if not batches:
                member.busy_since = None
                continue
            member.busy_since = member.busy_since or now
            longest = max(_compute_deadline(batch, self.terms.limits) for batch in batches)
            if now - member.busy_since > longest:
                self.terms.announce(f"the worker {member.name} is given up: it has not answered for {longest:.0f} s")
                self.connection.end_worker(address)

    def prepare(self, jobs: Sequence[Job]) -> tuple[Job, ...]:
        """The jobs as they travel: a search index is named by its digest, and was sent before."""
        prepared = []
        for job in jobs:
            if isinstance(job, FileSearch | ScanFrames):
                job = replace(job, index=replace(job.index, path=self._find_index(job.index)))
            prepared.append(job)
        return tuple(prepared)

    def _find_index(self, index: SearchIndex) -> str:
        if index.path not in self._indexes:
            # On another machine there is neither the catalogue nor the segments beside it.
            self._whole[index.path] = f"{index.path}.whole"
            copy_whole(index.path, self._whole[index.path])
            with open(self._whole[index.path], "rb") as file:
                self._indexes[index.path] = hashlib.file_digest(file, "sha256").hexdigest()
            self.send_indexes(list(self._members))
        return self._indexes[index.path]

    def send_indexes(self, addresses: list[str]) -> None:
        """Send machines the search indexes of this run that they do not have."""
        self._send(list(self._indexes), addresses)

    def _send(self, paths: Iterable[str], addresses: list[str]) -> None:
        for path in paths:
            whole = self._whole[path]
            name, size = self._indexes[path], os.path.getsize(whole)
            with open(whole, "rb") as file:
                for start in range(0, max(size, 1), _CHUNK):
                    self.connection.call_workers(
                        cluster_worker.take_index, name, start, file.read(_CHUNK), size, workers=addresses
                    )

    def dismiss(self) -> None:
        """Tell the machines that the run is over."""
        if self._members:
            self.connection.call_workers(cluster_worker.revoke, self.run, workers=list(self._members))
            self._members.clear()


def _compute_deadline(batch: Batch, limits: Limits) -> float:
    """Seconds in which a machine must have done a batch: each file twice, one after the other, and something more."""
    seconds = _SPARE_SECONDS
    for job in batch.jobs:
        deadline = limits.compute_read_deadline(job.size)
        if job.decodes:
            deadline = limits.compute_decode_deadline(job.size, job.seconds if isinstance(job, ScanRange) else 0.0)
        seconds += _ATTEMPTS_A_FILE * deadline
    return seconds
