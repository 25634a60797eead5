"""What hands a plan to a render farm: the scripts run, with stand-ins for the program and for the farm."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from provenance_cli.main import cli

from tests.contrib.commands import PROGRAM

ROOT = Path(__file__).parents[2]
CONTRIB = ROOT / "contrib"
PAGE = ROOT / "docs" / "how-to" / "spread-over-a-farm.md"


def take_options(arguments: list[str]) -> dict[str, object]:
    """What the program makes of a command line. Raises `click.UsageError` for what it does not have."""
    with cli.make_context("provenance", list(arguments)) as outer:
        name, command, rest = cli.resolve_command(outer, [*outer._protected_args, *outer.args])
        assert command is not None
        with command.make_context(name, rest, parent=outer) as context:
            return {"command": name, **context.params}


class Desk:
    """A copy of contrib/ in which every program that is called notes its arguments."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = folder / "contrib"
        self.notes = folder / "notes"
        shutil.copytree(CONTRIB, self.files)
        for file in self.files.rglob("*"):
            if file.is_file() and PROGRAM in file.read_text(encoding="utf-8"):
                file.write_text(file.read_text(encoding="utf-8").replace(PROGRAM, str(folder / "program")))
        self.stand_in("program")
        self.stand_in("sbatch", "echo 41")

    def stand_in(self, name: str, does: str = "", code: int = 0) -> None:
        path = self.folder / name
        path.write_text(f'#!/bin/sh\nprintf "%s\\n" "$(basename "$0")" "$@" "" >> {self.notes}\n{does}\nexit {code}\n')
        path.chmod(0o755)

    def run(self, *command: object, **variables: str) -> tuple[int, list[list[str]]]:
        """The exit code, and the calls of the stand-ins that followed."""
        self.notes.write_text("")
        environment = {**os.environ, "PATH": f"{self.folder}:{os.environ['PATH']}", **variables}
        done = subprocess.run(list(map(str, command)), env=environment, cwd=self.folder, stdout=subprocess.PIPE)
        return done.returncode, [call.split("\n") for call in self.notes.read_text().split("\n\n") if call]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_slurm_gets_an_array_and_a_merge_after_it(desk: Desk) -> None:
    submit = desk.files / "slurm" / "submit"
    work = desk.folder / "work"
    code, (plan, array, merge) = desk.run(submit, work, 64, "/mnt/show", "--zone", "temp")
    assert code == 0
    options = take_options(plan[1:])
    assert (options["command"], options["shards"], options["paths"]) == ("plan", 64, ("/mnt/show",))
    assert (options["out"], options["zone"]) == (f"{work}/plan", "temp")
    assert array[:3] == ["sbatch", "--parsable", "--array=1-64%16"]
    assert merge[:3] == ["sbatch", "--parsable", "--dependency=afterany:41"]
    variables = {"SLURM_ARRAY_TASK_ID": "7", "SLURM_CPUS_PER_TASK": "2"}
    _, [read] = desk.run(*array[3:], **variables)
    options = take_options(read[1:])
    assert (options["plan"], options["shard"], options["jobs"]) == (f"{work}/plan", "env", 2)
    assert options["out"] == f"{work}/shard-7.jsonl"
    for name in ("shard-7.jsonl", "shard-12.jsonl", "shard-3.jsonl.part", "shard-3.jsonl.part.lock", "plan"):
        (work / name).write_text("")
    _, [taken] = desk.run(*merge[3:])
    options = take_options(taken[1:])
    assert options["files"] == (f"{work}/shard-12.jsonl", f"{work}/shard-7.jsonl")
    assert options["plan"] == f"{work}/plan"
    # A second plan does not go where one is, and without a plan nothing is handed out.
    code, calls = desk.run(submit, work, 64, "/mnt/show")
    assert code != 0
    assert calls == []
    for ended, handed_out in ((3, True), (2, False)):
        desk.stand_in("program", code=ended)
        code, calls = desk.run(submit, desk.folder / f"work{ended}", 4, "/mnt/show")
        assert (code == 0, len(calls) == 3) == (handed_out, handed_out)


def test_the_job_scripts_say_to_slurm_what_it_knows() -> None:
    for name in ("shards.sbatch", "merge.sbatch"):
        text = (CONTRIB / "slurm" / name).read_text(encoding="ascii")
        head = text.split("\n# ")[0]
        options = re.findall(r"^#SBATCH --([a-z-]+)(?:=\S+)?$", head, re.MULTILINE)
        assert len(options) == text.count("#SBATCH") > 2, "after the first command Slurm reads none"
        assert set(options) <= {"job-name", "cpus-per-task", "mem", "time", "requeue", "nice"}


def test_a_render_manager_sees_a_failure_only_where_trying_again_may_help(desk: Desk) -> None:
    read = desk.files / "farm" / "read-shard"
    for ended, shown in ((0, 0), (3, 0), (2, 2), (4, 4), (6, 6), (143, 143)):
        desk.stand_in("program", code=ended)
        code, [call] = desk.run(read, "/farm/work", 7, 64)
        assert code == shown
    options = take_options(call[1:])
    assert (options["plan"], options["shard"], options["out"]) == (
        "/farm/work/plan",
        "7/64",
        "/farm/work/shard-7.jsonl",
    )


OUTLINE = {
    "outline/__init__.py": """
import sys
class Outline:
    def __init__(self, name, **how): self.layers = []
    def add_layer(self, layer): self.layers.append(layer)
""",
    "outline/cuerun.py": """
import json, sys
def launch(job, use_pycuerun):
    rows = [(row.name, row.how, row.after and row.after.name) for row in job.layers]
    print(json.dumps(rows))
""",
    "outline/modules/__init__.py": "",
    "outline/modules/shell.py": """
class Shell:
    def __init__(self, name, **how): self.name, self.how, self.after = name, how, None
    def depend_all(self, other): self.after = other
""",
}
"""As much of PyOutline as the script calls."""


def test_opencue_gets_a_layer_of_shards_and_a_merge_that_depends_on_it(tmp_path: Path) -> None:
    for name, text in OUTLINE.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    command = [sys.executable, str(CONTRIB / "opencue" / "submit.py"), "/farm/work", "64", "db"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    printed = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True).stdout
    (read_name, read, first), (_, merge, after) = json.loads(printed)
    assert (first, after) == (None, read_name)
    assert read["range"] == "1-64"
    assert read["command"] == ["/opt/provenance/farm/read-shard", "/farm/work", "#IFRAME#", "64"]
    assert (merge["command"], merge["tags"]) == (["/opt/provenance/farm/merge-shards", "/farm/work"], ["db"])
    assert all((CONTRIB / "farm" / Path(layer["command"][0]).name).exists() for layer in (read, merge))


def test_the_page_gives_deadline_what_the_scripts_take(desk: Desk) -> None:
    text = PAGE.read_text(encoding="utf-8").replace("\\\n", " ")
    read, merge = (shlex.split(line) for line in re.findall(r"^deadlinecommand .*$", text, re.MULTILINE))
    for job in (read, merge):
        options = dict(zip(job[2::2], job[3::2], strict=True))
        arguments = options["-arguments"].replace("<STARTFRAME>", "7").split()
        _, [call] = desk.run(desk.files / "farm" / Path(options["-executable"]).name, *arguments)
        assert take_options(call[1:])["plan"] == "/farm/provenance/2026-11-27/plan"
