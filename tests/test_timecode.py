from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance import timecode

NTSC, NTSC60, FILM = Fraction(30000, 1001), Fraction(60000, 1001), Fraction(24000, 1001)


@pytest.mark.parametrize(
    ("frame", "rate", "told"),
    [
        (0, NTSC, "00:00:00;00"),
        (1799, NTSC, "00:00:59;29"),
        (1800, NTSC, "00:01:00;02"),
        (17981, NTSC, "00:09:59;29"),
        (17982, NTSC, "00:10:00;00"),
        (17982 + 1800, NTSC, "00:11:00;02"),
        (107892, NTSC, "01:00:00;00"),
        (3599, NTSC60, "00:00:59;59"),
        (3600, NTSC60, "00:01:00;04"),
        (35964, NTSC60, "00:10:00;00"),
        (107892 * 24, NTSC, "00:00:00;00"),
    ],
)
def test_drop_frame_leaves_numbers_out(frame: int, rate: Fraction, told: str) -> None:
    assert timecode.format_timecode(frame, rate, drop=True) == told
    if frame < 107892 * 24:
        assert timecode.parse_start(told, rate).frame == frame


@pytest.mark.parametrize(
    ("rate", "told"),
    [(Fraction(24), "01:00:10:12"), (FILM, "01:00:10:12"), (Fraction(25), "01:00:10:12"), (NTSC, "01:00:10:15")],
)
def test_seconds_are_added_to_the_start(rate: Fraction, told: str) -> None:
    seconds = float((10 * timecode.count_frames(rate) + timecode.count_frames(rate) // 2) / rate)
    assert timecode.parse_start("01:00:00:00", rate).format_at(seconds) == told


def test_drop_frame_start_is_counted_on_by_frames() -> None:
    start = timecode.parse_start("00:59:59;29", NTSC)
    assert start.drop
    assert start.format_at(float(1 / NTSC)) == "01:00:00;00"


@pytest.mark.parametrize(
    "text", [None, "", "nonsense", "25:00:00:00", "00:61:00:00", "00:00:00:24", "1:2:3", "\0" * 99]
)
def test_nonsense_is_midnight(text: str | None) -> None:
    assert timecode.parse_start(text, Fraction(24)).format_at(0) == "00:00:00:00"


def test_only_ntsc_rates_drop() -> None:
    assert not timecode.parse_start("01:00:00;00", Fraction(25)).drop
    assert not timecode.parse_start("01:00:00;00", Fraction(30)).drop
    assert not timecode.parse_start("01:00:00;00", FILM).drop


@given(st.integers(0, 24 * 107892 - 1), st.sampled_from([NTSC, NTSC60]))
@settings(max_examples=300, deadline=None)
def test_every_frame_has_a_number_of_its_own(frame: int, rate: Fraction) -> None:
    assert timecode.parse_start(timecode.format_timecode(frame, rate, drop=True), rate).frame == frame
