"""Mobs: the walk that AAF files and Avid bins share, on values and on real small files of both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from provenance.timecode import Clock
from provenance.timeline import mobs
from provenance.timeline.interface import Cut
from provenance.timeline.mobs import (
    Clip,
    Gap,
    Label,
    Layers,
    Mob,
    MobKind,
    MobReader,
    Part,
    PartSequence,
    PartTransition,
    Slot,
    find_compositions,
)
from tests.timeline import build_mobs
from tests.timeline.build import find_event, list_places, read_cut
from tests.timeline.build_mobs import AafBuilder, BinBuilder

FILM = Fraction(24)
START = 90_000


def source(name: str, tape_start: int | None = 86_400, rate: Fraction = FILM, base: int = 24) -> list[Mob]:
    """A master clip, its file, which begins at frame 100 of its tape, and the tape."""
    end = Clip(5_000, "0", 0, 0)
    tape_slots = [Slot(1, "V", rate, end)]
    if tape_start is not None:
        tape_slots.append(Slot(2, "T", rate, Label(5_000, tape_start, base, drop=False), 1))
    return [
        Mob(f"master {name}", MobKind.MASTER, name, (Slot(1, "V", rate, Clip(5_000, f"file {name}", 1, 0)),)),
        Mob(
            f"file {name}",
            MobKind.FILE,
            name,
            (Slot(1, "V", rate, Clip(5_000, f"tape {name}", 1, 100)),),
            (f"file:///Volumes/show/{name}",),
        ),
        Mob(f"tape {name}", MobKind.TAPE, f"T{name}", tuple(tape_slots)),
    ]


def clip(name: str, length: int, start: int = 0, kind: str = "master") -> Clip:
    return Clip(length, f"{kind} {name}", 1, start)


def composition(*parts: Part, name: str = "cut", label: Label | None = None, rate: Fraction = FILM) -> Mob:
    slots = [Slot(1, "V", rate, PartSequence(parts))]
    slots.append(Slot(9, "T", rate, label or Label(5_000, START, 24, drop=False), 1))
    return Mob(f"composition {name}", MobKind.COMPOSITION, name, tuple(slots))


def read(*parts: Part, more: list[Mob] | None = None, **options: Label | Fraction) -> Cut:
    top = composition(*parts, **options)  # type: ignore[arg-type]
    known = [top, *source("a"), *source("b"), *(more or [])]
    return MobReader("aaf", {mob.id: mob for mob in known}).make_cut(top)


def test_the_name_of_a_track_is_kept_with_what_stands_on_it() -> None:
    top = composition(clip("a", 50))
    named = replace(top, slots=(replace(top.slots[0], name="ARCHIVE"), *top.slots[1:]))
    cut = MobReader("aaf", {mob.id: mob for mob in (named, *source("a"))}).make_cut(named)
    assert [event.labels for event in cut.events] == [("ARCHIVE",)]


def test_a_clip_is_followed_down_to_its_tape() -> None:
    [event] = read(clip("a", 50, 10)).events
    assert (event.record_in, event.record_out) == (START, START + 50)
    names = event.source
    assert (names.shown, names.clip_names, names.reels) == ("a", ("a",), ("Ta",))
    assert (names.paths, names.file_names) == (("/Volumes/show/a",), ("a",))
    assert event.used
    assert (event.used.start, event.used.end) == (86_510, 86_560)
    assert event.used.clock == Clock(FILM)


def test_the_start_is_a_count_of_frames_also_in_drop_frame() -> None:
    rate = Fraction(30000, 1001)
    cut = read(clip("a", 50), label=Label(5_000, 539_460, 30, drop=True), rate=rate)
    assert cut.clock == Clock(rate, drop=True)
    assert cut.clock.format(cut.start or 0) == "05:00:00;00"


def test_the_timecode_is_that_of_physical_track_one() -> None:
    top = composition(clip("a", 50))
    others = (
        Slot(7, "T", FILM, Label(9, 1, 25, drop=False), 4),
        *top.slots,
        Slot(8, "T", FILM, Label(9, 2, 25, drop=False), 3),
    )
    mob = Mob(top.id, top.kind, top.name, others)
    assert MobReader("aaf", {mob.id: mob}).make_cut(mob).start == START


def test_a_tape_of_25_frames_in_a_cut_of_24() -> None:
    cut = read(clip("c", 48, 24), more=source("c", tape_start=90_000, base=25))
    used = cut.events[0].used
    assert used
    assert used.clock == Clock(Fraction(25))
    assert used.start == 90_000 + round(124 * Fraction(25, 24))
    assert used.end - used.start == 50


def test_a_source_at_a_rate_of_its_own() -> None:
    cut = read(clip("c", 48, 24), more=source("c", rate=Fraction(48), base=48))
    used = cut.events[0].used
    assert used
    # The clip counts units of the cut: frame 24 of it is frame 48 of the source.
    assert (used.start, used.end) == (86_400 + 48 + 100, 86_400 + 48 + 100 + 96)


def test_gaps_and_black_are_no_events() -> None:
    cut = read(Gap(10), clip("a", 20), Clip(30, "0" * 64, 0, 0), clip("b", 20))
    assert list_places(cut) == [("a", 10, 30), ("b", 60, 80)]
    assert cut.end == START + 80


@pytest.mark.parametrize("cut_point", [0, 5, 10])
def test_a_transition_overlaps_its_neighbours(cut_point: int) -> None:
    cut = read(clip("a", 50), PartTransition(10, cut_point), clip("b", 50, 100))
    assert cut.end == START + 90
    edit = 40 + cut_point
    wanted = [("a", 0, edit), ("b", edit, 90)]
    wanted += [("a", edit, 50)] if edit < 50 else []
    wanted += [("b", 40, edit)] if edit > 40 else []
    assert sorted(list_places(cut)) == sorted(wanted)
    incoming = next(event for event in cut.events if event.source.shown == "b" and event.used)
    assert incoming.used
    assert incoming.used.start == 86_400 + 200 + cut_point


def test_a_fade_stands_first_and_last() -> None:
    cut = read(PartTransition(10, 0), clip("a", 50), PartTransition(10, 10))
    assert all(START - 10 <= event.record_in < event.record_out for event in cut.events)


@pytest.mark.parametrize(
    ("speed", "used"),
    [
        (Fraction(2), (86_500, 86_600)),
        (Fraction(1, 2), (86_500, 86_525)),
        (Fraction(-1), (86_500, 86_550)),
        (Fraction(0), (86_500, 86_500)),
        (None, (86_500, 86_550)),
    ],
)
def test_speed_of_an_effect(speed: Fraction | None, used: tuple[int, int]) -> None:
    [event] = read(Layers(50, (clip("a", 100),), speed)).events
    assert event.speed == speed
    assert event.used
    assert (event.used.start, event.used.end) == used


def test_a_transition_into_a_retime_hides_more_of_its_source() -> None:
    cut = read(clip("a", 50), PartTransition(10, 5), Layers(50, (clip("b", 100),), Fraction(2)))
    incoming = next(event for event in cut.events if event.source.shown == "b" and event.used)
    assert incoming.used
    assert incoming.used.start == 86_500 + 2 * 5
    assert list_places(cut)[-1][1:] == (45, 90)


def test_an_effect_shows_all_its_inputs_and_one_without_is_made_here() -> None:
    cut = read(Layers(50, (clip("a", 50), clip("b", 50)), name="Picture in picture"), Layers(20, (), name="Title"))
    assert [(event.source.shown, event.is_made_here) for event in cut.events] == [
        ("a", False),
        ("b", False),
        ("Title", True),
    ]


def test_a_nested_sequence_shows_its_part() -> None:
    inner = composition(clip("a", 50), clip("b", 50), name="scene")
    cut = read(Gap(10), Clip(40, inner.id, 1, 30), more=[inner])
    assert [
        (event.source.shown, event.record_in - START, event.record_out - START, event.via) for event in cut.events
    ] == [
        ("a", 10, 30, ("scene",)),
        ("b", 30, 50, ("scene",)),
    ]
    assert [event.used.start for event in cut.events if event.used] == [86_530, 86_500]


def test_a_subclip_is_a_composition_of_one_clip() -> None:
    inner = composition(clip("a", 50, 200), name="a.sub.01")
    [event] = read(Clip(20, inner.id, 1, 5), more=[inner]).events
    assert event.used
    assert event.used.start == 86_705
    assert event.via == ("a.sub.01",)


def test_a_nest_within_a_retime() -> None:
    inner = composition(clip("a", 50), clip("b", 50), name="scene")
    cut = read(Layers(50, (Clip(100, inner.id, 1, 0),), Fraction(2)), more=[inner])
    assert [
        (event.source.shown, event.record_in - START, event.record_out - START, event.speed) for event in cut.events
    ] == [
        ("a", 0, 25, Fraction(2)),
        ("b", 25, 50, Fraction(2)),
    ]


def test_sounds_at_sample_rate_stand_in_frames() -> None:
    sound = Slot(2, "A", Fraction(48_000), PartSequence((Gap(48_000), Clip(96_000, "master a", 1, 0))))
    top = composition(clip("a", 100))
    mob = Mob(top.id, top.kind, top.name, (sound, *top.slots))
    known = {mob.id: mob for mob in [mob, *source("a")]}
    cut = MobReader("aaf", known).make_cut(mob)
    assert cut.clock.rate == FILM
    assert list_places(cut, "A1") == [("a", 24, 72)]


def test_a_cut_of_sounds_alone_counts_by_its_timecode() -> None:
    sound = Slot(2, "A", Fraction(48_000), PartSequence((Clip(96_000, "master a", 1, 0),)))
    label = Slot(9, "T", FILM, Label(5_000, START, 24, drop=False), 1)
    mob = Mob("x", MobKind.COMPOSITION, "mix", (sound, label))
    cut = MobReader("aaf", {m.id: m for m in [mob, *source("a")]}).make_cut(mob)
    assert (cut.clock.rate, cut.start, cut.end) == (FILM, START, START + 48)


@pytest.mark.parametrize(
    "part", [Clip(50, "nowhere", 1, 0), Clip(50, "master a", 99, 0), Clip(50, "master a", 1, -9_999)]
)
def test_references_that_lead_nowhere(part: Part) -> None:
    [event] = read(part).events
    assert event.record_out - event.record_in == 50


@pytest.mark.parametrize(
    "parts",
    [
        (Gap(-50), clip("a", 50)),
        (PartTransition(500, -20), clip("a", 50), PartTransition(2**62, 2**62)),
        (clip("a", 2**62), clip("b", 2**62)),
        (Layers(-1, (clip("a", 50),), Fraction(10**12)),),
        (PartSequence(()), PartSequence((PartTransition(1, 1),)), clip("a", 50)),
        (Label(1, 1, 24, drop=True), clip("a", 50)),
    ],
)
def test_odd_lengths(parts: tuple[Part, ...]) -> None:
    for event in read(*parts).events:
        assert event.record_in <= event.record_out
        assert event.speed is None or abs(event.speed) <= 10**6


def test_a_mob_that_contains_itself_ends() -> None:
    loop = composition(Clip(50, "composition loop", 1, 0), name="loop")
    cut = read(Clip(50, loop.id, 1, 0), more=[loop])
    assert cut.not_read == {"sequence that contains itself or is nested too deeply": 1}
    master = Mob("master x", MobKind.MASTER, "x", (Slot(1, "V", FILM, Clip(50, "master x", 1, 0)),))
    assert len(read(Clip(50, "master x", 1, 0), more=[master]).events) == 1


@pytest.mark.parametrize("leaf", [Gap(50), Layers(50, ()), clip("a", 50)])
def test_ten_levels_of_ten_end(leaf: Part, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mobs, "_MOST_PARTS", 2_000)
    levels = [composition(leaf, name="0")]
    for level in range(1, 11):
        uses = tuple(Clip(50, levels[-1].id, 1, 0) for _ in range(10))
        levels.append(composition(Layers(50, uses), name=str(level)))
    cut = read(Clip(50, levels[-1].id, 1, 0), more=levels)
    assert cut.not_read["part beyond the limit"] > 0


def test_the_cuts_of_a_file_are_those_that_no_other_shows() -> None:
    inner = composition(clip("a", 50), name="inner")
    outer = composition(Clip(50, inner.id, 1, 0), name="outer")
    known = {mob.id: mob for mob in (inner, outer)}
    assert find_compositions(known, []) == [outer]
    assert find_compositions(known, [inner.id, "gone"]) == [inner]
    loop = composition(Clip(50, "composition loop", 1, 0), name="loop")
    assert find_compositions({loop.id: loop}, []) == [loop]


# Files


def aaf(folder: Path, fill: Callable[[AafBuilder], None], units: float = 24) -> Cut:
    return read_cut(build_mobs.write_aaf(folder / "made.aaf", fill, units), "cut.aaf")


def avid_bin(folder: Path, fill: Callable[[BinBuilder], None], rate: float = 24) -> Cut:
    return read_cut(build_mobs.write_bin(folder / "made.avb", fill, rate), "cut.avb")


@pytest.fixture(params=["aaf", "avb"])
def simple(request: pytest.FixtureRequest, tmp_path: Path) -> Cut:
    if request.param == "aaf":
        return aaf(tmp_path, build_mobs.build_simple_aaf)
    return avid_bin(tmp_path, build_mobs.build_simple_bin)


def test_both_formats_give_the_same_cut(simple: Cut) -> None:
    assert (simple.name, simple.start, simple.end) == ("cut", build_mobs.START, build_mobs.START + 75)
    assert list_places(simple) == [("A001C001.mov", 0, 20), ("genai card.png", 20, 50), ("A001C001.mov", 60, 75)]
    first = simple.events[0]
    assert first.source.reels == ("A001",)
    assert all(len(umid) == 64 for umid in first.source.umids)
    assert len(first.source.umids) == 3
    assert first.used
    assert (first.used.start, first.used.end) == (build_mobs.TAPE_START + 105, build_mobs.TAPE_START + 125)
    assert find_event(simple, "genai card.png").used is None


def test_an_aaf_names_the_places_of_its_files(tmp_path: Path) -> None:
    cut = aaf(tmp_path, build_mobs.build_simple_aaf)
    assert cut.events[0].source.paths == ("/Volumes/show/A001C001.mov",)


def test_transitions_and_effects_of_an_aaf(tmp_path: Path) -> None:
    def fill(builder: AafBuilder) -> None:
        first, second = builder.add_source("a.mov"), builder.add_source("b.mov")
        fast = builder.make_effect("Motion Control", 20, builder.make_clip(first, length=40), speed_ratio="1/2")
        builder.add_composition(
            builder.make_clip(first, length=50),
            builder.make_transition(10, 5),
            builder.make_clip(second, length=50),
            fast,
            builder.make_effect("Title", 12),
        )

    cut = aaf(tmp_path, fill)
    places = [place for place in list_places(cut) if place[2] - place[1] > 5]
    assert places == [("a.mov", 0, 45), ("b.mov", 45, 90), ("a.mov", 90, 110), ("Title", 110, 122)]
    assert [event.speed for event in cut.events if event.source.shown == "a.mov"][-1] == 2


def test_an_aaf_of_29_97_drop_frame(tmp_path: Path) -> None:
    def fill(builder: AafBuilder) -> None:
        clip = builder.make_clip(builder.add_source("a.mov"), length=50)
        builder.add_composition(clip, start=107_892, drop=True)

    cut = aaf(tmp_path, fill, units="30000/1001")  # type: ignore[arg-type]
    assert cut.clock == Clock(Fraction(30000, 1001), drop=True)
    assert cut.clock.format(cut.start or 0) == "01:00:00;00"


def test_a_nested_sequence_of_an_aaf_is_no_cut_of_its_own(tmp_path: Path) -> None:
    def fill(builder: AafBuilder) -> None:
        inner = builder.add_composition(
            builder.make_clip(builder.add_source("a.mov"), length=50), name="inner", start=None
        )
        inner.usage = None
        slot = next(iter(inner.slots))
        builder.add_composition(builder.make_clip(inner, slot, start=10, length=20), name="outer")

    cut = aaf(tmp_path, fill)
    assert cut.name == "outer"
    assert [(event.source.shown, event.via) for event in cut.events] == [("a.mov", ("inner",))]


def test_a_bin_of_drop_frame(tmp_path: Path) -> None:
    def fill(builder: BinBuilder) -> None:
        clip = builder.make_clip(builder.add_source("a.mov"), 0, 50)
        builder.add_composition(clip, start=107_892, drop=True)

    cut = avid_bin(tmp_path, fill, 29.97)
    assert cut.clock == Clock(Fraction(30000, 1001), drop=True)
    assert cut.clock.format(cut.start or 0) == "01:00:00;00"
