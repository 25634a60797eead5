"""CMX 3600 lists as systems write them, and as nobody should."""

from __future__ import annotations

from fractions import Fraction

import pytest

from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause
from provenance.timecode import Clock
from provenance.timeline.interface import Cut, CutOptions, change_clock
from tests.timeline.build import edl, edl_line, list_places, read_cut, read_rows

HOUR = "01:00:00:00"
SOURCE = ("00:00:05:00", "00:00:06:00")
FIRST = (HOUR, "01:00:01:00")
SECOND = ("01:00:01:00", "01:00:02:00")


def read(*lines: str, rate: Fraction | None = Fraction(24), fcm: str | None = "NON-DROP FRAME") -> Cut:
    return read_cut(edl(*lines, fcm=fcm), "cut.edl", CutOptions(rate))


@pytest.mark.parametrize(
    ("reel", "middle"),
    [
        ("AX", "V     C       "),
        ("A001C001_260101_R2XY", "V     C       "),
        ("TWO WORDS", "V C"),
        ("A B C", "V     C"),
        ("V C D", "V     C"),
        ("BACKUP", "V C"),
        ("", "V     C"),
        ("0012", "V     C    (F)"),
    ],
)
def test_a_line_is_read_from_its_right_end(reel: str, middle: str) -> None:
    [event] = read(edl_line(1, SOURCE, FIRST, reel, middle)).events
    assert event.source.reels == (() if reel in ("AX", "") else (reel,))
    assert (event.record_in, event.record_out) == (86_400, 86_424)
    assert event.used
    assert (event.used.start, event.used.end) == (120, 144)


@pytest.mark.parametrize(
    ("channels", "tracks"),
    [
        ("V", ["V1"]),
        ("V2", ["V2"]),
        ("A", ["A1"]),
        ("A2", ["A2"]),
        ("A12", ["A12"]),
        ("AA", ["A1", "A2"]),
        ("B", ["A1", "V1"]),
        ("AA/V", ["A1", "A2", "V1"]),
        ("A2/V", ["A2", "V1"]),
        ("A1A2", ["A1", "A2"]),
        ("NONE", []),
    ],
)
def test_channels_are_tracks(channels: str, tracks: list[str]) -> None:
    cut = read(edl_line(1, SOURCE, FIRST, middle=f"{channels}  C"))
    assert sorted(event.track for event in cut.events) == tracks
    assert list(cut.tracks) == tracks


def test_more_sounds_stand_in_a_line_of_their_own() -> None:
    cut = read(edl_line(1, SOURCE, FIRST), "AUD  3    4", "AUD  3    4")
    assert cut.tracks == ("A3", "A4", "V1")


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_line_ends_and_encodings(ends: str, coding: str) -> None:
    text = edl(edl_line(1, SOURCE, FIRST), "* FROM CLIP NAME:  Grüße.mov", edl_line(2, SOURCE, SECOND))
    data = text.replace("\n", ends).encode(coding) + b"\x1a\x1a\0"
    cut = read_cut(data, "cut.edl", CutOptions(Fraction(24)))
    assert [event.source.shown for event in cut.events] == ["Grüße.mov", ""]


def test_what_follows_a_list_that_ends_in_padding_is_not_part_of_a_name() -> None:
    text = edl(edl_line(1, SOURCE, FIRST), "* FROM CLIP NAME:  a.mov") + "\x1a" * 100
    assert read_cut(text, "cut.edl").events[0].source.clip_names == ("a.mov",)


@pytest.mark.parametrize(
    ("fcm", "label", "drop"),
    [
        ("NON-DROP FRAME", ":", False),
        ("NON DROP FRAME", ":", False),
        ("DROP FRAME", ";", True),
        ("DROP FRAME", ":", True),
        (None, ";", True),
        (None, ":", False),
        ("DIGITAL TV 24P", ":", False),
    ],
)
def test_drop_frame_is_what_the_list_says_else_how_it_writes(fcm: str | None, label: str, drop: bool) -> None:
    record = f"01:00:00{label}02", f"01:00:02{label}00"
    cut = read(edl_line(1, SOURCE, record), rate=Fraction(30000, 1001), fcm=fcm)
    assert cut.clock.drop is drop


