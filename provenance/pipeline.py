"""The route on one page: ingest, scan, report, show. The only module, with `nightly`, that joins the wings."""

from __future__ import annotations

import dataclasses
import os
import re
import tempfile
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from provenance import __version__, registry, trust
from provenance.catalogue.store import Catalogue
from provenance.catalogue.verify import Verification, verify
from provenance.errors import CatalogueDamaged, UsageError
from provenance.intake import plugins
from provenance.intake.examine import Pictures
from provenance.intake.pool import Pool
from provenance.intake.reader import Progress, Reader, no_progress, survey
from provenance.intake.sequences import Row
from provenance.intake.walk import Walk, outermost
from provenance.intake.worker import Bench
from provenance.matching import shelf
from provenance.matching.watch import Watch
from provenance.model import (
    AI_ORIGINS,
    Approval,
    Case,
    Cause,
    Coverage,
    Depth,
    Finding,
    Inputs,
    Origin,
    Report,
    Severity,
    Trouble,
    Zone,
)
from provenance.origin import settle
from provenance.policy import packs
from provenance.policy.approvals import in_force
from provenance.policy.judge import gate, judge, judge_troubles
from provenance.policy.packs import Pack
from provenance.reports import asset_note, note, words
from provenance.reports import formats as report_formats
from provenance.reports.compose import compose
from provenance.reports.family import Format
from provenance.reports.note import Paint
from provenance.settings import Settings
from provenance.trust import TrustStore

SUSPECT = frozenset({*AI_ORIGINS, Origin.POSSIBLY_GENERATED})
"""Origins of what is looked for in a deliverable when nothing else is asked for."""


@dataclass(frozen=True, slots=True)
class Desk:
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
    def pool(self, store: TrustStore, watcher: Watch | None = None) -> Iterator[Pool]:
        """Workers that have proved, on a file with a known answer, that they judge credentials rightly."""
        with Pool(self.settings.jobs, Bench(self.settings.limits, store, self.settings.plugins, watcher)) as pool:
            pool.prove()
            yield pool

    def catalogue(self, *, write: bool) -> Catalogue:
        """The catalogue that the settings name."""
        return Catalogue.open(Path(self.settings.catalogue), write=write)


@dataclass(slots=True)
class Tally:
    """What a run counts on its way."""

    looked_at: int = 0
    could_not: int = 0
    origins: Counter[Origin] = field(default_factory=Counter)
    loose: list[Trouble] = field(default_factory=list)
    """Troubles that belong to no asset."""

    def row(self, row: Row) -> Row:
        """Count an asset: looked at when nothing about it is in the way."""
        self.origins[settle(row[2].evidence)] += 1
        if row[2].troubles:
            self.could_not += 1
        else:
            self.looked_at += 1
        return row

    def trouble(self, *troubles: Trouble) -> None:
        """Count one thing that is no asset."""
        self.could_not += 1
        self.loose.extend(troubles)

    def rows(self, reader: Reader) -> Iterator[Row]:
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
        seen = words.count(self.looked_at + self.could_not, "asset")
        return f"{seen}: {counted or 'nothing'}; {self.could_not:,} could not be looked at"

    @property
    def exit_code(self) -> int:
        """Of a run that gives no verdict: 3 when something could not be looked at, else 0."""
        return 3 if self.could_not else 0


def ingest(paths: Sequence[str], zone: Zone, desk: Desk, fingerprints: Depth | None = None) -> Tally:
    """Learn what is there: digests, evidence and fingerprints into the catalogue. No verdict.

    `fingerprints`: how much is kept; by default all in the temp zone, and little elsewhere, but all of what is marked
    as generated.
    """
    depth = fingerprints or (Depth.FULL if zone is Zone.TEMP else Depth.LIGHT)
    walk, tally = desk.walk(paths), Tally()
    with desk.catalogue(write=True) as catalogue, desk.pool(desk.trust_store()) as pool:
        run = catalogue.begin_run("ingest", desk.moment, f"{zone}: {', '.join(_shown(walk))}")
        reader = Reader(walk, pool, zone, fingerprints=depth, progress=desk.progress)
        for location, mark, reading in tally.rows(reader):
            catalogue.add(location, mark, reading, run, desk.moment)
        _note_vanished(catalogue, walk, run, desk)
        catalogue.end_run(run, desk.moment, "done")
    return tally


@dataclass(frozen=True, slots=True)
class Verdict:
    """A report and the exit code that it stands for."""

    report: Report
    exit_code: int


