"""Every format prints the golden report twice byte for byte; text formats are compared with what is committed.

PROVENANCE_REFRESH_GOLDEN=1 writes the files anew; look at the difference before it is committed.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from provenance.model.report import Coverage, Inputs, PolicyName, Report
from provenance.registry import list_names
from provenance.reports import formats
from provenance.reports.compose import compose
from provenance.reports.interface import Format
from tests.reports.golden.report import golden_report

GOLDEN = Path(__file__).parent / "golden"
EVERY = list_names(formats)


@pytest.mark.parametrize("name", EVERY)
def test_the_same_report_gives_the_same_bytes(name: str, golden: Report, known_formats: dict[str, Format]) -> None:
    first = b"".join(known_formats[name].render(golden))
    assert first
    assert b"".join(known_formats[name].render(golden_report())) == first


@pytest.mark.parametrize("name", ["text", "json", "jsonl", "csv"])
def test_what_is_printed_is_what_was_agreed(name: str, golden: Report, known_formats: dict[str, Format]) -> None:
    printed = b"".join(known_formats[name].render(golden))
    file = GOLDEN / f"report{known_formats[name].suffix}"
    if os.environ.get("PROVENANCE_REFRESH_GOLDEN"):
        file.write_bytes(printed)
    assert printed == file.read_bytes()


@pytest.mark.parametrize("name", EVERY)
def test_a_report_about_nothing_prints_too(name: str, known_formats: dict[str, Format]) -> None:
    empty = compose(
        made_at="2026-11-22T16:40:00Z", version="0", inputs=Inputs((), PolicyName("p", "0" * 64)), coverage=Coverage()
    )
    assert b"".join(known_formats[name].render(empty))


@pytest.mark.parametrize("name", EVERY)
def test_a_format_says_what_it_is(name: str, known_formats: dict[str, Format]) -> None:
    member = known_formats[name]
    assert member.title
    assert member.suffix.startswith(".")


def test_suffixes_differ(known_formats: dict[str, Format]) -> None:
    assert len({member.suffix for member in known_formats.values()}) == len(known_formats)
