"""Movies and sound of a million pieces, of pieces within pieces, and with false sizes."""

from __future__ import annotations

import struct
from functools import partial

from benchmarks.hostile.payloads import MIB, Makers, nest
from tests.evidence.build import box, riff, riff_chunk

_START = box("ftyp", b"isom\0\0\0\0isom")
_FOUR_GIB = b"\xff\xff\xff\xff"


def make_reportable() -> Makers:
    """Files for which a trouble must be reported."""
    return {
        "million-boxes.mp4": lambda: _START + box("free") * 1_000_000,
        "million-boxes-in-moov.mp4": lambda: _START + box("moov", box("udta", box("free") * 1_000_000)),
        "deep.mp4": lambda: _START + nest(partial(box, "moov"), b"", 5_000),
        "deep-user-data.mp4": lambda: _START + box("moov", nest(partial(box, "udta"), b"", 5_000)),
        "box-of-2-to-the-63.mp4": lambda: _START + b"\0\0\0\1moov\x80" + bytes(7) + box("udta"),
        "box-of-7.mp4": lambda: _START + b"\0\0\0\7moov" + bytes(64),
        "list-in-list.wav": lambda: _make_riff_lists(b"WAVE", 5_000),
        "list-in-list.avi": lambda: _make_riff_lists(b"AVI ", 5_000),
        "million-chunks.wav": lambda: riff(b"WAVE", riff_chunk(b"abcd", b"") * 1_000_000),
        "endless-values.mxf": lambda: _make_mxf_key(2) + b"\x88\x7f" + b"\xff" * 7 + bytes(64),
        "blocks-without-end.flac": lambda: b"fLaC\0\0\0\x22" + bytes(34) + b"\4\xff\xff\xff" + b"\xff" * 5000,
    }


def make_harmless() -> Makers:
    """Files that may be read without a trouble, or are not media: playlists that lead to other files and hosts."""
    tables = (box(kind, bytes(4), _FOUR_GIB) for kind in ("stts", "stsz", "stco", "stsc", "ctts", "stss"))
    stbl = box("stbl", box("stsd", bytes(8)), *tables)
    return {
        "box-of-0.mp4": lambda: _START + b"\0\0\0\0moov" + box("udta") * 100,
        "tables-of-4-gib.mp4": lambda: _START + box("moov", box("trak", box("mdia", box("minf", stbl)))),
        "keys-of-4-gib.mp4": lambda: _START + box("moov", box("meta", box("keys", bytes(4), b"\xff" * 64))),
        "65-gib.wav": lambda: b"RF64" + _FOUR_GIB + b"WAVE" + riff_chunk(b"ds64", b"\xff" * 28) + b"data" + _FOUR_GIB,
        "index-into-itself.avi": _make_index_into_itself,
        "deep.mkv": lambda: _make_matroska(b"\x12\x54\xc3\x67\x01" + b"\xff" * 7, 100_000),
        "deep-tags.mkv": lambda: _make_matroska(b"\x67\xc8\x01" + b"\xff" * 7, 100_000),
        "tag-of-256-mib.mp3": lambda: b"ID3\4\0\0\x7f\x7f\x7f\x7fTIT2\x7f\x7f\x7f\x7f\0\0" + b"\3a" * 500,
        "million-frames.mp3": lambda: b"ID3\3\0\0\x06\x20\0\0" + b"TXXX\0\0\0\2\0\0\0a" * 1_000_000,
        "comments-without-end.ogg": _make_endless_comments,
        "metadata-of-4-gib.ogg": lambda: _make_ogg(b"OpusTags" + _FOUR_GIB * 4),
        "playlist.mov": lambda: b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
        "concatenation.mov": lambda: b"ffconcat version 1.0\nfile /etc/passwd\n",
        "manifest.mp4": lambda: b'<?xml version="1.0"?><MPD><BaseURL>file:///etc/passwd</BaseURL></MPD>',
        "session.mov": lambda: b"v=0\nc=IN IP4 192.0.2.1\nm=video 5004 RTP/AVP 96\n",
        "reference.mov": _make_reference_movie,
    }


def _make_riff_lists(form: bytes, depth: int) -> bytes:
    return riff(form, nest(lambda inner: riff_chunk(b"LIST", b"INFO" + inner), b"", depth))


def _make_mxf_key(kind: int) -> bytes:
    return b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02\x01\x01%c\x04\x00" % kind


def _make_matroska(element: bytes, depth: int) -> bytes:
    """Elements of unknown length, each within the one before."""
    header = b"\x1a\x45\xdf\xa3\x8b\x42\x82\x88matroska"
    return header + b"\x18\x53\x80\x67\x01" + b"\xff" * 7 + element * depth


def _make_index_into_itself() -> bytes:
    """An index whose every entry is the index."""
    stream = struct.pack("<4s4sIHHIIIIIIII4H", b"vids", b"MJPG", 0, 0, 0, 0, 1, 25, 0, 1 << 31, 0, 0, 0, 0, 0, 64, 48)
    format_ = struct.pack("<IiiHH4sIiiII", 40, 64, 48, 1, 24, b"MJPG", 0, 0, 0, 0, 0)
    index = struct.pack("<HBBI4sQI", 2, 0, 1, 4000, b"00dc", 0, 0) + struct.pack("<QII", 300, 24, 1) * 4000
    streams = riff_chunk(
        b"LIST", b"strl" + riff_chunk(b"strh", stream) + riff_chunk(b"strf", format_) + riff_chunk(b"indx", index)
    )
    # The offset of every entry is that of the index.
    header = riff_chunk(b"LIST", b"hdrl" + riff_chunk(b"avih", bytes(56)) + streams)
    return riff(b"AVI ", header, riff_chunk(b"LIST", b"movi" + riff_chunk(b"00dc", bytes(64))))


def _make_ogg(packet: bytes) -> bytes:
    """Pages of one stream; their checksums are left zero."""
    # A page has at most 255 segments of 255 bytes; the last one must be shorter to end the packet.
    page_length = 255 * 254
    bodies = [b"OpusHead\1\1\0\0\x80\xbb\0\0\0\0\0"]
    bodies += [packet[start : start + page_length] for start in range(0, len(packet), page_length)]
    pages = bytearray()
    for number, body in enumerate(bodies):
        segments = bytes([255] * (len(body) // 255) + [len(body) % 255])
        is_first = 2 if number == 0 else 0
        pages += struct.pack("<4sBBQIIIB", b"OggS", 0, is_first, 0, 1, number, 0, len(segments)) + segments + body
    return bytes(pages)


def _make_endless_comments() -> bytes:
    return _make_ogg(b"OpusTags\1\0\0\0a\xff\xff\xff\x7f" + b"\3\0\0\0a=b" * MIB)


def _make_reference_movie() -> bytes:
    """A QuickTime movie that is a reference to another file."""
    place = box("rdrf", bytes(4), b"url ", struct.pack(">I", 20), b"file:///etc/passwd\0\0")
    alias = box("dref", bytes(4), b"\0\0\0\1", box("url ", bytes(4), b"file:///etc/passwd\0"))
    return box("ftyp", b"qt  \0\0\0\0qt  ") + box(
        "moov", box("rmra", box("rmda", place)), box("trak", box("mdia", box("minf", box("dinf", alias))))
    )
