"""The proof that a member of a family does what its page says: its fixtures and its tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from docs import markdown
from docs.texts import ROOT

_MEDIA = ROOT / "fixtures" / "media"


class Fixture(NamedTuple):
    """A file of `fixtures/media/marks`, as the page of the fixtures describes it."""

    file: str
    proves: str = ""
    origin: str = ""


def list_fixtures(name: str) -> Iterator[str]:
    """Yield a table of the fixtures named after a signal, rule or carrier; yields nothing when there are none."""
    fixtures = list(_find_fixtures(name))
    if fixtures:
        yield markdown.format_table(("fixture", "what it shows", "origin"), map(_format_row, fixtures))


def list_tests(path: str) -> Iterator[str]:
    """Yield a link to the tests at `path`, if they exist."""
    if (ROOT / path).exists():
        yield f"Tests: {markdown.format_link(markdown.format_code(path), f'../../{path}')}"


def _format_row(fixture: Fixture) -> list[str]:
    kind = "mark" if "-fail-" in fixture.file else "trap"
    target = f"../../fixtures/media/marks/{fixture.file}"
    link = markdown.format_link(markdown.format_code(fixture.file), target)
    return [f"{kind}: {link}", markdown.escape_prose(fixture.proves), fixture.origin]


def _find_fixtures(name: str) -> Iterator[Fixture]:
    described = {fixture.file: fixture for fixture in _read_descriptions()}
    for path in sorted((_MEDIA / "marks").glob(f"{name}-*-*.*")):
        yield described.get(path.name, Fixture(path.name))


def _read_descriptions() -> Iterator[Fixture]:
    # the page of the fixtures is generated from the plan that makes them, so it cannot be out of date
    for line in (_MEDIA / "README.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("| `marks/"):
            cells = line.strip("|").split(" | ")
            file, proves, origin = map(str.strip, cells[:3])
            yield Fixture(file.strip("`").removeprefix("marks/"), proves, origin)
