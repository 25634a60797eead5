"""FCPXML: storylines, connected clips, compounds, multicam, auditions, retimes, and what tries to grow without end."""

from __future__ import annotations

from fractions import Fraction

import pytest

from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause
from provenance.timecode import Clock
from provenance.timeline.interface import Cut, CutOptions
from provenance.timeline.readers import fcpxml as fcpxml_reader
from tests.timeline.build import fcpxml, fcpxml_asset, find_event, list_places, read_cut, read_rows

A, B = fcpxml_asset("a.mov"), fcpxml_asset("b.mov")
SOUND = fcpxml_asset("a.mov", 'hasVideo="1" hasAudio="1"')


def read(spine: str, resources: str = A + B, sequence: str = 'tcStart="0s"', frame: str = "1/25s") -> Cut:
    return read_cut(fcpxml(spine, resources, sequence, frame), "cut.fcpxml")


def clip(name: str, offset: str, duration: str, more: str = "", inside: str = "") -> str:
    return (
        f'<asset-clip ref="{name}" name="{name}" offset="{offset}" duration="{duration}" {more}>{inside}</asset-clip>'
    )


def compound(name: str, spine: str, more: str = "") -> str:
    return f'<media id="{name}" name="{name}"><sequence format="r1" {more}><spine>{spine}</spine></sequence></media>'


def test_offsets_count_from_the_timecode_of_the_sequence() -> None:
    spine = (
        clip("a.mov", "3600s", "1s", 'start="5s"')
        + '<gap offset="3601s" duration="2s"/>'
        + clip("b.mov", "3603s", "1s")
    )
    cut = read(spine, sequence='tcStart="3600s" tcFormat="NDF" duration="4s"')
    assert (cut.start, cut.end) == (90_000, 90_100)
    assert list_places(cut) == [("a.mov", 0, 25), ("b.mov", 75, 100)]
    used = cut.events[0].used
    assert used
    assert (used.start, used.end) == (125, 150)


def test_elements_without_an_offset_follow_each_other() -> None:
    spine = '<asset-clip ref="a.mov" name="a.mov" duration="1s"/><asset-clip ref="b.mov" name="b.mov" duration="1s"/>'
    cut = read(spine, sequence='tcStart="10s"')
    assert list_places(cut) == [("a.mov", 0, 25), ("b.mov", 25, 50)]


def test_an_element_without_duration_or_start_is_as_its_asset() -> None:
    cut = read('<asset-clip ref="a.mov" name="a.mov" offset="0s"/>', fcpxml_asset("a.mov", start="40s"))
    [event] = cut.events
    assert (event.record_in, event.record_out) == (0, 2500)
    assert event.used
    assert event.used.start == 1000


@pytest.mark.parametrize(
    ("name", "frame", "clock"),
    [
        ("", "1001/24000s", Clock(Fraction(24000, 1001))),
        ("", "100/2500s", Clock(Fraction(25))),
        ("FFVideoFormat1080p2398", "", Clock(Fraction(24000, 1001))),
        ("FFVideoFormat1080i5994", "", Clock(Fraction(30000, 1001))),
        ("FFVideoFormat720p5994", "", Clock(Fraction(60000, 1001))),
        ("FFVideoFormat1080i50", "", Clock(Fraction(25))),
        ("FFVideoFormat3840x2160p30", "", Clock(Fraction(30))),
    ],
)
def test_the_rate_is_that_of_the_format(name: str, frame: str, clock: Clock) -> None:
    text = fcpxml(clip("a.mov", "0s", "1s"), A, frame=frame).replace(
        '<format id="r1"', f'<format id="r1" name="{name}"'
    )
    cut = read_cut(text, "cut.fcpxml")
    assert cut.clock == clock
    assert cut.rate_from == "file"


@pytest.mark.parametrize("frame", ["", "0s", "-1/25s", "1/0s", "1e-400s", "nan", "1/99999999s"])
def test_a_document_without_a_rate_says_so(frame: str) -> None:
    text = fcpxml(clip("a.mov", "0s", "1s"), A, frame=frame)
    assert read_cut(text, "cut.fcpxml").rate_from == "least"
    cut = read_cut(text, "cut.fcpxml", CutOptions(Fraction(50)))
    assert (cut.rate_from, cut.clock) == ("option", Clock(Fraction(50)))


