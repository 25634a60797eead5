"""OpenTimelineIO: tracks, stacks in stacks, retimes, references, bundles, and numbers that are none."""

from __future__ import annotations

import io
import json
import zipfile
from fractions import Fraction
from typing import Any

import pytest

from provenance.limits import Limits
from provenance.media.readable import MalformedContainer, OversizedContainer
from provenance.model.evidence import Trouble
from provenance.timecode import Clock
from provenance.timeline.interface import Cut, CutOptions
from tests.timeline.build import (
    SHOTS,
    find_event,
    list_places,
    make_source,
    otio,
    otio_clip,
    otio_gap,
    otio_range,
    otio_stack,
    otio_time,
    otio_track,
    read_cut,
    read_rows,
    write_otioz,
)


def read(*tracks: dict[str, Any], start: float | None = None, rate: float = 25.0, **more: Any) -> Cut:
    return read_cut(otio(*tracks, start=start, rate=rate, **more), "cut.otio")


def test_items_follow_each_other_from_the_global_start() -> None:
    track = otio_track(otio_clip("a.mov", 10, 25), otio_gap(50), otio_clip("b.mov", 0, 25))
    cut = read(track, start=90_000)
    assert (cut.start, cut.end) == (90_000, 90_100)
    assert list_places(cut) == [("a.mov", 0, 25), ("b.mov", 75, 100)]
    used = cut.events[0].used
    assert used
    assert (used.start, used.end, used.is_relative) == (10, 35, False)


@pytest.mark.parametrize(
    ("rate", "exact"),
    [
        (23.976, Fraction(24000, 1001)),
        (23.98, Fraction(24000, 1001)),
        (23.976023976023978, Fraction(24000, 1001)),
        (29.97, Fraction(30000, 1001)),
        (59.94, Fraction(60000, 1001)),
        (24, Fraction(24)),
        (12.5, Fraction(25, 2)),
    ],
)
def test_rates_are_exact(rate: float, exact: Fraction) -> None:
    cut = read(otio_track(otio_clip("a.mov", 0, 100_000, rate)), rate=rate, start=0)
    assert cut.clock == Clock(exact)
    assert cut.end == 100_000


def test_the_rate_is_that_of_the_first_item_with_one() -> None:
    sound = otio_track(otio_clip("a.wav", 0, 48_000, 48_000), kind="Audio")
    cut = read(sound, otio_track(otio_clip("a.mov", 0, 25)))
    assert (cut.clock, cut.rate_from) == (Clock(Fraction(25)), "file")
    event = find_event(cut, "a.wav")
    assert (event.record_in, event.record_out) == (0, 25)
    assert event.used
    assert event.used.clock.rate == 25


def test_an_empty_timeline_says_that_it_has_no_rate() -> None:
    assert read().rate_from == "least"
    cut = read_cut(otio(), "cut.otio", CutOptions(Fraction(50)))
    assert (cut.rate_from, cut.clock) == ("option", Clock(Fraction(50)))


def test_mixed_rates_meet_in_seconds() -> None:
    cut = read(otio_track(otio_clip("a.mov", 0, 24, 24), otio_clip("b.mov", 0, 25, 25)), start=0)
    assert list_places(cut) == [("a.mov", 0, 25), ("b.mov", 25, 50)]


def test_tracks_are_numbered_within_their_kind() -> None:
    clip = otio_clip("a.mov", 0, 10)
    cut = read(otio_track(clip), otio_track(clip, kind="Audio"), otio_track(clip), otio_track(clip, kind="Audio"))
    assert sorted(cut.tracks) == ["A1", "A2", "V1", "V2"]


def test_a_transition_takes_no_time_and_shows_both_sides() -> None:
    fade = {"OTIO_SCHEMA": "Transition.1", "in_offset": otio_time(5), "out_offset": otio_time(10)}
    cut = read(otio_track(otio_clip("a.mov", 0, 50), fade, otio_clip("b.mov", 10, 50)))
    assert sorted(list_places(cut)) == [("a.mov", 0, 50), ("a.mov", 50, 60), ("b.mov", 45, 50), ("b.mov", 50, 100)]


