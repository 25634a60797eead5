"""Small files share a task, and nothing else does."""

from __future__ import annotations

import dataclasses
import time
from collections import deque
from collections.abc import Iterator

import pytest

from provenance.intake import batches
from provenance.intake.batches import MOST_JOBS, BatchMaker, JobSupply
from provenance.intake.jobs import Job, ReadCuts, ReadFile, Thumbnails
from provenance.model.asset import FingerprintLevel
from provenance.timeline.interface import CutOptions

SMALL = ReadFile(b"/small", 600)
LARGE = ReadFile(b"/large", 5_000_000)


def make_all(jobs: list[Job], follow_ups: deque[Job] | None = None) -> list[tuple[Job, ...]]:
    maker, supply = BatchMaker(), JobSupply(jobs, follow_ups or deque())
    made = []
    while supply.has_more:
        made.append(maker.make(supply))
    return [batch for batch in made if batch]


def test_batches_grow_and_lose_nothing() -> None:
    jobs: list[Job] = [dataclasses.replace(SMALL, path=b"/%d" % number) for number in range(20_000)]
    made = make_all(jobs)
    assert [job for batch in made for job in batch] == jobs
    assert {len(batch) for batch in made[:16]} == {1}, "a few files are spread over the workers"
    assert max(map(len, made)) == len(made[-2]) == MOST_JOBS


@pytest.mark.parametrize(
    "alone",
    [
        LARGE,
        dataclasses.replace(SMALL, level=FingerprintLevel.FULL),
        dataclasses.replace(SMALL, thumbnails=Thumbnails.ALL),
        ReadCuts(b"/cut", 600, CutOptions()),
    ],
    ids=["large", "decoded", "with thumbnails", "another kind"],
)
def test_what_may_take_long_goes_alone(monkeypatch: pytest.MonkeyPatch, alone: Job) -> None:
    monkeypatch.setattr(batches, "_TASKS_BEFORE_GROWTH", 1)
    jobs = [SMALL, SMALL, alone, SMALL, alone, alone, SMALL]
    made = make_all(jobs)
    assert [job for batch in made for job in batch] == jobs
    assert all(len(batch) == 1 for batch in made if alone in batch)


def test_what_is_large_together_is_split(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "_MOST_BYTES", 1500)
    maker = BatchMaker()
    maker._made = 1000
    assert maker.make(JobSupply([SMALL] * 9, deque())) == (SMALL,) * 3


def test_what_follows_from_outcomes_goes_first() -> None:
    follow_ups: deque[Job] = deque()
    supply = JobSupply([SMALL], follow_ups)
    assert (supply.take(), supply.take(), supply.has_more) == (SMALL, None, False)
    follow_ups.append(LARGE)
    assert supply.has_more
    assert (supply.take(), supply.has_more) == (LARGE, False)


def test_a_job_does_not_wait_for_others_that_come_late(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([100.0, 100.0, 101.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))

    def slow() -> Iterator[Job]:
        yield from [SMALL] * 5

    maker = BatchMaker()
    maker._made = 1000
    assert maker.make(JobSupply(slow(), deque())) == (SMALL, SMALL)
