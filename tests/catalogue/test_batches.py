"""Many places recorded together: the same as one after the other, and all of it or nothing."""

from __future__ import annotations

import dataclasses
import random
import re
import sqlite3
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.catalogue.changes import Milestone
from provenance.catalogue.store import Catalogue
from provenance.catalogue.verify import verify
from provenance.catalogue.writer import FoundReading
from provenance.errors import CatalogueDamaged
from provenance.model.asset import Asset, Location, Reading
from provenance.model.finding import Case
from provenance.model.vocabulary import Origin, Zone
from tests.catalogue import make
from tests.catalogue.killing import kill_writer
from tests.catalogue.make import LATER, NOON

WRITER = """
import sys
from pathlib import Path
from typing import Any
from provenance.catalogue.store import Catalogue
from provenance.catalogue.writer import FoundReading
from tests.catalogue import make
with Catalogue.open(Path(sys.argv[1]), write=True) as catalogue:
    run = catalogue.begin_run("ingest", make.NOON)
    rows = catalogue.load_folder(make.ROOT, b"")
    for first in range(0, 6000, 30):
        numbers = [number for number in range(first, first + 30) if not rows.find(b"%06d" % number)]
        batch = [FoundReading(make.location(b"%06d" % n), "1", make.reading(n % 5000)) for n in numbers]
        catalogue.add_all(batch, run, make.NOON)
        if first % 70 == 0:
            catalogue.flush()
            print(first + 29, flush=True)
    catalogue.end_run(run, make.NOON, "done")
"""


def _found(number: int, name: str = "", mark: str = "1", **more: Any) -> FoundReading:
    return FoundReading(make.location(name or f"{number:03}", **more), mark, make.reading(number))


def _record(path: Path, found: list[FoundReading], size: int) -> list[Case]:
    """Record in batches, one after the other where `size` is 0; give what is there then."""
    with Catalogue.open(path, write=True) as catalogue:
        run = catalogue.begin_run("ingest", NOON)
        if not size:
            for row in found:
                catalogue.add(*row, run, NOON)
        for start in range(0, len(found) if size else 0, size or 1):
            catalogue.add_all(found[start : start + size], run, NOON)
        visited = catalogue.count_visits(run)
        catalogue.end_run(run, NOON, "done")
        cases = list(catalogue.cases())
        assert visited == len(cases), "a place is visited once, and each was"
    state = verify(path)
    assert state.problems == ()
    return cases


@given(st.lists(st.tuples(make.locations, make.readings), max_size=12), st.integers(1, 5))
@settings(max_examples=25, deadline=None)
def test_a_batch_leaves_what_single_rows_leave(rows: list[tuple[Location, Reading]], size: int) -> None:
    found = [FoundReading(location, f"key {number}", reading) for number, (location, reading) in enumerate(rows)]
    with tempfile.TemporaryDirectory() as folder:
        one = _record(Path(folder, "one.db"), found, 0)
        many = _record(Path(folder, "many.db"), found, size)
    assert many == one


def test_what_is_new_is_one_entry_and_stays_one_history(tmp_path: Path) -> None:
    found = [_found(number) for number in range(200)]
    odd = FoundReading(make.location("odd"), "1", make.reading(300, origin=Origin.GENERATED))
    paths = tmp_path / "one.db", tmp_path / "many.db"
    for path, size in zip(paths, (0, 40), strict=True):
        _record(path, found[:120], size)
        with Catalogue.open(path, write=True) as catalogue:
            # The first night ends in the middle of what comes in.
            run = catalogue.begin_run("nightly", NOON)
            catalogue.add_all([*found[:1], *found[120:140]], run, NOON)
            catalogue.end_run(run, NOON, "done")
            run = catalogue.begin_run("ingest", LATER)
            later = [*found[140:], odd, _found(400, "050"), _found(500, "150")]
            if size:
                catalogue.add_all(later, run, LATER)
            else:
                for row in later:
                    catalogue.add(*row, run, LATER)
            # Of the rows of a batch one changes again, the others do not.
            catalogue.add_all([_found(600, "160")], run, LATER)
            catalogue.end_run(run, LATER, "done")
        assert verify(path).problems == ()
    entries = [verify(path).entries for path in paths]
    assert entries[1] < entries[0] - 200
    one, many = (_read_history(path) for path in paths)
    assert many == one
    assert one[0]
    assert one[1]


