"""What is looked at once the words of a file were read: a movie in stretches, a sound as a whole.

As many workers as there are look at the stretches of a movie. One that cannot be decoded costs itself alone, and how
much of a reel was looked at can be told while it lasts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from provenance.media.types import is_indexed
from provenance.model.asset import Asset
from provenance.model.evidence import Trouble

_STRETCH = 60.0
"""Seconds of a movie that one worker looks at."""
_MOST = 240
"""Stretches of one movie; those of longer ones are longer."""
Frames = tuple[tuple[int, bytes], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a movie, the sound of a file, or the frames of a sequence."""

    digest: str
    """Of the whole asset."""
    start: float = 0.0
    end: float = math.inf
    """Seconds from the first frame."""
    sound: bool = False
    """Whether it is the sound of a file, as a whole."""
    frames: Frames = ()
    """Numbers and paths of the frames of a sequence, or of one that stands for itself; of a movie there are none."""

    def telling(self, trouble: Trouble) -> Trouble:
        """A trouble that says which stretch it is about: `1:00 to 2:00: …`."""
        if self.start == 0 and self.end == math.inf:
            return trouble
        end = "its end" if self.end == math.inf else _minutes(self.end)
        return replace(trouble, detail=f"{_minutes(self.start)} to {end}: {trouble.detail}")


def stretches(asset: Asset) -> list[Part]:
    """The parts of a movie, the last one without an end: how long a movie is, it only says."""
    count = math.ceil((asset.duration or 0) / _STRETCH) if is_indexed(asset.media_type) else 1
    count = min(max(count, 1), _MOST)
    length = (asset.duration or 0) / count
    ends = [*(number * length for number in range(1, count)), math.inf]
    return [Part(asset.digest, number * length, end) for number, end in enumerate(ends)]


def _minutes(seconds: float) -> str:
    return f"{int(seconds // 60)}:{int(seconds % 60):02}"
