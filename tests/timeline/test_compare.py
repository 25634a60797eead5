"""What changed between two cuts: what came in, went, was trimmed, moved, or shifted by a ripple."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction

import pytest

from provenance.timecode import Clock
from provenance.timeline.compare import Change, ResolvedEvent, compare
from provenance.timeline.interface import Cut, CutOptions, Event, SourceNames, SourceRange
from tests.timeline import build
from tests.timeline.build import DROP, FILM, NTSC_FILM, PAL, SHOTS, START, Shot, read_cut

WRITERS: dict[str, Callable[[Sequence[Shot], Clock], bytes]] = {
    "edl": build.write_edl,
    "xml": build.write_xmeml,
    "fcpxml": build.write_fcpxml,
    "otio": build.write_otio,
    "otioz": build.write_otioz,
}
Row = tuple[str, int, int, int]
"""Source, first frame of it, length, place in the cut."""


def make(*rows: Row, track: str = "V1") -> list[ResolvedEvent]:
    events = []
    for name, first, length, at in rows:
        used = SourceRange(first, first + length, PAL)
        events.append(ResolvedEvent(Event(track, at, at + length, SourceNames(shown=name), used=used), None))
    return events


def sequence(*shots: tuple[str, int, int]) -> list[ResolvedEvent]:
    """Shots one after the other."""
    rows, at = [], 0
    for name, first, length in shots:
        rows.append((name, first, length, at))
        at += length
    return make(*rows)


def describe(old: Sequence[ResolvedEvent], new: Sequence[ResolvedEvent]) -> list[tuple[str, str, int | None, int]]:
    return [
        (change.change, (change.new or change.old).event.source.shown, change.frames, change.count)  # type: ignore[union-attr]
        for change in compare(old, new)
    ]


BASE = (("a", 0, 20), ("b", 10, 20), ("c", 0, 20), ("a", 50, 20), ("d", 0, 20))


def test_the_same_cut_has_no_changes() -> None:
    assert describe(sequence(*BASE), sequence(*BASE)) == []


def test_what_came_in_shifts_the_rest_once() -> None:
    new = sequence(("x", 0, 10), *BASE)
    assert describe(sequence(*BASE), new) == [("added", "x", None, 1), ("shifted", "a", 10, 5)]


def test_what_went_shifts_the_rest_once() -> None:
    new = sequence(*BASE[:1], *BASE[2:])
    assert describe(sequence(*BASE), new) == [("removed", "b", None, 1), ("shifted", "c", -20, 3)] or describe(
        sequence(*BASE), new
    ) == [("shifted", "c", -20, 3), ("removed", "b", None, 1)]


@pytest.mark.parametrize(
    ("shot", "frames"), [(("b", 10, 15), -5), (("b", 15, 20), 0), (("b", 5, 30), 10), (("b", 29, 20), 0)]
)
def test_another_part_of_the_same_source_is_a_trim(shot: tuple[str, int, int], frames: int) -> None:
    new = sequence(BASE[0], shot, *BASE[2:])
    changes = [change for change in describe(sequence(*BASE), new) if change[0] != "shifted"]
    assert changes == [("trimmed", "b", frames, 1)]


def test_a_part_that_does_not_overlap_is_another_clip() -> None:
    new = sequence(BASE[0], ("b", 500, 20), *BASE[2:])
    assert sorted(describe(sequence(*BASE), new)) == [("added", "b", None, 1), ("removed", "b", None, 1)]


def test_another_order_is_a_move() -> None:
    new = sequence(BASE[0], BASE[2], BASE[1], BASE[3], BASE[4])
    moved = [change for change in describe(sequence(*BASE), new) if change[0] == "moved"]
    assert len(moved) == 1
    assert moved[0][1] in ("b", "c")


def test_another_track_is_a_move() -> None:
    old = make(("a", 0, 20, 0))
    assert describe(old, make(("a", 0, 20, 0), track="V2")) == [("moved", "a", 0, 1)]


def test_the_nearest_of_the_same_parts_is_the_same_clip() -> None:
    old = make(("a", 0, 20, 0), ("a", 0, 20, 100), ("a", 0, 20, 200))
    assert describe(old, make(("a", 0, 20, 0), ("a", 0, 20, 200))) == [("removed", "a", None, 1)]
    [change] = compare(old, make(("a", 0, 20, 0), ("a", 0, 20, 200)))
    assert change.old
    assert change.old.event.record_in == 100


def test_a_picture_is_not_a_sound() -> None:
    changes = describe(make(("a", 0, 20, 0)), make(("a", 0, 20, 0), track="A1"))
    assert sorted(change[0] for change in changes) == ["added", "removed"]


def test_assets_are_tied_by_their_bytes_else_by_name() -> None:
    def known(name: str, digest: str | None) -> list[ResolvedEvent]:
        return [replace(event, digest=digest) for event in make((name, 0, 20, 0))]

    assert list(compare(known("a.mov", "sha256:1"), known("b.mov", "sha256:1"))) == []
    assert len(list(compare(known("a.mov", "sha256:1"), known("a.mov", "sha256:2")))) == 2
    assert list(compare(known("a.mov", None), known("A.new.01", None))) == []


def test_empty_cuts() -> None:
    assert describe([], []) == []
    assert [change[0] for change in describe([], make(("a", 0, 20, 0)))] == ["added"]
    assert [change[0] for change in describe(make(("a", 0, 20, 0)), [])] == ["removed"]


def resolve(cut: Cut) -> list[ResolvedEvent]:
    return [ResolvedEvent(event, None) for event in cut.events]


@pytest.mark.parametrize("clock", [FILM, PAL, NTSC_FILM, DROP], ids=Clock.describe)
@pytest.mark.parametrize("suffix", WRITERS)
def test_the_same_cut_in_another_format_has_no_changes(suffix: str, clock: Clock) -> None:
    old = read_cut(build.write_edl(SHOTS, clock), "old.edl", CutOptions(clock.rate))
    new = read_cut(WRITERS[suffix](SHOTS, clock), f"new.{suffix}", CutOptions(clock.rate))
    assert (new.clock, new.start, new.end) == (clock, START, START + 65)
    assert list(compare(resolve(old), resolve(new))) == []


def test_a_dissolve_in_another_format_is_no_change() -> None:
    times = [FILM.format(frame) for frame in (0, 20, 30, 50)]
    source = FILM.format(0), FILM.format(20)
    edl = build.edl(
        build.edl_line(1, source, (times[0], times[1])),
        "* FROM CLIP NAME: a.mov",
        build.edl_line(2, (source[1], source[1]), (times[1], times[1])),
        build.edl_line(2, source, (times[1], times[3]), middle="V     D    010"),
        "* FROM CLIP NAME: a.mov",
        "* TO CLIP NAME: b.mov",
    )
    fade = "<transitionitem><start>20</start><end>30</end><alignment>start</alignment></transitionitem>"
    clips = build.xmeml_clip("a.mov", (0, 20), (0, 20)), build.xmeml_clip("b.mov", (20, 50), (0, 30))
    xml = build.xmeml(f"<track>{fade.join(clips)}</track>", FILM)
    sides = [resolve(read_cut(edl, "old.edl", CutOptions(Fraction(24)))), resolve(read_cut(xml, "new.xml"))]
    assert list(compare(*sides)) == []


def test_many_uses_of_one_source() -> None:
    """Cuts of which nothing is known but times: every clip may be every other."""
    dice = random.Random(1)
    old = sequence(*[("", 0, dice.randrange(5, 200)) for _ in range(3_000)])
    new = sequence(*[("", 0, dice.randrange(5, 200)) for _ in range(3_000)])
    changes: list[Change] = list(compare(old, new))
    assert changes
    assert list(compare(old, old)) == []


def test_a_long_cut_in_another_order() -> None:
    shots = [(f"clip {number}", 0, 10) for number in range(2_000)]
    mixed = shots[:]
    random.Random(1).shuffle(mixed)
    kinds = {change.change for change in compare(sequence(*shots), sequence(*mixed))}
    assert kinds <= {"moved", "shifted"}
