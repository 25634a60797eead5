"""The guard: a worker that misbehaves costs its own file one retry and a Trouble, and nothing else."""

from __future__ import annotations

import dataclasses
import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import forkserver
from pathlib import Path

import pytest
from pebble.pool.base_pool import PoolStatus

from provenance import trust
from provenance.errors import ProvenanceError
from provenance.intake.batches import BatchMaker
from provenance.intake.engines import local
from provenance.intake.engines.local import LocalEngine
from provenance.intake.jobs import (
    DeriveEvidence,
    EvidenceDerived,
    FileRead,
    ReadFile,
    ScanPicture,
    ScanRange,
    Thumbnails,
)
from provenance.intake.worker import WorkerContext
from provenance.limits import DEFAULT
from provenance.matching.search_index import SearchIndex
from provenance.model.asset import Asset, Reading
from provenance.model.evidence import Statement, Trouble
from provenance.model.vocabulary import Cause, Origin
from tests.intake.misbehaving import die_at_once, work

QUICK = dataclasses.replace(DEFAULT, base_seconds=1.5)


def outcomes(folder: Path, names: list[str], jobs: int) -> dict[str, Cause | None]:
    for name in names:
        (folder / name).touch()
    with LocalEngine(jobs, WorkerContext(QUICK, trust.load()), work) as engine:
        wanted = [ReadFile(os.fsencode(folder / name), 0) for name in names]
        return {
            os.fsdecode(os.path.basename(job.path)): outcome.cause if isinstance(outcome, Trouble) else None
            for job, outcome in engine.run(wanted)
        }


@pytest.mark.parametrize(("jobs", "batches_before"), [(2, 0), (1, 1000)], ids=["one by one", "in one batch"])
def test_each_file_answers_for_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int, batches_before: int
) -> None:
    make_large_batches(monkeypatch, batches_before)
    good = [f"good{i}" for i in range(12)]
    told = outcomes(tmp_path, ["good", "hang", "crash", "exit", "eat", "once", "raise", *good], jobs)
    assert told == {
        "hang": Cause.SLOW,
        "crash": Cause.CRASHED,
        "exit": Cause.CRASHED,
        "eat": Cause.OVERSIZED,
        "raise": Cause.CRASHED,
        "once": None,
        **dict.fromkeys(["good", *good]),
    }
    for name in ("hang", "crash", "exit"):
        assert (tmp_path / name).read_text() == "tried\ntried\n", "one retry, not more"
    assert (tmp_path / "good0").read_text() == "tried\n"


def make_large_batches(monkeypatch: pytest.MonkeyPatch, batches_before: int = 1000) -> None:
    """Have an engine share tasks out as it does when it has handed out so many."""
    monkeypatch.setattr(BatchMaker, "__init__", lambda self: setattr(self, "_made", batches_before))


def test_one_crash_costs_no_other_file_of_its_batch_more_than_being_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_large_batches(monkeypatch)
    names = [*(f"good{number:02}" for number in range(20)), "crash", *(f"late{number:02}" for number in range(11))]
    for name in names:
        (tmp_path / name).touch()
    with LocalEngine(1, WorkerContext(QUICK, trust.load()), work) as engine:
        done = list(engine.run(ReadFile(os.fsencode(tmp_path / name), 0) for name in names))
    assert sorted(os.fsdecode(os.path.basename(job.path)) for job, _ in done) == sorted(names)
    assert [job.path for job, outcome in done if isinstance(outcome, Trouble)] == [os.fsencode(tmp_path / "crash")]
    assert (engine.failed, engine.retries) == ({Cause.CRASHED: 2}, 1)
    tries = {name: (tmp_path / name).read_text().count("tried") for name in names}
    assert {tries[name] for name in names if name.startswith("good")} == {2}, "they were in one batch"
    assert {tries[name] for name in names if name.startswith("late")} == {1}


def test_without_jobs_no_worker_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "_choose_start_method", lambda: pytest.fail("workers are being started"))
    with LocalEngine(2, WorkerContext(QUICK, trust.load())) as engine:
        assert list(engine.run([])) == []


def test_the_self_test_goes_before_the_first_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "one.txt"
    file.write_text("text")

    def fail(_: LocalEngine) -> None:
        raise ProvenanceError("it judges wrongly", "do not trust it")

    monkeypatch.setattr(local, "_proven", set())
    monkeypatch.setattr(LocalEngine, "self_test", fail)
    with (
        LocalEngine(1, WorkerContext(QUICK, trust.load())) as engine,
        pytest.raises(ProvenanceError, match="it judges wrongly"),
    ):
        next(engine.run([ReadFile(os.fsencode(file), 4)]))


