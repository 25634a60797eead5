"""The flat tables: every row of the catalogue once and in order, of one moment, and nothing of it changed."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from provenance.catalogue import session, tables
from provenance.catalogue.store import Catalogue
from provenance.catalogue.tables import TABLES, TableReader
from provenance.errors import CatalogueDamaged, UsageError
from provenance.model.flat_table import ColumnKind
from provenance.model.vocabulary import Origin
from tests.catalogue.demo import FORMULA, make_catalogue
from tests.catalogue.make import LATER, NOON, ROOT, digest, location, reading

_KINDS: dict[ColumnKind, type | tuple[type, ...]] = {
    ColumnKind.TEXT: str,
    ColumnKind.INTEGER: int,
    ColumnKind.NUMBER: (int, float),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    place = tmp_path / "c.db"
    make_catalogue(place)
    return place


def read(path: Path, name: str) -> list[dict[str, Any]]:
    [table] = [table for table in TABLES if table.name == name]
    names = [column.name for column in table.columns]
    with TableReader.open(path) as reader:
        return [dict(zip(names, row, strict=True)) for row in reader.read(table)]


def test_every_cell_is_of_the_kind_of_its_column_and_nothing_is_written(path: Path) -> None:
    before = hashlib.sha256(path.read_bytes()).digest()
    with TableReader.open(path) as reader:
        for table in TABLES:
            rows = list(reader.read(table))
            assert rows, table.name
            for row in rows:
                for column, cell in zip(table.columns, row, strict=True):
                    assert cell is None or isinstance(cell, _KINDS[column.kind]), (table.name, column.name)
    assert hashlib.sha256(path.read_bytes()).digest() == before


def test_contents(path: Path) -> None:
    assets = read(path, "assets")
    assert [row["digest"] for row in assets] == sorted(map(digest, (1, 2, 3, 4, 5, 7)))
    places = {row["digest"]: row["present_places"] for row in assets}
    assert (places[digest(4)], places[digest(5)]) == (0, 2)
    [generated] = [row for row in assets if row["origin"] == "generated"]
    assert generated["digest"] == digest(1)
    [found] = read(path, "evidence")
    assert (found["digest"], found["number"], found["tool"]) == (digest(1), 1, "Stable Diffusion")
    assert (found["model"], found["seed"]) == ("m", "7")
    assert found["prompt"].startswith(FORMULA)


def test_a_content_that_was_read_twice_has_the_reading_that_shows_generation(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    with Catalogue.open(path, write=True) as catalogue:
        run = catalogue.begin_run("ingest", NOON)
        catalogue.add(location("a.png"), "1", reading(1, origin=Origin.GENERATED), run, NOON)
        catalogue.add(location("b.png"), "1", reading(1), run, NOON)
    [asset] = read(path, "assets")
    assert (asset["origin"], asset["present_places"]) == ("generated", 2)
    with Catalogue.open(path, write=False) as catalogue:
        best = catalogue.find_reading(digest(1))
    assert best is not None
    assert best.evidence, "the same as everywhere else in the program"


def test_places_and_what_could_not_be_looked_at(path: Path) -> None:
    places = read(path, "places")
    assert [row["path"] for row in places] == sorted([row["path"] for row in places], key=str.encode)
    by_path = {row["path"]: row for row in places}
    assert len(by_path) == 8
    assert {row["root"] for row in places} == {ROOT}
    assert [row["path"] for row in places if row["vanished_at"]] == ["b/gone.png"]
    assert by_path["out/master.mov"]["zone"] == "deliverable"
    assert by_path["c/failed.png"]["digest"] is None
    sequence = by_path["a.[1-9].exr"]
    assert (sequence["frame_first"], sequence["frame_last"], sequence["frames_missing"]) == (1, 9, 2)
    troubles = [(row["path"], row["found_by"], row["cause"]) for row in read(path, "troubles")]
    assert troubles == [
        ("b/plain.png", "reading", "malformed"),
        ("c/failed.png", "reading", "malformed"),
        ("out/master.mov", "search", "slow"),
    ]


def test_matches_runs_and_the_register(path: Path) -> None:
    [match] = read(path, "matches")
    assert (match["digest"], match["known_digest"]) == (digest(2), digest(1))
    assert (match["time_in"], match["timecode_out"], match["known_time_in"]) == (4.0, "01:00:08:00", None)
    assert [(row["run"], row["kind"], row["outcome"]) for row in read(path, "runs")] == [
        (1, "ingest", "done"),
        (2, "nightly", "done"),
    ]
    register = [(row["id"], row["event"], row["counts"], row["field"], row["value"]) for row in read(path, "register")]
    assert register == [
        ("t1", "added", 1, "name", "Generator"),
        ("t1", "added", 1, "found_as", "gen"),
        ("t1", "added", 1, "found_as", "gen 2"),
        ("t2", "added", 0, "name", "Old"),
        ("t2", "withdrawn", 0, "name", "Old"),
    ]


def test_all_tables_show_one_moment(path: Path) -> None:
    [assets, *_, runs, _] = TABLES
    with Catalogue.open(path, write=True) as catalogue, TableReader.open(path) as reader:
        run = catalogue.begin_run("ingest", LATER)
        catalogue.add(location("new.png"), "1", reading(9), run, LATER)
        catalogue.flush()
        assert len(list(reader.read(assets))) == 6
        assert len(list(reader.read(runs))) == 2
    assert len(read(path, "assets")) == 7


def test_rows_come_in_the_order_of_an_index(path: Path) -> None:
    # What is sorted is in memory as a whole, or in a file beside the catalogue.
    with TableReader.open(path) as reader:
        for query in (tables._ASSETS, tables._MATCHES, tables._PLACES, tables._READ_PLACES):
            plan = reader._sql(f"EXPLAIN QUERY PLAN {query}").fetchall()
            steps = [row for row in plan if row[1] == 0]
            assert not [row for row in steps if "TEMP B-TREE" in row[3]], query


def test_a_row_that_was_altered_is_damage(path: Path) -> None:
    opened = session.open_writer(path)
    opened.db.execute("DROP TRIGGER readings_no_update")
    opened.db.execute("UPDATE readings SET origin = 'unknown' WHERE origin = 'generated'")
    opened.close()
    with pytest.raises(CatalogueDamaged):
        read(path, "assets")


def test_there_must_be_a_catalogue(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        TableReader.open(tmp_path / "none.db")
