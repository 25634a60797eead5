"""Folders in which nothing changed are passed by quickly: never one of which the careful way would read something."""

from __future__ import annotations

import dataclasses
import os
import random
import sqlite3
from collections.abc import Mapping

import pytest

from provenance.catalogue.row_bitmap import RowBitmap
from provenance.catalogue.verify import verify
from provenance.errors import CatalogueDamaged
from provenance.intake.sequences import group_by_number
from provenance.intake.walk import FolderListing, PassedBy, Walk, _list_entries, find_prefix, outermost
from provenance.model.vocabulary import Zone
from provenance.workflows.read import _AreaReader
from tests.workflows.edits import edit, make
from tests.workflows.show import Show

_NIGHTS = 6
_EDITS = 7
"""A night."""


class Compared:
    """The quick ways, each answer of which is compared with that of the careful one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.same = 0
        """Folders of which a state was kept that still holds."""
        self.known = 0
        """Folders of which all rows were compared in one pass."""
        self.asked = 0
        self.whole = 0
        find_same, has_all, is_whole = _AreaReader.find_same, _AreaReader.has_all, _AreaReader._is_whole

        def find_and_compare(reader: _AreaReader, listing: FolderListing) -> PassedBy | None:
            self.asked += 1
            before = self._note(reader)
            passed_by = find_same(reader, listing)
            if passed_by is None:
                assert self._note(reader) == before
            else:
                self.same += 1
                walk = self._compare(reader, listing, before)
                assert (walk.junk, walk.skipped) == passed_by
            return passed_by

        def ask_and_compare(
            reader: _AreaReader, root: bytes, listing: FolderListing, keys: Mapping[bytes, str]
        ) -> bool:
            before = self._note(reader)
            if not has_all(reader, root, listing, keys):
                assert self._note(reader) == before
                return False
            self.known += 1
            self._compare(reader, listing, before)
            return True

        def compare_whole(reader: _AreaReader, visits_before: int) -> bool:
            answer = is_whole(reader, visits_before)
            if answer:
                self.whole += 1
                for root in outermost(reader.area.walk.roots):
                    assert reader.catalogue.count_missing(os.fsdecode(root), reader.run)[0] == 0
            return answer

        monkeypatch.setattr(_AreaReader, "find_same", find_and_compare)
        monkeypatch.setattr(_AreaReader, "has_all", ask_and_compare)
        monkeypatch.setattr(_AreaReader, "_is_whole", compare_whole)

    def _note(self, reader: _AreaReader) -> tuple[bytes, set[bytes], int]:
        """What was seen, what is told of, and how much was passed by."""
        visits = reader.catalogue._runs._visited[reader.run]
        return visits.pack(), set(reader.result.touched), reader._passed_by

    def _compare(self, reader: _AreaReader, listing: FolderListing, before: tuple[bytes, set[bytes], int]) -> Walk:
        """Look at a folder that was passed by as at one of which nothing is known; gives the walk that did it."""
        noted = self._note(reader)
        visits = reader.catalogue._runs._visited[reader.run]
        visits._bits[:] = RowBitmap.unpack(before[0])._bits
        (root,) = outermost(reader.area.walk.roots)
        walk, prefix = Walk([root]), find_prefix(root, listing.path)
        shown = prefix.decode("utf-8", "backslashreplace").rstrip("/")
        entries = sorted(_list_entries(listing.path), key=lambda entry: entry.name)
        files, _ = walk._list_files(root, listing.path, shown, entries)
        items = list(group_by_number(files))
        assert len(files) == noted[2] - before[2]
        size = reader.catalogue.ledger.size
        assert not items or not reader._select_changed(items)
        assert self._note(reader) == noted
        # Nor has the careful way anything to write.
        assert reader.catalogue.ledger.size == size
        return walk


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
    assert compared.same
    assert compared.same + compared.known < compared.asked
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


_MIXED = ("a.png", "a.xmp", "c.zip", "Thumbs.db", *(f"shot.{number:04}.dpx" for number in range(4)))


def test_a_folder_of_anything_is_proven_by_its_state(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in _MIXED:
        make(show.edit / name, random.Random(1))
    (show.edit / "link").symlink_to("nowhere")
    (show.edit / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0")
    for _ in range(2):
        show.night()
    shown, size = show.report.coverage, _count_entries(show)

    def refuse(*_: object) -> None:
        raise AssertionError("a folder was compared")

    monkeypatch.setattr(_AreaReader, "_select_changed", refuse)
    monkeypatch.setattr(_AreaReader, "has_all", refuse)
    show.night()
    assert show.report.coverage == shown
    assert shown.junk == 1
    assert shown.left_alone == len(_MIXED) - 1
    # The run, its end, and what it leaves for the next.
    assert _count_entries(show) == size + 3


@pytest.mark.parametrize("name", [*_MIXED, "another.txt"])
@pytest.mark.parametrize("deed", ["make", "delete", "touch", "chmod"])
def test_what_happens_in_a_folder_with_a_state_is_seen(show: Show, compared: Compared, name: str, deed: str) -> None:
    for there in (*_MIXED, "another.txt"):
        make(show.edit / there, random.Random(1))
    for _ in range(2):
        show.night()
    before = compared.same
    if deed == "make":
        make(show.edit / name, random.Random(2))
    elif deed == "delete":
        (show.edit / name).unlink()
    elif deed == "touch":
        os.utime(show.edit / name)
    else:
        (show.edit / name).chmod(0o600)
    show.night()
    assert compared.same == before
    for _ in range(2):
        show.night()
        assert show.engine.read == []
    assert compared.same == before + 1


def test_a_state_that_somebody_edited_is_damage(show: Show) -> None:
    make(show.edit / "a.txt", random.Random(1))
    for _ in range(2):
        show.night()
    with sqlite3.connect(show.catalogue) as db:
        db.execute("UPDATE folder_states SET payload = replace(payload, '[1,1]', '[1,9]')")
    db.close()
    with pytest.raises(CatalogueDamaged, match="folder_state"):
        show.night()
    problems = verify(show.catalogue).problems
    assert any(text.startswith("folder_states: row 2 is not as ledger entry") for text in problems), problems


def _count_entries(show: Show) -> int:
    with show.open() as catalogue:
        return catalogue.ledger.size


@pytest.mark.parametrize("nights", [1, 3])
@pytest.mark.parametrize("change", ["zone", "key", "limits"])
def test_what_only_the_catalogue_knows_is_seen(show: Show, compared: Compared, change: str, nights: int) -> None:
    make(show.edit / "a.txt", random.Random(1))
    make(show.edit / "b.txt", random.Random(2))
    for _ in range(nights):
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
    compared.known = compared.same = 0
    show.night()
    assert show.engine.read == expected
    assert compared.known == (change == "limits")
    assert not compared.same
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
