"""What every run is told, and what it counts: the desk it works at, the tally, the ground that its report names."""

from __future__ import annotations

import dataclasses
import os
import tempfile
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from provenance import trust
from provenance.catalogue.store import Catalogue
from provenance.errors import UsageError
from provenance.evidence import plugins
from provenance.intake.collect import Progress, Reader, no_progress
from provenance.intake.engines.local import Pool
from provenance.intake.sequences import AssetRow
from provenance.intake.walk import Walk
from provenance.intake.worker import WorkerContext
from provenance.matching import search_index
from provenance.matching.search import Searcher
from provenance.model.asset import FingerprintLevel, Location, Reading
from provenance.model.evidence import Trouble
from provenance.model.finding import Approval, Case
from provenance.model.match import Match
from provenance.model.report import Coverage, Inputs
from provenance.model.vocabulary import Origin, Zone
from provenance.origin import decide_origin
from provenance.policy.packs import Pack
from provenance.reports import sentences
from provenance.settings import Settings
from provenance.trust import TrustStore


@dataclass(frozen=True, slots=True)
class RunContext:
    """What every run is told: the settings, the time, and whom to tell of progress."""

    settings: Settings
    now: datetime
    """Aware, UTC."""
    exclude: tuple[str, ...] = ()
    progress: Progress = no_progress

    @property
    def moment(self) -> str:
        """`now` as reports and the catalogue write it: `2026-11-22T16:00:00Z`."""
        return self.now.strftime("%Y-%m-%dT%H:%M:%SZ")

    def trust_store(self) -> TrustStore:
        """The shipped trust lists and those of the settings. Raises `UsageError` for one without certificates."""
        return trust.load(self.settings.trust_lists)

    def walk(self, paths: Sequence[str], exclude: Sequence[str] = ()) -> Walk:
        """A walk over paths that are there. Raises `UsageError` for one that is not."""
        for path in paths:
            if not os.path.lexists(path):
                raise UsageError(f"there is nothing at {path}", "check the path; is the storage mounted?")
        return Walk([os.fsencode(path) for path in paths], (*self.exclude, *exclude))

    @contextmanager
    def pool(self, store: TrustStore, watcher: Searcher | None = None) -> Iterator[Pool]:
        """Workers that have proved, on a file with a known answer, that they judge credentials rightly."""
        with Pool(
            self.settings.jobs, WorkerContext(self.settings.limits, store, self.settings.plugins, watcher)
        ) as pool:
            pool.prove()
            yield pool

    def catalogue(self, *, write: bool) -> Catalogue:
        """The catalogue that the settings name."""
        return Catalogue.open(Path(self.settings.catalogue), write=write)


@dataclass(slots=True)
class RunStats:
    """What a run counts on its way."""

    looked_at: int = 0
    could_not: int = 0
    origins: Counter[Origin] = field(default_factory=Counter)
    loose: list[Trouble] = field(default_factory=list)
    """Troubles that belong to no asset."""
    excluded_nothing: tuple[str, ...] = ()
    """Patterns to be left out that matched nothing."""

    def row(self, row: AssetRow) -> AssetRow:
        """Count an asset: looked at when nothing about it is in the way."""
        self.origins[decide_origin(row[2].evidence)] += 1
        if row[2].troubles:
            self.could_not += 1
        else:
            self.looked_at += 1
        return row

    def trouble(self, *troubles: Trouble) -> None:
        """Count one thing that is no asset."""
        self.could_not += 1
        self.loose.extend(troubles)

    def rows(self, reader: Reader) -> Iterator[AssetRow]:
        """The rows of a reader, counted, those of files that could not be read with an empty digest."""
        for item in reader.rows():
            if isinstance(item, Trouble):
                self.trouble(item)
            elif item[2].asset.digest:
                yield self.row(item)
            else:
                self.trouble(*item[2].troubles)
                yield item

    def coverage(self, *walks: Walk) -> Coverage:
        """The figures for a report."""
        return Coverage(
            seen=self.looked_at + self.could_not,
            looked_at=self.looked_at,
            could_not=self.could_not,
            junk=sum(walk.junk for walk in walks),
            skipped=sum(walk.skipped for walk in walks),
            excluded=sum(walk.excluded for walk in walks),
        )

    @property
    def told(self) -> str:
        """`16 assets: 9 generated, 7 unknown; 0 could not be looked at`."""
        counted = ", ".join(f"{self.origins[origin]:,} {origin}" for origin in Origin if self.origins[origin])
        seen = sentences.count(self.looked_at + self.could_not, "asset")
        return f"{seen}: {counted or 'nothing'}; {self.could_not:,} could not be looked at"

    @property
    def exit_code(self) -> int:
        """Of a run that gives no verdict: 3 when something could not be looked at, else 0."""
        return 3 if self.could_not else 0


