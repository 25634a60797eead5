"""Matches of one known asset that touch become one, with the times and the frames of both."""

from __future__ import annotations

from provenance.matching.merge import merge_matches
from provenance.model.match import COPY, SHARES, Known, Match, Span
from provenance.model.vocabulary import Origin

SKY = Known("sha256:1", "sky.png", Origin.GENERATED)


def found_in(first: int, last: int, *, verdict: str = COPY, has_time: bool = False) -> Match:
    time = Span(first / 24, (last + 1) / 24, f"in {first}", f"out {last}") if has_time else None
    detail = f"frames {first} to {last}: from {first}"
    return Match(SKY, "picture", verdict, time, None, 0.9, detail, frames=(first, last))


def test_ranges_of_a_sequence_without_a_rate_are_joined_by_their_frames() -> None:
    (match,) = merge_matches([found_in(501, 640), found_in(380, 500, verdict=SHARES)])
    assert match.frames == (380, 640)
    assert match.verdict == COPY
    assert match.detail == "frames 380 to 640: from 501"
    assert match.time is None


def test_ranges_of_a_sequence_with_a_rate_keep_the_frames_of_both() -> None:
    (match,) = merge_matches([found_in(380, 500, has_time=True), found_in(501, 640, has_time=True)])
    assert match.frames == (380, 640)
    assert match.time == Span(380 / 24, 641 / 24, "in 380", "out 640")


def test_uses_that_lie_apart_stay_apart() -> None:
    apart = [found_in(380, 500), found_in(520, 640)]
    assert merge_matches(apart[::-1]) == apart


def test_the_picture_and_the_sound_of_a_clip_stay_two_uses() -> None:
    clip = Known("sha256:2", "clip.mov", Origin.GENERATED)
    shown = Match(clip, "video", COPY, Span(0, 2), Span(0, 2), 0.99, "485 points")
    heard = Match(clip, "audio", COPY, Span(0, 7), Span(0, 7), 1.0, "142 standard deviations")
    assert merge_matches([shown, heard]) == merge_matches([heard, shown])
    assert {(match.method, match.time) for match in merge_matches([shown, heard])} == {
        ("video", Span(0, 2)),
        ("audio", Span(0, 7)),
    }