def scan(
    paths: Sequence[str],
    policy: str,
    fail_on: Severity,
    desk: Desk,
    *,
    remember: bool,
    pictures: bool,
    against: Collection[Origin] = SUSPECT,
) -> Verdict:
    """The gate: read `paths` as deliverables, judge them, and say whether they may pass.

    `remember` keeps what was read in the catalogue, takes its approvals and looks for known material of the origins
    `against`; without it the folder is judged alone.
    `pictures` gives every asset a thumbnail, for outputs that show them.
    """
    pack, store, walk, tally = packs.load(policy), desk.trust_store(), desk.walk(paths), Tally()
    cases: list[Case] = []
    findings: list[Finding] = []
    opened: AbstractContextManager[Catalogue | None] = desk.catalogue(write=True) if remember else nullcontext()
    with (
        opened as catalogue,
        _watcher(catalogue, against) as watcher,
        desk.pool(store, watcher) as pool,
    ):
        approvals, today = approvals_today(catalogue, desk) if catalogue else ([], desk.now.date())
        run = catalogue.begin_run("scan", desk.moment, ", ".join(_shown(walk))) if catalogue else 0
        wanted = Pictures.ALL if pictures else Pictures.FLAGGED if remember else Pictures.NONE
        reader = Reader(walk, pool, Zone.DELIVERABLE, wanted, watched=watcher is not None, progress=desk.progress)
        for location, mark, reading in tally.rows(reader):
            if catalogue:
                catalogue.add(location, mark, reading, run, desk.moment)
            if not reading.asset.digest:
                continue
            case = Case(location, reading, settle(reading.evidence), reading.matches)
            findings.extend(judge([case], pack, approvals, today))
            cases.append(printed(case))
        if not cases and not tally.could_not:  # no clean delivery: a storage that is not mounted looks like that
            tally.trouble(Trouble(".", "walk", Cause.UNREADABLE, "there is no file here: is the storage mounted?"))
        if catalogue:
            _note_vanished(catalogue, walk, run, desk)
            catalogue.end_run(run, desk.moment, "done")
        inputs = inputs_of(desk, pack, store, _shown(walk), catalogue)
    findings.extend(judge_troubles(tally.loose, pack))
    report = compose(
        made_at=desk.moment,
        version=__version__,
        inputs=inputs,
        coverage=tally.coverage(walk),
        cases=cases,
        findings=findings,
        troubles=tally.loose,
    )
    return Verdict(report, gate(report.findings, report.all_troubles, fail_on))


@contextmanager
def _watcher(catalogue: Catalogue | None, against: Collection[Origin]) -> Iterator[Watch | None]:
    """Whoever looks for all known material of these origins; None when there is none."""
    with tempfile.TemporaryDirectory(prefix="provenance-") as folder:
        path = os.path.join(folder, "known")
        found = shelf.write(path, catalogue.fingerprints(against)) if catalogue else 0
        yield Watch(path) if found else None


def dossier(paths: Sequence[str], since: str | None, policy: str, desk: Desk) -> Report:
    """What the catalogue knows, below `paths` or altogether; opens no media.

    Below `paths` everything is judged as a deliverable, otherwise only what was catalogued as one. `since`: only what
    was first seen on that day or later, `YYYY-MM-DD`.
    """
    if since and not re.fullmatch(r"\d{4}-\d{2}-\d{2}(T.*)?", since):
        raise UsageError(f"--since {since!r} is no day", "write it as YYYY-MM-DD")
    pack, store = packs.load(policy), desk.trust_store()
    roots = outermost([os.fsencode(path) for path in paths])
    cases: list[Case] = []
    findings: list[Finding] = []
    tally = Tally()
    with desk.catalogue(write=False) as catalogue:
        approvals, today = approvals_today(catalogue, desk)
        for case in catalogue.cases(under=roots or None, since=since):
            if not case.reading.asset.digest:
                tally.trouble(*case.reading.troubles)
                continue
            tally.row((case.location, "", case.reading))
            if paths or case.location.zone is Zone.DELIVERABLE:
                findings.extend(judge([case], pack, approvals, today))
            cases.append(printed(case))
        for run in catalogue.runs()[:1]:
            if run.ended_at is None:
                why = f"the {run.kind} begun at {run.started_at} has not ended: what it did not reach is missing here"
                tally.trouble(Trouble(run.detail, "run", Cause.UNREADABLE, why))
        inputs = inputs_of(desk, pack, store, [os.fsdecode(root) for root in roots], catalogue)
    for root in roots:
        if not any(_stands_below(case, root) for case in cases):
            raise UsageError(f"the catalogue knows nothing below {os.fsdecode(root)}", "scan it first: provenance scan")
    return compose(
        made_at=desk.moment,
        version=__version__,
        inputs=inputs,
        coverage=tally.coverage(),
        cases=cases,
        findings=[*findings, *judge_troubles(tally.loose, pack)],
        troubles=tally.loose,
    )