def test_a_transition_may_stand_first() -> None:
    fade = {"OTIO_SCHEMA": "Transition.1", "in_offset": otio_time(5), "out_offset": otio_time(10)}
    assert list_places(read(otio_track(fade, otio_clip("a.mov", 0, 50)))) == [("a.mov", 0, 50)]


def test_a_nested_stack_shows_its_part() -> None:
    inner = otio_stack(
        otio_track(otio_clip("a.mov", 0, 50), otio_clip("b.mov", 100, 50)),
        name="scene",
        source_range=otio_range(30, 40),
    )
    cut = read(otio_track(otio_gap(10), inner, otio_clip("c.mov", 0, 10)))
    assert list_places(cut) == [("a.mov", 10, 30), ("b.mov", 30, 50), ("c.mov", 50, 60)]
    event = find_event(cut, "a.mov")
    assert event.via[0] == "scene"
    assert event.used
    assert (event.used.start, event.used.end) == (30, 50)


def test_a_track_may_show_a_part_of_itself() -> None:
    track = otio_track(otio_clip("a.mov", 0, 50), otio_clip("b.mov", 0, 50), source_range=otio_range(40, 20))
    assert list_places(read(track)) == [("a.mov", 0, 10), ("b.mov", 10, 20)]


def test_a_track_that_was_an_edl_begins_at_its_record_time() -> None:
    track = otio_track(otio_clip("a.mov", 0, 50), otio_clip("b.mov", 0, 50), source_range=otio_range(-90_000, 100))
    cut = read(track)
    assert (cut.start, cut.end) == (90_000, 90_100)
    assert list_places(cut) == [("a.mov", 0, 50), ("b.mov", 50, 100)]


def test_a_track_may_begin_with_nothing() -> None:
    track = otio_track(otio_clip("a.mov", 0, 9), source_range=otio_range(-7, 16))
    assert list_places(read(track)) == [("a.mov", 7, 16)]


def test_the_outermost_stack_may_show_a_part_of_itself() -> None:
    document = json.loads(otio(otio_track(otio_clip("a.mov", 0, 50), otio_clip("b.mov", 0, 50))))
    document["tracks"]["source_range"] = otio_range(40, 20)
    cut = read_cut(json.dumps(document), "cut.otio")
    assert list_places(cut) == [("a.mov", 0, 10), ("b.mov", 10, 20)]


def test_a_clip_may_stand_in_a_stack_without_a_track() -> None:
    cut = read(otio_track(otio_stack(otio_clip("a.mov", 0, 10), otio_clip("b.mov", 0, 20))))
    assert sorted(list_places(cut)) == [("a.mov", 0, 10), ("b.mov", 0, 20)]


def test_an_item_without_a_range_is_as_long_as_its_media() -> None:
    clip = otio_clip("a.mov", 0, 10)
    clip["source_range"] = None
    clip["media_references"]["DEFAULT_MEDIA"]["available_range"] = otio_range(90_000, 40)
    [event] = read(otio_track(clip)).events
    assert (event.record_in, event.record_out) == (0, 40)
    assert event.used
    assert event.used.start == 90_000
    clip["media_references"] = {}
    assert read(otio_track(clip, otio_clip("b.mov", 0, 10))).not_read == {"item without a length": 1}


def warp(schema: str, **more: Any) -> dict[str, Any]:
    return {"OTIO_SCHEMA": schema, **more}


@pytest.mark.parametrize(
    ("effects", "speed", "length"),
    [
        ([], 1, 25),
        ([warp("LinearTimeWarp.1", time_scalar=2.0)], 2, 50),
        ([warp("LinearTimeWarp.1", time_scalar=-1)], -1, 25),
        ([warp("LinearTimeWarp.1", time_scalar=0.5), warp("LinearTimeWarp.1", time_scalar=4)], 2, 50),
        ([warp("FreezeFrame.1", time_scalar=0)], 0, 0),
        ([warp("TimeEffect.1")], None, 25),
        ([warp("LinearTimeWarp.1", time_scalar="fast")], None, 25),
        ([warp("LinearTimeWarp.1", time_scalar=1e300)], None, 25),
        ([warp("LinearTimeWarp.1", time_scalar=10**400)], None, 25),
        ([warp("Effect.1", effect_name="blur")], 1, 25),
        (None, 1, 25),
    ],
)
def test_speed(effects: list[dict[str, Any]] | None, speed: Fraction | None, length: int) -> None:
    [event] = read(otio_track(otio_clip("a.mov", 0, 25, effects=effects))).events
    assert event.speed == speed
    assert event.used
    assert event.used.end - event.used.start == length


