"""The nightly run: every configured storage in one go. Safe to start twice, safe to kill.

Only what is new or changed is opened. One run at a time holds the catalogue; whatever a killed run had committed stays,
and the next one goes on from there.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace

from provenance import __version__
from provenance.catalogue.store import Catalogue
from provenance.catalogue.writer import Change
from provenance.errors import UsageError
from provenance.intake.collect import Reader, Unchanged, make_change_key
from provenance.intake.engines.local import Pool
from provenance.intake.sequences import AssetRow, NumberedFiles
from provenance.intake.walk import FoundFile, Walk
from provenance.matching.search import Searcher
from provenance.model.evidence import Trouble
from provenance.model.finding import Case, Finding
from provenance.model.report import Delta
from provenance.model.vocabulary import SUSPECT, Cause, Zone
from provenance.policy import packs
from provenance.policy.judge import gate, judge, judge_troubles
from provenance.policy.packs import Pack
from provenance.reports.compose import compose
from provenance.settings import Storage
from provenance.workflows.pipeline import Verdict
from provenance.workflows.run import (
    RunContext,
    RunStats,
    describe_inputs,
    fingerprint_level,
    load_approvals,
    open_searcher,
    slim_case,
    with_matches,
)

Cases = dict[tuple[str, bytes], Case]


@dataclass(slots=True)
class _NightlyState:
    """What one night has seen so far."""

    tally: RunStats = field(default_factory=RunStats)
    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    vanished: list[str] = field(default_factory=list)
    newly_generated: list[str] = field(default_factory=list)
    newly_found: list[str] = field(default_factory=list)
    touched: Cases = field(default_factory=dict)
    left_alone: int = 0

    @property
    def delta(self) -> Delta:
        lists = (self.new, self.changed, self.vanished, self.newly_generated, self.newly_found)
        return Delta(*map(tuple, lists))


def nightly(desk: RunContext) -> Verdict:
    """Read what is new or changed in every storage, judge the deliverables among them, and tell what changed since.

    Deliverables come last, so that they are looked through for all that is known by then. One that did not change is
    looked through again when what is looked for has changed.
    Raises `UsageError` when no storage is configured.
    """
    settings = desk.settings
    if not settings.storages:
        raise UsageError("no storage is configured", f"name them as [[storage]] in {settings.config or 'a config'}")
    pack, store, night = packs.load(settings.policy), desk.trust_store(), _NightlyState()
    with desk.catalogue(write=True) as catalogue:
        run = catalogue.begin_run("nightly", desk.moment, ", ".join(storage.name for storage in settings.storages))
        with desk.pool(store) as pool:
            round_ = _NightlyContext(desk, pool, catalogue, run, night)
            walks = [_visit(storage, round_) for storage in settings.storages if storage.zone is not Zone.DELIVERABLE]
        with open_searcher(catalogue, SUSPECT) as watcher, desk.pool(store, watcher) as pool:
            round_ = _NightlyContext(desk, pool, catalogue, run, night, watcher)
            walks += [_visit(storage, round_) for storage in settings.storages if storage.zone is Zone.DELIVERABLE]
        findings, judged = _judged(desk, catalogue, pack)
        catalogue.end_run(run, desk.moment, "done")
        inputs = describe_inputs(desk, pack, store, [storage.path for storage in settings.storages], catalogue, walks)
    findings.extend(judge_troubles(night.tally.loose, pack))
    report = compose(
        made_at=desk.moment,
        version=__version__,
        inputs=inputs,
        coverage=replace(night.tally.coverage(*walks), left_alone=night.left_alone),
        cases=(night.touched | judged).values(),
        findings=findings,
        troubles=night.tally.loose,
        delta=night.delta,
    )
    return Verdict(report, gate(report.findings, report.all_troubles, settings.fail_on))


@dataclass(frozen=True, slots=True)
class _NightlyContext:
    """What a visit to a storage needs."""

    desk: RunContext
    pool: Pool
    catalogue: Catalogue
    run: int
    night: _NightlyState
    watcher: Searcher | None = None
    """Whoever looks for known material; the workers of the pool have it."""

    @property
    def index_digest(self) -> bytes:
        """Digest of what is looked for; empty when nothing is."""
        return self.watcher.index_digest if self.watcher else b""


def _visit(storage: Storage, at: _NightlyContext) -> Walk:
    """Read one storage. When it is not there, or is empty where it was not, nothing counts as vanished."""
    desk, night = at.desk, at.night
    walk = Walk([os.fsencode(storage.path)], (*desk.exclude, *storage.exclude))
    root = os.path.realpath(storage.path)
    if not os.path.isdir(root) or (not os.listdir(root) and _was_full(at.catalogue, root)):
        why = "the storage is not there, or is empty where it was not: is it mounted? Nothing was counted as vanished"
        night.tally.trouble(Trouble(storage.path, "walk", Cause.UNREADABLE, why))
        return walk
    reader = Reader(
        walk,
        at.pool,
        storage.zone,
        fingerprints=fingerprint_level(storage.zone),
        watched=at.watcher is not None,
        unchanged=_unchanged(storage.zone, at),
        progress=desk.progress,
    )
    for row in night.tally.rows(reader):
        _take_in(row, storage, at)
    night.left_alone += reader.left_alone
    gone = at.catalogue.vanish(root, at.run, desk.moment, spare=walk.unseen)
    night.vanished += [f"{storage.name}: {path}" for path in gone]
    return walk


def _was_full(catalogue: Catalogue, root: str) -> bool:
    return next(catalogue.cases(under=[os.fsencode(root)]), None) is not None


def _take_in(row: AssetRow, storage: Storage, at: _NightlyContext) -> None:
    (location, mark, reading), night = row, at.night
    recorded = at.catalogue.add(location, mark, reading, at.run, at.desk.moment, at.index_digest)
    told = f"{storage.name}: {location.path}"
    if recorded.change is Change.NEW:
        night.new.append(told)
    elif recorded.change is Change.CHANGED:
        night.changed.append(told)
    if recorded.newly_generated:
        night.newly_generated.append(told)
    night.newly_found += [f"{told} shows {known}" for known in recorded.newly_found]
    if reading.asset.digest:
        night.touched[location.root, location.path_bytes] = with_matches(slim_case(reading, location), at.catalogue)


def _unchanged(zone: Zone, at: _NightlyContext) -> Unchanged:
    """Whether a file, or every frame of a run, was read before and is to be left alone."""

    def unchanged(item: FoundFile | NumberedFiles) -> bool:
        if isinstance(item, FoundFile):
            return _seen_again(item, zone, at)
        if _seen_again(item, zone, at):
            for _, frame in item.frames:  # those that differ have rows of their own
                _seen_again(frame, zone, at)
            return True
        return all(_seen_again(frame, zone, at) for _, frame in item.frames)  # numbered, and no sequence

    return unchanged


def _seen_again(item: FoundFile | NumberedFiles, zone: Zone, at: _NightlyContext) -> bool:
    """Whether the catalogue has the same mark in the same zone; if so, note that it was seen again.

    What could not be looked at then is told again, without opening it. Where known material is looked for, the same
    must have been looked for then.
    """
    catalogue = at.catalogue
    mark = catalogue.mark_of(item.root, item.relative) or ""
    if mark.removesuffix("!") != make_change_key(zone, item.mark):
        return False
    if at.index_digest and catalogue.index_digest(item.root, item.relative) != at.index_digest:
        return False
    catalogue.touch(item.root, item.relative, at.run)
    if mark.endswith("!"):
        for case in catalogue.by_path(os.path.join(os.fsencode(item.root), item.relative)):
            if case.location.root == item.root:
                at.night.tally.row((case.location, mark, case.reading))
                at.night.touched[item.root, item.relative] = slim_case(case.reading, case.location, case.matches)
    return True


def _judged(desk: RunContext, catalogue: Catalogue, pack: Pack) -> tuple[list[Finding], Cases]:
    """Findings on every deliverable that is there now, and the cases that have one."""
    findings: list[Finding] = []
    judged: Cases = {}
    approvals, today = load_approvals(catalogue, desk)
    for storage in desk.settings.storages:
        if storage.zone is not Zone.DELIVERABLE:
            continue
        root = os.path.realpath(storage.path)
        for case in catalogue.cases(under=[os.fsencode(root)]):
            if case.location.root != root or not case.reading.asset.digest:
                continue  # seen once from elsewhere, or told already as what could not be read
            found = list(judge([case], pack, approvals, today))
            findings.extend(found)
            if found:
                place = case.location
                judged[place.root, place.path_bytes] = slim_case(case.reading, place, case.matches)
    return findings, judged
