"""The gate, from a folder to an exit code."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin

from tests.cli.conftest import MEDIA, ROOT, SOON, Provenance

DELIVERY = MEDIA / "delivery"
PARAMETERS = "a castle\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 64x64, Model: x, Version: v1.9.4"


def still(path: Path, parameters: str | None = None) -> Path:
    info = PngImagePlugin.PngInfo()
    if parameters:
        info.add_text("parameters", parameters)
    Image.new("RGB", (64, 48), (30, 90, 120)).save(path, pnginfo=info)
    return path


def test_the_demo_delivery_is_stopped_and_the_same_inputs_give_the_same_document(
    provenance: Provenance, tmp_path: Path
) -> None:
    # Of each kind of material some: what is blocked, what is not, a sequence, and what cannot be checked.
    for part in ("artwork/ART_poster_v03.png", "artwork/ART_onesheet_remote.jpg", "ep101_insert_flyover.mp4",
                 "audio/ep101_reel1_MX.wav", "stills/unit_0413.jpg", "stills/unit_0413.xmp"):  # fmt: skip
        (tmp_path / "out" / part).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(DELIVERY / part, tmp_path / "out" / part)
    for folder in ("paperwork", "vfx"):
        shutil.copytree(DELIVERY / folder, tmp_path / "out" / folder)
    arguments = ("scan", tmp_path / "out", "--no-catalogue", "--format", "json", "--trust-list", ROOT)
    said = provenance(*arguments, "--jobs", 2)
    assert said.code == 1
    blocked = {row["path"] for row in said.report["findings"] if row["severity"] == "block"}
    assert {"artwork/ART_poster_v03.png", "ep101_insert_flyover.mp4"} <= blocked
    assert all(row["because"] for row in said.report["findings"])
    assert "could not be checked" in said.err
    alone = provenance(*arguments, "--jobs", 1)
    assert {**alone.report, "made_at": ""} == {**said.report, "made_at": ""}


def test_exit_codes(provenance: Provenance, tmp_path: Path) -> None:
    clean, odd, ai = (tmp_path / name for name in ("clean", "odd", "ai"))
    for folder in (clean, odd, ai):
        folder.mkdir()
        still(folder / "plain.png")
    (odd / "blob.bin").write_bytes(bytes(range(256)) * 4)
    still(ai / "made.png", PARAMETERS)
    (ai / "blob.bin").write_bytes(bytes(range(256)) * 4)
    assert provenance("scan", clean, "--no-catalogue", "--marks-only").code == 0
    assert provenance("scan", clean, "--no-catalogue").code == 3, "searching nothing is not a pass"
    assert provenance("scan", odd, "--no-catalogue", "--marks-only").code == 3
    assert provenance("scan", odd, "--no-catalogue", "--fail-on", "review").code == 1
    assert provenance("scan", ai, "--no-catalogue").code == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("scan",),
        ("scan", "/no/such/folder"),
        ("scan", ".", "--policy", "no-such-pack"),
        ("scan", ".", "--format", "no-such-format"),
        ("scan", ".", "--config", "/no/such/config.toml"),
        ("scan", ".", "--trust-list", os.devnull),
        ("scan", ".", "--fail-on", "never"),
        ("scan", ".", "--jobs", "0"),
        ("frobnicate",),
        ("nightly", "--config", "/no/such/config.toml"),
        ("show", "sha256:00"),
    ],
)
def test_wrong_usage_is_one_clear_sentence(provenance: Provenance, arguments: tuple[str, ...]) -> None:
    said = provenance(*arguments)
    assert said.code == 2
    assert said.out == ""
    assert said.err.strip()
    assert "Traceback" not in said.err


def test_a_planted_config_changes_nothing(
    provenance: Provenance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    still(tmp_path / "made.png", PARAMETERS)
    for name in ("provenance.toml", "config.toml", ".provenance.toml"):
        (tmp_path / name).write_text('policy = "nothing"\n')
    monkeypatch.chdir(tmp_path)
    assert provenance("scan", ".", "--no-catalogue").code == 1


def test_an_approval_waives_and_an_expired_one_does_not(provenance: Provenance, tmp_path: Path) -> None:
    made = still(tmp_path / "made.png", PARAMETERS)
    catalogue = ("--catalogue", tmp_path / "c" / "c.db")
    approve = ("register", "add", "approval", made, "--who", "Jo", "--reason", "cleared", "--reference", "CLR-7")
    assert provenance("scan", "--marks-only", made, *catalogue).code == 1
    assert provenance(*approve, "--expires", "2001-01-01", *catalogue).code == 2
    assert provenance(*approve, "--expires", SOON, *catalogue).code == 0
    said = provenance("scan", "--marks-only", made, *catalogue, "--format", "json")
    assert said.code == 0
    [finding] = said.report["findings"]
    assert finding["waived_by"]["reference"] == "CLR-7"
    assert "CLR-7" in provenance("register", "list", *catalogue).out
    assert provenance("register", "withdraw", "approval", made, "--who", "Jo", "--reason", "no", *catalogue).code == 0
    assert provenance("scan", "--marks-only", made, *catalogue).code == 1
    made.write_bytes(made.read_bytes() + b"changed")
    assert provenance("verify", *catalogue).code == 0


def test_exclusions_are_left_out_and_told(provenance: Provenance, tmp_path: Path) -> None:
    still(tmp_path / "made.png", PARAMETERS)
    still(tmp_path / "plain.png")
    said = provenance("scan", "--marks-only", tmp_path, "--no-catalogue", "--exclude", "made.*", "--format", "json")
    assert said.code == 0
    assert said.report["inputs"]["excluded"] == ["made.*"]
    assert [row["path"] for row in said.report["assets"]] == ["plain.png"]


def test_one_generated_frame_is_found_by_its_number(provenance: Provenance, tmp_path: Path) -> None:
    for number in range(30):
        still(tmp_path / f"plate_{number:04}.png", PARAMETERS if number == 17 else None)
    said = provenance("scan", "--marks-only", tmp_path, "--no-catalogue", "--format", "json")
    assert [row["path"] for row in said.report["assets"]] == ["plate_0017.png", "plate_[0000-0029].png"]
    [finding] = said.report["findings"]
    assert (finding["path"], finding["frame"]) == ("plate_0017.png", 17)


def test_a_sidecar_speaks_of_its_picture(provenance: Provenance, tmp_path: Path) -> None:
    Image.new("RGB", (64, 48)).save(tmp_path / "still.jpg")
    (tmp_path / "still.xmp").write_text(XMP)
    said = provenance("scan", tmp_path, "--no-catalogue", "--format", "json")
    assert said.asset("still.jpg")["origin"] == "generated"
    assert said.asset("still.xmp")["origin"] == "unknown"


XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
    'Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"/>'
    "</rdf:RDF></x:xmpmeta>"
)


def test_outputs_go_where_they_are_sent(provenance: Provenance, tmp_path: Path) -> None:
    made = still(tmp_path / "made.png", PARAMETERS)
    places = [tmp_path / f"report.{suffix}" for suffix in ("html", "json", "csv", "jsonl", "pdf")]
    outputs = [argument for place in places for argument in ("--output", place)]
    said = provenance("scan", made, "--no-catalogue", *outputs)
    assert (said.code, said.out) == (1, "")
    assert all(place.stat().st_size > 200 for place in places)
    assert stat.S_IMODE(places[0].stat().st_mode) == 0o644
    assert json.loads(places[1].read_text())["schema"] == "provenance-report/1"
    assert places[4].read_bytes().startswith(b"%PDF-")
    assert b"data:image/jpeg" in places[0].read_bytes()


def test_a_report_that_cannot_be_written_is_a_clear_error(provenance: Provenance, tmp_path: Path) -> None:
    arguments = ("--no-catalogue", "--marks-only", "--output", tmp_path / "no" / "r.html")
    said = provenance("scan", still(tmp_path / "a.png"), *arguments)
    assert (said.code, said.out) == (2, "")
    assert "r.html' cannot be written" in said.err


def test_a_pipe_is_written_to_and_not_replaced(provenance: Provenance, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE) as reader:
        assert (
            provenance(
                "scan", still(tmp_path / "a.png"), "--no-catalogue", "--marks-only", "--output", f"json={pipe}"
            ).code
            == 0
        )
        assert reader.stdout
        assert json.loads(reader.stdout.read())["assets"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_place_without_files_is_no_clean_delivery(provenance: Provenance, tmp_path: Path) -> None:
    (tmp_path / "mount").mkdir()
    said = provenance("scan", tmp_path / "mount", "--no-catalogue", "--format", "json")
    assert said.code == 3
    assert "mounted" in said.report["troubles"][0]["detail"]


def test_a_file_cannot_take_the_place_of_an_archives_member(provenance: Provenance, tmp_path: Path) -> None:
    delivery = tmp_path / "delivery"
    delivery.mkdir()
    with zipfile.ZipFile(delivery / "a.zip", "w") as archive:
        archive.write(still(tmp_path / "gen.png", PARAMETERS), "gen.png")
    still(delivery / "a.zip!gen.png")
    catalogue = ("--catalogue", tmp_path / "c.db", "--format", "json")
    scanned = provenance("scan", delivery, *catalogue)
    paths = [row["path"] for row in scanned.report["assets"]]
    assert len(paths) == len(set(paths)) == 3
    assert scanned.asset("a.zip!gen.png")["parent"] == "a.zip"
    reported = provenance("report", "--for", delivery, *catalogue)
    # The other finding is that there was nothing to compare the delivery with.
    assert [row["path"] for row in reported.report["findings"]] == ["a.zip!gen.png", "."]


def test_what_is_gone_at_the_next_scan_is_no_longer_reported(provenance: Provenance, tmp_path: Path) -> None:
    delivery = tmp_path / "delivery"
    delivery.mkdir()
    still(delivery / "made.png", PARAMETERS)
    catalogue = ("--catalogue", tmp_path / "c.db", "--format", "json")
    assert provenance("scan", "--marks-only", delivery, *catalogue).code == 1
    (delivery / "made.png").unlink()
    still(delivery / "plain.png")
    assert provenance("scan", "--marks-only", delivery, *catalogue).code == 0
    reported = provenance("report", "--for", delivery, *catalogue).report
    assert [row["path"] for row in reported["assets"]] == ["plain.png"]
    assert [row["path"] for row in reported["findings"]] == ["."], "only that no search was made"


def test_an_approval_edited_by_hand_lets_nothing_through(provenance: Provenance, tmp_path: Path) -> None:
    made = still(tmp_path / "made.png", PARAMETERS)
    catalogue = ("--catalogue", tmp_path / "c.db")
    words = ("--who", "Jo", "--reason", "cleared", "--reference", "CLR-7", "--expires", SOON)
    assert provenance("register", "add", "approval", made, *words, "--unseen", *catalogue).code == 0
    with contextlib.closing(sqlite3.connect(tmp_path / "c.db")) as db, db:
        db.execute("UPDATE approvals SET expires = '2999-12-31'")
    assert provenance("scan", made, *catalogue).code == 5


@pytest.mark.parametrize(
    "arguments", [("report", "--since", "yesterday"), ("verify", "--head", "garbage"), ("verify", "--head", "")]
)
def test_options_are_checked(provenance: Provenance, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    catalogue = ("--catalogue", tmp_path / "c.db")
    provenance("scan", still(tmp_path / "a.png"), *catalogue)
    assert provenance(*arguments, *catalogue).code == 2


def test_the_scanned_folder_stays_as_it_was(provenance: Provenance, tmp_path: Path) -> None:
    still(tmp_path / "a.png", PARAMETERS)
    before = {p: (p.stat().st_mtime_ns, p.stat().st_size) for p in tmp_path.rglob("*")}
    provenance("scan", tmp_path, "--no-catalogue", "--format", "json")
    assert before == {p: (p.stat().st_mtime_ns, p.stat().st_size) for p in tmp_path.rglob("*") if "home" not in p.parts}


def test_help_imports_none_of_the_heavy_libraries() -> None:
    heavy = ["c2pa", "av", "PIL", "sqlite_utils", "sqlite3", "exifread", "pebble", "numpy", "cv2", "jinja2", "typst"]
    code = (
        "import sys; from provenance_cli.main import run; run(['--help']); run(['scan', '--help']);"
        f"sys.exit(str([name for name in {heavy} if name in sys.modules] or ''))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.stderr.strip() == ""


MAIN = "from provenance_cli.main import main; main()"


def test_a_closed_pipe_is_no_traceback(tmp_path: Path) -> None:
    still(tmp_path / "made.png", PARAMETERS)
    command = [sys.executable, "-c", MAIN, "scan", str(tmp_path), "--no-catalogue", "--format", "json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as job:
        assert job.stdout
        assert job.stderr
        job.stdout.close()
        said = job.stderr.read().decode()
    assert "Traceback" not in said
    assert job.returncode == 130


def test_a_pack_that_leaves_rules_out_does_not_say_that_nothing_was_found(
    provenance: Provenance, tmp_path: Path
) -> None:
    ai = tmp_path / "ai"
    ai.mkdir()
    still(ai / "made.png", PARAMETERS)
    pack = tmp_path / "lax.toml"
    pack.write_text(
        'name = "lax"\nversion = "1"\ntitle = "t"\nsource = "s"\n'
        '[[rule]]\nid = "enhanced"\nseverity = "note"\nclause = "L-1"\nsays = "tell us"\n'
    )
    said = provenance("scan", ai, "--no-catalogue", "--marks-only", "--policy", pack)
    first = said.out.splitlines()[0]
    assert first.startswith("1 asset is or may be generated, or shows such material, and no rule of the policy lax")
    assert "Generated material in a deliverable (generated-in-deliverable)" in " ".join(said.out.split())
    pack.write_text(pack.read_text().replace('"lax"', '"netflix"'))
    refused = provenance("scan", ai, "--no-catalogue", "--marks-only", "--policy", pack)
    assert refused.code == 2
    assert "calls itself 'netflix'" in refused.err


def test_the_list_that_vouched_is_kept_and_a_report_without_it_trusts_nobody(
    provenance: Provenance, tmp_path: Path
) -> None:
    folder = tmp_path / "delivery"
    folder.mkdir()
    shutil.copy(DELIVERY / "artwork" / "ART_poster_v03.png", folder)
    catalogue = ("--catalogue", tmp_path / "c.db")
    provenance("scan", folder, "--marks-only", "--trust-list", ROOT, *catalogue)
    with_list = provenance("report", "--for", folder, "--format", "json", "--trust-list", ROOT, *catalogue)
    [mark] = with_list.asset("ART_poster_v03.png")["evidence"]
    digest = hashlib.sha256(ROOT.read_bytes()).hexdigest()
    assert mark["standing"] == "trusted"
    assert mark["vouched_by"] == {"name": "test-root.pem", "issued": "unknown", "sha256": digest, "source": ""}

    without = provenance("report", "--for", folder, "--format", "json", *catalogue)
    [mark] = without.asset("ART_poster_v03.png")["evidence"]
    assert (mark["standing"], mark["vouched_by"]["sha256"]) == ("signed", digest)
    assert [row["trust"] for row in without.asset("ART_poster_v03.png")["credentials"]] == ["unknown"]
    said = " ".join(provenance("show", folder / "ART_poster_v03.png", *catalogue).out.split())
    assert "signed here; when it was read, test-root.pem (no date stated, sha256" in said
    assert "trusted by" not in said
    shown = " ".join(provenance("show", folder / "ART_poster_v03.png", "--trust-list", ROOT, *catalogue).out.split())
    assert "trusted by test-root.pem (no date stated, sha256" in shown


def test_a_report_says_when_it_was_read_and_what_changed_since(provenance: Provenance, tmp_path: Path) -> None:
    folder, catalogue = tmp_path / "delivery", ("--catalogue", tmp_path / "c.db")
    folder.mkdir()
    for name in ("same.png", "changed.png", "gone.png"):
        still(folder / name)
    with zipfile.ZipFile(folder / "kit.zip", "w") as archive:
        archive.write(folder / "same.png", "inside.png")
    (folder / "same.xmp").write_text("<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")
    provenance("scan", folder, "--marks-only", *catalogue)
    fresh = provenance("report", "--for", folder, "--format", "json", *catalogue).report
    assert fresh["since_read"] == {"unchanged": 6, "changed": 0, "gone": 0, "not-seen": 0}
    assert fresh["changed_since_read"] == []
    assert {row["read_on"] for row in fresh["assets"]} == {run["on"] for run in fresh["inputs"]["runs"]}

    (folder / "gone.png").unlink()
    for name in ("changed.png", "kit.zip"):
        with (folder / name).open("ab") as file:
            file.write(b"x")
    later = provenance("report", "--for", folder, "--format", "json", *catalogue).report
    states = {row["path"]: row["state_now"] for row in later["changed_since_read"]}
    changed = dict.fromkeys(("changed.png", "kit.zip", "kit.zip!inside.png"), "changed")
    assert states == {**changed, "gone.png": "gone"}
    everything = provenance("report", "--format", "json", *catalogue).report
    assert {row["path"] for row in everything["changed_since_read"]} == set(states)
    said = " ".join(provenance("report", "--for", folder, *catalogue).out.split())
    assert "3 assets have changed and 1 asset has disappeared since this was read" in said

    folder.rename(tmp_path / "away")
    away = provenance("report", "--format", "json", *catalogue).report
    assert away["since_read"] == {"unchanged": 0, "changed": 0, "gone": 0, "not-seen": 6}
    assert any("files of 6 assets have changed" in limit for limit in away["limits"])
