"""Lines of a terminal: wrapped between words, styled by role, with text from files escaped."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from provenance.reports.escape import make_visible, shorten

Style = Callable[[str, str], str]
"""(role, text) -> text. Roles: `block`, `review`, `note`, `waived`, `verdict`, `heading`, `path`, `faint`."""

WIDTH = 100
"""Columns where the width of the terminal is not known."""

_NARROWEST = 40
"""Columns below which sentences do not wrap further."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How the report is laid out: the styles of its roles, and the column where lines wrap."""

    style: Style
    width: int


def keep_plain(role: str, text: str) -> str:  # noqa: ARG001 - the signature of every Style
    """The text without colours, for files and pipes."""
    return text


def wrap(text: str, indent: str, layout: Layout, *, role: str = "") -> Iterable[str]:
    """The text in lines of at most `layout.width` columns; a bullet in `indent` is on the first line only."""
    rows = _fill(text, indent, " " * len(indent), layout)
    if not role:
        return rows
    return [layout.style(role, row) for row in rows]


def wrap_entry(role: str, label: str, text: str, indent: str, layout: Layout) -> Iterable[str]:
    """An entry of a list: its label, styled by its role, then the text; later lines begin further in.

    A label is padded to the width that all labels of such a list have.
    """
    hang = " " * (len(indent) + len(label) + 1)
    first, *rest = _fill(f"{label} {text}", indent, hang, layout)
    word = label.rstrip()
    return [indent + layout.style(role, word) + first.removeprefix(indent + word), *rest]


def _fill(text: str, first: str, later: str, layout: Layout) -> list[str]:
    # a path, a digest or an address stays whole, so that somebody can copy it
    return textwrap.wrap(
        make_visible(shorten(text)),
        max(layout.width, _NARROWEST),
        initial_indent=first,
        subsequent_indent=later,
        break_long_words=False,
        break_on_hyphens=False,
    )
