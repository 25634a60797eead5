"""Thousands of damaged files and bombs through the guarded workers, and whether every promise about them is kept.

python -m benchmarks.campaign [--files 20000] [--seed 1] [--jobs 2] [--light] [--keep FOLDER] [FOLDER …]

Starts from the project's media, a small file of every further format, and the files below FOLDER. The same seed and
the same files give the same damage. Exits with 1 when a promise was broken; `--keep` keeps the files that broke it.
"""

from __future__ import annotations

import argparse
import faulthandler
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.hostile.bombs import list_bombs
from benchmarks.hostile.memory_monitor import MemoryMonitor
from benchmarks.hostile.mutations import MUTATIONS, USE_BOTH
from benchmarks.hostile.promises import PromiseCheck, Sample, Seed
from benchmarks.hostile.seeds import collect_seeds
from provenance import trust
from provenance.intake.engines.local import LocalEngine
from provenance.intake.jobs import Job, Outcome, ReadFile, Thumbnails
from provenance.intake.worker import WorkerContext
from provenance.limits import DEFAULT, MIB
from provenance.model.vocabulary import Cause

MEDIA = Path(__file__).parents[1] / "fixtures" / "media"
FOLDERS = [MEDIA / name for name in ("delivery", "editorial", "marks")]
ROOT = MEDIA / "certificates" / "test-root.pem"
PARENT_MIB = 300
"""Resident memory that the parent process may take."""
SILENCE = 3 * DEFAULT.compute_read_deadline(0) + 60
"""Seconds without an answer after which the parent counts as hanging: a file may fail twice, each time at its limit."""


@dataclass(slots=True)
class Campaign:
    """One run through a pool of workers. A file is in `folder` only while its outcome is awaited."""

    engine: LocalEngine
    folder: Path
    keep: Path | None = None
    """Folder for the files that broke a promise."""
    promises: PromiseCheck = field(default_factory=PromiseCheck)
    seeds: list[Seed] = field(default_factory=list)

    def learn(self, folders: Iterable[Path]) -> None:
        """Examine every seed while it is intact."""
        intact = dict(collect_seeds(folders))
        samples = ((Sample(name), data) for name, data in intact.items())
        for sample, outcome in self._examine(samples):
            self.seeds.append(Seed.from_outcome(sample.name, intact[sample.name], outcome))
        # Outcomes arrive in any order; the same dice must choose the same seeds.
        self.seeds.sort(key=lambda seed: seed.name)

    def attack(self, samples: Iterable[tuple[Sample, bytes]]) -> None:
        """Examine every sample."""
        for _ in self._examine(samples):
            pass

    def damage_files(self, count: int, seed: int) -> Iterator[tuple[Sample, bytes]]:
        """Make so many damaged files; half of them are chosen by type, so that rare types have their share."""
        by_kind: dict[str, list[Seed]] = {}
        for one in self.seeds:
            by_kind.setdefault(one.kind, []).append(one)
        for number in range(count):
            dice = random.Random(f"{seed}/{number}")
            of_one_kind = dice.choice(list(by_kind.values()))
            first = dice.choice(dice.choice((self.seeds, of_one_kind)))
            second = dice.choice(self.seeds)
            mutation = dice.choice(list(MUTATIONS))
            data = MUTATIONS[mutation](first.data, second.data, dice)
            sources = (first, second) if mutation in USE_BOTH else (first,)
            yield Sample(f"{number} {mutation} {first.name}", sources), data

    def _examine(self, samples: Iterable[tuple[Sample, bytes]]) -> Iterator[tuple[Sample, Outcome]]:
        """Yield each sample once, with its outcome, after checking the promises."""
        waiting: dict[bytes, Sample] = {}
        faulthandler.dump_traceback_later(SILENCE, exit=True)
        for job, outcome in self.engine.run(self._make_jobs(samples, waiting)):
            faulthandler.dump_traceback_later(SILENCE, exit=True)
            sample = waiting.pop(job.path)
            has_kept_promises = self.promises.check(sample, outcome)
            if not has_kept_promises and self.keep:
                shutil.copy(os.fsdecode(job.path), self.keep / sample.name.replace("/", " "))
            yield sample, outcome
            os.unlink(job.path)
        faulthandler.cancel_dump_traceback_later()
        self.promises.broken.extend(f"without an answer: {sample.name}" for sample in waiting.values())

    def _make_jobs(self, samples: Iterable[tuple[Sample, bytes]], waiting: dict[bytes, Sample]) -> Iterator[Job]:
        for number, (sample, data) in enumerate(samples):
            path = self.folder / f"{number}{Path(sample.name).suffix}"
            path.write_bytes(data)
            job = ReadFile(os.fsencode(path), len(data), thumbnails=Thumbnails.ALL)
            waiting[job.path] = sample
            yield job


