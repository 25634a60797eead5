"""Places then and now, as every comparison of two times sees them: moves, and findings that were open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping

from provenance.model.finding import Finding
from provenance.model.vocabulary import Severity

Key = tuple[str, str]
"""Root or name of the storage, and path in it as shown."""


def pair_moves(gone: Mapping[Key, str], new: Mapping[Key, str]) -> dict[Key, Key]:
    """Old and new place of every content whose old place is gone, in order of paths, each old place once.

    Both maps lead from a place to the digest of what was or is there; an empty one is no content.
    """
    waiting: dict[str, list[Key]] = defaultdict(list)
    for key in sorted(gone, reverse=True):
        if gone[key]:
            waiting[gone[key]].append(key)
    moves = {}
    for key in sorted(new):
        if waiting[new[key]]:
            moves[waiting[new[key]].pop()] = key
    return moves


def list_open(findings: Iterable[Finding], find_key: Callable[[Finding], Key | None]) -> dict[Key, bool]:
    """Of every place with a finding that asks for something: whether one of them is not approved."""
    places: dict[Key, bool] = {}
    for finding in findings:
        key = find_key(finding)
        if key and finding.severity is not Severity.NOTE:
            # One approved finding does not close a place where another is open.
            places[key] = places.get(key, False) or finding.waived_by is None
    return places


def compare_open(
    before: Collection[Key], now: Mapping[Key, bool], moves: Mapping[Key, Key], is_unread: Callable[[Key], bool]
) -> tuple[list[Key], list[Key]]:
    """Places with an open finding then that is approved now, and those that have none any more; both sorted.

    Of what was moved, the place where it is now. What cannot be read today is not resolved.
    """
    approved, resolved = [], []
    for key in sorted({moves.get(old, old) for old in before}):
        if key not in now:
            if not is_unread(key):
                resolved.append(key)
        elif not now[key]:
            approved.append(key)
    return approved, resolved
