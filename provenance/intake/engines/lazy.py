"""An engine that is made for its first job: a night without one imports nothing that starts processes."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from provenance.intake.engines.interface import RunningEngine
from provenance.intake.jobs import Job, Outcome


class LazyEngine:
    """Stands for an engine until there is work. Use as a context manager, as the engine itself."""

    def __init__(self, make: Callable[[], RunningEngine]) -> None:
        self._make = make
        self._made: RunningEngine | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def self_test(self) -> None:
        """As that of the engine."""
        self._start().self_test()

    def run(self, jobs: Iterable[Job], follow_ups: deque[Job] | None = None) -> Iterator[tuple[Job, Outcome]]:
        """As that of the engine. The first job is asked for even when the time of the run is over."""
        jobs = iter(jobs)
        # Nothing follows where nothing was done.
        first = next(jobs, None)
        if first is not None:
            yield from self._start().run(itertools.chain([first], jobs), follow_ups)

    def _start(self) -> RunningEngine:
        if self._made is None:
            self._made = self._stack.enter_context(self._make())
        return self._made