def test_the_limit_that_was_reached_is_named_with_what_raises_it(tmp_path: Path) -> None:
    limits = dataclasses.replace(QUICK, base_seconds=0.5, seconds_per_movie_second=1)
    for name in ("hang", "eat", "killed"):
        (tmp_path / name).touch()
    index = SearchIndex(str(tmp_path / "eat"))
    with LocalEngine(1, WorkerContext(limits, trust.load()), work) as engine:
        jobs = [ScanRange(os.fsencode(path), 0, "", index, 60.0, seconds=1.0) for path in sorted(tmp_path.iterdir())]
        details = {Path(os.fsdecode(job.path)).name: outcome for job, outcome in engine.run(jobs)}
    slow, large, killed = details["hang"], details["eat"], details["killed"]
    assert isinstance(slow, Trouble)
    assert slow.detail.startswith("not done within 2 s, nor within 3 s when it was tried again alone; ")
    assert "raise base_seconds (now 0.5) under [limits] or use fewer --jobs" in slow.detail
    assert isinstance(large, Trouble)
    assert large.detail.endswith("raise worker_memory (now 3221225472) under [limits]")
    assert isinstance(killed, Trouble)
    assert "(exit code -9): it was killed" in killed.detail
    assert "use fewer --jobs" in killed.detail


def test_what_is_slow_once_is_given_twice_the_time_alone(tmp_path: Path) -> None:
    assert outcomes(tmp_path, ["slow"], 1) == {"slow": None}
    assert (tmp_path / "slow").read_text() == "tried\ntried\n"


def test_a_pool_that_dies_in_a_row_costs_nobody_else(tmp_path: Path) -> None:
    names = [f"{kind}{number}" for number in range(12) for kind in ("exit", "good")]
    told = outcomes(tmp_path, names, 1)
    assert told == {name: Cause.CRASHED if name.startswith("exit") else None for name in names}


def test_workers_that_cannot_be_started_end_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "_set_up_worker", die_at_once)
    (tmp_path / "good").touch()
    with LocalEngine(1, WorkerContext(QUICK, trust.load()), work) as engine:
        with pytest.raises(ProvenanceError, match="5 times in a row"):
            list(engine.run([ReadFile(os.fsencode(tmp_path / "good"), 0)]))
        with pytest.raises(ProvenanceError, match="5 times in a row"):
            engine.self_test()


def test_deadlines_do_not_follow_the_time_of_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = time.time
    # Each look at the clock is an hour later than the one before: as a time of day, every deadline has passed at once.
    hours = itertools.count()
    monkeypatch.setattr("pebble.pool.process.time.time", lambda: clock() + 3_600 * next(hours))
    assert outcomes(tmp_path, ["good", "hang"], 1) == {"good": None, "hang": Cause.SLOW}
    assert (tmp_path / "good").read_text() == "tried\n"


def test_a_pool_that_is_lost_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "good").touch()
    with LocalEngine(1, WorkerContext(QUICK, trust.load()), work) as engine:
        done = engine.run(ReadFile(os.fsencode(tmp_path / "good"), number) for number in range(60))
        assert isinstance(next(done)[1], FileRead)
        engine._shared.processes._context.status = PoolStatus.ERROR
        assert sorted(job.size for job, outcome in done if isinstance(outcome, FileRead)) == [*range(1, 60)]


def start_worker(folder: Path) -> str:
    """What a fresh worker says of itself: the libraries that it has, and the command of the process that started it."""
    (folder / "loaded").touch()
    with LocalEngine(1, WorkerContext(QUICK, trust.load()), work) as engine:
        [(_, outcome)] = engine.run([ReadFile(os.fsencode(folder / "loaded"), 0)])
    assert isinstance(outcome, Trouble)
    return outcome.detail


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is no fork server")
def test_workers_are_forked_with_the_libraries_loaded(tmp_path: Path) -> None:
    said = start_worker(tmp_path)
    assert said.startswith("['av', 'c2pa', 'cv2'] ")
    assert "multiprocessing.forkserver" in said


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_they_compute_in_one_thread() -> None:
    code = "from provenance.intake import one_thread; import numpy; print(*open('/proc/self/status'))"
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    status = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert "Threads:\t1\n" in status.stdout
    assert local._PRELOAD[0] == "provenance.intake.one_thread", "before numpy is loaded"


def test_without_a_fork_server_every_worker_loads_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OSError("AF_UNIX path too long")

    monkeypatch.setattr(forkserver, "ensure_running", fail)
    said = start_worker(tmp_path)
    assert "forkserver" not in said


