"""FCP 7 XML: places, transitions, nests, speeds, references, and values that no program should write."""

from __future__ import annotations

from fractions import Fraction

import pytest

from provenance.model.evidence import Trouble
from provenance.timecode import Clock
from provenance.timeline.interface import Cut, CutOptions
from provenance.timeline.readers import xmeml as xmeml_reader
from tests.timeline.build import (
    DROP,
    PAL,
    find_event,
    list_places,
    read_cut,
    read_rows,
    xmeml,
    xmeml_clip,
    xmeml_sequence,
)


def read(items: str, clock: Clock = PAL, start: int = 0) -> Cut:
    return read_cut(xmeml(f"<track>{items}</track>", clock, start), "cut.xml")


def transition(start: object, end: object, alignment: str = "center") -> str:
    return f"<transitionitem><start>{start}</start><end>{end}</end><alignment>{alignment}</alignment></transitionitem>"


def file_timecode(frame: object, rate: str = "<rate><timebase>25</timebase><ntsc>FALSE</ntsc></rate>") -> str:
    return f"{rate}<timecode>{rate}<frame>{frame}</frame></timecode>"


def clip_with_file(inside: str, name: str = "a.mov") -> str:
    return (
        f'<clipitem id="c"><name>{name}</name><start>0</start><end>50</end><in>10</in><out>60</out>'
        f'<file id="f">{inside}</file></clipitem>'
    )


def test_times_count_from_the_start_of_the_sequence() -> None:
    cut = read(xmeml_clip("a.mov", (10, 35), (5, 30)), DROP, start=107_892)
    assert (cut.start, cut.end) == (107_892, 108_892)
    assert cut.clock == DROP
    assert cut.clock.format(cut.events[0].record_in) == "01:00:00;10"
    used = cut.events[0].used
    assert used
    assert used.is_relative
    assert (used.start, used.end) == (5, 30)


@pytest.mark.parametrize(
    ("base", "ntsc", "show", "clock"),
    [
        (24, "TRUE", "NDF", Clock(Fraction(24000, 1001))),
        (30, "TRUE", "DF", Clock(Fraction(30000, 1001), drop=True)),
        (30, "FALSE", "DF", Clock(Fraction(30))),
        (60, "TRUE", "DF", Clock(Fraction(60000, 1001), drop=True)),
        (50, "FALSE", "NDF", Clock(Fraction(50))),
    ],
)
def test_rates(base: int, ntsc: str, show: str, clock: Clock) -> None:
    rate = f"<rate><timebase>{base}</timebase><ntsc>{ntsc}</ntsc></rate>"
    text = (
        f"<xmeml><sequence><name>s</name>{rate}<timecode>{rate}<frame>0</frame><displayformat>{show}</displayformat>"
        f"</timecode><media><video><track>{xmeml_clip('a.mov', (0, 10), (0, 10))}</track></video></media></sequence>"
        "</xmeml>"
    )
    assert read_cut(text, "cut.xml").clock == clock


@pytest.mark.parametrize("base", ["", "0", "-25", "1e99", "99999", "nan"])
def test_a_sequence_without_a_rate_says_so(base: str) -> None:
    rate = f"<rate><timebase>{base}</timebase></rate>"
    clip = xmeml_clip("a.mov", (0, 10), (0, 10))
    text = f"<xmeml><sequence>{rate}<media><video><track>{clip}</track></video></media></sequence></xmeml>"
    assert read_cut(text, "cut.xml").rate_from == "least"
    cut = read_cut(text, "cut.xml", CutOptions(Fraction(50)))
    assert (cut.rate_from, cut.clock) == ("option", Clock(Fraction(50)))


@pytest.mark.parametrize(
    ("alignment", "edit_point"), [("center", 50), ("start", 45), ("end", 55), ("start-black", 45), ("end-black", 55)]
)
def test_an_edge_of_minus_one_is_the_edit_point_of_the_transition(alignment: str, edit_point: int) -> None:
    cut = read(
        xmeml_clip("a.mov", (0, -1), (0, 55)) + transition(45, 55, alignment) + xmeml_clip("b.mov", (-1, 100), (20, 75))
    )
    places = [place for place in list_places(cut) if place[2] - place[1] > 10]
    assert places == [("a.mov", 0, edit_point), ("b.mov", edit_point, 100)]
    incoming = next(event for event in cut.events if event.source.shown == "b.mov" and event.used)
    assert incoming.used
    assert incoming.used.start == 20 + edit_point - 45


