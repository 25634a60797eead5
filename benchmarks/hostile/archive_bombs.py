"""Archives that unpack to more than any disk holds, or whose headers lie."""

from __future__ import annotations

import bz2
import gzip
import lzma
import struct
import zlib
from functools import partial

from benchmarks.hostile.payloads import LAUGHS, MIB, OUTSIDE, Makers, make_zero_stream, nest
from benchmarks.hostile.seeds import make_zip
from tests.evidence.build import png

GIB = 1024 * MIB
_DIRECTORY_ENTRY = "<4sHHHHHHIIIHHHHHII"
"""Entry of the central directory of a ZIP archive, as APPNOTE 4.3.12 lays it out."""
_LOCAL_HEADER = "<4sHHHHHIIIHH"
"""Header in front of a member, APPNOTE 4.3.7."""
_MAX_COUNT = 65_535
"""Members that the end record of a ZIP archive can count."""


def make_reportable() -> Makers:
    """Archives for which a trouble must be reported."""
    plain = make_zip({"a.png": png()})
    return {
        "forty-two.zip": _make_forty_two,
        "one-gigabyte.zip": lambda: _make_zip([(b"a", make_zero_stream(GIB, -15), GIB)]),
        "says-it-is-small.zip": lambda: _make_zip([(b"a.png", make_zero_stream(GIB, -15), 10)]),
        "chain.zip": lambda: nest(lambda inner: make_zip({"x.zip": inner}), plain, 60),
        "overlapping.zip": _make_overlapping,
        "many-members.zip": lambda: _make_zip([(b"%d" % number, b"\3\0", 0) for number in range(120_000)]),
        "no-directory.zip": lambda: plain[: plain.index(b"PK\1\2")],
        "directory-elsewhere.zip": lambda: plain[:-6] + b"\xff\xff\xff\x7f\0\0",
        "sixteen-gigabytes.gz": lambda: make_zero_stream(16 * GIB, 31),
        "chain.gz": lambda: nest(partial(gzip.compress, mtime=0), b"a", 60),
        "five-gigabytes.bz2": lambda: bz2.compress(bytes(900_000)) * 6000,
        "five-gigabytes.xz": lambda: lzma.compress(bytes(16 * MIB)) * 320,
        "huge-dictionary.xz": _make_huge_dictionary,
        "lying.tar": lambda: _make_tar_entry(b"a.png", b"77777777777") + bytes(512),
        "binary-size.tar": lambda: _make_tar_entry(b"a.png", b"\x80" + b"\xff" * 11) + bytes(512),
        "endless-name.tar": lambda: _make_tar_entry(b"././@LongLink", b"77777777777", b"L") + b"a" * MIB,
        "laughing.docx": lambda: _make_docx(LAUGHS),
        "reaching-out.docx": lambda: _make_docx(OUTSIDE),
    }


def make_harmless() -> Makers:
    """Archives that may be read without a trouble: odd, but within all bounds."""
    names = (
        "../" * 20 + "etc/passwd",
        "/etc/passwd",
        "C:\\x.png",
        "\\\\host\\share\\x.png",
        "a" * 60_000,
        "x\n\x1b[2J",
    )
    return {"names.zip": lambda: make_zip(dict.fromkeys(names, png()))}


def _make_forty_two() -> bytes:
    """Five layers of sixteen archives around four gigabytes: some kilobytes unpack to four thousand million MB."""
    core = _make_zip([(b"0.dll", make_zero_stream(4 * GIB - MIB, -15), 4 * GIB - MIB)])
    return nest(lambda inner: make_zip({f"lib {i}.zip": inner for i in range(16)}), core, 5)


def _make_zip(members: list[tuple[bytes, bytes, int]]) -> bytes:
    """A ZIP archive of members, given as (name, packed bytes, size in the headers)."""
    body, directory = bytearray(), bytearray()
    for name, packed, size in members:
        numbers = (0, len(packed), size, len(name), 0)
        entry = struct.pack(_DIRECTORY_ENTRY, b"PK\1\2", 20, 20, 0, 8, 0, 0, *numbers, 0, 0, 0, 0, len(body))
        directory += entry + name
        body += struct.pack(_LOCAL_HEADER, b"PK\3\4", 20, 0, 8, 0, 0, *numbers) + name + packed
    return bytes(body) + bytes(directory) + _make_zip_end(len(members), len(directory), len(body))


def _make_zip_end(count: int, length: int, offset: int) -> bytes:
    shown = min(count, _MAX_COUNT)
    return struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, shown, shown, length, offset, 0)


def _make_overlapping() -> bytes:
    """Twenty thousand members that all share the same bytes."""
    packed = make_zero_stream(16 * MIB, -15)
    body = struct.pack(_LOCAL_HEADER, b"PK\3\4", 20, 0, 8, 0, 0, 0, len(packed), 16 * MIB, 1, 0) + b"a" + packed
    entry = (
        struct.pack(_DIRECTORY_ENTRY, b"PK\1\2", 20, 20, 0, 8, 0, 0, 0, len(packed), 16 * MIB, 1, 0, 0, 0, 0, 0, 0)
        + b"a"
    )
    return body + entry * 20_000 + _make_zip_end(20_000, len(entry) * 20_000, len(body))


def _make_huge_dictionary() -> bytes:
    """A stream that asks for a dictionary of 1.5 GB before it gives any data."""
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 4096}]
    plain = bytearray(lzma.compress(b"a" * 100, lzma.FORMAT_XZ, lzma.CHECK_NONE, filters=filters))
    # The header of the first block follows the stream header; its first byte counts it in words of four bytes.
    start = 12
    end = start + (plain[start] + 1) * 4
    plain[start + 4] = 39  # code of the dictionary size
    checksum = zlib.crc32(plain[start : end - 4])
    plain[end - 4 : end] = checksum.to_bytes(4, "little")
    return bytes(plain)


def _make_tar_entry(name: bytes, size: bytes, kind: bytes = b"0") -> bytes:
    header = bytearray(512)
    header[:100] = name.ljust(100, b"\0")
    header[124:136] = size.ljust(12, b"\0")
    header[156:157] = kind
    header[257:265] = b"ustar\x0000"
    # The checksum is taken with spaces in its own place.
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header)


def _make_docx(prologue: bytes) -> bytes:
    return make_zip({"[Content_Types].xml": b"<T/>", "docProps/core.xml": prologue + b"<a><title>&a11;</title></a>"})
