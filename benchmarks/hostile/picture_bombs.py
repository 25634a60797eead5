"""Pictures that are larger than they look, or never end."""

from __future__ import annotations

import struct
import zlib

from benchmarks.hostile.payloads import LAUGHS, MIB, Makers, make_zero_stream
from tests.evidence.build import box, jpeg, png, png_chunk, riff, riff_chunk, segment, tiff

_XMP = b"XML:com.adobe.xmp\0\1\0\0\0"
"""Head of an iTXt chunk that holds a compressed XMP packet."""
_EXR_NUMBER = b"a\0int\0\4\0\0\0aaaa"
"""An attribute of an OpenEXR header: name, type, size, value."""
_MAX_BLOCKS_OF_CODE = 32_767
"""Blocks that one end-of-band code of a progressive JPEG can end."""


def make_reportable() -> Makers:
    """Pictures for which a trouble must be reported."""
    return {
        "inflated-itxt.png": lambda: png([png_chunk(b"iTXt", b"Comment\0\1\0\0\0" + make_zero_stream(1024 * MIB))]),
        "inflated-ztxt.png": lambda: png([png_chunk(b"zTXt", b"Comment\0\0" + make_zero_stream(1024 * MIB))]),
        "inflated-many.png": lambda: png([png_chunk(b"zTXt", b"k\0\0" + make_zero_stream(15 * MIB))] * 300),
        "inflated-xmp.png": lambda: png([png_chunk(b"iTXt", _XMP + make_zero_stream(512 * MIB))]),
        "laughing-xmp.png": lambda: png([png_chunk(b"iTXt", _XMP + zlib.compress(LAUGHS + b"<x>&a11;</x>"))]),
        "million-chunks.png": lambda: png([png_chunk(b"abCd", b"")] * 1_000_000),
        "chunk-of-4-gib.png": lambda: png()[:33] + b"\xff\xff\xff\xfftEXtparameters\0",
        "million-comments.jpg": lambda: jpeg(*[segment(0xFE, b"")] * 1_000_000),
        "xmp-far-away.jpg": _make_far_away_xmp,
        "million-extensions.gif": lambda: b"GIF89a" + bytes(7) + b"\x21\xfe\0" * 1_000_000 + b";",
        "endless-blocks.gif": lambda: b"GIF89a" + bytes(7) + b"\x21\xfe" + b"\xff" * 4 * MIB,
        "chain.tif": lambda: _make_tiff_chain(80_000),
        "far-directory.tif": lambda: b"II+\0\x08\0\0\0" + b"\xff" * 7 + b"\x7f" + bytes(32),
        "million-attributes.exr": lambda: b"v/1\x01\x02\0\0\0" + _EXR_NUMBER * 1_000_000 + b"\0",
        "endless-parts.exr": lambda: b"v/1\x01\x02\x10\0\0" + (_EXR_NUMBER + b"\0") * 200_000,
        "attribute-of-2-gib.exr": lambda: b"v/1\x01\x02\0\0\0a\0string\0\xff\xff\xff\x7fabc",
        "million-places.heic": _make_million_places,
    }


