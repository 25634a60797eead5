"""Files built byte by byte, and what a carrier says of them."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Mapping, Sequence
from random import Random

from provenance.evidence.interface import Carrier
from provenance.limits import DEFAULT, Limits
from provenance.media.source import Source
from provenance.model.evidence import Statement, Trouble

SMALL = Limits(chunks=500, packet=64 * 1024, inflated=64 * 1024, depth=8)
"""Limits that mutated files reach quickly."""


def source(
    data: bytes, media_type: str, sidecars: Mapping[str, bytes] | None = None, limits: Limits = DEFAULT
) -> Source:
    """A file in memory as a carrier sees it."""
    beside = sidecars or {}
    made = Source("file", len(data), media_type, "sha256:", "", limits, io.BytesIO(data))
    made.sidecars, made.beside = tuple(beside), beside.get
    return made


class Heard:
    """What a carrier said of a file."""

    def __init__(self, carrier: Carrier, at: Source) -> None:
        rows = list(carrier.read(at))
        self.statements = [row for row in rows if isinstance(row, Statement)]
        self.troubles = [row for row in rows if isinstance(row, Trouble)]

    def values(self, key: str) -> list[str]:
        return [row.value for row in self.statements if row.key == key]

    @property
    def said(self) -> dict[str, str]:
        return {row.key: row.value for row in self.statements}


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(before: Sequence[bytes] = (), after: Sequence[bytes] = (), end: bytes = png_chunk(b"IEND", b"")) -> bytes:
    """A grey pixel with chunks before and after its image data."""
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    pixels = png_chunk(b"IDAT", zlib.compress(b"\0\0"))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(before) + pixels + b"".join(after) + end


def segment(marker: int, data: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data


def jpeg(*segments: bytes, between: bytes = b"", end: bytes = b"\xff\xd9") -> bytes:
    """A frame of 40 x 30 with one scan of made-up data, stuffed zeros and restart markers in it."""
    frame = segment(0xC0, struct.pack(">BHHB", 8, 30, 40, 1) + b"\x01\x11\x00")
    scan = segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + b"\x12\xff\x00\x34\xff\xd0\x56"
    return b"\xff\xd8" + b"".join(segments) + frame + scan + between + end


def riff_chunk(kind: bytes, data: bytes, order: str = "<") -> bytes:
    return kind + struct.pack(order + "I", len(data)) + data + b"\0" * (len(data) % 2)


def riff(form: bytes, *chunks: bytes, magic: bytes = b"RIFF", order: str = "<") -> bytes:
    return riff_chunk(magic, form + b"".join(chunks), order)


def box(kind: bytes | str, *content: bytes) -> bytes:
    name = kind.encode("latin-1") if isinstance(kind, str) else kind
    data = b"".join(content)
    return struct.pack(">I", len(data) + 8) + name + data


def tiff(
    directories: Sequence[Mapping[int, tuple[int, bytes | int]]],
    order: str = "<",
    links: Mapping[int, int] | None = None,
) -> bytes:
    """A TIFF structure: for each directory tag -> (type, value bytes), an int instead pointing to a directory.

    `links` chains a directory to the next; values are laid behind all directories.
    """
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 8)
    starts, position = [], 8
    for fields in directories:
        starts.append(position)
        position += 2 + 12 * len(fields) + 4
    sizes = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 10: 8, 129: 1}
    made, values = b"", b""
    for i, fields in enumerate(directories):
        made += struct.pack(order + "H", len(fields))
        for tag, (kind, value) in sorted(fields.items()):
            data = struct.pack(order + "I", starts[value]) if isinstance(value, int) else value
            place = data.ljust(4, b"\0")
            if len(data) > 4:
                place, values = struct.pack(order + "I", position + len(values)), values + data
            made += struct.pack(order + "HHI", tag, kind, len(data) // sizes[kind]) + place
        following = (links or {}).get(i)
        made += struct.pack(order + "I", 0 if following is None else starts[following])
    return head + made + values


def packet(*properties: str, attributes: str = "") -> bytes:
    """An XMP packet with element properties, in its wrapper and with padding."""
    spaces = (
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
        'xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/" xmlns:stEvt="http://ns.adobe.com/xap/1.0/sType/ResourceEvent#" '
        'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:other="urn:other#" '
        'xmlns:TC260="http://www.tc260.org.cn/ns/AIGC/1.0/" xmlns:xmpNote="http://ns.adobe.com/xmp/note/"'
    )
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" {spaces} {attributes}>{"".join(properties)}</rdf:Description>'
        '</rdf:RDF></x:xmpmeta>\n      \n<?xpacket end="w"?>'
    ).encode()


def inflated_size(count: int) -> bytes:
    """A zlib stream that grows to `count` bytes."""
    return zlib.compress(b"A" * count, 9)


AAF_CLASS = bytes.fromhex("a598b3b3901cd4118053080036210804")


def compound(streams: Mapping[str, bytes], shift: int = 9, kind: bytes = AAF_CLASS) -> bytes:
    """An OLE compound file whose root is of a class (AAF's), with streams of at least 4096 bytes."""
    size = 1 << shift
    entries = [_entry("Root Entry", 5, 0xFFFFFFFE, 0, kind)]
    blocks, table = list[bytes](), list[int]()
    directory = -(-(1 + len(streams)) * 128 // size)
    for name, data in streams.items():
        entries.append(_entry(name, 2, directory + len(blocks), len(data)))
        count = -(-len(data) // size)
        table += [directory + len(blocks) + n + 1 for n in range(count - 1)] + [0xFFFFFFFE]
        blocks += [data[n * size : (n + 1) * size].ljust(size, b"\0") for n in range(count)]
    table = [*range(1, directory), 0xFFFFFFFE, *table]
    own = -(-(len(table) + 400) * 4 // size)
    places = [len(table) + n for n in range(own)]
    rest, further = places[109:], len(table) + own if own > 109 else 0xFFFFFFFE
    table += [0xFFFFFFFD] * own
    numbers = b"".join(struct.pack("<I", n) for n in table).ljust(own * size, b"\xff")
    if rest:  # a sector of its own names the sectors of the table that the header has no room for
        named = b"".join(struct.pack("<I", n) for n in rest).ljust(size - 4, b"\xff")
        numbers += named + struct.pack("<I", 0xFFFFFFFE)
    version = 4 if shift == 12 else 3
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, version, 0xFFFE, shift, 6)
    head += bytes(10) + struct.pack("<8I", own, 0, 0, 4096, 0xFFFFFFFE, 0, further, bool(rest))
    head += b"".join(struct.pack("<I", n) for n in [*places, *[0xFFFFFFFF] * 109][:109])
    return head.ljust(size, b"\0") + b"".join(entries).ljust(directory * size, b"\0") + b"".join(blocks) + numbers


def _entry(name: str, kind: int, first: int, length: int, class_id: bytes = bytes(16)) -> bytes:
    letters = name.encode("utf-16-le")
    lead = (
        letters.ljust(64, b"\0") + struct.pack("<HBB", len(letters) + 2, kind, 1) + b"\xff" * 12 + class_id + bytes(20)
    )
    return lead + struct.pack("<IQ", first, length)


def damage(data: bytes, dice: Random, reach: int | None = None) -> bytes:
    """Some bytes cut off, in three of ten cases, and up to seven replaced: any, or any of the first `reach`."""
    broken = bytearray(data[: dice.randrange(len(data))] if dice.random() < 0.3 else data)
    for _ in range(dice.randrange(1, 8)):
        if broken:
            broken[dice.randrange(min(len(broken), reach or len(broken)))] = dice.randrange(256)
    return bytes(broken)