def test_a_mode_further_down_speaks_of_sources() -> None:
    source = "00:01:00;02", "00:01:01;02"
    lines = edl_line(1, SOURCE, FIRST), "FCM: DROP FRAME", edl_line(2, source, SECOND)
    cut = read(*lines, rate=Fraction(30000, 1001))
    assert not cut.clock.drop
    used = cut.events[1].used
    assert used
    assert used.clock.drop
    assert used.start == 1800


@pytest.mark.parametrize(
    ("frame", "clock"),
    [("23", 24), ("24", 25), ("29", 30), ("49", 50), ("59", 60)],
)
def test_without_a_rate_the_least_that_has_all_numbers(frame: str, clock: int) -> None:
    cut = read(edl_line(1, SOURCE, (HOUR, f"01:00:01:{frame}")), rate=None)
    assert cut.clock == Clock(Fraction(clock))
    assert cut.rate_from == "least"


def test_a_drop_frame_list_is_at_least_29_97() -> None:
    cut = read(edl_line(1, SOURCE, FIRST), rate=None, fcm="DROP FRAME")
    assert cut.clock == Clock(Fraction(30000, 1001), drop=True)


def test_labels_that_do_not_exist_are_counted() -> None:
    lines = [
        edl_line(1, SOURCE, ("00:01:00;00", "00:01:02;00")),
        edl_line(2, SOURCE, ("99:99:99:99", HOUR)),
        edl_line(3, SOURCE, SECOND[::-1]),
        edl_line(4, SOURCE, FIRST, middle="V  Q"),
        f"005  AX V C 00:00:00:00 00:00:01:00 {HOUR} 01:00:01:00 and more",
        edl_line(6, SOURCE, FIRST),
    ]
    cut = read(*lines, rate=Fraction(30000, 1001), fcm="DROP FRAME")
    assert [event.number for event in cut.events] == ["006"]
    assert cut.not_read == {
        "event with an impossible timecode": 2,
        "event that ends before it begins": 1,
        "event line": 2,
    }


def test_a_list_runs_over_midnight() -> None:
    lines = [
        edl_line(1, SOURCE, ("23:59:58:00", "23:59:59:00")),
        edl_line(2, SOURCE, ("23:59:59:00", "00:00:01:00")),
        edl_line(3, SOURCE, ("00:00:01:00", "00:00:02:00")),
        edl_line(4, SOURCE, ("23:59:58:12", "23:59:59:00"), middle="V2 C"),
    ]
    cut = read(*lines)
    day = cut.clock.frames_a_day
    assert cut.start == day - 48
    assert cut.end == day + 48
    places = [(event.number, event.record_in - day, event.record_out - day) for event in cut.events]
    assert places == [("001", -48, -24), ("004", -36, -24), ("002", -24, 24), ("003", 24, 48)]
    assert cut.clock.format(cut.end) == "00:00:02:00"


def test_a_source_may_run_over_midnight() -> None:
    [event] = read(edl_line(1, ("23:59:59:12", "00:00:00:12"), FIRST)).events
    assert event.used
    assert event.used.end - event.used.start == 24


def test_black_is_part_of_the_cut_but_no_event() -> None:
    cut = read(edl_line(1, SOURCE, FIRST, "BL"), edl_line(2, SOURCE, SECOND), edl_line(3, SOURCE, SECOND, "BLACK"))
    assert list_places(cut) == [("", 24, 48)]
    assert (cut.start, cut.end) == (86_400, 86_448)


