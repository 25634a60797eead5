"""Counts, bytes and lengths of time as people read them. Reports, trouble texts and the progress line share these."""

from __future__ import annotations

import re

_BYTE_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")
_RATE = re.compile(r"(\d+(?:\.\d+)?)\s*([kMGT]?)(i?)B/s", re.IGNORECASE)
_RATE_PREFIXES = "kmgt"


def format_count(number: int, thing: str, things: str | None = None) -> str:
    """`1 finding`, `1,204 findings`; `things` is the plural where it takes more than an s."""
    return f"{number:,} {choose_form(number, thing, things or thing + 's')}"


def choose_form(number: int, singular: str, plural: str) -> str:
    """The form of a word that goes with a number: `1 was approved`, `3 were approved`."""
    if number == 1:
        return singular
    return plural


def format_bytes(number: float) -> str:
    """A byte count in decimal units, as storage is sold, with three digits: `2.31 GB`; below 1,000 it is exact."""
    if number < 1000:
        return f"{number:,.0f} B"
    value = float(number)
    unit = 0
    while value >= 1000 and unit < len(_BYTE_UNITS) - 1:
        value /= 1000
        unit += 1
    # `.3g` would write 999.9 as `1e+03`
    digits = f"{value:.3g}"
    if value >= 999.5:
        digits = f"{value:.0f}"
    return f"{digits} {_BYTE_UNITS[unit]}"


def parse_rate(text: str) -> int:
    """Bytes a second: `200MB/s`, `1.5 GB/s`, `80 MiB/s`. Raises `ValueError` for less than one and any other text."""
    match = _RATE.fullmatch(text.strip())
    if match is None:
        raise ValueError(text)
    number, prefix, binary = match.groups()
    base = 1024 if binary else 1000
    rate = int(float(number) * base ** (_RATE_PREFIXES.index(prefix.lower()) + 1 if prefix else 0))
    if rate < 1:
        raise ValueError(text)
    return rate


def format_clock(seconds: float) -> str:
    """Seconds as `H:MM:SS.mmm`, for a place in a file that somebody has to find."""
    try:
        milliseconds = round(seconds * 1000)
    except (ValueError, OverflowError):
        # a file may claim any duration, NaN and infinity included
        return "?"
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"


def format_short_clock(seconds: float) -> str:
    """Seconds, rounded, as `4:30` or `1:04:30`, for a place in a movie that nobody has to find exactly."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02}:{rest:02}"
    return f"{minutes}:{rest:02}"


def format_duration(seconds: float) -> str:
    """Time that is left, as roughly as it is known: `45 s`, `4 min`, `3 h 20 min`."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"
