"""A copy of the catalogue that can be relied on, and errors that say what to do."""

from __future__ import annotations

import errno
import io
import threading
from pathlib import Path

import pytest

from provenance.catalogue.store import Catalogue
from tests.catalogue.make import location, reading
from tests.cli.conftest import Provenance
from tests.cli.test_scan import PARAMETERS, still

NOON = "2026-11-22T12:00:00Z"


def test_a_backup_is_whole_while_a_run_writes(provenance: Provenance, tmp_path: Path) -> None:
    made, catalogue, copy = still(tmp_path / "made.png", PARAMETERS), tmp_path / "c.db", tmp_path / "copy.db"
    provenance("scan", made, "--marks-only", "--catalogue", catalogue)
    with Catalogue.open(catalogue, write=True) as writer:
        writer.begin_run("nightly", NOON)
        said = provenance("backup", copy, "--catalogue", catalogue)
    assert said.code == 0
    assert "sound" in said.out
    assert provenance("verify", "--catalogue", copy).code == 0
    assert "generated" in provenance("show", made, "--catalogue", copy).out
    assert provenance("scan", made, "--marks-only", "--catalogue", copy).code == 1, "a copy is a catalogue"
    assert not list(tmp_path.glob("*.part*"))


def test_a_backup_stops_no_writer_and_holds_one_moment(provenance: Provenance, tmp_path: Path) -> None:
    catalogue, copy = tmp_path / "c.db", tmp_path / "copy.db"
    is_enough, added = threading.Event(), [0]

    def write() -> None:
        # A connection belongs to the thread that opened it.
        with Catalogue.open(catalogue, write=True) as writer, writer.run("ingest", NOON) as run:
            while not is_enough.is_set():
                writer.add(location(f"{added[0]}.png"), "1", reading(added[0]), run, NOON)
                writer.flush()
                added[0] += 1

    thread = threading.Thread(target=write)
    thread.start()
    try:
        while added[0] < 20:
            assert thread.is_alive()
        before = added[0]
        said = provenance("backup", copy, "--catalogue", catalogue)
        after = added[0]
    finally:
        is_enough.set()
        thread.join()
    assert said.code == 0, said.err
    assert after > before, "the writer went on meanwhile"
    with Catalogue.open(copy, write=False) as copied:
        places = {case.location.path for case in copied.cases()}
    assert places == {f"{number}.png" for number in range(len(places))}, "everything up to one moment"
    assert before <= len(places) <= added[0]


def test_a_backup_overwrites_nothing(provenance: Provenance, tmp_path: Path) -> None:
    made, catalogue, copy = still(tmp_path / "made.png"), tmp_path / "c.db", tmp_path / "copy.db"
    assert provenance("backup", copy, "--catalogue", catalogue).code == 2, "there is no catalogue"
    provenance("scan", made, "--marks-only", "--catalogue", catalogue)
    copy.write_text("mine")
    assert provenance("backup", copy, "--catalogue", catalogue).code == 2
    assert copy.read_text() == "mine"
    assert provenance("backup", tmp_path / "none" / "copy.db", "--catalogue", catalogue).code == 2
    assert provenance("backup", catalogue, "--catalogue", catalogue).code == 2


@pytest.mark.parametrize(("typed", "meant"), [("scna", "scan"), ("nigthly", "nightly"), ("reports", "report")])
def test_an_unknown_command_names_the_nearest(provenance: Provenance, typed: str, meant: str) -> None:
    said = provenance(typed, ".")
    assert said.code == 2
    assert f"Did you mean '{meant}'?" in said.err


def test_paths_from_a_list(provenance: Provenance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [still(tmp_path / name) for name in ("a.png", "b c.png", "d\ne.png")]
    scan = ("scan", "--no-catalogue", "--marks-only", "--format", "json")
    lines, nulls = tmp_path / "lines.txt", tmp_path / "nulls.txt"
    lines.write_text(f"{paths[0]}\r\n\n{paths[1]}\n{paths[0]}")
    nulls.write_text("\0".join(map(str, paths)) + "\0")
    assert len(provenance(*scan, "--files-from", lines).report["assets"]) == 2
    assert len(provenance(*scan, "--files-from", nulls, "-0").report["assets"]) == 3
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(bytes(paths[1]))))
    assert len(provenance(*scan, paths[0], "--files-from", "-").report["assets"]) == 2
    lines.write_text("")
    for wrong in (("--files-from", lines), ("--files-from", tmp_path / "none"), ("-0", paths[0]), ()):
        assert provenance(*scan, *wrong).code == 2, wrong
    lines.write_text(str(tmp_path / "missing.png"))
    assert "missing.png" in provenance(*scan, "--files-from", lines).err


def test_a_full_disk_is_one_clear_sentence(
    provenance: Provenance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = still(tmp_path / "made.png")

    def fail(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("provenance_cli.output.os.fsync", fail)
    report = tmp_path / "report.html"
    said = provenance("scan", made, "--no-catalogue", "--marks-only", "--output", report)
    assert said.code == 4
    assert f"the disk is full: {report} was not written" in said.err
    assert "internal error" not in said.err
    assert not report.exists()
