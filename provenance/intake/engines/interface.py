"""What an engine is: it runs jobs somewhere and gives their outcomes back.

An engine guarantees that every job comes back exactly once, with an outcome: a file that crashes, hangs or exhausts
its worker costs that file one retry alone and then a Trouble, nothing else. It raises `ProvenanceError` only for what
concerns the run. To add one: a new file beside this one, and its tests.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Protocol, Self

from provenance.intake.jobs import Job, Outcome


class Engine(Protocol):
    """Runs jobs. `local` has worker processes on this machine, `cluster` those of many machines."""

    def run(self, jobs: Iterable[Job], follow_ups: deque[Job] | None = None) -> Iterator[tuple[Job, Outcome]]:
        """Every job with its outcome, in the order in which they end; reads `jobs` only a little ahead.

        `follow_ups` may grow while outcomes come, and goes first. An engine that was given an end (`Throttle`) stops
        there: what is at work is given up, and what is left of `jobs` is not asked for.
        """


class RunningEngine(Engine, Protocol):
    """An engine with what it holds: processes, connections. A context manager; leaving it ends them all."""

    def self_test(self) -> None:
        """Find out whether it reads rightly. Raises `ProvenanceError` when it does not, or cannot read at all."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
