"""`ingest --plan`: read one shard of a plan into a file, on any machine. Writes to no catalogue."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass

from provenance.errors import ShardDamaged, UsageError
from provenance.intake.collect import FileCollector, Item, ReadTerms
from provenance.intake.plan_file import FoundHere, Plan, PlannedRoot, encode_name, load_plan
from provenance.intake.shard_file import Shard, ShardWriter
from provenance.intake.versions import ReadingVersions
from provenance.intake.walk import Walk
from provenance.media.places import is_empty, is_folder
from provenance.model.evidence import Trouble
from provenance.mounts import map_path
from provenance.settings import TASK_VARIABLE
from provenance.workflows.plan import refuse_other_readers
from provenance.workflows.run import RunContext, RunStats

_NUMBERS = re.compile(r"(\d{1,9})/(\d{1,9})")
FROM_ENVIRONMENT = "env"
"""As `--shard`: take the number from the batch system."""


@dataclass(frozen=True, slots=True)
class ShardChoice:
    """One shard of a plan that was opened."""

    plan: Plan
    number: int
    """From 1."""

    @property
    def total(self) -> tuple[int, int]:
        """Files and bytes to read."""
        section = self.plan.header.sections[self.number]
        return section.files, section.size


@dataclass(frozen=True, slots=True)
class ShardRead:
    """A shard that is whole now."""

    stats: RunStats
    was_whole: bool
    """Whether it was so before, and nothing was read."""
    exit_code: int
    went_on: int = 0
    """Files and sequences that an earlier attempt had read."""


def choose_shard(path: str, shard: str, task: str | None) -> ShardChoice:
    """The shard `K/N` of a plan; `env` for the number that the batch system gives, which is `task`.

    Raises `UsageError`, and `ShardDamaged` for a file that is no whole plan.
    """
    try:
        plan = load_plan(path)
    except OSError as fault:
        raise UsageError(f"{path} cannot be read: {fault.strerror}", "write one with: provenance plan") from fault
    shards = plan.header.shards
    if shard == FROM_ENVIRONMENT:
        if task is None or not re.fullmatch(r"\d{1,9}", task):
            hint = f"--shard env is for array jobs of Slurm: sbatch --array=1-{shards}; elsewhere write --shard K/N"
            raise UsageError(f"${TASK_VARIABLE} holds no number", hint)
        number = int(task)
    else:
        parts = _NUMBERS.fullmatch(shard)
        if parts is None:
            raise UsageError(f"--shard {shard!r} names no shard", f"write it as K/N: 1/{shards} for the first one")
        number = int(parts[1])
        if int(parts[2]) != shards:
            raise UsageError(f"--shard {shard}: the plan has {shards:,} shards", f"write --shard {number}/{shards}")
    if not 1 <= number <= shards:
        raise UsageError(f"the plan has no shard {number}", f"its shards are counted from 1 to {shards}")
    return ShardChoice(plan, number)


def read_shard(choice: ShardChoice, out: str, context: RunContext) -> ShardRead:
    """Read one shard into `out`, which gets its name when it is whole; goes on from what an earlier attempt has left.

    Raises `UsageError` when this machine would read otherwise than the plan says, or a storage is not there.
    """
    plan, number = choice.plan, choice.number
    if os.path.lexists(out):
        _refuse_another(out, choice)
        return ShardRead(RunStats(), was_whole=True, exit_code=0)
    store = context.load_trust_store()
    header = plan.header
    refuse_other_readers(header, context, store)
    _refuse_absent(choice, context)
    versions = ReadingVersions(context.describe_conditions(store))
    terms = ReadTerms(header.fingerprints, labels=header.labels, versions=versions)
    stats = RunStats()
    with ShardWriter(out, plan, number) as writer:
        if os.path.lexists(out):
            # Whoever held the lock has finished it meanwhile.
            _refuse_another(out, choice)
            return ShardRead(stats, was_whole=True, exit_code=0)
        went_on = sum(writer.done)
        supply = _Supply(choice, writer, FoundHere(plan, context.settings.mounts))
        with context.start_engine(store) as engine:
            collector = FileCollector(
                Walk([]), engine, header.zone, terms, progress=context.progress, items=supply.items()
            )
            _write_rows(collector, supply, writer, stats)
        writer.finish()
        return ShardRead(stats, was_whole=False, exit_code=writer.exit_code, went_on=went_on)


def _write_rows(collector: FileCollector, supply: _Supply, writer: ShardWriter, stats: RunStats) -> None:
    for item, row in collector.rows_by_item():
        if item is None or isinstance(row, Trouble):
            continue  # The plan has what its walk could not look at.
        line, root = supply.handed_out[id(item)]
        if row is None:
            writer.mark_done(line)
            del supply.handed_out[id(item)]
            continue
        for name, payload in collector.terms.versions.unrecorded.items():
            writer.add_version(name, payload)
        collector.terms.versions.unrecorded.clear()
        writer.add(line, root, row)
        if row[2].asset.digest:
            stats.count_asset(row[2])
        else:
            stats.count_troubles(*row[2].troubles)


class _Supply:
    """Hands out what is still to be read, and remembers which line of the plan it is."""

    def __init__(self, choice: ShardChoice, writer: ShardWriter, here: FoundHere) -> None:
        self._choice = choice
        self._writer = writer
        self._here = here
        self.handed_out: dict[int, tuple[int, int]] = {}
        """By identity of the item, until it is done: its line in the section, and its root."""

    def items(self) -> Iterator[Item]:
        """What an earlier attempt has not done."""
        for number, line in enumerate(self._choice.plan.lines(self._choice.number)):
            if self._writer.done[number]:
                continue
            item = self._here.find_item(line)
            if item is None:
                raise ShardDamaged(f"{self._choice.plan.path}: line {number} of a shard is no file", "plan again")
            first = line.file or line.frames[0][1]
            self.handed_out[id(item)] = number, first.root
            yield item


def _refuse_another(out: str, choice: ShardChoice) -> None:
    """Raise `UsageError` for a file that is not this shard: nothing is overwritten."""
    hint = "name another --out, or move the file away"
    try:
        with Shard(out) as shard:
            is_same = shard.plan.name() == choice.plan.name and shard.number == choice.number
    except (OSError, ShardDamaged) as fault:
        raise UsageError(f"{out} is there already, and is no shard: {fault}", hint) from fault
    if not is_same:
        raise UsageError(f"{out} is there already, and is of another plan or another shard", hint)


def _refuse_absent(choice: ShardChoice, context: RunContext) -> None:
    """Raise `UsageError` when a storage is not there: otherwise all of it would read as files that are broken."""
    for root in choice.plan.header.roots:
        place = map_path(encode_name(root.path), context.settings.mounts)
        if reason := _find_absence(root, place):
            shown = os.fsdecode(place).encode("utf-8", "backslashreplace").decode()
            hint = "mount it, or say where it is here with [[mount]] in the config of this machine"
            raise UsageError(f"{shown}: {reason}", hint)


def _find_absence(root: PlannedRoot, place: bytes) -> str:
    if not root.is_folder:
        # A file may have gone since; its folder goes with a storage.
        return "" if is_folder(os.path.dirname(place)) else "the folder of this file is not there"
    if not is_folder(place):
        return "this folder of the plan is not there"
    try:
        is_gone = not root.is_empty and is_empty(place)
    except OSError as fault:
        return f"this folder of the plan cannot be listed: {fault.strerror}"
    return "this folder of the plan is empty here" if is_gone else ""
