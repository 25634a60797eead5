"""`--look-for labels`: from a picture with words in it to a finding with its cut-out."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from provenance.labels import weights
from provenance.workflows import run
from tests.cli.conftest import Provenance

needs_reader = pytest.mark.skipif(weights.find_weights() is None, reason="the extra labels is not installed")


def write_still(path: Path, text: str, height: int = 28) -> Path:
    picture = Image.new("RGB", (640, 360), (60, 80, 100))
    pen = ImageDraw.Draw(picture)
    pen.ellipse((40, 40, 300, 300), fill=(120, 90, 40))
    pen.text((480, 320), text, font=ImageFont.load_default(height), fill="white", anchor="mm")
    path.parent.mkdir(exist_ok=True)
    picture.save(path)
    return path


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    write_still(tmp_path / "delivery" / "labelled.png", "Generated with AI")
    write_still(tmp_path / "delivery" / "slate.png", "SHOT MISSING")
    write_still(tmp_path / "delivery" / "denied.png", "Not made with AI")
    return tmp_path / "delivery"


@needs_reader
def test_labels_are_for_review_and_never_block(provenance: Provenance, delivery: Path, tmp_path: Path) -> None:
    catalogue = tmp_path / "catalogue.db"
    asked = ("scan", delivery, "--catalogue", catalogue, "--jobs", 1, "--marks-only")
    said = provenance(*asked, "--look-for", "labels", "--format", "json")
    assert said.code == 0
    found = {(row["rule"], row["path"], row["severity"]) for row in said.report["findings"]}
    assert found == {("visible-label", "labelled.png", "review"), ("unfinished-shot", "slate.png", "review")}
    [evidence] = said.asset("labelled.png")["evidence"]
    assert (evidence["carrier"], evidence["origin"], evidence["standing"]) == (
        "label",
        "possibly-generated",
        "declared",
    )
    assert evidence["where"].startswith("lower right, ")
    assert said.asset("slate.png")["origin"] == "unknown"
    assert said.report["coverage"]["looked_for_labels"] == [3, 3]
    assert "looked for labels in 3 of 3 shots and pictures" in said.err

    # Nothing is read again, whether labels are asked for or not, and what was found stays.
    for again in (asked, (*asked, "--look-for", "labels")):
        said = provenance(*again, "--format", "json")
        assert said.report["coverage"]["left_alone"] == 3
        assert len(said.report["findings"]) == 2

    page = provenance("report", "--for", delivery, "--catalogue", catalogue, "--format", "html").out
    assert page.count('<div class="pair"><figure><img') == 2


@needs_reader
def test_what_was_read_without_labels_is_looked_at_when_they_are_asked_for(
    provenance: Provenance, delivery: Path, tmp_path: Path
) -> None:
    catalogue = tmp_path / "catalogue.db"
    provenance("ingest", delivery, "--catalogue", catalogue, "--jobs", 1)
    said = provenance("show", delivery / "labelled.png", "--catalogue", catalogue)
    assert "looked for labels" not in said.out
    provenance("ingest", delivery, "--catalogue", catalogue, "--jobs", 1, "--look-for", "labels")
    said = provenance("show", delivery / "labelled.png", "--catalogue", catalogue)
    assert "possibly-generated" in said.out


def test_without_the_extra_it_is_a_wrong_usage(
    provenance: Provenance, delivery: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "find_weights", lambda: None)
    said = provenance("scan", delivery, "--no-catalogue", "--look-for", "labels")
    assert said.code == 2
    assert "pip install 'provenance[labels]'" in said.err


def test_the_config_may_ask_for_them(provenance: Provenance, delivery: Path, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('look_for = ["faces"]\n')
    said = provenance("scan", delivery, "--no-catalogue", "--config", config)
    assert said.code == 2
    assert "look_for" in said.err
    assert "labels" in said.err


@needs_reader
def test_a_night_looks_in_deliverables_and_temporary_material(
    provenance: Provenance, delivery: Path, tmp_path: Path
) -> None:
    write_still(tmp_path / "edit" / "other.png", "AI-generated")
    config, catalogue = tmp_path / "config.toml", tmp_path / "catalogue.db"
    storages = ("--storage", f"deliverable={delivery}", "--storage", f"editorial={tmp_path / 'edit'}")
    provenance("init", "--config", config, "--catalogue", catalogue, "--reports", tmp_path / "reports", *storages)
    config.write_text('look_for = ["labels"]\n' + config.read_text())
    said = provenance("nightly", "--config", config, "--format", "json")
    rules = ("visible-label", "unfinished-shot")
    found = {(row["rule"], row["path"]) for row in said.report["findings"] if row["rule"] in rules}
    assert found == {("visible-label", "labelled.png"), ("unfinished-shot", "slate.png")}
    assert said.report["coverage"]["looked_for_labels"] == [3, 3], "nobody looks at every still of an edit"