def test_a_part_of_a_retimed_clip() -> None:
    clip = otio_clip("a.mov", 0, 50, effects=[warp("LinearTimeWarp.1", time_scalar=2.0)])
    [event] = read(otio_track(otio_stack(otio_track(clip), source_range=otio_range(10, 20)))).events
    assert event.used
    assert (event.used.start, event.used.end) == (20, 60)


def test_a_retimed_nest_is_told() -> None:
    inner = otio_stack(otio_track(otio_clip("a.mov", 0, 50)), effects=[warp("LinearTimeWarp.1", time_scalar=2.0)])
    assert read(otio_track(inner)).not_read == {"nested sequence that is retimed: read as if it were not": 1}


def test_references() -> None:
    sequence = {
        "OTIO_SCHEMA": "ImageSequenceReference.1",
        "target_url_base": "file:///show/shot/",
        "name_prefix": "shot.",
        "name_suffix": ".exr",
        "start_frame": 1001,
        "frame_zero_padding": 6,
        "available_range": otio_range(0, 50),
    }
    references = {"high": sequence, "low": {"OTIO_SCHEMA": "MissingReference.1", "name": "a reel"}}
    clip = otio_clip("shot", 0, 10, media_references=references, active_media_reference_key="high")
    old = {
        "OTIO_SCHEMA": "Clip.1",
        "name": "old",
        "source_range": otio_range(0, 10),
        "media_reference": {"OTIO_SCHEMA": "ExternalReference.1", "target_url": "relative/a%20b.mov"},
    }
    cut = read(otio_track(clip, {**clip, "active_media_reference_key": "low"}, old))
    assert [event.source.paths for event in cut.events] == [
        ("/show/shot/shot.001001.exr",),
        (),
        ("relative/a%20b.mov", "relative/a b.mov"),
    ]
    assert cut.events[1].source.clip_names == ("shot", "a reel")
    assert [event.used.is_relative for event in cut.events if event.used] == [False, True, True]


def test_generators_are_made_here_and_what_is_disabled_stays() -> None:
    bars = otio_clip("bars", 0, 10, media_references={"DEFAULT_MEDIA": warp("GeneratorReference.1")})
    cut = read(otio_track(bars, otio_clip("a.mov", 0, 10, enabled=False)))
    assert [(event.is_made_here, event.enabled) for event in cut.events] == [(True, True), (False, False)]


def test_what_is_not_known_is_counted_and_what_is_old_is_read() -> None:
    sequence = {**otio_track(otio_clip("a.mov", 0, 10)), "OTIO_SCHEMA": "Sequence.1"}
    odd = {"OTIO_SCHEMA": "Hologram.7", "source_range": otio_range(0, 10)}
    cut = read(sequence, otio_track(odd, otio_clip("b.mov", 0, 10)))
    assert list_places(cut) == [("a.mov", 0, 10), ("b.mov", 10, 20)]
    assert cut.not_read == {"item of schema Hologram.7": 1}


def test_a_collection_holds_several_timelines() -> None:
    one = json.loads(otio(otio_track(otio_clip("a.mov", 0, 10))))
    text = json.dumps({"OTIO_SCHEMA": "SerializableCollection.1", "children": [one, {**one, "name": "two"}, 3, None]})
    assert [row.name for row in read_rows(text, "cut.otio") if isinstance(row, Cut)] == ["cut", "two"]


