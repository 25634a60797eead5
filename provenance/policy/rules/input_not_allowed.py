"""Material of the production that was given to a tool that may not have it."""

from __future__ import annotations

from collections.abc import Iterator

from provenance.model.finding import Case
from provenance.model.reconciliation import Outcome
from provenance.policy.interface import Rule, Violation
from provenance.policy.selection import select_differences


class InputNotAllowed(Rule):
    """Fires on a mark that names an input of the name of the production's own or licensed material, in a tool whose
    declaration does not allow that.
    """

    name = "input_not_allowed"
    title = "Input that the tool may not have"
    why = "A tool that keeps or trains on its inputs passes unreleased material to strangers."
    remedy = "Find out which file was given, tell the client, and use a tool whose terms allow it."
    waivable = False
    is_about_register = True
    objects_to_plain = False

    def judge(self, case: Case) -> Iterator[Violation]:
        """One violation for every input."""
        yield from select_differences(case, Outcome.INPUT_NOT_ALLOWED)
