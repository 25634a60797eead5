"""What a worker process is: silent, bounded in memory, dying with its parent, and knowing whom to trust."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from provenance.evidence import plugins
from provenance.gentleness import NOTHING_ASKED, Gentleness
from provenance.intake.examine import examine, load_members
from provenance.intake.jobs import Job, Outcome, SearchJob
from provenance.limits import Limits
from provenance.media.source import Pace, ReadingManner, read_gently
from provenance.trust import TrustStore


@dataclass(frozen=True, slots=True)
class WorkerContext:
    """What every worker is set up with."""

    limits: Limits
    trust: TrustStore
    plugins: tuple[str, ...] = ()
    """Names of third-party detectors that take part."""
    gentleness: Gentleness = NOTHING_ASKED


_context: WorkerContext | None = None
_paces: dict[int, Pace] = {}
"""By rate, for the whole life of the worker: the files of two jobs after each other keep one pace."""


def work(job: Job) -> Outcome:
    """Do one job in a worker that was set up."""
    assert _context is not None
    if _context.plugins:
        plugins.load(_context.plugins)
    make_room(job, _context.limits)
    if _context.gentleness == NOTHING_ASKED:
        return examine(job, _context.limits)
    with read_gently(_find_manner(_context.gentleness, job.path)):
        return examine(job, _context.limits)


def _find_manner(gentleness: Gentleness, path: bytes) -> ReadingManner:
    rate = gentleness.find_rate(path)
    pace = _paces.setdefault(rate, Pace(rate)) if rate else None
    return ReadingManner(pace, gentleness.drops_cache(path))


def make_room(job: Job, limits: Limits) -> None:
    """Allow the memory that the index of known material takes, beyond what a file may cost."""
    if isinstance(job, SearchJob):
        _limit_memory(limits.worker_memory + job.index.address_space)


def self_test(store: TrustStore) -> None:
    """Load every carrier and signal, and judge a file with a known answer."""
    from provenance.evidence.carriers import c2pa

    load_members()
    c2pa.self_test(store)


def set_up(context: WorkerContext, parent: int) -> None:
    """First thing in a new worker: die with the parent, be silent, keep within bounds, learn whom to trust."""
    global _context
    _die_with(parent)
    _silence_output()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle.
    _forbid_core_dumps()
    _limit_memory(context.limits.worker_memory)
    from provenance.evidence.carriers import c2pa

    c2pa.configure(context.trust)
    _context = context


def _silence_output() -> None:
    """Send stdout and stderr nowhere: libraries repeat a hostile file's own words, and a terminal obeys them."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)


def _forbid_core_dumps() -> None:
    """A crash leaves no copy of production data behind."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit_memory(size: int) -> None:
    """Bound the address space, in bytes. The hard limit stays, so that an index of known material can be added."""
    if sys.platform != "win32":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        bounded = size if hard == resource.RLIM_INFINITY else min(size, hard)
        resource.setrlimit(resource.RLIMIT_AS, (bounded, hard))


def _die_with(parent: int) -> None:
    """Have the kernel kill this process when its parent ends; on systems other than Linux, check every second."""
    if sys.platform == "linux":
        kill_on_parents_death = 1
        ctypes.CDLL(None).prctl(kill_on_parents_death, signal.SIGKILL)
    else:
        threading.Thread(target=_poll_parent, args=(parent,), daemon=True).start()
    if os.getppid() != parent:
        os._exit(1)


def _poll_parent(parent: int, wait: Callable[[float], None] = time.sleep) -> None:
    while os.getppid() == parent:
        wait(1.0)
    os._exit(1)
