"""Folders in which nothing changed are passed by quickly: never one of which the careful way would read something."""

from __future__ import annotations

import dataclasses
import os
import random
from collections.abc import Mapping

import pytest

from provenance.intake.sequences import group_by_number
from provenance.intake.walk import Walk, _list_entries, find_prefix, outermost
from provenance.model.vocabulary import Zone
from provenance.workflows.read import _AreaReader
from tests.workflows.edits import edit, make
from tests.workflows.show import Show

_NIGHTS = 6
_EDITS = 7
"""A night."""


class Compared:
    """The quick way, each answer of which is compared with that of the careful one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.known = 0
        self.asked = 0
        self.whole = 0
        quick, is_whole = _AreaReader._is_known, _AreaReader._is_whole

        def is_known(reader: _AreaReader, root: bytes, folder: bytes, keys: Mapping[bytes, str]) -> bool:
            self.asked += 1
            visits = reader.catalogue._runs._visited[reader.run]
            before, touched = bytes(visits._bits), set(reader.result.touched)
            if not quick(reader, root, folder, keys):
                assert bytes(visits._bits) == before
                return False
            self.known += 1
            noted = visits.pack()
            visits._bits[:] = before
            prefix = find_prefix(root, folder)
            entries = sorted(_list_entries(folder), key=lambda entry: entry.name)
            files, _ = Walk([root])._list_files(root, folder, prefix.decode().rstrip("/"), entries)
            assert not reader._select_changed(list(group_by_number(files)))
            assert visits.pack() == noted
            assert reader.result.touched == touched
            return True

        def compare_whole(reader: _AreaReader, visits_before: int) -> bool:
            answer = is_whole(reader, visits_before)
            if answer:
                self.whole += 1
                for root in outermost(reader.area.walk.roots):
                    assert reader.catalogue.count_missing(os.fsdecode(root), reader.run)[0] == 0
            return answer

        monkeypatch.setattr(_AreaReader, "_is_known", is_known)
        monkeypatch.setattr(_AreaReader, "_is_whole", compare_whole)


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> Compared:
    return Compared(monkeypatch)


@pytest.mark.parametrize("seed", range(4))
def test_quickly_is_as_carefully(show: Show, compared: Compared, seed: int) -> None:
    draw = random.Random(seed)
    for name in ("plain/a.txt", "plain/b.txt", "plain/further/c.txt"):
        make(show.edit / name, draw)
    for _ in range(_NIGHTS):
        for _ in range(_EDITS):
            edit(show, draw)
        show.night()
    show.night()
    assert compared.known
    assert compared.known < compared.asked
    assert compared.whole


def test_a_plain_folder_is_not_looked_at_closely(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.txt", "sub/b.txt", "pictures/frame.0001.png"):
        make(show.edit / name, random.Random(1))
    show.night()

    def refuse(*_: object) -> None:
        raise AssertionError("a folder was compared file by file")

    monkeypatch.setattr(_AreaReader, "_select_changed", refuse)
    show.night()
    assert show.engine.read == []
    assert show.report.coverage.left_alone == 3


@pytest.mark.parametrize("change", ["zone", "key", "limits"])
def test_what_only_the_catalogue_knows_is_seen(show: Show, compared: Compared, change: str) -> None:
    make(show.edit / "a.txt", random.Random(1))
    make(show.edit / "b.txt", random.Random(2))
    show.night()
    expected = ["a.txt", "b.txt"]
    if change == "zone":
        show.change_zones({"edit": Zone.TEMP})
    elif change == "key":
        show.require_reading(show.edit, b"b.txt")
        expected = ["b.txt"]
    else:
        raised = dataclasses.replace(show.settings.limits, text=show.settings.limits.text + 1)
        show.change(limits=raised)
        expected = []
    compared.known = 0
    show.night()
    assert show.engine.read == expected
    assert compared.known == (change == "limits")
    show.night()
    assert show.engine.read == []


def test_the_end_of_a_size_is_no_size(show: Show) -> None:
    place = show.edit / "a.txt"
    place.write_text("nineteen characters")
    show.night()
    times = place.stat()
    with show.open() as catalogue:
        root, key = os.fsencode(show.edit), f"{times.st_mtime_ns}.{times.st_ctime_ns}"
        assert catalogue.find_unchanged(os.fsdecode(root), b"", {b"a.txt": f"19.{key}"})
        assert not catalogue.find_unchanged(os.fsdecode(root), b"", {b"a.txt": f"9.{key}"})
