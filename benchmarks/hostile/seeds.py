"""Intact files to start from: those of folders, and a small one of every further format, made here.

No file made here mentions generation, so nothing that damage makes of it may mention it either.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import struct
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import av
from PIL import Image

from tests.evidence.build import box, compound, packet, png, png_chunk, riff, riff_chunk, tiff

MAX_BYTES = 160 * 1024
"""Size of the files that are used of a folder: larger ones cost time and have no further structure to damage."""
WORDS = "a comment"
_XMP = b"XML:com.adobe.xmp" + bytes(5)


def collect_seeds(folders: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of every file below the folders, unless empty or too large, then of those made here."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if not path.is_file() or path.suffix in (".py", ".md"):
                continue
            if 0 < path.stat().st_size <= MAX_BYTES:
                yield os.fspath(path.relative_to(folder.parent)), path.read_bytes()
    yield from make_seeds()


def make_seeds() -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of a small file of each format."""
    yield from _make_stills()
    yield from _make_movies()
    yield from _make_audio_files()
    yield from _make_structures()
    yield from _make_archives()


def _make_stills() -> Iterator[tuple[str, bytes]]:
    exif = Image.Exif()
    exif[0x010E], exif[0x0131] = WORDS, "a program"
    tagged = {"exif": exif, "xmp": packet(f"<dc:title>{WORDS}</dc:title>")}
    for suffix, kind, options in (
        ("bmp", "BMP", {}), ("ico", "ICO", {}), ("pgm", "PPM", {}), ("tga", "TGA", {}), ("qoi", "QOI", {}),
        ("sgi", "SGI", {}), ("dds", "DDS", {}), ("icns", "ICNS", {}), ("eps", "EPS", {}), ("pdf", "PDF", {}),
        ("gif", "GIF", {"comment": WORDS.encode()}), ("jp2", "JPEG2000", {}), ("jpg", "JPEG", tagged),
        ("progressive.jpg", "JPEG", {**tagged, "progressive": True}), ("mpo", "MPO", {}),
        ("lossless.webp", "WEBP", {**tagged, "lossless": True}), ("webp", "WEBP", tagged), ("avif", "AVIF", tagged),
        ("tif", "TIFF", tagged), ("lzw.tif", "TIFF", {"compression": "tiff_lzw"}),
        ("deflate.tif", "TIFF", {"compression": "tiff_adobe_deflate"}),
    ):  # fmt: skip
        file = io.BytesIO()
        _draw_picture().save(file, kind, **options)
        yield f"written/still.{suffix}", file.getvalue()
    frames = [_draw_picture().rotate(turn) for turn in (0, 90, 180)]
    for suffix, kind in (("gif", "GIF"), ("png", "PNG"), ("webp", "WEBP"), ("tif", "TIFF")):
        file = io.BytesIO()
        frames[0].save(file, kind, save_all=True, append_images=frames[1:])
        yield f"written/several.{suffix}", file.getvalue()


def _draw_picture() -> Image.Image:
    return Image.linear_gradient("L").resize((48, 32)).convert("RGB")


def _make_movies() -> Iterator[tuple[str, bytes]]:
    for kind, codec in (
        ("mov", "mjpeg"), ("mp4", "libx264"), ("matroska", "mpeg4"), ("webm", "libvpx"), ("avi", "mpeg4"),
        ("mpegts", "mpeg2video"), ("mpeg", "mpeg2video"), ("flv", "flv"), ("asf", "wmv2"), ("mxf", "mpeg2video"),
        ("mov", "prores_ks"), ("mp4", "mpeg4"),
    ):  # fmt: skip
        file = io.BytesIO()
        options = {"movflags": "use_metadata_tags"} if kind == "mp4" else {}
        with av.open(file, "w", format=kind, options=options) as container:
            container.metadata.update({"comment": WORDS, "title": WORDS})
            stream = container.add_stream(codec, rate=25)
            assert isinstance(stream, av.VideoStream)
            stream.width, stream.height = 64, 48
            # Each encoder has its own pixel formats.
            pixel_formats = stream.codec.video_formats or [av.VideoFormat("yuv420p")]
            stream.pix_fmt = pixel_formats[0].name
            for _ in range(3):
                container.mux(stream.encode(av.VideoFrame(64, 48, stream.pix_fmt)))
            container.mux(stream.encode())
        yield f"written/{codec}.{kind}", file.getvalue()


def _make_audio_files() -> Iterator[tuple[str, bytes]]:
    for kind, codec in (
        ("mp3", "libmp3lame"), ("flac", "flac"), ("ogg", "libopus"), ("wav", "pcm_s16le"), ("aiff", "pcm_s16be"),
        ("w64", "pcm_s16le"), ("caf", "pcm_s16le"), ("ipod", "aac"), ("wv", "wavpack"), ("ac3", "ac3"),
        ("adts", "aac"),
    ):  # fmt: skip
        file = io.BytesIO()
        with av.open(file, "w", format=kind) as container:
            container.metadata.update({"comment": WORDS, "title": WORDS})
            stream = container.add_stream(codec, rate=48_000)
            assert isinstance(stream, av.AudioStream)
            stream.layout = "mono"
            frame = av.AudioFrame(stream.codec_context.format.name, "mono", stream.codec_context.frame_size or 1024)
            frame.sample_rate = 48_000
            for plane in frame.planes:
                plane.update(bytes(plane.buffer_size))
            container.mux(stream.encode(frame))
            container.mux(stream.encode())
        yield f"written/{codec}.{kind}", file.getvalue()