@pytest.mark.parametrize(
    ("line", "rate", "speed"),
    [
        ("M2   AX       048.0       00:00:05:00", 24, 2),
        ("M2   AX       -024.0      00:00:05:00", 24, -1),
        ("M2   AX       000.0       00:00:05:00", 24, 0),
        ("M2   AX       +012.0      00:00:05;00", 24, Fraction(1, 2)),
        ("M2   AX       012", 24, Fraction(1, 2)),
        ("M2   TWO WORDS   023.976  00:00:05:00", Fraction(24000, 1001), 1),
        ("M2   AX       024.0       00:00:05:00", Fraction(24000, 1001), 1),
        ("M2   AX       024.2       00:00:05:00", 24, Fraction(121, 120)),
        ("M2   AX       030.0       00:00:05:00", Fraction(30000, 1001), 1),
        ("M2   AX       050.0       00:00:05:00", 25, 2),
    ],
)
def test_speed_is_the_repeat_rate(line: str, rate: Fraction, speed: Fraction) -> None:
    cut = read(edl_line(1, SOURCE, FIRST), line, rate=Fraction(rate))
    assert cut.events[0].speed == speed


def test_a_repeat_rate_is_kept_when_the_clock_changes() -> None:
    lines = edl_line(1, SOURCE, FIRST), "M2   AX  025.0  00:00:05:00", edl_line(2, SOURCE, SECOND)
    cut = read(*lines, rate=None)
    assert [event.speed for event in cut.events] == [Fraction(25, 24), 1]
    assert [event.speed for event in change_clock(cut, Clock(Fraction(25))).events] == [1, 1]


def test_a_repeat_rate_finds_its_side_of_a_transition() -> None:
    cut = read(
        edl_line(1, SOURCE, FIRST, "OUT"),
        edl_line(2, SOURCE, (SECOND[0], SECOND[0]), "OUT"),
        edl_line(2, SOURCE, SECOND, "IN", "V     D    012"),
        "M2   IN       048.0   00:00:05:00",
        "M2   OUT      012.0   00:00:05:00",
    )
    assert [(event.source.shown, event.speed) for event in cut.events] == [("OUT", Fraction(1)), ("IN", Fraction(2))]


@pytest.mark.parametrize("kind", ["D    012", "W001 012", "W 012", "K B  012"])
def test_the_outgoing_picture_is_seen_until_the_transition_ends(kind: str) -> None:
    cut = read(
        edl_line(1, SOURCE, FIRST, "OUT"),
        edl_line(2, SOURCE, (SECOND[0], SECOND[0]), "OUT"),
        edl_line(2, SOURCE, SECOND, "IN", f"V     {kind}"),
    )
    outgoing = 24 if kind.startswith("K") else 36
    assert list_places(cut) == [("OUT", 0, outgoing), ("IN", 24, 48)]


def test_a_fade_in_from_black_stands_first() -> None:
    cut = read(
        edl_line(1, SOURCE, (HOUR, HOUR), "BL"),
        edl_line(1, SOURCE, FIRST, "IN", "V     D    012"),
        "* TO CLIP NAME: a.mov",
    )
    assert list_places(cut) == [("a.mov", 0, 24)]


PAIR = (
    edl_line(1, SOURCE, FIRST, "OUT"),
    "* FROM CLIP NAME: a.mov",
    edl_line(2, SOURCE, (SECOND[0], SECOND[0]), "OUT"),
    edl_line(2, SOURCE, SECOND, "IN", "V     D    012"),
)


