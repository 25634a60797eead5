"""A carrier, signal or method that gives something else than before has another version: nobody forgets to raise it."""

from __future__ import annotations

import copy
import dataclasses
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from provenance import trust
from provenance.evidence.carriers import c2pa
from provenance.intake.examine import derive_again, examine
from provenance.intake.jobs import FileRead, ReadFile
from provenance.limits import DEFAULT
from tests.contract.given import COMMAND, Notes, collect, explain, find_changes, is_outdated, load
from tests.contract.material import list_media


@pytest.fixture(autouse=True)
def _shipped_lists_again() -> Iterator[None]:
    yield
    c2pa.configure(trust.load())


def test_what_gives_something_else_has_another_version(tmp_path: Path) -> None:
    old, new = load(), collect(tmp_path)
    changes = find_changes(old, new)
    assert not changes, explain(changes)
    assert not is_outdated(old, new), f"a part, its version or a file of the media is new: run {COMMAND}"


def test_a_change_is_told_until_the_version_is_raised() -> None:
    old = load()
    part = "carrier png"
    name = next(iter(old.given[part]))
    new = copy.deepcopy(old)
    new.given[part][name] = "something else"
    assert find_changes(old, new) == {part: [name]}
    assert f"{part} gives something else than before for 1 inputs, such as {name}" in explain(find_changes(old, new))
    new.versions[part] += 1
    assert find_changes(old, new) == {}
    assert is_outdated(old, new)
    # What is given no more is a change as well; what comes of other bytes is none.
    new = copy.deepcopy(old)
    del new.given[part][name]
    assert find_changes(old, new) == {part: [name]}
    new.inputs[name] = "other bytes"
    assert find_changes(old, new) == {}


def test_a_file_that_has_another_type_now_is_a_change_of_the_type_it_had() -> None:
    old = load()
    name = next(iter(old.given["carrier png"]))
    new = copy.deepcopy(old)
    new.types[name] = "image/x-other"
    # What other carriers make of it then is no change of theirs.
    del new.given["carrier png"][name]
    assert find_changes(old, new) == {"type image/png": [name]}
    new.recognition["image/png"] = 2
    assert find_changes(old, new) == {}
    assert is_outdated(old, new)


def test_what_depends_on_a_library_is_compared_with_the_same_one_alone() -> None:
    old = load()
    new = copy.deepcopy(old)
    part = "fingerprint picture"
    new.given[part] = dict.fromkeys(new.given[part], "something else")
    assert set(find_changes(old, new)) == {part}
    new.libraries["numpy"] = "99"
    assert find_changes(old, new) == {}
    assert not is_outdated(old, new)


def test_every_carrier_and_signal_gives_something() -> None:
    silent = {part for part, given in load().given.items() if not given and part.startswith(("carrier", "signal"))}
    assert silent == set()


def test_evidence_that_is_derived_is_that_which_is_read() -> None:
    some = [path for path in list_media() if "-fail-" in path.name and path.is_file()][::2]
    assert len(some) > 40
    for path in some:
        read = examine(ReadFile(os.fsencode(path), path.stat().st_size), DEFAULT)
        assert isinstance(read, FileRead)
        for reading in [read.reading, *(embedded.reading for embedded in read.embedded)]:
            assert derive_again(dataclasses.replace(reading, evidence=()), DEFAULT) == reading


def test_notes_can_be_read_line_by_line() -> None:
    notes = load()
    assert Notes(**dataclasses.asdict(notes)) == notes
    assert notes.encode().count("\n") > len(notes.inputs)
