"""What a night has to say, as every channel is given it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

SCHEMA = "provenance-notice/1"


@dataclass(frozen=True, slots=True)
class Notice:
    """News of a night. All text is one line each, and visible: whoever makes it has escaped what files say."""

    title: str
    """Without the name of a file."""
    outcome: str
    """`done`, or how else the night ended."""
    exit_code: int
    made_at: str
    """When the night began: UTC, ISO 8601."""
    machine: str
    figures: Mapping[str, int] = field(default_factory=dict)
    facts: tuple[str, ...] = ()
    """Sentences without the name of a file."""
    items: tuple[str, ...] = ()
    """The most important lines that name files, for a message that must be short."""
    text: tuple[str, ...] = ()
    """All lines that name files, for e-mail."""
