"""Every edit behind the catalogue's back is noticed; damage is told in words."""

from __future__ import annotations

import contextlib
import dataclasses
import random
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from provenance.catalogue.ledger import STATES, hash_entry, hash_state
from provenance.catalogue.store import Catalogue
from provenance.catalogue.verify import verify
from provenance.errors import CatalogueDamaged
from provenance.model.asset import Fingerprint
from provenance.model.finding import Approval
from provenance.model.vocabulary import Origin
from tests.catalogue import make
from tests.catalogue.make import LATER, NOON, ROOT

TABLES = ("runs", "roots", "assets", "readings", "locations", "approvals", "ledger")


def _write(path: Path, count: int = 60) -> None:
    with Catalogue.open(path, write=True) as catalogue:
        for now in (NOON, LATER):
            run = catalogue.begin_run("nightly", now)
            for number in range(count if now == NOON else count // 2):
                more: dict[str, Any] = {"frames": (1, 9), "missing": (3, 4)} if number % 9 == 0 else {}
                origin = Origin.GENERATED if number % 5 == 0 else None
                thumbnail = b"\xff\xd8" * 400 if number % 3 == 0 else None
                said = make.reading(number % 50, origin=origin, words=number % 40, thumbnail=thumbnail)
                catalogue.add(make.location(b"%03d\xff" % number, **more), now, said, run, now)
            catalogue.record_disappearances(ROOT, run, now)
            catalogue.add_approval(Approval(make.digest(count), "Ada", f"since {now}", "L-1", "2027-01-01"), now)
            catalogue.end_run(run, now, "done")
        catalogue.withdraw_approval(make.digest(count), "Bob", "no more", LATER)
        catalogue.add_approval(Approval(make.digest(0), "Ada", "licensed", "L-2", "2027-01-01"), LATER)
        catalogue.begin_run("ingest", LATER)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("original") / "c.db"
    _write(path)
    return path


@pytest.fixture
def copy(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(original, tmp_path / "c.db"))


def _unlocked(path: Path) -> sqlite3.Connection:
    """The file in the hands of somebody who removes the triggers and puts them back afterwards."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA foreign_keys = OFF")
    db.execute("PRAGMA synchronous = OFF")
    for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        db.execute(f"DROP TRIGGER {name}")
    return db


def _triggers(path: Path) -> list[str]:
    with sqlite3.connect(path) as db:
        found = [sql for (sql,) in db.execute("SELECT sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY rowid")]
    db.close()
    return found


def _locked(db: sqlite3.Connection, triggers: list[str]) -> None:
    for sql in triggers:
        db.execute(sql)
    db.close()


def test_an_untouched_catalogue_is_sound(original: Path) -> None:
    state = verify(original)
    assert state.is_sound
    assert state.entries > 150
    assert state.first_bad is None
    with Catalogue.open(original, write=False) as catalogue:
        assert catalogue.head == state.head
    assert verify(original, expected_head=state.head).is_sound


@pytest.mark.parametrize("table", TABLES)
def test_the_tables_themselves_refuse_deletion(copy: Path, table: str) -> None:
    with sqlite3.connect(copy) as db, pytest.raises(sqlite3.DatabaseError, match="never changed"):
        db.execute(f"DELETE FROM {table}")
    db.close()


@pytest.mark.parametrize("table", ["assets", "readings", "ledger"])
def test_what_was_said_cannot_be_updated(copy: Path, table: str) -> None:
    with sqlite3.connect(copy) as db, pytest.raises(sqlite3.DatabaseError, match="never changed"):
        db.execute(f"UPDATE {table} SET id = id + 1000" if table != "ledger" else "UPDATE ledger SET at = ''")
    db.close()


def _edit(db: sqlite3.Connection, rng: random.Random) -> str:
    """One edit of one table, of a kind that changes what it says."""
    table = rng.choice(TABLES)
    rows = db.execute(f"SELECT rowid, * FROM {table}").fetchall()
    row = rng.choice(rows)
    kind = rng.choice(["change", "change", "change", "delete", "copy", "swap"])
    columns = [name for _, name, *_ in db.execute(f"PRAGMA table_info({table})")][1:]
    if kind == "delete":
        db.execute(f"DELETE FROM {table} WHERE rowid = ?", (row[0],))
    elif kind == "copy":
        places = ", ".join("?" * (len(columns) + 1))
        cells = [
            _other(cell, rng) if name in ("digest", "path") else cell
            for name, cell in zip(columns, row[2:], strict=True)
        ]
        db.execute(f"INSERT INTO {table} VALUES ({places})", (max(r[0] for r in rows) + 1, *cells))
    elif kind == "swap" and len(rows) > 1:
        other = rng.choice([r for r in rows if r[0] != row[0]])
        for old, new in ((row[0], -1), (other[0], row[0]), (-1, other[0])):
            db.execute(f"UPDATE {table} SET rowid = ? WHERE rowid = ?", (new, old))
    else:
        place = rng.randrange(len(columns))
        cell = _other(row[place + 2], rng)
        db.execute(f"UPDATE OR IGNORE {table} SET {columns[place]} = ? WHERE rowid = ?", (cell, row[0]))
        kind += f" {columns[place]}"
    return f"{kind} of row {row[0]} of {table}"


def _other(cell: object, rng: random.Random) -> object:
    if isinstance(cell, int):
        return cell + rng.choice([-1, 1, 1000])
    if isinstance(cell, bytes):
        at = rng.randrange(len(cell) + 1)
        return cell[:at] + rng.randbytes(1 + rng.randrange(3)) + cell[at:]
    return f"{cell or ''}{rng.choice('xyz')}"


def _content(path: Path) -> dict[str, list[object]]:
    db = sqlite3.connect(path)
    rows = {table: db.execute(f"SELECT * FROM {table} ORDER BY rowid").fetchall() for table in TABLES}
    db.close()
    return rows


def test_random_edits_are_all_noticed(original: Path, tmp_path: Path) -> None:
    rng, triggers, before, edits = random.Random(11), _triggers(original), _content(original), 0
    for number in range(100):
        path = Path(shutil.copy(original, tmp_path / "edited.db"))
        db = _unlocked(path)
        try:
            what = _edit(db, rng)
        except sqlite3.IntegrityError:
            continue  # not even the tables take it
        finally:
            _locked(db, triggers)
        if _content(path) == before:
            continue  # an update that the tables ignored
        edits += 1
        assert not verify(path).is_sound, f"edit {number}: {what}"
    assert edits > 66


def test_an_edited_reading_is_named_by_the_entry_that_recorded_it(copy: Path) -> None:
    triggers, db = _triggers(copy), _unlocked(copy)
    db.execute("UPDATE readings SET origin = 'unknown' WHERE id = 1")
    seq = db.execute("SELECT seq FROM ledger WHERE subject = 'reading' AND row = 1").fetchone()[0]
    _locked(db, triggers)
    state = verify(copy)
    assert state.first_bad == seq
    assert f"entry {seq} " in state.problems[0]
    with Catalogue.open(copy, write=False) as catalogue, pytest.raises(CatalogueDamaged):
        list(catalogue.cases())


@pytest.mark.parametrize("table", ["fingerprints", "attachments"])
@pytest.mark.parametrize("change", ["asset = asset + 1000", "data = x'00'", "digest = x'00'"])
def test_what_is_kept_of_a_content_stays_with_it(tmp_path: Path, table: str, change: str) -> None:
    path = tmp_path / "c.db"
    kept = dataclasses.replace(
        make.reading(1), fingerprints=(Fingerprint("picture", 1, b"code"),), manifests=(b"m",), frame_digests=b"f" * 32
    )
    with Catalogue.open(path, write=True) as catalogue:
        catalogue.add(make.location("a.png"), NOON, kept, catalogue.begin_run("scan", NOON), NOON)
        assert catalogue.load_manifests(make.digest(1)) == [b"m"]
        assert catalogue.load_frame_digests(make.digest(1)) == b"f" * 32
        assert catalogue.load_frame_digests(make.digest(2)) is None
    assert verify(path).is_sound
    triggers, db = _triggers(path), _unlocked(path)
    db.execute(f"UPDATE {table} SET {change} WHERE id = 1")
    _locked(db, triggers)
    assert any(f"{table}: row 1 " in problem for problem in verify(path).problems)


def test_missing_and_reordered_entries_are_named(copy: Path) -> None:
    triggers, db = _triggers(copy), _unlocked(copy)
    db.execute("DELETE FROM ledger WHERE seq BETWEEN 20 AND 22")
    _locked(db, triggers)
    state = verify(copy)
    assert state.first_bad is not None
    assert state.first_bad <= 20
    assert any("20 to 22" in problem for problem in state.problems)


def test_a_dropped_trigger_is_noticed(copy: Path) -> None:
    _unlocked(copy).close()
    assert any("schema" in problem for problem in verify(copy).problems)


def test_cutting_the_end_off_shows_only_against_a_noted_head(copy: Path) -> None:
    noted = verify(copy).head
    triggers, db = _triggers(copy), _unlocked(copy)
    db.execute("DELETE FROM ledger WHERE seq = (SELECT max(seq) FROM ledger)")
    db.execute("DELETE FROM runs WHERE id = (SELECT max(id) FROM runs)")
    _locked(db, triggers)
    assert verify(copy).is_sound
    assert any("head" in problem for problem in verify(copy, expected_head=noted).problems)


def test_a_chain_computed_anew_shows_against_a_noted_head(copy: Path) -> None:
    noted = verify(copy).head
    triggers, db = _triggers(copy), _unlocked(copy)
    db.execute("UPDATE approvals SET who = 'Eve' WHERE id = 1")
    state = db.execute(f"{STATES['approval']} WHERE this.id = 1").fetchone()
    newest = db.execute("SELECT max(seq) FROM ledger WHERE subject = 'approval' AND row = 1").fetchone()[0]
    db.execute("UPDATE ledger SET digest = ? WHERE seq = ?", (hash_state(state), newest))
    previous = b""
    for seq, at, subject, row, deed, digest in db.execute(
        "SELECT seq, at, subject, row, deed, digest FROM ledger ORDER BY seq"
    ).fetchall():
        previous = hash_entry(seq, at, subject, row, deed, digest, previous)
        db.execute("UPDATE ledger SET hash = ? WHERE seq = ?", (previous, seq))
    _locked(db, triggers)
    assert verify(copy).is_sound, "nothing inside the file can show it"
    assert not verify(copy, expected_head=noted).is_sound


def test_a_noted_head_holds_for_a_catalogue_that_grew(copy: Path) -> None:
    noted = verify(copy).head
    with Catalogue.open(copy, write=True) as catalogue:
        catalogue.begin_run("ingest", LATER)
    assert verify(copy, expected_head=noted).is_sound
    for wrong in ("", "0:"):
        assert verify(copy, expected_head=wrong).is_sound
    for wrong in ("x", "5:00", f"-1:{noted.partition(':')[2]}", "999999:ab"):
        assert not verify(copy, expected_head=wrong).is_sound


def _read_everything(path: Path) -> None:
    with Catalogue.open(path, write=False) as catalogue:
        cases = list(catalogue.cases())
        catalogue.summarise()
        catalogue.list_runs()
        for case in cases:
            catalogue.find_by_digest(case.reading.asset.digest)
            catalogue.find_times(case.location.root, case.location.path_bytes)


def test_damage_is_told_and_never_a_raw_error(original: Path, tmp_path: Path) -> None:
    rng, whole, caught = random.Random(5), original.read_bytes(), 0
    # Zeros are mostly the room that is left in a page: what stands there means nothing.
    used = [at for at, byte in enumerate(whole[:-8192]) if byte]
    for number in range(60):
        length = rng.choice([1, 16, 512, 8192])
        at = rng.choice(used)
        if number % 4:
            at = max(at, 100)
        path = tmp_path / "damaged.db"
        path.write_bytes(whole[:at] + rng.randbytes(length) + whole[at + length :])
        said = False
        try:
            _read_everything(path)
        except CatalogueDamaged as damage:
            said = bool(damage.hint)
        try:
            said |= not verify(path).is_sound
        except CatalogueDamaged:
            said = True
        caught += said
        if length == 8192:
            assert said, f"8192 random bytes at {at}"
    assert caught > 30


def test_a_file_cut_short_is_damaged(original: Path, tmp_path: Path) -> None:
    whole, path = original.read_bytes(), tmp_path / "cut.db"
    for length in (1, 50, 100, 600, 4096, 5000, len(whole) // 2, len(whole) - 5000):
        path.write_bytes(whole[:length])
        for write in (False, True):
            with pytest.raises(CatalogueDamaged):
                Catalogue.open(path, write=write)
        assert not verify(path).is_sound
    path.write_bytes(whole[:-1])
    assert not verify(path).is_sound, "one byte of a hash is missing"


def test_a_file_cut_in_a_page_that_ends_in_zeros_is_damaged(original: Path, tmp_path: Path) -> None:
    path = tmp_path / "cut.db"
    path.write_bytes(original.read_bytes())
    with contextlib.closing(sqlite3.connect(path)) as db:
        # A page without rows is zeros to its end.
        db.execute("CREATE TABLE later (id INTEGER PRIMARY KEY)")
    path.write_bytes(path.read_bytes()[:-1])
    assert "the file is cut off in the middle of a page" in verify(path).problems
