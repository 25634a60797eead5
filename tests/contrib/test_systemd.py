"""The unit and its timer: systemd accepts them, they expose little, and a night ends well under what they allow."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_scan import PARAMETERS, still
from tests.contrib import confined
from tests.contrib.commands import PROGRAM, read_command, refuse_unknown_options

CONTRIB = Path(__file__).parents[2] / "contrib" / "systemd"
MOST_EXPOSED = {"alone": 1.0, "with the network": 2.0}
"""By the scale of `systemd-analyze security`, where a unit without any protection has 9.6."""
INSTALLED = Path(sys.executable).with_name("provenance")

_ATTEMPTS = """
import errno, mmap, os, socket, sys
for attempt in (
    lambda: open(sys.argv[1] + "/new", "w"),
    lambda: socket.socket(socket.AF_INET),
    lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC),
    lambda: os.chroot("/"),
):
    try:
        attempt()
    except OSError as error:
        print(errno.errorcode[error.errno], end=' ')
print()
"""
"""What the unit forbids, one after the other."""

needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit as somebody installs it who has the program in another place."""
    folder = tmp_path / "units"
    folder.mkdir()
    shutil.copy(CONTRIB / "provenance.timer", folder)
    text = (CONTRIB / "provenance.service").read_text(encoding="utf-8")
    (folder / "provenance.service").write_text(text.replace(PROGRAM, str(INSTALLED)), encoding="utf-8")
    return folder / "provenance.service"


def analyze(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["systemd-analyze", *map(str, arguments)], capture_output=True, text=True)


def add_network(unit: Path) -> None:
    drop_ins = unit.with_name("provenance.service.d")
    drop_ins.mkdir()
    shutil.copy(CONTRIB / "network.conf", drop_ins)


@needs_systemd
@pytest.mark.parametrize("name", ["alone", "with the network"])
def test_systemd_takes_the_unit_and_rates_it_safe(unit: Path, name: str) -> None:
    if name != "alone":
        add_network(unit)
    said = analyze("verify", unit, unit.with_suffix(".timer"))
    assert (said.returncode, said.stdout + said.stderr) == (0, "")
    rating = analyze("security", "--offline=true", unit).stdout.splitlines()[-1]
    found = re.search(r": ([\d.]+) ", rating)
    assert found, rating
    assert 0 < float(found[1]) <= MOST_EXPOSED[name]


@needs_systemd
def test_systemd_would_notice_a_misspelt_setting(unit: Path) -> None:
    unit.write_text(unit.read_text(encoding="utf-8").replace("ProtectSystem=", "ProtectsSystem="), encoding="utf-8")
    assert "ProtectsSystem" in analyze("verify", unit).stderr


def test_the_unit_runs_a_night_as_the_program_has_it() -> None:
    unit = confined.read_unit(str(CONTRIB / "provenance.service"))
    [line] = unit["ExecStart"]
    refuse_unknown_options(read_command(line))
    # A night ends within ten seconds of SIGTERM; the workers are its own to end.
    assert unit["KillMode"] == ["mixed"]
    assert int(unit["TimeoutStopSec"][0]) > 10


@needs_systemd
@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root makes name spaces")
def test_a_night_ends_well_under_what_the_unit_allows(unit: Path, tmp_path: Path) -> None:
    state, temporary, storage = tmp_path / "state", tmp_path / "temporary", tmp_path / "storage"
    for folder in (state, temporary, storage):
        folder.mkdir()
    still(storage / "made.png", PARAMETERS)
    config = state / "config.toml"
    config.write_text(
        f'catalogue = "{state}/catalogue.db"\n[nightly]\nreports = "{state}/reports"\n'
        f'[[storage]]\nname = "out"\npath = "{storage}"\nzone = "deliverable"\n'
    )

    night = [INSTALLED, "nightly", "--config", config, "--jobs", 1, "--format", "json"]
    both = ["/bin/sh", "-c", '"$1" -c "$2" "$3"; shift 3; exec "$@"', "sh", sys.executable, _ATTEMPTS, storage, *night]
    command = [sys.executable, confined.__file__, unit, state, temporary, *both]
    said = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if said.returncode == confined.NOT_POSSIBLE:
        pytest.skip(f"this kernel or account cannot be confined: {said.stderr}")
    assert said.returncode == 1, said.stderr
    attempts, _, report = said.stdout.partition("\n")
    assert attempts.split() == ["EROFS", "EAFNOSUPPORT", "EPERM", "EPERM"], "else the night proves nothing"
    [finding] = json.loads(report)["findings"]
    assert finding["rule"] == "generated-in-deliverable"
    assert len(list((state / "reports").iterdir())) == 2
