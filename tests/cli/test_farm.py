"""Reading spread over many machines as files: the result is that of one machine, whatever happens on the way."""

from __future__ import annotations

import io
import json
import os
import shutil
import zipfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from provenance.catalogue.codec import from_json, to_json
from provenance.intake.checked_lines import LineReader, LineWriter
from provenance.intake.examine import examine
from provenance.intake.jobs import Job, Outcome
from provenance.intake.shard_file import ShardHeader, ShardLine
from provenance.limits import DEFAULT
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause
from provenance.trust import TrustStore
from provenance.workflows import plan as plan_workflow
from provenance.workflows.run import RunContext
from tests.cli.conftest import Provenance, Said
from tests.cli.test_labels import needs_reader, write_still
from tests.cli.test_nightly import picture
from tests.cli.test_scan import PARAMETERS, still

BARE = ("--fingerprints", "none")
Spoil = Callable[[Job], None]


def spoil_nothing(job: Job) -> None:
    """As it is most days."""


class EngineHere:
    """Does every job in this process, and notes it. `spoil` may break a job off, or change what it reads."""

    def __init__(self) -> None:
        self.paths: list[bytes] = []
        self.spoil: Spoil = spoil_nothing

    def run(self, jobs: Iterable[Job], follow_ups: deque[Job] | None = None) -> Iterator[tuple[Job, Outcome]]:
        first = deque() if follow_ups is None else follow_ups
        supply = iter(jobs)
        while (job := first.popleft() if first else next(supply, None)) is not None:
            self.spoil(job)
            self.paths.append(job.path)
            outcome: Outcome
            try:
                outcome = examine(job, DEFAULT)
            except OSError as fault:
                outcome = Trouble("", "open", Cause.UNREADABLE, str(fault))
            yield job, outcome


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> EngineHere:
    here = EngineHere()

    @contextmanager
    def start(_context: RunContext, _store: TrustStore) -> Iterator[EngineHere]:
        yield here

    monkeypatch.setattr(RunContext, "start_engine", start)
    return here


class Farm:
    """A tree, its plan, and the shards beside it."""

    def __init__(self, folder: Path, run: Provenance, engine: EngineHere) -> None:
        self.folder, self.tree, self.plan = folder, folder / "tree", folder / "plan"
        self.catalogue, self.config = folder / "merged.db", folder / "farm.toml"
        self.config.write_text("")
        self.engine = engine
        self.call = run
        self.tree.mkdir()

    def plan_it(self, shards: int, *options: object) -> Said:
        return self.call("plan", self.tree, "--shards", shards, "--out", self.plan, "--config", self.config, *options)

    def part(self, number: int) -> Path:
        return self.folder / f"part{number}"

    def read(self, number: int, shards: int) -> Said:
        shard = ("--shard", f"{number}/{shards}", "--out", self.part(number))
        return self.call("ingest", "--plan", self.plan, *shard, "--config", self.config, "--no-progress")

    def merge(self, *numbers: int, plan: bool = False) -> Said:
        named = ("--plan", self.plan) if plan else ()
        parts = [self.part(number) for number in numbers]
        return self.call("merge", *parts, *named, "--catalogue", self.catalogue, "--config", self.config)

    def ingest(self, catalogue: Path, *options: object) -> Said:
        return self.call("ingest", self.tree, "--catalogue", catalogue, "--config", self.config, *options)

    def assets(self, catalogue: Path) -> dict[tuple[str, str], dict[str, Any]]:
        said = self.call("report", "--catalogue", catalogue, "--config", self.config, "--format", "json")
        return {(asset["root"], asset["path"]): asset for asset in said.report["assets"]}

    def is_as_by_one_machine(self, *options: object) -> bool:
        alone = self.folder / "alone.db"
        self.ingest(alone, *options)
        found = self.assets(alone)
        return bool(found) and self.assets(self.catalogue) == found


@pytest.fixture
def farm(tmp_path: Path, provenance: Provenance, engine: EngineHere) -> Farm:
    return Farm(tmp_path, provenance, engine)


