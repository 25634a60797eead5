"""The tour and the how-to pages: what they show is what happens."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.docs.examples import BLOCK, environment, problems

ROOT = Path(__file__).parents[2]
SHOWN = [path for path in sorted((ROOT / "docs").rglob("*.md")) if BLOCK.search(path.read_text(encoding="utf-8"))]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the fixtures in it, as a reader has who stands in the project."""
    folder = tmp_path / "project"
    for part in ("delivery", "editorial", "certificates", "marks"):
        shutil.copytree(ROOT / "fixtures" / "media" / part, folder / "fixtures" / "media" / part)
    monkeypatch.chdir(folder)
    return folder


def test_the_tour_is_among_them() -> None:
    assert ROOT / "docs" / "tour.md" in SHOWN


@pytest.mark.parametrize("page", SHOWN, ids=lambda page: page.stem)
def test_what_a_page_shows_happens(page: Path, project: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for tool in ("sha256sum", "openssl", "minisign"):
        if f"{tool} " in text and shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    assert list(problems(text, project, environment(project / "home"))) == []


LYING = """```console
$ echo \\
  one
one
$ false
$ echo $?
0
```
```python
x = 1
```
```python
>>> x
2
```
"""


def test_a_page_that_lies_is_noticed(tmp_path: Path) -> None:
    code, value = problems(LYING, tmp_path, environment(tmp_path))
    assert code.startswith("$ echo $?")
    assert "Expected:\n    2\nGot:\n    1\n" in value
