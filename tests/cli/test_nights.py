"""What mornings are told: moves, copies, what a night that was stopped had committed; and how signals end a night."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from provenance.workflows import nightly
from tests.cli.conftest import SOON, Provenance, Said
from tests.cli.test_scan import PARAMETERS, still


class Show:
    """Two storages, and nights over them."""

    def __init__(self, folder: Path, provenance: Provenance) -> None:
        self.edit, self.out, self.catalogue = folder / "edit", folder / "out", folder / "c.db"
        self.edit.mkdir()
        self.out.mkdir()
        self.config = folder / "config.toml"
        self._run = provenance
        self.config.write_text(
            f'catalogue = "{self.catalogue}"\n'
            f'[[storage]]\nname = "edit"\npath = "{self.edit}"\nzone = "editorial"\n'
            f'[[storage]]\nname = "out"\npath = "{self.out}"\nzone = "deliverable"\n'
        )

    def night(self, *options: str) -> Said:
        return self._run("nightly", "--config", self.config, "--format", "json", "--jobs", "1", *options)

    def delta(self, *options: str) -> dict[str, Any]:
        """The lists of the next night's delta that are not empty."""
        rows = self.night(*options).report["delta"]
        return {name: value for name, value in rows.items() if name != "since" and value}

    def ask(self, *arguments: object) -> Said:
        return self._run(*arguments, "--catalogue", self.catalogue)


@pytest.fixture
def show(tmp_path: Path, provenance: Provenance) -> Show:
    return Show(tmp_path, provenance)


def test_moves_and_copies_are_no_news_of_generation(show: Show) -> None:
    still(show.edit / "a.png", PARAMETERS)
    still(show.edit / "b.png", "words")
    assert show.delta() == {"new": ["edit: a.png", "edit: b.png"], "newly_generated": ["edit: a.png"]}
    os.rename(show.edit / "a.png", show.edit / "renamed.png")
    (show.edit / "day1").mkdir()
    os.rename(show.edit / "b.png", show.edit / "day1" / "b.png")
    assert show.delta() == {
        "moved": [
            {"from": "edit: a.png", "to": "edit: renamed.png"},
            {"from": "edit: b.png", "to": "edit: day1/b.png"},
        ]
    }
    shown = show.ask("show", show.edit / "renamed.png").out
    assert f"earlier at {show.edit / 'a.png'}: last seen " in shown
    # A copy is new; that it is generated was known. Across storages a move is one as well.
    shutil.copy(show.edit / "renamed.png", show.edit / "copy.png")
    os.rename(show.edit / "day1" / "b.png", show.out / "b.png")
    assert show.delta() == {
        "new": ["edit: copy.png"],
        "moved": [{"from": "edit: day1/b.png", "to": "out: b.png"}],
    }
    still(show.edit / "renamed.png", "something else now")
    assert show.delta() == {"changed": ["edit: renamed.png"]}
    assert f"earlier at {show.edit / 'renamed.png'}: found replaced " in show.ask("show", show.edit / "copy.png").out
    assert show.ask("verify").code == 0


def test_a_stopped_night_is_told_by_the_next_that_ends(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    still(show.edit / "old.png", "words")
    still(show.edit / "gone.png", "other words")
    first = show.night().report["made_at"]
    still(show.edit / "made.png", PARAMETERS)
    still(show.edit / "old.png", "edited")
    (show.edit / "gone.png").unlink()
    with monkeypatch.context() as patch:
        patch.setattr(nightly, "judge_cases", interrupt)
        assert show.night().code == 130
    told = show.ask("report", "--format", "json").report["troubles"]
    assert any("was interrupted" in trouble["detail"] for trouble in told)
    # All of it was committed, and nobody has been told.
    still(show.edit / "later.png", "more")
    said = show.night().report
    delta = said["delta"]
    assert delta["since"] == first
    assert delta["new"] == ["edit: later.png", "edit: made.png"]
    assert (delta["changed"], delta["vanished"]) == (["edit: old.png"], ["edit: gone.png"])
    assert delta["newly_generated"] == ["edit: made.png"]
    assert {"made.png", "old.png"} <= {asset["path"] for asset in said["assets"]}
    assert show.delta() == {}


def interrupt(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_what_was_approved_or_taken_out_is_resolved(show: Show) -> None:
    still(show.out / "made.png", PARAMETERS)
    still(show.out / "other.png", PARAMETERS + ", Hires upscale: 2")
    assert "resolved" not in show.delta()
    (show.out / "other.png").unlink()
    words = (
        "--who",
        "Dana Legal",
        "--reason",
        "incidental",
        "--reference",
        "C-1",
        "--expires",
        SOON,
    )
    assert show.ask("register", "add", "approval", show.out / "made.png", *words).code == 0
    assert show.delta() == {
        "vanished": ["out: other.png"],
        "newly_approved": ["out: made.png"],
        "resolved": ["out: other.png"],
    }
    assert show.delta() == {}


def test_a_storage_that_is_mostly_gone_may_be_half_mounted(show: Show) -> None:
    for number in range(60):
        (show.edit / f"note {number}.txt").write_text(f"note {number}")
    show.night()
    for number in range(1, 60):
        (show.edit / f"note {number}.txt").unlink()
    said = show.night()
    (absent,) = said.report["delta"]["absent"]
    assert (said.code, absent["storage"], "--emptied" in absent["why"]) == (3, "edit", True)
    assert said.report["delta"]["vanished"] == []
    assert show.night("--emptied", "nowhere").code == 2
    assert len(show.delta("--emptied", "edit")["vanished"]) == 59


FILES = 400


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither signal")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_ends_a_night_in_order(number: signal.Signals, code: int, show: Show) -> None:
    (show.edit / "first.txt").write_text("first")
    assert show.night().code == 0
    before = size_of(show.catalogue)
    for name in range(FILES):
        (show.edit / f"{name}.txt").write_text(f"note {name}")
    command = [sys.executable, "-c", "from provenance_cli.main import main; main()", "nightly", "--jobs", "1"]
    # Slow enough that the signal comes before the end.
    options = ["--config", str(show.config), "--max-read-rate", "1kB/s"]
    # Whoever runs the tests may have told his own processes to ignore it, as nohup does.
    ignored = signal.signal(number, signal.SIG_DFL)
    job = subprocess.Popen([*command, *options], stderr=subprocess.PIPE, text=True)
    signal.signal(number, ignored)
    wait_until(lambda: size_of(show.catalogue) > before + 50_000 or job.poll() is not None)
    job.send_signal(number)
    said = job.communicate(timeout=60)[1]
    assert (job.returncode, number.name in said) == (code, True), said
    verified = show.ask("verify")
    assert verified.code == 0, verified.err
    assert len(show.delta()["new"]) == FILES


def size_of(catalogue: Path) -> int:
    return sum(path.stat().st_size for path in catalogue.parent.glob(f"{catalogue.name}*"))


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.01)
