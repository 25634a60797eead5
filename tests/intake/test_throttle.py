"""All workers together read no faster than was asked for, and nothing begins after the end."""

from __future__ import annotations

import os
import random
from collections import deque

import pytest

from provenance.gentleness import FolderGentleness, Gentleness
from provenance.intake.batches import BatchMaker, JobSupply
from provenance.intake.jobs import HashFile, Job, ReadFile
from provenance.intake.throttle import Throttle, count_bytes
from provenance.media.source import LARGEST_KEPT_IN_CACHE
from provenance.model.asset import FingerprintLevel

RATE = 1_000_000


class Clock:
    """Goes on when somebody waits."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def hand_out(throttle: Throttle, clock: Clock, job: Job) -> None:
    """Wait as an engine does, and take the job's tokens."""
    while delay := throttle.compute_delay(job):
        clock.now += delay
    throttle.take(job)


@pytest.mark.parametrize("seed", range(3))
def test_what_is_handed_out_keeps_to_the_rate(seed: int) -> None:
    clock, draw = Clock(), random.Random(seed)
    throttle = Throttle(Gentleness(RATE), clock=clock)
    start, given, idle = clock.now, 0, 0.0
    for _ in range(500):
        if draw.random() < 0.05:
            pause = draw.uniform(0, 20)  # the workers were busy with something else
            clock.now += pause
            idle += pause
        size = int(draw.paretovariate(0.7) * 1000)
        hand_out(throttle, clock, ReadFile(b"/a", size))
        # All that was given before this job is paid for, but for one second that may be made up for.
        assert given <= (clock.now - start + 1) * RATE + 1
        given += size
    # Nobody waits longer than the bytes ask for.
    assert clock.now - start - idle <= given / RATE


def test_batches_wait_for_their_tokens_and_pay_once() -> None:
    clock = Clock()
    throttle = Throttle(Gentleness(RATE), clock=clock)
    small = [ReadFile(f"/{number}".encode(), 1000) for number in range(50)]
    large = ReadFile(b"/large", 10 * RATE)
    last = ReadFile(b"/last", 1000)
    first: deque[Job] = deque()
    supply, batches = JobSupply([*small, large, last], first, throttle), BatchMaker()

    def take_all() -> list[Job]:
        taken = list(batches.make(supply))
        while supply.has_more and not supply.delay:
            taken.extend(batches.make(supply))
        return taken

    # The large file comes while there are tokens, and was given back once when a batch of small ones ended with it.
    assert take_all() == [*small, large]
    assert supply.delay == pytest.approx(9.05, abs=0.01)
    # What follows from an outcome waits as well.
    first.append(ReadFile(b"/follow-up", 1000))
    assert batches.make(supply) == ()
    for job in (last, *first):
        clock.now += supply.delay
        assert take_all() == [job]
    assert not supply.has_more


def test_a_storage_has_a_rate_of_its_own_and_the_least_counts() -> None:
    clock = Clock()
    asked = Gentleness(RATE, folders=(FolderGentleness(b"/slow", RATE // 10), FolderGentleness(b"/fast", RATE * 10)))
    throttle = Throttle(asked, clock=clock)

    def measure(path: bytes) -> float:
        clock.now += 10_000
        start = clock.now
        for _ in range(21):
            hand_out(throttle, clock, ReadFile(path, RATE // 10))
        return clock.now - start

    # Twenty times a tenth of a second's bytes, less the second that may be made up for.
    assert measure(b"/slow/a") == pytest.approx(19, abs=1.1)
    assert measure(b"/fast/a") == pytest.approx(1, abs=0.2)
    assert measure(b"/slower/a") == pytest.approx(1, abs=0.2)
    assert asked.find_rate(b"/slow") == RATE // 10
    assert asked.slowest_rate == RATE // 10
    # Where nothing is asked for everywhere, what waits for one storage keeps no other waiting.
    throttle = Throttle(Gentleness(folders=asked.folders), clock=clock)
    throttle.take(ReadFile(b"/slow/a", RATE))
    assert throttle.compute_delay(ReadFile(b"/slow/b", 1)) > 0
    assert throttle.compute_delay(ReadFile(b"/fast/b", 1)) == 0


def test_without_a_rate_nothing_waits() -> None:
    throttle = Throttle(Gentleness())
    for _ in range(3):
        throttle.take(ReadFile(b"/a", 1 << 50))
        assert throttle.compute_delay(ReadFile(b"/a", 1 << 50)) == 0


def test_a_file_that_the_cache_cannot_keep_is_paid_for_twice() -> None:
    large = LARGEST_KEPT_IN_CACHE + 1
    assert count_bytes(ReadFile(b"/a", large, level=FingerprintLevel.LIGHT)) == 2 * large
    assert count_bytes(ReadFile(b"/a", large)) == large
    assert count_bytes(ReadFile(b"/a", large - 1, level=FingerprintLevel.LIGHT)) == large - 1
    assert count_bytes(HashFile(b"/a", large, ("md5",))) == large


def test_the_end_is_a_time_of_day() -> None:
    clock = Clock()
    throttle = Throttle(ends_at=1500.0, time_of_day=clock)
    assert not throttle.is_over
    clock.now = 1500.0
    assert throttle.is_over
    assert not Throttle(time_of_day=clock).is_over


def test_folders_are_told_apart_by_whole_names() -> None:
    asked = Gentleness(drop_cache=True, folders=(FolderGentleness(b"/mnt/a", drop_cache=False),))
    assert not asked.drops_cache(b"/mnt/a/x")
    assert asked.drops_cache(b"/mnt/ab/x")
    root = Gentleness(folders=(FolderGentleness(b"/", 5),))
    assert root.find_rate(os.fsencode("/any")) == 5
