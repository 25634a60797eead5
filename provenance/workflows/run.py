"""What every run is given, and what it counts."""

from __future__ import annotations

import hashlib
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from datetime import time as TimeOfDay  # noqa: N812 - the module of that name is needed as well
from pathlib import Path

from provenance import trust
from provenance.catalogue.approvals import StoredApproval
from provenance.catalogue.store import Catalogue, LedgerState
from provenance.errors import CatalogueDamaged, ProvenanceError, UsageError
from provenance.evidence import plugins
from provenance.evidence.text import visible_text
from provenance.gentleness import NOTHING_ASKED, Gentleness
from provenance.intake.collect import NoProgress, Progress, count_files
from provenance.intake.engines.cluster_link import check_address, describe_reader, require_dask
from provenance.intake.engines.interface import RunningEngine
from provenance.intake.engines.lazy import LazyEngine
from provenance.intake.throttle import Throttle
from provenance.intake.versions import ReadingConditions, name_everything
from provenance.intake.walk import Walk
from provenance.labels.weights import HINT, NOT_INSTALLED, find_weights
from provenance.matching import search_index
from provenance.media.places import is_there
from provenance.media.types import DECODING_VERSIONS
from provenance.model.asset import Location, Reading
from provenance.model.declaration import Entry, RegisteredEntry
from provenance.model.evidence import Statement, Trouble
from provenance.model.finding import Approval, BoundApproval, Case, Covered
from provenance.model.match import Match
from provenance.model.report import Coverage, Inputs, ReadingRun, SearchScope
from provenance.model.vocabulary import Origin
from provenance.origin import decide_origin
from provenance.policy.approvals import covers_marks, list_covered, select_in_force
from provenance.policy.packs import Pack
from provenance.settings import Settings
from provenance.trust import TrustStore
from provenance.workflows.components import list_missing

_FORMER_READERS = ("0.1.0", "3")
"""Versions of the program and of its readers, as they stood in change keys before each part had a version."""
_NAME_DIGITS = 16
"""Hexadecimal digits of a name that stands for versions."""
_READS_OF_A_LARGE_FILE = 4
"""Times that a large file is read at most: digested, its credential verified, decoded, searched for lost marks."""


def find_end(now: datetime, until: TimeOfDay) -> datetime:
    """The next time that the clock on the wall of this machine shows `until`. Both datetimes are aware."""
    today = now.astimezone().date()
    # Each day is asked for its own offset: in some nights the clocks are changed.
    end = datetime.combine(today, until).astimezone()
    if end <= now:
        end = datetime.combine(today + timedelta(days=1), until).astimezone()
    return end


def stay_silent(sentence: str) -> None:
    """Say nothing."""