def _make_structures() -> Iterator[tuple[str, bytes]]:
    """Files that no encoder at hand writes, byte by byte."""
    text, xmp = WORDS.encode(), packet(f"<dc:title>{WORDS}</dc:title>")
    resource = b"8BIM" + struct.pack(">HHI", 1060, 0, len(xmp)) + xmp
    item = box("ilst", box("\xa9cmt", box("data", struct.pack(">II", 1, 0), text)))
    places = box("meta", bytes(4), box("iinf", bytes(6)), box("iloc", bytes(8)))
    files = {
        "text.png": png([png_chunk(b"tEXt", b"Comment\0" + text), png_chunk(b"iTXt", _XMP + xmp)]),
        "bext.wav": riff(
            b"WAVE", riff_chunk(b"bext", text.ljust(700, b"\0")), riff_chunk(b"iXML", b"<BWFXML><NOTE/></BWFXML>"),
            riff_chunk(b"LIST", b"INFO" + riff_chunk(b"ICMT", text)), riff_chunk(b"data", bytes(64)),
        ),
        "comment.exr": (
            b"v/1\x01\x02\0\0\0" + _make_exr_attribute("comments", "string", text)
            + _make_exr_attribute("dataWindow", "box2i", bytes(16))
        ),
        "raw.dng": tiff([
            {0x010F: (2, b"a camera\0"), 0xC612: (1, b"\1\4\0\0"), 0x8769: (4, 1)},
            {0x9286: (7, b"ASCII\0\0\0" + text)},
        ]),
        "flat.psd": b"8BPS" + struct.pack(">H6xHIIHH4xI", 1, 3, 4, 4, 8, 3, len(resource)) + resource + bytes(54),
        "boxes.mov": box("ftyp", b"qt  \0\0\0\0") + box("moov", box("udta", box("meta", bytes(4), item))) + box("mdat"),
        "boxes.heic": box("ftyp", b"heic\0\0\0\0heic") + places,
        "boxes.jxl": box("JXL ", b"\r\n\x87\n") + box("ftyp", b"jxl \0\0\0\0jxl ") + box("xml ", xmp) + box("jxlc"),
        "drawing.svg": b'<svg xmlns="http://www.w3.org/2000/svg"><metadata>' + xmp + b"</metadata></svg>",
        "sidecar.xmp": xmp,
        "cut.aaf": compound({"Data-1": png() + bytes(4096), "properties": bytes(5000)}),
        "list.json": b'{"a": [1, 2, {"b": "c"}], "d": null}',
        "tagged.mp3": _make_id3(text) + b"\xff\xfb\x90\x64" + bytes(413),
    }  # fmt: skip
    for name, data in files.items():
        yield f"written/{name}", data


def _make_exr_attribute(name: str, kind: str, value: bytes) -> bytes:
    return f"{name}\0{kind}\0".encode() + struct.pack("<I", len(value)) + value


def _make_id3(text: bytes) -> bytes:
    """A tag of ID3 version 2.4."""
    frames = b""
    for name, value in (
        (b"TIT2", b"\3" + text),
        (b"COMM", b"\0eng\0" + text),
        (b"TXXX", b"\0key\0" + text),
        (b"APIC", b"\0image/png\0\3\0" + png()),
        (b"PRIV", b"XMP\0" + packet()),
    ):
        frames += name + struct.pack(">IH", len(value), 0) + value
    # The size is "synchsafe": seven bits in each of four bytes.
    size = bytes(len(frames) >> shift & 127 for shift in (21, 14, 7, 0))
    return b"ID3\4\0\0" + size + frames


def _make_archives() -> Iterator[tuple[str, bytes]]:
    parts = {"note.txt": WORDS.encode(), "still.png": png(), "folder/deep.xmp": packet()}
    tar = _make_tar(parts)
    document = {
        "[Content_Types].xml": b"<Types/>",
        "docProps/core.xml": b"<p xmlns='http://purl.org/dc/elements/1.1/'><title>a note</title></p>",
        "word/media/image1.png": png(),
    }
    text = {"mimetype": b"application/vnd.oasis.opendocument.text", "meta.xml": b"<m>x</m>", "Pictures/1.png": png()}
    project = b"<?xml version='1.0'?><PremiereData><Name>x</Name></PremiereData>"
    files = {
        "parts.zip": make_zip(parts),
        "note.docx": make_zip(document),
        "note.odt": make_zip(text, zipfile.ZIP_STORED),
        "parts.tar": tar,
        "parts.tar.gz": gzip.compress(tar, mtime=0),
        "parts.tar.bz2": bz2.compress(tar),
        "parts.tar.xz": lzma.compress(tar),
        "project.prproj": gzip.compress(project, mtime=0),
        "nested.zip": make_zip({"inner.zip": make_zip(parts), "inner.tar": tar}),
    }
    for name, data in files.items():
        yield f"written/{name}", data


def _make_tar(parts: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name, data in parts.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return file.getvalue()


def make_zip(parts: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive of these members, the same on every day."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return file.getvalue()
