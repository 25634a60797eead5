"""Timecode of the film and television kind (SMPTE ST 12-1): frame counts as `HH:MM:SS:FF`, drop-frame with a semicolon.

Drop-frame timecode drops numbers, not frames: at 29.97 frames a second the first two numbers of every minute but each
tenth, at 59.94 the first four.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

_WRITTEN = re.compile(r"(\d{1,2}):(\d{1,2}):(\d{1,2})([:;.,])(\d{1,3})")
_DROPPING = {30, 60}
_DAY = 24 * 60 * 60


def count_frames(rate: Fraction) -> int:
    """Frames that timecode counts to a second: 24 for 23.976, 30 for 29.97."""
    return max(1, round(rate))


def has_drop_frame(rate: Fraction) -> bool:
    """Whether drop-frame timecode exists for a rate: 29.97 and 59.94."""
    return count_frames(rate) in _DROPPING and rate.denominator != 1


@dataclass(frozen=True, slots=True)
class StartTimecode:
    """Timecode of the first frame of a file."""

    frame: int
    """Frames since 00:00:00:00."""
    rate: Fraction
    """Frames a second, exactly: 24000/1001."""
    drop: bool = False

    def format_at(self, seconds: float) -> str:
        """Timecode so many seconds after the first frame, to the nearest frame; midnight is passed over."""
        return format_timecode(self.frame + round(Fraction(seconds) * self.rate), self.rate, drop=self.drop)


def parse_start(text: str | None, rate: Fraction) -> StartTimecode:
    """The start that a file names; 00:00:00:00 when it names none or nonsense."""
    zero = StartTimecode(0, rate)
    match = _WRITTEN.fullmatch(text.strip()) if text else None
    if not match:
        return zero
    hours, minutes, seconds, frames = (int(match[number]) for number in (1, 2, 3, 5))
    base = count_frames(rate)
    if hours > 23 or minutes > 59 or seconds > 59 or frames >= base:
        return zero
    drop = match[4] != ":" and has_drop_frame(rate)
    frame = ((hours * 60 + minutes) * 60 + seconds) * base + frames
    if drop:
        whole = hours * 60 + minutes
        frame -= _count_skips(base) * (whole - whole // 10)
    return StartTimecode(frame, rate, drop)


def format_timecode(frame: int, rate: Fraction, *, drop: bool) -> str:
    """`HH:MM:SS:FF` of a frame count, `HH:MM:SS;FF` with drop-frame."""
    base = count_frames(rate)
    number = frame
    if drop:
        per_minute = base * 60 - _count_skips(base)
        per_ten = per_minute * 10 + _count_skips(base)
        tens, rest = divmod(frame % (per_ten * 6 * 24), per_ten)
        number = frame % (per_ten * 6 * 24) + _count_skips(base) * (9 * tens)
        if rest >= base * 60:
            number += _count_skips(base) * ((rest - base * 60) // per_minute + 1)
    seconds, frames = divmod(number % (_DAY * base), base)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    width = 3 if base > 100 else 2
    return f"{hours:02}:{minutes:02}:{seconds:02}{';' if drop else ':'}{frames:0{width}}"


def _count_skips(base: int) -> int:
    return base // 15
