"""What a morning is told: everything since the last night that finished, whatever was committed in between."""

from __future__ import annotations

import json
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from provenance.catalogue.changes import Milestone, PlaceChange
from provenance.catalogue.store import Catalogue
from provenance.errors import CatalogueDamaged
from provenance.model.asset import Location, rebase
from provenance.model.evidence import Trouble
from provenance.model.finding import Case, Finding
from provenance.model.report import Absence, Delta, Move
from provenance.model.vocabulary import AI_ORIGINS, Severity, Zone

Key = tuple[str, str]
"""Name of the storage, and path in it as shown."""


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
    storages: Sequence[StoredPlace],
    open_now: Mapping[Key, bool],
    troubles: Iterable[Trouble],
    absent: Sequence[Absence],
) -> Delta:
    """Compare what the storages held at a milestone with what they hold now.

    `open_now`: places with a finding that asks for something, and whether one of them is not approved. `troubles`:
    those that belong to no asset. `absent`: storages that were not looked at.
    """
    places = _sort_changes(catalogue.list_changes(since), storages)
    moves = _pair_moves(places.vanished, places.new)
    targets = set(moves.values())
    new = {key: change for key, change in places.new.items() if key not in targets}
    vanished = [key for key in places.vanished if key not in moves]
    generated = _find_newly_generated(catalogue, since, {**new, **places.changed, **places.same})
    newly_approved = resolved = None
    if since.payload is not None:
        unread = {trouble.path for trouble in troubles} | {row.storage for row in absent}
        newly_approved, resolved = _compare_open(_unpack_open(since.payload), open_now, moves, unread)
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


def _pair_moves(vanished: Mapping[Key, PlaceChange], new: Mapping[Key, PlaceChange]) -> dict[Key, Key]:
    """Old and new place of every content whose old place is gone, in order of paths, each old place once."""
    gone: dict[str, list[Key]] = defaultdict(list)
    for key in sorted(vanished, reverse=True):
        if digest := vanished[key].before:
            gone[digest].append(key)
    moves = {}
    for key in sorted(new):
        waiting = gone.get(new[key].now or "")
        if waiting:
            moves[waiting.pop()] = key
    return moves


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


def list_open(cases: Iterable[Case], findings: Iterable[Finding], storages: Sequence[StoredPlace]) -> dict[Key, bool]:
    """Of every place with a finding that asks for something: whether one of them is not approved."""
    keys: dict[tuple[str, str], Key] = {}
    for case in cases:
        key = find_key(case.location, storages)
        if key:
            keys[case.location.root, case.location.path] = key
    places: dict[Key, bool] = {}
    for finding in findings:
        key = keys.get((finding.root, finding.path))
        if key and finding.severity is not Severity.NOTE:
            places[key] = places.get(key, False) or finding.waived_by is None
    return places


def pack_open(places: Mapping[Key, bool]) -> bytes:
    """The places with open findings, as a night leaves them for the next."""
    rows = sorted(key for key, is_open in places.items() if is_open)
    return zlib.compress(json.dumps({"open": rows}, ensure_ascii=True, separators=(",", ":")).encode())


def _unpack_open(payload: bytes) -> list[Key]:
    try:
        return [(str(storage), str(path)) for storage, path in json.loads(zlib.decompress(payload))["open"]]
    except (zlib.error, ValueError, KeyError, TypeError) as error:
        raise CatalogueDamaged("what the last night left cannot be read", "see: provenance verify") from error


def _compare_open(
    before: Iterable[Key], now: Mapping[Key, bool], moves: Mapping[Key, Key], unread: Iterable[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Places with an open finding then that is approved now, and those that have none any more."""
    hidden = set(unread)
    approved, resolved = [], []
    for old in before:
        key = moves.get(old, old)
        if key not in now:
            # What cannot be read today is not resolved.
            if not hidden.intersection((key[0], key[1], name_place(key))):
                resolved.append(name_place(key))
        elif not now[key]:
            approved.append(name_place(key))
    return tuple(approved), tuple(resolved)
