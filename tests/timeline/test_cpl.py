"""Composition playlists: segments and resources of IMF, reels of digital cinema packages."""

from __future__ import annotations

from fractions import Fraction

import pytest

from provenance.timecode import Clock
from provenance.timeline.interface import Cut
from provenance.timeline.readers import cpl as cpl_reader
from tests.timeline.build import imf, imf_resource, imf_segment, imf_sequence, read_cut

FILM = Clock(Fraction(24000, 1001))


def file_id(number: int) -> str:
    return f"{number:08x}-0000-4000-8000-000000000000"


def list_files(cut: Cut) -> list[tuple[str, str, int, int]]:
    start = cut.start or 0
    return [
        (event.track, event.source.package_ids[0][:8].lstrip("0"), event.record_in - start, event.record_out - start)
        for event in cut.events
    ]


def test_resources_follow_each_other_and_segments_too() -> None:
    one = imf_segment(imf_sequence(imf_resource(1, 24, 120), imf_resource(2, 0, 48)))
    two = imf_segment(imf_sequence(imf_resource(3, 0, 24)))
    cut = read_cut(imf(one + two), "CPL.xml")
    assert (cut.format, cut.clock, cut.start, cut.end) == ("imf-cpl", FILM, 86_400, 86_592)
    assert list_files(cut) == [("V1", "1", 0, 120), ("V1", "2", 120, 168), ("V1", "3", 168, 192)]
    used = cut.events[0].used
    assert used
    assert (used.start, used.end, used.is_relative) == (24, 144, True)
    assert cut.events[0].source.package_ids == (file_id(1),)


def test_a_segment_is_as_long_as_its_longest_track() -> None:
    short = imf_sequence(imf_resource(2, 0, 10), track=2)
    cut = read_cut(imf(imf_segment(imf_sequence(imf_resource(1, 0, 24)), short) * 2), "CPL.xml")
    assert list_files(cut) == [("V1", "1", 0, 24), ("V2", "2", 0, 10), ("V1", "1", 24, 48), ("V2", "2", 24, 34)]


def test_sounds_count_samples_and_stand_in_frames() -> None:
    sound = imf_sequence(imf_resource(2, 2_002, 96_096, "<EditRate>48000 1</EditRate>"), kind="MainAudioSequence")
    cut = read_cut(imf(imf_segment(sound)), "CPL.xml")
    assert list_files(cut) == [("A1", "2", 0, 48)]
    used = cut.events[0].used
    assert used
    assert (used.start, used.end, used.clock) == (1, 49, FILM)


def test_a_resource_is_repeated() -> None:
    more = "<RepeatCount>3</RepeatCount>"
    cut = read_cut(imf(imf_segment(imf_sequence(imf_resource(1, 0, 10, more), imf_resource(2, 0, 5)))), "CPL.xml")
    assert [place[2:] for place in list_files(cut)] == [(0, 10), (10, 20), (20, 30), (30, 35)]


def test_many_repeats_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cpl_reader, "_MOST_EVENTS", 100)
    resources = imf_resource(1, 0, 10, "<RepeatCount>9999</RepeatCount>") * 500
    cut = read_cut(imf(imf_segment(imf_sequence(resources))), "CPL.xml")
    assert len(cut.events) == 100
    assert cut.not_read["event beyond the limit"] > 0
    assert cut.end == 86_400 + 500 * 9_999 * 10


def test_other_sequences_are_no_tracks() -> None:
    marker = imf_sequence(imf_resource(1), kind="MarkerSequence")
    subtitle = imf_sequence(imf_resource(2), kind="SubtitlesSequence")
    assert read_cut(imf(imf_segment(marker, subtitle)), "CPL.xml").events == ()


@pytest.mark.parametrize(
    ("old", "new", "left_out"),
    [
        ("<SourceDuration>24</SourceDuration>", "", 0),
        ("<SourceDuration>24</SourceDuration>", "<SourceDuration>-4</SourceDuration>", 0),
        ("<SourceDuration>24</SourceDuration>", "<SourceDuration>0</SourceDuration>", 1),
        ("<EntryPoint>0</EntryPoint>", "", 0),
        (
            "<SourceDuration>24</SourceDuration>",
            "<SourceDuration>24</SourceDuration><RepeatCount>99999999</RepeatCount>",
            1,
        ),
        ("urn:uuid:00000001-0000-4000-8000-000000000000", "no id", 0),
    ],
)
def test_odd_resources(old: str, new: str, left_out: int) -> None:
    text = imf(imf_segment(imf_sequence(imf_resource(1))))
    assert old in text
    cut = read_cut(text.replace(old, new), "CPL.xml")
    assert cut.not_read == ({"resource without a length": left_out} if left_out else {})


@pytest.mark.parametrize("rate", ["", "24", "0 1", "24 0", "999999999999999 1", "1 999999999999999", "x y", "-24 1"])
def test_a_composition_without_a_rate_says_so(rate: str) -> None:
    cut = read_cut(imf(imf_segment(imf_sequence(imf_resource(1))), rate), "CPL.xml")
    assert cut.rate_from == "least"
    assert cut.clock == Clock(Fraction(24))


@pytest.mark.parametrize(("text", "start"), [("01:00:00:00", 86_400), ("", 0), ("25:00:00:00", 0), ("00:00:01:12", 36)])
def test_the_start_is_optional(text: str, start: int) -> None:
    assert read_cut(imf(imf_segment(imf_sequence(imf_resource(1))), timecode=text), "CPL.xml").start == start


REEL = """<Reel><AssetList>
<MainPicture><Id>urn:uuid:0000000{n}-0000-4000-8000-000000000000</Id><EditRate>24 1</EditRate>
<IntrinsicDuration>100</IntrinsicDuration><EntryPoint>10</EntryPoint><Duration>48</Duration></MainPicture>
<MainSound><Id>urn:uuid:0000001{n}-0000-4000-8000-000000000000</Id><EditRate>24 1</EditRate>
<IntrinsicDuration>100</IntrinsicDuration></MainSound>
<MainSubtitle><Id>urn:uuid:0000002{n}-0000-4000-8000-000000000000</Id></MainSubtitle></AssetList></Reel>"""


def test_reels_of_a_cinema_package_follow_each_other() -> None:
    reels = REEL.replace("{n}", "1") + REEL.replace("{n}", "2")
    text = (
        '<?xml version="1.0"?><CompositionPlaylist xmlns="http://www.digicine.com/PROTO-ASDCP-CPL-20040511#">'
        f"<ContentTitleText>FILM_FTR</ContentTitleText><ReelList>{reels}</ReelList></CompositionPlaylist>"
    )
    cut = read_cut(text, "cpl_film.xml")
    assert (cut.format, cut.name, cut.rate_from, cut.end) == ("dcp-cpl", "FILM_FTR", "file", 200)
    assert list_files(cut) == [("A1", "11", 0, 100), ("V1", "1", 0, 48), ("A1", "12", 100, 200), ("V1", "2", 100, 148)]
