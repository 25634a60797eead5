"""Lists of known material: a studio hands them to its vendors, and a vendor is checked without the media."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from provenance.fingerprint import pictures
from tests.cli.conftest import MEDIA, Provenance
from tests.cli.test_scan import PARAMETERS
from tests.decode.movies import movie
from tests.evidence.build import packet
from tests.evidence.carriers.test_pdf import DIGITAL
from tests.matching.paint import crop, grade, make_fingerprint, paint_picture

TITLE = "Show 7 temp"
MARK = f"<Iptc4xmpExt:DigitalSourceType>{DIGITAL}</Iptc4xmpExt:DigitalSourceType>"


def write_marked(path: Path, seed: int) -> None:
    mark = PngImagePlugin.PngInfo()
    mark.add_text("parameters", PARAMETERS)
    Image.fromarray(paint_picture(seed)).save(path, pnginfo=mark)


class Studio:
    """A catalogue with generated material, and a key."""

    def __init__(self, folder: Path, provenance: Provenance) -> None:
        self.folder, self.run = folder, provenance
        self.catalogue, self.key, self.public = folder / "studio.db", folder / "studio.key", folder / "studio.pem"

    def make(self) -> None:
        folder, provenance = self.folder, self.run
        (folder / "temp").mkdir()
        write_marked(folder / "temp" / "dawn.png", 1)
        write_marked(folder / "temp" / "dusk.png", 2)
        Image.fromarray(paint_picture(3)).save(folder / "temp" / "plain.png")
        assert provenance("ingest", "--zone", "temp", "--catalogue", self.catalogue, folder / "temp").code == 0
        assert provenance("key", "new", self.key).code == 0
        self.public.write_text(provenance("key", "public", self.key).out)

    def export(self, name: str = "list.known", *options: object) -> Path:
        path = self.folder / name
        done = self.run("known", "export", path, "--title", TITLE, "--sign", self.key, *options,
                        "--catalogue", self.catalogue)  # fmt: skip
        assert (done.code, done.out) == (0, "")
        return path


@pytest.fixture(scope="module")
def made_studio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the first test that needs a studio makes it; the others take copies."""
    return tmp_path_factory.mktemp("studio") / "made"


@pytest.fixture
def studio(made_studio: Path, tmp_path: Path, provenance: Provenance) -> Studio:
    if not made_studio.exists():
        made_studio.mkdir()
        Studio(made_studio, provenance).make()
    shutil.copytree(made_studio, tmp_path, dirs_exist_ok=True)
    return Studio(tmp_path, provenance)


@pytest.fixture
def vendor(tmp_path: Path) -> Path:
    return tmp_path / "vendor.db"


