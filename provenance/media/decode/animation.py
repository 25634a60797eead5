"""A picture file that moves: GIF, WebP, APNG and AVIF with several frames, none of which may eat the machine."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from av.video.frame import VideoFrame
from PIL import Image

from provenance import timecode
from provenance.media.decode import frames, stills
from provenance.media.decode.errors import DecodeError
from provenance.media.source import Source
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause

_KINDS = frozenset({"image/gif", "image/webp", "image/png", "image/avif"})
_MOST = 600
"""Frames looked at; together they have no more pixels than one picture may have."""
_RATE = Fraction(10)
_ZERO = timecode.Start(0, _RATE)
_USUAL = 0.1
"""Seconds that a frame stands which names no time, or none that can be seen."""


@dataclass(slots=True)
class Animation:
    """The frames of one picture file, as they are shown."""

    source: Source
    troubles: list[Trouble] = field(default_factory=list)
    pixel_aspect: Fraction = Fraction(1)
    rate: Fraction = _RATE
    start: timecode.Start = _ZERO
    duration: float = 0.0

    def frames(self) -> Iterator[tuple[float, VideoFrame]]:
        """Seconds from the first frame, and the frame."""
        time, number, limit = 0.0, 0, self.source.limits.pixels
        with _opened(self.source) as image:
            most = min(_MOST, max(1, limit // (image.width * image.height)))
            while number < most:
                try:
                    image.seek(number)
                    picture = stills.colour(image)
                except EOFError:
                    return
                except stills.DAMAGE as error:
                    self.troubles.append(DecodeError(Cause.MALFORMED, f"frame {number + 1}: {error}").trouble)
                    return
                yield time, frames.from_rgb(picture)
                time, number = time + _seconds(image), number + 1
            if _goes_on(image, number):
                detail = f"only the first {number} frames were looked at"
                self.troubles.append(DecodeError(Cause.OVERSIZED, detail).trouble)


def find_animation(source: Source) -> Animation | None:
    """The moving picture in a picture file; None for one that stands still, is too large or cannot be opened."""
    if source.media_type not in _KINDS:
        return None
    try:
        with _opened(source) as image:
            moves = bool(getattr(image, "is_animated", False))
            return Animation(source) if moves and image.width * image.height <= source.limits.pixels else None
    except (*stills.DAMAGE, Image.DecompressionBombError):
        return None


def _opened(source: Source) -> Image.Image:
    source.file.seek(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the size is checked against our own limit
        return Image.open(source.file, formats=[stills.FORMATS[source.media_type]])


def _seconds(image: Image.Image) -> float:
    told = image.info.get("duration")
    return told / 1000 if isinstance(told, int | float) and 10 <= told <= 60_000 else _USUAL


def _goes_on(image: Image.Image, number: int) -> bool:
    try:
        image.seek(number)
    except (EOFError, *stills.DAMAGE):
        return False
    return True
