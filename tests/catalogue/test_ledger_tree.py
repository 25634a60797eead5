"""The Merkle tree over the ledger: kept in blocks, the same as computed from the start, at every size."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from provenance import merkle
from provenance.catalogue import migrations
from provenance.catalogue.ledger import BLOCK, encode_entry
from provenance.catalogue.store import Catalogue
from provenance.catalogue.verify import verify
from tests.catalogue.make import NOON

RUNS = BLOCK + 90
"""Each makes two entries: two blocks, and some more."""


def grow(path: Path, runs: int) -> None:
    with Catalogue.open(path, write=True) as catalogue:
        for _ in range(runs):
            with catalogue._session.change():
                row = catalogue._session.insert("runs", kind="k", detail="", pid=1, started_at=NOON)
                catalogue._session.ledger.record("run", row, "begun", NOON)
                catalogue._session.ledger.record("run", row, "ended", NOON)


def list_leaves(path: Path) -> list[bytes]:
    """The leaves as the page on verifying describes them: each entry, with the hash of the one before."""
    db = sqlite3.connect(path)
    entries = db.execute("SELECT seq, at, subject, row, deed, digest, hash FROM ledger ORDER BY seq").fetchall()
    db.close()
    previous = b""
    leaves = []
    for seq, at, subject, row, deed, digest, link in entries:
        leaves.append(merkle.hash_leaf(encode_entry(seq, at, subject, row, deed, digest, previous)))
        previous = link
    return leaves


def compute_root(leaves: list[bytes]) -> bytes:
    tree = merkle.CompactRange()
    for leaf in leaves:
        tree.append(leaf)
    return tree.compute_root()


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tree") / "c.db"
    grow(path, RUNS // 2)
    grow(path, RUNS - RUNS // 2)
    return path


def test_the_root_from_blocks_is_the_root_from_the_start(path: Path) -> None:
    leaves = list_leaves(path)
    assert len(leaves) > 2 * BLOCK
    with Catalogue.open(path, write=False) as catalogue:
        ledger = catalogue._session.ledger
        assert catalogue.ledger.root == compute_root(leaves)
        for size in (0, 1, 7, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 2 * BLOCK + 3):
            assert ledger.compute_root(size) == compute_root(leaves[:size]), size


def test_proofs_hold_across_blocks(path: Path) -> None:
    leaves = list_leaves(path)
    with Catalogue.open(path, write=False) as catalogue:
        ledger = catalogue._session.ledger
        for size in (5, BLOCK, BLOCK + 600, len(leaves)):
            root = compute_root(leaves[:size])
            for seq in (1, 2, size // 2, size // 2 + 1, size - 1, size):
                proof = ledger.list_proof(seq, size)
                assert merkle.compute_root_from_proof(leaves[seq - 1], seq - 1, size, proof) == root, (seq, size)


def test_verify_computes_the_states_that_were_asked_for(path: Path) -> None:
    leaves = list_leaves(path)
    sizes = {0, 3, BLOCK, len(leaves), len(leaves) + 1}
    result = verify(path, sizes=sizes)
    assert result.is_sound
    assert set(result.past) == sizes - {len(leaves) + 1}
    for size, past in result.past.items():
        assert past.root == compute_root(leaves[:size])
        assert past.head.partition(":")[0] == str(size)


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE ledger_blocks SET root = x'00' WHERE id = 0",
        "DELETE FROM ledger_blocks WHERE id = 1",
        "INSERT INTO ledger_blocks SELECT 2, root FROM ledger_blocks WHERE id = 1",
    ],
)
def test_an_edited_block_is_named(path: Path, tmp_path: Path, edit: str) -> None:
    copy = tmp_path / "c.db"
    copy.write_bytes(path.read_bytes())
    db = sqlite3.connect(copy)
    triggers = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        db.execute(f"DROP TRIGGER {name}")
    db.execute(edit)
    for _, sql in triggers:
        db.execute(sql)
    db.commit()
    db.close()
    assert any("ledger_blocks: row" in problem for problem in verify(copy).problems)


def test_an_older_catalogue_gets_its_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    older = tmp_path / "c.db"
    steps = migrations.MIGRATIONS
    with monkeypatch.context() as patch:
        before = steps.index(migrations._create_ledger_blocks)
        patch.setattr(migrations.migrate, "__defaults__", (steps[:before],))
        patch.setattr(migrations.recognise, "__defaults__", (steps[:before],))
        grow(older, BLOCK // 2 + 3)
    grow(older, 2)
    assert verify(older).is_sound
    db = sqlite3.connect(older)
    assert db.execute("SELECT count(*) FROM ledger_blocks").fetchone() == (1,)
    db.close()
