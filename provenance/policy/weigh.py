"""Which entry of a pack counts for a violation, by its conditions and by what people declared.

1. Each declared use of a content is weighed by itself; a content without one is weighed once.
2. Of the entries of the rule whose conditions all hold, the gravest counts.
3. Where none holds, the entry without conditions counts.
4. Of several uses and several contents the gravest result counts: no declaration makes another one milder.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from provenance.model.declared import Declarations, Declared, DeclaredUse
from provenance.model.finding import Because
from provenance.model.match import Match
from provenance.model.vocabulary import Zone
from provenance.policy.packs import Ruling


@dataclass(frozen=True, slots=True)
class Weighed:
    """The entry that counts for a violation."""

    ruling: Ruling
    not_declared: tuple[str, ...] = ()
    """Keys by which the pack would weigh it otherwise, and of which nothing is declared."""


def list_subjects(own: str, because: Iterable[Because]) -> list[str]:
    """The digests of the contents whose declarations count for a violation of the content `own`.

    What was found in an asset was declared for the known material, not for the film that shows it.
    """
    known = [reason.known.digest for reason in because if isinstance(reason, Match)]
    return list(dict.fromkeys(known)) or [own]


def weigh(
    rulings: Sequence[Ruling], zones: tuple[Zone, ...], subjects: Sequence[str], declarations: Declarations
) -> Weighed | None:
    """The entry that counts among those of one rule; None when the pack does not ask the rule here.

    `zones`: of the asset. `subjects`: digests of the contents whose declarations count; may be empty.
    """
    if not rulings:
        return None
    chosen: list[Ruling] = []
    undeclared: dict[str, None] = {}
    for use, declared in _list_uses(subjects, declarations):
        ruling = _choose(rulings, zones, use, declared)
        if ruling:
            chosen.append(ruling)
        undeclared.update(dict.fromkeys(_list_undeclared(rulings, zones, use, declared)))
    if not chosen:
        return None
    return Weighed(_find_gravest(chosen), tuple(undeclared))


def _list_uses(
    subjects: Sequence[str], declarations: Declarations
) -> Iterator[tuple[DeclaredUse | None, Declared | None]]:
    for digest in subjects or [""]:
        declared = declarations.get(digest)
        if declared and declared.uses:
            for use in declared.uses:
                yield use, declared
        else:
            yield None, declared


def _choose(
    rulings: Sequence[Ruling], zones: tuple[Zone, ...], use: DeclaredUse | None, declared: Declared | None
) -> Ruling | None:
    holding = []
    default = None
    for ruling in rulings:
        if not ruling.conditions.words:
            default = ruling
        elif ruling.conditions.hold(zones, use, declared):
            holding.append(ruling)
    return _find_gravest(holding) if holding else default


def _find_gravest(rulings: Sequence[Ruling]) -> Ruling:
    """The first of the gravest."""
    return min(rulings, key=lambda ruling: ruling.severity.rank)


def _list_undeclared(
    rulings: Sequence[Ruling], zones: tuple[Zone, ...], use: DeclaredUse | None, declared: Declared | None
) -> Iterator[str]:
    """The keys without a declaration, of entries that nothing else rules out."""
    for ruling in rulings:
        missing = ruling.conditions.list_undeclared(use, declared)
        if missing and ruling.conditions.without(missing).hold(zones, use, declared):
            yield from missing
