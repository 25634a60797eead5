"""Real files that carry a text in one of the places where files carry text: for every carrier at least one.

Where a mark of generation has room for free text, the text stands in such a mark, so that it reaches findings too.
"""

from __future__ import annotations

import base64
import functools
import io
import json
import re
import struct
import tarfile
import zipfile
from collections.abc import Callable
from xml.sax.saxutils import escape

import av
import pikepdf
from PIL import Image

from fixtures.media import certificates, signing
from fixtures.media.hidden import embed_stealth_text
from tests.evidence import small_formats
from tests.evidence.build import box, compound, jpeg, packet, png, png_chunk, riff, riff_chunk, segment, tiff
from tests.evidence.carriers.test_iptc import dataset
from tests.evidence.carriers.test_metafile import draw_plus, emf
from tests.evidence.carriers.test_movies import HANDLER, data_box, keys, sound
from tests.evidence.carriers.test_psd import Maker, embedded, generative, resource
from tests.evidence.carriers.test_trailer import samsung

Written = Callable[[str], bytes]
TRAINED = f"<Iptc4xmpExt:DigitalSourceType>{signing.TRAINED}</Iptc4xmpExt:DigitalSourceType>"
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def raw(text: str) -> bytes:
    """UTF-8, also of halves of characters: files keep to nothing."""
    return text.encode("utf-8", "surrogatepass")


