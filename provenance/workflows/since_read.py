"""Which files differ from what was read: a report describes them as they were, and says so when it can see them.

Only sizes and times are compared, as a scan does that decides what to read again. Nothing is opened.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator, Sequence

from provenance.catalogue.store import Catalogue
from provenance.intake.collect import get_file_states
from provenance.intake.sequences import group_by_number
from provenance.intake.walk import Walk, outermost
from provenance.media.places import is_empty, is_folder, is_there
from provenance.model.finding import CHANGED, GONE, NOT_SEEN, UNCHANGED, Case


def note_changes(catalogue: Catalogue, cases: Sequence[Case], roots: Sequence[bytes]) -> list[Case]:
    """The cases, each with its state now where it can be seen. `roots`: what to list; all roots of the cases if empty.

    What is inside a file is in the state of that file.
    """
    listed = dict.fromkeys(roots)
    if not listed:
        listed = dict.fromkeys(os.fsencode(case.location.root) for case in cases)
    present = {root: dict(_list_states(root)) for root in outermost(list(listed)) if _is_there(root)}
    states: dict[tuple[str, str], str] = {}
    noted = []
    for case in cases:
        location = case.location
        state = states.get((location.root, location.parent or ""), NOT_SEEN)
        if location.parent is None:
            state = _compare(catalogue, case, present)
        states[location.root, location.path] = state
        noted.append(dataclasses.replace(case, state_now=state))
    return noted


def _is_there(root: bytes) -> bool:
    # an empty folder may be a storage that is not mounted
    return is_there(root) and not (is_folder(root) and is_empty(root))


def _list_states(root: bytes) -> Iterator[tuple[bytes, tuple[str, ...]]]:
    """Absolute name of every file and sequence below a root, with sizes and times as a change key has them."""
    for folder in Walk([root]).folders():
        for item in group_by_number(folder):
            yield os.path.join(os.fsencode(item.root), item.relative), get_file_states(item.change_key)
        for file in folder:
            yield file.path, get_file_states(file.change_key)


def _compare(catalogue: Catalogue, case: Case, present: dict[bytes, dict[bytes, tuple[str, ...]]]) -> str:
    location = case.location
    stored = catalogue.find_change_key(location.root, location.path_bytes)
    if not stored:
        return NOT_SEEN
    for root, files in present.items():
        if location.is_below(root):
            return _compare_states(case, get_file_states(stored), files.get(location.absolute))
    return NOT_SEEN


def _compare_states(case: Case, stored: tuple[str, ...], now: tuple[str, ...] | None) -> str:
    if now is None and case.location.frames:
        # with a frame more or less a sequence has another name
        return CHANGED
    if now is None:
        return GONE
    # a file that was read alone has no sidecars in its key: what both have is compared
    for before, after in zip(stored, now, strict=False):
        if before != after:
            return CHANGED
    return UNCHANGED
