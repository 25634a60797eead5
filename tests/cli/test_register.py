"""The register on the command line: entered all or none, replaced, withdrawn, and all of it readable."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from provenance.catalogue.store import Catalogue
from provenance.intake.examine import examine
from provenance.intake.jobs import FileRead, Job, Outcome, ReadFile
from provenance.limits import DEFAULT
from provenance.model.asset import Location
from provenance.workflows import register_import
from tests.cli.conftest import SOON, Provenance, Said
from tests.cli.test_scan import PARAMETERS, still
from tests.media.test_tables import workbook

TOOL = """[[tool]]
id = "t1"
name = "Gen"
vendor = "Firm"
licence = "paid"
terms_date = 2026-01-05
keeps_inputs = "no"
trains_on_inputs = "no"
enterprise_secured = "yes"
"""
APPROVAL = """[[approval]]
id = "a1"
content = ["{digest}"]
approved_by = "Dana Legal"
reason = "incidental"
reference = "CLR-1"
until = {until}
"""
USES = "id;tool;who;purpose;description\r\nu1;gen;Ana Ruiz;background;poster\r\n"


class Register:
    """One catalogue that knows one generated picture, and files beside it."""

    def __init__(self, provenance: Provenance, folder: Path) -> None:
        self.call, self.folder, self.catalogue = provenance, folder, folder / "c.db"
        self.made = still(folder / "made.png", PARAMETERS)
        read = examine(ReadFile(os.fsencode(self.made), 1), DEFAULT)
        assert isinstance(read, FileRead)
        self.digest = read.reading.asset.digest
        with Catalogue.open(self.catalogue, write=True) as catalogue:
            run = catalogue.begin_run("ingest", "2026-01-01T00:00:00Z")
            location = Location(str(folder), "made.png", b"made.png")
            catalogue.add(location, "", read.reading, run, "2026-01-01T00:00:00Z")

    @property
    def head(self) -> str:
        with Catalogue.open(self.catalogue, write=False) as catalogue:
            return catalogue.head

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def run(self, *words: object) -> Said:
        return self.call("register", *words, "--catalogue", self.catalogue)

    def list(self) -> dict[str, dict[str, Any]]:
        said = self.run("list", "--format", "json")
        assert said.code == 0
        return {row["id"]: row for row in json.loads(said.out)["entries"]}


class NoWorker:
    """Reads tables in this process: a worker takes seconds to start."""

    def __init__(self, *_: object) -> None:
        pass

    def __enter__(self) -> NoWorker:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def run(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Outcome]]:
        for job in jobs:
            yield job, examine(job, DEFAULT)


@pytest.fixture
def register(provenance: Provenance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Register:
    monkeypatch.setattr(register_import, "LocalEngine", NoWorker)
    return Register(provenance, tmp_path)


def test_a_file_is_read_in_a_worker(provenance: Provenance, tmp_path: Path) -> None:
    register = Register(provenance, tmp_path)
    assert register.run("import", register.write("tools.toml", TOOL)).code == 0
    assert register.list().keys() == {"t1"}


def test_files_are_entered_all_or_none(register: Register) -> None:
    letter = register.write("letter.txt", "cleared")
    good = APPROVAL.format(digest=register.digest, until=SOON)
    toml = register.write("register.toml", TOOL + good + f'reference_file = "{letter.name}"\n')
    uses = register.write("uses.csv", USES)
    watches: list[list[object]] = [["id", "words"], ["w1", "Harbour Dawn"]]
    book = register.write("watches.xlsx", workbook(*watches, ["w2", "=1+1"], name="Watches"))
    head = register.head
    said = register.run("import", toml, uses, book)
    assert said.code == 2
    assert "watches.xlsx: row 3: words '=1+1' is a formula; write the value itself" in said.err
    assert register.head == head, "nothing of the other files was entered either"
    book.write_bytes(workbook(*watches, name="Sheet1"))
    said = register.run("import", toml, uses, book, "--kind", "watch", "--dry-run")
    assert said.code == 2, "the option names the kind of every table with a header, the uses among them"
    assert register.run("import", toml, uses, "--dry-run").out.startswith(
        "would enter tool t1\nwould enter approval a1"
    )
    assert register.head == head
    sheet = ("--kind", "watch")
    assert register.run("import", toml, uses).code == register.run("import", book, *sheet).code == 0
    listed = register.list()
    assert listed.keys() == {"t1", "a1", "u1", "w1"}
    assert listed["u1"]["fields"]["tool"] == "t1", "a sheet may name a tool by its name"
    assert len(listed["a1"]["fields"]["reference_sha256"]) == 64
    assert (listed["a1"]["state"], listed["a1"]["entered_by"] != "") == ("counts", True)
    head = register.head
    said = register.run("import", toml, uses)
    assert (said.code, said.out) == (0, "3 already in the register\n")
    assert register.head == head
    letter.write_text("another letter")
    assert "'a1' has other values in the register" in register.run("import", toml).err
    scan = register.call("scan", register.made, "--marks-only", "--format", "json", "--catalogue", register.catalogue)
    waivers = {row["rule"]: row["waived_by"] for row in scan.report["findings"]}
    assert waivers.keys() == {"generated-in-deliverable", "undeclared-tool", "undeclared-use"}
    assert waivers["generated-in-deliverable"]["entry"] == "a1"
    assert waivers["undeclared-tool"] is None, "an approval of the content says nothing of the tool"
    assert [row["id"] for row in scan.report["register"]] == ["a1"], "the report quotes what is about its material"
    rows = register.call("report", "--for", register.made, "--format", "cue-sheet", "--catalogue", register.catalogue)
    assert "Dana Legal" in rows.out, "a use that nobody declared takes nothing from the approval"
    assert register.call("verify", "--catalogue", register.catalogue).code == 0


def test_entries_are_replaced_and_withdrawn_and_stay_readable(register: Register) -> None:
    words = ("--who", "Dana Legal", "--reason", "incidental", "--reference", "CLR-1", "--id", "a1")
    said = register.run("add", "approval", register.made, *words, "--expires", SOON, "--also-matched", "yes")
    assert said.code == 0
    assert "entered approval a1" in said.out
    assert register.run("replace", "approval", "a1", "--reason", "part of the story", "--also-matched", "").code == 0
    fields = register.list()["a1"]["fields"]
    assert (fields["reason"], "also_matched" in fields) == ("part of the story", False)
    assert register.run("replace", "approval", "a1", "--until", "2020-01-01").code == 2
    assert register.run("replace", "approval", "a1", "--reason", "part of the story").code == 2, "nothing changes"
    assert register.run("withdraw", "approval", "a9", "--who", "Dana", "--reason", "recut").code == 2
    assert register.run("withdraw", "approval", "a1", "--who", "-", "--reason", "recut").code == 2
    said = register.run("withdraw", "approval", register.made, "--who", "Dana", "--reason", "recut")
    assert (said.code, said.out) == (0, "withdrew approval a1\n")
    row = register.list()["a1"]
    assert row["state"] == "withdrawn"
    assert [event["event"] for event in row["history"]] == ["added", "replaced", "withdrawn"]
    assert [event["fields"]["reason"] for event in row["history"]][:2] == ["incidental", "part of the story"]
    assert "withdrawn" in register.run("list").out
    scan = register.call("scan", register.made, "--marks-only", "--format", "json", "--catalogue", register.catalogue)
    assert [row["waived_by"] for row in scan.report["findings"]] == [None]
    assert register.call("verify", "--catalogue", register.catalogue).code == 0


def test_a_withdrawn_row_does_not_come_back_with_its_file(register: Register) -> None:
    file = register.write("register.toml", TOOL)
    assert register.run("import", file).code == 0
    assert register.run("withdraw", "tool", "t1", "--who", "Dana", "--reason", "terms changed").code == 0
    head = register.head
    said = register.run("import", file)
    assert said.code == 0
    assert "tool t1 was withdrawn" in said.err
    assert register.head == head
    assert "is not a registered tool" in register.run("import", register.write("uses.csv", USES)).err


def test_what_is_wrong_on_the_command_line_is_named_by_its_option(register: Register) -> None:
    head = register.head
    said = register.run("add", "use", "--tool", "t1", "--purpose", "fun", "--told-on", "1/2/2026")
    assert said.code == 2
    for option in ("--purpose 'fun'", "--who is missing", "--description is missing", "--told-on '1/2/2026' can be"):
        assert option in said.err
    assert register.run("add", "permit").code == 2
    outside = register.write(
        "sub.toml", APPROVAL.format(digest=register.digest, until=SOON) + 'reference_file = "../x"\n'
    )
    assert "is outside of" in register.run("import", outside).err
    assert register.run("import", register.folder / "nothing.csv").code == 2
    columns = register.write("columns.toml", '"Tool used" = "tol"\n')
    assert "'tool'" in register.run("import", outside, "--columns", columns).err
    assert register.head == head


def check(register: Register, *words: object) -> tuple[int, dict[str, list[str]]]:
    said = register.run("check", "--format", "json", *words)
    document = json.loads(said.out)
    assert document["schema"] == "provenance-register-check/1"
    found: dict[str, list[str]] = {}
    for item in document["items"]:
        found.setdefault(item["outcome"], []).append(item["id"] or item["path"])
    return said.code, found


def test_what_is_declared_is_held_against_what_is_found(register: Register) -> None:
    assert check(register) == (1, {"undeclared-tool": ["made.png"], "undeclared-use": ["made.png"]})
    scan = ("scan", register.folder, "--marks-only", "--catalogue", register.catalogue, "--jobs", 1)
    said = register.call(*scan)
    assert "no register of declarations" in " ".join(said.out.split())
    assert "undeclared" not in said.out
    unused = TOOL.replace("t1", "t2").replace('"Gen"', '"Unused"')
    assert register.run("import", register.write("other.toml", unused)).code == 0
    said = register.call(*scan, "--format", "json")
    assert said.report["inputs"]["register"] == {"tool": 1}
    assert [row["rule"] for row in said.report["findings"] if "undeclared" in row["rule"]] == ["undeclared-tool"]
    known = TOOL + 'found_as = ["AUTOMATIC1111"]\n'
    use = '[[use]]\nid = "u1"\ntool = "t1"\nwho = "Ana"\npurpose = "background"\ndescription = "poster"\n'
    assert register.run("import", register.write("register.toml", known + use)).code == 0
    assert check(register, "--for", register.made) == (0, {"agrees": ["t1", "u1"], "not-found": ["t2"]})
    assert "0 differences" in register.run("check", "--for", register.made).out
    assert register.run("check", "--for", register.folder / "nowhere").code == 2
    register.made.write_bytes(b"")
    register.call(*scan)
    assert check(register)[0] == 3, "nothing differs, but something could not be looked at"


def test_a_scan_says_where_an_approved_file_was_changed(register: Register) -> None:
    words = ("--who", "Dana Legal", "--reason", "incidental", "--reference", "CLR-1", "--id", "a1", "--expires", SOON)
    assert register.run("add", "approval", register.made, *words).code == 0
    still(register.made, PARAMETERS.replace("castle", "bridge"))
    scan = ("scan", register.made, "--marks-only", "--catalogue", register.catalogue, "--jobs", 1)
    report = register.call(*scan, "--format", "json").report
    changed = [row for row in report["findings"] if row["rule"] == "changed-content"]
    assert [(row["severity"], row["waived_by"]) for row in changed] == [("review", None)]
    assert changed[0]["because"][0]["where"] == "approval a1"
    assert check(register)[1]["changed-content"] == ["a1"]