@contextmanager
def open_searcher(catalogue: Catalogue | None, against: Collection[Origin]) -> Iterator[Searcher | None]:
    """Whoever looks for all known material of these origins; None when there is none."""
    with tempfile.TemporaryDirectory(prefix="provenance-") as folder:
        path = os.path.join(folder, "known")
        laid = search_index.write(path, catalogue.fingerprints(against)) if catalogue else None
        yield Searcher(path, laid.digest, laid.has_pictures, laid.has_audio) if laid and laid.methods else None


def fingerprint_level(zone: Zone) -> FingerprintLevel:
    """How much is kept to find an asset again: all in the temp zone, little elsewhere.

    Of what is marked as generated all is kept in any zone.
    """
    return FingerprintLevel.FULL if zone is Zone.TEMP else FingerprintLevel.LIGHT


def describe_inputs(
    desk: RunContext,
    pack: Pack,
    store: TrustStore,
    roots: Sequence[str],
    catalogue: Catalogue | None = None,
    walks: Sequence[Walk] = (),
) -> Inputs:
    """What a report names as its ground: the ledger's head as it is now."""
    place, head = (desk.settings.catalogue, catalogue.head) if catalogue else (None, None)
    theirs, unmatched = describe_plugins(desk), excluded_nothing(walks)
    return Inputs(tuple(roots), pack.identity, store.lists, place, desk.exclude, head, theirs, unmatched)


def excluded_nothing(walks: Sequence[Walk]) -> tuple[str, ...]:
    """Patterns to be left out that matched nothing in any walk that had them."""
    matched = {pattern for walk in walks for pattern in walk.matched}
    return tuple(dict.fromkeys(pattern for walk in walks for pattern in walk.exclude if pattern not in matched))


def describe_plugins(desk: RunContext) -> tuple[str, ...]:
    """The detectors of other people that the settings ask for, as reports name them. Raises `UsageError`."""
    chosen = plugins.chosen(desk.settings.plugins)
    return tuple(dict.fromkeys(f"{offer.name} ({offer.distribution})" for offer in chosen))


def load_approvals(catalogue: Catalogue, desk: RunContext) -> tuple[list[Approval], date]:
    """All approvals, and the day on which they count or not: never earlier than a day the catalogue knows.

    A clock turned back revives no approval.
    """
    latest = max((run.started_at for run in catalogue.runs()), default="")[:10]
    today = max(desk.now.date(), date.fromisoformat(latest)) if latest else desk.now.date()
    return catalogue.approvals(), today


def slim_case(reading: Reading, location: Location, matches: tuple[Match, ...] = (), *, pictures: bool = True) -> Case:
    """A case as rules and reports take it: without raw statements and fingerprints, which a long run need not hold.

    `pictures`: whether somebody will look at those of the matches.
    """
    bare = dataclasses.replace(reading, statements=(), fingerprints=(), matches=())
    if not pictures:
        matches = tuple(dataclasses.replace(match, pictures=None) for match in matches)
    return Case(location, bare, decide_origin(reading.evidence), matches)


def with_matches(case: Case, catalogue: Catalogue, *, pictures: bool = True) -> Case:
    """The case with the known material that was found in it."""
    matches = catalogue.matches(case.reading.asset.digest, case.origin)
    return slim_case(case.reading, case.location, matches, pictures=pictures)
