"""Thousands of damaged files and bombs through the guarded workers, and what the program owes for each of them.

python -m benchmarks.campaign [--files 20000] [--seed 1] [--jobs 2] [--light] [--keep FOLDER] [FOLDER …]

Starts from the project's media, a small file of every further format, and the files below FOLDER. The same seed and
the same files give the same damage. Ends with 1 when a promise was broken; `--keep` keeps the files that broke it.
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
from benchmarks.hostile.mutations import MUTATIONS, USE_BOTH
from benchmarks.hostile.seeds import collect_seeds
from benchmarks.hostile.toll import Seed, PromiseCheck, Sample
from benchmarks.hostile.watch import MemoryMonitor
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
"""What the parent may hold in memory."""
SILENCE = 3 * DEFAULT.seconds_for(0) + 60
"""Seconds without an answer after which the parent counts as hanging: a file may fail twice, each time at its limit."""


@dataclass(slots=True)
class Campaign:
    """One run through a pool. A file stands in `folder` only while it is waited for."""

    engine: LocalEngine
    folder: Path
    keep: Path | None = None
    toll: PromiseCheck = field(default_factory=PromiseCheck)
    seeds: list[Seed] = field(default_factory=list)

    def learn(self, folders: Iterable[Path]) -> None:
        """Look at every seed while it is whole."""
        whole = dict(collect_seeds(folders))
        for victim, outcome in self._examined((Sample(name), data) for name, data in whole.items()):
            self.seeds.append(Seed.of(victim.name, whole[victim.name], outcome))
        self.seeds.sort(key=lambda seed: seed.name)

    def attack(self, victims: Iterable[tuple[Sample, bytes]]) -> None:
        """Look at every victim."""
        for _ in self._examined(victims):
            pass

    def damaged(self, count: int, seed: int) -> Iterator[tuple[Sample, bytes]]:
        """So many damaged files; half of them by type, so that rare types have their share."""
        kinds: dict[str, list[Seed]] = {}
        for known in self.seeds:
            kinds.setdefault(known.kind, []).append(known)
        for number in range(count):
            dice = random.Random(f"{seed}/{number}")
            one = dice.choice(dice.choice((self.seeds, dice.choice(list(kinds.values())))))
            other = dice.choice(self.seeds)
            name = dice.choice(list(MUTATIONS))
            data = MUTATIONS[name](one.data, other.data, dice)
            yield Sample(f"{number} {name} {one.name}", (one, other) if name in USE_BOTH else (one,)), data

    def _examined(self, victims: Iterable[tuple[Sample, bytes]]) -> Iterator[tuple[Sample, Outcome]]:
        """Each victim once, with what came of it, counted."""
        waiting: dict[bytes, Sample] = {}
        faulthandler.dump_traceback_later(SILENCE, exit=True)
        for job, outcome in self.engine.run(self._jobs(victims, waiting)):
            faulthandler.dump_traceback_later(SILENCE, exit=True)
            victim = waiting.pop(job.path)
            if not self.toll.take(victim, outcome) and self.keep:
                shutil.copy(os.fsdecode(job.path), self.keep / victim.name.replace("/", " "))
            yield victim, outcome
            os.unlink(job.path)
        faulthandler.cancel_dump_traceback_later()
        self.toll.broken.extend(f"without an answer: {victim.name}" for victim in waiting.values())

    def _jobs(self, victims: Iterable[tuple[Sample, bytes]], waiting: dict[bytes, Sample]) -> Iterator[Job]:
        for number, (victim, data) in enumerate(victims):
            path = self.folder / f"{number}{Path(victim.name).suffix}"
            path.write_bytes(data)
            job = ReadFile(os.fsencode(path), len(data), thumbnails=Thumbnails.ALL)
            waiting[job.path] = victim
            yield job


def make_bombs(*, light: bool) -> Iterator[tuple[Sample, bytes]]:
    """The bombs, made one by one."""
    for bomb in list_bombs():
        if not (light and bomb.heavy):
            yield Sample(bomb.name, bomb=bomb), bomb.make()


def check_memory(watch: MemoryMonitor, limit: int) -> Iterator[str]:
    """Promises about memory that were broken; `limit` is a worker's address space in bytes."""
    for who, held, allowed in (
        ("a worker's address space", watch.addresses, limit / MIB),
        ("a worker", watch.resident, limit / MIB),
        ("the parent", watch.own, PARENT_MIB),
    ):
        if held > allowed:
            yield f"{who} held {held:,.0f} MiB of {allowed:,.0f}"


def print_figures(campaign: Campaign, watch: MemoryMonitor, seconds: float) -> None:
    """Print the figures."""
    toll, engine = campaign.toll, campaign.engine
    killed = ", ".join(f"{cause} {engine.failed[cause]}" for cause in (Cause.SLOW, Cause.CRASHED, Cause.OVERSIZED))
    causes = ", ".join(f"{cause} {count:,}" for cause, count in toll.causes.most_common())
    for name, figure in {
        "files": f"{toll.files:,} of {len(toll.kinds)} media types, out of {len(campaign.seeds)} sound ones",
        "time": f"{seconds:,.1f} s, {toll.files / seconds:,.1f} files/s",
        "answers": f"{toll.rows:,} rows, {len(toll.lost)} troubles alone",
        "troubles": f"in files: {causes or 'none'}",
        "attempts": f"failed: {killed}; {engine.retries} retries",
        "worker": f"{watch.resident:,.0f} MiB resident at most, {watch.addresses:,.0f} MiB of addresses "
        f"(limit {DEFAULT.worker_memory / MIB:,.0f})",
        "parent": f"{watch.own:,.0f} MiB resident at most (allowed {PARENT_MIB})",
        "promises": f"{len(toll.broken)} broken" if toll.broken else "all kept",
    }.items():
        print(f"{name:<9} {figure}")
    for line in (*toll.lost, *toll.broken):
        print(f"  {line}")


def main() -> int:
    arguments = argparse.ArgumentParser(description="Damaged files and bombs through the guarded workers.")
    arguments.add_argument("folders", nargs="*", type=Path, help="further sound files to start from")
    arguments.add_argument("--files", type=int, default=20_000, help="how many damaged files")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--jobs", type=int, default=2)
    arguments.add_argument("--light", action="store_true", help="without the bombs that take seconds")
    arguments.add_argument("--keep", type=Path, metavar="FOLDER", help="keep files that break a promise there")
    given = arguments.parse_args()
    start = time.monotonic()
    store = trust.load([os.fspath(ROOT)])
    with tempfile.TemporaryDirectory() as folder, MemoryMonitor() as watch:
        with LocalEngine(given.jobs, WorkerContext(DEFAULT, store)) as engine:
            campaign = Campaign(engine, Path(folder), given.keep)
            campaign.learn([*FOLDERS, *given.folders])
            campaign.attack(make_bombs(light=given.light))
            campaign.attack(campaign.damaged(given.files, given.seed))
        campaign.toll.broken.extend(check_memory(watch, DEFAULT.worker_memory))
    print_figures(campaign, watch, time.monotonic() - start)
    return int(bool(campaign.toll.broken))


if __name__ == "__main__":
    sys.exit(main())
