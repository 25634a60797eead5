"""The input and output of rules: cases, approvals, uses in a cut, findings."""

from __future__ import annotations

from dataclasses import field

from provenance.model.asset import Location, Reading
from provenance.model.cut import Use
from provenance.model.evidence import Evidence, Trouble
from provenance.model.match import Match, Span
from provenance.model.reconciliation import RegisterItem
from provenance.model.value import value
from provenance.model.vocabulary import SUSPECT, Origin, Severity

Because = Evidence | Match | Use | Trouble


@value
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
    begins: str = ""
    """First day on which it counts; empty when it counts from the day on which it was entered."""
    entry: str = ""
    """Its id in the register; empty for one that an older version of the program kept."""


@value
class Covered:
    """One reason of a finding, as the approver knew it: what identifies the fact, without the words that describe it.

    Of a mark `signal`, `origin` and `tool` are set; of known material `known` and all that follows; of something that
    could not be looked at `cause`.
    """

    rule: str
    origin: Origin | None = None
    """Of the mark, or of the known material."""
    signal: str = ""
    tool: str | None = None
    known: str = ""
    """Digest of the known material."""
    path: str = ""
    """Where the known material was seen: for people, it identifies nothing."""
    method: str = ""
    verdict: str = ""
    start: float | None = None
    """Seconds from the first frame; None when it was found in all of it. `end` likewise."""
    end: float | None = None
    frames: tuple[int, int] | None = None
    """First and last frame, in a sequence whose files name no rate."""
    cause: str = ""


@value
class Binding:
    """What an approval covers besides the content, as it was when somebody approved it."""

    covers: tuple[Covered, ...] = ()
    is_unknown: bool = False
    """Approved before the catalogue knew the content: it covers the marks that the first reading of it gives."""
    entry: str = ""
    """Id of the entry of the register; empty for an approval that an older version of the program kept."""
    paths: tuple[str, ...] = ()
    """Where the content was then, as shown: relative to the folder that was named."""
    places: tuple[str, ...] = ()
    """The same as absolute paths."""


@value
class BoundApproval:
    """An approval together with what it covers."""

    approval: Approval
    covers: tuple[Covered, ...] = ()
    covers_copies: bool = False
    """Whether its content may be copied into another asset: the approver said so, and it covers every mark of
    generation that the content is known to have by now."""
    covers_uses: bool = False
    """Whether it covers all these marks, so that the content itself may stand in a cut."""


UNCHANGED = "unchanged"
"""State of a file with the size and times that it had when it was read."""
CHANGED = "changed"
"""State of a file with another size, or other times."""
GONE = "gone"
"""State of a file that is not at its place any more, although its folder is."""
NOT_SEEN = "not-seen"
"""State of a file that cannot be seen from here: its storage is away, or its size and times were not kept."""


@value
class Case:
    """One asset at one place with everything that is known about it; rules judge cases."""

    location: Location
    reading: Reading
    origin: Origin
    matches: tuple[Match, ...] = ()
    uses: tuple[Use, ...] = ()
    is_judged: bool = False
    """Whether the rules of the policy were applied to it, as to a part of a deliverable."""
    read_at: str = field(default="", compare=False)
    """When it was read with this result: UTC, ISO 8601; empty when that is not known."""
    state_now: str = field(default="", compare=False)
    """`unchanged`, `changed`, `gone` or `not-seen`; empty when nobody looked."""
    register: tuple[RegisterItem, ...] = field(default=(), compare=False)
    """In what it differs from what is declared."""

    @property
    def read_on(self) -> str:
        """The day on which it was read."""
        return self.read_at[:10]

    @property
    def is_suspect(self) -> bool:
        """Whether it is or may be generated, or shows known material that is or may be."""
        return self.origin in SUSPECT or any(match.known.origin in SUSPECT for match in self.matches)


@value
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
    """The id and the sense of the clause that the pack names for this rule."""
    clause_is_quoted: bool = False
    """Whether the clause is in the client's own words; else it is in those of the pack."""
    waived_by: Approval | None = None
    """The valid approval that waives it."""
    expired_approval: Approval | None = None
    """An approval of the same content that is not valid any more."""
    uncovered_by: Approval | None = None
    """A valid approval of the same content whose approver did not know of this finding."""
    root: str = ""
    """The folder that `path` is relative to; empty when it is not known."""
    is_about_register: bool = False
    """Whether it says what the register lacks, and not what the content is."""
    conditions: tuple[str, ...] = ()
    """The conditions under which the pack weighs it so, in words: `purpose: background`."""
    not_declared: tuple[str, ...] = ()
    """What the pack would weigh it by, and nobody declared: `purpose`."""

    def __post_init__(self) -> None:
        # A lawyer checks a finding by its evidence; without evidence there is nothing to check.
        if not self.because:
            raise ValueError(f"finding {self.rule} on {self.path} has no evidence")
