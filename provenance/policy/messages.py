"""Phrases that the messages of several rules share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from provenance.model.evidence import Evidence
from provenance.model.match import COPY, Match
from provenance.model.vocabulary import Standing

_STRONGEST_FIRST = list(Standing)

_LONGEST_NAME = 60
"""Characters of a tool's name in a sentence; the evidence keeps all of it."""

_MOST_TOOLS = 3
"""Tools that a sentence names."""


def describe_marks(evidence: Sequence[Evidence]) -> str:
    """`2 marks, the strongest trusted: Adobe Firefly, Topaz` for evidence that is not empty."""
    # the reader's first question is how far the claim can be believed
    strongest = min(evidence, key=lambda row: _STRONGEST_FIRST.index(row.standing)).standing
    text = f"{len(evidence)} marks, the strongest {strongest}"
    if len(evidence) == 1:
        text = f"1 mark, {strongest}"
    if tools := name_tools(evidence):
        text += f": {tools}"
    return text


def name_tools(evidence: Iterable[Evidence]) -> str:
    """The tools that the evidence names, each once, at most three of them, each cut to a readable length."""
    # cut first, so that endless names which differ at their ends count as one
    names = list(dict.fromkeys(shorten(row.tool) for row in evidence if row.tool))
    text = ", ".join(names[:_MOST_TOOLS])
    if len(names) > _MOST_TOOLS:
        text += f" and {len(names) - _MOST_TOOLS} more"
    return text


def shorten(text: str) -> str:
    """Text short enough for a sentence."""
    if len(text) <= _LONGEST_NAME:
        return text
    return text[: _LONGEST_NAME - 1] + "…"


def quote_places(evidence: Sequence[Evidence]) -> str:
    """Where labels stand, at most three of them: `01:00:04:00 to 01:00:08:05, lower right`; the evidence has the words.

    The box in pixels, which ends the place, is left out.
    """
    places = [row.where.rpartition(", ")[0] or row.where for row in evidence[:_MOST_TOOLS]]
    text = "; ".join(map(shorten, places))
    if len(evidence) > _MOST_TOOLS:
        text += f"; and {len(evidence) - _MOST_TOOLS} more"
    return text


def describe_match(match: Match) -> str:
    """The known material and the method that found it: `temp/sky.png, found by picture`."""
    return f"{shorten(match.known.path)}, found by {match.method}"


def describe_showing(match: Match) -> str:
    """`shows`, or `plays` of a sound."""
    return "plays" if match.is_sound else "shows"


def describe_sharing(match: Match) -> str:
    """`contains`, or `shares content with` where it is no copy."""
    if match.verdict == COPY:
        return "contains"
    return "shares content with"


def get_first_frame(match: Match) -> int | None:
    """The number of the first frame of a sequence that shows the known material; None for anything else."""
    if match.frames is None:
        return None
    return match.frames[0]
