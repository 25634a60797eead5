"""`nightly`: every configured storage in one go. Safe to start twice, safe to kill.

Only what is new or changed is opened. One run at a time holds the catalogue; whatever a killed run had committed stays,
and the next one goes on from there. A night whose time is over ends in the same way, with a report of what it did.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from provenance.catalogue.changes import PlaceChange
from provenance.catalogue.noteworthy import Named
from provenance.catalogue.store import Catalogue
from provenance.errors import UsageError
from provenance.media.places import find_real_path, is_empty, is_folder
from provenance.model.evidence import Trouble
from provenance.model.finding import Case
from provenance.model.report import Absence
from provenance.model.vocabulary import AI_ORIGINS, Cause, Zone
from provenance.policy import packs
from provenance.policy.packs import Pack
from provenance.policy.reconcile import Register
from provenance.settings import Settings, Storage
from provenance.trust import TrustStore, withhold_trust
from provenance.workflows.debt import add_tonight, compute_debt, read_debt_record
from provenance.workflows.judge import Judgement, Verdict, decide, judge_cases, make_report
from provenance.workflows.night_delta import StoredPlace, compute_delta, find_key, list_open_places, list_stored_places
from provenance.workflows.night_record import add_news, list_open_findings, list_troubles, make_record, unpack_record
from provenance.workflows.read import Area, ReadOptions, ReadResult, default_level, read, with_cutouts, without_raw
from provenance.workflows.reading_questions import PLAIN, list_questions
from provenance.workflows.reconcile import load_register
from provenance.workflows.run import RunContext, RunStats, describe_inputs, list_reading_runs, wants_labels

_KIND = "nightly"


def nightly(
    policies: Sequence[str],
    context: RunContext,
    emptied: Sequence[str] = (),
    announce_begin: Callable[[], None] = lambda: None,
) -> Verdict:
    """Read what is new or changed in every storage, judge the deliverables among them, and report what changed.

    All storages are read before any deliverable is searched, so that each is searched for everything known by then. One
    that did not change is searched again when the known material has changed. `emptied`: names of storages of which the
    user knows that most is gone. `announce_begin` is called once the catalogue is held: a second run that finds it busy
    has not begun. Raises `UsageError` when no storage is configured, or none has such a name.
    """
    settings = context.settings
    _check_names(settings, emptied)
    labels = wants_labels(settings)
    asked, store = packs.load_all(policies), context.load_trust_store()
    missing = RunStats()
    storages = list_stored_places(settings)
    with context.open_catalogue(write=True) as catalogue, context.start_engine(store) as engine:
        since = catalogue.find_milestone(_KIND)
        names = ", ".join(storage.name for storage in storages)
        with catalogue.run(_KIND, context.timestamp, names) as run:
            announce_begin()
            absent = []
            areas = []
            for storage in settings.storages:
                if why := _find_absence(storage, catalogue, is_emptied=storage.name in emptied):
                    absent.append(Absence(storage.name, why))
                    missing.count_troubles(Trouble(storage.path, "walk", Cause.UNREADABLE, why))
                else:
                    is_emptied = storage.name in emptied
                    areas.append(_make_area(context, storage, is_emptied=is_emptied, labels=labels))
            result = read(context, catalogue, engine, run, areas, ReadOptions(context.describe_conditions(store)))
            deliverables = [storage.folder for storage in storages if storage.zone is Zone.DELIVERABLE]
            changes = list(catalogue.list_changes(since))
            news = _list_news(changes, storages, result)
            register = load_register(catalogue, context)
            cases = itertools.chain(
                _list_deliverables(context, catalogue, asked, register, deliverables, news),
                _find_copies_of_works(settings, catalogue),
            )

            def is_deliverable(case: Case) -> bool:
                return any(case.location.is_below(root) for root in deliverables)

            judged = judge_cases(
                context, catalogue, asked, store, cases, is_deliverable=is_deliverable, register=register
            )
            open_now = list_open_places(judged.cases, judged.findings, storages)
            troubles = [*result.stats.loose_troubles, *missing.loose_troubles]
            before = unpack_record(since.payload)
            open_before = before.open_places if before else None
            away = [*absent, *result.absent]
            delta = compute_delta(catalogue, since, changes, storages, open_before, open_now, troubles, away)
            shown = _cases_to_show(catalogue, store, news, judged)
            all_findings = itertools.chain.from_iterable(judged.by_pack)
            open_findings = list_open_findings(judged.cases, all_findings, storages)
            unchecked = list_troubles(shown, [*troubles, *result.search_troubles], storages)
            delta = add_news(delta, before, open_findings, unchecked)
            debt = compute_debt(context, catalogue, judged, storages, read_debt_record(catalogue))
            if result.left:
                # The next night tells everything since the last that came to its end, this one's news included.
                catalogue.break_off(run)
            else:
                debt, debt_record = add_tonight(debt, context)
                record = make_record(open_now, open_findings, unchecked, debt_record)
                catalogue.record_night(run, record.pack(), context.timestamp)
        roots = [storage.path for storage in settings.storages]
        walks = [area.walk for area in areas]
        runs = list_reading_runs(catalogue, shown)
        inputs = describe_inputs(context, asked[0], store, roots, catalogue, walks, result.searched, runs)
    stats = _count(shown, result, missing, has_end=context.until is not None)
    stats.loose_troubles.extend(result.search_troubles)
    report = make_report(context, inputs, shown, judged, stats.loose_troubles, stats.coverage(*walks), delta, debt=debt)
    return decide(report, settings.fail_on)


def _list_deliverables(
    context: RunContext,
    catalogue: Catalogue,
    asked: Sequence[Pack],
    register: Register,
    deliverables: Sequence[bytes],
    news: Collection[bytes],
) -> Iterator[Case]:
    """The deliverables to judge: all of which any rule can say something, and all that is news.

    The others have no finding, no trouble and no generated material, whatever their number.
    """
    if any(pack.objects_to_plain for pack in asked):
        return catalogue.cases(under=deliverables)
    sets = catalogue.reading_sets.extend(list_questions(), context.timestamp)
    places = frozenset(map(os.fsencode, register.named_places))
    return catalogue.find_noteworthy(deliverables, sets[PLAIN], Named(register.named_content, places, news))


def _find_copies_of_works(settings: Settings, catalogue: Catalogue) -> Iterator[Case]:
    """What lies in the other storages, is generated, and shows a work of the zone `reference`."""
    others = [_real_path(storage) for storage in settings.storages if storage.zone is not Zone.DELIVERABLE]
    for case in catalogue.find_showing_zone(Zone.REFERENCE):
        if case.origin in AI_ORIGINS and any(case.location.is_below(root) for root in others):
            yield case


def _check_names(settings: Settings, emptied: Sequence[str]) -> None:
    if not settings.storages:
        named = settings.config or "the config; there is none yet"
        raise UsageError("no storage is configured", f"add a [[storage]] to {named}, or write one: provenance init")
    names = [storage.name for storage in settings.storages]
    for name in emptied:
        if name not in names:
            raise UsageError(f"no storage is called {name!r}", f"the storages are: {', '.join(names)}")


def _find_absence(storage: Storage, catalogue: Catalogue, *, is_emptied: bool) -> str:
    """Why a storage cannot be looked at, or seems not to be there; empty when it can."""
    path = _real_path(storage)
    if not is_folder(path):
        return "the storage is not there; is it mounted? Nothing was counted as vanished"
    if not is_emptied and is_empty(path) and _was_full(catalogue, path):
        return (
            "the storage is empty where it was not; is it mounted? Nothing was counted as vanished. "
            f"If it was emptied on purpose: provenance nightly --emptied {storage.name!r}"
        )
    return ""


def _make_area(context: RunContext, storage: Storage, *, is_emptied: bool, labels: bool) -> Area:
    return Area(
        context.walk([storage.path], storage.exclude),
        storage.zone,
        default_level(storage.zone),
        is_searched=storage.zone is Zone.DELIVERABLE,
        # Labels are those of finished pictures, and of clips that came straight out of a generator.
        labels=labels and storage.zone in (Zone.DELIVERABLE, Zone.TEMP),
        label=storage.name,
        may_be_emptied=is_emptied,
    )


def _list_news(changes: Iterable[PlaceChange], storages: Sequence[StoredPlace], result: ReadResult) -> set[bytes]:
    """Absolute path of every place that was read this night, or that a night which did not finish has recorded."""
    places = set(result.touched)
    for change in changes:
        is_news = change.now != change.before or change.is_reread
        if change.now is not None and is_news and find_key(change.location, storages):
            places.add(change.location.absolute)
    return places


def _real_path(storage: Storage) -> bytes:
    return find_real_path(os.fsencode(storage.path))


def _was_full(catalogue: Catalogue, path: bytes) -> bool:
    return next(catalogue.cases(under=[path]), None) is not None


def _cases_to_show(catalogue: Catalogue, store: TrustStore, news: Iterable[bytes], judged: Judgement) -> list[Case]:
    """The cases that a morning's report lists: what is news, and every deliverable that needs somebody."""
    shown: dict[bytes, Case] = {}
    for path in news:
        for case in catalogue.find_by_path(path):
            if case.reading.asset.digest:
                shown[path] = withhold_trust(without_raw(with_cutouts(catalogue, case)), store.lists)
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


def _count(shown: Sequence[Case], result: ReadResult, missing: RunStats, *, has_end: bool) -> RunStats:
    """The figures of the night: what was read, what could not be, and what was left alone."""
    stats = RunStats(unchanged=result.stats.unchanged, label_looks=result.stats.label_looks)
    if has_end:
        stats.left = result.left
    for case in shown:
        if case.location.absolute in result.touched or case.reading.troubles:
            stats.count_asset(case.reading)
    stats.could_not += result.stats.could_not_read
    stats.loose_troubles.extend(result.stats.loose_troubles)
    stats.count_each(missing.loose_troubles)
    return stats
