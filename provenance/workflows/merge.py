"""`merge`: take shards that machines have read into a catalogue. Any order, any number of times, safe to kill.

The run that took a shard in says so in its words, which the ledger keeps; a run that was killed counts for nothing, and
what it had committed is the same when it is taken in again.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from provenance.catalogue.runs import RunRecord
from provenance.catalogue.store import Catalogue
from provenance.catalogue.writer import FoundReading
from provenance.errors import ShardDamaged, UsageError
from provenance.intake.collect import Item
from provenance.intake.plan_file import FoundHere, Plan, PlanHeader, encode_name, load_plan
from provenance.intake.sequences import AssetRow, NumberedFiles
from provenance.intake.shard_file import Shard
from provenance.intake.walk import Walk
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause
from provenance.number_ranges import format_ranges, parse_ranges
from provenance.trust import TrustStore
from provenance.units import choose_form, format_count
from provenance.workflows.derive import prepare_versions
from provenance.workflows.plan import refuse_other_readers
from provenance.workflows.read import MOST_RECORDED, Area, ReadOptions, ReadResult, count_uncompared, search
from provenance.workflows.run import RunContext, RunStats

_KIND = "merge"
_DETAIL = re.compile(r"plan ([0-9a-f]{64}), shards ([0-9,-]*) of \d+, (\d+) not checked(, all in)?: .*", re.DOTALL)
"""The words of a run: which shards of which plan it takes in; how many of their assets could not be checked;
whether it also looks for what has vanished."""
_NAME_DIGITS = 12
"""Digits of a plan's name that people are shown."""


@dataclass(slots=True)
class MergeResult:
    """What a merge took in, and what is still missing."""

    plan: str
    """Beginning of the name of the plan."""
    shards: int
    stats: RunStats = field(default_factory=RunStats)
    taken: list[int] = field(default_factory=list)
    """Numbers of the shards that this run took in."""
    known: list[int] = field(default_factory=list)
    """Numbers of those among them that were in already."""
    missing: list[int] = field(default_factory=list)
    """Numbers of the shards that are in by no run yet."""
    refused: list[ShardDamaged] = field(default_factory=list)
    """Files of which nothing was taken in, with the reason."""
    is_finished: bool = False
    """Whether vanished files have been looked for, now or before."""
    kept_newer: int = 0
    """Rows that were left as they are because they were read again after the plan was made."""
    could_not_before: int = 0
    """Assets of the shards that were in already, which could not be checked."""
    not_compared: int = 0
    """Generated contents of the plan that were not searched for all works in the zone `reference`."""

    @property
    def exit_code(self) -> int:
        """5 when a file was refused; 3 when a shard is missing or something could not be looked at; else 0."""
        if self.refused:
            return ShardDamaged.exit_code
        if self.missing or self.not_compared or self.could_not_before:
            return 3
        return self.stats.exit_code


def merge(files: Sequence[str], context: RunContext, plan_path: str | None = None) -> MergeResult:
    """Take whole shards of one plan into the catalogue as one run.

    With the plan, and once all shards are in, what has vanished since is noted, and generated material is searched for
    the works in the zone `reference`, as `ingest` does. Raises `UsageError`; `ShardDamaged` when no file can be taken.
    """
    plan = _open_plan(plan_path)
    with contextlib.ExitStack() as stack:
        shards, refused = _open_shards(files, plan, stack)
        header = plan.header if plan else _get_header(shards, refused)
        store = context.load_trust_store()
        refuse_other_readers(header, context, store)
        if plan is None and not os.path.exists(context.settings.catalogue):
            _require_one(shards, refused)
        catalogue = stack.enter_context(context.open_catalogue(write=True))
        _refuse_other_catalogue(header, catalogue)
        merger = _Merger(context, catalogue, store, header, plan)
        result = merger.merge(shards, refused)
    result.stats.unmatched_excludes = header.unmatched_excludes
    return result


def _open_plan(path: str | None) -> Plan | None:
    if path is None:
        return None
    try:
        return load_plan(path)
    except OSError as fault:
        raise UsageError(f"{path} cannot be read: {fault.strerror}", "name the plan that the shards are of") from fault