def test_a_transition_shows_both_sides() -> None:
    cut = read(xmeml_clip("a.mov", (0, 50), (0, 50)) + transition(40, 60) + xmeml_clip("b.mov", (50, 100), (20, 70)))
    assert sorted(list_places(cut)) == [("a.mov", 0, 50), ("a.mov", 50, 60), ("b.mov", 40, 50), ("b.mov", 50, 100)]


def test_a_fade_in_stands_first() -> None:
    cut = read(transition(0, 20, "start-black") + xmeml_clip("a.mov", (-1, 100), (0, 100)))
    assert list_places(cut) == [("a.mov", 0, 100)]


@pytest.mark.parametrize(
    ("edges", "used"),
    [
        ((0.0, "50.0"), ("0.0", "50.00")),
        ((" 0 ", "\n50"), ("0", "50")),
    ],
)
def test_frames_may_be_written_as_decimals(edges: tuple[object, object], used: tuple[object, object]) -> None:
    cut = read(xmeml_clip("a.mov", edges, used))
    assert list_places(cut) == [("a.mov", 0, 50)]
    assert cut.events[0].used


@pytest.mark.parametrize(
    "edges", [(-1, 50), (0, -1), (50, 50), (60, 50), ("", ""), ("nan", "inf"), ("1e5", "1e9"), ("9" * 30, "9" * 31)]
)
def test_a_clip_without_a_place_is_counted(edges: tuple[object, object]) -> None:
    cut = read(xmeml_clip("a.mov", edges, (0, 50)) + xmeml_clip("b.mov", (60, 70), (0, 10)))
    assert list_places(cut) == [("b.mov", 60, 70)]
    assert cut.not_read == {"clip without a place in the sequence": 1}


@pytest.mark.parametrize(
    ("inside", "start", "relative"),
    [
        (file_timecode(90_000), 90_010, False),
        ("<timecode><string>01:00:00:00</string><rate><timebase>25</timebase></rate></timecode>", 90_010, False),
        (file_timecode(""), 10, True),
        ("", 10, True),
    ],
)
def test_source_times_count_from_the_timecode_of_the_file(inside: str, start: int, relative: bool) -> None:
    [event] = read(clip_with_file(inside)).events
    assert event.used
    assert (event.used.start, event.used.end - event.used.start) == (start, 50)
    assert event.used.is_relative is relative


@pytest.mark.parametrize(
    ("used", "start"),
    [((10, 60), 20), ((20, 120), 20), ((10, 61), 20)],
)
def test_a_file_of_another_rate_is_counted_by_the_sequence_or_by_itself(used: tuple[int, int], start: int) -> None:
    items = clip_with_file("<rate><timebase>50</timebase></rate>")
    items = items.replace("<in>10</in><out>60</out>", f"<in>{used[0]}</in><out>{used[1]}</out>")
    [event] = read(items).events
    assert event.used
    assert (event.used.start, event.used.end, event.used.clock) == (start, start + 100, Clock(Fraction(50)))


@pytest.mark.parametrize(
    ("speed", "used"),
    [("200", (20, 120)), ("50", (5, 30)), ("-100", None), ("0", None), ("nan", None)],
)
def test_times_of_a_retimed_clip_count_its_retimed_frames(speed: str, used: tuple[int, int] | None) -> None:
    [event] = read(xmeml_clip("a.mov", (0, 50), (10, 60), speed_filter(speed=speed))).events
    assert (event.used and (event.used.start, event.used.end)) == used


MULTICLIP = """<clipitem id="m"><name>multi</name><start>0</start><end>50</end><in>0</in><out>50</out><multiclip>
<collapsed>FALSE</collapsed>
<angle><activevideoangle>FALSE</activevideoangle><activeaudioangle>TRUE</activeaudioangle>
<clip><name>cam A</name><file id="fa"><name>a.mov</name></file></clip></angle>
<angle><activevideoangle>TRUE</activevideoangle><activeaudioangle>FALSE</activeaudioangle>
<clip><name>cam B</name><file id="fb"><name>b.mov</name></file></clip></angle></multiclip></clipitem>"""


def test_a_multiclip_shows_the_angle_that_is_switched_to() -> None:
    cut = read_cut(xmeml(f"<track>{MULTICLIP}</track>", audio=f"<track>{MULTICLIP}</track>"), "cut.xml")
    assert [(event.track, event.source.shown, event.via) for event in cut.events] == [
        ("A1", "multi", ()),
        ("A1", "cam A", ("multi",)),
        ("V1", "multi", ()),
        ("V1", "cam B", ("multi",)),
    ]
    assert cut.events[3].source.file_names == ("b.mov",)
    assert cut.events[3].used is None