def test_under_a_clock_that_stands_still_nothing_is_forked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.monotonic", lambda: 1.0)
    assert local._choose_start_method().get_start_method() == "spawn"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is no fork server")
def test_a_fork_server_that_is_killed_is_replaced(tmp_path: Path) -> None:
    assert outcomes(tmp_path, ["orphan", "good"], 1) == {"orphan": None, "good": None}
    assert (tmp_path / "orphan").read_text() == "tried\ntried\n", "the worker ended with it"


def test_it_counts_the_attempts_that_failed(tmp_path: Path) -> None:
    for name in ("hang", "once", "eat", "good"):
        (tmp_path / name).touch()
    with LocalEngine(1, WorkerContext(QUICK, trust.load()), work) as engine:
        done = list(engine.run(ReadFile(os.fsencode(path), 0) for path in sorted(tmp_path.iterdir())))
    assert len(done) == 4
    assert engine.failed == {Cause.SLOW: 2, Cause.CRASHED: 1, Cause.OVERSIZED: 2}
    assert engine.retries == 3


def test_the_retry_leaves_the_picture_out(tmp_path: Path) -> None:
    (tmp_path / "picture").touch()
    with LocalEngine(1, WorkerContext(QUICK, trust.load()), work) as engine:
        wanted = ReadFile(os.fsencode(tmp_path / "picture"), 0, thumbnails=Thumbnails.ALL)
        [(job, outcome)] = engine.run([wanted])
    assert job == wanted
    assert isinstance(outcome, FileRead)
    assert (engine.failed, engine.retries) == ({Cause.CRASHED: 1}, 1)


def test_a_worker_has_room_for_what_is_known(tmp_path: Path) -> None:
    (tmp_path / "limit").touch()
    (tmp_path / "known").write_bytes(bytes(1000))
    index = SearchIndex(str(tmp_path / "known"), space=500)
    with LocalEngine(1, WorkerContext(QUICK, trust.load()), work) as engine:
        read = ReadFile(os.fsencode(tmp_path / "limit"), 0)
        search = ScanPicture(os.fsencode(tmp_path / "limit"), 0, "sha256:1", index)
        limits = {
            job: int(outcome.detail) for job, outcome in engine.run([read, search]) if isinstance(outcome, Trouble)
        }
    assert limits == {read: QUICK.worker_memory, search: QUICK.worker_memory + 1500}


def test_nothing_that_libraries_say_of_a_file_is_printed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert outcomes(tmp_path, ["shout"], 1) == {"shout": None}
    assert capfd.readouterr() == ("", "")


def test_it_reads_only_a_little_ahead(tmp_path: Path) -> None:
    (tmp_path / "good").touch()
    drawn = 0

    def endless() -> object:
        nonlocal drawn
        while True:
            drawn += 1
            yield ReadFile(os.fsencode(tmp_path / "good"), 0)

    with LocalEngine(1, WorkerContext(QUICK, trust.load()), work) as engine:
        done = engine.run(endless())  # type: ignore[arg-type]
        for _ in range(5):
            assert isinstance(next(done)[1], FileRead)
        assert drawn < 100


