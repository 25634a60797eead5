"""Key names, tolerant JSON, excerpts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.evidence.text import parse_text


@pytest.mark.parametrize(
    ("key", "bare"),
    [
        ("UserComment", "usercomment"),
        ("exif:UserComment[x-default]", "usercomment"),
        ("dc:description[1]", "description"),
        ("xmpMM:History[2]/stEvt:softwareAgent", "softwareagent"),
        ("COMMENT", "comment"),
        ("©cmt", "comment"),
        ("comments", "comment"),
        ("desc", "description"),
        ("com.apple.quicktime.make", "make"),
        ("com.apple.quicktime.software", "software"),
        ("ISFT", "software"),
        ("TXXX:AIGC", "aigc"),
        ("bext/Originator", "originator"),
        ("sd-metadata", "sd-metadata"),
        ("", ""),
        ("/", ""),
    ],
)
def test_names(key: str, bare: str) -> None:
    assert parse_text.normalise_key(key) == bare


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1}', {"a": 1}),
        ('\ufeff {"a": 1}\0\0', {"a": 1}),
        ('"{\\"a\\": 1}"', {"a": 1}),
        ('{"a": "line\nbreak"}', {"a": "line\nbreak"}),
        ("[1]", [1]),
        ("{", None),
        ("", None),
        ("[" * 100_000, None),
        ('{"a": ' + "9" * 10_000 + "}", None),
    ],
)
def test_loading(text: str, value: object) -> None:
    assert parse_text.parse_json(text) == value


def test_not_a_number_is_tolerated() -> None:
    assert "a" in parse_text.parse_json_object('{"a": NaN, "b": -Infinity}')


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300) | st.text('{}[]",:\\ 0', max_size=60), st.integers(5, 200))
def test_nothing_raises_and_excerpts_are_short_lines(text: str, length: int) -> None:
    parse_text.parse_json(text)
    parse_text.parse_json_object(text)
    parse_text.normalise_key(text)
    parse_text.compact_key(text)
    cut = parse_text.shorten(text, length)
    assert len(cut) <= length
    assert "\n" not in cut
    cut.encode("utf-8")
