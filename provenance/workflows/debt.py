"""Counts generated material that is still in deliverables: since when, whose it is, and which tool made it.

It is counted by content. A material in five reels is one item; a reel that was cut anew keeps its age, as long as every
night has found the material in some deliverable.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from provenance.catalogue.store import Catalogue
from provenance.model.asset import Location
from provenance.model.debt import Debt, DebtItem, DebtNight, DebtState
from provenance.model.evidence import Evidence
from provenance.model.finding import Because, Case, Finding
from provenance.model.match import COPY
from provenance.model.vocabulary import SUSPECT, Origin, Severity
from provenance.origin import find_strongest_mark
from provenance.settings import Owner
from provenance.workflows.judge import Judgement
from provenance.workflows.night_delta import StoredPlace, find_key, name_place
from provenance.workflows.night_record import DebtRecord, unpack_record
from provenance.workflows.reconcile import load_register
from provenance.workflows.run import RunContext

_MOST_NIGHTS = 400
"""Nights of a trend: a year, and some more. One takes about 40 bytes in what a night leaves."""

_STATES = (DebtState.OPEN, DebtState.APPROVED, DebtState.ALLOWED)
"""What counts for a material when its places differ: the first that any of them has."""


@dataclass(slots=True)
class _Found:
    """A material, as it was found in deliverables."""

    digest: str
    path: str
    origin: Origin
    mark: Evidence | None
    places: dict[str, None] = field(default_factory=dict)
    states: set[DebtState] = field(default_factory=set)
    deliverables: list[Location] = field(default_factory=list)


def compute_debt(
    context: RunContext, catalogue: Catalogue, judged: Judgement, storages: Sequence[StoredPlace], before: DebtRecord
) -> Debt:
    """What judged deliverables still contain. `before`: what the last night that counted has left."""
    found = _collect(judged, storages)
    look_up = _LookUp(context, catalogue, storages) if found else None
    day = context.now.date()
    items = []
    for material in found.values():
        assert look_up is not None
        items.append(_make_item(material, look_up, before.since.get(material.digest, ""), day))
    # A report does not depend on the order in which files were read.
    return Debt(tuple(sorted(items, key=_order_by_age)), before.nights)


def add_tonight(debt: Debt, context: RunContext) -> tuple[Debt, DebtRecord]:
    """The debt with tonight counted, and what of it the next night needs."""
    today = context.now.date().isoformat()
    # What no night has counted yet is in a deliverable since tonight.
    items = [item if item.since else replace(item, since=today, days=0) for item in debt.items]
    counts = map(debt.count, (DebtState.OPEN, DebtState.APPROVED, DebtState.ALLOWED))
    tonight = DebtNight(context.timestamp, *counts)
    nights = (*debt.nights, tonight)[-_MOST_NIGHTS:]
    since = {item.digest: item.since for item in items}
    return Debt(tuple(sorted(items, key=_order_by_age)), nights), DebtRecord(since, nights)


def _order_by_age(item: DebtItem) -> tuple[int, str, str]:
    return -item.days, item.path, item.digest


def read_debt_record(catalogue: Catalogue) -> DebtRecord:
    """What the newest night that counted has left. Finished nights since then that did not count are gaps."""
    gaps: list[DebtNight] = []
    for began_at, payload in catalogue.list_nights(_MOST_NIGHTS):
        record = unpack_record(payload)
        if record and record.debt:
            return DebtRecord(record.debt.since, (*record.debt.nights, *reversed(gaps)))
        gaps.append(DebtNight(began_at, None))
    return DebtRecord({}, tuple(reversed(gaps)))


def _collect(judged: Judgement, storages: Sequence[StoredPlace]) -> dict[str, _Found]:
    """By digest: the suspect material of all judged deliverables."""
    findings: dict[tuple[str, str], list[Finding]] = {}
    for rows in judged.by_pack:
        for finding in rows:
            findings.setdefault((finding.root, finding.path), []).append(finding)
    deliverables = [case for case in judged.cases if case.is_judged and case.is_suspect]
    wholes = {(case.location.root, case.location.path) for case in deliverables}
    found: dict[str, _Found] = {}
    for case in deliverables:
        location = case.location
        if location.sequence is not None and (location.root, location.sequence) in wholes:
            # The sequence says it of all its frames.
            continue
        key = find_key(location, storages)
        place = name_place(key) if key else location.path
        for material, reasons in _list_materials(case):
            row = found.setdefault(material.digest, material)
            row.places[place] = None
            row.deliverables.append(location)
            row.states.add(_judge(findings.get((location.root, location.path), ()), reasons))
    return found


def _list_materials(case: Case) -> Iterator[tuple[_Found, set[Because]]]:
    """The materials in a deliverable, each with what says so."""
    by_digest: dict[str, tuple[_Found, set[Because]]] = {}
    is_copy = False
    for match in case.matches:
        if match.known.origin not in SUSPECT or match.known.is_reference:
            continue
        # Of a picture there is no span of time: then it is that material and nothing else.
        is_copy = is_copy or (match.verdict == COPY and match.time is None and match.frames is None)
        known = match.known
        row = by_digest.setdefault(known.digest, (_Found(known.digest, known.path, known.origin, known.mark), set()))
        row[1].add(match)
    own: set[Because] = {mark for mark in case.reading.evidence if mark.origin in SUSPECT}
    if case.origin in SUSPECT and not is_copy:
        digest = case.reading.asset.digest
        mark = find_strongest_mark(case.reading.evidence)
        yield _Found(digest, case.location.path, case.origin, mark), own
    for material, reasons in by_digest.values():
        # A copy that still carries its mark is objected to by that as well.
        yield material, reasons | own if is_copy else reasons


def _judge(findings: Iterable[Finding], reasons: set[Because]) -> DebtState:
    """What the findings that rest on these reasons make of a material at one place."""
    state = DebtState.ALLOWED
    for finding in findings:
        if finding.severity is Severity.NOTE or reasons.isdisjoint(finding.because):
            continue
        if finding.waived_by is None:
            return DebtState.OPEN
        state = DebtState.APPROVED
    return state


class _LookUp:
    """Asks the catalogue and the register about materials."""

    def __init__(self, context: RunContext, catalogue: Catalogue, storages: Sequence[StoredPlace]) -> None:
        self._catalogue, self._storages = catalogue, storages
        self._owners = context.settings.owners
        self._register = load_register(catalogue, context)

    def find_source(self, material: _Found) -> tuple[str, str, str]:
        """Path of the material outside of deliverables, the day on which it was first seen, and its owner."""
        elsewhere: list[Location] = []
        places = {location.absolute for location in material.deliverables}
        for case in self._catalogue.find_by_digest(material.digest):
            location = case.location
            if location.absolute not in places:
                elsewhere.append(location)
        path = material.path
        if elsewhere and (key := find_key(elsewhere[0], self._storages)):
            path = name_place(key)
        elif not elsewhere:
            path = next(iter(material.places))
        first_seen = self._catalogue.find_first_read(material.digest)[:10]
        return path, first_seen, self._find_owner([*elsewhere, *material.deliverables])

    def _find_owner(self, locations: Sequence[Location]) -> str:
        """The owner by the first rule that fits a place; where material comes from goes before where it is used."""
        for location in locations:
            names = _list_names(location, self._storages)
            for owner in self._owners:
                if _owns(owner, names):
                    return owner.name
        return ""

    def find_vendor(self, tool: str) -> str:
        """Who makes a tool, as the register has it."""
        entry = self._register.find_tool(tool) if tool else None
        return entry.get("vendor") if entry else ""


def _list_names(location: Location, storages: Sequence[StoredPlace]) -> list[str]:
    """The names by which a rule may mean a place: in its storage, with the storage, and from the root."""
    names = [location.absolute.decode("utf-8", "backslashreplace")]
    if key := find_key(location, storages):
        names += [key[1], name_place(key)]
    return names


def _owns(owner: Owner, names: Iterable[str]) -> bool:
    for name in names:
        for pattern in owner.paths:
            if fnmatch.fnmatchcase(name, pattern):
                return True
    return False


def _make_item(material: _Found, look_up: _LookUp, since: str, day: date) -> DebtItem:
    path, first_seen, owner = look_up.find_source(material)
    tool = (material.mark.tool or "") if material.mark else ""
    begin = since or first_seen
    return DebtItem(
        digest=material.digest,
        path=path,
        origin=material.origin,
        state=next(state for state in _STATES if state in material.states),
        places=tuple(sorted(material.places)),
        first_seen=first_seen,
        since=since,
        # A clock that was turned back makes nothing younger than new.
        days=max(0, (day - date.fromisoformat(begin)).days) if begin else 0,
        owner=owner,
        tool=tool,
        vendor=look_up.find_vendor(tool),
    )