def test_drop_frame_only_where_it_exists() -> None:
    spine = clip("a.mov", "0s", "1s")
    assert read(spine, sequence='tcFormat="DF"', frame="1001/30000s").clock.drop
    assert not read(spine, sequence='tcFormat="DF"').clock.drop


def test_a_connected_clip_stands_in_the_time_of_its_parent() -> None:
    inside = clip("b.mov", "12s", "5s", 'lane="1"')
    cut = read(clip("a.mov", "0s", "4s", 'start="10s"', inside))
    assert [(event.track, event.record_in, event.record_out) for event in cut.events] == [
        ("V1", 0, 100),
        ("V2", 50, 175),
    ]


def test_lanes_add_up() -> None:
    third = clip("b.mov", "0s", "1s", 'lane="1"')
    second = clip("b.mov", "0s", "1s", 'lane="1"', third)
    cut = read(clip("a.mov", "0s", "1s", inside=second))
    assert cut.tracks == ("V1", "V2", "V3")


def test_a_secondary_storyline_has_a_lane_and_a_time_of_its_own() -> None:
    story = f'<spine lane="2" offset="10s">{clip("b.mov", "0s", "1s")}{clip("b.mov", "1s", "1s")}</spine>'
    cut = read(clip("a.mov", "0s", "20s", inside=story))
    assert list_places(cut, "V3") == [("b.mov", 250, 275), ("b.mov", 275, 300)]


def test_a_sound_is_a_track_of_its_own() -> None:
    cut = read(clip("a.mov", "0s", "1s"), SOUND)
    assert [(event.track, event.source.paths) for event in cut.events] == [
        ("A1", ("/Volumes/show/a.mov",)),
        ("V1", ("/Volumes/show/a.mov",)),
    ]


@pytest.mark.parametrize(
    ("says", "more", "tracks"),
    [
        ('hasAudio="1"', "", ("A1",)),
        ("", "", ("V1",)),
        ('hasVideo="1" hasAudio="1"', 'srcEnable="video"', ("V1",)),
        ('hasVideo="1" hasAudio="1"', 'srcEnable="audio"', ("A1",)),
        ('hasVideo="1" hasAudio="1"', 'srcEnable="none"', ()),
    ],
)
def test_what_is_switched_on(says: str, more: str, tracks: tuple[str, ...]) -> None:
    assert read(clip("a.mov", "0s", "1s", more), fcpxml_asset("a.mov", says)).tracks == tracks


def test_a_split_edit_has_other_times_for_its_sound() -> None:
    cut = read(clip("a.mov", "10s", "4s", 'start="20s" audioStart="18s" audioDuration="5s"'), SOUND)
    assert [(event.track, event.record_in, event.record_out) for event in cut.events] == [
        ("A1", 200, 325),
        ("V1", 250, 350),
    ]
    used = [event.used.start for event in cut.events if event.used]
    assert used == [450, 500]


def test_only_the_first_of_an_audition_plays() -> None:
    cut = read(f'<audition offset="0s">{clip("b.mov", "0s", "1s")}{clip("a.mov", "0s", "2s")}</audition>')
    assert list_places(cut) == [("b.mov", 0, 25)]


def test_what_is_switched_off_is_there_and_disabled() -> None:
    cut = read(clip("a.mov", "0s", "1s", 'enabled="0"'))
    assert [event.enabled for event in cut.events] == [False]


def test_titles_and_generators_are_made_here() -> None:
    spine = (
        '<title ref="t" name="Lower third" offset="0s" duration="1s"/>'
        '<video ref="t" name="Noise" offset="1s" duration="1s"/>'
    )
    cut = read(spine, '<effect id="t" name="Basic Title"/>')
    assert [(event.source.shown, event.is_made_here) for event in cut.events] == [
        ("Lower third", True),
        ("Noise", True),
    ]