def test_a_file_is_described_once_and_referred_to() -> None:
    items = clip_with_file("<name>a file.mov</name><pathurl>file://localhost/Volumes/x/a%20file.mov</pathurl>")
    later = items.replace("<start>0", "<start>60").replace("<end>50", "<end>90").split("<file")[0]
    cut = read(f'{items}{later}<file id="f"/></clipitem>')
    assert [event.source.paths for event in cut.events] == [("/Volumes/x/a file.mov",)] * 2


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("file://localhost/Volumes/x/a%20b.mov", "/Volumes/x/a b.mov"),
        ("file:///C%3a/x/a.mov", "C:/x/a.mov"),
        (r"C:\x\a.mov", "C:/x/a.mov"),
        ("file://server/share/a.mov", "//server/share/a.mov"),
        (r"\\server\share\a.mov", "//server/share/a.mov"),
        ("../../etc/passwd", "../../etc/passwd"),
        ("http://example.org/a.mov", "http://example.org/a.mov"),
        ("file:///Volumes/Gr%C3%BC%C3%9Fe/%ff.mov", "/Volumes/Grüße/\ufffd.mov"),
    ],
)
def test_references_are_names(url: str, path: str) -> None:
    [event] = read(clip_with_file(f"<pathurl>{url}</pathurl>")).events
    assert event.source.paths == (path,)
    assert event.source.file_names == (path.rpartition("/")[2],)


def test_what_is_switched_off_is_disabled() -> None:
    off = xmeml_clip("a.mov", (0, 10), (0, 10), "<enabled>FALSE</enabled>")
    cut = read_cut(
        xmeml(f"<track>{off}{xmeml_clip('b.mov', (10, 20), (0, 10))}</track><track><enabled>FALSE</enabled>"
              f"{xmeml_clip('c.mov', (0, 10), (0, 10))}</track>"), "cut.xml"
    )  # fmt: skip
    assert [(event.source.shown, event.enabled) for event in cut.events] == [
        ("a.mov", False),
        ("c.mov", False),
        ("b.mov", True),
    ]


def test_sounds_stand_on_tracks_of_their_own() -> None:
    sound = f"<track>{xmeml_clip('a.wav', (0, 10), (0, 10))}</track>"
    cut = read_cut(xmeml("", audio=sound + sound), "cut.xml")
    assert cut.tracks == ("A1", "A2")
    assert [event.track for event in cut.events] == ["A1", "A2"]


def test_generators_are_made_here_and_black_is_nothing() -> None:
    def generator(name: str, edges: tuple[int, int]) -> str:
        return (
            f"<generatoritem><name>{name}</name><start>{edges[0]}</start><end>{edges[1]}</end><in>0</in><out>9</out>"
            f"<effect><name>{name}</name></effect></generatoritem>"
        )

    cut = read(generator("Slug", (0, 10)) + generator("Text", (10, 20)))
    assert [(event.source.shown, event.is_made_here, event.used) for event in cut.events] == [("Text", True, None)]


def speed_filter(**parameters: str) -> str:
    row = "<parameter><parameterid>{}</parameterid><value>{}</value></parameter>"
    rows = "".join(row.format(key, value) for key, value in parameters.items())
    return f"<filter><effect><effectid>timeremap</effectid>{rows}</effect></filter>"


@pytest.mark.parametrize(
    ("parameters", "speed"),
    [
        ({"speed": "50"}, Fraction(1, 2)),
        ({"speed": "200.5"}, Fraction(401, 200)),
        ({"speed": "100", "reverse": "TRUE"}, -1),
        ({"speed": "-100"}, -1),
        ({"speed": "0"}, 0),
        ({"variablespeed": "1", "speed": "50"}, None),
        ({"speed": "1e999999999"}, None),
        ({"speed": "nan"}, None),
        ({"speed": "1/0"}, None),
        ({}, 1),
    ],
)
def test_speed_is_that_of_a_time_remap(parameters: dict[str, str], speed: Fraction | None) -> None:
    [event] = read(xmeml_clip("a.mov", (0, 10), (0, 10), speed_filter(**parameters))).events
    assert event.speed == speed


