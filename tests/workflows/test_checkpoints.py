"""Checkpoints in a second place: written after a run, and held against the catalogue by `verify`."""

from __future__ import annotations

import dataclasses
import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from provenance import settings
from provenance.catalogue.ledger import hash_entry
from provenance.catalogue.store import Catalogue
from provenance.errors import CatalogueDamaged, UsageError
from provenance.settings import Checkpoints
from provenance.signing import keys, note
from provenance.signing.note import Checkpoint
from provenance.workflows import checkpoints
from provenance.workflows.doctor import check_checkpoints
from provenance.workflows.run import RunContext
from provenance.workflows.verify import verify_catalogue

NOON = "2026-01-01T12:00:00Z"


@pytest.fixture
def context(tmp_path: Path) -> RunContext:
    keys.create(str(tmp_path / "key.pem"))
    place = Checkpoints(str(tmp_path / "second" / "place"), str(tmp_path / "key.pem"))
    chosen = settings.load(catalogue=str(tmp_path / "c.db"), environment={})
    chosen = dataclasses.replace(chosen, checkpoints=place, trusted_keys=str(tmp_path / "trusted"))
    return RunContext(chosen, datetime(2026, 1, 1, tzinfo=UTC))


def write(context: RunContext) -> None:
    """What any run does: open to write, record something, close."""
    with context.open_catalogue(write=True) as catalogue:
        catalogue.end_run(catalogue.begin_run("ingest", NOON), NOON, "done")


def place_of(context: RunContext) -> Checkpoints:
    assert context.settings.checkpoints
    return context.settings.checkpoints


def test_every_run_leaves_a_signed_checkpoint_that_verify_takes_by_itself(context: RunContext) -> None:
    write(context)
    write(context)
    exported = checkpoints.read_exported(place_of(context))
    key = keys.load_private(place_of(context).key).public
    assert [row.signed.is_signed_by(key) for row in exported] == [True, True]
    with context.open_catalogue(write=False) as catalogue:
        assert exported[0].signed.checkpoint == checkpoints.make_checkpoint(catalogue.ledger)
    with context.open_catalogue(write=True):
        pass
    assert len(checkpoints.read_exported(place_of(context))) == 2, "nothing was recorded, and a checkpoint was written"
    verify_catalogue(context, None)
    for row in exported:
        verify_catalogue(context, None, row.path)


def test_a_ledger_cut_short_replaced_or_computed_anew_is_found(context: RunContext, tmp_path: Path) -> None:
    write(context)
    older = shutil.copy(context.settings.catalogue, tmp_path / "older.db")
    write(context)
    verify_catalogue(context, None)
    shutil.copy(older, context.settings.catalogue)
    with pytest.raises(CatalogueDamaged, match="the newest were cut off"):
        verify_catalogue(context, None)
    Path(context.settings.catalogue).unlink()
    with Catalogue.open(Path(context.settings.catalogue), write=True) as other:
        for _ in range(4):
            other.end_run(other.begin_run("scan", NOON), NOON, "done")
    with pytest.raises(CatalogueDamaged, match="another catalogue is in its place"):
        verify_catalogue(context, None)


def test_a_chain_computed_anew_from_the_middle_is_found(context: RunContext) -> None:
    write(context)
    write(context)
    db = sqlite3.connect(context.settings.catalogue)
    triggers = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        db.execute(f"DROP TRIGGER {name}")
    entries = db.execute("SELECT seq, at, subject, row, deed, digest FROM ledger ORDER BY seq").fetchall()
    previous = b""
    for seq, at, subject, row, deed, digest in entries:
        # Another time for the last entry, and everything that follows from it.
        if seq == len(entries):
            at = "2026-01-01T13:00:00Z"
        previous = hash_entry(seq, at, subject, row, deed, digest, previous)
        db.execute("UPDATE ledger SET at = ?, hash = ? WHERE seq = ?", (at, previous, seq))
    for _, sql in triggers:
        db.execute(sql)
    db.commit()
    db.close()
    with pytest.raises(CatalogueDamaged, match="are not those of the checkpoint"):
        verify_catalogue(context, None)


def test_a_checkpoint_that_somebody_else_put_there_accuses_nobody(context: RunContext, tmp_path: Path) -> None:
    write(context)
    keys.create(str(tmp_path / "other.pem"))
    other = keys.load_private(str(tmp_path / "other.pem"))
    folder = Path(place_of(context).folder)
    forged = folder / "999999999999-00000000.checkpoint"
    forged.write_bytes(note.sign(other, Checkpoint("provenance-ledger/x", 999, b"r" * 32)))
    with pytest.raises(UsageError, match="is not signed with the key"):
        verify_catalogue(context, None)
    forged.write_bytes(b"nothing")
    with pytest.raises(UsageError, match="is not a checkpoint"):
        verify_catalogue(context, None)
    forged.unlink()
    own = str(tmp_path / "other.pub.pem")
    Path(own).write_text(other.public.pem)
    [row] = checkpoints.read_exported(place_of(context))
    with pytest.raises(UsageError, match="is not signed with the key in"):
        verify_catalogue(context, None, row.path, own)


def test_a_second_place_that_cannot_be_written_to_is_said_and_fails_no_run(context: RunContext, tmp_path: Path) -> None:
    said: list[str] = []
    (tmp_path / "key.pem").chmod(0o644)
    write(dataclasses.replace(context, announce=said.append))
    assert "no checkpoint of the ledger was exported" in said[-1]
    assert "key.pem" in said[-1]
    verify_catalogue(context, None)


def test_doctor_says_where_checkpoints_go(context: RunContext, tmp_path: Path) -> None:
    assert check_checkpoints(dataclasses.replace(context.settings, checkpoints=None)).state == "none"
    said = check_checkpoints(context.settings)
    assert (said.state, "on the same disk as the catalogue" in said.detail) == ("old", True)
    assert check_checkpoints(dataclasses.replace(context.settings, catalogue="/proc/self/c.db")).state == "ok"
    (tmp_path / "key.pem").chmod(0o640)
    assert "key.pem may be read" in check_checkpoints(context.settings).detail