def _stands_below(case: Case, root: bytes) -> bool:
    place = os.path.join(os.fsencode(case.location.root), case.location.path_bytes)
    return place == root or place.startswith(root.rstrip(b"/") + b"/")


def _note_vanished(catalogue: Catalogue, walk: Walk, run: int, desk: Desk) -> None:
    """What stood below a root that was walked as a whole, and stands there no more, has vanished."""
    for root in outermost(walk.roots):
        if os.path.isdir(root) and os.listdir(root) and not walk.exclude:  # what is empty may not be mounted
            catalogue.vanish(os.fsdecode(root), run, desk.moment, spare=walk.unseen)


def known(name: str, desk: Desk) -> list[Case]:
    """Everything the catalogue knows of one asset, statements included: by path, or by digest or how it begins."""
    with desk.catalogue(write=False) as catalogue:
        if at_path := catalogue.by_path(os.path.realpath(os.fsencode(name))):
            return at_path
        digest = name.lower().removeprefix("sha256:")
        return catalogue.by_digest(f"sha256:{digest}") if re.fullmatch("[0-9a-f]{8,64}", digest) else []


def note_lines(report: Report, paint: Paint) -> Iterator[str]:
    """The note for a terminal, its words painted by `paint`."""
    return note.lines(report, paint)


def coverage_line(report: Report) -> str:
    """How many were looked at, and how many could not be."""
    return words.coverage(report)


def formats() -> dict[str, Format]:
    """Every report format, by name."""
    return registry.members(report_formats, Format)


def count(desk: Desk, paths: Sequence[str]) -> tuple[int, int]:
    """Files and bytes below `paths`, for a progress line; opens nothing."""
    return survey(desk.walk(paths))


def inputs_of(
    desk: Desk, pack: Pack, store: TrustStore, roots: Sequence[str], catalogue: Catalogue | None = None
) -> Inputs:
    """What a report names as its ground: the ledger's head as it is now."""
    place, head = (desk.settings.catalogue, catalogue.head) if catalogue else (None, None)
    return Inputs(tuple(roots), pack.identity, store.lists, place, desk.exclude, head, taking_part(desk))


def taking_part(desk: Desk) -> tuple[str, ...]:
    """The detectors of other people that the settings ask for, as reports name them. Raises `UsageError`."""
    chosen = plugins.chosen(desk.settings.plugins)
    return tuple(dict.fromkeys(f"{offer.name} ({offer.distribution})" for offer in chosen))


def approvals_today(catalogue: Catalogue, desk: Desk) -> tuple[list[Approval], date]:
    """The approvals that count, and the day they count on: never earlier than a day the catalogue knows.

    A clock turned back revives no approval.
    """
    latest = max((run.started_at for run in catalogue.runs()), default="")[:10]
    today = max(desk.now.date(), date.fromisoformat(latest)) if latest else desk.now.date()
    return list(in_force(catalogue.approvals(), today).values()), today


def printed(case: Case) -> Case:
    """A case without the raw statements: reports print evidence, and a long run need not hold the rest."""
    return dataclasses.replace(case, reading=dataclasses.replace(case.reading, statements=()))


def _shown(walk: Walk) -> list[str]:
    return [os.fsencode(os.fsdecode(root)).decode("utf-8", "backslashreplace") for root in outermost(walk.roots)]


def told(name: str, desk: Desk) -> Iterator[str]:
    """All that is known of one asset, in words. Raises `UsageError` when nothing is."""
    cases = known(name, desk)
    if not cases:
        raise UsageError(
            f"the catalogue knows nothing of {name}", "ingest or scan it first; of a digest give 8 digits or more"
        )
    for case in cases:
        yield from asset_note.lines(case)


def verified(desk: Desk, head: str | None) -> Verification:
    """The catalogue held against its ledger. Raises `CatalogueDamaged` with the first thing that is wrong."""
    if head is not None and not re.fullmatch(r"\d+:[0-9a-f]{64}", head := head.strip().lower()):
        raise UsageError(f"{head!r} is no head of a ledger", "give it as a report or `verify` prints it")
    place = Path(desk.settings.catalogue)
    found = verify(place, head)
    if not found.sound:
        more = f" (and {len(found.problems) - 1} more)" if len(found.problems) > 1 else ""
        raise CatalogueDamaged(f"{place}: {found.problems[0]}{more}", "restore a backup, or ingest into a new one")
    return found