@pytest.fixture(scope="module")
def made_delivery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A movie that shows one of the known pictures, graded and cropped, between others; and an unrelated one."""
    folder = tmp_path_factory.mktemp("delivery")
    shown = crop(grade(paint_picture(1)), 0.8)
    movie(folder / "reel.mp4", [paint_picture(50)] * 12 + [shown] * 24 + [paint_picture(51)] * 12)
    movie(folder / "other.mp4", [paint_picture(52)] * 24)
    return folder


@pytest.fixture
def delivery(made_delivery: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made_delivery, tmp_path / "delivery"))


def test_a_delivery_is_checked_without_the_media(studio: Studio, vendor: Path, delivery: Path) -> None:
    run = studio.run
    assert run("key", "trust", studio.public, "--name", "Studio A").code == 0
    done = run("known", "import", studio.export(), "--catalogue", vendor)
    assert (done.code, "Studio A" in done.out, "2 assets" in done.out) == (0, True, True)
    said = run("scan", delivery, "--catalogue", vendor, "--format", "json")
    assert said.code == 1
    assert said.asset("other.mp4")["matches"] == []
    (match,) = said.asset("reel.mp4")["matches"]
    known = match["known"]
    assert (match["verdict"], known["path"].endswith("dawn.png"), known["origin"]) == (
        "confirmed-copy",
        True,
        "generated",
    )
    assert known["listed"].startswith(f"{TITLE} (Studio A, ")
    assert known["mark"]["signal"] == "a1111"
    assert (round(match["time"]["in"], 1), round(match["time"]["out"], 1)) == (0.5, 1.5)
    # What is listed is no asset of the storage.
    assert said.report["summary"]["assets"] == 2
    text = run("scan", delivery, "--catalogue", vendor).out
    assert f"known from the list {TITLE} (Studio A, " in " ".join(text.split())


def test_the_very_bytes_are_recognised(studio: Studio, vendor: Path, tmp_path: Path) -> None:
    (tmp_path / "delivery").mkdir()
    # Its mark is gone, and nothing else: the digest of the marked one is another, so both ways are tried.
    (tmp_path / "delivery" / "same.png").write_bytes((tmp_path / "temp" / "dusk.png").read_bytes())
    Image.fromarray(paint_picture(2)).save(tmp_path / "delivery" / "bare.png")
    studio.run("known", "import", studio.export(), "--key", studio.public, "--catalogue", vendor)
    said = studio.run("scan", tmp_path / "delivery", "--catalogue", vendor, "--format", "json")
    assert [match["verdict"] for match in said.asset("bare.png")["matches"]] == ["confirmed-copy"]
    assert said.asset("same.png")["origin"] == "generated"


def test_show_and_list_name_where_it_is_known_from(studio: Studio, vendor: Path) -> None:
    file = studio.export()
    studio.run("known", "import", file, "--key", studio.public, "--catalogue", vendor)
    digest = json.loads(file.read_bytes().split(b"\n")[1])["item"]["digest"]
    shown = studio.run("show", digest, "--catalogue", vendor)
    assert shown.code == 0
    assert "known from a list" in shown.out
    assert TITLE in shown.out
    assert "generated" in shown.out
    assert f"{TITLE} (the key that was named, " in studio.run("known", "list", "--catalogue", vendor).out


def test_a_list_holds_no_picture_and_no_prompt(studio: Studio) -> None:
    raw = studio.export().read_bytes()
    lines = [json.loads(line) for line in raw.splitlines()[1:]]
    packed = [base64.b64decode(data) for line in lines for _, _, data in line["fingerprints"]]
    assert len(packed) == 2
    for data in packed:
        for magic in (b"\xff\xd8\xff", b"\x89PNG", b"RIFF"):
            assert magic not in data
    assert b"used" not in raw
    prompt = PARAMETERS.split("\n")[0].encode()
    assert prompt not in raw
    assert all(line["item"]["path"].endswith(("dawn.png", "dusk.png")) for line in lines)


def test_the_same_list_again_changes_nothing(studio: Studio, vendor: Path) -> None:
    file = studio.export()
    first = studio.run("known", "import", file, "--key", studio.public, "--catalogue", vendor)
    size = os.path.getsize(vendor)
    again = studio.run("known", "import", file, "--key", studio.public, "--catalogue", vendor)
    assert (first.code, again.code) == (0, 0)
    assert again.out.startswith("in force already")
    assert os.path.getsize(vendor) == size
    assert studio.run("verify", "--catalogue", vendor).code == 0


def test_a_newer_list_replaces_an_older_one(studio: Studio, vendor: Path, delivery: Path, tmp_path: Path) -> None:
    old = studio.export("old.known")
    # The studio took the first still out of its storage, and knows another one; time goes by.
    (tmp_path / "more").mkdir()
    write_marked(tmp_path / "more" / "noon.png", 4)
    fresh = tmp_path / "fresh.db"
    studio.run("ingest", "--zone", "temp", "--catalogue", fresh, tmp_path / "more")
    new = tmp_path / "new.known"
    studio.run("known", "export", new, "--title", TITLE, "--sign", studio.key, "--catalogue", fresh)
    take = ("--key", studio.public, "--catalogue", vendor)
    studio.run("known", "import", old, *take)
    assert (
        len(studio.run("scan", delivery, "--catalogue", vendor, "--format", "json").asset("reel.mp4")["matches"]) == 1
    )
    assert "in place of" in studio.run("known", "import", new, *take).out
    assert studio.run("scan", delivery, "--catalogue", vendor, "--format", "json").asset("reel.mp4")["matches"] == []
    assert studio.run("known", "list", "--catalogue", vendor).out.count(TITLE) == 1
    head, _, body = old.read_bytes().partition(b"\n")
    past = json.loads(head) | {"made_at": "2020-01-01T00:00:00Z"}
    (tmp_path / "past.known").write_bytes(json.dumps(past, separators=(",", ":")).encode() + b"\n" + body)
    refused = studio.run("known", "import", tmp_path / "past.known", "--unsigned", "--catalogue", vendor)
    assert (refused.code, "same key" in refused.err) == (2, True)


def test_a_removed_list_finds_nothing(studio: Studio, vendor: Path, delivery: Path) -> None:
    studio.run("known", "import", studio.export(), "--key", studio.public, "--catalogue", vendor)
    assert studio.run("known", "remove", "another", "--catalogue", vendor).code == 2
    assert studio.run("known", "remove", TITLE, "--catalogue", vendor).code == 0
    assert "no list" in studio.run("known", "list", "--catalogue", vendor).out
    assert studio.run("scan", delivery, "--catalogue", vendor, "--format", "json").asset("reel.mp4")["matches"] == []
    # It can be taken in again.
    assert studio.run("known", "import", studio.folder / "list.known", "--key", studio.public,
                      "--catalogue", vendor).out.startswith("taken in")  # fmt: skip


def test_lists_of_others_are_not_handed_on(studio: Studio, vendor: Path, tmp_path: Path) -> None:
    studio.run("known", "import", studio.export(), "--key", studio.public, "--catalogue", vendor)
    done = studio.run("known", "export", tmp_path / "again.known", "--title", "x", "--catalogue", vendor)
    assert (done.code, (tmp_path / "again.known").exists()) == (2, False)


def test_who_signed_must_be_known(studio: Studio, vendor: Path, tmp_path: Path) -> None:
    file = studio.export()
    unknown = studio.run("known", "import", file, "--catalogue", vendor)
    assert (unknown.code, "key trust" in unknown.err) == (2, True)
    studio.run("key", "new", tmp_path / "stranger.key")
    (tmp_path / "stranger.pem").write_text(studio.run("key", "public", tmp_path / "stranger.key").out)
    other = studio.run("known", "import", file, "--key", tmp_path / "stranger.pem", "--catalogue", vendor)
    assert other.code == 5
    for ending in (".minisig", ".sig"):
        os.unlink(f"{file}{ending}")
    bare = studio.run("known", "import", file, "--catalogue", vendor)
    assert (bare.code, "--unsigned" in bare.err) == (2, True)
    assert studio.run("known", "import", file, "--unsigned", "--catalogue", vendor).code == 0
    assert "unsigned" in studio.run("known", "list", "--catalogue", vendor).out


def test_a_changed_list_is_refused_whole(studio: Studio, vendor: Path) -> None:
    file = studio.export()
    whole = file.read_bytes()
    chance = random.Random(3)
    for _ in range(12):
        damaged = bytearray(whole)
        damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
        file.write_bytes(damaged)
        done = studio.run("known", "import", file, "--key", studio.public, "--catalogue", vendor)
        assert (done.code, done.out) == (5, "")
    file.write_bytes(whole[: len(whole) // 2])
    assert studio.run("known", "import", file, "--key", studio.public, "--catalogue", vendor).code == 5
    assert not vendor.exists()


def spoil_head(**changes: object) -> Callable[[dict[str, Any], list[dict[str, Any]]], None]:
    return lambda head, _: head.update(changes)


def spoil_item(**changes: object) -> Callable[[dict[str, Any], list[dict[str, Any]]], None]:
    return lambda _, lines: lines[0]["item"].update(changes)


def spoil_fingerprint(number: int, value: object) -> Callable[[dict[str, Any], list[dict[str, Any]]], None]:
    def spoil(_: dict[str, Any], lines: list[dict[str, Any]]) -> None:
        lines[0]["fingerprints"][0][number] = value

    return spoil


def repeat_item(head: dict[str, Any], lines: list[dict[str, Any]]) -> None:
    lines.append(lines[0])
    head["items"] += 1


def put_picture_in(_: dict[str, Any], lines: list[dict[str, Any]]) -> None:
    packed = pictures.pack("picture", [make_fingerprint(paint_picture(1))])
    lines[0]["fingerprints"][0][2] = base64.b64encode(packed.data).decode()


HOSTILE = {
    "another schema": spoil_head(schema="provenance-known/9"),
    "no title": spoil_head(title=" "),
    "a title of two lines": spoil_head(title="a\nb"),
    "no time": spoil_head(made_at="yesterday"),
    "a negative count": spoil_head(items=-1),
    "another count": spoil_head(items=7),
    "no digest": spoil_item(digest="sha256:zz"),
    "a captured picture": spoil_item(origin="captured"),
    "no such origin": spoil_item(origin="divine"),
    "a number for a path": spoil_item(path=7),
    "a path without end": spoil_item(path="x" * 5000),
    "half a letter": spoil_item(path="\ud800"),
    "evidence without end": spoil_item(evidence=[{}] * 1000),
    "a method of later": spoil_fingerprint(0, "smell"),
    "a version of later": spoil_fingerprint(1, 99),
    "no base64": spoil_fingerprint(2, "?"),
    "no fingerprint": spoil_fingerprint(2, ""),
    "noise": spoil_fingerprint(2, base64.b64encode(bytes(range(256)) * 9).decode()),
    "an item twice": repeat_item,
    "a picture": put_picture_in,
}


@pytest.fixture(scope="module")
def made() -> list[bytes]:
    """Takes the list that was exported for the first test."""
    return []


@pytest.fixture
def exported(made: list[bytes], studio: Studio) -> bytes:
    """A list as a studio exports it. Made once: no test changes what it is made of."""
    if not made:
        made.append(studio.export().read_bytes())
    return made[0]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_lists_are_refused_in_a_sentence(
    name: str, exported: bytes, provenance: Provenance, vendor: Path, tmp_path: Path
) -> None:
    first, *rest = exported.splitlines()
    head, lines = json.loads(first), [json.loads(line) for line in rest]
    HOSTILE[name](head, lines)
    body = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    head["sha256"] = hashlib.sha256(body).hexdigest()
    file = tmp_path / "hostile.known"
    file.write_bytes(json.dumps(head).encode() + b"\n" + body)
    done = provenance("known", "import", file, "--unsigned", "--catalogue", vendor)
    assert (done.code, done.out) == (2, "")
    assert "Traceback" not in done.err
    assert not vendor.exists()


@pytest.mark.parametrize("content", [b"", b"\0" * 100, b"[" * 100_000, b"{}", b'{"schema": 1}\n', b"\xff\xfe"])
def test_what_is_no_list_is_refused(content: bytes, provenance: Provenance, vendor: Path, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(content)
    done = provenance("known", "import", tmp_path / "x", "--unsigned", "--catalogue", vendor)
    assert (done.code, "Traceback" in done.err) == (2, False)


def test_sound_is_left_out_unless_asked_for(tmp_path: Path, provenance: Provenance) -> None:
    (tmp_path / "temp").mkdir()
    for name in ("tc260-fail-a.wav", "recorder-pass-a.wav"):
        (tmp_path / "temp" / name).write_bytes((MEDIA / "marks" / name).read_bytes())
    catalogue = tmp_path / "studio.db"
    provenance("ingest", "--zone", "temp", "--catalogue", catalogue, tmp_path / "temp")
    export = ("--title", "x", "--catalogue", catalogue)
    assert provenance("known", "export", tmp_path / "bare", *export).code == 2
    assert provenance("known", "export", tmp_path / "whole", *export, "--with-sound").code == 0
    take = ("--unsigned", "--catalogue", tmp_path / "vendor.db")
    assert provenance("known", "import", tmp_path / "whole", *take).code == 0


# Bare hashes


REFERENCE = "17f2b81886f6941eb7659cb18c1bd9d0c0b48b671cfc703768f19f273c43348e"
"""The PDQ hash of a painting, by the reference implementation (pdqhash 0.2)."""


def test_bare_hashes_are_those_of_the_exchange(studio: Studio, tmp_path: Path) -> None:
    done = studio.run("known", "export", tmp_path / "pdq.csv", "--format", "pdq", "--catalogue", studio.catalogue)
    assert done.code == 0
    rows = [line.split(",") for line in (tmp_path / "pdq.csv").read_text().splitlines()]
    assert [row[2].rpartition("/")[2] for row in rows] == ["dawn.png", "dusk.png"]
    assert all(0 <= int(row[1]) <= 100 for row in rows)
    assert (int(rows[0][0], 16) ^ int(REFERENCE, 16)).bit_count() <= 20
    assert (int(rows[1][0], 16) ^ int(REFERENCE, 16)).bit_count() >= 92


def test_a_bare_hash_finds_whole_pictures_for_review(studio: Studio, vendor: Path, tmp_path: Path) -> None:
    delivery = tmp_path / "delivery"
    delivery.mkdir()
    movie(delivery / "reel.mp4", [paint_picture(50)] * 12 + [grade(paint_picture(1))] * 24 + [paint_picture(51)] * 12)
    movie(delivery / "cropped.mp4", [crop(paint_picture(1), 0.6)] * 24)
    (tmp_path / "list.csv").write_text(f"hash,quality,filename\n{REFERENCE},100,somewhere/dawn.png\n")
    take = ("known", "import", tmp_path / "list.csv", "--format", "pdq", "--catalogue", vendor)
    assert studio.run(*take).code == 2
    assert studio.run(*take, "--unsigned", "--title", "the exchange").code == 0
    said = studio.run("scan", delivery, "--catalogue", vendor, "--format", "json")
    assert said.asset("cropped.mp4")["matches"] == []
    (match,) = said.asset("reel.mp4")["matches"]
    assert (match["verdict"], match["known"]["path"]) == ("shares-content", "somewhere/dawn.png")
    assert match["known"]["origin"] == "possibly-generated"
    assert match["known"]["listed"].startswith("the exchange (unsigned, ")
    assert "of 256 bits, and nothing but its hash is known" in match["detail"]
    assert (round(match["time"]["in"], 1), round(match["time"]["out"], 1)) == (0.5, 1.5)


def test_clips_are_handed_on_frame_by_frame(tmp_path: Path, provenance: Provenance) -> None:
    (tmp_path / "temp").mkdir()
    clip = movie(tmp_path / "temp" / "a.mp4", [paint_picture(1)] * 24 + [paint_picture(2)] * 24)
    clip.with_suffix(".mp4.xmp").write_bytes(packet(MARK))
    studio, vendor, folder = tmp_path / "studio.db", tmp_path / "vendor.db", tmp_path / "hashes"
    provenance("ingest", "--zone", "temp", "--fingerprints", "full", "--catalogue", studio, tmp_path / "temp")
    assert provenance("known", "export", folder, "--format", "vpdq", "--catalogue", studio).code == 0
    (file,) = folder.iterdir()
    frame, quality, digits, seconds = file.read_text().splitlines()[0].split(",")
    assert (frame, quality, len(digits), seconds) == ("0", "100", 64, "0.000")
    assert provenance("known", "import", file, "--format", "vpdq", "--unsigned", "--catalogue", vendor).code == 0
    (tmp_path / "delivery").mkdir()
    movie(tmp_path / "delivery" / "cut.mp4", [paint_picture(50)] * 12 + [paint_picture(2)] * 24)
    said = provenance("scan", tmp_path / "delivery", "--catalogue", vendor, "--format", "json")
    assert [match["verdict"] for match in said.asset("cut.mp4")["matches"]] == ["shares-content"]


@pytest.mark.parametrize(
    ("format_name", "text"),
    [
        ("pdq", ""),
        ("pdq", "no hash"),
        ("pdq", "f" * 63),
        ("pdq", f"{'f' * 64},101"),
        ("pdq", f"{'f' * 64},-1"),
        ("pdq", f"{'f' * 64},12"),
        ("pdq", f"{'f' * 64},100,{'x' * 9000}"),
        ("pdq", f"{'f' * 64}\n\0"),
        ("vpdq", f"{'f' * 64},100"),
        ("vpdq", f"0,100,{'f' * 64},later"),
        ("vpdq", f"0,100,{'f' * 64},nan"),
        ("vpdq", f"0,1,{'f' * 64},0.000"),
    ],
)
def test_hostile_hashes_are_refused_whole(
    format_name: str, text: str, provenance: Provenance, vendor: Path, tmp_path: Path
) -> None:
    (tmp_path / "list").write_text(text)
    done = provenance(
        "known", "import", tmp_path / "list", "--format", format_name, "--unsigned", "--catalogue", vendor
    )
    assert (done.code, done.out, vendor.exists()) == (2, "", False)
    assert "Traceback" not in done.err
