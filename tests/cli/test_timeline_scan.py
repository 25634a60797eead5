"""Cuts and packages in a scan: what stands where closes the gate, and goes back into the editing system."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from provenance.media.hashes import encode_c4
from tests.cli.conftest import MEDIA, SOON, Provenance, Said
from tests.cli.test_scan import PARAMETERS, still

MASTER = MEDIA / "delivery" / "ep101_reel1_review_h264.mp4"
DAWN = "GEN_harbour_dawn_v4.png"


def edl(*events: str) -> str:
    """A list at 24 frames a second from 01:00:00:00, four seconds for each name; one without a name is black."""
    lines = ["TITLE: LOCK", "FCM: NON-DROP FRAME", ""]
    for number, name in enumerate(events):
        record = f"01:00:{number * 4:02}:00 01:00:{number * 4 + 4:02}:00"
        reel = "AX" if name else "BL"
        lines.append(f"{number + 1:03}  {reel}       V     C        00:00:00:00 00:00:04:00 {record}")
        if name:
            lines.append(f"* FROM CLIP NAME: {name}")
    return "\n".join(lines) + "\n"


@pytest.fixture
def known(provenance: Provenance, tmp_path: Path) -> Path:
    """A catalogue that knows a generated still, a plain one, and altered archive material."""
    catalogue = tmp_path / "c.db"
    for zone in ("editorial", "archive"):
        (tmp_path / zone).mkdir()
    still(tmp_path / "editorial" / "made.png", PARAMETERS)
    still(tmp_path / "editorial" / "plain.png")
    still(tmp_path / "archive" / "1944_harbour.png", PARAMETERS + ", Version: 2")
    for zone in ("editorial", "archive"):
        said = provenance("ingest", tmp_path / zone, "--zone", zone, "--catalogue", catalogue)
        assert said.code == 0, said.err
    return catalogue


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    still(folder / "poster.png", "nothing of consequence")
    return folder


def found(said: Said, rule: str) -> list[tuple[str, str | None]]:
    rows = [row for row in said.report["findings"] if row["rule"] == rule]
    return [(row["path"], row["time"] and row["time"]["timecode_in"]) for row in rows]


def test_what_a_cut_names_closes_the_gate_and_goes_back_as_markers(
    provenance: Provenance, known: Path, delivery: Path, tmp_path: Path
) -> None:
    cut = tmp_path / "lock.edl"
    cut.write_text(edl("plain.png", "made.png", "nowhere.mov", "", "SCENE MISSING", "1944_harbour.png"))
    outputs = {name: tmp_path / name for name in ("avid-markers", "cue-sheet", "cue-sheet-xlsx", "html", "text")}
    wanted = [argument for name, file in outputs.items() for argument in ("--output", f"{name}={file}")]
    said = provenance(
        "scan",
        delivery,
        "--timeline",
        cut,
        "--timeline-rate",
        "24",
        "--catalogue",
        known,
        "--output",
        "json=-",
        *wanted,
    )
    assert said.code == 1
    assert found(said, "generated_in_cut") == [("lock.edl", "01:00:04:00"), ("lock.edl", "01:00:20:00")]
    assert found(said, "missing_from_cut") == [("lock.edl", "01:00:08:00"), ("lock.edl", "01:00:16:00")]
    assert found(said, "placeholder_in_cut") == [("lock.edl", "01:00:16:00")]
    # What passes for archive and is not comes first.
    assert said.report["findings"][0]["rule"] == "altered_archive_in_cut"
    (timeline,) = said.report["timelines"]
    assert (timeline["rate"], timeline["rate_from"], timeline["events"]) == ("24", "option", 5)
    assert timeline["totals"]["generated"]["frames"] == 192
    assert timeline["totals"]["placeholder"]["frames"] == 96

    markers = [line.split("\t") for line in outputs["avid-markers"].read_text().splitlines()]
    assert ("01:00:04:00", "red") in [(row[1], row[3]) for row in markers]
    assert {row[3] for row in markers} == {"red", "yellow"}
    cues = list(csv.DictReader(io.StringIO(outputs["cue-sheet"].read_text("utf-8-sig"))))
    assert [(row["where"], row["timecode_in"], row["frames"]) for row in cues] == [
        ("lock.edl", "01:00:04:00", "96"),
        ("lock.edl", "01:00:20:00", "96"),
    ]
    assert "Seed" not in cues[0]["disclosure"]
    with zipfile.ZipFile(outputs["cue-sheet-xlsx"]) as book:
        assert "<f>" not in book.read("xl/worksheets/sheet1.xml").decode()
    page = outputs["html"].read_text()
    assert 'fill="url(#kind-generated)"' in page
    assert "<title>V1, 01:00:04:00 to 01:00:08:00: generated: made.png, by file name</title>" in page
    text = outputs["text"].read_text()
    assert [line.split()[:6] for line in text.splitlines() if line.startswith("  V1 ") and "made.png" in line] == [
        ["V1", "01:00:04:00", "–", "01:00:08:00", "generated", "made.png"]
    ]


def test_what_lies_unread_on_a_storage_is_told_from_what_is_nowhere(
    provenance: Provenance, known: Path, delivery: Path, tmp_path: Path
) -> None:
    storage, cut, config = tmp_path / "rushes", tmp_path / "lock.edl", tmp_path / "provenance.toml"
    storage.mkdir()
    (storage / "unread.mov").write_bytes(b"nobody has opened it")
    cut.write_text(edl("unread.mov", "nowhere.mov"))
    config.write_text(f'[[storage]]\nname = "rushes"\npath = "{storage}"\nzone = "editorial"\n')
    options = ("--timeline-rate", "24", "--catalogue", known, "--config", config, "--format", "json")
    said = provenance("scan", delivery, "--timeline", cut, *options)
    assert found(said, "never_ingested_in_cut") == [("lock.edl", "01:00:00:00")]
    assert found(said, "missing_from_cut") == [("lock.edl", "01:00:04:00")]
    assert [use["is_never_ingested"] for use in said.report["uses"]] == [True, False]


def test_a_line_that_cannot_be_read_is_no_pass(
    provenance: Provenance, known: Path, delivery: Path, tmp_path: Path
) -> None:
    cut = tmp_path / "lock.edl"
    options = ("--timeline-rate", "24", "--catalogue", known)
    cut.write_text(edl("plain.png", "made.png").replace("01:00:04:00 01:00:08:00", "01:00:04:99 01:00:08:99"))
    said = provenance("scan", delivery, "--timeline", cut, *options, "--format", "json")
    assert said.code == 3
    (trouble,) = [row for row in said.report["troubles"] if row["stage"] == "cut"]
    assert (trouble["path"], "impossible timecode" in trouble["detail"]) == ("lock.edl", True)
    assert provenance("cut", "diff", cut, cut, "--no-catalogue", "--timeline-rate", "24").code == 3


def test_an_approved_source_may_stand_in_a_cut(
    provenance: Provenance, known: Path, delivery: Path, tmp_path: Path
) -> None:
    made, cut = tmp_path / "editorial" / "made.png", tmp_path / "lock.edl"
    cut.write_text(edl("made.png"))
    words = ("--who", "Dana Legal", "--reason", "incidental", "--reference", "C-1", "--expires", SOON)
    assert provenance("register", "add", "approval", made, *words, "--catalogue", known).code == 0
    said = provenance("scan", delivery, "--timeline", cut, "--catalogue", known, "--format", "json")
    (finding,) = [row for row in said.report["findings"] if row["rule"] == "generated_in_cut"]
    assert finding["waived_by"]["reference"] == "C-1"
    assert said.code == 0


def test_markers_need_exactly_one_cut(provenance: Provenance, known: Path, delivery: Path, tmp_path: Path) -> None:
    said = provenance("scan", delivery, "--catalogue", known, "--output", f"avid-markers={tmp_path / 'm.txt'}")
    assert (said.code, "exactly one cut" in said.err) == (2, True)


def test_a_cut_and_its_picture_are_compared(provenance: Provenance, tmp_path: Path) -> None:
    catalogue, cut = tmp_path / "c.db", tmp_path / "lock.edl"
    assert provenance("ingest", MEDIA / "editorial" / "temp_stills", "--catalogue", catalogue).code == 0

    def scan(*events: str) -> Said:
        cut.write_text(edl(*events))
        return provenance("scan", MASTER, "--timeline", cut, "--catalogue", catalogue, "--format", "json")

    # The picture shows the still from 01:00:04:00 to 01:00:08:00.
    assert found(scan("a.mov", DAWN, "b.mov"), "cut_and_picture_disagree") == []
    assert found(scan("a.mov", "c.mov", "b.mov"), "cut_and_picture_disagree") == [("lock.edl", "01:00:04:00")]
    moved = found(scan("a.mov", "c.mov", DAWN), "cut_and_picture_disagree")
    assert sorted(moved) == [("lock.edl", "01:00:04:00"), ("lock.edl", "01:00:08:00")]


def test_nothing_that_a_cut_names_is_opened(
    provenance: Provenance, known: Path, tmp_path: Path, opened: list[str]
) -> None:
    outside = tmp_path / "outside" / "secret.png"
    outside.parent.mkdir()
    still(outside, PARAMETERS)
    cut = tmp_path / "cut.fcpxml"
    source = f'<media-rep src="file://{outside}"/>'
    cut.write_text(
        '<fcpxml version="1.10"><resources><format id="r1" frameDuration="1/24s"/>'
        f'<asset id="a" hasVideo="1" format="r1">{source}</asset></resources><project name="p">'
        '<sequence format="r1" tcStart="0s"><spine><asset-clip ref="a" name="secret.png" offset="0s" duration="1s"/>'
        "</spine></sequence></project></fcpxml>"
    )
    opened.clear()
    said = provenance("cut", cut, "--catalogue", known, "--format", "json")
    (use,) = json.loads(said.out)["uses"]
    assert (use["digest"], use["resolved_by"]) == (None, "missing")
    assert str(outside) not in opened


@pytest.fixture
def opened() -> Iterator[list[str]]:
    """Every path that this process opens; the workers are given the cut list alone."""
    paths: list[str] = []
    is_on = True

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if is_on and event == "open" and isinstance(arguments[0], str | bytes):
            paths.append(os.fsdecode(arguments[0]))

    sys.addaudithook(watch)
    yield paths
    is_on = False


@pytest.fixture
def rolls(tmp_path: Path, provenance: Provenance) -> Path:
    folder = tmp_path / "A001"
    (folder / "clips").mkdir(parents=True)
    for name in ("a.mov", "b & c.mov"):
        (folder / "clips" / name).write_bytes(hashlib.sha512(name.encode()).digest() * 40)
    said = provenance("mhl", "write", folder, "--jobs", "1")
    assert (said.code, "2 files" in said.out) == (0, True), said.err
    return folder


def faults(provenance: Provenance, folder: Path) -> list[tuple[str, str]]:
    said = provenance("scan", folder, "--no-catalogue", "--marks-only", "--format", "json", "--jobs", "1")
    rows = [row for row in said.report["findings"] if row["rule"].startswith("package_")]
    return [(row["rule"], row["path"]) for row in rows]


def test_a_history_that_was_written_is_verified_in_the_one_read(provenance: Provenance, rolls: Path) -> None:
    assert faults(provenance, rolls) == []
    (manifest,) = (rolls / "ascmhl").glob("0001_*.mhl")
    clip = rolls / "clips" / "a.mov"
    data = clip.read_bytes()
    clip.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    (rolls / "clips" / "d.mov").write_bytes(data)
    (rolls / "clips" / "b & c.mov").unlink()
    assert faults(provenance, rolls) == [
        ("package_hash_differs", "clips/a.mov"),
        ("package_file_missing", "clips/b & c.mov"),
        ("package_file_not_listed", "clips/d.mov"),
    ]
    said = provenance("mhl", "write", rolls, "--jobs", "1")
    assert (said.code, "clips/a.mov" in said.err, "clips/b & c.mov" in said.err) == (1, True, True)
    chain = (rolls / "ascmhl" / "ascmhl_chain.xml").read_text()
    assert chain.count("<hashlist ") == 2
    assert encode_c4(hashlib.sha512(manifest.read_bytes()).digest()) in chain


def test_a_folder_inside_keeps_its_own_history(provenance: Provenance, rolls: Path) -> None:
    outer = rolls.parent
    (outer / "notes.txt").write_text("day 1")
    assert provenance("mhl", "write", outer, "--jobs", "1").code == 0
    (inner,), (whole,) = (rolls / "ascmhl").glob("0002_*.mhl"), (outer / "ascmhl").glob("0001_*.mhl")
    assert 'action="verified"' in inner.read_text()
    text = whole.read_text()
    assert "a.mov" not in text
    assert f"<path>{rolls.name}/ascmhl/{inner.name}</path>" in text
    assert faults(provenance, outer) == []
    elsewhere = provenance("mhl", "write", outer, outer / "other", "--jobs", "1")
    assert (elsewhere.code, "has a history of its own" in elsewhere.err) == (2, True)
    inner.write_text(inner.read_text().replace("<hostname>", "<hostname>x"))
    assert faults(provenance, outer) == [("package_manifest_altered", f"{rolls.name}/ascmhl/{inner.name}")]
    # Nothing is added to a history that somebody altered.
    said = provenance("mhl", "write", outer, "--jobs", "1")
    assert (said.code, "is not what its chain names" in said.err) == (4, True), said.err
    assert len(list((rolls / "ascmhl").iterdir())) == 3


def test_an_altered_manifest_is_named(provenance: Provenance, rolls: Path) -> None:
    (manifest,) = (rolls / "ascmhl").glob("0001_*.mhl")
    manifest.write_text(manifest.read_text().replace("<hostname>", "<hostname>x"))
    assert faults(provenance, rolls) == [("package_manifest_altered", f"ascmhl/{manifest.name}")]
