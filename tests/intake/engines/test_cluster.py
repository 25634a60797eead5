"""Many machines, played by processes on this one: the same result as one machine, whatever becomes of the others."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import signal
import sys
from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from provenance import trust
from provenance.errors import ProvenanceError
from provenance.intake.engines import cluster, cluster_client
from provenance.intake.engines.cluster import ClusterEngine, ClusterTerms
from provenance.intake.engines.cluster_link import describe_reader
from provenance.intake.engines.local import LocalEngine
from provenance.intake.jobs import FileRead, Job, Outcome, ReadFile
from provenance.intake.throttle import UNTHROTTLED
from provenance.intake.worker import WorkerContext
from provenance.limits import DEFAULT, Limits
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause
from provenance.settings import Cluster, Settings
from provenance.workflows.run import RunContext
from tests.intake.engines.cluster_site import Site, end, read, wait_until
from tests.intake.misbehaving import work

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="workers are forked")

NOW = datetime(2026, 11, 22, tzinfo=UTC)
QUICK = dataclasses.replace(DEFAULT, base_seconds=1.0)


@dataclasses.dataclass
class Facility:
    """A scheduler, and what starts machines for it."""

    site: Site
    folder: Path
    address: str
    config: Path
    machines: list[int] = dataclasses.field(default_factory=list)

    def start_machine(self, name: str, work: str = "unguarded") -> int:
        """A machine with one process, when it has joined."""
        options = ("--jobs", 1, "--config", self.config, "--name", name)
        pid, log = self.site.start("worker", self.address, *options, work=work)
        self.machines.append(pid)
        wait_until(lambda: "joins" in read(log))
        return pid


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Facility]:
    folder = tmp_path_factory.mktemp("facility")
    for name in ("there", "unseen"):
        (folder / name).mkdir()
    mounts = {"/there": folder / "there", folder / "unseen": "/nowhere"}
    tables = [f"[[mount]]\nfrom = '{here}'\nto = '{there}'\n" for here, there in mounts.items()]
    config = folder / "worker.toml"
    config.write_text(f"[limits]\nbase_seconds = 1.0\n{''.join(tables)}")
    with Site(folder) as site:
        yield Facility(site, folder, site.start_scheduler(), config)


@pytest.fixture
def facility(shared: Facility) -> Iterator[Facility]:
    yield shared
    for machine in shared.machines:
        end(machine)
    shared.machines.clear()


@pytest.fixture(autouse=True)
def haste(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks for machines often: tests should not wait."""
    monkeypatch.setattr(cluster, "_LOOK_SECONDS", 0.2)


@contextlib.contextmanager
def connect(
    address: str, *, falls_back: bool = False, limits: Limits = QUICK
) -> Iterator[tuple[ClusterEngine, list[str]]]:
    """An engine for a run on a cluster, and everything that it announces."""
    said: list[str] = []
    store = trust.load()
    context = WorkerContext(limits, store)
    readers = RunContext(Settings("", limits=limits), NOW).name_readers(store)
    told = describe_reader(context, readers)
    terms = ClusterTerms(Cluster(address=address, falls_back=falls_back), told, limits, said.append)
    with ClusterEngine(terms, LocalEngine(1, context, work)) as engine:
        yield engine, said


def make_jobs(folder: Path, names: list[str]) -> list[ReadFile]:
    for name in names:
        (folder / name).touch()
    return [ReadFile(os.fsencode(folder / name), 0) for name in names]


def name_causes(done: list[tuple[Job, Outcome]]) -> dict[str, Cause | None]:
    """By name of the file: why it could not be read."""
    assert max(Counter(job.path for job, _ in done).values()) == 1, "every file once"
    causes = {}
    for job, outcome in done:
        name = os.fsdecode(os.path.basename(job.path))
        causes[name] = outcome.cause if isinstance(outcome, Trouble) else None
    return causes


def wait_for(engine: ClusterEngine, machines: int) -> None:
    def are_there() -> bool:
        engine._crew.look()
        return engine._crew.processes == machines

    wait_until(are_there)


