"""Labels in the picture: what they say of the origin, and how far to believe it."""

from __future__ import annotations

import pytest

from provenance.evidence.signals.visible_label import VisibleLabel
from provenance.evidence.text.visible_text import LINE, LINE_IN_SHOTS, LINE_ONCE
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin, Standing


def read(line: str, key: str = LINE) -> list[Evidence]:
    return list(VisibleLabel().read([Statement("label", "01:00:00:00, lower right, 1,2-3,4", key, line)]))


@pytest.mark.parametrize(
    ("line", "standing", "tool"),
    [
        ("AI生成", Standing.DECLARED, None),
        ("KLING AI 3.0", Standing.TRACE, "KLING AI 3.0"),
        ("Sora", Standing.INFERRED, "Sora"),
    ],
)
def test_what_stands_in_the_whole_picture_may_have_been_generated(
    line: str, standing: Standing, tool: str | None
) -> None:
    [evidence] = read(line)
    assert (evidence.origin, evidence.standing, evidence.tool) == (Origin.POSSIBLY_GENERATED, standing, tool)
    assert line in evidence.detail
    assert "does not say who put them there" in evidence.detail


def test_the_form_of_the_standard_is_named() -> None:
    assert "GB 45438-2025" in read("AI生成")[0].detail
    assert "GB 45438-2025" not in read("Generated with AI")[0].detail


def test_a_name_that_is_also_a_word_is_called_one() -> None:
    assert "also a common name" in read("Sora")[0].detail


def test_a_label_in_some_shots_says_nothing_of_the_film() -> None:
    [evidence] = read("AI生成", LINE_IN_SHOTS)
    assert (evidence.origin, evidence.standing) == (Origin.UNKNOWN, Standing.DECLARED)


def test_what_was_read_once_is_inferred() -> None:
    [evidence] = read("AI生成", LINE_ONCE)
    assert (evidence.origin, evidence.standing) == (Origin.UNKNOWN, Standing.INFERRED)


@pytest.mark.parametrize("line", ["VFX TBD", "shutterstock", "Not generated with AI", ""])
def test_other_lines_are_nothing(line: str) -> None:
    assert not read(line)


def test_the_same_words_in_another_field_are_nothing() -> None:
    assert not list(VisibleLabel().read([Statement("xmp", "XMP", "dc:title", "AI生成")]))