def _open_shards(
    files: Sequence[str], plan: Plan | None, stack: contextlib.ExitStack
) -> tuple[list[Shard], list[ShardDamaged]]:
    """The files that belong to one plan, by number. The others are refused by name."""
    shards: list[Shard] = []
    refused = []
    wanted = plan.name if plan else None
    for path in files:
        try:
            shard = stack.enter_context(Shard(path))
            if wanted is None:
                wanted = shard.plan.name()
            if shard.plan.name() != wanted:
                raise ShardDamaged(f"{path}: it is of another plan", "merge the shards of one plan at a time")
        except FileNotFoundError:
            # Of a job that failed there is no file; with a plan the shard is listed as missing.
            if plan is None:
                refused.append(_make_absence_error(path))
        except OSError as fault:
            refused.append(ShardDamaged(f"{path}: it cannot be read: {fault.strerror}"))
        except ShardDamaged as error:
            refused.append(error)
        else:
            shards.append(shard)
    return sorted(shards, key=lambda shard: shard.number), refused


def _make_absence_error(path: str) -> ShardDamaged:
    reason = "it is not there"
    if os.path.exists(f"{path}.part"):
        reason = "it is not whole: its reading was broken off"
    return ShardDamaged(f"{path}: {reason}", "read the shard again with the same `provenance ingest --plan`")


def _get_header(shards: Sequence[Shard], refused: list[ShardDamaged]) -> PlanHeader:
    if shards:
        return shards[0].plan
    if refused:
        raise refused[0]
    raise UsageError("no shard was named", "name the files that `provenance ingest --plan` wrote, or the --plan")


def _require_one(shards: Sequence[Shard], refused: Sequence[ShardDamaged]) -> None:
    """Raise the first reason when no shard can be taken: no catalogue is made for nothing."""
    reasons = list(refused)
    for shard in shards:
        try:
            shard.check()
        except ShardDamaged as error:
            reasons.append(error)
        else:
            return
    raise reasons[0]


def _refuse_other_catalogue(header: PlanHeader, catalogue: Catalogue) -> None:
    """Raise `UsageError` when the plan left out what another catalogue knows."""
    if header.catalogue is not None and catalogue.ledger.identity != header.catalogue:
        raise UsageError(
            "the plan left out what another catalogue knows",
            "merge into the catalogue that was named to `provenance plan`, or plan without one",
        )


