"""Files that every carrier is tried on: the project's media, a small file for each other carrier, and seeded damage."""

from __future__ import annotations

import base64
import random
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from tests.evidence import small_formats
from tests.evidence.build import compound, png, riff, riff_chunk

MEDIA = Path(__file__).parents[2] / "fixtures" / "media"
LARGEST = 64 * 1024
"""Bytes of a file that is damaged; larger ones are read as they are."""


def list_media() -> list[Path]:
    """The project's media, in a stable order."""
    folders = [MEDIA / name for name in ("delivery", "editorial", "marks")]
    return [path for folder in folders for path in sorted(folder.rglob("*.*"))]


def write_small_files(written: Path) -> list[Path]:
    """Write one small file for each carrier that no file of the media speaks by: the same bytes each time."""
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
        document.writestr(zipfile.ZipInfo("[Content_Types].xml"), "<Types/>")
        document.writestr(
            zipfile.ZipInfo("docProps/core.xml"),
            "<p xmlns='http://purl.org/dc/elements/1.1/'><title>a note</title></p>",
        )
        document.writestr(zipfile.ZipInfo("word/media/image1.jpg"), (written / "comment.jpg").read_bytes())
    with zipfile.ZipFile(written / "layers.ora", "w") as document:
        document.writestr(zipfile.ZipInfo("stack.xml"), "<image><stack><layer name='a layer'/></stack></image>")
    (written / "comment.exr").write_bytes(b"v/1\x01\x02\0\0\0comments\0string\0\x09\0\0\0a comment\0")
    embedded = base64.b64encode((written / "comment.jpg").read_bytes()).decode()
    (written / "drawing.svg").write_text(f'<svg><image href="data:image/jpeg;base64,{embedded}"/></svg>')
    bitmap = struct.pack("<IiiHHI20x", 40, 64, 64, 1, 1, 0) + b"\0\0\0\0\xff\xff\xff\0" + bytes(512)
    draw = struct.pack("<IH22x", (28 + len(bitmap)) // 2, 0x0F43) + bitmap
    (written / "drawing.wmf").write_bytes(b"\1\0\x09\0\0\3" + bytes(12) + draw + struct.pack("<IH", 3, 0))
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
    return sorted(written.rglob("*.*"))


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