def valid(text: str) -> str:
    """What libraries let themselves be handed: no halves of characters, no zeros."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def marked(text: str) -> str:
    """Generation parameters as the usual web interface writes them, the text wherever there is room for one."""
    return (
        f"{text}\nNegative prompt: {text}\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 8x8, Model: {text}"
    )


def label(text: str) -> str:
    """A Chinese AI label made by that."""
    return json.dumps({"Label": "1", "ContentProducer": text, "ProduceID": text})


def graph(text: str) -> str:
    """A ComfyUI graph that was told that."""
    return json.dumps({
        "1": {"class_type": "KSampler", "inputs": {"seed": 1, "model": ["2", 0], "positive": ["3", 0], "x": ["4", 0]}},
        "2": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": text}},
        "3": {"class_type": "CLIPTextEncode", "inputs": {"text": text, "clip": ["2", 1]}},
        "4": {"class_type": "LoadImage", "inputs": {"image": text}},
    })  # fmt: skip


def xmp(text: str) -> bytes:
    """A packet whose program, system, prompt and title are that."""
    said = escape(_NOT_XML.sub("", text), {'"': "&quot;"})
    names = ("xmp:CreatorTool", "Iptc4xmpExt:AISystemUsed", "Iptc4xmpExt:AIPromptInformation", "dc:title")
    return packet(TRAINED, *(f"<{name}>{said}</{name}>" for name in names))


def exif(text: str) -> bytes:
    """An EXIF block: camera, program, description, and a comment in UTF-16."""
    comment = b"UNICODE\0" + marked(text).encode("utf-16-le", "surrogatepass")
    fields = {tag: (2, raw(text) + b"\0") for tag in (0x010E, 0x010F, 0x0110, 0x0131, 0x013B)}
    return tiff([{**fields, 0x8769: (4, 1)}, {0x9286: (7, comment)}])


def app1(name: bytes, data: bytes) -> bytes:
    return segment(0xE1, name + data[:65_000])


def iptc(text: str) -> bytes:
    said = b"".join(dataset(kind, raw(text)[:20_000]) for kind in (110, 120, 65))
    return segment(0xED, b"Photoshop 3.0\0" + resource(1028, dataset(90, b"\x1b%G", record=1) + said))


def gif(text: str) -> bytes:
    said = raw(marked(text))
    blocks = b"".join(bytes([len(part)]) + part for part in (said[at : at + 255] for at in range(0, len(said), 255)))
    return b"GIF89a\1\0\1\0\0\0\0!\xfe" + blocks + b"\0,\0\0\0\0\1\0\1\0\0\2\2\x44\1\0;"


def movie(kind: str, text: str) -> bytes:
    file = io.BytesIO()
    clean = valid(text)
    with av.open(file, "w", format=kind) as container:
        container.metadata.update({"comment": marked(clean), "title": clean, f"key {clean}"[:200]: "x"})
        stream = container.add_stream("mpeg4", rate=24)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 16, 16, "yuv420p"
        container.mux(stream.encode(av.VideoFrame(16, 16, "yuv420p")))
        container.mux(stream.encode())
    return file.getvalue()


def tagged(kind: str, codec: str, text: str) -> bytes:
    clean = valid(text)
    return sound(kind, codec, {"comment": marked(clean), "title": clean, "AIGC": label(clean)})


def quicktime(text: str) -> bytes:
    said = raw(text)[:60_000]
    items = (box(struct.pack(">I", i), data_box(data)) for i, data in ((1, raw(label(text))), (2, said)))
    user, item = box("udta", box("\xa9too", struct.pack(">HH", len(said), 0) + said)), box("ilst", *items)
    return box("ftyp", b"qt  \0\0\0\0") + box("moov", user, box("meta", HANDLER, keys(b"AIGC", raw(text)), item))


def wave(text: str) -> bytes:
    said = raw(text)
    return riff(
        b"WAVE", riff_chunk(b"bext", said[:250].ljust(256, b"\0") + said[:32].ljust(400, b"\0")),
        riff_chunk(b"iXML", said), riff_chunk(b"AIGC", raw(label(text))), riff_chunk(b"data", bytes(4)),
        riff_chunk(b"LIST", b"INFO" + riff_chunk(b"ISFT", said) + riff_chunk(b"ICMT", raw(marked(text)))),
    )  # fmt: skip


def id3(text: str) -> bytes:
    said = b"\3" + raw(text)
    frames = b"".join(
        kind + bytes(len(body) >> shift & 127 for shift in (21, 14, 7, 0)) + b"\0\0" + body
        for kind, body in (
            (b"TSSE", said), (b"TXXX", said + b"\0" + raw(text)), (b"TXXX", b"\3AIGC\0" + raw(label(text))),
            (b"COMM", b"\3eng\0" + raw(marked(text))), (b"WOAS", raw(text)),
            (b"APIC", b"\3image/png\0\3" + raw(text).replace(b"\0", b"") + b"\0" + inner(text)),
        )
    )  # fmt: skip
    size = bytes(len(frames) >> shift & 127 for shift in (21, 14, 7, 0))
    return b"ID3\4\0\0" + size + frames + b"\xff\xfb\x90\x64" + bytes(413)


def exr(text: str) -> bytes:
    name = raw(text).replace(b"\0", b"")[:200] or b"a"
    said = ((name, raw(text)), (b"software", raw(text)), (b"parameters", raw(marked(text))))
    rows = (key + b"\0string\0" + struct.pack("<I", len(value)) + value for key, value in said)
    return b"v/1\x01\x02\0\0\0" + b"".join(rows) + b"\0"


def dpx(text: str) -> bytes:
    data = bytearray(b"SDPX" + bytes(2076))
    for place, length in ((36, 100), (160, 100), (260, 200), (1556, 32), (1764, 100)):
        data[place : place + length] = raw(text)[:length].ljust(length, b"\0")
    return bytes(data)


@functools.cache
def _cast() -> signing.Cast:
    return signing.make_cast()


def credential(text: str) -> bytes:
    """Signed under a name that is the text, by a program of that name, made from an ingredient of that name."""
    clean = valid(text)[:20_000]
    name = clean.encode()[:64].decode("utf-8", "ignore") or "x"
    who = certificates.make_signer(name, name, _cast().root)
    part = signing.Ingredient(clean[:500], "componentOf", png(), "image/png")
    claim = signing.Claim(clean, [signing.make_action("c2pa.created", signing.TRAINED)], ingredients=[part])
    return signing.sign(png(), "image/png", claim, who).data


def inner(text: str) -> bytes:
    """A picture marked with the text."""
    return png([png_chunk(b"tEXt", b"parameters\0" + raw(marked(text)))])


def drawn(text: str) -> bytes:
    return b'<svg><image href="data:image/png;base64,' + base64.b64encode(inner(text)) + b'"/></svg>'


def attached(text: str) -> bytes:
    """A message with a picture under a hostile name."""
    head = b"From: a@example.com\nSubject: " + valid(text)[:500].replace("\n", " ").replace("\r", " ").encode()
    name = valid(text)[:200].replace("\n", " ").replace("\r", " ").replace('"', "").encode()
    fields = b'\nContent-Type: image/png; name="' + name + b'"\nContent-Transfer-Encoding: base64\n\n'
    return head + fields + base64.encodebytes(inner(text))


def written(text: str) -> bytes:
    return b"{\\rtf1{\\pict\\pngblip " + inner(text).hex().encode() + b"}" + raw(text) + b"}"


def scene(text: str) -> bytes:
    """A scene whose generator and texture speak."""
    clean, picture = valid(text), inner(text)
    views = [{"buffer": 0, "byteLength": len(picture)}]
    document = {
        "asset": {"generator": clean, "copyright": marked(clean)},
        "buffers": [{"byteLength": len(picture)}],
        "bufferViews": views,
        "images": [{"bufferView": 0, "name": clean[:500]}],
    }
    chunks = b""
    for kind, data in ((b"JSON", json.dumps(document).encode()), (b"BIN\0", picture)):
        chunks += len(data).to_bytes(4, "little") + kind + data
    return b"glTF\2\0\0\0" + (12 + len(chunks)).to_bytes(4, "little") + chunks


def pages(text: str) -> bytes:
    """Two pages, of which the second speaks."""
    file = io.BytesIO()
    second = Image.new("L", (8, 8))
    # As bytes, for Pillow turns text into ASCII.
    words = marked(valid(text)[:3000]).encode("utf-8")
    second.encoderinfo = {"tiffinfo": {270: words}}
    Image.new("L", (8, 8)).save(file, "TIFF", save_all=True, append_images=[second])
    return file.getvalue()


def archive(text: str) -> bytes:
    file = io.BytesIO()
    clean = valid(text)[:15_000]
    with zipfile.ZipFile(file, "w") as made:
        made.comment = raw(text)[:60_000]
        entry = zipfile.ZipInfo("x")
        entry.filename = clean or "x"  # past all tidying
        made.writestr(entry, inner(text))
    return file.getvalue()


def previewed(text: str) -> bytes:
    """An EPS whose preview says so."""
    drawing, preview = b"%!PS-Adobe-3.0 EPSF-3.0\n%%EOF\n", exif(text[:3000])
    header = struct.pack("<6IH", 30, len(drawing), 0, 0, 30 + len(drawing), len(preview), 0xFFFF)
    return b"\xc5\xd0\xd3\xc6" + header + drawing + preview


def tar(text: str) -> bytes:
    file = io.BytesIO()
    data = inner(text)
    with tarfile.open(fileobj=file, mode="w", format=tarfile.GNU_FORMAT, errors="surrogatepass") as made:
        entry = tarfile.TarInfo(text.replace("\0", "")[:15_000] or "x")
        entry.size = len(data)
        made.addfile(entry, io.BytesIO(data))
    return file.getvalue()


def office(text: str) -> bytes:
    said = escape(_NOT_XML.sub("", text))
    creator = f"<dc:title>{said}</dc:title><dc:creator>{said}</dc:creator>"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("[Content_Types].xml", "<Types/>")
        made.writestr("docProps/core.xml", f"<p xmlns:dc='http://purl.org/dc/elements/1.1/'>{creator}</p>".encode())
        made.writestr("word/media/image1.png", inner(text))
    return file.getvalue()


def painting(text: str) -> bytes:
    """An OpenRaster document with a layer of that name."""
    name = escape(_NOT_XML.sub("", text), {'"': "&quot;"})
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("mimetype", "image/openraster")
        made.writestr("stack.xml", f'<image><stack><layer name="[Generated] {name} (7)"/></stack></image>'.encode())
    return file.getvalue()


def psd(text: str) -> bytes:
    make = Maker()
    clean = "".join(letter for letter in valid(text)[:60] if letter <= "\uffff")
    placed, note = make.block("lnk2", embedded("id", clean, inner(text))), make.block("GenI", generative(1, clean))
    return make.document([make.layer(clean, "id")], placed, note)


def pdf(text: str) -> bytes:
    file = io.BytesIO()
    clean = valid(text)
    with pikepdf.new() as document:
        document.add_blank_page()
        document.docinfo["/Producer"] = pikepdf.String(clean)
        document.docinfo["/Title"] = pikepdf.String(marked(clean))
        document.attachments["a"] = pikepdf.AttachedFileSpec(
            document,
            inner(text),
            filename=clean[:100] or "x",
            description=clean,
            mime_type="image/png",
            creation_date="",
            mod_date="",
        )
        document.save(file)
    return file.getvalue()


def hidden(text: str) -> bytes:
    file = io.BytesIO()
    picture = Image.new("RGBA", (128, 128), "grey")
    embed_stealth_text(picture, "stealth_pngcomp", marked(valid(text)[:3000])).save(file, "PNG")
    return file.getvalue()


def keyword(text: str) -> bytes:
    return png([png_chunk(b"tEXt", raw(text).replace(b"\0", b"")[:79] + b"\0" + raw(text))])


def jpeg2000(text: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "JPEG2000", comment=raw(marked(text)))
    return file.getvalue()


def ole(text: str) -> bytes:
    """A compound file of one picture; names are no longer than 31 letters."""
    named = "".join(letter for letter in valid(text) if letter <= "\uffff" and letter not in "/\\:!")[:31] or "x"
    return compound({named: inner(text) + bytes(4096)})


def tga(text: str) -> bytes:
    return small_formats.tga(b"id", {43: raw(text)[:80]}, raw(marked(text)))


def ape_tag(text: str) -> bytes:
    return b"wvpk" + bytes(40) + small_formats.ape_tag([small_formats.ape_item("Comment", raw(marked(text)))])


PLACES: dict[str, tuple[str, Written]] = {
    "png text": ("png", inner),
    "png keyword": ("png", keyword),
    "png international text": ("png", lambda text: png([png_chunk(b"iTXt", b"AIGC\0\0\0\0\0" + raw(label(text)))])),
    "png graph": ("png", lambda text: png([png_chunk(b"tEXt", b"prompt\0" + raw(graph(text)))])),
    "png program": ("png", lambda text: png([png_chunk(b"tEXt", b"Software\0" + raw(text))])),
    "jpeg comment": ("jpg", lambda text: jpeg(segment(0xFE, raw(marked(text[:9000]))[:65_000]))),
    "exif": ("jpg", lambda text: jpeg(app1(b"Exif\0\0", exif(text[:3000])))),
    "tiff": ("tif", exif),
    "xmp": ("jpg", lambda text: jpeg(app1(b"http://ns.adobe.com/xap/1.0/\0", xmp(text[:3000])))),
    "xmp alone": ("xmp", xmp),
    "drawing": ("svg", lambda text: b'<svg xmlns="http://www.w3.org/2000/svg">' + xmp(text) + b"</svg>"),
    "picture in a drawing": ("svg", drawn),
    "layer of a painting": ("ora", painting),
    "preview of a drawing": ("eps", previewed),
    "picture in mail": ("eml", attached),
    "picture in a metafile": ("emf", lambda text: emf(*draw_plus(inner(text)))),
    "picture in rich text": ("rtf", written),
    "scene": ("glb", scene),
    "second page": ("tif", pages),
    "front matter": ("md", lambda text: raw(f"---\nAIGC: {label(valid(text)[:9000])}\n---\nwords\n")),
    "jpeg label": ("jpg", lambda text: jpeg(app1(b"", raw("AIGC" + label(text[:3000]))[:65_000]))),
    "iptc": ("jpg", lambda text: jpeg(iptc(text))),
    "gif comment": ("gif", gif),
    "exr": ("exr", exr),
    "portable map": ("ppm", lambda text: raw(f"P6\n#{text.splitlines()[0] if text else text}\n1 1\n255\nabc")),
    "targa": ("tga", tga),
    "cursor": ("cur", lambda text: small_formats.xcursor(valid(text))),
    "notes": ("mid", lambda text: small_formats.midi((1, raw(text)[:120]))),
    "ape tag": ("wv", ape_tag),
    "dpx": ("dpx", dpx),
    "photoshop": ("psd", psd),
    "credential": ("png", credential),
    "quicktime": ("mov", quicktime),
    "matroska": ("mkv", lambda text: movie("matroska", text)),
    "wave": ("wav", wave),
    "flac": ("flac", lambda text: tagged("flac", "flac", text)),
    "id3": ("mp3", id3),
    "archive": ("zip", archive),
    "tape archive": ("tar", tar),
    "office": ("docx", office),
    "jpeg 2000": ("jp2", jpeg2000),
    "compound file": ("aaf", ole),
    "pdf": ("pdf", pdf),
    "behind the end": ("jpg", lambda text: jpeg() + raw(marked(text))),
    "behind the end, named": ("jpg", lambda text: jpeg() + samsung({valid(text)[:200]: raw(text)})),
    "lowest bits": ("png", hidden),
}
"""Name of the place -> suffix, and how a file is made that carries a text there."""

BESIDE: dict[str, Written] = {
    "txt": lambda text: raw(marked(text)),
    "json": lambda text: raw(graph(text)),
    "xmp": xmp,
}
"""Suffix of a file beside a picture -> how one is made that carries the text."""
