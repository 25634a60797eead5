"""Works of others, the zone `reference`: searched for in deliverables and in generated material, each once."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.cli.conftest import Provenance, Said
from tests.cli.test_nightly import picture
from tests.cli.test_scan import PARAMETERS

HERE = ("--jobs", 1, "--no-progress")


def rules(said: Said) -> list[tuple[str, str, str]]:
    return [(row["rule"], row["severity"], row["path"]) for row in said.report["findings"]]


@pytest.fixture
def show(tmp_path: Path) -> Path:
    """A work, generated material that copies it and that does not, and a delivery that shows the work."""
    for folder in ("refs", "temp", "out"):
        (tmp_path / folder).mkdir()
    picture(tmp_path / "refs" / "painting.png", 1)
    picture(tmp_path / "temp" / "copied.png", 1, PARAMETERS)
    picture(tmp_path / "temp" / "own.png", 2, PARAMETERS)
    picture(tmp_path / "temp" / "plain.png", 3)
    with Image.open(tmp_path / "refs" / "painting.png") as painting:
        painting.resize((480, 270)).save(tmp_path / "out" / "wall.jpg")
    picture(tmp_path / "out" / "made.png", 1, f"{PARAMETERS}, Version: 2")
    (tmp_path / "config.toml").write_text(
        'catalogue = "c.db"\n'
        + "".join(
            f'[[storage]]\nname = "{folder}"\npath = "{folder}"\nzone = "{zone}"\n'
            for folder, zone in (("refs", "reference"), ("temp", "temp"), ("out", "deliverable"))
        )
    )
    return tmp_path


def count_searches(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    from provenance.intake import search_pass

    searched: list[str] = []
    plan = search_pass.plan_jobs

    def count(target: Any, index: Any) -> Any:
        searched.append(target.shown)
        return plan(target, index)

    monkeypatch.setattr(search_pass, "plan_jobs", count)
    return searched


def test_a_night_finds_works_in_deliverables_and_in_generated_material_and_compares_once(
    provenance: Provenance, show: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    night = ("nightly", "--config", show / "config.toml", "--format", "json", *HERE)
    searched = count_searches(monkeypatch)
    first = provenance(*night)
    assert first.code == 1
    found = rules(first)
    # Above everything that is only generated.
    assert sorted(found[:2]) == [
        ("reference-in-generated", "block", "copied.png"),
        ("reference-in-generated", "block", "made.png"),
    ]
    # It shows what was generated from the work as well as the work.
    assert ("reference-in-generated", "block", "wall.jpg") in found or (
        "shows-reference-work",
        "review",
        "wall.jpg",
    ) in found
    assert not any(path in ("own.png", "plain.png") for _, _, path in found)
    scope = first.report["inputs"]["searched"]
    assert (scope["reference_works"], scope["not_compared"]) == (1, 0)
    assert sorted(searched) == ["copied.png", "made.png", "own.png", "wall.jpg"], "plain material is not searched"
    searched.clear()
    assert rules(provenance(*night)) == found
    assert searched == []
    picture(show / "refs" / "drawing.png", 2)
    assert ("reference-in-generated", "block", "own.png") in rules(provenance(*night))
    assert {"copied.png", "own.png"} <= set(searched)


def test_without_works_generated_material_is_not_searched(
    provenance: Provenance, show: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    searched = count_searches(monkeypatch)
    told = provenance("ingest", show / "temp", "--zone", "temp", *HERE)
    assert told.code == 0
    assert searched == []
    assert "reference" not in told.err


def test_ingest_says_what_it_did_not_compare_and_a_scan_keeps_what_it_found(provenance: Provenance, show: Path) -> None:
    assert provenance("ingest", show / "temp", "--zone", "temp", *HERE).code == 0
    told = provenance("ingest", show / "refs", "--zone", "reference", *HERE)
    assert "2 generated assets elsewhere not yet" in told.err
    # Searched as a deliverable once: what that found must not be lost when the works are searched for later.
    picture(show / "temp" / "again.png", 2, f"{PARAMETERS}, Version: 2")
    assert provenance("scan", show / "temp", *HERE).code == 1
    picture(show / "refs" / "drawing.png", 2)
    assert provenance("ingest", show / "refs", "--zone", "reference", *HERE).code == 0
    told = provenance("ingest", show / "temp", "--zone", "temp", *HERE)
    assert "has 2 reference works" in told.err
    assert "not yet" not in told.err
    report = provenance("report", "--for", show / "temp", "--format", "json")
    found = rules(report)
    assert ("reference-in-generated", "block", "own.png") in found
    assert ("known-generated", "block", "own.png") in found
    # Nobody named a deliverable: generated material is judged for works all the same, and for nothing else.
    whole = provenance("report", "--format", "json")
    assert {rule for rule, _, _ in rules(whole)} == {"reference-in-generated"}


def test_a_work_delivered_byte_for_byte_is_found_and_the_work_itself_is_no_copy(
    provenance: Provenance, show: Path
) -> None:
    picture(show / "refs" / "drawing.png", 2)
    assert provenance("ingest", show / "refs", "--zone", "reference", *HERE).code == 0
    (show / "out" / "made.png").unlink()
    (show / "out" / "wall.jpg").unlink()
    (show / "out" / "same.png").write_bytes((show / "refs" / "painting.png").read_bytes())
    # As a delivery they were never searched, and that is all there is to say of them.
    assert rules(provenance("report", "--for", show / "refs", "--format", "json")) == [("not-looked-at", "review", ".")]
    told = provenance("scan", show / "out", "--format", "json", *HERE)
    assert rules(told) == [("shows-reference-work", "review", "same.png")]
    assert told.asset("same.png")["matches"][0]["known"]["is_reference"] is True
    text = provenance("scan", show / "out", *HERE)
    assert "searched for 2 reference works" in " ".join(text.out.split())


def test_generated_files_inside_files_and_sequences_are_compared_once_as_well(
    provenance: Provenance, show: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(show / "temp" / "boards.zip", "w") as archive:
        archive.write(show / "temp" / "copied.png", "board.png")
    (show / "temp" / "copied.png").unlink()
    frames = show / "temp" / "frames"
    frames.mkdir()
    for number in range(1001, 1009):
        # One frame of the sequence says that it is generated; the others say nothing.
        words = f"{PARAMETERS}, frame {number}" if number == 1004 else None
        picture(frames / f"shot.{number}.png", 1 if number == 1004 else 4, words)
    night = ("nightly", "--config", show / "config.toml", "--format", "json", *HERE)
    first = provenance(*night)
    found = rules(first)
    assert ("reference-in-generated", "block", "boards.zip!board.png") in found
    assert any(rule == "reference-in-generated" and "shot" in path for rule, _, path in found)
    assert first.report["inputs"]["searched"]["not_compared"] == 0
    searched = count_searches(monkeypatch)
    assert rules(provenance(*night)) == found
    assert searched == []