@pytest.mark.parametrize(
    ("notes", "incoming"),
    [
        (["* FROM CLIP NAME: a.mov", "* TO CLIP NAME: b.mov"], ("b.mov",)),
        (["* TO CLIP NAME: b.mov", "* FROM CLIP NAME: a.mov"], ("b.mov",)),
        (["* FROM CLIP NAME: a.mov"], ()),
        (["* FROM CLIP NAME: a.mov", "* KEY CLIP NAME: b.mov"], ("b.mov",)),
        (["*FROM CLIP NAME:a.mov", "*TO CLIP NAME:b.mov"], ("b.mov",)),
        (["* CLIP NAME: b.mov"], ("b.mov",)),
    ],
)
def test_a_side_of_a_transition_has_the_names_of_its_side(notes: list[str], incoming: tuple[str, ...]) -> None:
    cut = read(*PAIR, *notes)
    assert [event.source.clip_names for event in cut.events] == [("a.mov",), incoming]


def test_an_outgoing_side_with_length_of_its_own_has_the_names_from() -> None:
    cut = read(
        edl_line(1, SOURCE, FIRST, "OUT"),
        edl_line(1, SOURCE, SECOND, "IN", "V     D    012"),
        "* FROM CLIP NAME: a.mov",
        "* SOURCE FILE: a file.mov",
        "* TO CLIP NAME: b.mov",
        "* SOURCE FILE: b file.mov",
    )
    assert [(event.source.clip_names, event.source.file_names) for event in cut.events] == [
        (("a.mov",), ("a file.mov",)),
        (("b.mov",), ("b file.mov",)),
    ]


def test_a_cut_is_not_called_after_the_clip_behind_it() -> None:
    notes = "* FROM CLIP NAME: a.mov", "* TO CLIP NAME: b.mov", "* SOURCE FILE: A001C001"
    [event] = read(edl_line(1, SOURCE, FIRST), *notes).events
    assert event.source.clip_names == ("a.mov",)
    assert event.source.file_names == ("A001C001",)


def test_a_fade_out_names_the_clip_that_goes() -> None:
    cut = read(
        edl_line(1, SOURCE, FIRST, "OUT"),
        edl_line(1, SOURCE, SECOND, "BL", "V     D    012"),
        "* FROM CLIP NAME: a.mov",
    )
    assert [event.source.clip_names for event in cut.events] == [("a.mov",)]
    assert list_places(cut) == [("a.mov", 0, 36)]


def test_events_of_one_number_without_a_transition_share_the_names_below() -> None:
    cut = read(edl_line(1, SOURCE, FIRST), edl_line(1, SOURCE, FIRST, middle="A C"), "* FROM CLIP NAME: a.mov")
    assert ("a.mov",) in [event.source.clip_names for event in cut.events]


def test_a_key_shows_both_pictures() -> None:
    cut = read(
        edl_line(1, SOURCE, FIRST, "BACK", "V     K B"),
        edl_line(1, SOURCE, FIRST, "TITLE", "V     K O   000"),
        "* FROM CLIP NAME: back.mov",
        "* KEY CLIP NAME: title.tif",
    )
    assert [event.source.clip_names for event in cut.events] == [("back.mov",), ("title.tif",)]


@pytest.mark.parametrize(
    ("note", "paths", "file_names"),
    [
        ("* SOURCE FILE: a.mov", (), ("a.mov",)),
        ("* SOURCE FILE: ../../x/a.mov", ("../../x/a.mov",), ("a.mov",)),
        (r"* SOURCE FILE: C:\x\a.mov", ("C:/x/a.mov",), ("a.mov",)),
        ("* SOURCE FILE: (NULL)", (), ()),
        ("* MEDIA FILE: a.mov", (), ("a.mov",)),
    ],
)
def test_files(note: str, paths: tuple[str, ...], file_names: tuple[str, ...]) -> None:
    source = read(edl_line(1, SOURCE, FIRST), note).events[0].source
    assert (source.paths, source.file_names) == (paths, file_names)


