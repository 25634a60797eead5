"""The table 'Where do I change it?' names files, names in them and tests that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
HEADING = "## Where do I change it?"
FEWEST_ROWS = 30


def read_rows(page: str) -> list[tuple[str, str]]:
    """(place, test) of every row: `file.py:name` or a bare file, and the file of its test."""
    section = page.split(HEADING)[1].split("\n## ")[0]
    return re.findall(r"^\| .+ \| `([^`]+)` \| `([^`]+)` \|$", section, re.MULTILINE)


def list_names(file: Path) -> set[str]:
    """Names defined at the top of a module, and `Class.method`."""
    names: set[str] = set()
    for node in ast.parse(file.read_bytes()).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        if isinstance(node, ast.ClassDef):
            names |= {f"{node.name}.{child.name}" for child in node.body if isinstance(child, ast.FunctionDef)}
        if isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
    return names


def find_missing(rows: list[tuple[str, str]]) -> list[str]:
    """Files, names and tests that do not exist."""
    missing = []
    for place, test in rows:
        file, _, name = place.partition(":")
        is_file = (ROOT / file).is_file()
        if not is_file or (name and name not in list_names(ROOT / file)):
            missing.append(place)
        if not (ROOT / test).is_file():
            missing.append(test)
    return missing


def test_every_place_in_the_table_exists() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = read_rows(page)
    table = page.split(HEADING)[1].split("\n## ")[0]
    assert len(rows) == table.count("\n| ") - 1, "a row that the test cannot read"
    assert len(rows) >= FEWEST_ROWS
    assert find_missing(rows) == []


def test_a_place_that_does_not_exist_is_noticed() -> None:
    here = "tests/docs/test_where_to_change.py"
    rows = [(f"{here}:list_names", here), (f"{here}:gone", here), ("gone.py", here), (here, "tests/gone.py")]
    assert find_missing(rows) == [f"{here}:gone", "gone.py", "tests/gone.py"]
