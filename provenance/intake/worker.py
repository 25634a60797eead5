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
from typing import TYPE_CHECKING

from provenance.evidence import plugins
from provenance.intake.examine import Examined, Job, examine, load_members
from provenance.limits import Limits
from provenance.model.evidence import Trouble
from provenance.trust import TrustStore

if TYPE_CHECKING:
    from provenance.fingerprint.looks import Watcher


@dataclass(frozen=True, slots=True)
class WorkerContext:
    """What every worker is set up with."""

    limits: Limits
    trust: TrustStore
    plugins: tuple[str, ...] = ()
    """Names of the detectors of other people that take part."""
    watcher: Watcher | None = None
    """Finds known material in jobs that are to be watched."""


Outcome = Examined | Trouble


_bench: WorkerContext | None = None


def work(job: Job) -> Outcome:
    """What a worker does with a job."""
    assert _bench is not None
    plugins.join(_bench.plugins)
    return examine(job, _bench.limits, _bench.watcher)


def self_test(store: TrustStore) -> None:
    """Load every carrier and signal, and judge a file with a known answer."""
    from provenance.evidence.carriers import c2pa

    load_members()
    c2pa.self_test(store)


def set_up(bench: WorkerContext, parent: int) -> None:
    """First thing in a new worker: die with the parent, be silent, keep within bounds, learn whom to trust."""
    global _bench
    _die_with(parent)
    _silence_output()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    _limit_memory(bench.limits.worker_memory + (bench.watcher.room if bench.watcher else 0))
    from provenance.evidence.carriers import c2pa

    c2pa.configure(bench.trust)
    _bench = bench


def _silence_output() -> None:
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
