"""What starts a night on other systems: each file is well formed, and its command is one that the program has."""

from __future__ import annotations

import json
import plistlib
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from xml.etree.ElementTree import Element

import click
import defusedxml.ElementTree
import pytest

from tests.contrib.commands import PROGRAM, WINDOWS_PROGRAM, read_command, refuse_unknown_options

ROOT = Path(__file__).parents[2]
CONTRIB = ROOT / "contrib"


def test_the_check_refuses_what_the_program_does_not_have() -> None:
    for line in (f"{PROGRAM} nightly --config c --quiet --shout", f"{PROGRAM} nigthly --config c --quiet"):
        with pytest.raises(click.UsageError):
            refuse_unknown_options(read_command(line))


def test_the_cron_line() -> None:
    text = (CONTRIB / "cron" / "provenance").read_text(encoding="ascii")
    [line] = [line for line in text.splitlines() if line and not re.match(r"#|[A-Z]+=", line)]
    *fields, account, command = line.split(None, 6)
    for field, most in zip(fields, (59, 23, 31, 12, 7), strict=True):
        assert field == "*" or 0 <= int(field) <= most
    assert account == "provenance"
    assert "%" not in command, "cron makes a new line of it"
    assert text.endswith("\n"), "cron skips a last line without an end"
    assert subprocess.run(["sh", "-n", "-c", command]).returncode == 0
    refuse_unknown_options(read_command(command))


def test_the_property_list_of_launchd() -> None:
    with open(CONTRIB / "launchd" / "provenance.nightly.plist", "rb") as file:
        job = plistlib.load(file)
    expected = {
        "Label": str, "UserName": str, "ProgramArguments": list, "WorkingDirectory": str, "StartCalendarInterval": dict,
        "ProcessType": str, "LowPriorityIO": bool, "Nice": int, "Umask": int, "ExitTimeOut": int,
        "StandardErrorPath": str,
    }  # fmt: skip
    assert {key: type(value) for key, value in job.items()} == expected
    assert job["Label"] == "provenance.nightly", "launchd wants the name of the file"
    assert job["StartCalendarInterval"] == {"Hour": 2, "Minute": 0}
    assert job["Umask"] == 0o027
    assert job["ExitTimeOut"] > 10, "a night ends within ten seconds of SIGTERM"
    program, *arguments = job["ProgramArguments"]
    assert program == PROGRAM
    refuse_unknown_options(arguments)


_TASK = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
_SEQUENCES = {
    "Task": ["RegistrationInfo", "Triggers", "Principals", "Settings", "Actions"],
    "CalendarTrigger": ["StartBoundary", "RandomDelay", "ScheduleByDay"],
    "Exec": ["Command", "Arguments", "WorkingDirectory"],
}
"""The order that the schema of the Task Scheduler prescribes, for what the file has."""


def test_the_task_of_windows() -> None:
    raw = (CONTRIB / "windows" / "provenance.xml").read_bytes()
    raw.decode("ascii")
    assert b"encoding" not in raw.splitlines()[0], "schtasks refuses an encoding that is not its own"
    task = defusedxml.ElementTree.fromstring(raw)
    names = [element.tag for element in task.iter()]
    assert all(name.startswith(_TASK) for name in names)
    for parent, children in _SEQUENCES.items():
        assert [child.tag.removeprefix(_TASK) for child in _find(task, parent)] == children
    principals = {element.get("id") for element in task.iter(f"{_TASK}Principal")}
    assert _find(task, "Actions").get("Context") in principals
    assert _find(task, "MultipleInstancesPolicy").text == "IgnoreNew"
    assert _find(task, "ExecutionTimeLimit").text == "PT0S", "by default Windows ends a task after three days"
    assert _find(task, "Command").text == WINDOWS_PROGRAM
    refuse_unknown_options((_find(task, "Arguments").text or "").split())


def _find(task: Element, name: str) -> Element:
    [element] = task.iter(f"{_TASK}{name}")
    return element


_INSTRUCTIONS = {"ARG", "FROM", "COPY", "RUN", "USER", "WORKDIR", "VOLUME", "ENTRYPOINT", "CMD"}


def test_the_container_file() -> None:
    text = (CONTRIB / "container" / "Containerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    joined = re.sub(r"\s*\\\n\s*", " ", "\n".join(lines))
    rows = [(name, rest) for name, _, rest in (line.partition(" ") for line in joined.splitlines())]
    assert {name for name, _ in rows} <= _INSTRUCTIONS
    last = dict(rows)
    assert last["USER"].isdecimal(), "Kubernetes tells by the number that it is not root"
    assert int(last["USER"]) > 0
    assert json.loads(last["ENTRYPOINT"]) == [PROGRAM]
    refuse_unknown_options(json.loads(last["CMD"]))
    for _, command in [row for row in rows if row[0] == "RUN"]:
        assert subprocess.run(["sh", "-n", "-c", command]).returncode == 0
    # The stages by which it copies, and the extras that it installs, exist.
    stages = re.findall(r" AS (\w+)", joined)
    assert set(re.findall(r"--from=(\w+)", joined)) <= set(stages)
    [extras] = re.findall(r"/source\[([\w,]+)\]", joined)
    known = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    assert set(extras.split(",")) <= set(known)


def test_every_file_is_named_in_the_overview() -> None:
    overview = (CONTRIB / "README.md").read_text(encoding="utf-8")
    files = [path for path in CONTRIB.rglob("*") if path.is_file() and path.name != "README.md"]
    assert files
    for path in files:
        assert f"({path.relative_to(CONTRIB).as_posix()})" in overview


@pytest.mark.skipif(shutil.which("schtasks") is None, reason="only Windows has it")
def test_windows_takes_the_task() -> None:
    place = CONTRIB / "windows" / "provenance.xml"
    made = subprocess.run(["schtasks", "/create", "/tn", "ProvenanceTest", "/xml", str(place)])
    assert made.returncode == 0
    subprocess.run(["schtasks", "/delete", "/tn", "ProvenanceTest", "/f"], check=True)