@dataclass(frozen=True, slots=True)
class RunContext:
    """What every run is given: the settings, the time, and who is shown the progress."""

    settings: Settings
    now: datetime
    """Aware, UTC."""
    exclude: tuple[str, ...] = ()
    progress: Progress = field(default_factory=NoProgress)
    announce: Callable[[str], None] = stay_silent
    """Takes a sentence that a person should see while the run goes on; by default nobody is there."""
    gentleness: Gentleness = NOTHING_ASKED
    until: datetime | None = None
    """When it ends, whatever is left by then; None when it goes on until it is done. Aware."""
    time_of_day: Callable[[], float] = time.time

    @property
    def timestamp(self) -> str:
        """`now` as reports and the catalogue write it: `2026-11-22T16:00:00Z`."""
        return self.now.strftime("%Y-%m-%dT%H:%M:%SZ")

    def load_trust_store(self) -> TrustStore:
        """The shipped trust lists and those of the settings. Raises `UsageError` for one without certificates."""
        return trust.load(self.settings.trust_lists)

    def walk(self, paths: Sequence[str], exclude: Sequence[str] = ()) -> Walk:
        """A walk over paths that are there. Raises `UsageError` for one that is not."""
        for path in paths:
            try:
                found = is_there(os.fsencode(path))
            except OSError as fault:
                hint = "check the bucket's name, the credentials and the endpoint, as other AWS tools need them"
                raise UsageError(f"{path}: {fault.strerror}", hint) from fault
            if not found:
                raise UsageError(f"there is nothing at {path}", "check the path; is the storage mounted?")
        return Walk([os.fsencode(path) for path in paths], (*self.exclude, *exclude))

    @contextmanager
    def start_engine(self, store: TrustStore) -> Iterator[RunningEngine]:
        """Workers, started with the first job: they judge the credential of a file with a known answer rightly first.

        Raises `UsageError` at once for a plug-in that is not installed.
        """
        if self.settings.plugins:
            plugins.select(self.settings.plugins)
        if self.settings.cluster.address:
            # Whether the cluster can be reached is found out now.
            engine = self._make_engine(store)
        else:
            engine = LazyEngine(lambda: self._make_engine(store))
        with engine:
            yield engine

    def _make_engine(self, store: TrustStore) -> RunningEngine:
        """Workers of this machine, or those of a cluster when the settings name one."""
        # What starts processes takes longer to import than a small storage takes to walk.
        from provenance.intake.engines.local import LocalEngine
        from provenance.intake.worker import WorkerContext

        limits = self.settings.limits
        if rate := self.gentleness.slowest_rate:
            # Whoever is told to read slowly must not be given up for it. Parsers read parts of a large file again.
            bytes_per_second = min(limits.bytes_per_second, max(1, rate // _READS_OF_A_LARGE_FILE))
            limits = replace(limits, bytes_per_second=bytes_per_second)
        worker_context = WorkerContext(limits, store, self.settings.plugins, self.gentleness)
        ends_at = self.until.timestamp() if self.until else None
        throttle = Throttle(self.gentleness, ends_at, time_of_day=self.time_of_day)
        if not self.settings.cluster.address:
            return LocalEngine(self.settings.jobs, worker_context, throttle=throttle)
        # Dask takes half a second to import.
        from provenance.intake.engines.cluster import ClusterEngine, ClusterTerms

        terms = ClusterTerms(self.settings.cluster, self.describe_reader(store), limits, self.announce)
        return ClusterEngine(terms, LocalEngine(self.settings.jobs, worker_context), throttle)

    def describe_reader(self, store: TrustStore) -> dict[str, str]:
        """All that decides what is read out of a file besides the file itself, by name, as machines tell each other."""
        from provenance.intake.worker import WorkerContext

        worker_context = WorkerContext(self.settings.limits, store, self.settings.plugins)
        return describe_reader(worker_context, self.name_readers(store))

    def describe_conditions(self, store: TrustStore) -> ReadingConditions:
        """All that decides what is read out of a file besides the file and the program. Raises `UsageError`."""
        lists = tuple(trust_list.sha256 for trust_list in store.lists)
        limits = self.settings.limits
        entries = plugins.select(self.settings.plugins)
        detectors = dict.fromkeys((entry.name, entry.distribution) for entry in entries)
        former = "\n".join([*_FORMER_READERS, *lists, *describe_plugins(self), repr(limits)])
        former_name = hashlib.sha256(former.encode()).hexdigest()[:_NAME_DIGITS]
        return ReadingConditions(limits, lists, tuple(detectors), former_name)

    def name_readers(self, store: TrustStore) -> str:
        """A short name of all that decides what is read out of a file: two machines with the same one read alike."""
        return name_everything(self.describe_conditions(store))

    def name_searchers(self) -> str:
        """A short digest of all that decides what a search finds besides the content and the known material.

        When the search, the decoding of a type or a limit is another, contents are searched again.
        """
        parts = [search_index.VERSION, sorted(DECODING_VERSIONS.items()), self.settings.limits]
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:_NAME_DIGITS]

    def open_catalogue(self, *, write: bool) -> Catalogue:
        """The catalogue that the settings name. A new one is announced: its name may be misspelt."""
        catalogue = Catalogue.open(Path(self.settings.catalogue), write=write)
        if catalogue.is_new:
            self.announce(f"a new catalogue was made: {self.settings.catalogue}")
        if write and self.settings.checkpoints:
            catalogue.on_growth = self._export_checkpoint
        return catalogue

    def _export_checkpoint(self, state: LedgerState) -> None:
        assert self.settings.checkpoints
        # What signs takes a while to import, and a run that records nothing signs nothing.
        from provenance.workflows.checkpoints import export

        try:
            export(state, self.settings.checkpoints)
        except ProvenanceError as error:
            # What was recorded is committed: a run does not fail because a second place cannot be written to.
            self.announce(f"no checkpoint of the ledger was exported: {error.message}; {error.hint}")


def wants_labels(settings: Settings) -> bool:
    """Whether labels are to be looked for. Raises `UsageError` when nothing here can read them."""
    if "labels" not in settings.look_for:
        return False
    # The workers of a cluster say for themselves what they cannot read.
    if not settings.cluster.address and find_weights() is None:
        raise UsageError(NOT_INSTALLED, HINT)
    return True


def check_cluster(settings: Settings) -> None:
    """Raise `UsageError` when the settings name a cluster that cannot be one, before anything else is begun."""
    if settings.cluster.address is not None:
        check_address(settings.cluster)
        require_dask()


@dataclass(slots=True)
class RunStats:
    """What a run counts on its way."""

    looked_at: int = 0
    could_not: int = 0
    origins: Counter[Origin] = field(default_factory=Counter)
    could_not_read: int = 0
    """Among those that could not be looked at: files and folders that gave no asset."""
    loose_troubles: list[Trouble] = field(default_factory=list)
    """Troubles that belong to no asset."""
    unchanged: int = 0
    """Files that were not opened: same size and times as before."""
    unmatched_excludes: tuple[str, ...] = ()
    """Exclude patterns that matched nothing."""
    reference_works: int = 0
    """Works in the zone `reference` that generated material was searched for."""
    left: int | None = None
    """Files and contents that were left for the next night; None for a run that no time was set."""
    not_compared: int = 0
    """Contents in the catalogue that are or may be generated, and were not searched for all of them."""

    label_looks: tuple[int, int] | None = None
    """Shots and pictures in which labels were looked for, and all of those; None when nobody asked for that."""

    def count_label_looks(self, statements: Iterable[Statement]) -> None:
        """Count the shots and pictures of one asset in which labels were looked for."""
        for statement in statements:
            if statement.key == visible_text.LOOKED:
                looked, whole = visible_text.parse_looked(statement.value)
                before = self.label_looks or (0, 0)
                self.label_looks = before[0] + looked, before[1] + whole

    def count_asset(self, reading: Reading) -> None:
        """Count an asset: looked at when no trouble was in the way."""
        self.origins[decide_origin(reading.evidence)] += 1
        if reading.troubles:
            self.could_not += 1
        else:
            self.looked_at += 1

    def count_troubles(self, *troubles: Trouble) -> None:
        """Count one thing that is not an asset and could not be looked at."""
        self.could_not += 1
        self.could_not_read += 1
        self.loose_troubles.extend(troubles)

    def count_each(self, troubles: Iterable[Trouble]) -> None:
        """Count every trouble as one thing that could not be looked at."""
        for trouble in troubles:
            self.count_troubles(trouble)

    def coverage(self, *walks: Walk) -> Coverage:
        """The figures for a report."""
        junk = skipped = excluded = 0
        for walk in walks:
            junk += walk.junk
            skipped += walk.skipped
            excluded += walk.excluded
        return Coverage(
            seen=self.looked_at + self.could_not,
            looked_at=self.looked_at,
            could_not=self.could_not,
            junk=junk,
            skipped=skipped,
            left_alone=self.unchanged,
            excluded=excluded,
            left_for_next_night=self.left,
            looked_for_labels=self.label_looks,
        )

    @property
    def exit_code(self) -> int:
        """Of a run that gives no verdict: 3 when something could not be looked at, else 0."""
        if self.could_not:
            return 3
        return 0


def count_paths(context: RunContext, paths: Sequence[str]) -> tuple[int, int]:
    """Files and bytes below `paths`, for a progress line; opens nothing."""
    return count_files(context.walk(paths))


def describe_inputs(
    context: RunContext,
    pack: Pack,
    store: TrustStore,
    roots: Sequence[str],
    catalogue: Catalogue | None = None,
    walks: Sequence[Walk] = (),
    searched: SearchScope | None = None,
    runs: tuple[ReadingRun, ...] = (),
) -> Inputs:
    """Everything that a report depends on besides the files; the ledger's head as it is now."""
    name = ledger = None
    register: dict[str, int] = {}
    if catalogue:
        register = count_entries(catalogue)
        name = context.settings.catalogue
        ledger = catalogue.head
    return Inputs(
        roots=tuple(roots),
        policy=pack.identity,
        trust_lists=store.lists,
        catalogue=name,
        excluded=context.exclude,
        ledger=ledger,
        plugins=describe_plugins(context),
        excluded_nothing=find_unmatched_excludes(walks),
        searched=searched,
        not_installed=tuple(list_missing()),
        runs=runs,
        register=register,
    )


def count_entries(catalogue: Catalogue) -> dict[str, int]:
    """Number of entries of the register that count, by kind."""
    kinds = Counter(row.entry.kind for row in catalogue.load_entries() if not row.is_withdrawn)
    return dict(sorted(kinds.items()))


def list_reading_runs(catalogue: Catalogue, cases: Iterable[Case]) -> tuple[ReadingRun, ...]:
    """The runs in which these cases were read, newest first."""
    times = {case.read_at for case in cases}
    runs = [run for run in catalogue.list_runs() if run.started_at in times]
    return tuple(ReadingRun(run.kind, run.started_at[:10], run.detail, run.outcome or "not ended") for run in runs)


def find_unmatched_excludes(walks: Sequence[Walk]) -> tuple[str, ...]:
    """Exclude patterns that matched nothing in any walk that had them: perhaps misspelt."""
    matched: set[str] = set()
    given: dict[str, None] = {}
    for walk in walks:
        matched.update(walk.matched_patterns)
        given.update(dict.fromkeys(walk.exclude))
    return tuple(pattern for pattern in given if pattern not in matched)


def describe_plugins(context: RunContext) -> tuple[str, ...]:
    """The third-party detectors that the settings ask for, as reports name them. Raises `UsageError`."""
    names: dict[str, None] = {}
    for entry in plugins.select(context.settings.plugins):
        names[f"{entry.name} ({entry.distribution})"] = None
    return tuple(names)


def load_approvals(catalogue: Catalogue, context: RunContext) -> tuple[list[BoundApproval], date]:
    """All approvals with what they cover, and the day on which they count or not.

    The day is never earlier than one that the catalogue knows: a clock turned back revives no approval.
    """
    entries = catalogue.load_entries()
    named = {row.entry.key: row.entry for row in entries}
    approvals = [_bind(catalogue, stored, named) for stored in catalogue.list_approvals()]
    return approvals, find_today(catalogue, context, entries)


def find_today(catalogue: Catalogue, context: RunContext, entries: Iterable[RegisteredEntry]) -> date:
    """The day of the clock, but never earlier than one that the catalogue knows."""
    times = [run.started_at for run in catalogue.list_runs()]
    times += [entry.events[-1].entered_at for entry in entries]
    latest = max(times, default="")[:10]
    if not latest:
        return context.now.date()
    return max(context.now.date(), date.fromisoformat(latest))


def _bind(catalogue: Catalogue, stored: StoredApproval, entries: Mapping[tuple[str, str], Entry]) -> BoundApproval:
    """An approval with what it covers, and whether that is all that its content says of itself by now."""
    digest, binding = stored.approval.digest, stored.binding
    covered: tuple[Covered, ...] = ()
    if binding is None:
        # An older version did not note it. The ledger shows what was known when the approval was added.
        known = catalogue.find_known_before(digest, stored.entry)
        if known:
            covered = _list_covered(digest, *known)
    elif binding.is_unknown:
        # The content was approved before it was ever read: its first reading is what the approval was for.
        first = catalogue.find_first_after(digest, stored.entry)
        if first:
            covered = _list_covered(digest, first)
    else:
        covered = binding.covers
    reading = catalogue.find_reading(digest)
    covers_all = reading is not None and covers_marks(covered, reading.evidence)
    if binding is None or not binding.entry:
        # Before the register had fields, every approval went with its content.
        return BoundApproval(stored.approval, covered, covers_all, covers_all)
    entry = entries.get(("approval", binding.entry))
    if entry is None:
        raise CatalogueDamaged(f"the approval {binding.entry!r} has no entry in the register", "see: provenance verify")
    approval = replace(stored.approval, begins=entry.get("from"), entry=entry.id)
    return BoundApproval(approval, covered, covers_all and bool(entry.get("also_matched")), covers_all)


def _list_covered(digest: str, reading: Reading, matches: tuple[Match, ...] = ()) -> tuple[Covered, ...]:
    # Where it was does not matter: an approval is one of content.
    location = Location("", digest, b"")
    return list_covered([Case(location, reading, decide_origin(reading.evidence), matches)])


def load_approvals_for_cuts(context: RunContext, catalogue: Catalogue) -> Mapping[str, Approval]:
    """By digest, the approvals in force that let content stand in a cut: they cover all that it says of itself."""
    in_force = select_in_force(*load_approvals(catalogue, context))
    found: dict[str, Approval] = {}
    for digest, approvals in in_force.items():
        for bound in approvals:
            if bound.covers_uses:
                found.setdefault(digest, bound.approval)
    return found