def _read_history(path: Path) -> tuple[Any, ...]:
    with Catalogue.open(path, write=False) as catalogue:
        night = catalogue.find_milestone("nightly")
        contents = [make.digest(number) for number in (*range(200), 300, 400, 500, 600)]
        return (
            list(catalogue.list_changes(night)),
            [catalogue.is_known_as_generated(digest, night) for digest in contents].count(False),
            [catalogue.is_known_as_generated(make.digest(300), by) for by in (night, Milestone(1 << 40, None))],
            [catalogue.find_first_read(digest) for digest in contents],
            [catalogue.find_first_after(digest, night.entry) for digest in contents],
            [catalogue.find_known_before(digest, night.entry) for digest in contents],
            catalogue.list_earlier_places(make.digest(50)),
        )


def test_of_two_readings_of_one_place_the_second_counts(tmp_path: Path) -> None:
    found = [_found(0), _found(1, "a", "first"), _found(2, "a", "second"), _found(3, "b"), _found(3, "c")]
    cases = _record(tmp_path / "c.db", [_found(9), *found], 1000)
    shown = {case.location.path: case.reading.asset.digest for case in cases}
    assert shown["a"] == make.digest(2)
    assert shown["b"] == shown["c"] == make.digest(3)
    again = _record(tmp_path / "d.db", [_found(9), *found[:1]], 1)
    assert len(again) == 2
    with Catalogue.open(tmp_path / "d.db", write=True) as catalogue:
        run = catalogue.begin_run("ingest", LATER)
        catalogue.add_all(found, run, LATER)
        assert catalogue.find_change_key(make.ROOT, b"a") == "second"
        catalogue.end_run(run, LATER, "done")
    assert verify(tmp_path / "d.db").is_sound


def test_known_contents_and_places_are_as_always(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    _record(path, [_found(number) for number in range(6)], 1)
    changed = FoundReading(make.location("001", zone=Zone.TEMP), "2", make.reading(77, origin=Origin.GENERATED))
    with Catalogue.open(path, write=True) as catalogue:
        run = catalogue.begin_run("ingest", LATER)
        # A known content at a new place, a known place with new content, and something new between them.
        catalogue.add_all([_found(3, "copy"), changed, _found(80)], run, LATER, keep_zone=True)
        catalogue.end_run(run, LATER, "done")
        cases = {case.location.path: case for case in catalogue.cases()}
        assert catalogue.count_visits(run) == 3
    assert cases["copy"].reading == cases["003"].reading
    assert (cases["001"].origin, cases["001"].location.zone) == (Origin.GENERATED, Zone.EDITORIAL)
    assert cases["080"].reading.asset.digest == make.digest(80)
    assert verify(path).is_sound


def test_the_same_place_under_another_root_stays_one_row(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    _record(path, [_found(number, f"reel/{number}") for number in range(4)], 2)
    inner = [_found(number + 50, str(number), "2", root=f"{make.ROOT}/reel") for number in range(4)]
    with Catalogue.open(path, write=True) as catalogue:
        run = catalogue.begin_run("ingest", LATER)
        catalogue.add_all(inner, run, LATER)
        catalogue.end_run(run, LATER, "done")
        cases = list(catalogue.cases())
    assert sorted(case.location.path for case in cases) == [f"reel/{number}" for number in range(4)]
    assert {case.reading.asset.digest for case in cases} == {make.digest(number + 50) for number in range(4)}
    assert verify(path).is_sound


def test_a_batch_that_fails_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    with Catalogue.open(path, write=True) as catalogue:
        run = catalogue.begin_run("ingest", NOON)
        catalogue.add(*_found(0), run, NOON)
        catalogue.flush()
        head = catalogue.head
        # A number that no column of integers takes.
        asset = dataclasses.replace(make.reading(3).asset, size=1 << 70)
        broken = FoundReading(make.location("x"), "1", Reading(asset))
        with pytest.raises(OverflowError):
            catalogue.add_all([_found(1), _found(2), broken], run, NOON)
        assert catalogue.head == head
        catalogue.add_all([_found(4), _found(5)], run, NOON)
        catalogue.end_run(run, NOON, "done")
        assert [case.location.path for case in catalogue.cases()] == ["000", "004", "005"]
        assert catalogue.count_visits(run) == 3
    assert verify(path).is_sound


def test_a_file_that_could_not_be_read_is_a_place_without_content(tmp_path: Path) -> None:
    unread = [FoundReading(make.location(name), "", Reading(Asset("", "", 5, ""))) for name in "ab"]
    cases = _record(tmp_path / "c.db", [_found(0), *unread, _found(1)], 2)
    assert [case.reading.asset.digest for case in cases] == [make.digest(0), make.digest(1), "", ""]


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE readings SET origin = 'generated' WHERE id = {row}",
        "UPDATE assets SET size = size + 1 WHERE id = {row}",
        "UPDATE locations SET mark = '' WHERE id = {row}",
        "UPDATE locations SET reading = reading + 1 WHERE id = {row}",
        "DELETE FROM locations WHERE id = {row}",
        "DELETE FROM readings WHERE id = {row}",
        "UPDATE ledger SET deed = 'seen' WHERE seq = (SELECT max(id) FROM batches WHERE first_location <= {row})",
        "DELETE FROM ledger WHERE seq = (SELECT max(id) FROM batches WHERE first_reading <= {row})",
        "DELETE FROM batches WHERE first_reading <= {row}",
        "UPDATE batches SET first_location = first_location + 1 WHERE first_reading <= {row}",
        "UPDATE batches SET digests = zeroblob(length(digests)) WHERE first_reading <= {row}",
        "UPDATE batches SET digests = substr(digests, 1, 100) WHERE first_reading <= {row}",
        """INSERT INTO locations SELECT 9999, root, CAST(path || 'x' AS BLOB), zone, rest, holder, mark, reading,
            first_run, at, NULL FROM locations WHERE id = {row}""",
    ],
)
def test_an_edit_of_any_row_of_a_batch_shows(tmp_path: Path, edit: str) -> None:
    path = tmp_path / "c.db"
    # The first file makes its root, so that it is recorded alone.
    _record(path, [_found(0)] * 20 + [_found(number) for number in range(1, 41)], 20)
    row = random.Random(edit).randrange(2, 40)
    db = sqlite3.connect(path)
    for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        db.execute(f"DROP TRIGGER {name}")
    schema = verify(path).problems
    db.execute(edit.format(row=row))
    db.commit()
    db.close()
    found = set(verify(path).problems) - set(schema)
    assert any(re.search(rf"\b({row}|9999)\b|ledger: entr", text) for text in found), found


