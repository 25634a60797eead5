"""Night after night: only what is new or changed is opened, and the difference is told."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Provenance, Said
from tests.cli.test_scan import PARAMETERS, still


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
    return dict(said.report["delta"])


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
    third = night()
    assert not any(delta(third).values())
    assert third.report["coverage"]["left_alone"] == 2
    assert len(list((show / "reports").iterdir())) >= 2


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
        assert delta(said)["vanished"] == []
        (show / "editorial").mkdir(exist_ok=True)  # an empty mount point
    shutil.rmtree(show / "editorial")
    shutil.move(show / "away", show / "editorial")
    assert not any(delta(night()).values())


def test_a_sequence_that_did_not_change_is_not_opened(night: Night, show: Path) -> None:
    for number in range(30):
        still(show / "editorial" / f"p_{number:03}.png", PARAMETERS if number == 3 else None)
    night()
    said = night()
    assert not any(delta(said).values())
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
