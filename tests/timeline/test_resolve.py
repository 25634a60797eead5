"""Names in a cut -> assets: the surest tie decides, timecode chooses, and nothing is guessed."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from provenance.timecode import Clock
from provenance.timeline.interface import Cut, Event, SourceNames, SourceRange
from provenance.timeline.resolve import (
    KnownSource,
    KnownSources,
    find_rate,
    list_names,
    list_own_names,
    strip_extension,
    strip_name,
)
from tests.timeline.build import DROP, FILM, PAL

UMID = "060a2b340101010501010f20130000007a574aed1aa34ed3828a10a44a66aeb4"


def known(*sources: KnownSource) -> KnownSources:
    found = KnownSources()
    for source in sources:
        found.add(source)
    return found


def asset(digest: str, *paths: str, **more: Any) -> KnownSource:
    return KnownSource(digest, tuple(f"/edit/{path}" for path in paths), **more)


def event(used: SourceRange | None = None, **names: Any) -> Event:
    return Event("V1", 0, 10, SourceNames(**names), used=used)


def at(start: int, clock: Clock = FILM, **more: bool) -> SourceRange:
    return SourceRange(start, start + 10, clock, **more)


TIMED: dict[str, Any] = {"start": 1_000, "frames": 100, "clock": FILM}


@pytest.mark.parametrize(
    ("names", "by"),
    [
        ({"digests": ("d1",)}, "digest"),
        ({"package_ids": ("p1",)}, "package-id"),
        ({"umids": (UMID,)}, "umid"),
        ({"umids": ("f" * 32 + UMID[32:],)}, "umid"),
        ({"paths": ("/edit/A001.mov",), "file_names": ("A001.mov",)}, "path"),
        ({"paths": ("/EDIT/a001.MOV",)}, "path"),
        ({"paths": ("/Volumes/x/A001.mov",), "file_names": ("A001.mov",)}, "file-name"),
        ({"file_names": ("a001.MOV",)}, "file-name"),
        ({"clip_names": ("A001.mov",)}, "file-name"),
        ({"clip_names": ("A001",)}, "clip-name"),
        ({"file_names": ("A001.mxf",)}, "clip-name"),
        ({"clip_names": ("A001.new.01",)}, "clip-name"),
        ({"clip_names": ("A001.mov.Copy.02.sub.01",)}, "clip-name"),
        ({"clip_names": ("A001 (copy 2)",)}, "clip-name"),
    ],
)
def test_the_surest_tie_decides(names: dict[str, Any], by: str) -> None:
    sources = known(asset("d1", "A001.mov", umids=(UMID,), package_ids=("p1",)), asset("d2", "B.mov"))
    resolution = sources.resolve(event(**names))
    assert (resolution.by, resolution.source and resolution.source.digest) == (by, "d1")


@pytest.mark.parametrize(
    ("clip", "file"),
    [
        ("shot_new2", "shot.mov"),
        ("opening_sub01", "opening.mov"),
        ("shot.v2", "shot.mov"),
        ("shot.v2", "shot.v1.mov"),
        ("scene.12", "scene.mov"),
        ("renew.01", "re.mov"),
        ("A001", "A0011.mov"),
        ("Mr.Smith", "Mr.Jones.mov"),
        ("", "A001.mov"),
        (".mov", "A001.mov"),
    ],
)
def test_a_name_that_is_another_one_ties_nothing(clip: str, file: str) -> None:
    assert known(asset("d1", file)).resolve(event(clip_names=(clip,))).by == "missing"


@pytest.mark.parametrize("clip", ["shot.new.01", "Mr.Smith", "shot.v2", "scene.12"])
def test_a_name_as_it_stands_comes_before_what_it_may_be_short_for(clip: str) -> None:
    sources = known(
        asset("d1", f"{clip}.mov"), asset("d2", "shot.mov"), asset("d3", "Mr.mov"), asset("d4", "scene.mov")
    )
    resolution = sources.resolve(event(clip_names=(clip,)))
    assert resolution.source
    assert resolution.source.digest == "d1"


def test_unicode_forms_and_case_do_not_count() -> None:
    resolution = known(asset("d1", "Gru\u0308\u00dfe.mov")).resolve(event(clip_names=("GR\u00dcSSE",)))
    assert resolution.by == "clip-name"


def test_the_same_bytes_at_two_places_are_one_asset() -> None:
    assert known(asset("d1", "a/x.mov", "b/x.mov")).resolve(event(file_names=("x.mov",))).by == "file-name"


def test_two_of_a_name_are_ambiguous() -> None:
    sources = known(asset("d2", "a/x.mov", clock=PAL), asset("d1", "b/x.mov", clock=PAL))
    resolution = sources.resolve(event(file_names=("x.mov",)))
    assert (resolution.by, resolution.source, resolution.candidates) == ("ambiguous", None, ("d1", "d2"))
    assert resolution.clock == PAL


@pytest.mark.parametrize(
    ("used", "digest"),
    [(at(1_050), "d1"), (at(5_050), "d2"), (at(1_050, is_label=True), "d1"), (at(9_000), None), (None, None)],
)
def test_timecode_chooses_between_two_of_a_name(used: SourceRange | None, digest: str | None) -> None:
    sources = known(asset("d1", "a/x.mov", **TIMED), asset("d2", "b/x.mov", **{**TIMED, "start": 5_000}))
    resolution = sources.resolve(event(used, file_names=("x.mov",)))
    assert (resolution.source.digest if resolution.source else None) == digest
    if digest is None:
        assert resolution.by in ("ambiguous", "missing")


def test_an_asset_without_timecode_is_not_refuted_but_one_that_fits_is_better() -> None:
    sources = known(asset("d1", "a/x.mov", **TIMED), asset("d2", "b/x.mov"))
    resolution = sources.resolve(event(at(1_050), file_names=("x.mov",)))
    assert resolution.source
    assert resolution.source.digest == "d1"
    resolution = sources.resolve(event(at(7_000), file_names=("x.mov",)))
    assert resolution.source
    assert resolution.source.digest == "d2"


def test_a_single_asset_whose_timecode_does_not_fit_is_missing_and_told() -> None:
    resolution = known(asset("d1", "x.mov", **TIMED)).resolve(event(at(9_000), file_names=("x.mov",)))
    assert (resolution.by, resolution.candidates) == ("missing", ("d1",))


def test_relative_times_refute_nothing() -> None:
    resolution = known(asset("d1", "x.mov", **TIMED)).resolve(event(at(0, is_relative=True), file_names=("x.mov",)))
    assert resolution.by == "file-name"


def test_a_label_is_compared_as_it_is_written() -> None:
    source = asset("d1", "x.mov", start=90_000, frames=100, clock=PAL)
    label = SourceRange(FILM.read("01:00:01:00") or 0, 0, FILM, is_label=True)
    assert known(source).resolve(event(label, file_names=("x.mov",))).by == "file-name"
    frames = SourceRange(86_424, 86_430, FILM)
    assert known(source).resolve(event(frames, file_names=("x.mov",))).by == "file-name"


@pytest.mark.parametrize(
    ("reel", "file"),
    [
        ("A001C001", "A001C001_260101_R2XY.mov"),
        ("A001_C001", "A001C001.mov"),
        ("a001c001_260101_", "A001C001_260101_R2XY.mov"),
    ],
)
def test_a_reel_ties_only_with_a_timecode_that_fits(reel: str, file: str) -> None:
    sources = known(asset("d1", file, **TIMED))
    assert sources.resolve(event(at(1_050), reels=(reel,))).by == "reel"
    assert sources.resolve(event(None, reels=(reel,))).by == "missing"
    assert sources.resolve(event(at(9_000), reels=(reel,))).by == "missing"
    assert known(asset("d1", file)).resolve(event(at(1_050), reels=(reel,))).by == "missing"


def test_a_reel_that_a_file_says_of_itself() -> None:
    sources = known(asset("d1", "x.mov", reels=("TAPE 7",), **TIMED))
    assert sources.resolve(event(at(1_050), reels=("TAPE_7",))).by == "reel"


@pytest.mark.parametrize("name", ["shot.1001.exr", "SHOT.1050.EXR", "shot.[1001-1120].exr"])
def test_a_frame_is_one_of_its_sequence(name: str) -> None:
    sources = known(asset("d1", "shot.[1001-1120].exr"), asset("d2", "shot.[1-99].exr"))
    resolution = sources.resolve(event(file_names=(name,)))
    assert resolution.source
    assert resolution.source.digest == "d1"
    assert sources.resolve(event(file_names=("shot.0500.exr",))).by == "missing"


def test_a_umid_without_a_material_number_ties_nothing() -> None:
    empty = UMID[:32] + "0" * 32
    assert known(asset("d1", "x.mov", umids=(empty,))).resolve(event(umids=("f" * 32 + "0" * 32,))).by == "missing"


@pytest.mark.parametrize("path", ["../../etc/passwd", "smb://server/x", "https://example.org/x.mov"])
def test_a_place_outside_is_said_to_be_outside(path: str) -> None:
    assert known().resolve(event(paths=(path,))).by == "outside"


def test_what_is_made_here_is_not_looked_up() -> None:
    made = Event("V1", 0, 10, SourceNames(clip_names=("x",)), is_made_here=True)
    assert known(asset("d1", "x.mov")).resolve(made).by == "made-here"


@pytest.mark.parametrize(
    ("name", "stripped"),
    [
        ("A001.MOV", "a001"),
        ("a001.new.01.copy.02", "a001"),
        ("a001 copy", "a001"),
        ("a001.v2", "a001.v2"),
        ("a001.0001", "a001.0001"),
        (".new.01", ".new.01"),
        ("", ""),
        ("(copy)", "(copy)"),
    ],
)
def test_names_without_what_is_appended(name: str, stripped: str) -> None:
    assert strip_name(name) == stripped


def test_long_names_take_no_longer() -> None:
    """In the process that all workers report to."""
    for name in (". _-" * 500, "new" * 700, "copy 1 " * 300, "1" * 2_000, "[1" * 1_000, ".new.01" * 300, "." * 2_000):
        for _ in range(200):
            strip_name(name)
        list_own_names(name)
        list_names([Cut("cmx3600", "", FILM, "file", 0, 1, (event(clip_names=(name,), reels=(name,)),))])


@pytest.mark.parametrize(
    "name", ["A001C001_260101.MOV", "shot.[1001-1120].exr", "Grüße & Küsse.mov", "x.v2.tif", "Mr.Smith"]
)
def test_whatever_ties_is_asked_for(name: str) -> None:
    """The catalogue is asked for names only: what would resolve must be among them."""
    source = asset("d1", name, **TIMED)
    plain = name.replace("[1001-1120]", "1050")
    texts = [plain, plain.upper(), strip_extension(plain), f"{strip_extension(plain)}.new.01", plain[:8]]
    for text in texts:
        for names in ({"clip_names": (text,)}, {"file_names": (text,)}, {"reels": (text,)}):
            use = event(at(1_050), **names)
            if known(source).resolve(use).source:
                wanted = list_names([Cut("cmx3600", "", FILM, "file", 0, 1, (use,))])
                assert not wanted.isdisjoint(list_own_names(name)), (text, names)


@pytest.mark.parametrize(
    ("own", "rates", "found"),
    [
        (FILM, [Fraction(25), Fraction(25)], Fraction(25)),
        (FILM, [Fraction(24000, 1001)], Fraction(24000, 1001)),
        (FILM, [Fraction(25), Fraction(24)], None),
        (PAL, [Fraction(24)], None),
        (FILM, [], None),
        (DROP, [Fraction(50)], None),
        (DROP, [Fraction(60000, 1001)], Fraction(60000, 1001)),
    ],
)
def test_the_rate_of_a_list_is_that_of_its_sources(own: Clock, rates: list[Fraction], found: Fraction | None) -> None:
    sources = [asset(f"d{number}", f"{number}.mov", clock=Clock(rate)) for number, rate in enumerate(rates)]
    events = tuple(event(clip_names=(f"{number}.mov",)) for number in range(len(rates)))
    assert find_rate(Cut("cmx3600", "", own, "least", 0, 1, events), known(*sources)) == found
