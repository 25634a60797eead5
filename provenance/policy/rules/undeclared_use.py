"""Generated content of which no use was declared."""

from __future__ import annotations

from collections.abc import Iterator

from provenance.model.finding import Case
from provenance.model.reconciliation import Outcome
from provenance.policy.interface import Rule, Violation
from provenance.policy.selection import select_differences


class UndeclaredUse(Rule):
    """Fires on generated content, and on a copy of it, that no declared use speaks of. Silent where the register has no
    uses.
    """

    name = "undeclared_use"
    title = "Undeclared use"
    why = "Clients want to be told of every use before it happens; a use that turns up at delivery was told to nobody."
    remedy = "Register the use with its purpose and this content, and tell the client's contact."
    waivable = False
    is_about_register = True
    objects_to_plain = False

    def judge(self, case: Case) -> Iterator[Violation]:
        """One violation for the content, and one for every copy in it."""
        yield from select_differences(case, Outcome.UNDECLARED_USE)