def test_a_clip_shows_what_it_contains_within_its_edges() -> None:
    sound = '<audio ref="a.mov" lane="-1" offset="0s" duration="50s"/>'
    inner = f'<video ref="a.mov" name="v" offset="0s" duration="50s">{sound}</video>'
    cut = read(f'<clip name="c" offset="10s" start="5s" duration="2s">{inner}</clip>')
    assert [(event.track, event.record_in, event.record_out) for event in cut.events] == [
        ("A2", 250, 300),
        ("V1", 250, 300),
    ]
    assert all(event.used and event.used.start == 125 for event in cut.events)


@pytest.mark.parametrize("kind", ["clip", "sync-clip"])
def test_a_clip_without_a_duration_is_as_long_as_what_it_contains(kind: str) -> None:
    inner = '<video ref="a.mov" name="v" offset="5s" duration="3s"/>'
    cut = read(
        f'<{kind} name="c" offset="0s" start="5s">{inner}</{kind}><asset-clip ref="b.mov" name="b.mov" duration="1s"/>'
    )
    assert list_places(cut) == [("v", 0, 75), ("b.mov", 75, 100)]


def test_a_compound_clip_shows_a_part_of_a_sequence() -> None:
    inner = clip("a.mov", "100s", "2s") + clip("b.mov", "102s", "2s")
    cut = read(
        '<ref-clip ref="m" name="scene" offset="10s" start="101s" duration="2s"/>',
        A + B + compound("m", inner, 'tcStart="100s"'),
    )
    assert [(event.source.shown, event.record_in, event.record_out, event.via) for event in cut.events] == [
        ("scene", 250, 300, ()),
        ("a.mov", 250, 275, ("scene",)),
        ("b.mov", 275, 300, ("scene",)),
    ]
    assert find_event(cut, "scene").is_made_here
    used = find_event(cut, "a.mov").used
    assert used
    assert used.start == 25


MULTICAM = (
    '<media id="m"><multicam><mc-angle name="cam A" angleID="A">'
    + clip("a.mov", "0s", "50s")
    + '</mc-angle><mc-angle name="cam B" angleID="B">'
    + clip("b.mov", "0s", "50s")
    + "</mc-angle></multicam></media>"
)


@pytest.mark.parametrize(
    ("sources", "shown"),
    [
        ('<mc-source angleID="B"/>', [("V1", "b.mov")]),
        ("", [("V1", "a.mov")]),
        (
            '<mc-source angleID="A" srcEnable="audio"/><mc-source angleID="B" srcEnable="video"/>',
            [("A1", "a.mov"), ("V1", "b.mov")],
        ),
        ('<mc-source angleID="A" srcEnable="none"/><mc-source angleID="B"/>', [("V1", "b.mov")]),
    ],
)
def test_a_multicam_clip_shows_the_chosen_angle(sources: str, shown: list[tuple[str, str]]) -> None:
    cut = read(
        f'<mc-clip ref="m" name="multi" offset="0s" start="10s" duration="2s">{sources}</mc-clip>', SOUND + B + MULTICAM
    )
    seen = [(event.track, event.source.shown) for event in cut.events if event.via]
    wanted = [*shown, ("A1", "a.mov")] if shown == [("V1", "a.mov")] else shown
    assert sorted(seen) == sorted(wanted)
    assert all(event.used and event.used.start == 250 for event in cut.events if event.via)


def test_a_dissolve_shows_both_sides_beyond_the_cut() -> None:
    spine = (
        clip("a.mov", "0s", "2s")
        + '<transition name="Cross Dissolve" offset="1.5s" duration="1s"/>'
        + clip("b.mov", "2s", "2s")
    )
    cut = read(spine)
    assert sorted(list_places(cut)) == [("a.mov", 0, 50), ("a.mov", 50, 62), ("b.mov", 38, 50), ("b.mov", 50, 100)]


def test_a_dissolve_at_the_start_shows_nothing_before_it() -> None:
    spine = '<transition offset="0s" duration="1s"/>' + clip("a.mov", "0s", "2s")
    assert list_places(read(spine)) == [("a.mov", 0, 50)]