def test_a_row_that_changed_after_its_batch_is_compared_with_its_own_entry(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    _record(path, [_found(0)] * 20 + [_found(number) for number in range(1, 21)], 20)
    with Catalogue.open(path, write=True) as catalogue:
        catalogue.add_all([_found(99, "007")], catalogue.begin_run("ingest", LATER), LATER)
    assert verify(path).is_sound
    db = sqlite3.connect(path)
    # Back to what the batch has.
    db.execute("UPDATE locations SET reading = 8, at = ? WHERE path = CAST('007' AS BLOB)", (NOON,))
    db.commit()
    db.close()
    assert any("locations: row 8 is not as" in text for text in verify(path).problems)


def test_kills_between_batches_and_commits_lose_and_double_nothing(tmp_path: Path) -> None:
    path, draw = tmp_path / "c.db", random.Random(11)
    committed = -1
    for _ in range(4):
        committed = max(committed, kill_writer(WRITER, path, draw.uniform(0, 0.06)))
        assert verify(path).problems == ()
        with Catalogue.open(path, write=False) as catalogue:
            names = [case.location.path_bytes for case in catalogue.cases()]
        assert names == [b"%06d" % number for number in range(len(names))]
        assert len(names) > committed
    assert committed > 0


def test_a_row_that_is_numbered_too_high_is_an_error_for_people(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    _record(path, [_found(0), _found(1)], 1)
    db = sqlite3.connect(path)
    db.execute(f"INSERT INTO assets VALUES ({(1 << 63) - 1}, 'sha256:x', 1)")
    db.commit()
    db.close()
    with Catalogue.open(path, write=True) as catalogue:
        run = catalogue.begin_run("ingest", LATER)
        # The root is known and overlaps no other after the first row.
        catalogue.add_all([_found(2)], run, LATER)
        with pytest.raises(CatalogueDamaged):
            catalogue.add_all([_found(3), _found(4)], run, LATER)
    assert not verify(path).is_sound
