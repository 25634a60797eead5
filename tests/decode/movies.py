"""Short movies made of paintings."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
from av.video.stream import VideoStream

from tests.matching.paint import Picture

_QUICK = {"libx264": {"preset": "superfast"}}


def movie(
    path: Path,
    frames: Iterable[Picture | av.VideoFrame],
    *,
    codec: str = "libx264",
    rate: Fraction | int = 24,
    timecode: str | None = None,
    pixels: str = "yuv420p",
    at: Iterable[int] | None = None,
    options: dict[str, str] | None = None,
    muxing: dict[str, str] | None = None,
    transfer: int | None = None,
    aspect: Fraction | None = None,
) -> Path:
    """Write a movie. `at`: presentation times in milliseconds, for a rate that varies. `transfer`: as H.273 counts."""
    with av.open(str(path), "w", options=muxing or {}) as out:
        stream = out.add_stream(codec, rate=rate, options=options or _QUICK.get(codec, {}))
        assert isinstance(stream, VideoStream)
        stream.pix_fmt = pixels
        if timecode:
            stream.metadata["timecode"] = timecode
        times = iter(at) if at else None
        if transfer:
            stream.codec_context.color_trc = transfer
        if aspect:
            stream.codec_context.sample_aspect_ratio = aspect
        if times:
            stream.codec_context.time_base = Fraction(1, 1000)
        for picture in frames:
            frame = (
                picture if isinstance(picture, av.VideoFrame) else av.VideoFrame.from_ndarray(picture, format="rgb24")
            )
            if not stream.codec_context.is_open:
                stream.width, stream.height = frame.width, frame.height
            if times:
                frame.pts, frame.time_base = next(times), Fraction(1, 1000)
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    return path


def turned(path: Path, quarter: int) -> Path:
    """The same movie with a display matrix that turns it by so many quarters, clockwise."""
    cosine, sine = ((1, 0), (0, 1), (-1, 0), (0, -1))[quarter]
    one = 0x10000
    matrix = struct.pack(">9i", cosine * one, sine * one, 0, -sine * one, cosine * one, 0, 0, 0, 0x40000000)
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4 + 40
    data[at : at + 36] = matrix
    path.write_bytes(data)
    return path


def edited(path: Path, skipped: int, shown: int, empty: int = 0) -> Path:
    """The same movie with an edit list: nothing for `empty` seconds, then media from `skipped`, for `shown` seconds."""
    data = bytearray(path.read_bytes())
    scale = struct.unpack_from(">I", data, data.index(b"mvhd") + 16)[0]
    ticks = struct.unpack_from(">I", data, data.index(b"mdhd") + 16)[0]
    at = data.index(b"elst")
    first = struct.unpack_from(">i", data, at + 16)[0]
    edits = [(empty * scale, -1)] if empty else []
    edits.append((shown * scale, first + skipped * ticks))
    listed = b"".join(struct.pack(">IiI", length, start, 0x10000) for length, start in edits)
    old = struct.unpack_from(">I", data, at - 4)[0]
    grown = 16 + len(listed) - old
    data[at - 4 : at - 4 + old] = (
        struct.pack(">I", 16 + len(listed)) + b"elst" + struct.pack(">II", 0, len(edits)) + listed
    )
    for name in (b"edts", b"trak", b"moov"):
        place = data.index(name) - 4
        struct.pack_into(">I", data, place, struct.unpack_from(">I", data, place)[0] + grown)
    path.write_bytes(data)
    return path
