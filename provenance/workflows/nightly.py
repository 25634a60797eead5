"""`nightly`: every configured storage in one go. Safe to start twice, safe to kill.

Only what is new or changed is opened. One run at a time holds the catalogue; whatever a killed run had committed stays,
and the next one goes on from there.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Sequence

from provenance.catalogue.store import Catalogue
from provenance.errors import UsageError
from provenance.model.evidence import Trouble
from provenance.model.finding import Case
from provenance.model.vocabulary import AI_ORIGINS, Cause, Zone
from provenance.policy import packs
from provenance.settings import Settings, Storage
from provenance.trust import TrustStore, withhold_trust
from provenance.workflows.judge import Judgement, Verdict, decide, judge_cases, make_report
from provenance.workflows.read import Area, ReadOptions, ReadResult, default_level, read, without_raw
from provenance.workflows.run import RunContext, RunStats, describe_inputs, list_reading_runs


def nightly(policies: Sequence[str], context: RunContext) -> Verdict:
    """Read what is new or changed in every storage, judge the deliverables among them, and report what changed.

    All storages are read before any deliverable is searched, so that each is searched for everything known by then. One
    that did not change is searched again when the known material has changed. Raises `UsageError` when no storage is
    configured.
    """
    settings = context.settings
    if not settings.storages:
        named = settings.config or "the config; there is none yet"
        raise UsageError("no storage is configured", f"add a [[storage]] to {named}, or write one: provenance init")
    asked, store = packs.load_all(policies), context.load_trust_store()
    missing = RunStats()
    with context.open_catalogue(write=True) as catalogue, context.start_engine(store) as engine:
        names = ", ".join(storage.name for storage in settings.storages)
        run = catalogue.begin_run("nightly", context.timestamp, names)
        areas = list(_find_areas(context, catalogue, missing))
        result = read(context, catalogue, engine, run, areas, ReadOptions(context.name_readers(store)))
        deliverables = [_real_path(storage) for storage in settings.storages if storage.zone is Zone.DELIVERABLE]
        cases = itertools.chain(catalogue.cases(under=deliverables), _find_copies_of_works(settings, catalogue))

        def is_deliverable(case: Case) -> bool:
            return any(case.location.is_below(root) for root in deliverables)

        judged = judge_cases(context, catalogue, asked, store, cases, is_deliverable=is_deliverable)
        shown = _cases_to_show(catalogue, store, result, judged)
        catalogue.end_run(run, context.timestamp, "done")
        roots = [storage.path for storage in settings.storages]
        walks = [area.walk for area in areas]
        runs = list_reading_runs(catalogue, shown)
        inputs = describe_inputs(context, asked[0], store, roots, catalogue, walks, result.searched, runs)
    stats = _count(shown, result, missing)
    stats.loose_troubles.extend(result.search_troubles)
    report = make_report(context, inputs, shown, judged, stats.loose_troubles, stats.coverage(*walks), result.delta)
    return decide(report, settings.fail_on)


def _find_copies_of_works(settings: Settings, catalogue: Catalogue) -> Iterator[Case]:
    """What lies in the other storages, is generated, and shows a work of the zone `reference`."""
    others = [_real_path(storage) for storage in settings.storages if storage.zone is not Zone.DELIVERABLE]
    for case in catalogue.find_showing_zone(Zone.REFERENCE):
        if case.origin in AI_ORIGINS and any(case.location.is_below(root) for root in others):
            yield case


def _find_areas(context: RunContext, catalogue: Catalogue, missing: RunStats) -> Iterator[Area]:
    """The storages that are there. One that is not, or is empty where it was not, counts as nothing vanished."""
    for storage in context.settings.storages:
        path = _real_path(storage)
        is_there = os.path.isdir(path)
        if not is_there or (not os.listdir(path) and _was_full(catalogue, path)):
            reason = (
                "the storage is not there, or is empty where it was not; is it mounted? Nothing was counted as vanished"
            )
            missing.count_troubles(Trouble(storage.path, "walk", Cause.UNREADABLE, reason))
            continue
        yield Area(
            context.walk([storage.path], storage.exclude),
            storage.zone,
            default_level(storage.zone),
            is_searched=storage.zone is Zone.DELIVERABLE,
            label=storage.name,
        )


def _real_path(storage: Storage) -> bytes:
    return os.path.realpath(os.fsencode(storage.path))


def _was_full(catalogue: Catalogue, path: bytes) -> bool:
    return next(catalogue.cases(under=[path]), None) is not None


def _cases_to_show(catalogue: Catalogue, store: TrustStore, result: ReadResult, judged: Judgement) -> list[Case]:
    """The cases that a morning's report lists: what was read this night, and every deliverable that needs somebody."""
    shown: dict[bytes, Case] = {}
    for path in result.touched:
        for case in catalogue.find_by_path(path):
            if case.reading.asset.digest:
                shown[path] = withhold_trust(without_raw(case), store.lists)
    with_finding: set[tuple[str, str]] = set()
    for _, findings in judged.asked:
        with_finding.update((finding.root, finding.path) for finding in findings)
    for case in judged.cases:
        has_finding = (case.location.root, case.location.path) in with_finding
        # what is generated needs somebody also where no rule of the policy objects to it
        needs_somebody = has_finding or (case.is_judged and (case.reading.troubles or case.is_suspect))
        # of what is shown anyway, the judged case: it knows that it was judged
        if needs_somebody or case.location.absolute in shown:
            shown[case.location.absolute] = case
    return list(shown.values())


def _count(shown: Sequence[Case], result: ReadResult, missing: RunStats) -> RunStats:
    """The figures of the night: what was read, what could not be, and what was left alone."""
    stats = RunStats(unchanged=result.stats.unchanged)
    for case in shown:
        if case.location.absolute in result.touched or case.reading.troubles:
            stats.count_asset(case.reading)
    stats.could_not += result.stats.could_not_read
    stats.loose_troubles.extend(result.stats.loose_troubles)
    stats.count_each(missing.loose_troubles)
    return stats
