"""Findings as markers in a cut, for the editing system that it came from.

Adding a format: a new file in `markers/` with exactly one class, named as the file is, and its test, which reads the
output back with a reader of another program. All text in a marker comes out of hostile files: a format escapes it.
"""

from __future__ import annotations

import abc
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from provenance.timecode import Clock

_LONGEST_NAME = 60
_LONGEST_COMMENT = 200


@dataclass(frozen=True, slots=True)
class Marker:
    """One marker. Frames of the cut from 00:00:00:00."""

    record_in: int
    length: int
    """Frames, at least 1."""
    colour: str
    """`red`, `yellow` or `blue`: block, review, note."""
    name: str
    comment: str


@dataclass(frozen=True, slots=True)
class MarkedCut:
    """The cut that markers belong to."""

    name: str
    clock: Clock
    start: int
    """Frame of its first frame."""
    length: int
    """Frames."""


class MarkerFormat(abc.ABC):
    """Writes markers in one format. The same markers give the same bytes."""

    name: ClassVar[str]
    """Same as the module's name; users write it with dashes: `avid-markers`."""
    title: ClassVar[str]
    """The system that imports it, for the reference."""

    @abc.abstractmethod
    def format(self, cut: MarkedCut, markers: Sequence[Marker]) -> str:
        """The whole file."""


def flatten(text: str, forbidden: str = "", longest: int = _LONGEST_COMMENT) -> str:
    """Text on one line without control characters and without `forbidden` ones, cut at `longest` characters."""
    clean = "".join(" " if not character.isprintable() or character in forbidden else character for character in text)
    clean = " ".join(clean.split())
    return clean if len(clean) <= longest else clean[: longest - 1] + "…"


def flatten_name(text: str, forbidden: str = "") -> str:
    """As `flatten`, for the short name of a marker."""
    return flatten(text, forbidden, _LONGEST_NAME)
