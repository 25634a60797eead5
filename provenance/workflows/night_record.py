"""What a finished night leaves for the next one: places and findings that were open, and what could not be checked.

The catalogue keeps it as compressed JSON. A field is never given another meaning: a new one gets a new name, so that
an older night is read by a newer program, and what it did not keep is not known instead of nothing.
"""

from __future__ import annotations

import dataclasses
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from provenance.errors import CatalogueDamaged
from provenance.model.debt import DebtNight
from provenance.model.evidence import Trouble
from provenance.model.finding import Case, Finding
from provenance.model.report import Delta, OpenFinding
from provenance.workflows.changed_places import Key
from provenance.workflows.night_delta import StoredPlace, find_key, name_place

VERSION = 3
"""Of what a night leaves. Version 1 kept the open places alone, and no number; 2 kept no debt."""


@dataclass(frozen=True, slots=True)
class DebtRecord:
    """What a night leaves of the generated material in deliverables."""

    since: Mapping[str, str] = field(default_factory=dict)
    """Digest -> the day since which it has been in a deliverable every night."""
    nights: tuple[DebtNight, ...] = ()
    """The figures of this night and of those before it, oldest first."""


@dataclass(frozen=True, slots=True)
class NightRecord:
    """The state in which a night left the deliverables. What is None was not kept."""

    open_places: tuple[Key, ...] = ()
    """Places in a storage with a finding that asks for something and is not approved."""
    findings: frozenset[tuple[str, str]] | None = None
    """Place and rule of every finding that is not waived, notes included."""
    troubles: frozenset[tuple[str, str, str]] | None = None
    """Place, stage and cause of everything that could not be checked."""
    debt: DebtRecord | None = None

    def pack(self) -> bytes:
        """The bytes that the catalogue keeps."""
        fields: dict[str, object] = {
            "version": VERSION,
            "open": sorted(self.open_places),
            "findings": sorted(self.findings or ()),
            "troubles": sorted(self.troubles or ()),
        }
        if self.debt:
            nights = list(map(dataclasses.astuple, self.debt.nights))
            fields["debt"] = {"since": dict(sorted(self.debt.since.items())), "nights": nights}
        return zlib.compress(json.dumps(fields, ensure_ascii=True, separators=(",", ":")).encode())


def unpack_record(payload: bytes | None) -> NightRecord | None:
    """What a night left; None for one that left nothing. Raises `CatalogueDamaged` when it cannot be read."""
    if payload is None:
        return None
    try:
        fields = json.loads(zlib.decompress(payload))
        places = tuple((str(storage), str(path)) for storage, path in fields["open"])
        if "version" not in fields:
            return NightRecord(places)
        findings = frozenset((str(place), str(rule)) for place, rule in fields["findings"])
        troubles = frozenset((str(place), str(stage), str(cause)) for place, stage, cause in fields["troubles"])
        debt = _unpack_debt(fields["debt"]) if "debt" in fields else None
    except (zlib.error, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CatalogueDamaged("what the last night left cannot be read", "see: provenance verify") from error
    return NightRecord(places, findings, troubles, debt)


def _unpack_debt(fields: Mapping[str, Any]) -> DebtRecord:
    """Raises `ValueError`, `KeyError` or `TypeError` for anything that `pack` does not write."""
    since = {}
    for digest, day in fields["since"].items():
        since[str(digest)] = date.fromisoformat(day).isoformat()
    nights = []
    for at, *figures in fields["nights"]:
        open_, approved, allowed = (None if figure is None else int(figure) for figure in figures)
        nights.append(DebtNight(str(at), open_, approved, allowed))
    return DebtRecord(since, tuple(nights))


def list_open_findings(
    cases: Iterable[Case], findings: Iterable[Finding], storages: Sequence[StoredPlace]
) -> list[OpenFinding]:
    """Every finding that is not waived, at its place in a storage; each rule once at a place, the gravest first."""
    places = _map_places(cases, storages)
    rows: dict[tuple[str, str], OpenFinding] = {}
    for finding in sorted(findings, key=lambda row: (row.severity.rank, row.path, row.rule, row.message)):
        place = places.get((finding.root, finding.path))
        if place and finding.waived_by is None:
            row = OpenFinding(place, finding.rule, finding.severity, finding.message)
            rows.setdefault((place, finding.rule), row)
    return list(rows.values())


def list_troubles(cases: Iterable[Case], loose: Iterable[Trouble], storages: Sequence[StoredPlace]) -> list[Trouble]:
    """Everything that could not be checked, its path being the place in a storage where it has one."""
    rows: dict[Trouble, None] = {}
    for case in cases:
        key = find_key(case.location, storages)
        for trouble in case.reading.troubles:
            rows[replace(trouble, path=name_place(key)) if key else trouble] = None
    rows.update(dict.fromkeys(loose))
    return list(rows)


def _map_places(cases: Iterable[Case], storages: Sequence[StoredPlace]) -> dict[tuple[str, str], str]:
    """(root, path) of a case -> its place in a storage, `editorial: day1/a.mov`."""
    places = {}
    for case in cases:
        key = find_key(case.location, storages)
        if key:
            places[case.location.root, case.location.path] = name_place(key)
    return places


def make_record(
    open_now: Mapping[Key, bool],
    findings: Sequence[OpenFinding],
    rows: Sequence[Trouble],
    debt: DebtRecord | None = None,
) -> NightRecord:
    """What tonight leaves. `open_now`: places with a finding that asks for something, and whether one is open."""
    return NightRecord(
        tuple(key for key, is_open in open_now.items() if is_open),
        frozenset((finding.path, finding.rule) for finding in findings),
        frozenset(map(_identify, rows)),
        debt,
    )


def _identify(trouble: Trouble) -> tuple[str, str, str]:
    return trouble.path, trouble.stage, str(trouble.cause)


def add_news(
    delta: Delta, before: NightRecord | None, findings: Iterable[OpenFinding], troubles: Iterable[Trouble]
) -> Delta:
    """The changes with the findings and troubles that the night before did not have.

    A finding that moved with its file is not new. A storage that is not there is named as absent, every night anew.
    """
    if before is None or before.findings is None or before.troubles is None:
        return delta
    moves = {move.old: move.new for move in delta.moved or ()}
    absences = {row.why for row in delta.absent or ()}
    known = {(moves.get(place, place), rule) for place, rule in before.findings}
    missed = {(moves.get(place, place), stage, cause) for place, stage, cause in before.troubles}
    newly_open = [row for row in findings if (row.path, row.rule) not in known]
    newly_unchecked = [row for row in troubles if _identify(row) not in missed and row.detail not in absences]
    return replace(delta, newly_open=tuple(newly_open), newly_unchecked=tuple(newly_unchecked))