def fill(tree: Path) -> None:
    """A bit of everything that makes rows: marks, sidecars, sequences, things inside things, names that are no text."""
    for name in ("edit", "seq", "odd names"):
        (tree / name).mkdir()
    still(tree / "edit" / "made.png", PARAMETERS)
    still(tree / "edit" / "plain.png")
    (tree / "edit" / "plain.txt").write_text(PARAMETERS)
    (tree / "edit" / "broken.png").write_bytes((tree / "edit" / "made.png").read_bytes()[:60])
    for number in range(1001, 1031):
        still(tree / "seq" / f"shot.{number}.png", PARAMETERS if number == 1015 else None)
    for number in range(26):
        Image.effect_noise((16, 16), 90 + number).save(tree / "seq" / f"still{number:03}.png")
    with zipfile.ZipFile(tree / "edit" / "all.zip", "w") as archive:
        archive.write(tree / "edit" / "made.png", "in/side.png")
    for odd in (b"caf\xe9.txt", b"new\nline.txt", b"caf\\xe9.txt", "käfer.txt".encode()):
        (tree / "odd names" / os.fsdecode(odd)).write_bytes(odd)


def test_shards_merged_in_any_order_are_what_one_machine_makes(farm: Farm) -> None:
    fill(farm.tree)
    assert farm.plan_it(3).code == 0
    header = json.loads(farm.plan.read_bytes().splitlines()[0])
    assert (header["schema"], header["zone"]) == ("provenance-plan/1", "editorial")
    assert header["limits"]["nesting"] == 5
    # One of the machines has the storage elsewhere.
    farm.read(1, 3)
    elsewhere = farm.folder / "mounted elsewhere"
    os.rename(farm.tree, elsewhere)
    said = farm.read(2, 3)
    assert said.code == 2
    assert "[[mount]]" in said.err
    farm.config.write_text(f'[[mount]]\nfrom = "{farm.tree}"\nto = "{elsewhere}"\n')
    farm.read(2, 3)
    os.rename(elsewhere, farm.tree)
    farm.config.write_text("")
    farm.read(3, 3)
    codes = [farm.merge(3, 1).code, farm.merge(1).code, farm.merge(2, 3, plan=True).code]
    assert codes == [3, 3, 3], "shards are missing; then there is still the broken picture"
    assert farm.is_as_by_one_machine()
    paths = {path for _, path in farm.assets(farm.catalogue)}
    assert {"seq/shot.[1001-1030].png", "edit/all.zip!in/side.png", "seq/still003.png", "seq/shot.1015.png"} <= paths
    assert farm.call("verify", "--catalogue", farm.catalogue).code == 0
    # What was taken in is unchanged for whoever looks next, and a merge of what is in writes nothing.
    farm.engine.paths.clear()
    (farm.folder / "n.toml").write_text(
        f'catalogue = "{farm.catalogue}"\n[[storage]]\nname = "t"\npath = "{farm.tree}"\nzone = "editorial"\n'
    )
    assert farm.call("nightly", "--config", farm.folder / "n.toml", "--format", "json").report["delta"]["changed"] == []
    assert [os.path.basename(path) for path in farm.engine.paths] == [b"broken.png"] or farm.engine.paths == []
    head = farm.call("verify", "--catalogue", farm.catalogue).out
    assert farm.merge(1, 2, 3, plan=True).code == 3
    assert farm.call("verify", "--catalogue", farm.catalogue).out == head


@needs_reader
def test_labels_are_looked_for_by_every_machine(farm: Farm) -> None:
    write_still(farm.tree / "labelled.png", "Generated with AI")
    write_still(farm.tree / "slate.png", "SHOT MISSING")
    assert farm.plan_it(2, "--look-for", "labels").code == 0
    assert [farm.read(number, 2).code for number in (1, 2)] == [0, 0]
    assert farm.merge(1, 2, plan=True).code == 0
    assert farm.is_as_by_one_machine("--look-for", "labels")
    origins = {path: asset["origin"] for (_, path), asset in farm.assets(farm.catalogue).items()}
    assert origins == {"labelled.png": "possibly-generated", "slate.png": "unknown"}
    refused = farm.call("ingest", "--plan", farm.plan, "--shard", "1/2", "--out", farm.part(1), "--look-for", "labels")
    assert refused.code == 2, "the plan says what is looked for"


