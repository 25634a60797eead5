"""A picture file that moves: GIF, WebP, APNG and AVIF with several frames, read within bounds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from av.video.frame import VideoFrame
from PIL import Image

from provenance import timecode
from provenance.decode import frames, stills
from provenance.decode.errors import DecodeError
from provenance.media.source import Source
from provenance.media.types import find_type
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause

_MOST_FRAMES = 600
"""Frames decoded of one file; together they may have no more pixels than one picture."""
_NOMINAL_RATE = Fraction(10)
"""Frames a second for timecode: each frame of an animation has a duration of its own."""
_ZERO = timecode.StartTimecode(0, _NOMINAL_RATE)
_DEFAULT_DURATION = 0.1
"""Seconds for a frame that names no duration, or one out of range."""
_SHORTEST_DURATION = 10
"""Milliseconds; less cannot be seen."""
_LONGEST_DURATION = 60_000
"""Milliseconds."""


@dataclass(slots=True)
class Animation:
    """The frames of one picture file, as they are shown."""

    source: Source
    troubles: list[Trouble] = field(default_factory=list)
    pixel_aspect: Fraction = Fraction(1)
    rate: Fraction = _NOMINAL_RATE
    start: timecode.StartTimecode = _ZERO
    duration: float = 0.0
    """Always 0: known only at the end."""
    last_duration: float = 0.0

    def frames(self) -> Iterator[tuple[float, VideoFrame]]:
        """Yield seconds from the first frame, and the frame."""
        time = 0.0
        with _open(self.source) as image:
            pixels = image.width * image.height
            most = min(_MOST_FRAMES, max(1, self.source.limits.pixels // pixels))
            for number in range(most):
                try:
                    image.seek(number)
                    picture = stills.convert_to_rgb(image)
                # The end of the animation.
                except EOFError:
                    return
                except stills.DAMAGE as error:
                    detail = f"frame {number + 1}: {error}"
                    self.troubles.append(DecodeError(Cause.MALFORMED, detail).trouble)
                    return
                self.last_duration = _read_duration(image)
                yield time, frames.from_rgb(picture)
                time += self.last_duration
            if _has_frame(image, most):
                detail = f"only the first {most} frames were looked at"
                self.troubles.append(DecodeError(Cause.OVERSIZED, detail).trouble)


def find_animation(source: Source) -> Animation | None:
    """The animation in a picture file; None for a still, and for one that is too large or cannot be opened."""
    if not find_type(source.media_type).may_animate:
        return None
    try:
        with _open(source) as image:
            is_animated = getattr(image, "is_animated", False)
            is_within_limit = image.width * image.height <= source.limits.pixels
    except (*stills.DAMAGE, Image.DecompressionBombError):
        return None
    if is_animated and is_within_limit:
        return Animation(source)
    return None


def _open(source: Source) -> Image.Image:
    return stills.open_with_pillow(source, find_type(source.media_type).pillow_format)


def _read_duration(image: Image.Image) -> float:
    """Seconds for which the current frame is shown."""
    duration = image.info.get("duration")
    if isinstance(duration, int | float) and _SHORTEST_DURATION <= duration <= _LONGEST_DURATION:
        return duration / 1000
    return _DEFAULT_DURATION


def _has_frame(image: Image.Image, number: int) -> bool:
    try:
        image.seek(number)
    except (EOFError, *stills.DAMAGE):
        return False
    return True
