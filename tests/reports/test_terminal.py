from __future__ import annotations

import dataclasses
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.model.evidence import Used
from provenance.model.report import Coverage, Report
from provenance.model.vocabulary import Severity
from provenance.reports import layout, sentences, terminal
from tests.reports.golden.report import golden_report

ANYTHING = st.text(st.characters() | st.sampled_from("\x1b\x9b\x07\u202e\u200b\r\n"), min_size=1)


@settings(max_examples=50, deadline=None)
@given(ANYTHING)
def test_no_line_acts_on_a_terminal(text: str) -> None:
    report = golden_report()
    first = dataclasses.replace(report.findings[0], message=text, path=text, remedy=text, clause=text, rule=text)
    inputs = dataclasses.replace(report.inputs, roots=(text,), excluded=(text,))
    for line in terminal.format_lines(dataclasses.replace(report, findings=(first,), inputs=inputs)):
        assert not re.search("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]", line)


def test_only_paths_and_long_words_are_wider_than_the_page(golden: Report) -> None:
    wide = [line for line in terminal.format_lines(golden) if len(line) > layout.WIDTH]
    assert all("poster\\x1b" in line or line.startswith("Checked") for line in wide)


def test_styles_get_the_words_of_severity(golden: Report) -> None:
    styled = list(terminal.format_lines(golden, lambda role, text: f"<{role}>{text}</{role}>"))
    for word in (*Severity, "waived", "verdict", "heading"):
        assert any(f"<{word}>" in line for line in styled)
    plain = [re.sub(r"</?(?:block|review|note|waived|verdict|heading|path|faint)>", "", line) for line in styled]
    assert plain == list(terminal.format_lines(golden))


def test_the_last_line_tells_the_coverage(golden: Report) -> None:
    *_, last = terminal.format_lines(golden)
    assert last.startswith("Checked 10 of 13 assets (10 MB); 3 could not be checked")


def test_a_run_without_a_search_says_so(golden: Report) -> None:
    marks_only = dataclasses.replace(golden, inputs=dataclasses.replace(golden.inputs, searched=None))
    first_lines = " ".join(list(terminal.format_lines(marks_only))[:4])
    assert "this run made no search for known material" in first_lines
    assert "compared with" not in first_lines


def test_the_verdict_never_calls_silence_clean(golden: Report) -> None:
    nothing = dataclasses.replace(golden, findings=())
    assert "This is not a pass" in sentences.describe_verdict(nothing)
    plain = tuple(case for case in golden.cases if not case.is_suspect)
    seen = dataclasses.replace(nothing, cases=plain, coverage=Coverage(seen=3, looked_at=3))
    assert sentences.describe_verdict(seen) == "No findings in the material that was checked."
    waived = tuple(found for found in golden.findings if found.path == "artwork/sign.png")
    assert "must be resolved" not in sentences.describe_verdict(dataclasses.replace(golden, findings=waived))


def test_frames_as_people_read_them() -> None:
    assert sentences.format_frames([(4, 4), (10, 12)]) == "4, 10-12"


def test_a_long_prompt_is_cut_and_says_how_much_more_there_is() -> None:
    told = sentences.describe_generation(Used("x" * 5000, model="sd15", inputs=("a.png", "b.png")))
    assert told.startswith("model: sd15; inputs: a.png, b.png; prompt: xxx")
    assert "(4,700 more characters)" in told
    assert len(told) < 400


def test_sentences_wrap_where_the_terminal_ends(golden: Report) -> None:
    def longest(width: int) -> int:
        return max(
            len(line)
            for line in terminal.format_lines(golden, width=width)
            if line.startswith("       ") and " · " not in line
        )

    assert longest(90) <= 90 < longest(140) <= 140
