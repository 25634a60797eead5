"""What was learned at ingest is found again in a deliverable, and told the same by every command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import SOON, Provenance
from tests.cli.test_nightly import picture
from tests.cli.test_scan import PARAMETERS
from tests.reports.test_document import DOCUMENT, fits

HERE = ("--jobs", 1)


@pytest.fixture
def learned(provenance: Provenance, tmp_path: Path) -> Path:
    """An edit with a generated and a plain picture, and a delivery in which both stand without any words."""
    for folder in ("edit", "delivery"):
        (tmp_path / folder).mkdir()
    picture(tmp_path / "edit" / "GEN.png", 1, PARAMETERS)
    picture(tmp_path / "edit" / "plain.png", 2)
    picture(tmp_path / "delivery" / "one.jpg", 1)
    picture(tmp_path / "delivery" / "two.jpg", 2)
    assert provenance("ingest", tmp_path / "edit", *HERE).code == 0
    return tmp_path


def test_scan_and_dossier_say_the_same_within_the_contract(provenance: Provenance, learned: Path) -> None:
    said = provenance("scan", learned / "delivery", "--format", "json", *HERE)
    assert said.code == 1
    for name, shape in DOCUMENT.items():
        assert fits(said.report[name], shape), name
    (finding,) = said.report["findings"]
    assert (finding["rule"], finding["path"]) == ("known-generated", "one.jpg")
    (lost,) = said.report["mark_lost"]
    assert (lost["path"], lost["known"]["path"], lost["known"]["mark"]["signal"]) == ("one.jpg", "GEN.png", "a1111")
    (learned / "delivery" / "one.jpg").unlink()
    told = json.loads(provenance("report", "--for", learned / "delivery", "--format", "json").out)
    assert all(told[name] == said.report[name] for name in ("findings", "assets", "mark_lost"))


def test_against_all_lists_what_is_not_generated_without_a_finding(provenance: Provenance, learned: Path) -> None:
    said = provenance("scan", learned / "delivery", "--against", "all", "--output", "text=-", "--quiet", *HERE)
    assert "Known material, allowed by the policy (1 match)" in said.out
    assert "plain.png (copy, picture)" in said.out
    report = json.loads(provenance("report", "--for", learned / "delivery", "--format", "json").out)
    assert [row["path"] for row in report["findings"]] == ["one.jpg"]
    found = {row["path"]: [match["known"]["path"] for match in row["matches"]] for row in report["assets"]}
    assert found == {"one.jpg": ["GEN.png"], "two.jpg": ["plain.png"]}


def test_approved_known_material_may_stand_in_the_delivery(provenance: Provenance, learned: Path) -> None:
    words = ("--who", "Dana Legal", "--reason", "cleared", "--reference", "CLR-1", "--expires", SOON, "--id", "a1")
    provenance("register", "add", "approval", learned / "edit" / "GEN.png", *words)
    text = provenance("scan", learned / "delivery", *HERE)
    assert text.code == 1, "it is an approval of the picture, not of its copies"
    assert "covers copies of it only where it says also_matched" in " ".join(text.out.split())
    provenance("register", "replace", "approval", "a1", "--also-matched", "yes")
    said = provenance("scan", learned / "delivery", "--format", "json", *HERE)
    assert said.code == 0
    (finding,) = said.report["findings"]
    assert (finding["waived_by"]["reference"], finding["severity"]) == ("CLR-1", "block")
    assert "GEN.png" in finding["message"]
