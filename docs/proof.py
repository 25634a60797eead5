"""What shows that a member of a family does what its page says: its fixtures and its tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from docs import markdown
from docs.texts import ROOT

_MEDIA = ROOT / "fixtures" / "media"


class Mark(NamedTuple):
    """A fixture of `fixtures/media/marks`, as the page of the fixtures tells it."""

    file: str
    proves: str = ""
    origin: str = ""


def fixtures(name: str) -> Iterator[str]:
    """A table of the fixtures named after a signal, rule or carrier; nothing where there are none."""
    found = list(_marks(name))
    if found:
        yield markdown.table(("fixture", "what it shows", "origin"), map(_row, found))


def tests(path: str) -> Iterator[str]:
    """Where the tests stand, if they are there."""
    if (ROOT / path).exists():
        yield f"Tests: {markdown.link(markdown.code(path), f'../../{path}')}"


def _row(mark: Mark) -> list[str]:
    kind = "mark" if "-fail-" in mark.file else "trap"
    linked = markdown.link(markdown.code(mark.file), f"../../fixtures/media/marks/{mark.file}")
    return [f"{kind}: {linked}", markdown.prose(mark.proves), mark.origin]


def _marks(name: str) -> Iterator[Mark]:
    told = {mark.file: mark for mark in _told()}
    for path in sorted((_MEDIA / "marks").glob(f"{name}-*-*.*")):
        yield told.get(path.name, Mark(path.name))


def _told() -> Iterator[Mark]:
    for line in (_MEDIA / "README.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("| `marks/"):
            file, proves, origin = (cell.strip() for cell in line.strip("|").split(" | ")[:3])
            yield Mark(file.strip("`").removeprefix("marks/"), proves, origin)
