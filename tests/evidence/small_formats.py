"""Files of the simpler formats, built byte by byte: pictures with a text header, icons, notes of music, APE tags."""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping, Sequence

from PIL import Image

from tests.evidence.build import png_chunk

APE_MARK = b"APETAGEX"


def saved(kind: str, mode: str = "RGB", size: tuple[int, int] = (8, 8)) -> bytes:
    """A picture as Pillow writes it."""
    file = io.BytesIO()
    Image.new(mode, size, 90).save(file, kind)
    return file.getvalue()


def netpbm(comment: str, magic: str = "P6", pixels: bytes = bytes(48)) -> bytes:
    return f"{magic}\n# {comment}\n4 4\n# second\n255\n".encode() + pixels


def radiance(*lines: str) -> bytes:
    head = "\n".join(("#?RADIANCE", *lines, "FORMAT=32-bit_rle_rgbe"))
    return f"{head}\n\n-Y 4 +X 4\n".encode() + bytes(64)


def miff(comment: str) -> bytes:
    return f"id=ImageMagick\nclass=DirectClass columns=4 rows=4\ncomment={{{comment}}}\n\f\n:\x1a".encode() + bytes(48)


def fits(*cards: str, data: bytes = bytes(2880), more: bytes = b"") -> bytes:
    fixed = ("SIMPLE  =                    T", "BITPIX  =                    8", "NAXIS   =                    2",
             "NAXIS1  =                   48", "NAXIS2  =                   60")  # fmt: skip
    head = "".join(card.ljust(80) for card in (*fixed, *cards, "END")).encode()
    return head.ljust(-(-len(head) // 2880) * 2880) + data + more


def tga(identification: bytes = b"", texts: Mapping[int, bytes] | None = None, developer: bytes = b"") -> bytes:
    """A TGA of 4 x 4 pixels; `texts` stand in its extension area, by their offset."""
    picture = struct.pack("<BBBHHBHHHHBB", len(identification), 0, 2, 0, 0, 0, 0, 0, 4, 4, 24, 0x20)
    picture += identification + bytes(48)
    if texts is None:
        return picture
    area = bytearray(495)
    for offset, text in texts.items():
        area[offset : offset + len(text)] = text
    start = len(picture) + len(developer)
    directory = struct.pack("<HHII", 1, 7, len(picture), len(developer)) if developer else b""
    directory_start = start + len(area) if developer else 0
    footer = struct.pack("<II", start, directory_start) + b"TRUEVISION-XFILE.\0"
    return picture + developer + bytes(area) + directory + footer


def fixed_fields(magic: bytes, length: int, texts: Mapping[int, bytes]) -> bytes:
    """A header of zeros with texts at their offsets."""
    data = bytearray(magic.ljust(length, b"\0"))
    for offset, text in texts.items():
        data[offset : offset + len(text)] = text
    return bytes(data)


def ico(*pictures: bytes, kind: int = 1) -> bytes:
    head, offset = struct.pack("<HHH", 0, kind, len(pictures)), 6 + 16 * len(pictures)
    for picture in pictures:
        head += struct.pack("<BBBBHHII", 16, 16, 0, 0, 1, 32, len(picture), offset)
        offset += len(picture)
    return head + b"".join(pictures)


def icns(**elements: bytes) -> bytes:
    body = b"".join(name.encode() + struct.pack(">I", len(data) + 8) + data for name, data in elements.items())
    return b"icns" + struct.pack(">I", len(body) + 8) + body


def xcursor(comment: str) -> bytes:
    text = comment.encode()
    chunk = struct.pack("<IIIII", 20, 0xFFFE0001, 3, 1, len(text)) + text
    return b"Xcur" + struct.pack("<III", 16, 1, 1) + struct.pack("<III", 0xFFFE0001, 3, 28) + chunk


def jng(picture: bytes, comment: str) -> bytes:
    half = len(picture) // 2
    chunks = (
        png_chunk(b"JHDR", struct.pack(">IIBBBBBBBB", 8, 8, 10, 8, 8, 0, 0, 0, 0, 0)),
        png_chunk(b"tEXt", b"Comment\0" + comment.encode()), png_chunk(b"JDAT", picture[:half]),
        png_chunk(b"JDAT", picture[half:]), png_chunk(b"IEND", b""),
    )  # fmt: skip
    return b"\x8bJNG\r\n\x1a\n" + b"".join(chunks)


def midi(*texts: tuple[int, bytes]) -> bytes:
    """One track: a note, texts as meta events, a running status, a system exclusive message."""
    track = b"\0\x90\x40\x40\x10\x40\0\0\xf0\3\1\2\xf7\0\xc0\5"
    for kind, text in texts:
        track += b"\0\xff" + bytes([kind, len(text)]) + text
    track += b"\x81\x00\xff\x2f\0"
    return b"MThd" + struct.pack(">IHHH", 6, 0, 1, 96) + b"MTrk" + struct.pack(">I", len(track)) + track


def mod(title: bytes, *samples: bytes) -> bytes:
    names = b"".join(name.ljust(22, b"\0") + bytes(8) for name in (*samples, *[b""] * (31 - len(samples))))
    return title.ljust(20, b"\0") + names + bytes(130) + b"M.K." + bytes(1024)


def s3m(title: bytes, name: bytes) -> bytes:
    head = title.ljust(28, b"\0") + b"\x1a\x10\0\0" + struct.pack("<HHH", 2, 1, 0) + bytes(6) + b"SCRM" + bytes(48)
    instrument = b"\1" + b"KICK.WAV".ljust(12, b"\0") + bytes(35) + name.ljust(28, b"\0") + b"SCRS"
    return (head + b"\0\xff" + struct.pack("<H", 7)).ljust(112, b"\0") + instrument


def xm(title: bytes, instrument: bytes, sample: bytes) -> bytes:
    head = b"Extended Module: " + title.ljust(20) + b"\x1a" + b"A Tracker".ljust(20) + b"\x04\x01"
    head += struct.pack("<IHHHHHHHH", 276, 1, 0, 4, 1, 1, 1, 6, 125) + bytes(256)
    pattern = struct.pack("<IBHH", 9, 0, 64, 3) + bytes(3)
    voice = struct.pack("<I", 263) + instrument.ljust(22, b"\0") + b"\0" + struct.pack("<H", 1) + bytes(234)
    wave = struct.pack("<I", 5) + bytes(14) + sample.ljust(22, b"\0") + bytes(5)
    return head + pattern + voice + wave


def it(title: bytes, message: bytes, sample: bytes) -> bytes:
    place = 192 + 2 + 4
    head = (
        b"IMPM" + title.ljust(26, b"\0") + b"\0\0" + struct.pack("<HHHH", 2, 0, 1, 0) + struct.pack("<HH", 0x214, 0x200)
    )
    head += struct.pack("<HH", 9, 1) + bytes(6) + struct.pack("<HI", len(message), place + 80)
    wave = b"IMPS" + b"KICK.WAV".ljust(12, b"\0") + bytes(4) + sample.ljust(26, b"\0") + bytes(34)
    return head.ljust(192, b"\0") + b"\0\xff" + struct.pack("<I", place) + wave + message


def ape_item(key: str, value: bytes, kind: int = 0) -> bytes:
    return struct.pack("<II", len(value), kind << 1) + key.encode() + b"\0" + value


def ape_tag(items: Sequence[bytes], count: int | None = None) -> bytes:
    """Header, items and footer."""
    body = b"".join(items)
    number = len(items) if count is None else count
    frames = [
        APE_MARK + struct.pack("<IIII", 2000, len(body) + 32, number, flags) + bytes(8)
        for flags in (0xA0000000, 0x80000000)
    ]
    return frames[0] + body + frames[1]
