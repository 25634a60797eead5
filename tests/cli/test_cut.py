"""`provenance cut` and `provenance cut diff`, as a user runs them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from provenance.timecode import Clock
from tests.cli.conftest import MEDIA, Provenance
from tests.timeline import build
from tests.timeline.build import FILM, PAL, SHOTS, Shot

TALE = "a1111-fail-a.png"
"""A picture with the marks of a generator."""


def write(folder: Path, name: str, data: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def as_json(text: str) -> Mapping[str, Any]:
    document: Mapping[str, Any] = json.loads(text)
    return document


def list_uses(document: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    return [(use["record_in"], use["source"], use["resolved_by"]) for use in document["uses"]]


def test_a_cut_is_printed(provenance: Provenance, tmp_path: Path) -> None:
    path = write(tmp_path, "lock.edl", build.write_edl(SHOTS, PAL))
    run = provenance("cut", path, "--no-catalogue", "--timeline-rate", "25")
    assert run.code == 0
    assert "01:00:00:20" in run.out
    assert "genai card.png" in run.out
    assert "3 events" in run.out


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("cut.edl", build.write_edl(SHOTS, PAL)),
        ("cut.xml", build.write_xmeml(SHOTS, PAL)),
        ("cut.fcpxml", build.write_fcpxml(SHOTS, PAL)),
        ("cut.otio", build.write_otio(SHOTS, PAL)),
        ("cut.otioz", build.write_otioz(SHOTS, PAL)),
    ],
)
def test_every_format_gives_the_same_uses(name: str, data: bytes, provenance: Provenance, tmp_path: Path) -> None:
    path = write(tmp_path, name, data)
    run = provenance("cut", path, "--no-catalogue", "--timeline-rate", "25", "--format", "json")
    assert run.code == 0
    assert list_uses(run.report) == [
        ("01:00:00:00", "A001C001.mov", "missing"),
        ("01:00:00:20", "genai card.png", "missing"),
        ("01:00:02:00", "A001C002.mov", "missing"),
    ]
    [timeline] = run.report["timelines"]
    assert (timeline["path"], timeline["rate"], timeline["start"], timeline["frames"]) == (
        name,
        "25",
        "01:00:00:00",
        65,
    )
    assert run.report["findings"] == []


def test_what_is_known_to_be_generated_is_told(provenance: Provenance, tmp_path: Path) -> None:
    storage = tmp_path / "edit"
    storage.mkdir()
    shutil.copy(MEDIA / "marks" / TALE, storage / "genai card.png")
    catalogue = ("--catalogue", tmp_path / "c.db")
    assert provenance("ingest", storage, *catalogue).code == 0
    path = write(tmp_path, "lock.edl", build.write_edl(SHOTS, FILM))
    document = provenance("cut", path, "--timeline-rate", "24", "--format", "json", *catalogue).report
    [use] = [use for use in document["uses"] if use["source"] == "genai card.png"]
    assert (use["resolved_by"], use["record_frames"]) == ("file-name", [90_020, 90_050])
    [timeline] = document["timelines"]
    assert timeline["totals"]["generated"] == {"frames": 30, "seconds": 1.25, "percent": 46.15}
    text = provenance("cut", path, "--timeline-rate", "24", *catalogue).out
    assert "generated  genai card.png" in text


def test_cuts_of_one_file_are_numbered(provenance: Provenance, tmp_path: Path) -> None:
    data = build.write_edl(SHOTS, FILM)
    path = write(tmp_path, "two.edl", data + data)
    run = provenance("cut", path, "--no-catalogue", "--format", "json")
    assert [timeline["path"] for timeline in run.report["timelines"]] == ["two.edl", "two.edl#2"]


def test_what_cannot_be_read_is_told_and_the_rest_is_printed(provenance: Provenance, tmp_path: Path) -> None:
    good = write(tmp_path, "good.edl", build.write_edl(SHOTS, FILM))
    bad = write(tmp_path, "bad.edl", "nothing")
    run = provenance("cut", good, bad, "--no-catalogue")
    assert run.code == 3
    assert "genai card.png" in run.out
    assert "bad.edl" in run.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["gone.edl"], "there is no file at"),
        (["lock.edl", "--timeline-rate", "fast"], "not a frame rate"),
        (["lock.edl", "--timeline-rate", "24df"], "drop-frame"),
        (["diff", "lock.edl"], "NEW"),
        ([], "FILE"),
    ],
)
def test_usage_errors(
    arguments: Sequence[str], words: str, provenance: Provenance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "lock.edl", build.write_edl(SHOTS, FILM))
    run = provenance("cut", *arguments)
    assert run.code in (0, 2) if not arguments else run.code == 2
    assert words in run.err + run.out


def test_text_of_a_cut_is_harmless_in_a_terminal(provenance: Provenance, tmp_path: Path) -> None:
    hostile = "\x1b[2J\u202e=cmd\ud800 |x"
    path = write(tmp_path, "cut.otio", build.otio(build.otio_track(build.otio_clip(hostile, 0, 10)), name=hostile))
    for form in ("text", "json", "html", "csv"):
        run = provenance("cut", path, "--no-catalogue", "--format", form)
        assert run.code == 0, (form, run.err)
        assert "\x1b" not in run.out
        assert "\u202e" not in run.out or form == "json"


NEW = (Shot("x card.png", 10), *SHOTS)


def test_the_same_cut_does_not_differ(provenance: Provenance, tmp_path: Path) -> None:
    old = write(tmp_path, "old.edl", build.write_edl(SHOTS, PAL))
    new = write(tmp_path, "new.fcpxml", build.write_fcpxml(SHOTS, PAL))
    for other in (old, new):
        run = provenance("cut", "diff", old, other, "--no-catalogue", "--timeline-rate", "25")
        assert (run.code, run.out) == (0, "The cuts show the same, at the same times.\n")


def test_what_came_in_is_told_with_what_it_is(provenance: Provenance, tmp_path: Path) -> None:
    storage = tmp_path / "edit"
    storage.mkdir()
    shutil.copy(MEDIA / "marks" / TALE, storage / "x card.png")
    catalogue = ("--catalogue", tmp_path / "c.db")
    assert provenance("ingest", storage, *catalogue).code == 0
    old = write(tmp_path, "old.xml", build.write_xmeml(SHOTS, PAL))
    new = write(tmp_path, "new.xml", build.write_xmeml(NEW, PAL))
    run = provenance("cut", "diff", old, new, "--format", "json", *catalogue)
    assert run.code == 1
    added, shifted = as_json(run.out)["changes"]
    assert (added["change"], added["source"], added["origin"]) == ("added", "x card.png", "generated")
    assert added["old"] is None
    assert added["new"]["record_in"] == "01:00:00:00"
    assert (shifted["change"], shifted["frames"], shifted["count"]) == ("shifted", 10, 3)
    text = provenance("cut", "diff", old, new, *catalogue).out
    assert "x card.png: added  GENERATED" in text
    assert "shifted by +10 frames, 3 clips from here on" in text
    assert text.startswith("2 changes. Generated material: 1 came in, 0 went, 0 were trimmed or moved.")


def titled(title: str, shots: Sequence[Shot]) -> str:
    return build.write_edl(shots, PAL).decode().replace("TITLE: cut", f"TITLE: {title}")


def test_every_cut_of_a_file_is_compared_with_that_of_its_name(provenance: Provenance, tmp_path: Path) -> None:
    first, second = titled("ONE", SHOTS), titled("TWO", SHOTS)
    changed = titled("TWO", NEW)
    options = ("--no-catalogue", "--timeline-rate", "25", "--format", "json")
    old = write(tmp_path, "old.edl", first + second)

    def compare(text: str) -> tuple[int, list[tuple[str | None, str | None, int]]]:
        run = provenance("cut", "diff", old, write(tmp_path, "new.edl", text), *options)
        return run.code, [(row["old"], row["new"], row["changes"]) for row in as_json(run.out)["cuts"]]

    assert compare(second + first) == (0, [("old.edl#2", "new.edl", 0), ("old.edl", "new.edl#2", 0)])
    assert compare(first + changed) == (1, [("old.edl", "new.edl", 0), ("old.edl#2", "new.edl#2", 2)])
    assert compare(first) == (1, [("old.edl", "new.edl", 0), ("old.edl#2", None, 3)])


def test_cuts_of_different_rates_are_compared_by_time(provenance: Provenance, tmp_path: Path) -> None:
    old = write(
        tmp_path,
        "old.edl",
        build.write_edl([Shot("a.mov", 50), Shot("b.mov", 50)], Clock(Fraction(50)), 2 * build.START),
    )
    new = write(tmp_path, "new.xml", build.write_xmeml([Shot("a.mov", 25), Shot("b.mov", 25)], PAL))
    run = provenance("cut", "diff", old, new, "--no-catalogue", "--timeline-rate", "50")
    assert "The old cut counts 50 frames a second and the new one 25." in run.out
    assert "show the same" in run.out


def test_a_cut_that_cannot_be_read_has_no_difference(provenance: Provenance, tmp_path: Path) -> None:
    old = write(tmp_path, "old.edl", build.write_edl(SHOTS, PAL))
    bad = write(tmp_path, "bad.edl", "nothing")
    run = provenance("cut", "diff", old, bad, "--no-catalogue")
    assert run.code == 3
    assert "bad.edl" in run.err


def test_a_list_without_a_rate_has_the_rate_of_its_sources(provenance: Provenance, tmp_path: Path) -> None:
    path = write(tmp_path, "lock.edl", build.write_edl(SHOTS, Clock(Fraction(30))))
    [timeline] = provenance("cut", path, "--no-catalogue", "--format", "json").report["timelines"]
    assert timeline["rate_from"] == "least"


@pytest.mark.parametrize(
    ("folder", "inside", "data"),
    [
        ("lock.fcpxmld", "Info.fcpxml", build.write_fcpxml(SHOTS, PAL)),
        ("lock.otiod", "content.otio", build.write_otio(SHOTS, PAL)),
    ],
)
def test_a_bundle_that_is_a_folder_is_read(
    folder: str, inside: str, data: bytes, provenance: Provenance, tmp_path: Path
) -> None:
    bundle = tmp_path / folder
    bundle.mkdir()
    write(bundle, inside, data)
    run = provenance("cut", bundle, "--no-catalogue", "--format", "json")
    assert run.code == 0
    assert len(run.report["uses"]) == 3


def test_files_that_a_cut_names_are_read_where_the_user_says(provenance: Provenance, tmp_path: Path) -> None:
    media, catalogue = tmp_path / "media", tmp_path / "c.db"
    media.mkdir()
    shutil.copy(MEDIA / "marks" / TALE, media / "genai card.png")
    shutil.copy(MEDIA / "marks" / TALE, media / "not named.png")
    path = write(tmp_path, "lock.edl", build.write_edl(SHOTS, PAL))
    options = ("--media", media, "--timeline-rate", "25", "--format", "json")
    # Nothing was ever ingested where there is no catalogue: there the file alone speaks.
    run = provenance("cut", path, "--no-catalogue", *options)
    (use,) = [use for use in run.report["uses"] if use["digest"]]
    assert (use["source"], use["resolved_by"], use["origin"]) == ("genai card.png", "file-name", "generated")
    assert sorted(run.report["timelines"][0]["totals"]) == ["generated", "missing"]
    (media / "A001C001.mov").write_bytes((MEDIA / "marks" / TALE).read_bytes()[:-1])
    assert provenance("ingest", media / "not named.png", "--catalogue", catalogue).code == 0
    run = provenance("cut", path, "--catalogue", catalogue, *options)
    flagged = [use["source"] for use in run.report["uses"] if use["is_never_ingested"]]
    assert flagged == ["A001C001.mov"]


def test_what_editors_write_on_a_clip_may_say_that_it_is_archive(provenance: Provenance, tmp_path: Path) -> None:
    storage, config = tmp_path / "edit", tmp_path / "provenance.toml"
    storage.mkdir()
    shutil.copy(MEDIA / "marks" / TALE, storage / "genai card.png")
    config.write_text('archive_names = ["archive*"]\n')
    catalogue = ("--catalogue", tmp_path / "c.db", "--config", config)
    assert provenance("ingest", storage, *catalogue).code == 0
    plain = build.write_edl(SHOTS, PAL).decode()
    marked = plain.replace(
        "* FROM CLIP NAME:  genai", "* LOC: 01:00:01:00 GREEN   ARCHIVE 1944\n* FROM CLIP NAME:  genai"
    )
    for text, expected in ((plain, []), (marked, ["genai card.png"])):
        path = write(tmp_path, "lock.edl", text)
        run = provenance("cut", path, "--timeline-rate", "25", "--format", "json", *catalogue)
        assert [use["source"] for use in run.report["uses"] if use["is_archive"]] == expected
