"""An engine that is made for its first job."""

from __future__ import annotations

import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Self

from provenance.intake.engines.lazy import LazyEngine
from provenance.intake.jobs import HashFile, Job, Outcome
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause

OUTCOME = Trouble("", "read", Cause.UNREADABLE, "")


class Counted:
    """Gives every job the same outcome, and follows up on the first."""

    made = ended = tested = 0

    def __init__(self) -> None:
        Counted.made += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        Counted.ended += 1

    def self_test(self) -> None:
        Counted.tested += 1

    def run(self, jobs: Iterable[Job], follow_ups: deque[Job] | None = None) -> Iterator[tuple[Job, Outcome]]:
        for job in jobs:
            yield job, OUTCOME
            while follow_ups:
                yield follow_ups.popleft(), OUTCOME


def job(name: bytes) -> Job:
    return HashFile(name, 1, ())


def test_it_is_made_once_and_does_every_job() -> None:
    Counted.made = Counted.ended = Counted.tested = 0
    with LazyEngine(Counted) as engine:
        assert list(engine.run([])) == []
        assert Counted.made == 0
        follow_ups = deque[Job]()
        done = []
        for taken, outcome in engine.run(iter([job(b"a"), job(b"b")]), follow_ups):
            done.append((taken.path, outcome))
            if taken.path == b"a":
                follow_ups.append(job(b"after a"))
        assert done == [(b"a", OUTCOME), (b"after a", OUTCOME), (b"b", OUTCOME)]
        assert [taken.path for taken, _ in engine.run([job(b"c")])] == [b"c"]
        engine.self_test()
    assert (Counted.made, Counted.ended, Counted.tested) == (1, 1, 1)


def test_the_night_imports_what_starts_processes_with_the_first_job_alone() -> None:
    code = (
        "import sys, provenance.workflows.nightly; print([name for name in ('pebble', 'numpy') if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
