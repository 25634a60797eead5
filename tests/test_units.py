from __future__ import annotations

import re

import pytest

from provenance.units import format_bytes, format_clock, format_duration, format_short_clock, parse_rate


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (1536, "1.54 kB"),
        (2_310_000_000, "2.31 GB"),
        (999_900_000, "1000 MB"),
        (1e19, "10000 PB"),
    ],
)
def test_bytes(number: float, text: str) -> None:
    assert format_bytes(number) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(3723.0415, "1:02:03.042"), (0, "0:00:00.000"), (float("nan"), "?"), (float("inf"), "?")]
)
def test_clock(seconds: float, text: str) -> None:
    assert format_clock(seconds) == text


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (270.4, "4:30"), (3599.6, "1:00:00"), (3870, "1:04:30")])
def test_short_clock(seconds: float, text: str) -> None:
    assert format_short_clock(seconds) == text


@pytest.mark.parametrize(("seconds", "text"), [(45, "45 s"), (240, "4 min"), (12000, "3 h 20 min")])
def test_durations(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("200MB/s", 200_000_000),
        (" 1.5 GB/s ", 1_500_000_000),
        ("80MiB/s", 80 * 1024**2),
        ("512 kB/s", 512_000),
        ("3000B/s", 3000),
        ("1tb/s", 10**12),
    ],
)
def test_rates(text: str, rate: int) -> None:
    assert parse_rate(text) == rate


@pytest.mark.parametrize(
    "text", ["", "200", "200MB", "MB/s", "-1MB/s", "0MB/s", "0.2B/s", "1e3MB/s", "200Mbit/s", "iB/s"]
)
def test_what_is_no_rate(text: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        parse_rate(text)
