"""From a statement to evidence, the same way for every signal: what is spoken of, and with what standing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from provenance.evidence.text.vocabulary import excerpt
from provenance.model.evidence import Evidence, Statement, Used
from provenance.model.vocabulary import About, Origin, Standing

_PROVEN = frozenset({Standing.TRUSTED, Standing.SIGNED, Standing.BROKEN})
_ABSENT = frozenset({About.INPUT, About.REMOVED})
_NOTHING = Used()


def speaking(statements: Iterable[Statement]) -> Iterator[Statement]:
    """The statements that speak of what shows in the asset: not of inputs, not of what was taken out again."""
    return (statement for statement in statements if statement.about not in _ABSENT)


def tell(
    signal: str,
    statement: Statement,
    origin: Origin,
    detail: str,
    *,
    tool: str | None = None,
    standing: Standing = Standing.TRACE,
    used: Used | None = None,
) -> Evidence:
    """Evidence resting on one statement.

    `standing` is that of the mark itself; where the statement stands under a signature, whole or broken, it keeps the
    standing of the signature. A generated component makes the asset partly generated. `used` is what the mark tells of
    the making; when it tells nothing, the evidence has None.
    """
    if statement.standing in _PROVEN:
        standing = statement.standing
    if statement.about is About.COMPONENT and origin is Origin.GENERATED:
        origin = Origin.PARTLY_GENERATED
    named = excerpt(tool, 80) if tool and tool.strip() else None
    known = used if used != _NOTHING else None
    return Evidence(signal, statement.carrier, statement.where, origin, standing, named, detail, known)


def once_per_carrier(evidence: Iterable[Evidence]) -> Iterator[Evidence]:
    """The first piece of evidence of each carrier: a tool that signs in four fields of one block says one thing."""
    told: set[str] = set()
    for row in evidence:
        if row.carrier not in told:
            told.add(row.carrier)
            yield row
