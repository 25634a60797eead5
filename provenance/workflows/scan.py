"""`scan`, the gate: read paths as deliverables, search them for known material, and judge them."""

from __future__ import annotations

import dataclasses
import os
import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from provenance.intake.jobs import Thumbnails
from provenance.intake.search_pass import is_searchable
from provenance.intake.walk import outermost
from provenance.model.asset import FingerprintLevel
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import SUSPECT, Cause, Origin, Severity, Zone
from provenance.policy import packs
from provenance.workflows.baseline import compare, load_baseline
from provenance.workflows.conform import judge_lists, load_lists
from provenance.workflows.cut import make_cut_options
from provenance.workflows.judge import Verdict, decide, judge_cases, make_report, relocate, shown_roots
from provenance.workflows.read import Area, ReadOptions, default_level, read
from provenance.workflows.run import RunContext, describe_inputs, list_reading_runs, stay_silent, wants_labels
from provenance.workflows.searched import explain_no_search, list_unapproved


@dataclass(frozen=True, slots=True)
class ScanOptions:
    """How a delivery is scanned."""

    policies: tuple[str, ...]
    """Names of packs, or paths of files: the evidence is judged by each."""
    fail_on: Severity = Severity.BLOCK
    remember: bool = True
    """Keep what was read in the catalogue, take its approvals, and search for what it knows. Without, the folder is
    judged alone, in a scratch catalogue that is thrown away."""
    pictures: bool = False
    """Give every asset a thumbnail, for outputs that show them."""
    marks_only: bool = False
    """Make no search for known material: only what files say of themselves counts."""
    against: Collection[Origin] = SUSPECT
    """Origins of the known material that is searched for."""
    timelines: tuple[str, ...] = ()
    """Cut lists to read besides those that lie in the paths."""
    timeline_rate: str | None = None
    """Frame rate of cut lists that do not say theirs."""
    fresh: bool = False
    """Read everything again, also what has the size and times it had before."""
    baseline: str | None = None
    """Path of an earlier report; what changed since is reported."""


def scan(paths: Sequence[str], options: ScanOptions, context: RunContext) -> Verdict:
    """Judge `paths` as deliverables."""
    asked, store, walk = packs.load_all(options.policies), context.load_trust_store(), context.walk(paths)
    cut_options = make_cut_options(options.timeline_rate)
    level = default_level(Zone.DELIVERABLE)
    if not set(options.against) <= SUSPECT:
        # Material of any origin is searched for, so everything here may be what another file shows.
        level = FingerprintLevel.LIGHT
    thumbnails = Thumbnails.FLAGGED
    if options.pictures:
        thumbnails = Thumbnails.ALL
    labels = wants_labels(context.settings)
    area = Area(walk, Zone.DELIVERABLE, level, is_searched=True, keeps_zone=True, labels=labels)
    read_options = ReadOptions(
        context.describe_conditions(store),
        thumbnails=thumbnails,
        marks_only=options.marks_only,
        against=options.against,
        fresh=options.fresh,
    )
    baseline = None
    if options.baseline:
        # Before anything is read: a report that is none should not cost an hour.
        baseline = load_baseline(options.baseline)
    roots = outermost(walk.roots)
    with (
        _place_catalogue(context, options) as placed,
        placed.open_catalogue(write=True) as catalogue,
        placed.start_engine(store) as engine,
    ):
        lists = load_lists(engine, walk, options.timelines, cut_options)
        read_options = dataclasses.replace(read_options, algorithms=lists.algorithms)
        with catalogue.run("scan", context.timestamp, ", ".join(shown_roots(roots))) as run:
            result = read(placed, catalogue, engine, run, [area], read_options)
        cases = relocate(catalogue.cases(under=roots, run=run), roots)
        judged = judge_cases(placed, catalogue, asked, store, cases, pictures=options.pictures)
        is_searched = result.searched is not None
        cuts = judge_lists(placed, catalogue, engine, lists, result.hashes, judged, is_searched=is_searched)
        inputs = describe_inputs(
            context,
            asked[0],
            store,
            shown_roots(roots),
            catalogue if options.remember else None,
            [walk],
            result.searched,
            list_reading_runs(catalogue, judged.cases),
        )
    judged.stats.count_each(walk.troubles)
    if not judged.stats.looked_at + judged.stats.could_not:
        # An empty folder is no clean delivery: a storage that is not mounted looks like one.
        reason = "there are no files here; is the storage mounted?"
        judged.stats.count_troubles(Trouble(".", "walk", Cause.UNREADABLE, reason))
    if result.searched and any(is_searchable(case.reading.asset) for case in judged.cases):
        judged.stats.loose_troubles.extend(result.search_troubles)
        if result.searched.known == 0 and any(is_searchable(case.reading.asset) for case in list_unapproved(judged)):
            where = "a scratch catalogue"
            if options.remember:
                where = f"the catalogue {context.settings.catalogue}"
            judged.stats.loose_troubles.append(explain_no_search(where))
    judged.stats.unchanged = result.stats.unchanged
    troubles = judged.stats.loose_troubles
    delta = None
    if baseline:
        delta = compare(baseline, inputs.roots, judged.cases, judged.findings, troubles)
    coverage = judged.stats.coverage(walk)
    report = make_report(context, inputs, judged.cases, judged, troubles, coverage, delta, cuts)
    return decide(report, options.fail_on)


@contextmanager
def _place_catalogue(context: RunContext, options: ScanOptions) -> Iterator[RunContext]:
    """The context with the catalogue that is to be used: the user's, or a scratch one in a temporary folder."""
    if options.remember:
        yield context
        return
    with tempfile.TemporaryDirectory(prefix="provenance-") as folder:
        scratch = dataclasses.replace(context.settings, catalogue=os.path.join(folder, "scratch.db"), checkpoints=None)
        yield dataclasses.replace(context, settings=scratch, announce=stay_silent)