def make_harmless() -> Makers:
    """Pictures that may be read without a trouble: headers of pictures too large to decode, loops that end."""
    return {
        "170-megapixels.png": lambda: _make_png(13_000, 13_000, 0, make_zero_stream(162 * MIB)),
        "170-megapixels-deep.png": lambda: _make_png(13_000, 13_000, 6, make_zero_stream(1291 * MIB), depth=16),
        "400-megapixels.png": lambda: _make_png(20_000, 20_000, 0, make_zero_stream(382 * MIB)),
        "header-of-400-megapixels.png": lambda: _make_png(20_000, 20_000, 2, b""),
        "header-of-2-to-the-62.png": lambda: _make_png(0x7FFFFFFF, 0x7FFFFFFF, 6, b""),
        "profile-of-1-gib.png": lambda: png([png_chunk(b"iCCP", b"x\0\0" + make_zero_stream(1024 * MIB))]),
        "animation-of-2-to-the-31.png": lambda: png([png_chunk(b"acTL", b"\x7f\xff\xff\xff\0\0\0\0")]),
        "scans.jpg": lambda: _make_scans(13_000, 2_000),
        "header-of-4000-megapixels.jpg": lambda: jpeg(segment(0xC2, b"\x08\xff\xdc\xff\xdc\x01\x01\x11\x00")),
        "loop.tif": _make_looping_tiff,
        "loop-of-directories.tif": lambda: tiff([{0x8769: (4, 0)}, {0x8769: (4, 0)}], links={0: 1, 1: 0}),
        "far-values.tif": lambda: _make_tiff_field(0x010E, 2, 0xFFFFFFFF, 0xFFFFFFF0),
        "everything-of-one-value.tif": _make_shared_value_tiff,
        "packed-3600-megapixels.tif": _make_packed_tiff,
        "canvas-of-65535.gif": lambda: _make_gif(65_535, 65_535),
        "header-of-65536.exr": _make_exr,
        "header-of-2-to-the-32.dpx": lambda: b"SDPX" + b"\xff" * 2044,
        "header-of-300000.psd": lambda: b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH14x", 56, 300_000, 300_000, 32, 3),
        "header-of-16383.webp": lambda: riff(b"WEBP", riff_chunk(b"VP8L", b"\x2f\xff\xff\xff\x0f" + bytes(64))),
        "header-of-2-to-the-31.avif": _make_avif,
        "header-of-2-to-the-31.bmp": lambda: b"BM" + struct.pack("<12xIiiHH24x", 40, 2**31 - 1, 1 - 2**31, 1, 32),
        "header-of-2-to-the-32.jp2": _make_jp2,
    }  # fmt: skip


def _make_png(width: int, height: int, colour: int, pixels: bytes, depth: int = 8) -> bytes:
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + png_chunk(b"IDAT", pixels) + png_chunk(b"IEND", b"")