def make_bombs(*, light: bool) -> Iterator[tuple[Sample, bytes]]:
    """Make the bombs one by one; `light`: without those that take seconds."""
    for bomb in list_bombs():
        if light and bomb.is_heavy:
            continue
        yield Sample(bomb.name, bomb=bomb), bomb.make()


def check_memory(monitor: MemoryMonitor, limit: int) -> Iterator[str]:
    """Yield broken promises about memory; `limit` is a worker's address space in bytes."""
    for who, held, allowed in (
        ("a worker's address space", monitor.addresses, limit / MIB),
        ("a worker", monitor.resident, limit / MIB),
        ("the parent", monitor.own, PARENT_MIB),
    ):
        if held > allowed:
            yield f"{who} held {held:,.0f} MiB of {allowed:,.0f}"


def print_figures(campaign: Campaign, monitor: MemoryMonitor, seconds: float) -> None:
    """Print what was measured, and every file that was lost or broke a promise."""
    promises, engine = campaign.promises, campaign.engine
    failed = ", ".join(f"{cause} {engine.failed[cause]}" for cause in (Cause.SLOW, Cause.CRASHED, Cause.OVERSIZED))
    causes = ", ".join(f"{cause} {count:,}" for cause, count in promises.causes.most_common())
    for name, figure in {
        "files": f"{promises.files:,} of {len(promises.kinds)} media types, from {len(campaign.seeds)} intact ones",
        "time": f"{seconds:,.1f} s, {promises.files / seconds:,.1f} files/s",
        "answers": f"{promises.rows:,} rows, {len(promises.lost)} troubles alone",
        "troubles": f"in files: {causes or 'none'}",
        "attempts": f"failed: {failed}; {engine.retries} retries",
        "worker": f"{monitor.resident:,.0f} MiB resident at most, {monitor.addresses:,.0f} MiB of addresses "
        f"(limit {DEFAULT.worker_memory / MIB:,.0f})",
        "parent": f"{monitor.own:,.0f} MiB resident at most (allowed {PARENT_MIB})",
        "promises": f"{len(promises.broken)} broken" if promises.broken else "all kept",
    }.items():
        print(f"{name:<9} {figure}")
    for line in (*promises.lost, *promises.broken):
        print(f"  {line}")


def main() -> int:
    """Run the campaign; 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description="Damaged files and bombs through the guarded workers.")
    parser.add_argument("folders", nargs="*", type=Path, help="further intact files to start from")
    parser.add_argument("--files", type=int, default=20_000, help="number of damaged files")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--light", action="store_true", help="leave out the bombs that take seconds")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the files that break a promise there")
    options = parser.parse_args()
    start = time.monotonic()
    store = trust.load([os.fspath(ROOT)])
    with tempfile.TemporaryDirectory() as folder, MemoryMonitor() as monitor:
        with LocalEngine(options.jobs, WorkerContext(DEFAULT, store)) as engine:
            campaign = Campaign(engine, Path(folder), options.keep)
            campaign.learn([*FOLDERS, *options.folders])
            campaign.attack(make_bombs(light=options.light))
            campaign.attack(campaign.damage_files(options.files, options.seed))
        # The workers have ended here, so that the system has accounted for all of them.
        campaign.promises.broken.extend(check_memory(monitor, DEFAULT.worker_memory))
    print_figures(campaign, monitor, time.monotonic() - start)
    return int(bool(campaign.promises.broken))


if __name__ == "__main__":
    sys.exit(main())
