"""A cut held against the movie that was rendered from it, also where a list was written for each track."""

from __future__ import annotations

from dataclasses import replace

from provenance.model.cut import Timeline, Use
from provenance.model.finding import Case
from provenance.model.match import Span
from provenance.model.vocabulary import Origin
from provenance.policy import packs
from provenance.policy.compare_with_picture import compare_with_picture
from provenance.policy.one_cut import group_tracks
from tests.policy import build

SKY = "sha256:" + "cd" * 32
HOUR = 86_400
PACK = packs.load("netflix")


def timeline(path: str, name: str = "EP101", frames: int = 240, kind: str = "cmx3600") -> Timeline:
    return Timeline(path, "/d", "", kind, name, "24", "file", False, "01:00:00:00", frames, ("V1",), 1, HOUR)


def use(path: str, source: str, first: int, after: int, track: str = "V1", digest: str | None = None) -> Use:
    origin = Origin.GENERATED if digest else Origin.UNKNOWN
    span = (HOUR + first, HOUR + after)
    return Use(path, track, None, "", "", span, source, None, None, digest, "file-name", origin=origin)


def master(*spans: tuple[float, float], start: str = "01:00:00:00") -> Case:
    """Ten seconds of picture that show the known sky at these seconds."""
    case = build.case(*(build.match("confirmed-copy", Origin.GENERATED, Span(*span, "", "")) for span in spans))
    asset = replace(case.reading.asset, frame_rate="24", start_timecode=start, duration=10.0)
    return replace(case, reading=replace(case.reading, asset=asset))


def disagree(timelines: list[Timeline], uses: list[Use], case: Case) -> list[tuple[str, str, str]]:
    found = compare_with_picture(timelines, uses, [case], PACK).findings
    return [(row.path, (row.time and row.time.timecode_in) or "", row.message.split()[0]) for row in found]


def test_each_says_what_the_other_lacks() -> None:
    cut = timeline("a.edl")
    named = use("a.edl", "sky.png", 48, 96, digest=SKY)
    assert disagree([cut], [named], master((2.0, 4.0))) == []
    assert disagree([cut], [], master((2.0, 4.0))) == [("a.edl", "01:00:02:00", "shots/a.png")]
    assert disagree([cut], [named], master()) == [("a.edl", "01:00:02:00", "The")]


def test_a_source_that_another_track_covers_need_not_be_seen() -> None:
    below, above = use("a.edl", "sky.png", 48, 96, digest=SKY), use("a.edl", "titles.mov", 48, 96, track="V2")
    assert disagree([timeline("a.edl")], [below, above], master()) == []


def test_lists_of_single_tracks_are_one_cut() -> None:
    tracks = [timeline("V1.edl"), timeline("V2.edl", name="ep101 ", frames=200)]
    uses = [use("V1.edl", "wide.mov", 0, 240), use("V2.edl", "sky.png", 48, 96, digest=SKY)]
    assert disagree(tracks, uses, master((2.0, 4.0))) == []
    # Seen where neither names it: said once.
    assert disagree(tracks, uses, master((2.0, 4.0), (6.0, 7.0))) == [("V1.edl", "01:00:06:00", "shots/a.png")]


def test_two_versions_of_a_cut_are_two_cuts() -> None:
    versions = [timeline("v1.edl"), timeline("v2.edl")]
    wide = [use("v1.edl", "wide.mov", 96, 240), use("v2.edl", "WIDE.mov", 96, 240)]
    uses = [*wide, use("v1.edl", "sky.png", 48, 96, digest=SKY), use("v2.edl", "hill.mov", 48, 96)]
    assert group_tracks(versions, uses) == [[versions[0]], [versions[1]]]
    assert disagree(versions, uses, master((2.0, 4.0))) == [("v2.edl", "01:00:02:00", "shots/a.png")]


def test_lists_without_a_title_and_other_formats_stand_alone() -> None:
    alone = [timeline("a.edl", name=""), timeline("b.edl", name=""), timeline("a.xml", kind="xmeml")]
    assert group_tracks(alone, []) == [[row] for row in alone]


def test_what_was_compared_is_said() -> None:
    cut, late = timeline("a.edl"), master(start="10:00:00:00")
    assert compare_with_picture([cut], [], [late], PACK).pictures == {}
    assert compare_with_picture([cut], [], [master()], PACK).pictures == {"a.edl": ["shots/a.png"]}
