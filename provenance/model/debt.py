"""Generated material that is in deliverables for the time being: until it is replaced, or approved."""

from __future__ import annotations

import enum

from provenance.model.value import value
from provenance.model.vocabulary import Origin


class DebtState(enum.StrEnum):
    """What the policy and the approvals say of a material in deliverables."""

    OPEN = "open"
    """A rule objects, and no approval waives it everywhere: this alone is debt."""
    ALLOWED = "allowed"
    """No rule of the policies objects."""
    APPROVED = "approved"
    """Rules object, and approvals waive it everywhere."""


@value
class DebtItem:
    """One material that is or may be generated, and is in at least one deliverable."""

    digest: str
    path: str
    """Where the material itself was seen, as shown; the deliverable when it was nowhere else."""
    origin: Origin
    state: DebtState
    places: tuple[str, ...]
    """The deliverables that contain it, as shown: `out: reel 1.mov`."""
    first_seen: str
    """The day on which the catalogue first had it, `YYYY-MM-DD`; empty when that is not known."""
    since: str
    """The day of the first night in which it was in a deliverable, and has been ever since; empty when no night has
    counted it yet."""
    days: int
    """Days since then, or since it was first seen when no night has counted it."""
    owner: str
    """Who answers for it by the rules of the config; empty when no rule names anybody."""
    tool: str
    """The tool that its strongest mark names; empty when it names none."""
    vendor: str
    """Of that tool, as the register has it; empty when it has not."""


@value
class DebtNight:
    """The figures of one night that finished. None: that night did not count them, which is not the same as zero."""

    at: str
    """When it began: UTC, ISO 8601."""
    open: int | None
    approved: int | None = None
    allowed: int | None = None


@value
class Debt:
    """What is in deliverables for the time being, and how that went from night to night."""

    items: tuple[DebtItem, ...] = ()
    """The oldest first."""
    nights: tuple[DebtNight, ...] = ()
    """Oldest first; empty where the report is about a part of the deliverables."""

    def select(self, state: DebtState) -> list[DebtItem]:
        """The materials in a state."""
        return [item for item in self.items if item.state is state]

    def count(self, state: DebtState) -> int:
        """Number of materials in a state."""
        return len(self.select(state))

    def list_counted(self) -> list[DebtNight]:
        """The nights that counted."""
        return [night for night in self.nights if night.open is not None]
