"""Every carrier: on every file of the project's media and on seeded damage of each, only valid values come out.

A carrier may fail on damage, but only with an `Exception`, which `examine` turns into a Trouble; what `examine` gives
is checked as well: text that every output can hold, and no clean bill that damage wrote.
"""

from __future__ import annotations

import base64
import dataclasses
import os
import pickle
import random
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from provenance import registry
from provenance.evidence import carriers
from provenance.evidence.interface import Carrier, CarrierOutput, EmbeddedFile, KeptManifest
from provenance.intake.examine import examine
from provenance.intake.jobs import FileRead, ReadFile
from provenance.limits import DEFAULT
from provenance.media.source import open_and_digest, open_readonly
from provenance.model.asset import Reading
from provenance.model.evidence import Credential, Evidence, Statement, Trouble
from provenance.model.vocabulary import About, Cause, Origin, Standing
from provenance.origin import decide_origin
from tests.evidence import small_formats
from tests.evidence.build import compound, png, riff, riff_chunk

MEMBERS = registry.load_members(carriers, Carrier) if registry.list_names(carriers) else {}
pytestmark = pytest.mark.skipif(not MEMBERS, reason="there is no carrier yet")
everyone = pytest.mark.parametrize("carrier", MEMBERS.values(), ids=MEMBERS)

MEDIA = Path(__file__).parents[2] / "fixtures" / "media"
LARGEST = 64 * 1024
"""Bytes of a file that is damaged; larger ones are read as they are."""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The project's media, and one small file for each carrier that no file of it speaks by."""
    written = tmp_path_factory.mktemp("written")
    Image.new("RGB", (8, 8)).save(written / "comment.jpg", comment=b"a comment")
    Image.new("P", (8, 8)).save(written / "comment.gif", comment=b"a comment")
    comment = b"COMM\0\0\0\x0e\0\0\0eng\0a comment"
    (written / "comment.mp3").write_bytes(b"ID3\4\0\0\0\0\0\x18" + comment + b"\xff\xfb\x90\x64" + bytes(413))
    credit = b"Photoshop 3.0\0" + b"8BIM\4\4\0\0\0\0\0\x0e" + b"\x1c\2\x6e\0\x09a comment"
    iptc = b"\xff\xd8\xff\xed" + (2 + len(credit)).to_bytes(2, "big") + credit
    (written / "credit.jpg").write_bytes(iptc + (written / "comment.jpg").read_bytes()[2:])
    layer = bytes(16) + b"\0\0" + b"8BIMnorm" + bytes(7) + b"\x10" + bytes(8) + b"\7a layer"
    layers = b"".join(length.to_bytes(4, "big") for length in (len(layer) + 6, len(layer) + 2)) + b"\0\1" + layer
    (written / "layer.psd").write_bytes(b"8BPS\0\1" + bytes(6) + b"\0\3\0\0\0\1\0\0\0\1\0\x08\0\3" + bytes(8) + layers)
    comment = b"\xff\x4f\xff\x64\0\x0d\0\1a comment\xff\x90"
    (written / "comment.j2c").write_bytes(b"\xff\x4f\xff\x51\0\x04\0\0" + comment[2:])
    (written / "essence.aaf").write_bytes(compound({"Data": riff(b"WAVE", riff_chunk(b"data", bytes(5000)))}))
    (written / "comment.txt").write_text("a note beside comment.jpg")
    (written / "behind.jpg").write_bytes((written / "comment.jpg").read_bytes() + b"a note")
    with zipfile.ZipFile(written / "note.docx", "w") as document:
        document.writestr("[Content_Types].xml", "<Types/>")
        document.writestr("docProps/core.xml", "<p xmlns='http://purl.org/dc/elements/1.1/'><title>a note</title></p>")
        document.write(written / "comment.jpg", "word/media/image1.jpg")
    with zipfile.ZipFile(written / "layers.ora", "w") as document:
        document.writestr("stack.xml", "<image><stack><layer name='a layer'/></stack></image>")
    (written / "comment.exr").write_bytes(b"v/1\x01\x02\0\0\0comments\0string\0\x09\0\0\0a comment\0")
    embedded = base64.b64encode((written / "comment.jpg").read_bytes()).decode()
    (written / "drawing.svg").write_text(f'<svg><image href="data:image/jpeg;base64,{embedded}"/></svg>')
    (written / "note.eml").write_text(
        f"From: a@example.com\nSubject: a note\nContent-Type: image/jpeg; name=a.jpg\n"
        f"Content-Transfer-Encoding: base64\n\n{embedded}\n"
    )
    picture = (written / "comment.jpg").read_bytes()
    (written / "note.rtf").write_text(f"{{\\rtf1 a note {{\\pict\\jpegblip {picture.hex()}}}}}")
    scene = b'{"asset": {"version": "2.0", "generator": "a note"}}'
    length = len(scene).to_bytes(4, "little")
    (written / "scene.glb").write_bytes(
        b"glTF\2\0\0\0" + (20 + len(scene)).to_bytes(4, "little") + length + b"JSON" + scene
    )
    Image.new("L", (8, 8)).save(written / "pages.tif", save_all=True, append_images=[Image.new("L", (8, 8))])
    drawing, preview = b"%!PS-Adobe-3.0 EPSF-3.0\n%%EOF\n", (written / "pages.tif").read_bytes()
    places = struct.pack("<6IH", 30, len(drawing), 0, 0, 30 + len(drawing), len(preview), 0xFFFF)
    (written / "art.eps").write_bytes(b"\xc5\xd0\xd3\xc6" + places + drawing + preview)
    (written / "treatment.md").write_text('---\ntitle: words\nAIGC: {"Label": "1"}\n---\nwords\n')
    (written / "comment.ppm").write_bytes(small_formats.netpbm("a comment"))
    (written / "comment.tga").write_bytes(small_formats.tga(b"a comment", {43: b"a comment"}))
    (written / "picture.ico").write_bytes(small_formats.ico(png()))
    (written / "words.mid").write_bytes(small_formats.midi((1, b"a comment")))
    (written / "comment.wv").write_bytes(
        b"wvpk" + small_formats.ape_tag([small_formats.ape_item("Comment", b"a comment")])
    )
    folders = (*(MEDIA / name for name in ("delivery", "editorial", "marks")), written)
    return [path for folder in folders for path in sorted(folder.rglob("*.*"))]


