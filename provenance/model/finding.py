"""What rules judge, and what they find: cases, approvals, uses in a cut, findings."""

from __future__ import annotations

from dataclasses import dataclass

from provenance.model.asset import Location, Reading
from provenance.model.evidence import Evidence, Trouble
from provenance.model.match import Match, Span
from provenance.model.vocabulary import Origin, Severity


@dataclass(frozen=True, slots=True)
class Use:
    """A source standing in a cut."""

    timeline: str
    track: str
    record_in: str
    record_out: str
    source: str
    source_in: str
    source_out: str
    digest: str | None
    resolved_by: str


Because = Evidence | Match | Use | Trouble


@dataclass(frozen=True, slots=True)
class Approval:
    """Somebody's written word that one piece of content may stand."""

    digest: str
    who: str
    reason: str
    reference: str
    """Where the approval itself is kept: a letter, a ticket, a clearance number."""
    expires: str
    """Last day on which it counts, `YYYY-MM-DD`."""
    added_at: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """One asset at one place with all that is known of it: what rules judge."""

    location: Location
    reading: Reading
    origin: Origin
    matches: tuple[Match, ...] = ()
    uses: tuple[Use, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule broken by one asset, with everything the claim rests on (never empty)."""

    rule: str
    severity: Severity
    path: str
    digest: str
    message: str
    remedy: str
    because: tuple[Because, ...]
    time: Span | None = None
    frame: int | None = None
    clause: str | None = None
    """The sentence of the client's guidance that the pack names for this rule."""
    waived_by: Approval | None = None
    """The approval in force that lets it stand."""
    expired_approval: Approval | None = None
    """The one that did, and counts no more."""
    root: str = ""
    """Where `path` starts; empty when that is not known."""

    def __post_init__(self) -> None:
        if not self.because:
            raise ValueError(f"finding {self.rule} on {self.path} rests on nothing")
