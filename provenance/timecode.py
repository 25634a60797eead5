"""SMPTE timecode (ST 12-1): frame counts as `HH:MM:SS:FF`, drop-frame as `HH:MM:SS;FF`.

Drop-frame timecode drops numbers, not frames: at 29.97 frames a second the first two numbers of every minute except
each tenth, at 59.94 the first four.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

# Files write drop-frame timecode with `;`, `.` or `,` before the frames.
_TIMECODE = re.compile(r"(\d{1,2}):(\d{1,2}):(\d{1,2})([:;.,])(\d{1,3})")

_DROP_FRAME_BASES = {30, 60}
"""Frames to a timecode second at which drop-frame timecode exists."""
_HIGHEST_RATE = 1_000
"""Frames a second."""
_SAME_RATE = 0.005
"""Frames a second; 23.98 is 23.976, and 24 is not."""
_SECONDS_A_DAY = 24 * 60 * 60
_MINUTES_WITH_DROPPED_NUMBERS = 24 * 54
"""Of a day: all but each tenth."""


def count_frames(rate: Fraction) -> int:
    """Frames that timecode counts to a second: 24 for 23.976, 30 for 29.97."""
    return max(1, round(rate))


def has_drop_frame(rate: Fraction) -> bool:
    """Whether drop-frame timecode exists for a rate: 29.97 and 59.94."""
    return count_frames(rate) in _DROP_FRAME_BASES and rate.denominator != 1


def parse_rate(text: str) -> tuple[Fraction, bool | None]:
    """`24`, `23.976`, `24000/1001`, `29.97df`, `29.97ndf` -> frames a second, and whether numbers are dropped.

    The second is None when the text does not say. Raises `ValueError` for anything else.
    """
    match = re.fullmatch(r"(\d{1,6}(?:\.\d{1,6}|/\d{1,6})?)\s*(n?df)?", text.strip().lower())
    if not match:
        raise ValueError(f"{text!r} is not a frame rate")
    try:
        rate = Fraction(match[1]) if "/" in match[1] else snap_rate(float(match[1]))
    except ZeroDivisionError as fault:
        raise ValueError(f"{text!r} is not a frame rate") from fault
    if not 1 <= rate <= _HIGHEST_RATE:
        raise ValueError(f"{text!r} is not a frame rate between 1 and {_HIGHEST_RATE}")
    if match[2] == "df" and not has_drop_frame(rate):
        raise ValueError(f"drop-frame timecode exists at 29.97 and 59.94 only, not at {match[1]}")
    return rate, None if match[2] is None else match[2] == "df"


def snap_rate(rate: float) -> Fraction:
    """The exact rate that a rounded one stands for: 23.976 is 24000/1001; others as they are."""
    if rate == round(rate):
        return Fraction(round(rate))
    exact = Fraction(round(rate) * 1000, 1001)
    if round(rate) and abs(rate - exact) < _SAME_RATE:
        return exact
    nearest = Fraction(round(rate))
    return nearest if nearest and abs(rate - nearest) < _SAME_RATE else Fraction(rate).limit_denominator(100_000)


@dataclass(frozen=True, slots=True)
class Clock:
    """How a timeline counts its frames: the rate, and whether numbers are dropped."""

    rate: Fraction
    """Frames a second, exactly: 24000/1001."""
    drop: bool = False

    @property
    def base(self) -> int:
        """Frames that timecode counts to a second."""
        return count_frames(self.rate)

    @property
    def has_drop(self) -> bool:
        """Whether drop-frame timecode exists at this rate."""
        return has_drop_frame(self.rate)

    @property
    def frames_a_day(self) -> int:
        """Frames from 00:00:00:00 to the next."""
        dropped = _count_dropped_numbers(self.base) * _MINUTES_WITH_DROPPED_NUMBERS if self.drop else 0
        return _SECONDS_A_DAY * self.base - dropped

    def format(self, frame: int) -> str:
        """`HH:MM:SS:FF` of a frame count; after midnight it goes on at 00:00:00:00."""
        return format_timecode(frame, self.rate, drop=self.drop)

    def read(self, text: str) -> int | None:
        """Frames from 00:00:00:00 to a label; None for a text that is not one, or a label that does not exist.

        `:`, `;`, `.` and `,` before the frames are taken alike: whether numbers are dropped, the clock knows.
        """
        match = _TIMECODE.fullmatch(text.strip())
        if not match:
            return None
        hours, minutes, seconds, frames = map(int, match.group(1, 2, 3, 5))
        if hours > 23 or minutes > 59 or seconds > 59 or frames >= self.base:
            return None
        number = ((hours * 60 + minutes) * 60 + seconds) * self.base + frames
        if not self.drop:
            return number
        dropped = _count_dropped_numbers(self.base)
        if minutes % 10 and not seconds and frames < dropped:
            return None  # One of the numbers that are dropped.
        whole_minutes = hours * 60 + minutes
        return number - dropped * (whole_minutes - whole_minutes // 10)

    def describe(self) -> str:
        """`25`, `23.976`, `29.97 drop-frame`."""
        rate = f"{float(self.rate):.3f}".rstrip("0").rstrip(".")
        return f"{rate} drop-frame" if self.drop else rate


@dataclass(frozen=True, slots=True)
class StartTimecode:
    """Timecode of the first frame of a file."""

    frame: int
    """Frames since 00:00:00:00."""
    rate: Fraction
    """Frames a second, exactly: 24000/1001."""
    drop: bool = False

    def format_at(self, seconds: float) -> str:
        """Timecode `seconds` after the first frame, to the nearest frame; after midnight it goes on at 00:00:00:00."""
        return format_timecode(self.frame + round(Fraction(seconds) * self.rate), self.rate, drop=self.drop)


def parse_start(text: str | None, rate: Fraction) -> StartTimecode:
    """The start timecode that a file gives; 00:00:00:00 when it gives none or an invalid one."""
    match = _TIMECODE.fullmatch((text or "").strip())
    if not match:
        return StartTimecode(0, rate)
    # A file may write a semicolon at a rate without drop-frame timecode: then no numbers are dropped.
    drop = match[4] != ":" and has_drop_frame(rate)
    frame = Clock(rate, drop).read(match[0])
    if frame is None:
        return StartTimecode(0, rate)
    return StartTimecode(frame, rate, drop)


def format_timecode(frame: int, rate: Fraction, *, drop: bool) -> str:
    """`HH:MM:SS:FF` of a frame count, `HH:MM:SS;FF` with drop-frame."""
    base = count_frames(rate)
    number = frame
    separator = ":"
    if drop:
        number = _add_dropped_numbers(frame, base)
        separator = ";"
    seconds, frames = divmod(number % (_SECONDS_A_DAY * base), base)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    # Rates above 100 frames a second need three digits, also for their first frames.
    width = 2
    if base > 100:
        width = 3
    return f"{hours:02}:{minutes:02}:{seconds:02}{separator}{frames:0{width}}"


def _add_dropped_numbers(frame: int, base: int) -> int:
    """The number that drop-frame timecode shows for a count of frames: the count and all numbers dropped before it."""
    dropped = _count_dropped_numbers(base)
    # The pattern repeats every ten minutes: one whole minute, then nine that are shorter by the dropped numbers.
    whole_minute = base * 60
    short_minute = whole_minute - dropped
    ten_minutes = whole_minute + 9 * short_minute
    frame_of_day = frame % (ten_minutes * 6 * 24)
    tens, rest = divmod(frame_of_day, ten_minutes)
    short_minutes = 9 * tens
    if rest >= whole_minute:
        short_minutes += (rest - whole_minute) // short_minute + 1
    return frame_of_day + dropped * short_minutes


def _count_dropped_numbers(base: int) -> int:
    """Numbers dropped at the start of a minute: 2 of 30, 4 of 60."""
    return base // 15