def test_umids_stand_in_a_table_under_the_list() -> None:
    umid = "060a2b340101010101010f00-13-00-00-00-{00000511-6f6e-53f5-060e2b347f7f2a80}"
    cut = read(
        edl_line(1, SOURCE, FIRST, "SROY-12B"),
        edl_line(2, SOURCE, SECOND, "OTHER"),
        "* SOURCE FILE: last.mov",
        f">>> SOURCE clip name SROY-12B {umid} ",
        "* SOURCE FILE: SROY-12B",
        ">>> SOURCE 106770   106770           4919975f.793b8d33",
    )
    digits = "060a2b340101010101010f0013000000000005116f6e53f5060e2b347f7f2a80"
    assert [event.source.umids for event in cut.events] == [(digits,), ()]
    assert cut.events[1].source.file_names == ("last.mov",)


def test_a_reel_that_the_list_shortened_keeps_its_own_name() -> None:
    note = "FINAL CUT PRO REEL: A001C001_260101_R2XY REPLACED BY: 001"
    [event] = read(edl_line(1, SOURCE, FIRST, "001"), note).events
    assert event.source.reels == ("001", "A001C001_260101_R2XY")


def test_frame_numbers_instead_of_source_timecode_are_no_times() -> None:
    [event] = read(edl_line(1, ("119", "143"), FIRST)).events
    assert event.used is None


def test_lists_that_follow_each_other_are_cuts_of_their_own() -> None:
    text = edl(edl_line(1, SOURCE, SECOND), title="one") + edl(edl_line(1, SOURCE, FIRST), title="two")
    assert [(cut.name, len(cut.events)) for cut in read_rows(text, "cut.edl") if isinstance(cut, Cut)] == [
        ("one", 1),
        ("two", 1),
    ]


@pytest.mark.parametrize("text", ["", "TITLE: x\nFCM: DROP FRAME\n", "nothing\n" * 50, "\0" * 100])
def test_a_list_without_events_is_a_trouble(text: str) -> None:
    [trouble] = read_rows(text, "cut.edl")
    assert isinstance(trouble, Trouble)
    assert trouble.cause is Cause.MALFORMED


@pytest.mark.parametrize(
    "line",
    [
        "001  " + "A" * 5_000_000 + " V C 00:00:00:00 00:00:01:00 00:00:00:00 00:00:01:00",
        "* " + "A " * 500_000 + ":x",
        "M2 " + "1 " * 500_000,
        "001 " + " " * 1_000_000 + "x",
    ],
)
def test_a_line_that_is_no_line_is_counted(line: str) -> None:
    cut = read(edl_line(1, SOURCE, FIRST), line)
    assert len(cut.events) == 1
    assert cut.not_read in ({"line that is too long": 1}, {})


@pytest.mark.parametrize(
    "line",
    [
        "001" + " " * 4_000 + "x",
        "* " + "A " * 2_000 + "x",
        "M2 " + "1 " * 2_000 + "x",
        "001 " + "V C " * 1_000 + "00:00:00:00 00:00:01:00 00:00:00:00 00:00:01:00",
        "001 X " + "A1" * 2_000 + " C 00:00:00:00 00:00:01:00 00:00:00:00 00:00:01:00",
        "M2   AX  " + "9" * 4_000 + "  00:00:05:00",
        "001 AX V D " + "9" * 4_000 + " 00:00:00:00 00:00:01:00 00:00:00:00 00:00:01:00",
        "AUD  3    4",
    ],
)
def test_many_odd_lines_cost_no_more_than_plain_ones(line: str) -> None:
    """A pattern that backtracks would take minutes here."""
    cut = read(edl_line(1, SOURCE, FIRST), *[line] * 300)
    assert all(len(event.track) < 10 for event in cut.events)
    assert all(event.speed in (None, 1) for event in cut.events)


def test_ten_thousand_events() -> None:
    clock = Clock(Fraction(24))
    lines = []
    for number in range(10_000):
        lines.append(edl_line(number, SOURCE, (clock.format(86_400 + number * 10), clock.format(86_410 + number * 10))))
        lines.append(f"* FROM CLIP NAME: {number}.mov")
    cut = read(*lines)
    assert len(cut.events) == 10_000
    assert cut.end == 186_400
