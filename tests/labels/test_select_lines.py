"""Which lines of a frame count: by what they say, where they stand, and what stands beside them."""

from __future__ import annotations

import pytest

from provenance.labels.reader import Box, Line
from provenance.labels.select_lines import describe_position, select_labels


def line(text: str, across: float = 0.5, down: float = 0.5, height: float = 0.05, width: float = 0.2) -> Line:
    """A line around a place."""
    return Line(text, Box(across - width / 2, down - height / 2, across + width / 2, down + height / 2))


def select(*lines: Line, is_still: bool = False) -> list[str]:
    return [label.text for label in select_labels(lines, is_still=is_still)]


def test_a_label_counts_anywhere_and_among_anything() -> None:
    names = [line(f"Name {number}", down=0.05 + number * 0.1, across=0.2, width=0.1) for number in range(9)]
    assert select(line("AI生成", 0.9, 0.95), *names) == ["AI生成"]


def test_a_broken_disclosure_is_one_label() -> None:
    assert select(line("Portions of this program", down=0.5), line("were created with AI", down=0.56)) == [
        "Portions of this program were created with AI"
    ]


def test_the_second_line_of_a_sentence_is_none() -> None:
    assert select(line("Nothing here is", down=0.85), line("AI-generated", down=0.91)) == []


def test_the_name_of_a_generator_above_does_no_harm() -> None:
    assert select(line("元宝", 0.9, 0.85), line("AI生成", 0.9, 0.91)) == ["AI生成"] or select(
        line("元宝", 0.9, 0.85), line("AI生成", 0.9, 0.91)
    ) == ["元宝 AI生成"]


def test_lines_far_from_each_other_are_no_sentence() -> None:
    assert select(line("A title", 0.5, 0.2), line("AI-generated", 0.9, 0.95)) == ["AI-generated"]


@pytest.mark.parametrize(
    ("across", "down", "height", "counts"),
    [(0.9, 0.93, 0.04, True), (0.5, 0.5, 0.04, False), (0.9, 0.93, 0.1, False), (0.5, 0.93, 0.04, True)],
)
def test_a_name_that_is_also_a_word_counts_where_marks_are(
    across: float, down: float, height: float, *, counts: bool
) -> None:
    assert bool(select(line("Sora", across, down, height))) == counts


def test_in_a_still_such_a_name_counts_in_a_corner_alone() -> None:
    assert select(line("Sora", 0.9, 0.93, 0.04), is_still=True) == ["Sora"]
    assert select(line("Sora", 0.5, 0.93, 0.04), is_still=True) == []


def test_a_preview_is_no_credit() -> None:
    assert select(line("gettyimages", 0.5, 0.5)) == ["gettyimages"]
    assert select(line("Getty Images", 0.2, 0.95, 0.03)) == []


def test_a_name_that_is_repeated_is_a_preview_wherever_it_stands() -> None:
    names = [line("alamy", 0.2, 0.95, 0.03), line("alamy", 0.8, 0.95, 0.03), line("alamy", 0.5, 0.5, 0.03)]
    assert select(*names) == ["alamy"] * 3


def test_a_list_of_credits_is_no_preview() -> None:
    names = [line(f"Name {number}", down=0.1 + number * 0.1, height=0.03) for number in range(4)]
    assert select(line("Getty Images", down=0.6, height=0.03), *names) == []


def test_a_slate_counts_beside_other_words() -> None:
    others = [line(f"Langue {number}", down=0.1 + number * 0.12, across=0.2) for number in range(5)]
    assert select(line("MEDIA OFFLINE", 0.8), *others) == ["MEDIA OFFLINE"]


def test_a_word_of_signs_counts_where_it_is_large_and_alone() -> None:
    assert select(line("TEMP", height=0.1)) == ["TEMP"]
    assert select(line("TEMP", height=0.015)) == []
    assert select(line("TEMP", height=0.04), is_still=True) == []
    assert select(line("TEMP", 0.9, height=0.1), *[line(f"{n} km", 0.2, 0.1 + n * 0.15) for n in range(5)]) == []


def test_words_for_places() -> None:
    assert describe_position(Box(0.8, 0.9, 0.95, 0.95)) == "lower right"
    assert describe_position(Box(0.4, 0.4, 0.6, 0.6)) == "middle"


def test_overlap() -> None:
    assert Box(0, 0, 1, 1).measure_overlap(Box(0, 0, 1, 1)) == 1
    assert Box(0, 0, 0.5, 1).measure_overlap(Box(0.25, 0, 0.75, 1)) == pytest.approx(1 / 3)
    assert Box(0, 0, 0.1, 0.1).measure_overlap(Box(0.5, 0.5, 1, 1)) == 0
