"""A thumbnail of what a file shows, for people who read a report.

OpenCV, Pillow and FFmpeg are imported in the functions: most runs want no thumbnails and should not wait for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from provenance.media.source import Source
from provenance.media.types import find_type

if TYPE_CHECKING:
    from provenance.media.arrays import Rgb

LONGEST_SIDE = 320
"""Pixels."""
_LARGEST_FILE = 20_000
"""Bytes that a thumbnail may have if a lower quality helps."""
_QUALITIES = (80, 60, 40, 20)
"""JPEG qualities, tried until the file is small enough; the last is taken in any case."""


def make_thumbnail(source: Source) -> bytes | None:
    """A JPEG file of about 20 kB at most, with at most 320 pixels a side; None for what shows nothing.

    Raises `DecodeError`, `av.error.FFmpegError` or any of `stills.DAMAGE` for what cannot be decoded.
    """
    media_type = find_type(source.media_type)
    if media_type.is_moving:
        picture = _decode_movie_frame(source)
    elif media_type.decoder:
        picture = _decode_still(source)
    else:
        return None
    if picture is None:
        return None
    return _encode_small(picture)


def _decode_still(source: Source) -> Rgb:
    from provenance.decode import stills

    return stills.decode_thumbnail(source, LONGEST_SIDE)


def _decode_movie_frame(source: Source) -> Rgb | None:
    """A frame from a tenth into the movie: the very first one is often black."""
    from provenance.decode import stills
    from provenance.decode.av_container import open_essence

    with open_essence(source) as container:
        stream = next(iter(container.streams.video), None)
        if stream is None or stream.codec_context.width * stream.codec_context.height > source.limits.pixels:
            return None
        if container.duration:
            container.seek(container.duration // 10)
        # The first frame that can be decoded from there on.
        for frame in container.decode(stream):
            return stills.shrink(frame.to_ndarray(format="rgb24").astype(np.uint8), LONGEST_SIDE)
    return None


def _encode_small(picture: Rgb) -> bytes:
    from provenance.decode.jpeg_encode import encode_jpeg

    data = b""
    for quality in _QUALITIES:
        data = encode_jpeg(picture, quality, optimize=True)
        if len(data) <= _LARGEST_FILE:
            break
    return data
