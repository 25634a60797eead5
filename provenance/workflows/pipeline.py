"""The route on one page: ingest, scan, report, show. The only module, with `nightly`, that joins the wings."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from provenance import __version__, registry
from provenance.catalogue.store import Catalogue
from provenance.catalogue.verify import Verification, verify
from provenance.errors import CatalogueDamaged, UsageError
from provenance.intake.collect import Reader, count_files
from provenance.intake.examine import Thumbnails
from provenance.intake.walk import Walk, outermost
from provenance.model.asset import FingerprintLevel
from provenance.model.evidence import Trouble
from provenance.model.finding import Case, Finding
from provenance.model.report import Report
from provenance.model.vocabulary import SUSPECT, Cause, Origin, Severity, Zone
from provenance.policy import packs
from provenance.policy.judge import gate, judge, judge_troubles
from provenance.reports import asset_note, sentences, terminal
from provenance.reports import formats as report_formats
from provenance.reports.compose import compose
from provenance.reports.interface import Format
from provenance.reports.terminal import Style
from provenance.workflows.run import (
    RunContext,
    RunStats,
    describe_inputs,
    excluded_nothing,
    fingerprint_level,
    load_approvals,
    open_searcher,
    slim_case,
    with_matches,
)


def ingest(
    paths: Sequence[str], zone: Zone, desk: RunContext, fingerprints: FingerprintLevel | None = None
) -> RunStats:
    """Learn what is there: digests, evidence and fingerprints into the catalogue. No verdict.

    `fingerprints`: how much is kept; by default all in the temp zone, and little elsewhere, but all of what is marked
    as generated.
    """
    depth = fingerprints or fingerprint_level(zone)
    walk, tally = desk.walk(paths), RunStats()
    with desk.catalogue(write=True) as catalogue, desk.pool(desk.trust_store()) as pool:
        run = catalogue.begin_run("ingest", desk.moment, f"{zone}: {', '.join(_shown(walk))}")
        reader = Reader(walk, pool, zone, fingerprints=depth, progress=desk.progress)
        for location, mark, reading in tally.rows(reader):
            catalogue.add(location, mark, reading, run, desk.moment)
        _note_vanished(catalogue, walk, run, desk)
        catalogue.end_run(run, desk.moment, "done")
    tally.excluded_nothing = excluded_nothing([walk])
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
    desk: RunContext,
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
    pack, store, walk, tally = packs.load(policy), desk.trust_store(), desk.walk(paths), RunStats()
    rows: list[Case] = []
    opened: AbstractContextManager[Catalogue | None] = desk.catalogue(write=True) if remember else nullcontext()
    with opened as catalogue, open_searcher(catalogue, against) as watcher, desk.pool(store, watcher) as pool:
        approvals, today = load_approvals(catalogue, desk) if catalogue else ([], desk.now.date())
        run = catalogue.begin_run("scan", desk.moment, ", ".join(_shown(walk))) if catalogue else 0
        wanted = Thumbnails.ALL if pictures else Thumbnails.FLAGGED if remember else Thumbnails.NONE
        reader = Reader(walk, pool, Zone.DELIVERABLE, wanted, watched=watcher is not None, progress=desk.progress)
        for location, mark, reading in tally.rows(reader):
            if catalogue:
                catalogue.add(location, mark, reading, run, desk.moment, watcher.index_digest if watcher else b"")
            if reading.asset.digest:
                rows.append(slim_case(reading, location))
        if not rows and not tally.could_not:  # no clean delivery: a storage that is not mounted looks like that
            tally.trouble(Trouble(".", "walk", Cause.UNREADABLE, "there is no file here: is the storage mounted?"))
        if catalogue:
            _note_vanished(catalogue, walk, run, desk)
            catalogue.end_run(run, desk.moment, "done")
        cases = [with_matches(case, catalogue, pictures=pictures) for case in rows] if catalogue else rows
        inputs = describe_inputs(desk, pack, store, _shown(walk), catalogue, [walk])
    findings = [*judge(cases, pack, approvals, today), *judge_troubles(tally.loose, pack)]
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


def report(paths: Sequence[str], since: str | None, policy: str, desk: RunContext, *, pictures: bool = True) -> Report:
    """What the catalogue knows, below `paths` or altogether; opens no media.

    Below `paths` everything is judged as a deliverable, otherwise only what was catalogued as one. `since`: only what
    was first seen on that day or later, `YYYY-MM-DD`. `pictures`: whether somebody will look at those of matches.
    """
    if since and not re.fullmatch(r"\d{4}-\d{2}-\d{2}(T.*)?", since):
        raise UsageError(f"--since {since!r} is no day", "write it as YYYY-MM-DD")
    pack, store = packs.load(policy), desk.trust_store()
    roots = outermost([os.fsencode(path) for path in paths])
    cases: list[Case] = []
    findings: list[Finding] = []
    tally = RunStats()
    with desk.catalogue(write=False) as catalogue:
        approvals, today = load_approvals(catalogue, desk)
        for case in catalogue.cases(under=roots or None, since=since):
            if not case.reading.asset.digest:
                tally.trouble(*case.reading.troubles)
                continue
            tally.row((case.location, "", case.reading))
            if paths or case.location.zone is Zone.DELIVERABLE:
                findings.extend(judge([case], pack, approvals, today))
            cases.append(slim_case(case.reading, case.location, case.matches, pictures=pictures))
        for run in catalogue.runs()[:1]:
            if run.ended_at is None:
                why = f"the {run.kind} begun at {run.started_at} has not ended: what it did not reach is missing here"
                tally.trouble(Trouble(run.detail, "run", Cause.UNREADABLE, why))
        inputs = describe_inputs(desk, pack, store, [os.fsdecode(root) for root in roots], catalogue)
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


def _note_vanished(catalogue: Catalogue, walk: Walk, run: int, desk: RunContext) -> None:
    """What stood below a root that was walked as a whole, and stands there no more, has vanished."""
    for root in outermost(walk.roots):
        if os.path.isdir(root) and os.listdir(root) and not walk.exclude:  # what is empty may not be mounted
            catalogue.vanish(os.fsdecode(root), run, desk.moment, spare=walk.unseen)


def note_lines(report: Report, paint: Style | None, width: int) -> Iterator[str]:
    """The note for a terminal of so many columns, its words painted by `paint`, if any."""
    return terminal.lines(report, paint or terminal.unpainted, width)


def coverage_line(report: Report) -> str:
    """How many were looked at, and how many could not be."""
    return sentences.coverage(report)


def formats() -> dict[str, Format]:
    """Every report format, by name."""
    return registry.members(report_formats, Format)


def count(desk: RunContext, paths: Sequence[str]) -> tuple[int, int]:
    """Files and bytes below `paths`, for a progress line; opens nothing."""
    return count_files(desk.walk(paths))


def _shown(walk: Walk) -> list[str]:
    return [os.fsencode(os.fsdecode(root)).decode("utf-8", "backslashreplace") for root in outermost(walk.roots)]


def describe_asset(name: str, desk: RunContext) -> Iterator[str]:
    """All that is known of one asset, in words, and where it was found. Raises `UsageError` when nothing is."""
    with desk.catalogue(write=False) as catalogue:
        cases = _known(name, catalogue)
        if not cases:
            raise UsageError(
                f"the catalogue knows nothing of {name}", "ingest or scan it first; of a digest give 8 digits or more"
            )
        for case in cases:
            yield from asset_note.lines(case)
        for digest in dict.fromkeys(case.reading.asset.digest for case in cases):
            yield from asset_note.appearances(catalogue.appearances(digest))


def _known(name: str, catalogue: Catalogue) -> list[Case]:
    """Everything that is known of one asset, statements included: by path, or by digest or how it begins."""
    if at_path := catalogue.by_path(os.path.realpath(os.fsencode(name))):
        return at_path
    digest = name.lower().removeprefix("sha256:")
    return catalogue.by_digest(f"sha256:{digest}") if re.fullmatch("[0-9a-f]{8,64}", digest) else []


def verify_catalogue(desk: RunContext, head: str | None) -> Verification:
    """The catalogue held against its ledger. Raises `CatalogueDamaged` with the first thing that is wrong."""
    if head is not None and not re.fullmatch(r"\d+:[0-9a-f]{64}", head := head.strip().lower()):
        raise UsageError(f"{head!r} is no head of a ledger", "give it as a report or `verify` prints it")
    place = Path(desk.settings.catalogue)
    found = verify(place, head)
    if not found.sound:
        more = f" (and {len(found.problems) - 1} more)" if len(found.problems) > 1 else ""
        raise CatalogueDamaged(f"{place}: {found.problems[0]}{more}", "restore a backup, or ingest into a new one")
    return found
