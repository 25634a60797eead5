"""One text in the header of a picture, as the parsers of the simpler picture formats report it."""

from __future__ import annotations

from typing import NamedTuple


class HeaderText(NamedTuple):
    """A text, its name in the specification of the format (or the writer's own), and the byte where it begins."""

    key: str
    value: str
    offset: int
