"""Short movies made of paintings."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
from av.video.stream import VideoStream

from tests.matching.paint import Picture


def movie(
    path: Path,
    frames: Iterable[Picture],
    *,
    codec: str = "libx264",
    rate: Fraction | int = 24,
    timecode: str | None = None,
    pixels: str = "yuv420p",
    at: Iterable[int] | None = None,
    options: dict[str, str] | None = None,
) -> Path:
    """Write a movie. `at`: presentation times in milliseconds, for a rate that varies."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=rate, options=options or {})
        assert isinstance(stream, VideoStream)
        stream.pix_fmt = pixels
        if timecode:
            stream.metadata["timecode"] = timecode
        times = iter(at) if at else None
        if times:
            stream.codec_context.time_base = Fraction(1, 1000)
        for picture in frames:
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            if not stream.codec_context.is_open:
                stream.width, stream.height = frame.width, frame.height
            if times:
                frame.pts, frame.time_base = next(times), Fraction(1, 1000)
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    return path
