"""What was declared and what was found, held against each other: one item for each agreement or difference."""

from __future__ import annotations

import enum

from provenance.model.evidence import Evidence
from provenance.model.match import Match
from provenance.model.value import value


class Outcome(enum.StrEnum):
    """What comes of the comparison."""

    AGREES = "agrees"
    UNDECLARED_TOOL = "undeclared-tool"
    UNDECLARED_USE = "undeclared-use"
    NOT_FOUND = "not-found"
    """Declared, and nothing of it was seen."""
    EXPIRING = "expiring"
    EXPIRED = "expired"
    CHANGED_CONTENT = "changed-content"
    """Where an approved content was, there is another one now."""
    WATCHED_WORD = "watched-word"
    INPUT_NOT_ALLOWED = "input-not-allowed"
    CONSENT_MISSING = "consent-missing"


IN_ORDER = frozenset({Outcome.AGREES, Outcome.NOT_FOUND, Outcome.EXPIRING})
"""Outcomes that need nobody today."""


@value
class RegisterItem:
    """One outcome."""

    outcome: Outcome
    kind: str
    """Kind of the entry; of something undeclared, the kind that is missing."""
    id: str
    """Of the entry; empty for something undeclared."""
    path: str
    """Where it was found, as shown; empty when it was not."""
    digest: str
    message: str
    remedy: str
    because: tuple[Evidence | Match, ...] = ()
    """What it rests on; empty for an entry of which nothing was found."""
