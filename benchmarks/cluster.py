"""What a cluster costs: processor time of scheduler and run for each file, and two workers beside one.

`python -m benchmarks.cluster [--files N]`, on Linux. The scheduler and the workers are processes on this machine, over
plain tcp. The cost for each file is processor time, so that others on the machine count less. How much faster two
workers are than one is told twice: as wall time, which means something on two free cores alone, and as the processor
time of all workers over that of the busiest one, which says how evenly the work was shared.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image

from provenance import trust
from provenance.intake.engines import cluster
from provenance.intake.engines.cluster import ClusterEngine, ClusterTerms
from provenance.intake.engines.cluster_link import describe_reader
from provenance.intake.engines.local import LocalEngine
from provenance.intake.jobs import ReadFile
from provenance.intake.worker import WorkerContext
from provenance.limits import DEFAULT
from provenance.model.asset import FingerprintLevel
from provenance.model.evidence import Trouble
from provenance.settings import Cluster, Settings
from provenance.workflows.run import RunContext

_BATCHES = (1, 16, 32)
_PICTURE_SIDE = 640
_SECONDS_TO_START = 120.0


class Server:
    """A server of a cluster as a process of its own."""

    def __init__(self, *arguments: str) -> None:
        command = [sys.executable, "-c", "from provenance_cli.main import main; main()", *arguments]
        nothing = subprocess.DEVNULL
        self.process = subprocess.Popen(command, stdout=nothing, stderr=nothing, start_new_session=True)

    def measure(self) -> float:
        """Seconds of processor time that it and all that it started have used."""
        return sum(map(_read_processor_time, _list_tree(self.process.pid)))

    def end(self) -> None:
        """End it and all that it started."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def _list_tree(pid: int) -> list[int]:
    pids = [pid]
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            pids += _list_tree(int(child))
    return pids


def _read_processor_time(pid: int) -> float:
    """Also that of children which have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def start_cluster(workers: int) -> Iterator[tuple[str, Server, list[Server]]]:
    """Address, scheduler and workers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{probe.getsockname()[1]}"
    scheduler = Server("scheduler", address)
    servers = [Server("worker", address, "--jobs", "1") for _ in range(workers)]
    try:
        yield address, scheduler, servers
    finally:
        for server in (*servers, scheduler):
            server.end()


def make_engine(address: str) -> ClusterEngine:
    """An engine for a run."""
    store = trust.load()
    context = WorkerContext(DEFAULT, store)
    readers = RunContext(Settings(""), datetime.now(UTC)).name_readers(store)
    told = describe_reader(context, readers)
    return ClusterEngine(ClusterTerms(Cluster(address=address), told, DEFAULT, print), LocalEngine(1, context))


def wait_for(engine: ClusterEngine, workers: int) -> None:
    """Until so many workers take part."""
    deadline = time.monotonic() + _SECONDS_TO_START
    while engine.processes < workers:
        engine.self_test()
        time.sleep(0.2)
        if time.monotonic() > deadline:
            sys.exit("the workers did not come")


def read(engine: ClusterEngine, jobs: Sequence[ReadFile]) -> float:
    """Read files; returns seconds of wall time."""
    start = time.monotonic()
    outcomes = [outcome for _, outcome in engine.run(jobs)]
    taken = time.monotonic() - start
    if len(outcomes) != len(jobs) or any(isinstance(outcome, Trouble) for outcome in outcomes):
        sys.exit("not every file was read")
    return taken


def make_notes(folder: Path, count: int) -> list[ReadFile]:
    """Small text files."""
    jobs = []
    for number in range(count):
        path = folder / f"note {number:06}.txt"
        path.write_text(f"note {number}\n" * 50)
        jobs.append(ReadFile(os.fsencode(path), path.stat().st_size))
    return jobs


def make_pictures(folder: Path, count: int) -> list[ReadFile]:
    """Pictures of noise, of which everything is kept to find them again."""
    jobs = []
    for number in range(count):
        path = folder / f"picture {number:06}.jpg"
        noise = random.Random(number).randbytes(_PICTURE_SIDE // 8 * _PICTURE_SIDE // 8)
        small = Image.frombytes("L", (_PICTURE_SIDE // 8, _PICTURE_SIDE // 8), noise)
        small.resize((_PICTURE_SIDE, _PICTURE_SIDE)).save(path)
        jobs.append(ReadFile(os.fsencode(path), path.stat().st_size, level=FingerprintLevel.FULL))
    return jobs


def measure_cost(jobs: Sequence[ReadFile]) -> None:
    """Print what handing out costs, for batches of several sizes."""
    with start_cluster(2) as (address, scheduler, _), make_engine(address) as engine:
        wait_for(engine, 2)
        read(engine, jobs[:200])
        for most in _BATCHES:
            cluster._MOST_JOBS = most  # noqa: SLF001 - what is measured
            here, there = time.process_time(), scheduler.measure()
            taken = read(engine, jobs)
            here, there = time.process_time() - here, scheduler.measure() - there
            each = 1000 / len(jobs)
            figures = f"scheduler {there * each:.2f} + run {here * each:.2f} = {(here + there) * each:.2f} ms a file"
            print(f"batches of {most:2}: {figures} (wall {taken * each:.2f} ms)")


def measure_share(jobs: Sequence[ReadFile]) -> None:
    """Print how much two workers do beside one."""
    walls: dict[int, float] = {}
    for count in (1, 2, 1, 2):
        with start_cluster(count) as (address, _, workers), make_engine(address) as engine:
            wait_for(engine, count)
            read(engine, jobs[: 4 * count])
            before = [worker.measure() for worker in workers]
            taken = read(engine, jobs)
            used = [worker.measure() - start for worker, start in zip(workers, before, strict=True)]
            walls[count] = min(taken, walls.get(count, taken))
            shares = " + ".join(f"{seconds:.1f}" for seconds in used)
            evenness = sum(used) / max(used)
            print(f"{count} workers: {taken:.1f} s wall, {shares} s of processor time, shared {evenness:.2f} ways")
    print(f"two workers: {walls[1] / walls[2]:.2f} times as fast as one, by the best wall times")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=4000)
    parser.add_argument("--pictures", type=int, default=60)
    parser.add_argument("--only", choices=["cost", "share"])
    options = parser.parse_args()
    # The servers are to end with it, whatever ends it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.only != "share":
            measure_cost(make_notes(folder, options.files))
        if options.only != "cost":
            measure_share(make_pictures(folder, options.pictures))


if __name__ == "__main__":
    main()
