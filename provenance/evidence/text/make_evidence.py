"""From a statement to evidence, the same way for every signal: which statements count, and with which standing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from provenance.evidence.text.parse_text import shorten
from provenance.model.evidence import Evidence, Statement, Used
from provenance.model.vocabulary import About, Origin, Standing

_UNDER_SIGNATURE = frozenset({Standing.TRUSTED, Standing.SIGNED, Standing.BROKEN})
_NOT_VISIBLE = frozenset({About.INPUT, About.REMOVED})
_NOTHING_USED = Used()
_LONGEST_TOOL_NAME = 80
"""Characters of a tool's name that are kept."""


def select_visible(statements: Iterable[Statement]) -> Iterator[Statement]:
    """Yield the statements about what is visible in the asset.

    Statements about a mere input of its making, or about something that was removed again, are left out.
    """
    return (statement for statement in statements if statement.about not in _NOT_VISIBLE)


def make_evidence(
    signal: str,
    statement: Statement,
    origin: Origin,
    detail: str,
    *,
    tool: str | None = None,
    standing: Standing = Standing.TRACE,
    used: Used | None = None,
) -> Evidence:
    """Make evidence that rests on one statement.

    `standing` is that of the mark itself. If the statement is under a signature, intact or broken, the evidence has the
    standing of the signature instead. `used` is what the mark says about the making; if that is nothing, the evidence
    has None.
    """
    # A signature says more about who wrote the mark than the kind of the mark does, even a broken one.
    if statement.standing in _UNDER_SIGNATURE:
        standing = statement.standing
    # A generated component is one part of the asset: a placed layer, a clip in an edit.
    if statement.about is About.COMPONENT and origin is Origin.GENERATED:
        origin = Origin.PARTLY_GENERATED
    tool_name = None
    if tool and tool.strip():
        tool_name = shorten(tool, _LONGEST_TOOL_NAME)
    if used == _NOTHING_USED:
        used = None
    return Evidence(signal, statement.carrier, statement.where, origin, standing, tool_name, detail, used)


def keep_first_per_carrier(evidence: Iterable[Evidence]) -> Iterator[Evidence]:
    """Yield the first piece of evidence of each carrier.

    A tool that writes its name into four fields of one block of metadata is one piece of evidence, not four.
    """
    carriers: set[str] = set()
    for row in evidence:
        if row.carrier not in carriers:
            carriers.add(row.carrier)
            yield row