def time_map(*points: tuple[str, str]) -> str:
    rows = "".join(f'<timept time="{time}" value="{value}"/>' for time, value in points)
    return f"<timeMap>{rows}</timeMap>"


@pytest.mark.parametrize(
    ("points", "speed", "used"),
    [
        ([("0s", "0s"), ("40s", "20s")], Fraction(1, 2), (125, 150)),
        ([("0s", "0s"), ("10s", "20s")], 2, (500, 600)),
        ([("0s", "60s"), ("60s", "0s")], -1, (1200, 1250)),
        ([("0s", "7s"), ("60s", "7s")], 0, (175, 175)),
        ([("0s", "0s"), ("11s", "0s"), ("60s", "49s")], None, (0, 25)),
        ([("0s", "0s"), ("10s", "10s"), ("20s", "20s")], 1, (250, 300)),
        ([("0s", "0s")], None, (250, 300)),
        ([("0s", "0s"), ("0s", "9s")], None, (250, 300)),
        ([("nan", "0s"), ("1e9s", "9s")], None, (250, 300)),
    ],
)
def test_a_retimed_clip_uses_what_its_map_says(
    points: list[tuple[str, str]], speed: Fraction | None, used: tuple[int, int]
) -> None:
    [event] = read(clip("a.mov", "0s", "2s", 'start="10s"', time_map(*points))).events
    assert event.speed == speed
    assert event.used
    assert (event.used.start, event.used.end) == used
    assert (event.record_in, event.record_out) == (0, 50)


def test_a_retimed_compound_clip_shows_more_of_its_content() -> None:
    inner = clip("a.mov", "0s", "2s") + clip("b.mov", "2s", "2s")
    mapped = time_map(("0s", "0s"), ("2s", "4s"))
    cut = read(
        f'<ref-clip ref="m" name="scene" offset="10s" duration="2s">{mapped}</ref-clip>', A + B + compound("m", inner)
    )
    assert [(event.source.shown, event.record_in, event.record_out, event.speed) for event in cut.events][1:] == [
        ("a.mov", 250, 275, Fraction(2)),
        ("b.mov", 275, 300, Fraction(2)),
    ]


def test_a_frozen_compound_clip_shows_one_of_its_clips() -> None:
    inner = clip("a.mov", "0s", "2s") + clip("b.mov", "2s", "2s")
    mapped = time_map(("0s", "3s"), ("9s", "3s"))
    cut = read(
        f'<ref-clip ref="m" name="scene" offset="0s" duration="2s">{mapped}</ref-clip>', A + B + compound("m", inner)
    )
    assert list_places(cut) == [("scene", 0, 50), ("b.mov", 0, 50)]


def test_projects_are_cuts_of_their_own() -> None:
    text = fcpxml(clip("a.mov", "0s", "1s"), A)
    project = text[text.index("<project") : text.index("</event>")]
    rows = read_rows(text.replace("</event>", project.replace('"cut"', '"second"') + "</event>"), "cut.fcpxml")
    assert [row.name for row in rows if isinstance(row, Cut)] == ["cut", "second"]


def test_resources_of_old_versions_stand_in_the_project() -> None:
    text = fcpxml(clip("a.mov", "0s", "1s"), A)
    resources = text[text.index("<resources>") : text.index("<library>")]
    old = text.replace(resources, "").replace("<sequence", f"{resources}<sequence")
    cut = read_cut(old, "cut.fcpxml")
    assert cut.clock == Clock(Fraction(25))
    assert cut.events[0].source.paths == ("/Volumes/show/a.mov",)


def test_an_audition_or_connected_clip_out_of_sight_costs_nothing_and_hides_nothing() -> None:
    far = clip("b.mov", "30s", "1s", inside='<marker start="0s" value="x"/>')
    near = clip("a.mov", "0s", "1s", inside=clip("b.mov", "0s", "40s", 'lane="1"'))
    cut = read(
        '<ref-clip ref="m" name="scene" offset="0s" start="10s" duration="5s"/>',
        A + B + compound("m", near + far),
    )
    assert [place for place in list_places(cut) if place[0] != "scene"] == [("b.mov", 0, 125)]


