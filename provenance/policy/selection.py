"""Selects the evidence of a case that a rule is about."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from provenance.model.evidence import Evidence
from provenance.model.finding import Case
from provenance.model.match import Match
from provenance.model.reconciliation import Outcome
from provenance.model.vocabulary import Origin, Standing, Zone
from provenance.policy.interface import Violation

LABELS = frozenset({Standing.TRUSTED, Standing.SIGNED, Standing.DECLARED})
"""How far a mark must be believed to count as a label: a credential, or a field of a standard."""

LABEL = "visible_label"
"""Signal of text in the picture that says that AI made it."""
PREVIEW = "stock_preview"
"""Signal of text in the picture that names a library of stock pictures."""
SLATE = "unfinished_slate"
"""Signal of text in the picture that says that something is missing or not final."""


def select_by_signal(case: Case, signal: str) -> tuple[Evidence, ...]:
    """The evidence that one signal gave, in the order in which the file gives it."""
    return tuple(row for row in case.reading.evidence if row.signal == signal)


def select_evidence(case: Case, origins: Collection[Origin]) -> tuple[Evidence, ...]:
    """The evidence for any of these origins, in the order in which the file gives it."""
    return tuple(row for row in case.reading.evidence if row.origin in origins)


def select_reference_matches(case: Case) -> tuple[Match, ...]:
    """The works of the zone `reference` that were found in a case. What lies in that zone itself shows what it is."""
    if case.location.zone is Zone.REFERENCE:
        return ()
    return tuple(match for match in case.matches if match.known.is_reference)


def select_differences(case: Case, *outcomes: Outcome) -> Iterator[Violation]:
    """A violation for each difference from the register of these outcomes."""
    for item in case.register:
        if item.outcome in outcomes:
            yield Violation(item.message, item.because)