@dataclass(slots=True)
class _Merger:
    context: RunContext
    catalogue: Catalogue
    store: TrustStore
    header: PlanHeader
    plan: Plan | None
    _name: str = field(init=False)
    _now: str = field(init=False)
    """When this run began, as the catalogue writes it."""
    _taken_by: dict[int, RunRecord] = field(default_factory=dict)
    """By shard: the run that took it in."""
    _could_not: int = 0
    """Assets of these shards that could not be checked."""
    _is_finished: bool = False

    def __post_init__(self) -> None:
        self._name = self.header.name()
        self._now = self.context.timestamp
        for run, numbers, could_not, is_last in self._list_merges():
            self._taken_by.update(dict.fromkeys(numbers, run))
            self._could_not += could_not
            self._is_finished = self._is_finished or is_last

    def merge(self, shards: Sequence[Shard], refused: list[ShardDamaged]) -> MergeResult:
        """Take in the shards that are whole and not in yet."""
        result = MergeResult(self._name[:_NAME_DIGITS], self.header.shards, refused=refused)
        result.could_not_before = self._could_not
        wanted: dict[int, Shard] = {}
        could_not = 0
        for shard in shards:
            number = shard.number
            if number in self._taken_by:
                result.known.append(number)
            # Of two files of one shard the first that is sound is taken.
            if number in self._taken_by or number in wanted:
                continue
            try:
                could_not += shard.check().could_not
            except ShardDamaged as error:
                refused.append(error)
            else:
                wanted[number] = shard
        present = self._taken_by.keys() | wanted.keys()
        result.missing = [number for number in range(1, self.header.shards + 1) if number not in present]
        is_complete = self.plan is not None and not result.missing
        is_last = is_complete and not self._is_finished
        if wanted or is_last or (is_complete and self._count_uncompared()[1]):
            self._run(wanted, could_not, result, is_complete=is_complete, is_last=is_last)
        result.is_finished = self._is_finished or is_last
        self._count_folders(result)
        self._note_comparison(result)
        return result

    def _run(
        self, wanted: dict[int, Shard], could_not: int, result: MergeResult, *, is_complete: bool, is_last: bool
    ) -> None:
        shards = f"shards {format_ranges(sorted(wanted))} of {self.header.shards}"
        detail = f"plan {self._name}, {shards}, {could_not} not checked"
        if is_last:
            detail += ", all in"
        roots = b", ".join(self.header.places).decode("utf-8", "backslashreplace")
        newer = self._list_newer_times()
        with (
            self.context.start_engine(self.store) as engine,
            self.catalogue.run(_KIND, self._now, f"{detail}: {roots}") as run,
        ):
            conditions = self.context.describe_conditions(self.store)
            versions, _ = prepare_versions(self.context, self.catalogue, engine, conditions)
            for number, shard in wanted.items():
                batch: list[FoundReading] = []
                for row in shard.rows(self._record_version):
                    if self._take(row, newer, result):
                        batch.append(FoundReading(*row))
                    if len(batch) == MOST_RECORDED:
                        self.catalogue.add_all(batch, run, self._now)
                        batch.clear()
                self.catalogue.add_all(batch, run, self._now)
                result.taken.append(number)
            if is_complete:
                for earlier in {taken.id for taken in self._taken_by.values()}:
                    self.catalogue.take_over_visits(run, earlier)
            if is_last:
                self._note_vanished(run, self._take_unread(run, result), result)
            if is_complete and self._count_uncompared()[1]:
                # Generated material is searched for the works in the zone `reference`, where it can be opened here.
                walk = Walk(self.header.places, self.header.exclude)
                area = Area(walk, self.header.zone, self.header.fingerprints, labels=self.header.labels)
                options = ReadOptions(conditions)
                search(self.context, self.catalogue, engine, run, [area], options, versions, ReadResult())

    def _record_version(self, name: str, payload: str) -> None:
        self.catalogue.versions.record_name(name, payload, self._now)

    def _take(self, row: AssetRow, newer: set[str], result: MergeResult) -> bool:
        """Count a row of a shard; give whether it is to be recorded."""
        location, _, reading = row
        if newer:
            # What was read since by somebody who looked later is better known than by the shard.
            case = self.catalogue.find_present(location.root, location.path_bytes)
            if case is not None and case.read_at in newer:
                result.kept_newer += 1
                return False
        if reading.asset.digest:
            result.stats.count_asset(reading)
        else:
            result.stats.count_troubles(*reading.troubles)
        return True

    def _take_unread(self, run: int, result: MergeResult) -> list[bytes]:
        """Note what the plan left out as seen again; give the names that its walk could not look at."""
        assert self.plan is not None
        # Only the names count here: nothing of it is opened.
        here = FoundHere(self.plan, ())
        missed: list[bytes] = []
        lost = 0
        for line in self.plan.lines(0):
            if line.missed:
                missed.append(encode_name(line.missed))
            item = here.name_item(line)
            if item is not None and not self._touch(item, run):
                lost += 1
        result.stats.unchanged += self.header.left_out
        if lost:
            reason = f"{lost:,} files that the plan left out are not in the catalogue any more; plan and read again"
            result.stats.count_troubles(Trouble(".", "merge", Cause.UNREADABLE, reason))
        return missed

    def _touch(self, item: Item, run: int) -> bool:
        """Note that a file, or numbered files, were seen again; give whether the catalogue knows them."""
        parts: list[Item] = [item]
        if isinstance(item, NumberedFiles):
            parts += [frame for _, frame in item.frames]
        is_known = False
        for part in parts:
            if self.catalogue.find_change_key(part.root, part.relative) is not None:
                self.catalogue.touch(part.root, part.relative, run, self.header.zone, self._now)
                is_known = True
        return is_known

    def _note_vanished(self, run: int, missed: Sequence[bytes], result: MergeResult) -> None:
        """What was below a folder that was walked as a whole, and was not there any more, has vanished."""
        for later in self._list_later_runs(run):
            if later.ended_at is None:
                reason = f"a run that began at {later.started_at} was killed: what vanished is noted by the next ingest"
                result.stats.count_troubles(Trouble(".", "merge", Cause.UNREADABLE, reason))
                return
            # What somebody saw after the plan was made is there, whatever the plan says.
            self.catalogue.take_over_visits(run, later.id)
        for root, place in zip(self.header.roots, self.header.places, strict=True):
            # An empty folder may be a storage that was not mounted.
            if root.is_folder and not root.is_empty and not self.header.exclude:
                folder = os.fsdecode(place)
                self.catalogue.record_disappearances(folder, run, self._now, spare=missed)

    def _count_folders(self, result: MergeResult) -> None:
        """What the walk could not list is in no shard, and is told with every merge."""
        if self.plan is not None:
            result.stats.count_each(line.trouble for line in self.plan.lines(0) if line.trouble is not None)
        elif self.header.troubles:
            reason = f"the plan could not list {self.header.troubles:,} folders or files; name the --plan to see which"
            result.stats.count_troubles(Trouble(".", "walk", Cause.UNREADABLE, reason))

    def _note_comparison(self, result: MergeResult) -> None:
        """Say what was not compared with the works of others."""
        result.stats.reference_works, result.not_compared = self._count_uncompared()
        _, result.stats.not_compared = count_uncompared(self.context, self.catalogue, [b"/"])

    def _count_uncompared(self) -> tuple[int, int]:
        """Works in the zone `reference`, and generated contents of the plan that were not searched for all of them."""
        return count_uncompared(self.context, self.catalogue, self.header.places)

    def _list_merges(self) -> Iterator[tuple[RunRecord, list[int], int, bool]]:
        """Finished runs for this plan: their shards, what of these could not be checked, whether it was the last."""
        for run in self.catalogue.list_runs():
            words = _DETAIL.fullmatch(run.detail)
            if run.kind == _KIND and run.outcome == "done" and words and words[1] == self._name:
                yield run, parse_ranges(words[2]), int(words[3]), bool(words[4])

    def _list_later_runs(self, own: int) -> Iterator[RunRecord]:
        """Runs of another kind, or for another plan, that began after this plan was made."""
        for run in self.catalogue.list_runs():
            words = _DETAIL.fullmatch(run.detail)
            is_ours = run.kind == _KIND and words is not None and words[1] == self._name
            if run.id != own and not is_ours and run.started_at > self.header.made_at:
                yield run

    def _list_newer_times(self) -> set[str]:
        """When runs began that may have read the same places later than the shards did."""
        return {run.started_at for run in self._list_later_runs(0)}


def describe_merge(result: MergeResult) -> Iterator[str]:
    """Which shards are in and which are missing, and what that means."""
    plan = f"plan {result.plan}"
    if result.taken:
        yield f"took in {_name_shards(result.taken)} of {result.shards} of {plan}"
    if result.known:
        verb = choose_form(len(result.known), "was", "were")
        yield f"{_name_shards(result.known)} {verb} in already"
    if result.could_not_before:
        yield f"{result.could_not_before:,} of what was in already could not be checked"
    if result.missing:
        yield f"missing: {_name_shards(result.missing)} of {result.shards}; read with: ingest --plan PLAN --shard K/N"
    elif not result.is_finished:
        yield "all shards are in; name the --plan as well, so that what has vanished is noted"
    if result.kept_newer:
        yield f"{format_count(result.kept_newer, 'place')} read again since the plan was made stayed as they are"
    if result.not_compared:
        assets = format_count(result.not_compared, "generated asset")
        yield f"{assets} of this plan not compared with the reference works: merge with --plan, or run nightly"


def _name_shards(numbers: Sequence[int]) -> str:
    return f"{choose_form(len(numbers), 'shard', 'shards')} {format_ranges(numbers)}"