def nest(edges: tuple[object, object], used: tuple[object, object], inner: str, more: str = "") -> str:
    return (
        f'<clipitem id="n"><name>scene</name><start>{edges[0]}</start><end>{edges[1]}</end>'
        f"<in>{used[0]}</in><out>{used[1]}</out>{more}{inner}</clipitem>"
    )


LOOP = '<sequence id="loop"/>'
INNER = xmeml_sequence(
    f"<track>{xmeml_clip('a.mov', (0, 50), (0, 50))}{xmeml_clip('b.mov', (50, 100), (10, 60))}</track>", name="inner"
)


def test_a_nested_sequence_shows_its_part() -> None:
    cut = read(nest((200, 240), (30, 70), INNER))
    assert [(event.source.shown, event.record_in, event.record_out, event.via) for event in cut.events] == [
        ("scene", 200, 240, ()),
        ("a.mov", 200, 220, ("scene",)),
        ("b.mov", 220, 240, ("scene",)),
    ]
    used = find_event(cut, "a.mov").used
    assert used
    assert (used.start, used.end) == (30, 50)


def test_a_nest_under_a_transition_begins_at_its_edit_point() -> None:
    items = xmeml_clip("z.mov", (0, -1), (0, 110)) + transition(90, 110) + nest((-1, 140), (20, 70), INNER)
    places = list_places(read(items))
    assert [place for place in places if place[0] in ("a.mov", "b.mov") and place[2] > 101] == [
        ("a.mov", 100, 120),
        ("b.mov", 120, 140),
    ]


def test_a_nest_at_another_speed_and_rate() -> None:
    half = INNER.replace("<timebase>25</timebase>", "<timebase>50</timebase>")
    cut = read(nest((0, 50), (0, 100), half))
    assert list_places(cut)[1:] == [("a.mov", 0, 25), ("b.mov", 25, 50)]
    cut = read(nest((0, 50), (0, 50), INNER, speed_filter(speed="200")))
    assert list_places(cut)[1:] == [("a.mov", 0, 25), ("b.mov", 25, 50)]


@pytest.mark.parametrize("speed", ["-100", "0", "nan"])
def test_a_nest_that_is_not_played_straight_on_is_told(speed: str) -> None:
    cut = read(nest((0, 50), (0, 50), INNER, speed_filter(speed=speed)))
    assert cut.not_read == {"place in a sequence of varying or reversed speed: about right only": 1}


def test_a_sequence_that_contains_itself_ends() -> None:
    again = xmeml_sequence(f"<track>{nest((0, 50), (0, 50), LOOP)}</track>", name="loop")
    cut = read_cut(f"<xmeml>{again}</xmeml>", "cut.xml")
    assert cut.not_read == {"sequence that contains itself or is nested too deeply": 1}


def test_ten_levels_of_ten_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten thousand million clips in a few lines."""
    monkeypatch.setattr(xmeml_reader, "_MOST_EVENTS", 2_000)
    inside = xmeml_clip("a.mov", (0, 50), (0, 50))
    for level in range(10):
        whole = xmeml_sequence(f"<track>{inside}</track>", name=f"s{level}")
        uses = [whole, *[f'<sequence id="s{level}"/>'] * 9]
        inside = "".join(nest((0, 50), (0, 50), use) for use in uses)
    cut = read(inside)
    assert len(cut.events) <= 2_000
    assert cut.not_read["event beyond the limit"] > 0


def test_sequences_of_a_project_are_cuts_and_nested_ones_are_not() -> None:
    two = xmeml_sequence(f"<track>{xmeml_clip('b.mov', (0, 10), (0, 10))}</track>", name="two")
    text = xmeml(f"<track>{nest((0, 50), (0, 50), INNER)}</track>", more=f"<bin><children>{two}</children></bin>")
    assert [row.name for row in read_rows(text, "cut.xml") if isinstance(row, Cut)] == ["cut", "two"]


@pytest.mark.parametrize(
    "text",
    [
        "<xmeml/>",
        "<xmeml><clip><sequence><name>x</name></sequence></clip></xmeml>",
    ],
)
def test_a_document_without_a_sequence_is_a_trouble(text: str) -> None:
    [trouble] = read_rows(text, "cut.xml")
    assert isinstance(trouble, Trouble)


def test_clips_without_ids_files_or_names() -> None:
    bare = "<clipitem><start>{}</start><end>{}</end></clipitem>"
    cut = read("".join(bare.format(start, start + 10) for start in (0, 10, 20)) + "<clipitem/>")
    assert list_places(cut) == [("", 0, 10), ("", 10, 20), ("", 20, 30)]
