"""How much of a frame and of the time a match takes, as far as its geometry says."""

from __future__ import annotations

import re

from provenance.model.match import Match, Span

_FILLED = re.compile(r"\bfills (?:the frame|(\d{1,3})% of the frame)\b")
"""What the geometry of a picture match says of its place: see `provenance.matching.picture.describe`."""
_WHOLE = ("byte for byte",)
"""What a match says that is the file itself."""


def measure_frame_share(match: Match) -> int | None:
    """Per cent of the frame that the known picture takes; None for sound, and where no geometry is known."""
    # the catalogue keeps the geometry in these words alone, those of older catalogues as well
    if match.detail in _WHOLE:
        return 100
    found = _FILLED.search(match.detail)
    if found is None or match.is_sound:
        return None
    return min(100, int(found[1])) if found[1] else 100


def measure_seconds(span: Span | None) -> float | None:
    """Length of a range of time; None when it is not known."""
    if span is None:
        return None
    length = span.end - span.start
    # a file may claim any time, NaN and infinity included
    return round(length, 3) if 0 <= length < 1e7 else None