BINDINGS = {"intact", "broken", "missing", "unknown"}
SIGNATURES = {"valid", "broken", "missing", "unknown"}
TRUSTS = {"trusted", "untrusted", "revoked", "unknown"}
TIMES = {"inside", "expired", "not-yet", "unknown", "stamped"}


def is_valid(row: CarrierOutput, carrier: str) -> bool:
    if isinstance(row, Statement):
        texts = row.where, row.key, row.value
        kinds = isinstance(row.standing, Standing) and isinstance(row.about, About)
        return kinds and row.carrier == carrier and all(isinstance(t, str) for t in texts) and all(texts[:2])
    if isinstance(row, Credential):
        facts = row.binding in BINDINGS and row.signature in SIGNATURES and row.trust in TRUSTS and row.time in TIMES
        return facts and bool(row.where) and (row.trust != "trusted" or bool(row.list and row.vouched_by))
    if isinstance(row, EmbeddedFile):
        return bool(row.name) and bool(row.content) and all(isinstance(name, str) for name in row.beside)
    if isinstance(row, KeptManifest):
        return isinstance(row.data, bytes) and row.data[4:8] == b"jumb"
    return isinstance(row, Trouble) and row.path == "" and bool(row.stage and row.detail) and row.cause in list(Cause)


def damaged(data: bytes, seed: str) -> Iterator[bytes]:
    """The same file cut off, with flipped bits, with a lying length, with a piece twice and with a piece missing."""
    dice = random.Random(seed)
    place = dice.randrange(len(data))
    yield data[:place]
    flipped = bytearray(data)
    for _ in range(12):
        flipped[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    yield bytes(flipped)
    place = dice.randrange(min(len(data), 2048))  # lengths and counts stand in front
    yield data[:place] + b"\xff\xff\xff\xff" + data[place + 4 :]
    start, end = sorted(dice.randrange(len(data)) for _ in range(2))
    yield data[:end] + data[start:]
    yield data[:start] + data[end:]


def read(carrier: Carrier, path: Path) -> list[CarrierOutput]:
    """What the carrier yields until it ends or fails."""
    raw, note = os.fsencode(path), path.with_suffix(".txt")
    source = open_and_digest(open_readonly(raw), path.name, os.path.getsize(raw), DEFAULT)
    if note.exists() and note != path:
        source.sidecars, source.beside = (note.name,), lambda _: note.read_bytes()
    rows: list[CarrierOutput] = []
    try:
        if carrier.accepts(source):
            rows.extend(carrier.read(source))
    except Exception:  # noqa: BLE001 - a carrier may raise anything; what it yielded before is what counts
        pass
    finally:
        source.file.close()
    return rows


def looked_at(path: Path) -> Reading:
    made = examine(ReadFile(os.fsencode(path), path.stat().st_size), DEFAULT)
    assert isinstance(made, FileRead), made
    return made.reading


def assert_sound(reading: Reading) -> None:
    assert pickle.loads(pickle.dumps(reading)) == reading
    rows: list[CarrierOutput | Evidence] = [
        *reading.statements,
        *reading.evidence,
        *reading.credentials,
        *reading.troubles,
    ]
    for row in rows:
        for field in dataclasses.fields(row):
            value = getattr(row, field.name)
            for text in value if isinstance(value, tuple) else (value,):
                str(text).encode("utf-8")  # raises for text that no output can hold
    assert all(len(row.value) <= DEFAULT.text for row in reading.statements)


@everyone
def test_texts_are_there(carrier: Carrier) -> None:
    assert carrier.title
    assert carrier.media
    assert all("/" in kind or kind == "*" for kind in carrier.media)


def test_there_is_media(files: list[Path]) -> None:
    assert len(files) > 20


@everyone
def test_only_valid_values_from_every_file(carrier: Carrier, files: list[Path]) -> None:
    rows = [(path.name, row) for path in files for row in read(carrier, path)]
    assert [told for told in rows if not is_valid(told[1], carrier.name)] == []
    assert any(isinstance(row, Statement | EmbeddedFile) for _, row in rows), (
        f"no file here speaks by {carrier.name}: add one"
    )


@everyone
def test_only_valid_values_from_damaged_files(carrier: Carrier, files: list[Path], tmp_path: Path) -> None:
    for path in files:
        if 0 < path.stat().st_size <= LARGEST and any(
            isinstance(row, Statement | EmbeddedFile) for row in read(carrier, path)
        ):
            for count, data in enumerate(damaged(path.read_bytes(), path.name)):
                victim = tmp_path / f"{count}{path.suffix}"
                victim.write_bytes(data)
                assert [row for row in read(carrier, victim) if not is_valid(row, carrier.name)] == [], (path, count)


def test_damage_clears_nothing_and_breaks_no_text(files: list[Path], tmp_path: Path) -> None:
    cleared = {Origin.CAPTURED, Origin.CREATED}
    for path in files:
        whole = looked_at(path)
        assert_sound(whole)
        if 0 < path.stat().st_size <= LARGEST:
            for count, data in enumerate(damaged(path.read_bytes(), f"again {path.name}")):
                victim = tmp_path / f"{count}{path.suffix}"
                victim.write_bytes(data)
                reading = looked_at(victim)
                assert_sound(reading)
                assert decide_origin(reading.evidence) not in cleared or decide_origin(whole.evidence) in cleared, (
                    path,
                    count,
                )