def _make_scans(side: int, count: int) -> bytes:
    """A progressive grey picture of many scans, each of which says in a few bytes that all blocks stay zero."""
    blocks = ((side + 7) // 8) ** 2
    frame = segment(0xC2, struct.pack(">BHHB", 8, side, side, 1) + b"\x01\x11\x00")
    tables = segment(0xDB, b"\0" + b"\1" * 64)
    tables += segment(0xC4, b"\x00\x01" + bytes(15) + b"\0") + segment(0xC4, b"\x10\x01" + bytes(15) + b"\xe0")
    first = segment(0xDA, b"\x01\x01\x00\x00\x00\x00") + bytes((blocks + 7) // 8)
    end_of_band = "0" + "1" * 14  # this block and the next 32,766 end here
    digits = end_of_band * (blocks // _MAX_BLOCKS_OF_CODE + 1)
    length = -(-len(digits) // 8)
    codes = int(digits.ljust(length * 8, "1"), 2).to_bytes(length, "big")
    # In scan data, a byte 0xff is followed by a zero, so that it is not taken for a marker.
    scan = segment(0xDA, b"\x01\x01\x00\x01\x3f\x00") + codes.replace(b"\xff", b"\xff\0")
    return b"\xff\xd8" + tables + frame + first + scan * count + b"\xff\xd9"


def _make_far_away_xmp() -> bytes:
    """Two hundred extended packets, each with its portion at the far end of four gigabytes."""
    name = b"http://ns.adobe.com/xmp/extension/\0"
    size_and_offset = b"\xff\xff\xff\xff\xff\xff\xff\x00"
    portions = [segment(0xE1, name + b"%032d" % number + size_and_offset + b"abc") for number in range(200)]
    return jpeg(*portions)


def _make_looping_tiff() -> bytes:
    """A directory that is followed by itself."""
    return tiff([{0x010F: (2, b"a camera\0")}], links={0: 0})


def _make_tiff_chain(length: int) -> bytes:
    """Directories of one field, each leading to the next."""
    tiff_bytes = bytearray(b"II*\0\x08\0\0\0")
    directory_length = 18
    for number in range(1, length + 1):
        is_last = number == length
        following = 0 if is_last else 8 + number * directory_length
        tiff_bytes += struct.pack("<HHHIII", 1, 0x0100, 4, 1, 1, following)
    return bytes(tiff_bytes)


def _make_tiff_field(tag: int, kind: int, count: int, value: int) -> bytes:
    return b"II*\0\x08\0\0\0" + struct.pack("<HHHIII", 1, tag, kind, count, value, 0)


def _make_shared_value_tiff() -> bytes:
    """Sixty thousand fields that all share one value of a megabyte."""
    start = 8 + 2 + 12 * 60_000 + 4
    fields = b"".join(struct.pack("<HHII", 0x8000 + i % 0x7000, 2, MIB, start) for i in range(60_000))
    return b"II*\0\x08\0\0\0" + struct.pack("<H", 60_000) + fields + bytes(4) + b"words " * (MIB // 6 + 1)


def _make_packed_tiff() -> bytes:
    """A single strip, packed by deflate, of 60,000 x 60,000 pixels."""
    data = make_zero_stream(3600 * MIB)
    values = {256: 60_000, 257: 60_000, 258: 8, 259: 8, 262: 1, 273: 0, 277: 1, 278: 60_000, 279: len(data)}
    values[273] = 8 + 2 + 12 * len(values) + 4
    fields = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in values.items())
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(values)) + fields + bytes(4) + data


def _make_gif(width: int, height: int) -> bytes:
    head = b"GIF89a" + struct.pack("<HH", width, height) + b"\x80\0\0" + bytes(6)
    return head + b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x08\x04\x00\xff\x05\x04\x00;"


def _make_exr() -> bytes:
    def pack_attribute(name: bytes, kind: bytes, value: bytes) -> bytes:
        return name + b"\0" + kind + b"\0" + struct.pack("<I", len(value)) + value

    window = struct.pack("<4i", 0, 0, 65_535, 65_535)
    attributes = [
        pack_attribute(b"channels", b"chlist", b"R\0\2" + bytes(5) + b"\1\0\0\0\1\0\0\0\0"),
        pack_attribute(b"compression", b"compression", b"\3"),
        pack_attribute(b"dataWindow", b"box2i", window),
        pack_attribute(b"displayWindow", b"box2i", window),
        pack_attribute(b"lineOrder", b"lineOrder", b"\0"),
    ]
    return b"v/1\x01\x02\0\0\0" + b"".join(attributes) + bytes(64)


def _make_avif() -> bytes:
    size = box("ispe", bytes(4), b"\x7f\xff\xff\xff\x7f\xff\xff\xff")
    meta = box("meta", bytes(4), box("pitm", b"\0\0\0\0\0\1"), box("iprp", box("ipco", size), box("ipma", bytes(8))))
    return box("ftyp", b"avif\0\0\0\0avifmif1miaf") + meta + box("mdat", bytes(64))


def _make_jp2() -> bytes:
    header = box("jp2h", box("ihdr", b"\xff" * 8 + b"\0\3\7\7\0\0"))
    return box("jP  ", b"\r\n\x87\n") + box("ftyp", b"jp2 \0\0\0\0jp2 ") + header


def _make_million_places() -> bytes:
    """One HEIF item in more than a million pieces."""
    piece = b"\0\1\0\0\0\1\xff\xff" + b"\0\0\0\0\0\0\0\1" * 65_535
    places = box("iloc", b"\0\0\0\0\x44\x00\xff\xff", piece * 20)
    entry = box("infe", b"\2\0\0\0\0\1\0\0Exif\0")
    meta = box("meta", bytes(4), box("iinf", bytes(4), b"\0\1", entry), places)
    return box("ftyp", b"heic\0\0\0\0heic") + meta
