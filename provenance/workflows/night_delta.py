"""What a morning is told: everything since the last night that finished, whatever was committed in between."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from provenance.catalogue.changes import Milestone, PlaceChange
from provenance.catalogue.store import Catalogue
from provenance.media.places import find_real_path
from provenance.model.asset import Location, rebase
from provenance.model.evidence import Trouble
from provenance.model.finding import Case, Finding
from provenance.model.report import Absence, Delta, Move
from provenance.model.vocabulary import AI_ORIGINS, Zone
from provenance.settings import Settings, Storage
from provenance.workflows.changed_places import Key, compare_open, list_open, pair_moves


@dataclass(frozen=True, slots=True)
class StoredPlace:
    """A storage as it is compared: its name, its true folder, and its zone."""

    name: str
    folder: bytes
    zone: Zone


@dataclass(slots=True)
class _Places:
    """The changed places below the storages, sorted by what became of them."""

    new: dict[Key, PlaceChange] = field(default_factory=dict)
    vanished: dict[Key, PlaceChange] = field(default_factory=dict)
    changed: dict[Key, PlaceChange] = field(default_factory=dict)
    same: dict[Key, PlaceChange] = field(default_factory=dict)


def compute_delta(
    catalogue: Catalogue,
    since: Milestone,
    changes: Iterable[PlaceChange],
    storages: Sequence[StoredPlace],
    open_before: Collection[Key] | None,
    open_now: Mapping[Key, bool],
    troubles: Iterable[Trouble],
    absent: Sequence[Absence],
) -> Delta:
    """Compare what the storages held at a milestone with what they hold now.

    `changes`: what the catalogue lists since then. `open_before`: places with an open finding then; None when nobody
    knows. `open_now`: places with a finding that asks for something, and whether one of them is not approved.
    `troubles`: those that belong to no asset. `absent`: storages that were not looked at.
    """
    places = _sort_changes(changes, storages)
    gone = {key: change.before or "" for key, change in places.vanished.items()}
    moves = pair_moves(gone, {key: change.now or "" for key, change in places.new.items()})
    targets = set(moves.values())
    new = {key: change for key, change in places.new.items() if key not in targets}
    vanished = [key for key in places.vanished if key not in moves]
    generated = _find_newly_generated(catalogue, since, {**new, **places.changed, **places.same})
    newly_approved = resolved = None
    if open_before is not None:
        unread = {trouble.path for trouble in troubles} | {row.storage for row in absent}
        approved, closed = compare_open(
            open_before,
            open_now,
            moves,
            lambda key: not unread.isdisjoint((*key, name_place(key))),
        )
        newly_approved, resolved = _name_all(approved), _name_all(closed)
    return Delta(
        since=since.at,
        is_since_night=True,
        new=_name_all(new),
        changed=_name_all(places.changed),
        vanished=_name_all(vanished),
        moved=tuple(Move(name_place(old), name_place(to)) for old, to in moves.items()),
        newly_generated=_name_all(generated),
        newly_found=tuple(dict.fromkeys(_find_newly_found(catalogue, since, storages, places))),
        newly_approved=newly_approved,
        resolved=resolved,
        absent=tuple(absent),
    )


def list_stored_places(settings: Settings) -> list[StoredPlace]:
    """The storages of the settings, with their true folders."""
    return [_place(storage) for storage in settings.storages]


def _place(storage: Storage) -> StoredPlace:
    return StoredPlace(storage.name, find_real_path(os.fsencode(storage.path)), storage.zone)


def name_place(key: Key) -> str:
    """`editorial: day1/a.mov`."""
    return f"{key[0]}: {key[1]}"


def _name_all(keys: Iterable[Key]) -> tuple[str, ...]:
    return tuple(map(name_place, keys))


def find_key(location: Location, storages: Sequence[StoredPlace]) -> Key | None:
    """Storage and path of a place; None when it lies in none of the storages."""
    for storage in storages:
        if location.is_below(storage.folder):
            return storage.name, rebase(location, storage.folder).path
    return None


def _sort_changes(changes: Iterable[PlaceChange], storages: Sequence[StoredPlace]) -> _Places:
    places = _Places()
    for change in changes:
        key = find_key(change.location, storages)
        if key is None:
            continue
        if change.before is None and change.now is not None:
            places.new[key] = change
        elif change.before is not None and change.now is None:
            places.vanished[key] = change
        elif change.before != change.now:
            places.changed[key] = change
        elif change.now is not None:
            places.same[key] = change
    return places


def _find_newly_generated(catalogue: Catalogue, since: Milestone, changes: Mapping[Key, PlaceChange]) -> Iterator[Key]:
    """Places of generated content that was not known as generated anywhere at the milestone."""
    for key, change in changes.items():
        if change.origin in AI_ORIGINS and change.now and not catalogue.is_known_as_generated(change.now, since):
            yield key


def _find_newly_found(
    catalogue: Catalogue, since: Milestone, storages: Sequence[StoredPlace], places: _Places
) -> Iterator[str]:
    """Sentences about known material in deliverables, where it was not found at the milestone."""
    deliverables = [storage for storage in storages if storage.zone is Zone.DELIVERABLE]
    for digest in catalogue.list_searched_contents(since):
        known = catalogue.find_matched_by(digest, since)
        for case in catalogue.find_by_digest(digest):
            key = find_key(case.location, deliverables)
            if key is None or not catalogue.find_present(case.location.root, case.location.path_bytes):
                continue
            before = known
            if key in places.changed:
                before = known | catalogue.find_matched_by(places.changed[key].before or "", since)
            for match in case.matches:
                if match.known.digest not in before and match.known.digest != digest:
                    yield f"{name_place(key)} shows {match.known.path}"


# Findings that were open


def list_open_places(
    cases: Iterable[Case], findings: Iterable[Finding], storages: Sequence[StoredPlace]
) -> dict[Key, bool]:
    """Of every place in a storage with a finding that asks for something: whether one of them is not approved."""
    keys: dict[tuple[str, str], Key] = {}
    for case in cases:
        key = find_key(case.location, storages)
        if key:
            keys[case.location.root, case.location.path] = key
    return list_open(findings, lambda finding: keys.get((finding.root, finding.path)))
