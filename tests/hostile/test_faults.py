"""The matrix of faults: every row is shown by a test or a campaign, and the page of figures names each of them."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from benchmarks.faults import races
from benchmarks.faults.interface import Setting
from benchmarks.faults.matrix import CAMPAIGNS, MATRIX, Row

ROOT = Path(__file__).parents[2]
NUMBERS = [*range(1, 25), *range(28, 32)]


def test_every_row_has_a_campaign() -> None:
    assert [row.number for row in MATRIX] == NUMBERS
    assert {row.campaign for row in MATRIX} == set(CAMPAIGNS)
    for name in CAMPAIGNS:
        assert callable(importlib.import_module(f"benchmarks.faults.{name}").run)


@pytest.mark.parametrize("row", MATRIX, ids=lambda row: str(row.number))
def test_the_tests_that_a_row_names_are_there(row: Row) -> None:
    for test in row.tests:
        path, _, name = test.partition("::")
        text = (ROOT / path).read_text()
        assert not name or f"def {name}(" in text


def test_the_page_has_a_figure_for_every_row() -> None:
    page = (ROOT / "docs" / "reliability.md").read_text()
    rows = {int(number): line for number, line in re.findall(r"^\| (\d+) (\|.*)$", page, re.MULTILINE)}
    assert sorted(rows) == NUMBERS
    for row in MATRIX:
        assert row.passes in rows[row.number]
        for test in row.tests:
            assert test.rpartition("/")[2] in rows[row.number]


def test_races_lose(tmp_path: Path) -> None:
    results = list(races.run(Setting(tmp_path, 0.01)))
    assert [result.row for result in results] == [10, 11]
    assert all(result.holds for result in results), results
