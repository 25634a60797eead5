"""The catalogue as files that other programs open."""

from __future__ import annotations

import csv
import hashlib
import importlib.util
import sys
import tracemalloc
from pathlib import Path

import pytest

from provenance.catalogue.tables import TABLES, Row
from provenance.reports import flat_formats
from provenance.reports.flat_formats import FORMATS
from tests.catalogue.demo import FORMULA, make_catalogue
from tests.cli.conftest import Provenance

NAMES = [table.name for table in TABLES]
needs_pyarrow = pytest.mark.skipif(importlib.util.find_spec("pyarrow") is None, reason="pyarrow is not installed")


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    place = tmp_path / "c.db"
    make_catalogue(place)
    return place


def test_csv_of_every_table(provenance: Provenance, catalogue: Path, tmp_path: Path) -> None:
    folder = tmp_path / "tables"
    said = provenance("export", folder, "--catalogue", catalogue)
    assert (said.code, said.err) == (0, "")
    assert "assets.csv: 6 rows" in said.out
    assert sorted(path.name for path in folder.iterdir()) == sorted(f"{name}.csv" for name in NAMES)
    for table in TABLES:
        text = (folder / f"{table.name}.csv").read_text(encoding="utf-8-sig")
        header, *rows = csv.reader(text.splitlines())
        assert header == [column.name for column in table.columns]
        assert rows
        for cell in [cell for row in rows for cell in row]:
            assert not cell.startswith(("=", "+", "-", "@")), "a spreadsheet would compute it"
    assert f"'{FORMULA}" in next(csv.reader([(folder / "places.csv").read_text(encoding="utf-8").splitlines()[1]]))[1]


@pytest.mark.parametrize("name", ["csv", pytest.param("parquet", marks=needs_pyarrow)])
def test_the_same_catalogue_gives_the_same_bytes(
    provenance: Provenance, catalogue: Path, tmp_path: Path, name: str
) -> None:
    digests = []
    for folder in (tmp_path / "one", tmp_path / "two"):
        assert provenance("export", folder, "--format", name, "--catalogue", catalogue, "--quiet").out == ""
        digests.append([hashlib.sha256(path.read_bytes()).digest() for path in sorted(folder.iterdir())])
    assert digests[0] == digests[1]
    assert len(digests[0]) == len(NAMES)


@needs_pyarrow
def test_parquet_has_types_meanings_and_the_texts_as_they_are(
    provenance: Provenance, catalogue: Path, tmp_path: Path
) -> None:
    import pyarrow.parquet

    assert provenance("export", tmp_path / "t", "--format", "parquet", "--catalogue", catalogue).code == 0
    for table in TABLES:
        read = pyarrow.parquet.read_table(tmp_path / "t" / f"{table.name}.parquet")
        assert read.schema.names == [column.name for column in table.columns]
        assert read.schema.field(0).metadata[b"description"].decode() == table.columns[0].meaning
        assert read.num_rows > 0
    places = pyarrow.parquet.read_table(tmp_path / "t" / "places.parquet")
    assert places["path"][0].as_py() == f"{FORMULA}.png"
    assert str(places["bytes"].type) == "int64"
    prompt = pyarrow.parquet.read_table(tmp_path / "t" / "evidence.parquet")["prompt"][0].as_py()
    assert prompt == f"{FORMULA} a harbour\ufffd", "what no reader of UTF-8 takes is replaced"


def test_without_pyarrow_it_says_what_to_do(
    provenance: Provenance, catalogue: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    said = provenance("export", tmp_path / "t", "--format", "parquet", "--catalogue", catalogue)
    assert said.code == 2
    assert "pip install 'provenance[parquet]'" in said.err


def test_single_tables_replace_older_ones(provenance: Provenance, catalogue: Path, tmp_path: Path) -> None:
    folder = tmp_path / "t"
    folder.mkdir()
    (folder / "runs.csv").write_text("old")
    (folder / "mine.txt").write_text("mine")
    assert provenance("export", folder, "--table", "runs", "--catalogue", catalogue).code == 0
    assert sorted(path.name for path in folder.iterdir()) == ["mine.txt", "runs.csv"]
    assert "nightly" in (folder / "runs.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "arguments", [("--table", "findings"), ("--format", "sql"), ("--catalogue", "none.db")], ids=lambda words: words[0]
)
def test_bad_usage_makes_nothing(
    provenance: Provenance, catalogue: Path, tmp_path: Path, arguments: tuple[str, str]
) -> None:
    said = provenance("export", tmp_path / "t", "--catalogue", catalogue, *arguments)
    assert said.code == 2
    assert not (tmp_path / "t").exists()
    assert provenance("export", catalogue, "--catalogue", catalogue).code == 2, "a file is no folder"


@pytest.mark.parametrize("name", ["csv", pytest.param("parquet", marks=needs_pyarrow)])
def test_memory_does_not_grow_with_the_rows(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flat_formats, "_ROW_GROUP", 200)
    [table] = [table for table in TABLES if table.name == "troubles"]

    def peak(count: int) -> int:
        rows = (_make_row(number) for number in range(count))
        tracemalloc.start()
        size = sum(map(len, FORMATS[name].render(table, rows)))
        assert size > count
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(1_000)
    assert peak(9_000) < peak(1_000) * 4, "the end of a Parquet file names each of its row groups"


def _make_row(number: int) -> Row:
    return ("/mnt/show", f"reel/{number}.mov", "sha256:0", "reading", "png", "malformed", "a chunk is cut off")
