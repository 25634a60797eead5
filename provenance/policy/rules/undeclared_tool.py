"""A generative tool that nobody declared."""

from __future__ import annotations

from collections.abc import Iterator

from provenance.model.finding import Case
from provenance.model.reconciliation import Outcome
from provenance.policy.interface import Rule, Violation
from provenance.policy.selection import select_differences


class UndeclaredTool(Rule):
    """Fires on a mark of a tool that is not in the register. Silent where the register has no tools."""

    name = "undeclared_tool"
    title = "Undeclared tool"
    why = "A tool that nobody declared has terms that nobody read: it may keep what it is given, or train on it."
    remedy = "Register the tool with its licence and its terms, or the name by which its marks call it in found_as."
    waivable = False
    is_about_register = True
    objects_to_plain = False

    def judge(self, case: Case) -> Iterator[Violation]:
        """One violation for every tool."""
        yield from select_differences(case, Outcome.UNDECLARED_TOOL)
