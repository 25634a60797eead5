"""What a scan was compared with: everything known, what it found itself included, and never silently nothing."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import wave
from pathlib import Path

import pytest
from PIL import Image

from provenance.intake import sequences
from tests.cli.conftest import MEDIA, ROOT, SOON, Provenance
from tests.cli.test_nightly import picture
from tests.cli.test_scan import PARAMETERS


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    """A marked picture and its copy, saved again without the mark."""
    folder = tmp_path / "delivery"
    folder.mkdir()
    picture(folder / "marked.png", 1, PARAMETERS)
    Image.open(folder / "marked.png").convert("RGB").save(folder / "resaved.jpg", quality=90)
    return folder


def test_a_delivery_is_matched_against_itself_and_stays_known(
    provenance: Provenance, delivery: Path, tmp_path: Path
) -> None:
    catalogue = ("--catalogue", tmp_path / "c.db", "--format", "json")
    first = provenance("scan", delivery, *catalogue)
    blocked = {(row["path"], row["rule"]) for row in first.report["findings"] if row["severity"] == "block"}
    assert blocked == {("marked.png", "generated-in-deliverable"), ("resaved.jpg", "known-generated")}
    (delivery / "marked.png").unlink()
    second = provenance("scan", delivery, *catalogue)
    assert second.code == 1
    assert [(row["path"], row["rule"]) for row in second.report["findings"] if row["severity"] == "block"] == [
        ("resaved.jpg", "known-generated")
    ]


def test_across_folders_of_one_call(provenance: Provenance, delivery: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (delivery / "resaved.jpg").rename(other / "resaved.jpg")
    said = provenance("scan", other, delivery, "--no-catalogue", "--format", "json")
    assert {row["path"] for row in said.report["findings"] if row["severity"] == "block"} == {
        "marked.png",
        "resaved.jpg",
    }


def test_nightly_finds_it_in_the_same_night(provenance: Provenance, delivery: Path, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    arguments = ("--config", config, "--catalogue", tmp_path / "c.db", "--storage", f"deliverable={delivery}")
    assert provenance("init", *arguments).code == 0
    said = provenance("nightly", "--config", config, "--format", "json")
    assert {row["path"] for row in said.report["findings"] if row["severity"] == "block"} == {
        "marked.png",
        "resaved.jpg",
    }


def test_searching_nothing_is_not_a_pass(provenance: Provenance, tmp_path: Path) -> None:
    folder, edit = tmp_path / "delivery", tmp_path / "edit"
    for place in (folder, edit):
        place.mkdir()
    picture(folder / "plain.jpg", 2)
    picture(edit / "other.png", 3)
    catalogue = ("--catalogue", tmp_path / "c.db")
    fresh = provenance("scan", folder, *catalogue, "--format", "json")
    assert fresh.code == 3
    searched = fresh.report["inputs"]["searched"]
    assert not any(searched.values()), searched
    (trouble,) = fresh.report["troubles"]
    assert (trouble["stage"], "knows nothing but this delivery" in trouble["detail"]) == ("search", True)
    assert provenance("scan", folder, *catalogue, "--marks-only").code == 0
    assert provenance("ingest", edit, *catalogue).code == 0
    said = provenance("scan", folder, *catalogue)
    assert said.code == 0, "an edit without anything generated was searched"
    assert (
        "compared with 0 pictures, 0 clips and 0 sounds that are or may be generated; the catalogue knows 1 other asset"
        in said.out
    )


def test_one_place_is_one_asset_and_keeps_its_zone(provenance: Provenance, tmp_path: Path) -> None:
    show = tmp_path / "show"
    (show / "out").mkdir(parents=True)
    picture(show / "out" / "plain.png", 4)
    catalogue = ("--catalogue", tmp_path / "c.db")
    assert provenance("ingest", show, *catalogue, "--zone", "archive").code == 0
    inner = provenance("scan", show / "out", *catalogue, "--marks-only", "--format", "json")
    assert [row["path"] for row in inner.report["assets"]] == ["plain.png"]
    everything = provenance("report", *catalogue, "--format", "json").report
    assert [(row["path"], row["root"]) for row in everything["assets"]] == [("out/plain.png", str(show))]
    assert "zone archive" in provenance("show", show / "out" / "plain.png", *catalogue).out


def test_a_second_scan_reads_only_what_changed(provenance: Provenance, delivery: Path, tmp_path: Path) -> None:
    catalogue = ("--catalogue", tmp_path / "c.db", "--format", "json")
    first = provenance("scan", delivery, *catalogue).report
    second = provenance("scan", delivery, *catalogue).report
    assert second["coverage"]["left_alone"] == 2
    assert (second["findings"], second["assets"]) == (first["findings"], first["assets"])


def test_an_unchanged_file_is_read_again_by_other_readers(provenance: Provenance, tmp_path: Path) -> None:
    """A trust list that vouched in one scan does not vouch in the next one, which does not name it."""
    signed = tmp_path / "delivery"
    signed.mkdir()
    shutil.copy(MEDIA / "delivery" / "artwork" / "ART_poster_v03.png", signed)
    arguments = ("scan", signed, "--catalogue", tmp_path / "c.db", "--marks-only", "--format", "json")

    def trust(*more: object) -> str:
        (credential,) = provenance(*arguments, *more).asset("ART_poster_v03.png")["credentials"]
        return str(credential["trust"])

    assert trust() == "untrusted"
    assert trust("--trust-list", ROOT) == "trusted"
    assert trust() == "untrusted"


def test_pictures_come_with_html_after_a_scan_without(provenance: Provenance, delivery: Path, tmp_path: Path) -> None:
    (delivery / "marked.png").unlink()
    arguments = ("scan", delivery, "--catalogue", tmp_path / "c.db", "--marks-only")
    assert provenance(*arguments).code == 0
    page = tmp_path / "report.html"
    assert provenance(*arguments, "--output", page).code == 0
    assert "data:image/jpeg" in page.read_text("utf-8")


COUNT = 9


@pytest.fixture
def few_are_a_sequence(monkeypatch: pytest.MonkeyPatch) -> None:
    """So many numbered stills are proposed as a sequence: more of them prove the same."""
    monkeypatch.setattr(sequences, "_FEWEST_STILL_FRAMES", COUNT)


@pytest.mark.usefixtures("few_are_a_sequence")
def test_stills_that_were_a_sequence_before_are_searched(provenance: Provenance, tmp_path: Path) -> None:
    """Also where nothing may be recorded as vanished, because something is excluded."""
    folder, edit = tmp_path / "delivery", tmp_path / "edit"
    folder.mkdir()
    edit.mkdir()
    arguments = ("scan", folder, "--exclude", "*.tmp", "--catalogue", tmp_path / "c.db", "--format", "json")
    for number in range(COUNT):
        Image.new("RGB", (64, 64), (number, 90, 90)).save(folder / f"shot.{number:04}.png")
    assert [row["path"] for row in provenance(*arguments).report["assets"]] == ["shot.[0000-0008].png"]
    for number in range(COUNT):
        picture(folder / f"shot.{number:04}.png", number)
    picture(edit / "GEN.png", 7, PARAMETERS)
    assert provenance("ingest", edit, "--catalogue", tmp_path / "c.db").code == 0
    report = provenance(*arguments).report
    assert len(report["assets"]) == COUNT
    assert [(row["path"], row["rule"]) for row in report["findings"]] == [("shot.0007.png", "known-generated")]


@pytest.mark.usefixtures("few_are_a_sequence")
def test_a_batch_of_numbered_stills_is_kept_picture_by_picture(provenance: Provenance, tmp_path: Path) -> None:
    temp, folder = tmp_path / "temp", tmp_path / "delivery"
    temp.mkdir()
    folder.mkdir()
    for number in range(COUNT):
        made = picture(temp / f"ComfyUI_{number:05}_.png", number, PARAMETERS)
        Image.open(made).convert("RGB").save(folder / f"{number}.jpg", quality=90)
    assert provenance("ingest", temp, "--catalogue", tmp_path / "c.db").code == 0
    report = provenance("scan", folder, "--catalogue", tmp_path / "c.db", "--format", "json").report
    assert report["inputs"]["searched"]["pictures"] == COUNT
    blocked = {row["path"] for row in report["findings"] if row["rule"] == "known-generated"}
    assert blocked == {f"{number}.jpg" for number in range(COUNT)}


def test_known_material_without_fingerprint_is_said_and_is_no_pass(provenance: Provenance, tmp_path: Path) -> None:
    edit, delivery = tmp_path / "edit", tmp_path / "delivery"
    edit.mkdir()
    delivery.mkdir()
    picture(edit / "temp.png", 1, PARAMETERS)
    Image.open(edit / "temp.png").convert("RGB").save(delivery / "title.jpg", quality=90)
    catalogue = ("--catalogue", tmp_path / "c.db")
    provenance("ingest", edit, *catalogue, "--fingerprints", "none")
    said = provenance("scan", delivery, *catalogue, "--format", "json")
    assert said.code == 3
    assert said.report["inputs"]["searched"]["without_fingerprint"] == 1
    [trouble] = said.report["troubles"]
    assert (trouble["stage"], "temp.png" in trouble["detail"]) == ("search", True)
    assert provenance("scan", delivery, *catalogue, "--marks-only").code == 0
    provenance("ingest", edit, *catalogue)
    said = provenance("scan", delivery, *catalogue, "--format", "json")
    assert said.code == 1
    assert said.report["inputs"]["searched"]["without_fingerprint"] == 0


def test_a_night_says_what_it_could_not_search_for(provenance: Provenance, delivery: Path, tmp_path: Path) -> None:
    edit = tmp_path / "edit"
    edit.mkdir()
    picture(edit / "cut-short.png", 2, PARAMETERS)
    whole = (edit / "cut-short.png").read_bytes()
    (edit / "cut-short.png").write_bytes(whole[: len(whole) * 2 // 3])
    (delivery / "marked.png").unlink()
    config = tmp_path / "config.toml"
    storages = ("--storage", f"editorial={edit}", "--storage", f"deliverable={delivery}")
    assert provenance("init", "--config", config, "--catalogue", tmp_path / "c.db", *storages).code == 0
    approval = ("--who", "Dana Legal", "--reason", "not in the cut", "--reference", "CLR-1", "--expires", SOON)
    copies = ("--also-matched", "yes")
    for _ in range(2):  # In the second night nothing changed, and it is still not a pass.
        said = provenance("nightly", "--config", config, "--format", "json")
        assert said.code == 3
        assert any(row["stage"] == "search" and "cut-short.png" in row["detail"] for row in said.report["troubles"])
    add = ("register", "add", "approval", edit / "cut-short.png", *approval, *copies)
    assert provenance(*add, "--config", config).code == 0
    said = provenance("nightly", "--config", config, "--format", "json")
    assert not any(row["stage"] == "search" for row in said.report["troubles"])
    assert said.report["inputs"]["searched"]["without_fingerprint"] == 1


def test_marked_silence_has_nothing_to_be_found_by(provenance: Provenance, tmp_path: Path) -> None:
    edit, delivery = tmp_path / "edit", tmp_path / "delivery"
    edit.mkdir()
    delivery.mkdir()
    with wave.open(str(edit / "silence.wav"), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(48_000)
        sound.writeframes(bytes(2 * 48_000))
    mark = '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    mark += '<rdf:Description xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
    mark += ' Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"/>'
    (edit / "silence.wav.xmp").write_text(mark + "</rdf:RDF></x:xmpmeta>")
    picture(delivery / "still.png", 3)
    catalogue = ("--catalogue", tmp_path / "c.db")
    provenance("ingest", edit, *catalogue)
    said = provenance("scan", delivery, *catalogue, "--format", "json")
    assert said.report["inputs"]["searched"]["without_fingerprint"] == 1
    assert (said.code, said.report["troubles"]) == (0, [])


def test_what_a_limit_kept_from_being_searched_is_searched_when_it_is_raised(
    provenance: Provenance, tmp_path: Path
) -> None:
    edit, delivery = tmp_path / "edit", tmp_path / "delivery"
    edit.mkdir()
    delivery.mkdir()
    picture(edit / "temp.png", 1, PARAMETERS)
    small = Image.open(edit / "temp.png").convert("RGB")
    small.resize((small.width * 2, small.height * 2)).save(delivery / "title.jpg", quality=90)
    provenance("ingest", edit, "--catalogue", tmp_path / "c.db")
    config = tmp_path / "config.toml"
    arguments = ("scan", delivery, "--catalogue", tmp_path / "c.db", "--config", config, "--format", "json")
    config.write_text(f"[limits]\npixels = {small.width * small.height}\n")
    said = provenance(*arguments)
    assert said.code == 3
    assert {row["cause"] for row in said.report["troubles"]} == {"oversized"}
    config.write_text("")
    said = provenance(*arguments)
    assert (said.code, said.report["troubles"]) == (1, [])


def test_a_new_catalogue_is_announced_once(provenance: Provenance, delivery: Path, tmp_path: Path) -> None:
    catalogue = tmp_path / "catalogue" / "c.db"
    for command in (("ingest", delivery), ("scan", delivery, "--quiet")):
        fresh = catalogue.with_name(f"{command[0]}.db")
        said = provenance(*command, "--catalogue", fresh)
        assert said.err.count(f"a new catalogue was made: {fresh}") == 1
        assert "new catalogue" not in provenance(*command, "--catalogue", fresh).err
    assert "new catalogue" not in provenance("scan", delivery, "--no-catalogue").err


@pytest.mark.parametrize("kind", ["text", "short", "report", "sqlite", "folder", "device"])
def test_a_catalogue_that_is_something_else_is_wrong_usage(
    provenance: Provenance, delivery: Path, tmp_path: Path, kind: str
) -> None:
    place = tmp_path / "else"
    place.mkdir()
    path = place / "thing"
    if kind == "text":
        path.write_text("a list of shots\n" * 300)
    elif kind == "short":
        path.write_text("hello")
    elif kind == "report":
        provenance("scan", delivery, "--no-catalogue", "--output", f"json={path}")
    elif kind == "sqlite":
        with contextlib.closing(sqlite3.connect(path)) as db:
            db.execute("CREATE TABLE ledger (account)")
    elif kind == "folder":
        path.mkdir()
    else:
        path = Path("/dev/null")
    before = path.read_bytes() if path.is_file() else b""
    commands = (
        ("scan", delivery),
        ("ingest", delivery),
        ("show", delivery),
        ("report",),
        ("verify",),
        ("register", "list"),
    )
    for command in commands:
        said = provenance(*command, "--catalogue", path)
        assert said.code == 2, command
        assert "is not a catalogue" in said.err
        assert "name the file" in said.err
        assert "Traceback" not in said.err
    if path.is_file():
        assert path.read_bytes() == before


def test_a_damaged_catalogue_is_damage(provenance: Provenance, delivery: Path, tmp_path: Path) -> None:
    catalogue = tmp_path / "catalogue" / "c.db"
    provenance("scan", delivery, "--catalogue", catalogue)
    whole = catalogue.read_bytes()
    for rest in (b"\0" * 100 + whole[100:], whole[:40], whole[: len(whole) // 2], bytes(len(whole))):
        catalogue.write_bytes(rest)
        for command in (("scan", delivery), ("show", delivery), ("verify",)):
            assert provenance(*command, "--catalogue", catalogue).code == 5, command


def test_a_report_says_when_known_material_came_in_after_the_search(
    provenance: Provenance, delivery: Path, tmp_path: Path
) -> None:
    edit, other = tmp_path / "edit", tmp_path / "other"
    for folder in (edit, other):
        folder.mkdir()
    (delivery / "marked.png").rename(edit / "marked.png")
    picture(other / "plain.png", 3)
    catalogue = ("--catalogue", tmp_path / "c.db")
    as_json = (*catalogue, "--format", "json")
    assert provenance("ingest", other, *catalogue).code == 0
    assert provenance("scan", delivery, *catalogue).code == 0
    current = provenance("report", "--for", delivery, *as_json).report
    assert (current["troubles"], current["inputs"]["searched"]["known"]) == ([], 1)
    provenance("ingest", edit, *catalogue)

    outdated = provenance("report", "--for", delivery, *as_json).report
    (trouble,) = outdated["troubles"]
    assert (trouble["stage"], trouble["path"], outdated["inputs"]["searched"]) == ("search", ".", None)
    assert "resaved.jpg; it came in since the last search" in trouble["detail"]
    said = provenance("report", "--for", delivery, *catalogue).out
    assert "review .: the search did not cover everything [not-looked-at]" in said
    assert "not searched for everything that is known" in " ".join(said.split())

    assert provenance("scan", delivery, *catalogue).code == 1
    again = provenance("report", "--for", delivery, *as_json).report
    assert (again["troubles"], again["inputs"]["searched"]["pictures"]) == ([], 1)


def test_a_report_on_what_was_never_searched_is_no_pass(provenance: Provenance, delivery: Path, tmp_path: Path) -> None:
    catalogue = ("--catalogue", tmp_path / "c.db", "--format", "json")
    provenance("ingest", delivery, "--zone", "deliverable", *catalogue[:2])
    said = provenance("report", *catalogue).report
    assert [(row["stage"], row["cause"]) for row in said["troubles"]] == [("search", "unreadable")]
