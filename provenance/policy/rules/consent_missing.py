"""A use of talent without a consent."""

from __future__ import annotations

from collections.abc import Iterator

from provenance.model.finding import Case
from provenance.model.reconciliation import Outcome
from provenance.policy.interface import Rule, Violation
from provenance.policy.selection import select_differences


class ConsentMissing(Rule):
    """Fires on content of a declared use of talent without a consent that was signed before it. Silent where the
    register has no consents.
    """

    name = "consent_missing"
    title = "Consent is missing"
    why = "A likeness, a voice or a performance is made or changed only with the person's consent, signed before."
    remedy = "Register the consent with this content in it, or take the material out."
    waivable = False
    is_about_register = True
    objects_to_plain = False

    def judge(self, case: Case) -> Iterator[Violation]:
        """One violation for every such use."""
        yield from select_differences(case, Outcome.CONSENT_MISSING)
