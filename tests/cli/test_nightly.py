"""Night after night: only what is new or changed is opened, and the difference is told."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin

from provenance.intake.engines import local
from tests.cli.conftest import Provenance, Said
from tests.cli.test_scan import PARAMETERS, XMP, still
from tests.matching.paint import paint_picture


@pytest.fixture
def show(tmp_path: Path) -> Path:
    for zone in ("editorial", "out"):
        (tmp_path / zone).mkdir()
    still(tmp_path / "editorial" / "plain.png")
    still(tmp_path / "editorial" / "gone.png")
    return tmp_path


Night = Callable[[], Said]


@pytest.fixture
def night(provenance: Provenance, show: Path) -> Night:
    config = show / "config.toml"
    said = provenance(
        "init", "--config", config, "--catalogue", show / "c.db", "--reports", show / "reports",
        "--storage", f"editorial={show / 'editorial'}", "--storage", f"deliverable={show / 'out'}",
    )  # fmt: skip
    assert said.code == 0
    return lambda: provenance("nightly", "--config", config, "--format", "json")


def delta(said: Said) -> dict[str, list[str]]:
    """The lists of the delta that are not empty."""
    return {name: rows for name, rows in said.report["delta"].items() if name != "since" and rows}


def test_what_changed_is_told_and_nothing_else_is_opened(night: Night, show: Path) -> None:
    first = night()
    assert first.code == 0
    assert delta(first)["new"] == ["editorial: gone.png", "editorial: plain.png"]
    time.sleep(0.01)
    (show / "editorial" / "gone.png").unlink()
    still(show / "editorial" / "made.png", PARAMETERS)
    still(show / "editorial" / "plain.png", "words of no consequence")
    second = night()
    assert delta(second) == {
        "new": ["editorial: made.png"],
        "changed": ["editorial: plain.png"],
        "vanished": ["editorial: gone.png"],
        "newly_generated": ["editorial: made.png"],
    }
    assert second.report["delta"]["since"] == first.report["made_at"]
    assert first.report["delta"]["since"] is None
    third = night()
    assert delta(third) == {}
    assert third.report["coverage"]["left_alone"] == 2
    assert len(list((show / "reports").iterdir())) >= 2


def test_a_night_without_change_starts_no_worker(night: Night, show: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    still(show / "out" / "made.png", PARAMETERS)
    assert night().code == 1
    monkeypatch.setattr(local, "_choose_start_method", lambda: pytest.fail("workers are being started"))
    assert night().code == 1
    still(show / "out" / "late.png")
    with pytest.raises(pytest.fail.Exception, match="workers are being started"):
        night()


def test_a_deliverable_is_judged_every_night(night: Night, show: Path) -> None:
    still(show / "out" / "made.png", PARAMETERS)
    for _ in range(2):
        said = night()
        assert said.code == 1
        assert [row["path"] for row in said.report["findings"]] == ["made.png"]


def test_a_storage_that_is_away_makes_nothing_vanish(night: Night, show: Path) -> None:
    night()
    shutil.move(show / "editorial", show / "away")
    for _ in range(2):
        said = night()
        assert said.code == 3
        assert list(delta(said)) == ["absent"]
        (show / "editorial").mkdir(exist_ok=True)  # an empty mount point
    shutil.rmtree(show / "editorial")
    shutil.move(show / "away", show / "editorial")
    assert delta(night()) == {}


def test_a_sequence_that_did_not_change_is_not_opened(night: Night, show: Path) -> None:
    for number in range(30):
        still(show / "editorial" / f"p_{number:03}.png", PARAMETERS if number == 3 else None)
    night()
    said = night()
    assert delta(said) == {}
    assert said.report["coverage"]["left_alone"] == 32


def test_init_overwrites_nothing(provenance: Provenance, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("# mine\n")
    assert provenance("init", "--config", config).code == 2
    assert config.read_text() == "# mine\n"


def test_without_storages_it_says_what_to_do(provenance: Provenance, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("")
    said = provenance("nightly", "--config", config)
    assert said.code == 2
    assert "storage" in said.err


def test_dossier_show_and_verify(provenance: Provenance, show: Path) -> None:
    made = still(show / "out" / "made.png", PARAMETERS)
    catalogue = ("--catalogue", show / "c.db")
    provenance("scan", show / "out", *catalogue)
    provenance("ingest", show / "editorial", *catalogue)
    everything = json.loads(provenance("report", *catalogue, "--format", "json").out)
    assert len(everything["assets"]) == 3
    said = provenance("report", "--for", show / "out", *catalogue, "--format", "json")
    assert [row["rule"] for row in said.report["findings"]] == ["generated-in-deliverable"]
    told = provenance("show", made, *catalogue).out
    assert "generated" in told
    assert "a castle" in told
    digest = said.report["assets"][0]["digest"]
    assert provenance("show", digest, *catalogue).out == told
    assert provenance("show", digest.removeprefix("sha256:")[:8], *catalogue).out == told
    assert provenance("show", "sha256:" + digest[7:10], *catalogue).code == 2
    assert provenance("verify", *catalogue).code == 0
    assert provenance("report", "--for", show / "reports-not-there", *catalogue).code == 2


def picture(path: Path, seed: int, words: str | None = None) -> Path:
    """A picture with enough in it to be found again; a PNG may say that it is generated."""
    info = PngImagePlugin.PngInfo()
    if words:
        info.add_text("parameters", words)
    Image.fromarray(paint_picture(seed, 320, 180)).save(path, pnginfo=info)
    return path


def test_a_deliverable_is_looked_through_again_when_there_is_more_to_look_for(night: Night, show: Path) -> None:
    picture(show / "out" / "frame.jpg", 1)
    picture(show / "out" / "other.jpg", 2)
    assert night().code == 0
    assert night().report["coverage"]["left_alone"] == 4, "nothing is looked for, nothing is opened"
    picture(show / "editorial" / "GEN.png", 1, PARAMETERS)
    found = night()
    assert found.code == 1
    (news,) = delta(found)["newly_found"]
    assert news.endswith(": frame.jpg shows GEN.png")
    assert [(row["rule"], row["path"]) for row in found.report["findings"]] == [("known-generated", "frame.jpg")]
    assert [row["known"]["path"] for row in found.report["mark_lost"]] == ["GEN.png"]
    assert found.report["coverage"]["left_alone"] == 2, "both deliverables were opened again"
    again = night()
    assert not any(delta(again).values())
    assert again.report["coverage"]["left_alone"] == 5
    assert [row["path"] for row in again.report["findings"]] == ["frame.jpg"], "told every night"


def test_what_turns_out_to_be_generated_is_looked_for(night: Night, show: Path) -> None:
    picture(show / "out" / "frame.jpg", 1)
    known = picture(show / "editorial" / "GEN.png", 1)
    assert night().code == 0
    stamp = (known.stat().st_atime_ns, known.stat().st_mtime_ns)
    (show / "editorial" / "GEN.png.xmp").write_text(XMP)
    os.utime(known, ns=stamp)
    assert [row["rule"] for row in night().report["findings"]] == ["known-generated"]


def test_show_tells_where_a_known_asset_stands_and_what_stands_in_a_deliverable(
    night: Night, show: Path, provenance: Provenance
) -> None:
    master = picture(show / "out" / "frame.jpg", 1)
    known = picture(show / "editorial" / "GEN.png", 1, PARAMETERS)
    night()
    catalogue = ("--catalogue", show / "c.db")
    told = provenance("show", known, *catalogue).out
    assert "found in other files (1 match):" in told
    assert "frame.jpg: copy by picture" in told
    assert "Shows GEN.png (generated" in provenance("show", master, *catalogue).out


def test_reports_of_so_many_nights_are_kept_and_nothing_else_is_touched(night: Night, show: Path) -> None:
    config, reports = show / "config.toml", show / "reports"
    reports.mkdir()
    old = ["2026-11-01T030000.html", "2026-11-01T030000.json", "2026-11-02T030000.html", "2026-11-03T030000.html"]
    others = ["2026-11-01T030000.bak", "letter.html", "2026-11-01.json"]
    for name in (*old, *others):
        (reports / name).write_text("x")
    text = config.read_text()
    assert "# keep_reports = 30" in text
    config.write_text(text.replace("# keep_reports = 30", "keep_reports = 2"))
    assert night().code == 0
    left = {path.name for path in reports.iterdir()}
    assert left >= {*others, "2026-11-03T030000.html"}
    assert left.isdisjoint(old[:3])
    assert len(left) == len(others) + 1 + 2


def test_show_names_whom_to_ask(provenance: Provenance, tmp_path: Path) -> None:
    catalogue = ("--catalogue", tmp_path / "c.db")
    made = still(tmp_path / "a.png")
    os.utime(made, (1_700_000_000, 1_700_000_000))
    assert provenance("ingest", made, *catalogue).code == 0
    said = provenance("show", made, *catalogue)
    assert "written 2023-11-14T22:13:20Z" in said.out
    assert "owned by " in said.out
    made.unlink()
    assert "owned by " not in provenance("show", made, *catalogue).out
