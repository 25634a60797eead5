from collections.abc import Iterator
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


DROP_CLOCKS = [timecode.Clock(NTSC, drop=True), timecode.Clock(NTSC60, drop=True)]
CLOCKS = [
    *DROP_CLOCKS,
    *(timecode.Clock(Fraction(rate)) for rate in (FILM, 24, 25, NTSC, 30, 48, 50, NTSC60, 60, 100, 120)),
]


def count_labels(clock: timecode.Clock, minutes: int) -> Iterator[str]:
    """Labels one after the other, by counting as a clock does."""
    dropped = clock.base // 15 if clock.drop else 0
    separator = ";" if clock.drop else ":"
    width = 3 if clock.base > 100 else 2
    for minute in range(minutes):
        hours, rest = divmod(minute, 60)
        for second in range(60):
            first = dropped if minute % 10 and not second else 0
            for frame in range(first, clock.base):
                yield f"{hours:02}:{rest:02}:{second:02}{separator}{frame:0{width}}"


@pytest.mark.parametrize("clock", CLOCKS, ids=timecode.Clock.describe)
def test_labels_are_those_that_counting_gives(clock: timecode.Clock) -> None:
    # Labels that are dropped come in tens of minutes; the others are alike in all.
    for frame, label in enumerate(count_labels(clock, 11 if clock.drop else 2)):
        assert clock.format(frame) == label
        assert clock.read(label) == frame


@pytest.mark.parametrize("clock", CLOCKS, ids=timecode.Clock.describe)
def test_every_frame_of_a_day_has_one_label(clock: timecode.Clock) -> None:
    minute = clock.base * 60
    near_minutes = [number * minute + step for number in range(0, 24 * 60, 7) for step in range(-5, 6)]
    for frame in (*near_minutes, *range(0, clock.frames_a_day, 9_973), clock.frames_a_day - 1):
        if 0 <= frame < clock.frames_a_day:
            assert clock.read(clock.format(frame)) == frame
    assert clock.format(clock.frames_a_day) == clock.format(0)
    assert clock.format(-1) == clock.format(clock.frames_a_day - 1)


@pytest.mark.parametrize("clock", DROP_CLOCKS, ids=timecode.Clock.describe)
def test_a_drop_frame_day_is_a_day(clock: timecode.Clock) -> None:
    assert abs(clock.frames_a_day / clock.rate - 24 * 60 * 60) < Fraction(1, 10)


@pytest.mark.parametrize("clock", DROP_CLOCKS, ids=timecode.Clock.describe)
def test_dropped_labels_do_not_exist(clock: timecode.Clock) -> None:
    plain = timecode.Clock(clock.rate)
    for minute in range(60):
        for frame in range(clock.base // 15):
            label = f"00:{minute:02}:00:{frame:02}"
            assert (clock.read(label) is None) is (minute % 10 != 0)
            assert plain.read(label) is not None


@pytest.mark.parametrize("separator", [":", ";", ".", ","])
def test_the_clock_knows_whether_it_drops(separator: str) -> None:
    label = f"00:10:00{separator}00"
    assert [clock.read(label) for clock in DROP_CLOCKS] == [17_982, 35_964]
    assert timecode.Clock(Fraction(25)).read(label) == 15_000


@pytest.mark.parametrize(
    "text",
    ["", "24:00:00:00", "00:60:00:00", "00:00:60:00", "00:00:00:25", "00:00:00", "00:00:00:00:00", "-1:00:00:00",
     "00:00:00 00", "aa:bb:cc:dd", "00:00:00:0000", "100:00:00:00"],
)  # fmt: skip
def test_labels_that_are_none(text: str) -> None:
    assert timecode.Clock(Fraction(25)).read(text) is None


@pytest.mark.parametrize(
    ("text", "rate", "drop"),
    [
        ("24", Fraction(24), None),
        ("23.976", FILM, None),
        ("23.98", FILM, None),
        ("24000/1001", FILM, None),
        ("29.97df", NTSC, True),
        ("29.97 DF", NTSC, True),
        ("30000/1001ndf", NTSC, False),
        ("59.94DF", NTSC60, True),
        ("25ndf", Fraction(25), False),
        (" 47.952 ", Fraction(48000, 1001), None),
        ("12.5", Fraction(25, 2), None),
        ("2", Fraction(2), None),
        ("1000", Fraction(1000), None),
    ],
)
def test_rates_as_people_write_them(text: str, rate: Fraction, drop: bool | None) -> None:
    assert timecode.parse_rate(text) == (rate, drop)


@pytest.mark.parametrize(
    "text",
    ["", "0", "-24", "24/0", "1/1000", "1001", "24df", "30df", "23.976df", "nan", "1e3", "24 fps", "1/1/1", "9" * 99],
)
def test_rates_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a frame rate|drop-frame|between"):
        timecode.parse_rate(text)


@pytest.mark.parametrize(
    ("rate", "exact"),
    [
        (23.976, FILM),
        (23.976023976, FILM),
        (23.98, FILM),
        (24.0, Fraction(24)),
        (29.97, NTSC),
        (59.94, NTSC60),
        (119.88, Fraction(120_000, 1001)),
        (1.0, Fraction(1)),
        (4.0, Fraction(4)),
        (48_000.0, Fraction(48_000)),
        (15.5, Fraction(31, 2)),
    ],
)
def test_rounded_rates_are_exact(rate: float, exact: Fraction) -> None:
    assert timecode.snap_rate(rate) == exact


@pytest.mark.parametrize(
    ("clock", "text"),
    [
        (timecode.Clock(Fraction(25)), "25"),
        (timecode.Clock(FILM), "23.976"),
        (timecode.Clock(NTSC, drop=True), "29.97 drop-frame"),
        (timecode.Clock(Fraction(100)), "100"),
    ],
)
def test_a_clock_is_described(clock: timecode.Clock, text: str) -> None:
    assert clock.describe() == text
