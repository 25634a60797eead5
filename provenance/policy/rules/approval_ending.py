"""An approval that is over, or soon will be."""

from __future__ import annotations

from collections.abc import Iterator

from provenance.model.finding import Case
from provenance.model.reconciliation import Outcome
from provenance.policy.interface import Rule, Violation
from provenance.policy.selection import select_differences


class ApprovalEnding(Rule):
    """Fires on content whose longest approval is over or ends within 30 days."""

    name = "approval_ending"
    title = "Approval is over or ends soon"
    why = "On the day after its last one an approval counts no more, and what it let through blocks again."
    remedy = "Have the approval renewed, and register the new one."
    waivable = False
    is_about_register = True
    objects_to_plain = False

    def judge(self, case: Case) -> Iterator[Violation]:
        """One violation for the approval that lasts longest."""
        yield from select_differences(case, Outcome.EXPIRED, Outcome.EXPIRING)
