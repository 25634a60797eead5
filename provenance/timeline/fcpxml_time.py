"""Times as FCPXML writes them: exact seconds, frame rates by the name of a format, and maps of retimed clips."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from fractions import Fraction

from provenance.timecode import snap_rate

ZERO = Fraction(0)
_SECONDS = re.compile(r"-?\d{1,18}(?:/\d{1,18}|\.\d{1,9})?")
_FORMAT_RATE = re.compile(
    r"FFVideoFormat\w*?\d(?P<scan>[pi])(?P<rate>2398|24|25|2997|30|50|5994|60|90|100|120)(?:_\w+)?"
)
_LONGEST = 10**10
"""Seconds."""


@functools.lru_cache(maxsize=65_536)
def read_seconds(text: str | None) -> Fraction | None:
    """`1001/24000s`, `5s`, `1.5s` -> exact seconds; None for anything else, or beyond three centuries."""
    number = (text or "").strip().removesuffix("s")
    # `Fraction` itself would compute 1e999999999.
    if not _SECONDS.fullmatch(number):
        return None
    try:
        seconds = Fraction(number)
    except ZeroDivisionError:
        return None
    return seconds if abs(seconds) < _LONGEST else None


def read_format_rate(name: str) -> Fraction | None:
    """The rate of a format by its name: 23.976 for `FFVideoFormat1080p2398`, 29.97 for `FFVideoFormat1080i5994`."""
    match = _FORMAT_RATE.fullmatch(name)
    if match is None:
        return None
    digits = match["rate"]
    rate = snap_rate(float(f"{digits[:2]}.{digits[2:]}") if len(digits) == 4 else float(digits))
    # Interlaced formats are named after their fields.
    return rate / 2 if match["scan"] == "i" and rate > 48 else rate


@dataclass(frozen=True, slots=True)
class TimeMap:
    """Which time of the source a retimed clip shows at each time of its own."""

    points: tuple[tuple[Fraction, Fraction], ...]
    """Own time and source time, by own time; two or more."""

    @property
    def speed(self) -> Fraction | None:
        """Source seconds a second; None when it varies."""
        slopes = {_get_slope(*pair) for pair in zip(self.points, self.points[1:], strict=False)}
        return slopes.pop() if len(slopes) == 1 else None

    @property
    def mean_speed(self) -> Fraction:
        """From its first point to its last."""
        return _get_slope(self.points[0], self.points[-1])

    def find_source_time(self, time: Fraction) -> Fraction:
        """The source time at a time of the clip, with straight lines between the points and beyond them."""
        index = 1
        while index < len(self.points) - 1 and self.points[index][0] < time:
            index += 1
        before, after = self.points[index - 1 : index + 1]
        return before[1] + (time - before[0]) * _get_slope(before, after)


def _get_slope(before: tuple[Fraction, Fraction], after: tuple[Fraction, Fraction]) -> Fraction:
    return (after[1] - before[1]) / (after[0] - before[0])


def make_time_map(points: list[tuple[Fraction | None, Fraction | None]]) -> TimeMap | None:
    """A map through these points, own time and source time; None where fewer than two can be used."""
    by_time: dict[Fraction, Fraction] = {}
    for time, value in points:
        if time is not None and value is not None:
            by_time.setdefault(time, value)
    return TimeMap(tuple(sorted(by_time.items()))) if len(by_time) > 1 else None