def test_machines_that_end_change_no_outcome(facility: Facility, tmp_path: Path) -> None:
    first = facility.start_machine("m0")
    for number in range(2):
        facility.start_machine(f"m{number + 1}")
    names = [f"good{number}" for number in range(600)]
    with connect(facility.address) as (engine, said):
        wait_for(engine, 3)
        done, queued = [], [0]
        for outcome in engine.run(make_jobs(tmp_path, names)):
            done.append(outcome)
            queued.append(len(engine._connection.in_flight))
            # All that was handed out may have come back before the next is: then nothing would be lost with it.
            if queued[-1] and not any(queued[:-1]):
                end(first)
        assert 0 < max(queued) <= 3 * cluster._BATCHES_A_PROCESS, "never everything queued"
        assert name_causes(done) == dict.fromkeys(names)
        # A batch with poison in it ends two machines, the poison alone a third. The fourth reads what they had besides.
        for number in range(2):
            facility.start_machine(f"m{number + 3}")
        wait_for(engine, 4)
        names = [f"fine{number}" for number in range(100)]
        done = list(engine.run(make_jobs(tmp_path, ["poison", *names])))
    assert name_causes(done) == {**dict.fromkeys(names), "poison": Cause.CRASHED}
    [poisoned] = [outcome for job, outcome in done if job.path.endswith(b"poison")]
    assert isinstance(poisoned, Trouble)
    assert "the machines that read it ended" in poisoned.detail
    assert (tmp_path / "poison").read_text() == "tried\n" * 3
    assert said == []


def test_a_machine_that_stands_still_is_given_up(
    facility: Facility, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "_WATCH_SECONDS", 0.2)
    monkeypatch.setattr(cluster, "_compute_deadline", lambda *_: 1.0)
    monkeypatch.setattr(cluster_client, "_CALL_SECONDS", 0.5)
    still = facility.start_machine("still")
    with connect(facility.address) as (engine, said):
        engine.self_test()
        # What it has goes to the next that comes.
        os.kill(still, signal.SIGSTOP)
        jobs = make_jobs(tmp_path, ["good1", "good2"])
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(lambda: list(engine.run(jobs)))
            wait_until(lambda: said)
            facility.start_machine("next")
            done = running.result(60)
    assert name_causes(done) == {"good1": None, "good2": None}
    assert said == ["the worker still is given up: it has not answered for 1 s"]


def test_a_machine_reads_as_this_one_does_or_not_at_all(
    facility: Facility, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "_PATIENCE_SECONDS", 0.5)
    make_jobs(facility.folder / "there", ["good1"])
    unseen = make_jobs(facility.folder / "unseen", ["good3"])
    facility.start_machine("render07", "guarded")
    with connect(facility.address) as (engine, said):
        wait_for(engine, 1)
        mapped = [ReadFile(b"/there/good1", 0), ReadFile(b"/there/gone/good2", 0)]
        done = list(engine.run([*mapped, *make_jobs(tmp_path, ["hang", "good4"])]))
        # The machine's own guard ends what hangs. A folder that nobody sees is gone, and no machine is to blame.
        assert name_causes(done) == {"good1": None, "good2": Cause.CRASHED, "hang": Cause.SLOW, "good4": None}
        assert said == []
        with pytest.raises(ProvenanceError) as error:
            list(engine.run(unseen))
    blind = (
        "render07 is refused: it does not see what is in /nowhere; mount the storage there, or map it with [[mount]]"
    )
    assert said[0].startswith(f"the worker {blind}")
    assert error.value.exit_code == 4
    assert "refused: render07: it does not see" in error.value.message
    assert "--cluster-fallback" in error.value.hint
    with connect(facility.address, limits=dataclasses.replace(QUICK, pixels=7), falls_back=True) as (engine, said):
        [(_, outcome)] = engine.run(unseen)
    assert isinstance(outcome, FileRead)
    assert said[0] == "the worker render07 is refused: its limit pixels is 400000000, here 7"
    assert said[1].endswith("this machine goes on alone")


def test_without_a_job_nobody_is_asked() -> None:
    with connect("tcp://127.0.0.1:9") as (engine, said):
        assert list(engine.run([])) == []
    assert (said, engine._connection.why_closed) == ([], "")


def test_batches_are_about_a_second_of_work() -> None:
    pace = cluster._Pace()
    notes, pictures, movie = (
        [ReadFile(b"%d.%s" % (number, suffix), size) for number in range(100)]
        for suffix, size in ((b"txt", 100), (b"PNG", 100), (b"mov", 10**9))
    )

    def count(jobs: list[ReadFile]) -> int:
        batch = cluster._Supply(jobs, deque(), UNTHROTTLED, pace).make_batch()
        assert batch is not None
        return len(batch.jobs)

    assert (count(notes), count(pictures), count(movie)) == (16, 16, 1), "nothing is known yet"
    pace.learn(notes[:16], 0.02)
    pace.learn(pictures[:16], 8.0)
    assert (count(notes), count(pictures)) == (32, 2)
    for _ in range(5):
        pace.learn(pictures[:2], 0.02)
    assert count(pictures) > 10
    assert count([*notes[:3], *movie]) == 3
