"""Rows 3, 16, 18, 24 and 29: the catalogue's file is torn, fought over, large, edited, or lies where it must not."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.faults.interface import Result, Setting
from benchmarks.faults.killing import list_rows
from benchmarks.faults.product import make_show, run_apart, start_apart, write_still
from provenance.catalogue.store import Catalogue
from provenance.catalogue.verify import verify
from provenance.errors import ProvenanceError
from provenance.media.types import UNKNOWN
from provenance.model.asset import Asset, Location, Reading
from provenance.model.vocabulary import Zone

_NOW = "2026-11-27T00:00:00Z"
_WRITE_AND_DIE = """
import os, sys
from pathlib import Path
from benchmarks.faults.catalogues import add_rows
add_rows(Path(sys.argv[1]), int(sys.argv[2]), dies=True)
"""


def run(setting: Setting) -> Iterator[Result]:
    yield _tear_log(setting)
    yield _fight(setting)
    yield _fill(setting)
    yield _edit(setting)
    yield _misplace(setting)


def add_rows(path: Path, count: int, *, dies: bool = False) -> None:
    """Add rows to a catalogue, committing now and then. `dies`: end as a kill does, with the log beside the file."""
    with Catalogue.open(path, write=True) as catalogue:
        run = catalogue.begin_run("ingest", _NOW)
        for number in range(count):
            digest = f"sha256:{number:064x}"
            name = f"folder {number // 1000}/file {number}.bin"
            asset = Asset(digest, f"{number:032x}", 1000 + number, UNKNOWN)
            location = Location("/storage", name, name.encode(), Zone.EDITORIAL)
            catalogue.add(location, f"none:FLAGGED:x:{number}.1.1", Reading(asset), run, _NOW)
            if dies and number % 50 == 49:
                catalogue.flush()
        if dies:
            os._exit(0)
        catalogue.end_run(run, _NOW, "done")


def _tear_log(setting: Setting) -> Result:
    original = setting.folder / "torn" / "c.db"
    original.parent.mkdir()
    subprocess.run([sys.executable, "-c", _WRITE_AND_DIE, original, "600"], check=True)
    log = original.with_name("c.db-wal").read_bytes()
    draw, copy = random.Random(setting.seed), setting.folder / "torn" / "copy.db"
    sizes: set[int] = set()
    unsound = wrong = 0
    times = setting.count(300, 40)
    for number in range(times):
        damaged = bytearray(log)
        if number % 2:
            del damaged[draw.randrange(len(log)) :]
        else:
            damaged[draw.randrange(len(log))] ^= 1 << draw.randrange(8)
        shutil.copy(original, copy)
        copy.with_name("copy.db-wal").write_bytes(damaged)
        copy.with_name("copy.db-shm").unlink(missing_ok=True)
        try:
            with Catalogue.open(copy, write=True) as catalogue:
                catalogue.flush()
        except ProvenanceError:
            unsound += 1
            continue
        unsound += not verify(copy).is_sound
        rows = list_rows(copy)
        sizes.add(len(rows))
        wrong += set(rows) != {f"folder {number // 1000}/file {number}.bin" for number in range(len(rows))}
    figure = (
        f"{times} logs of {len(log) / 1e6:.1f} MB: {unsound} unsound, {wrong} that are no prefix; "
        f"{len(sizes)} different prefixes"
    )
    return Result(
        3, "the write-ahead log of a killed writer is cut or has a bit flipped", figure, not unsound and not wrong
    )


def _fight(setting: Setting) -> Result:
    folder = setting.folder / "fight"
    folder.mkdir()
    files = setting.count(2000, 300)
    show = make_show(folder, files)
    run_apart("ingest", show.out, "--zone", "deliverable", "--catalogue", show.catalogue, "--quiet")
    first = start_apart("nightly", "--config", show.config, "--jobs", "1", "--quiet")
    seconds: list[int] = []
    reads: list[int] = []
    while first.poll() is None:
        seconds.append(run_apart("nightly", "--config", show.config, "--jobs", "1", "--quiet").code)
        reads.append(run_apart("report", "--catalogue", show.catalogue, "--format", "json").code)
        reads.append(run_apart("verify", "--catalogue", show.catalogue).code)
    last = run_apart("nightly", "--config", show.config, "--quiet")
    sound, rows = verify(show.catalogue).is_sound, len(list_rows(show.catalogue))
    # The second writer is refused while the first is at work; a reader sees a moment, in which a run has not ended.
    holds = set(seconds) <= {0, 6} and set(reads) <= {0, 1, 3} and sound and rows == files and last.code == 0
    figure = (
        f"{len(seconds)} second writers: codes {sorted(set(seconds))}; "
        f"{len(reads)} readers: codes {sorted(set(reads))}; "
        f"{'sound' if sound else 'not sound'}, {rows} of {files} files"
    )
    return Result(16, "two nights at once, with report and verify beside them", figure, holds)


def _fill(setting: Setting) -> Result:
    path, count = setting.folder / "large.db", setting.count(1_000_000, 20_000)
    begin = time.process_time()
    add_rows(path, count)
    added = (time.process_time() - begin) / count * 1e6
    draw = random.Random(setting.seed)
    with Catalogue.open(path, write=False) as catalogue:
        begin = time.process_time()
        for _ in range(500):
            number = draw.randrange(count)
            assert catalogue.find_by_digest(f"sha256:{number:064x}")
            assert catalogue.find_by_path(f"/storage/folder {number // 1000}/file {number}.bin".encode())
        lookup = (time.process_time() - begin) / 1000 * 1e3
    size = os.path.getsize(path) / count
    figure = (
        f"{count:,} assets, each: {added:.0f} us of processor time to add, {lookup:.2f} ms to look up, "
        f"{size:,.0f} bytes"
    )
    return Result(18, "a catalogue with many assets", figure, lookup < 5 and size < 1229)


def _edit(setting: Setting) -> Result:
    folder = setting.folder / "edited"
    folder.mkdir()
    show = make_show(folder, 12)
    write_still(show.out / "master.png", "words")
    run_apart("nightly", "--config", show.config, "--quiet")
    draw, copy = random.Random(setting.seed), folder / "copy.db"
    with sqlite3.connect(show.catalogue) as db:
        names = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        tables = [name for (name,) in db.execute(names) if db.execute(f"SELECT count(*) FROM {name}").fetchone()[0]]
    db.close()
    noticed: dict[str, list[bool]] = {}
    for _ in range(setting.count(1000, 150)):
        shutil.copy(show.catalogue, copy)
        table = draw.choice(tables)
        if _edit_one(copy, table, draw):
            noticed.setdefault(table, []).append(not verify(copy).is_sound)
    missed = {table: rows.count(False) for table, rows in noticed.items() if not all(rows)}
    edits = sum(map(len, noticed.values()))
    figure = f"{edits - sum(missed.values())} of {edits} edits noticed, in {len(noticed)} tables" + (
        f"; missed: {missed}" if missed else ""
    )
    return Result(
        24, "one cell of the catalogue is changed or one row deleted, behind its triggers", figure, not missed
    )


def _edit_one(path: Path, table: str, draw: random.Random) -> bool:
    """Change a cell or delete a row, with the triggers put back; whether the file says something else now."""
    db = sqlite3.connect(path)
    triggers = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
    try:
        for name, _ in triggers:
            db.execute(f"DROP TRIGGER {name}")
        before = db.execute(f"SELECT * FROM {table}").fetchall()
        columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
        [row] = db.execute(f"SELECT rowid FROM {table} ORDER BY random() LIMIT 1").fetchall()
        if draw.random() < 0.3:
            db.execute(f"DELETE FROM {table} WHERE rowid = ?", row)
        else:
            column = draw.choice(columns)
            [(cell,)] = db.execute(f"SELECT {column} FROM {table} WHERE rowid = ?", row).fetchall()
            other = (
                cell + 1 if isinstance(cell, int) else (cell or b"") + b"x" if isinstance(cell, bytes) else f"{cell}x"
            )
            db.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (other, *row))
        changed = bool(db.execute(f"SELECT * FROM {table}").fetchall() != before)
        for _, text in triggers:
            db.execute(text)
        db.commit()
    except sqlite3.Error:
        return False
    else:
        return changed
    finally:
        db.close()


def _misplace(setting: Setting) -> Result:
    folder = setting.folder / "misplaced"
    folder.mkdir()
    show = make_show(folder, 2)
    run_apart("nightly", "--config", show.config, "--quiet")
    newer = folder / "newer.db"
    shutil.copy(show.catalogue, newer)
    with sqlite3.connect(newer) as db:
        db.execute("PRAGMA user_version = 900")
    db.close()
    foreign = folder / "foreign.db"
    with sqlite3.connect(foreign) as db:
        db.execute("CREATE TABLE others (a)")
    db.close()
    (folder / "text.db").write_text("words, not a catalogue" * 100)
    places = {"newer": newer, "of another program": foreign, "text": folder / "text.db", "a folder": folder}
    places["in a folder that is none"] = folder / "text.db" / "c.db"
    codes = {}
    for name, place in places.items():
        before = place.read_bytes() if place.is_file() else b""
        done = run_apart("ingest", show.edit, "--catalogue", place, "--quiet")
        is_touched = place.is_file() and place.read_bytes() != before
        codes[name] = done.code if not is_touched and "Traceback" not in done.err and done.err else -1
    figure = ", ".join(f"{name}: {code}" for name, code in codes.items())
    holds = all(code in (2, 4, 5) for code in codes.values())
    return Result(
        29, "the file is newer, another program's, no catalogue, or its place is none", f"exit {figure}", holds
    )