def test_a_shard_that_was_broken_off_goes_on_where_it_was(farm: Farm) -> None:
    fill(farm.tree)
    farm.plan_it(1, *BARE)
    for broken_at in (b"made.png", b"shot.1020.png", b"still020.png"):

        def stop(job: Job, name: bytes = broken_at) -> None:
            if job.path.endswith(name):
                raise KeyboardInterrupt

        farm.engine.spoil = stop
        assert farm.read(1, 1).code == 130
        assert not farm.part(1).exists()
        # The machine died while it wrote: the last line is torn, and the rest of its block was never written.
        with open(f"{farm.part(1)}.part", "ab") as file:
            file.write(b'["0123456789abcdef0123456789abcdef",{"row":{"item":1,' + bytes(900))
    assert farm.merge(1).code == 5
    assert not farm.catalogue.exists()
    shutil.copy(f"{farm.part(1)}.part", farm.part(2))
    assert farm.merge(2).code == 5
    assert farm.part(2).stat().st_size > 3_000
    farm.engine.spoil = spoil_nothing
    before, farm.engine.paths = farm.engine.paths, []
    farm.read(1, 1)
    # Only what was not done is read once more: the sequences and what came after.
    names = [os.path.basename(path) for path in farm.engine.paths]
    assert b"made.png" not in names
    assert b"still003.png" in names
    assert len(names) < len({*before, *farm.engine.paths})
    assert sorted(path.name for path in farm.folder.glob("part1*")) == ["part1"]
    farm.merge(1, plan=True)
    assert farm.is_as_by_one_machine(*BARE)


