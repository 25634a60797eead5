from __future__ import annotations

import dataclasses
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.catalogue.queries import LocationSummary, LocationTimes
from provenance.catalogue.store import Catalogue
from provenance.catalogue.verify import verify
from provenance.catalogue.writer import Change
from provenance.errors import UsageError
from provenance.model.asset import Asset, Location, Reading
from provenance.model.finding import Approval, Case
from provenance.model.vocabulary import Origin
from provenance.origin import decide_origin
from tests.catalogue import make
from tests.catalogue.make import LATER, LATEST, NOON, ROOT


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "folder" / "c.db"


@pytest.fixture
def catalogue(path: Path) -> Catalogue:
    return Catalogue.open(path, write=True)


def _add(
    catalogue: Catalogue, name: str | bytes, reading: Reading, run: int, mark: str = "1", now: str = NOON
) -> Change:
    return catalogue.add(make.location(name), mark, reading, run, now)


def _paths(cases: list[Case]) -> list[str]:
    return [case.location.path for case in cases]


@given(st.lists(st.tuples(make.locations, make.readings), max_size=6))
@settings(max_examples=40, deadline=None)
def test_whatever_is_recorded_comes_back(rows: list[tuple[Location, Reading]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "provenance.db")
        with Catalogue.open(path, write=True) as catalogue:
            run = catalogue.begin_run("ingest", NOON)
            for location, reading in rows:
                catalogue.add(location, "mark", reading, run, NOON)
            catalogue.end_run(run, NOON, "done")
        expected = {
            (os.fsencode(loc.root), loc.path_bytes): Case(loc, said, decide_origin(said.evidence)) for loc, said in rows
        }
        with Catalogue.open(path, write=False) as catalogue:
            found = [dataclasses.replace(case, matches=()) for case in catalogue.cases()]
            assert found == [expected[key] for key in sorted(expected)]
        assert verify(path).problems == ()


def test_new_same_changed(catalogue: Catalogue) -> None:
    with catalogue:
        run = catalogue.begin_run("ingest", NOON)
        assert _add(catalogue, "a", make.reading(1), run) is Change.NEW
        assert _add(catalogue, "a", make.reading(1), run) is Change.SAME
        assert _add(catalogue, "a", make.reading(2), run) is Change.CHANGED
        assert [case.reading for case in catalogue.cases()] == [make.reading(2)]


def test_the_same_bytes_at_two_paths_are_one_asset(catalogue: Catalogue) -> None:
    with catalogue:
        run = catalogue.begin_run("ingest", NOON)
        _add(catalogue, "b/copy.png", make.reading(1), run)
        _add(catalogue, "a/one.png", make.reading(1), run)
        assert catalogue.summarise() == LocationSummary(2, 1, 101, 0, {Origin.UNKNOWN: 2})
        assert _paths(catalogue.find_by_digest(make.digest(1))) == ["a/one.png", "b/copy.png"]
        assert catalogue.find_by_digest("sha256:\udce9") == []


def test_files_that_could_not_be_read_share_no_asset(catalogue: Catalogue) -> None:
    with catalogue:
        run = catalogue.begin_run("ingest", NOON)
        unread = Reading(Asset("", "", 5, ""))
        _add(catalogue, "a", unread, run)
        _add(catalogue, "b", unread, run)
        assert catalogue.summarise() == LocationSummary(2, 0, 0, 0, {Origin.UNKNOWN: 2})
        assert catalogue.find_reading("") is None


def test_a_mark_tells_whether_to_read_again(catalogue: Catalogue) -> None:
    with catalogue:
        run = catalogue.begin_run("ingest", NOON)
        assert catalogue.find_change_key(ROOT, b"a") is None
        _add(catalogue, "a", make.reading(1), run, mark="size.times")
        assert catalogue.find_change_key(ROOT, b"a") == "size.times"
        assert catalogue.find_change_key("/elsewhere", b"a") is None
        _add(catalogue, "a", make.reading(1), run, mark="other")
        assert catalogue.find_change_key(ROOT, b"a") == "other"


def test_what_a_run_did_not_come_by_has_vanished_until_it_is_back(catalogue: Catalogue, path: Path) -> None:
    with catalogue:
        first = catalogue.begin_run("nightly", NOON)
        for number, name in enumerate(["a", "b", "c", "d/e", "d/f", "d!", "dd"]):
            _add(catalogue, name, make.reading(number), first)
        catalogue.add(make.location("a", root="/other"), "1", make.reading(1), first, NOON)
        assert catalogue.record_disappearances(ROOT, first, NOON) == []
        catalogue.end_run(first, NOON, "done")

        second = catalogue.begin_run("nightly", LATER)
        catalogue.touch(ROOT, b"a", second)
        _add(catalogue, "b", make.reading(20), second, now=LATER)
        assert catalogue.record_disappearances(ROOT, second, LATER, spare=[b"d"]) == ["c", "d!", "dd"]
        assert _paths(list(catalogue.cases())) == ["a", "b", "d/e", "d/f", "a"]
        assert catalogue.find_change_key(ROOT, b"c") is None
        assert catalogue.find_reading(make.digest(2)) == make.reading(2), "nothing is forgotten"
        assert _paths(catalogue.find_by_digest(make.digest(2))) == ["c"]
        catalogue.end_run(second, LATER, "done")
        assert catalogue.record_disappearances(ROOT, second, LATEST, spare=[b"d"]) == [], (
            "told once, and known after the end of the run"
        )

        assert _add(catalogue, "c", make.reading(2), second, now=LATEST) is Change.NEW
        assert catalogue.summarise().vanished == 2
        with pytest.raises(ValueError, match="not in the catalogue"):
            catalogue.touch(ROOT, b"dd", second)
    assert verify(path).problems == ()


def test_what_stands_in_a_touched_file_is_touched(catalogue: Catalogue) -> None:
    with catalogue:
        first = catalogue.begin_run("nightly", NOON)
        rows: dict[str, dict[str, Any]] = {
            "a.zip": {}, "a.zip\0b.psd": {"parent": "a.zip"}, "a.zip\0b.psd!layer 3": {"parent": "a.zip\0b.psd"},
            "s.[1-9].exr": {"frames": (1, 9), "missing": (4,)}, "s.5.exr": {"frame": 5, "sequence": "s.[1-9].exr"},
            "z.zip": {}, "z.zip\0gone": {"parent": "z.zip"},
        }  # fmt: skip
        for number, (name, more) in enumerate(rows.items()):
            catalogue.add(make.location(name, **more), "1", make.reading(number), first, NOON)
        second = catalogue.begin_run("nightly", LATER)
        catalogue.touch(ROOT, b"a.zip", second)
        catalogue.touch(ROOT, b"s.[1-9].exr", second)
        catalogue.add(make.location("z.zip"), "2", make.reading(99), second, LATER)
        assert catalogue.record_disappearances(ROOT, second, LATER) == ["z.zip\0gone"]


def test_sightings(catalogue: Catalogue, path: Path) -> None:
    with catalogue:
        for now in (NOON, LATER, LATEST):
            run = catalogue.begin_run("nightly", now)
            if now == NOON:
                _add(catalogue, "a", make.reading(1), run)
                _add(catalogue, "b", make.reading(2), run)
            else:
                catalogue.touch(ROOT, b"a", run)
                catalogue.record_disappearances(ROOT, run, now)
            catalogue.end_run(run, now, "done")
    with Catalogue.open(path, write=False) as catalogue:
        assert catalogue.find_times(ROOT, b"a") == LocationTimes(NOON, LATEST, None)
        assert catalogue.find_times(ROOT, b"b") == LocationTimes(NOON, NOON, LATER)
        assert catalogue.find_times(ROOT, b"c") is None


def test_scope_and_time_of_cases(catalogue: Catalogue) -> None:
    names = ["a", "a\0x", "a!x", "a.png", "a/b", "a/b/c", "ab/c", "b"]
    with catalogue:
        run = catalogue.begin_run("ingest", NOON)
        for number, name in enumerate(names):
            _add(catalogue, name, make.reading(number), run, now=LATER if name == "b" else NOON)
        catalogue.add(make.location("top", root="/"), "1", make.reading(50), run, NOON)

        def under(*paths: bytes) -> list[str]:
            return _paths(list(catalogue.cases(under=paths)))

        assert under(b"/mnt/storage/a") == ["a", "a\0x", "a/b", "a/b/c"]
        assert under(b"/mnt/storage/a", b"/mnt/storage/a/b/", b"/mnt/storage/b") == ["a", "a\0x", "a/b", "a/b/c", "b"]
        assert under(b"/mnt") == under(b"/mnt/storage") == under(b"/mnt/storage/") == sorted(names)
        assert under(b"/mnt/stor", b"/mnt/storage/c") == under() == []
        assert under(b"/") == ["top", *sorted(names)]
        assert _paths(list(catalogue.cases(since=LATER))) == ["b"]
        assert _paths(catalogue.find_by_path(b"/mnt/storage/a/b")) == ["a/b"]
        assert _paths(catalogue.find_by_path(b"/top")) == ["top"]
        assert catalogue.find_by_path(b"/mnt/storage") == []
        _add(catalogue, "a", make.reading(0), run, mark="2", now=LATEST)
        assert _paths(list(catalogue.cases(since=LATEST))) == [], "a new mark is no news"
        _add(catalogue, "a", make.reading(0, words=9), run, mark="2", now=LATEST)
        assert _paths(list(catalogue.cases(since=LATEST))) == ["a"]


def test_known_prefers_generation_and_passes_over_readings_that_were_made_again(catalogue: Catalogue) -> None:
    with catalogue:
        run = catalogue.begin_run("ingest", NOON)
        marked, plain = make.reading(1, origin=Origin.GENERATED), make.reading(1)
        _add(catalogue, "a", marked, run)
        _add(catalogue, "b", plain, run)
        assert catalogue.find_reading(make.digest(1)) == marked
        _add(catalogue, "a", plain, run)
        assert catalogue.find_reading(make.digest(1)) == plain, "read again, and the mark turned out to be none"
        _add(catalogue, "c", make.reading(3, origin=Origin.GENERATED), run)
        _add(catalogue, "c", make.reading(4), run)
        assert catalogue.find_reading(make.digest(3)) == make.reading(3, origin=Origin.GENERATED), (
            "overwritten is not forgotten"
        )


def test_runs(path: Path) -> None:
    with Catalogue.open(path, write=True) as catalogue:
        catalogue.begin_run("ingest", NOON, "/mnt/caf\udce9")
        done = catalogue.begin_run("nightly", LATER)
        catalogue.end_run(done, LATEST, "2 new")
    with Catalogue.open(path, write=False) as catalogue:
        finished, killed = catalogue.list_runs()
    assert (finished.kind, finished.ended_at, finished.outcome, finished.pid) == (
        "nightly",
        LATEST,
        "2 new",
        os.getpid(),
    )
    assert (killed.started_at, killed.ended_at, killed.detail) == (NOON, None, "/mnt/caf\\udce9")


def _approval(**changed: str) -> Approval:
    said = {"digest": make.digest(1), "who": "Ada", "reason": "licensed", "reference": "L-1", "expires": "2027-01-31"}
    return Approval(**{**said, **changed})


def test_approvals_are_kept_and_withdrawn(catalogue: Catalogue, path: Path) -> None:
    with catalogue:
        catalogue.add_approval(_approval(), NOON)
        catalogue.add_approval(_approval(digest=make.digest(2), who="Bob\udce9"), LATER)
        first = Approval(make.digest(1), "Ada", "licensed", "L-1", "2027-01-31", NOON)
        assert catalogue.list_approvals()[0].approval == first
        assert catalogue.list_approvals()[1].approval.who == "Bob\\udce9"
        assert catalogue.withdraw_approval(make.digest(1), "Bob", "expired licence", LATEST) == [first]
        with pytest.raises(UsageError):
            catalogue.withdraw_approval(make.digest(1), "Bob", "again", LATEST)
    with Catalogue.open(path, write=False) as reader:
        assert [row.approval.digest for row in reader.list_approvals()] == [make.digest(2)]
    assert verify(path).problems == ()


@pytest.mark.parametrize("name", ["digest", "who", "reason", "reference", "expires"])
def test_an_approval_that_says_too_little_is_refused(catalogue: Catalogue, name: str) -> None:
    with catalogue, pytest.raises(UsageError) as refused:
        catalogue.add_approval(_approval(**{name: " "}), NOON)
    assert refused.value.hint
