"""The input and output of rules: cases, approvals, uses in a cut, findings."""

from __future__ import annotations

from dataclasses import dataclass

from provenance.model.asset import Location, Reading
from provenance.model.cut import Use
from provenance.model.evidence import Evidence, Trouble
from provenance.model.match import Match, Span
from provenance.model.vocabulary import SUSPECT, Origin, Severity

Because = Evidence | Match | Use | Trouble


@dataclass(frozen=True, slots=True)
class Approval:
    """A written permission to use one piece of content."""

    digest: str
    who: str
    reason: str
    reference: str
    """Where the written approval is kept: a letter, a ticket, a clearance number."""
    expires: str
    """Last day on which it is valid, `YYYY-MM-DD`."""
    added_at: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """One asset at one place with everything that is known about it; rules judge cases."""

    location: Location
    reading: Reading
    origin: Origin
    matches: tuple[Match, ...] = ()
    uses: tuple[Use, ...] = ()
    is_judged: bool = False
    """Whether the rules of the policy were applied to it, as to a part of a deliverable."""

    @property
    def is_suspect(self) -> bool:
        """Whether it is or may be generated, or shows known material that is or may be."""
        return self.origin in SUSPECT or any(match.known.origin in SUSPECT for match in self.matches)


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that one asset violates, with the evidence for it (never empty)."""

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
    """The valid approval that waives it."""
    expired_approval: Approval | None = None
    """An approval of the same content that is not valid any more."""
    root: str = ""
    """The folder that `path` is relative to; empty when it is not known."""

    def __post_init__(self) -> None:
        # A lawyer checks a finding by its evidence; without evidence there is nothing to check.
        if not self.because:
            raise ValueError(f"finding {self.rule} on {self.path} has no evidence")
