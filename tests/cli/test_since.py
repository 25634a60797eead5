"""A second scan: what changed since an earlier report, and what is opened again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import SOON, Provenance
from tests.cli.test_scan import PARAMETERS, still

MARKS = ("--marks-only", "--format", "json", "--jobs", 1)
WORDS = ("--who", "Dana Legal", "--reason", "cleared", "--reference", "CLR-1", "--expires", SOON)


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    folder = tmp_path / "delivery"
    folder.mkdir()
    for name, seed in (("same.png", 1), ("changed.png", 2), ("gone.png", 3), ("moved.png", 4)):
        still(folder / name, PARAMETERS.replace("Seed: 1", f"Seed: {seed}"))
    return folder


def test_what_changed_since_a_report_is_told(provenance: Provenance, delivery: Path, tmp_path: Path) -> None:
    catalogue = ("--catalogue", tmp_path / "c.db")
    before = tmp_path / "before.json"
    assert provenance("scan", delivery, *MARKS, *catalogue, "--output", before).code == 1
    still(delivery / "changed.png")
    (delivery / "gone.png").unlink()
    (delivery / "moved.png").rename(delivery / "elsewhere.png")
    still(delivery / "new.png", PARAMETERS.replace("Seed: 1", "Seed: 9"))
    assert provenance("register", "add", "approval", delivery / "same.png", *WORDS, *catalogue).code == 0
    said = provenance("scan", delivery, *MARKS, *catalogue, "--since", before)
    assert said.code == 1
    assert said.report["delta"] == {
        "since": json.loads(before.read_text())["made_at"],
        "new": ["new.png"],
        "changed": ["changed.png"],
        "vanished": ["gone.png"],
        "moved": [{"from": "moved.png", "to": "elsewhere.png"}],
        "newly_generated": ["new.png"],
        "newly_found": [],
        "newly_approved": ["same.png"],
        "resolved": ["changed.png", "gone.png"],
        "unchanged": 1,
    }
    text = provenance("scan", delivery, "--marks-only", *catalogue, "--baseline", before).out
    assert "new: new.png" in text
    assert "vanished: gone.png" in text
    assert "1 unchanged" in " ".join(text.split())


def test_the_next_delivery_may_be_in_another_folder(provenance: Provenance, delivery: Path, tmp_path: Path) -> None:
    before = tmp_path / "before.json"
    provenance("scan", delivery, *MARKS, "--no-catalogue", "--output", before)
    renamed = delivery.rename(tmp_path / "delivery_v2")
    (renamed / "gone.png").unlink()
    delta = provenance("scan", renamed, *MARKS, "--no-catalogue", "--since", before).report["delta"]
    assert (delta["new"], delta["vanished"], delta["unchanged"]) == ([], ["gone.png"], 3)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "no report",
        "[]",
        "{}",
        '{"schema": "another/1"}',
        '{"schema": "provenance-report/1"}',
        "[" * 100_000,
        "\xff",
    ],
)
def test_what_is_no_report_is_wrong_usage(provenance: Provenance, tmp_path: Path, content: str) -> None:
    before = tmp_path / "before.json"
    before.write_text(content, "latin-1")
    said = provenance("scan", still(tmp_path / "a.png"), "--no-catalogue", "--since", before)
    assert said.code == 2
    assert "before.json" in said.err
    assert "--output json=FILE" in said.err
    assert provenance("scan", tmp_path / "a.png", "--no-catalogue", "--since", tmp_path / "none.json").code == 2


def test_a_report_of_another_shape_is_wrong_usage(provenance: Provenance, delivery: Path, tmp_path: Path) -> None:
    before = tmp_path / "before.json"
    provenance("scan", delivery, *MARKS, "--no-catalogue", "--output", before)
    whole = json.loads(before.read_text())
    for broken in (
        {"assets": 5},
        {"assets": [{"path": 1}]},
        {"inputs": None},
        {"findings": [None]},
        {"assets": {"a": 1}},
    ):
        before.write_text(json.dumps({**whole, **broken}))
        assert provenance("scan", delivery, *MARKS, "--no-catalogue", "--since", before).code == 2, broken


def test_fresh_opens_what_did_not_change(provenance: Provenance, delivery: Path, tmp_path: Path) -> None:
    catalogue = ("--catalogue", tmp_path / "c.db")
    provenance("scan", delivery, *MARKS, *catalogue)
    assert provenance("scan", delivery, *MARKS, *catalogue).report["coverage"]["left_alone"] == 4
    assert provenance("scan", delivery, *MARKS, *catalogue, "--fresh").report["coverage"]["left_alone"] == 0
