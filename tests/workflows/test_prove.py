"""One entry is shown with a proof, no other row is, and every change of the proof is noticed."""

from __future__ import annotations

import base64
import dataclasses
import json
import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from provenance import settings
from provenance.catalogue.store import Catalogue
from provenance.errors import UsageError
from provenance.model.finding import Approval
from provenance.signing import keys, note, proof
from provenance.signing.trusted import TrustedKey
from provenance.workflows.prove import is_proof, prove, verify_proof
from provenance.workflows.run import RunContext
from provenance.workflows.verified import State
from provenance.workflows.verify_output import render_lines
from provenance.workflows.verify_signature import ExpectedSigners
from tests.catalogue.make import LATER, NOON, digest

SECRET = "Another Production"


@pytest.fixture
def context(tmp_path: Path) -> RunContext:
    with Catalogue.open(tmp_path / "c.db", write=True) as catalogue:
        catalogue.end_run(catalogue.begin_run("scan", NOON, SECRET), NOON, "done")
        catalogue.add_approval(Approval(digest(1), "Dana Legal", "incidental", "CLR-1", "2030-01-01"), NOON)
        catalogue.add_approval(Approval(digest(2), SECRET, SECRET, SECRET, "2030-01-01"), NOON)
    keys.create(str(tmp_path / "key.pem"))
    chosen = settings.load(catalogue=str(tmp_path / "c.db"), environment={})
    return RunContext(dataclasses.replace(chosen, trusted_keys=str(tmp_path)), datetime(2026, 1, 1, tzinfo=UTC))


def expect(folder: Path, name: str = "key.pem") -> ExpectedSigners:
    return ExpectedSigners([TrustedKey("Studio", keys.load_private(str(folder / name)).public)], is_named=True)


def write(folder: Path, raw: bytes) -> str:
    path = folder / "a.tlog-proof"
    path.write_bytes(raw)
    return str(path)


def test_a_proof_shows_one_approval_and_no_other_row(context: RunContext, tmp_path: Path) -> None:
    made = prove(digest(1), context, str(tmp_path / "key.pem"), None)
    path = write(tmp_path, made.raw)
    assert is_proof(path)
    result = verify_proof(path, expect(tmp_path))
    assert (result.exit_code, result.agrees) == (0, True)
    said = " ".join(render_lines(result))
    assert "Dana Legal" in said
    assert "CLR-1" in said
    shown = made.raw + proof.parse(made.raw).extra
    assert SECRET.encode() not in shown
    assert base64.b64encode(SECRET.encode()) not in made.raw


def test_the_file_is_the_standard_one(context: RunContext, tmp_path: Path) -> None:
    raw = prove("3", context, str(tmp_path / "key.pem"), None).raw
    head, _, checkpoint = raw.decode().partition("\n\n")
    lines = head.split("\n")
    assert (lines[0], lines[2]) == ("c2sp.org/tlog-proof@v1", "index 2")
    assert lines[1].startswith("extra ")
    assert all(len(base64.b64decode(line)) == 32 for line in lines[3:])
    assert note.parse(checkpoint.encode()).is_signed_by(keys.load_private(str(tmp_path / "key.pem")).public)
    assert proof.render(proof.parse(raw)) == raw


def test_every_change_of_a_proof_is_noticed(context: RunContext, tmp_path: Path) -> None:
    raw = prove(digest(1), context, str(tmp_path / "key.pem"), None).raw
    dice = random.Random(1)
    for _ in range(250):
        changed = bytearray(raw)
        changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
        assert verify_proof(write(tmp_path, bytes(changed)), expect(tmp_path)).exit_code == 1
    for cut in (b"", raw[:-1], raw + b"\n", raw[: len(raw) // 2]):
        assert verify_proof(write(tmp_path, cut), expect(tmp_path)).exit_code == 1


def test_a_proof_of_something_else_is_none(context: RunContext, tmp_path: Path) -> None:
    given = proof.parse(prove(digest(1), context, str(tmp_path / "key.pem"), None).raw)
    texts = json.loads(given.extra)
    changed_extras: list[object] = [
        {**texts, "row": texts["row"].replace("Dana Legal", "Some Body")},
        {**texts, "entry": texts["entry"].replace("added", "withdrawn")},
        {"entry": "[]", "row": None},
        {"entry": "[" * 100_000, "row": None},
        {},
        [],
        None,
    ]
    for extra in changed_extras:
        changed = dataclasses.replace(given, extra=json.dumps(extra).encode())
        assert verify_proof(write(tmp_path, proof.render(changed)), expect(tmp_path)).exit_code == 1
    keys.create(str(tmp_path / "other.key"))
    path = write(tmp_path, proof.render(given))
    assert verify_proof(path, expect(tmp_path, "other.key")).exit_code == 1
    nobody = verify_proof(path, ExpectedSigners([]))
    assert (nobody.exit_code, nobody.agrees) == (3, False)


def test_a_proof_against_a_checkpoint_of_before(context: RunContext, tmp_path: Path) -> None:
    first = proof.parse(prove(digest(1), context, str(tmp_path / "key.pem"), None).raw)
    (tmp_path / "checkpoint.txt").write_bytes(first.checkpoint)
    with Catalogue.open(tmp_path / "c.db", write=True) as catalogue:
        catalogue.withdraw_approval(digest(1), "Bob", "recut", LATER)
    again = prove(str(first.index + 1), context, None, str(tmp_path / "checkpoint.txt"))
    assert again.is_row_shown, "what was approved can be shown although it was withdrawn since"
    assert again.raw == proof.render(first)
    withdrawn = prove(digest(1), context, str(tmp_path / "key.pem"), None)
    assert b"recut" in proof.parse(withdrawn.raw).extra
    with pytest.raises(UsageError, match="no such entry among the first"):
        prove(digest(1), context, None, str(tmp_path / "checkpoint.txt"))
    Path(tmp_path / "c.db").rename(tmp_path / "old.db")
    with Catalogue.open(tmp_path / "c.db", write=True) as other:
        for _ in range(9):
            other.end_run(other.begin_run("scan", NOON), NOON, "done")
    with pytest.raises(UsageError, match="not a checkpoint of this ledger"):
        prove("3", context, None, str(tmp_path / "checkpoint.txt"))


def test_what_cannot_be_proven(context: RunContext, tmp_path: Path) -> None:
    key = str(tmp_path / "key.pem")
    for what in ("0", "999999", "approval:none", "nonsense", digest(7)):
        with pytest.raises(UsageError):
            prove(what, context, key, None)
    with pytest.raises(UsageError, match="against a signed checkpoint"):
        prove("1", context, None, None)
    schema = verify_proof(write(tmp_path, prove("1", context, key, None).raw), expect(tmp_path))
    assert schema.exit_code == 0
    assert [part.state for part in schema.parts if part.name == "row"] == [State.NOT_CHECKED]