def test_a_whole_shard_is_not_read_again_and_another_is_not_overwritten(
    farm: Farm, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        (farm.tree / f"note {number}x.txt").write_text(f"note {number}")
    farm.plan_it(2)
    farm.read(1, 2)
    farm.engine.paths.clear()
    raw = farm.part(1).read_bytes()
    again = farm.read(1, 2)
    assert (again.code, farm.engine.paths, farm.part(1).read_bytes() == raw) == (0, [], True)
    assert "whole already" in again.err
    # The number may come from Slurm.
    task = ("ingest", "--plan", farm.plan, "--shard", "env", "--out", farm.part(2))
    monkeypatch.delenv("SLURM_ARRAY_TASK_ID", raising=False)
    assert "sbatch --array=1-2" in farm.call(*task).err
    monkeypatch.setenv("SLURM_ARRAY_TASK_ID", "2")
    assert farm.call(*task).code == 0
    assert farm.merge(1, 2).code == 0
    for shard, reason in (("3/2", "counted from 1 to 2"), ("1/3", "has 2 shards"), ("0/2", "no shard 0"), ("x", "K/N")):
        said = farm.call("ingest", "--plan", farm.plan, "--shard", shard, "--out", farm.part(9))
        assert (said.code, reason in said.err) == (2, True), said.err
    said = farm.call("ingest", "--plan", farm.plan, "--shard", "2/2", "--out", farm.part(1))
    assert (said.code, "another shard" in said.err, farm.part(1).read_bytes() == raw) == (2, True, True)
    for wrong in ((farm.tree,), ("--zone", "temp"), ("--exclude", "x"), ("--catalogue", "c.db")):
        said = farm.call("ingest", "--plan", farm.plan, "--shard", "1/2", "--out", farm.part(9), *wrong)
        assert (said.code, "does not go with --plan" in said.err) == (2, True)
    assert farm.call("ingest", "--plan", farm.plan, "--shard", "1/2").code == 2
    assert farm.plan_it(2).code == 2, "a plan is not overwritten either"
    assert not farm.part(9).exists()


def test_a_machine_that_would_read_otherwise_is_refused_by_name(farm: Farm, monkeypatch: pytest.MonkeyPatch) -> None:
    (farm.tree / "note.txt").write_text("note")
    certificate = Path(__file__).parents[2] / "fixtures" / "media" / "certificates" / "test-root.pem"
    farm.plan_it(1)
    farm.config.write_text("[limits]\nnesting = 2\n")
    said = farm.read(1, 1)
    assert (said.code, "nesting is 2 here and 5 in the plan" in said.err) == (2, True)
    farm.config.write_text(f'trust_lists = ["{certificate}"]\n')
    said = farm.read(1, 1)
    assert (said.code, "the trust list 'test-root.pem'" in said.err) == (2, True), said.err
    farm.config.write_text("")
    with monkeypatch.context() as patch:
        patch.setattr(plan_workflow, "__version__", "9.9")
        said = farm.read(1, 1)
        assert (said.code, "provenance 9.9" in said.err) == (2, True)
    with monkeypatch.context() as patch:
        patch.setattr(plan_workflow, "list_missing", lambda: iter(["brotli (packed boxes)"]))
        said = farm.read(1, 1)
        assert (said.code, "'brotli (packed boxes)'" in said.err) == (2, True)
    farm.read(1, 1)
    farm.config.write_text("[limits]\nnesting = 2\n")
    assert farm.merge(1).code == 2


def test_nothing_is_taken_of_a_shard_that_is_not_what_was_written(farm: Farm) -> None:
    still(farm.tree / "made.png", PARAMETERS)
    (farm.tree / "note.txt").write_text("note")
    farm.plan_it(1)
    farm.read(1, 1)
    raw = farm.part(1).read_bytes()
    lines = list(LineReader(io.BytesIO(raw)))
    spoilt: list[bytes] = [raw[: len(raw) * share // 7] for share in range(7)]
    for position in range(3, len(raw), len(raw) // 12):
        flipped = bytearray(raw)
        flipped[position] ^= 4
        spoilt.append(bytes(flipped))
    spoilt += [raw + lines[1], b"SQLite format 3\0" + bytes(600), farm.plan.read_bytes(), *lie(lines)]
    for number, content in enumerate(spoilt):
        farm.part(2).write_bytes(content)
        said = farm.merge(2)
        assert said.code == 5, (number, content[-300:], said.err)
        assert "Traceback" not in said.err
        assert not farm.catalogue.exists()
    # Beside it, what is sound is taken.
    farm.part(2).write_bytes(spoilt[3])
    said = farm.merge(2, 1, plan=True)
    assert (said.code, "part2" in said.err) == (5, True)
    assert farm.is_as_by_one_machine()
    # Of another plan: refused, though the same files are in it.
    farm.plan.unlink()
    farm.plan_it(1, "--zone", "temp")
    said = farm.merge(1, plan=True)
    assert (said.code, "another plan" in said.err) == (5, True)


def lie(lines: list[bytes]) -> Iterator[bytes]:
    """Shards whose digests are right and whose rows are not."""
    number, line = next((i, from_json(ShardLine, text)) for i, text in enumerate(lines) if i and b'"row"' in text)
    assert line.row is not None
    row, location, asset = line.row, line.row.location, line.row.reading.asset
    liars = [
        replace(row, location=replace(location, path_bytes=b"../../etc/passwd")),
        replace(row, location=replace(location, path_bytes=b"/etc/passwd")),
        replace(row, location=replace(location, path_bytes=b"")),
        replace(row, location=replace(location, root="/etc")),
        replace(row, location=replace(location, path="caf\udce9")),
        replace(row, location=replace(location, parent="\ud800")),
        replace(row, root=7),
        replace(row, root=-1),
        replace(row, item=99),
        replace(row, key="\ud800"),
        replace(row, reading=replace(row.reading, asset=replace(asset, digest="sha256:0"))),
        replace(row, reading=replace(row.reading, asset=replace(asset, size=2**70))),
        replace(row, reading=replace(row.reading, asset=replace(asset, size=-1))),
        replace(row, reading=replace(row.reading, thumbnail=b"<svg onload=alert(1)>")),
    ]
    header = from_json(ShardHeader, lines[0])
    yield write([to_json(replace(header, shard=2)).encode(), *lines[1:]])
    yield write([to_json(replace(header, plan=header.plan.replace("/", "/x", 1))).encode(), *lines[1:]])[:-2]
    yield write(lines[:-1])
    yield write([*lines[:number], *lines[number + 1 :]])
    yield write([*lines, lines[-1]])
    yield write([lines[0], b'{"row":' + b"[" * 100_000])
    for liar in liars:
        yield write([*lines[:number], to_json(ShardLine(liar)).encode(), *lines[number + 1 :]])


def write(texts: Iterable[bytes]) -> bytes:
    file = io.BytesIO()
    writer = LineWriter(file)
    for text in texts:
        writer.write(text)
    return file.getvalue()


def test_what_is_unchanged_is_left_out_and_what_vanished_is_noted_when_all_is_in(farm: Farm) -> None:
    fill(farm.tree)
    (farm.tree / "kept out").mkdir()
    (farm.tree / "kept out" / "hidden.txt").write_text("hidden")
    farm.ingest(farm.catalogue, *BARE)
    (farm.tree / "odd names" / "käfer.txt").unlink()
    shutil.rmtree(farm.tree / "edit" / "all.zip", ignore_errors=True)
    (farm.tree / "edit" / "all.zip").write_bytes(b"no archive any more")
    (farm.tree / "new.txt").write_text("new")
    scan = os.scandir

    def fail(place: bytes) -> Any:
        if place.endswith(b"kept out"):
            raise PermissionError(13, "Permission denied")
        return scan(place)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "scandir", fail)
        said = farm.plan_it(2, "--catalogue", farm.catalogue, *BARE)
    assert (said.code, "kept out" in said.err) == (3, True)
    # Also what could not be looked at before: it must be told again.
    header = json.loads(farm.plan.read_bytes().splitlines()[0])
    assert sum(section["files"] for section in header["sections"][1:]) == 3
    farm.engine.paths.clear()
    assert sorted([farm.read(1, 2).code, farm.read(2, 2).code]) == [0, 3]
    assert sorted(map(os.path.basename, farm.engine.paths)) == [b"all.zip", b"broken.png", b"new.txt"]
    said = farm.merge(1, plan=True)
    assert said.code == 3
    assert "missing: shard 2 of 2" in said.err
    assert any(path == "odd names/käfer.txt" for _, path in farm.assets(farm.catalogue)), "not judged yet"
    said = farm.merge(2)
    assert (said.code, "name the --plan" in said.err) == (3, True)
    said = farm.merge(plan=True)
    assert (said.code, "kept out" in said.err) == (3, True)
    now = {path for _, path in farm.assets(farm.catalogue)}
    assert "kept out/hidden.txt" in now, "what could not be listed has not vanished"
    assert not {"odd names/käfer.txt", "edit/all.zip!in/side.png"} & now
    assert farm.is_as_by_one_machine(*BARE)
    # Into another catalogue it would be only a part.
    said = farm.call("merge", farm.part(1), "--catalogue", farm.folder / "other.db", "--config", farm.config)
    assert (said.code, "another catalogue" in said.err) == (2, True)


def test_what_changed_after_the_plan_is_read_as_it_is_and_again_next_time(
    farm: Farm, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("same", "edited", "gone", "newer"):
        (farm.tree / f"{name}.txt").write_text(name)
    farm.plan_it(1)
    (farm.tree / "edited.txt").write_text("edited since")
    (farm.tree / "gone.txt").unlink()
    farm.read(1, 1)
    # Somebody else reads the storage before the shards come in.
    (farm.tree / "newer.txt").write_text("newer by far")
    (farm.tree / "later.txt").write_text("later")
    from provenance_cli import context as cli_context

    class Later(cli_context.datetime):  # type: ignore[name-defined,misc]
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            from datetime import timedelta

            return super().now(tz) + timedelta(hours=1)

    monkeypatch.setattr(cli_context, "datetime", Later)
    farm.ingest(farm.catalogue)
    before = farm.assets(farm.catalogue)
    said = farm.merge(1, plan=True)
    assert said.code == 3, "gone.txt could not be looked at"
    after = farm.assets(farm.catalogue)
    known = {path: asset["digest"] for (_, path), asset in after.items()}
    assert known["newer.txt"] == before[str(farm.tree), "newer.txt"]["digest"]
    assert set(known) == {"same.txt", "edited.txt", "newer.txt", "later.txt"}
    assert "stayed as they are" in said.err


def test_generated_material_is_compared_with_the_works_of_others_or_that_is_said(farm: Farm) -> None:
    works = farm.folder / "works"
    works.mkdir()
    picture(works / "painting.png", 1)
    picture(farm.tree / "copied.png", 1, PARAMETERS)
    picture(farm.tree / "own.png", 2, PARAMETERS)
    alone = farm.folder / "alone.db"
    for catalogue in (farm.catalogue, alone):
        farm.call("ingest", works, "--zone", "reference", "--catalogue", catalogue, "--config", farm.config)
    farm.plan_it(1)
    assert farm.read(1, 1).code == 0
    said = farm.merge(1)
    assert (said.code, "2 generated assets of this plan not compared" in said.err) == (3, True), said.err
    # Somewhere else, without the storage, it stays so.
    elsewhere = farm.folder / "gone"
    os.rename(farm.tree, elsewhere)
    copy = shutil.copy(farm.catalogue, farm.folder / "copy.db")
    named = ("--plan", farm.plan, "--catalogue", copy, "--config", farm.config)
    assert farm.call("merge", *named).code == 3
    os.rename(elsewhere, farm.tree)
    assert farm.call("merge", *named).code == 0, "the storage is back, and no shard is missing"
    said = farm.merge(plan=True)
    assert (said.code, "was searched for" in said.err) == (0, True), said.err
    assert farm.is_as_by_one_machine()
    assert [len(asset["matches"]) for (_, path), asset in farm.assets(farm.catalogue).items() if path == "copied.png"]