PARENT = """
import os, sys, time
from provenance import trust
from provenance.errors import ProvenanceError
from provenance.intake.engines.local import LocalEngine
from provenance.intake.jobs import ReadFile
from provenance.intake.worker import WorkerContext
from provenance.limits import DEFAULT
from tests.intake.misbehaving import die_at_once, work
if __name__ == "__main__":
    with LocalEngine(2, WorkerContext(DEFAULT, trust.load()), work) as engine:
        list(engine.run([ReadFile(os.fsencode(path), 0) for path in sys.argv[1:]]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_workers_die_with_a_killed_parent(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    files = [tmp_path / "hang1", tmp_path / "hang2"]
    for file in files:
        file.touch()
    environment = {**os.environ, "PYTHONPATH": os.getcwd()}
    parent = subprocess.Popen([sys.executable, str(script), *map(str, files)], env=environment)
    try:
        _until(lambda: all(file.read_text() for file in files))
        workers = _below(parent.pid)
        assert len(workers) >= 2
    finally:
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait()
    _until(lambda: not any(_alive(worker) for worker in workers))


def _until(true: object, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.05)


def _below(pid: int) -> list[int]:
    children = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            children += [int(child), *_below(int(child))]
    return children


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_a_worker_derives_evidence_without_a_file() -> None:
    words = "a cat\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 8x8"
    marked = Reading(Asset("sha256:0", "0", 1, "image/png"), (Statement("png", "tEXt chunk", "parameters", words),))
    plain = Reading(Asset("sha256:1", "0", 1, "image/png"))
    with LocalEngine(1, WorkerContext(DEFAULT, trust.load())) as engine:
        job = DeriveEvidence(b"/nowhere/a.png", (marked, plain))
        ((same, outcome),) = engine.run([job])
    assert same is job
    assert isinstance(outcome, EvidenceDerived)
    found, nothing = outcome.readings
    assert [row.origin for row in found.evidence] == [Origin.GENERATED]
    assert dataclasses.replace(found, evidence=()) == marked
    assert nothing == plain


def test_the_self_test_is_passed_once_with_the_same_lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "_proven", set())
    tested = []

    def note(engine: LocalEngine) -> None:
        tested.append(engine)
        real(engine)

    real = LocalEngine.self_test
    monkeypatch.setattr(LocalEngine, "self_test", note)
    (tmp_path / "one.txt").touch()
    shipped = trust.load()
    for lists in (shipped, trust.load(), dataclasses.replace(shipped, usages=shipped.usages + "\n1.2.3.4")):
        with LocalEngine(1, WorkerContext(DEFAULT, lists)) as engine:
            assert len(list(engine.run([ReadFile(os.fsencode(tmp_path / "one.txt"), 0)]))) == 1
    assert [engine._context.trust for engine in tested] == [shipped, lists]


@pytest.mark.parametrize("deaths", [1, 5])
def test_a_worker_killed_in_its_self_test_is_replaced(monkeypatch: pytest.MonkeyPatch, deaths: int) -> None:
    with LocalEngine(1, WorkerContext(QUICK, trust.load())) as engine:
        real, tests = engine._shared.schedule, iter([die_at_once] * deaths)

        def schedule(task: Callable[..., object], *arguments: object, seconds: float | None = None) -> Future[object]:
            return real(next(tests, task), *arguments, seconds=seconds)

        monkeypatch.setattr(engine._shared, "schedule", schedule)
        if deaths < 5:
            engine.self_test()
            return
        with pytest.raises(ProvenanceError, match="no worker could be started"):
            engine.self_test()


class EndlessProcess:
    """A worker in the hands of a mount that hangs: no signal ends it."""

    pid = 4711

    def __init__(self) -> None:
        self.asked: list[str] = []

    def terminate(self) -> None:
        self.asked.append("terminate")

    def kill(self) -> None:
        self.asked.append("kill")

    def join(self, timeout: float | None = None) -> None:
        assert timeout is not None, "this would wait for ever"

    def is_alive(self) -> bool:
        return True


def test_a_worker_that_nothing_ends_is_left_to_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    at_exit: list[object] = []
    monkeypatch.setattr("atexit.register", at_exit.append)
    process = EndlessProcess()
    local._stop_or_abandon(process)  # type: ignore[arg-type]
    assert process.asked == ["terminate", "kill"]
    # The interpreter's own end would wait for the tracker, which such a worker keeps alive.
    assert at_exit == [local._end_tracker]
    with LocalEngine(1, WorkerContext(QUICK, trust.load()), work) as engine:
        engine._shared.schedule(len, b"").result()
        assert isinstance(engine._shared._manager.worker_manager, local._AbandoningWorkers)


def test_only_deaths_without_any_work_between_them_end_the_run() -> None:
    with LocalEngine(1, WorkerContext(QUICK, trust.load()), work) as engine:
        engine._shared.schedule(len, b"").result()
        manager = engine._shared._manager
        for _ in range(4):
            manager.handle_worker_expiration((-1, -9))
        # A worker took a job: what died before is forgotten.
        engine._shared.schedule(len, b"").result()
        for _ in range(4):
            manager.handle_worker_expiration((-1, -9))
        with pytest.raises(BrokenProcessPool, match="5 workers died"):
            manager.handle_worker_expiration((-1, -9))


def test_a_pool_that_has_worked_is_replaced_when_its_workers_die_idle() -> None:
    with LocalEngine(1, WorkerContext(QUICK, trust.load()), work) as engine:
        engine._shared.schedule(len, b"").result()
        manager = engine._shared._manager
        for _ in range(4):
            manager.handle_worker_expiration((-1, -9))
        with pytest.raises(BrokenProcessPool):
            manager.handle_worker_expiration((-1, -9))
        # What pebble's own thread does with that error.
        engine._shared.processes._context.status = PoolStatus.ERROR
        assert engine._shared.schedule(len, b"").result() == 0
        assert engine._shared._manager is not manager