@pytest.mark.parametrize("text", ["{}", "[]", "3", '"x"', "null", '{"OTIO_SCHEMA": 3}', '{"OTIO_SCHEMA": "Clip.2"}'])
def test_json_that_is_no_timeline_is_a_trouble(text: str) -> None:
    [row] = read_rows(text, "cut.otio")
    assert isinstance(row, Trouble)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -(10**400), 10**400, 1e13, "x", None, True, [], {}])
@pytest.mark.parametrize("key", ["value", "rate"])
def test_numbers_that_are_none(key: str, value: object) -> None:
    clip = otio_clip("a.mov", 0, 10)
    clip["source_range"]["start_time"][key] = value
    clip["source_range"]["duration"][key] = value
    fade = {"OTIO_SCHEMA": "Transition.1", "in_offset": {**otio_time(1), key: value}}
    cut = read(otio_track(clip, fade, otio_clip("b.mov", 0, 10)))
    assert [event.source.shown for event in cut.events if not event.number][-1] == "b.mov"
    assert all(event.record_in < 10**15 for event in cut.events)


@pytest.mark.parametrize("where", ["children", "media_references", "effects", "source_range", "name", "OTIO_SCHEMA"])
@pytest.mark.parametrize("value", [None, 3, "x", [], [[[]]], {"a": 1}, [None, 3, "x"]])
def test_values_of_another_kind_stop_nothing(where: str, value: object) -> None:
    odd = {**otio_clip("a.mov", 0, 10), where: value}
    track = {**otio_track(odd, otio_clip("b.mov", 0, 10)), **({where: value} if where != "children" else {})}
    for tracks in ([otio_track(odd), otio_track(otio_clip("b.mov", 0, 10))], [track]):
        assert isinstance(read(*tracks), Cut)


def test_depth_ends() -> None:
    inner = otio_clip("a.mov", 0, 10)
    for _ in range(100):
        inner = otio_stack(otio_track(inner))
    cut = read(otio_track(inner))
    assert cut.not_read == {"composition that is nested too deeply": 1}
    box = '{"OTIO_SCHEMA":"Stack.1","children":['
    with pytest.raises(OversizedContainer):
        read_rows(box * 100_000 + "]}" * 100_000, "cut.otio")


def test_many_rates_do_not_make_sums_grow() -> None:
    rates = [24 + number / 100_003 for number in range(1, 4_000)]
    track = otio_track(*[otio_clip("a.mov", 0, 1, rate) for rate in rates], otio_clip("b.mov", 0, 25))
    event = find_event(read(track, start=0), "b.mov")
    assert event.record_in == pytest.approx(sum(25 / rate for rate in rates), abs=1)


def test_a_bundle_is_read_and_nothing_else_in_it() -> None:
    cut = read_cut(write_otioz(SHOTS, Clock(Fraction(25))), "cut.otioz")
    assert len(cut.events) == 3


def test_a_bundle_that_unpacks_to_too_much_is_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("content.otio", " " * 3_000_000)
    with pytest.raises(OversizedContainer):
        read_rows(stream.getvalue(), "cut.otioz", limits=Limits(cut_list=1_000_000))


def test_a_bundle_without_content_is_malformed() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as bundle:
        bundle.writestr("other.otio", "{}")
    with pytest.raises(MalformedContainer):
        read_rows(stream.getvalue(), "cut.otioz")


def test_a_document_with_a_byte_order_mark() -> None:
    text = otio(otio_track(otio_clip("a.mov", 0, 10)))
    for coding in ("utf-8-sig", "utf-16"):
        assert len(read_cut(text.encode(coding), "cut.otio").events) == 1


def test_a_document_is_known_by_its_first_words() -> None:
    assert isinstance(read_rows(otio(otio_track()), "cut.json")[0], Cut)
    assert make_source(b"{}", "x.json").size == 2


def test_what_a_file_calls_its_items_never_hides_that_they_were_lost() -> None:
    odd = {"OTIO_SCHEMA": "place in a clip: about right only.1", "source_range": otio_range(0, 10)}
    assert list(read(otio_track(otio_clip("a.mov", 0, 10), odd)).lost.values()) == [1]