def test_a_document_of_clips_is_no_cut() -> None:
    text = f'<fcpxml version="1.11"><resources>{A}</resources><event>{clip("a.mov", "0s", "1s")}</event></fcpxml>'
    [trouble] = read_rows(text, "cut.fcpxml")
    assert isinstance(trouble, Trouble)
    assert trouble.cause is Cause.UNSUPPORTED


@pytest.mark.parametrize(
    "spine",
    [
        clip("nowhere", "0s", "1s"),
        '<ref-clip ref="nowhere" offset="0s" duration="1s"/>',
        '<mc-clip ref="nowhere" offset="0s" duration="1s"/>',
        '<asset-clip name="no ref" duration="1s"/>',
        "<audition/>",
        "<spine><spine><spine/></spine></spine>",
        '<clip offset="0s"/>',
        clip("a.mov", "1e99999999s", "1s"),
        clip("a.mov", "0s", "1e99999999s"),
        clip("a.mov", "-9999999999/1s", "99999999999999s"),
        clip("a.mov", "0s", "1s", 'start="-50s"'),
        clip("a.mov", "0s", "-1s"),
        clip("a.mov", "0s", "1s", 'lane="99999999999"'),
        clip("a.mov", "1/0s", "infs"),
        clip("a.mov", "0s", "1s", inside=time_map(("0s", "0s"), ("1/999999999999999999s", "9999999999s"))),
    ],
)
def test_odd_elements_stop_nothing(spine: str) -> None:
    cut = read(spine + clip("b.mov", "20s", "1s"))
    last = cut.events[-1]
    assert (last.source.shown, last.record_in, last.record_out) == ("b.mov", 500, 525)
    assert all(event.speed is None or abs(event.speed) <= 10**6 for event in cut.events)


def test_a_compound_clip_that_contains_itself_ends() -> None:
    again = '<ref-clip ref="m" offset="0s" duration="10s"/>'
    cut = read(again, A + compound("m", clip("a.mov", "0s", "1s") + again))
    assert cut.not_read == {"compound clip that contains itself or is nested too deeply": 1}
    assert 0 < len(cut.events) < 100


@pytest.mark.parametrize("leaf", ["", clip("a.mov", "0s", "1s"), '<gap offset="0s" duration="1s"/>'])
def test_ten_levels_of_ten_end(leaf: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten thousand million clips in a few lines."""
    monkeypatch.setattr(fcpxml_reader, "_MOST_ELEMENTS", 2_000)
    levels = [compound("m0", leaf)]
    for level in range(1, 11):
        uses = "".join(f'<ref-clip ref="m{level - 1}" offset="0s" duration="{n}s"/>' for n in range(5, 15))
        levels.append(compound(f"m{level}", uses))
    text = fcpxml('<ref-clip ref="m10" offset="0s" duration="10s"/>', A + "".join(levels))
    cut = read_cut(text, "cut.fcpxml")
    assert cut.not_read["clip beyond the limit"] > 0


def test_sums_of_odd_fractions_stay_small() -> None:
    primes = [number for number in range(3_000, 9_000) if all(number % factor for factor in range(2, 95))]
    spine = "".join(f'<asset-clip ref="a.mov" name="a.mov" duration="1/{prime}s"/>' for prime in primes)
    cut = read(spine + '<asset-clip ref="b.mov" name="b.mov" duration="1s"/>')
    exact = sum((Fraction(1, prime) for prime in primes), Fraction(0))
    assert find_event(cut, "b.mov").record_in == round(exact * 25)


@pytest.mark.parametrize("coding", ["utf-16", "utf-8-sig", "iso-8859-1"])
def test_encodings(coding: str) -> None:
    text = fcpxml(clip("a.mov", "0s", "1s").replace('name="a.mov"', 'name="Grüße"'), A).replace(
        "UTF-8", coding.removesuffix("-sig")
    )
    assert read_cut(text.encode(coding), "cut.fcpxml").events[0].source.shown == "Grüße"
