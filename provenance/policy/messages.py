"""The turns of phrase that several rules share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from provenance.model.evidence import Evidence
from provenance.model.match import Match
from provenance.model.vocabulary import Standing

_ORDER = list(Standing)
_LONGEST = 60
"""Characters of a tool's name that a sentence bears; the evidence keeps all of it."""
_MOST = 3


def marks(evidence: Sequence[Evidence]) -> str:
    """`2 marks, the strongest trusted: Adobe Firefly, Topaz` for evidence that is not empty."""
    strongest = min((row.standing for row in evidence), key=_ORDER.index)
    count = "1 mark" if len(evidence) == 1 else f"{len(evidence)} marks"
    weight = f"{count}, {strongest}" if len(evidence) == 1 else f"{count}, the strongest {strongest}"
    named = tools(evidence)
    return f"{weight}: {named}" if named else weight


def tools(evidence: Iterable[Evidence]) -> str:
    """The tools that the evidence names, each once, at most three of them and each cut to a readable length."""
    names = list(dict.fromkeys(cut(row.tool) for row in evidence if row.tool))
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return ", ".join(names[:_MOST]) + more


def cut(text: str) -> str:
    """Text short enough to stand in a sentence."""
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def found_again(match: Match) -> str:
    """`same-bytes of temp/sky.png`: how known material was found, and which."""
    return f"{match.method}, known from {cut(match.known.path)}"


def first_frame(match: Match) -> int | None:
    """The number of the first frame of a sequence in which known material stands."""
    return match.frames[0] if match.frames else None
