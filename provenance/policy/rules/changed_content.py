"""Another content where an approved one was."""

from __future__ import annotations

from collections.abc import Iterator

from provenance.model.finding import Case
from provenance.model.reconciliation import Outcome
from provenance.policy.interface import Rule, Violation
from provenance.policy.selection import select_differences


class ChangedContent(Rule):
    """Fires on a file at the place of an approved one that has other bytes, while the approved content is gone."""

    name = "changed_content"
    title = "Approved file was changed"
    why = "An approval is one of exactly the bytes that somebody looked at; nobody approved what replaced them."
    remedy = "Look at what changed; approve the new content, or withdraw the approval of the old one."
    waivable = False
    is_about_register = True
    objects_to_plain = False

    def judge(self, case: Case) -> Iterator[Violation]:
        """One violation for every approval that meant another content."""
        yield from select_differences(case, Outcome.CHANGED_CONTENT)
