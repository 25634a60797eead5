"""Handles under transitions, nested sequences, and cuts counted by another clock."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from provenance.timecode import Clock
from provenance.timeline.exact import keep_small
from provenance.timeline.fcpxml_time import make_time_map, read_format_rate, read_seconds
from provenance.timeline.interface import (
    Cut,
    CutOptions,
    Event,
    SourceNames,
    SourceRange,
    bound_texts,
    change_clock,
    compute_speed,
)
from provenance.timeline.nesting import Placement, place_events
from provenance.timeline.transitions import Transition, add_handles
from tests.timeline.build import DROP, FILM, NTSC_FILM, PAL


def event(
    record_in: int, record_out: int, name: str = "a", track: str = "V1", used: SourceRange | None = None
) -> Event:
    return Event(track, record_in, record_out, SourceNames(shown=name), used=used)


def test_a_transition_adds_a_row_for_each_part_beyond_the_edit_point() -> None:
    events = [event(0, 50), event(50, 100, "b"), event(50, 100, "c", "V2")]
    found = list(add_handles(events, [Transition("V1", 40, 50, 60)]))
    assert [(row.source.shown, row.record_in, row.record_out, row.handle) for row in found] == [
        ("a", 0, 50, 0),
        ("a", 50, 60, 10),
        ("b", 50, 100, 0),
        ("b", 40, 50, 10),
        ("c", 50, 100, 0),
    ]


def test_nothing_is_shown_before_the_first_frame() -> None:
    found = list(add_handles([event(100, 150)], [Transition("V1", 90, 100, 110)], first=95))
    assert [(row.record_in, row.record_out) for row in found] == [(100, 150), (95, 100)]


PLACED = Placement("V2", "scene", 1_000, 1_040, 30, Fraction(25), Fraction(25))


@pytest.mark.parametrize(
    ("placement", "places"),
    [
        (PLACED, [(1_000, 1_020), (1_020, 1_040)]),
        (replace(PLACED, inner_in=0), [(1_000, 1_040)]),
        (replace(PLACED, inner_in=500), []),
        (replace(PLACED, speed=Fraction(2)), [(1_000, 1_010), (1_010, 1_035)]),
        (replace(PLACED, inner_rate=Fraction(50)), [(1_000, 1_010), (1_010, 1_035)]),
        (replace(PLACED, track="A1"), []),
    ],
)
def test_a_placement_shows_what_lies_within_it(placement: Placement, places: list[tuple[int, int]]) -> None:
    found = list(place_events([event(0, 50), event(50, 100, "b")], placement))
    assert [(row.record_in, row.record_out) for row in found] == places
    assert all(row.via == ("scene",) and row.track == placement.track for row in found)


def test_a_part_of_a_nested_event_uses_a_part_of_its_source() -> None:
    used = SourceRange(500, 550, PAL)
    [row] = place_events([event(0, 50, used=used)], replace(PLACED, record_out=1_010))
    assert row.used
    assert (row.used.start, row.used.end) == (530, 540)


def cut_of(*events: Event, clock: Clock = FILM) -> Cut:
    return Cut("cmx3600", "cut", clock, "least", 86_400, 86_424, events)


def test_another_clock_counts_the_same_labels() -> None:
    used = SourceRange(86_400 + 12, 86_424, FILM, is_label=True)
    changed = change_clock(cut_of(event(86_400 + 12, 86_424, used=used)), PAL)
    [row] = changed.events
    assert PAL.format(row.record_in) == "01:00:00:12"
    assert row.used
    assert PAL.format(row.used.start) == "01:00:00:12"
    assert (changed.start, changed.end) == (90_000, 90_025)
    assert changed.not_read == {}


def test_labels_that_another_clock_does_not_have_are_counted() -> None:
    minute = FILM.read("00:01:00:00")
    assert minute is not None
    changed = change_clock(cut_of(event(minute, minute + 10), event(0, 10)), DROP)
    assert len(changed.events) == 1
    assert changed.not_read == {"event with a timecode that 29.97 drop-frame does not have": 1}


def test_a_cut_past_midnight_stays_past_midnight() -> None:
    day = FILM.frames_a_day
    [row] = change_clock(cut_of(event(day - 12, day + 24)), PAL).events
    assert (row.record_in - PAL.frames_a_day, row.record_out - PAL.frames_a_day) == (-13, 25)


def test_the_same_clock_changes_nothing() -> None:
    cut = cut_of(event(0, 10))
    assert change_clock(cut, FILM) is cut


@pytest.mark.parametrize(
    ("rate", "clock", "speed"),
    [
        (Fraction(24), FILM, 1),
        (Fraction("23.976"), FILM, 1),
        (Fraction(24), NTSC_FILM, 1),
        (Fraction(-25), PAL, -1),
        (Fraction(0), PAL, 0),
        (Fraction(30), DROP, 1),
        (Fraction("29.97"), DROP, 1),
        (Fraction("24.5"), FILM, Fraction(49, 48)),
    ],
)
def test_speed_of_a_repeat_rate(rate: Fraction, clock: Clock, speed: Fraction) -> None:
    assert compute_speed(rate, clock) == speed


@pytest.mark.parametrize(
    ("options", "drops", "clock"),
    [
        (CutOptions(), True, None),
        (CutOptions(Fraction(25)), True, PAL),
        (CutOptions(Fraction(30000, 1001)), True, DROP),
        (CutOptions(Fraction(30000, 1001)), False, Clock(Fraction(30000, 1001))),
        (CutOptions(Fraction(30000, 1001), drop=False), True, Clock(Fraction(30000, 1001))),
        (CutOptions(Fraction(30000, 1001), drop=True), False, DROP),
    ],
)
def test_the_clock_that_the_user_says(options: CutOptions, drops: bool, clock: Clock | None) -> None:
    assert options.make_clock(drops) == clock


def test_text_of_a_cut_is_bounded_and_can_be_printed() -> None:
    names = SourceNames(shown="\ud800" * 5_000, clip_names=("x\udfff",) * 500, paths=("p" * 10_000,))
    cut = Cut("otio", "\ud800", FILM, "file", 0, 1, (Event("V1", 0, 1, names, "\ud800", via=("\ud800",)),))
    bounded = bound_texts(cut)
    repr(bounded).encode()
    [row] = bounded.events
    assert bounded.name == row.number == "?"
    assert row.via == ("?",)
    assert len(row.source.shown) <= 2_000
    assert len(row.source.paths[0]) <= 2_000
    assert len(row.source.clip_names) <= 100
    plain = cut_of(event(0, 10, "Grüße"))
    assert bound_texts(plain) == plain


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1001/24000s", Fraction(1001, 24000)),
        ("5s", 5),
        ("1.5s", Fraction(3, 2)),
        ("-3s", -3),
        (" 2s ", 2),
        ("7", 7),
        ("", None),
        (None, None),
        ("s", None),
        ("1/0s", None),
        ("1e999999999s", None),
        ("nan", None),
        ("inf", None),
        ("1_0s", None),
        ("99999999999s", None),
        ("1/2/3s", None),
        ("9" * 100, None),
    ],
)
def test_seconds(text: str | None, seconds: Fraction | None) -> None:
    assert read_seconds(text) == seconds


@pytest.mark.parametrize(
    "name", ["", "FFVideoFormatRateUndefined", "FFVideoFormat1080p", "FFVideoFormat1080p77", "x" * 9_999]
)
def test_formats_without_a_rate(name: str) -> None:
    assert read_format_rate(name) is None


def test_a_time_map_goes_on_beyond_its_points() -> None:
    found = make_time_map([(Fraction(10), Fraction(0)), (Fraction(0), Fraction(20)), (None, Fraction(1))])
    assert found
    assert found.speed == -2
    assert found.find_source_time(Fraction(15)) == -10
    assert make_time_map([(Fraction(1), Fraction(1))]) is None


def test_small_times_are_exact_and_large_ones_near() -> None:
    exact = Fraction(1001, 24000)
    assert keep_small(exact) is exact
    odd = Fraction(1, 2**80 + 1)
    assert keep_small(odd) == 0
    assert keep_small(5 + odd) == 5
