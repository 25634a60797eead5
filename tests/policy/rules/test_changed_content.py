from __future__ import annotations

from dataclasses import replace

from provenance.model.reconciliation import Outcome, RegisterItem
from provenance.policy.rules.changed_content import ChangedContent
from tests.policy.build import case, evidence


def differing(outcome: Outcome) -> RegisterItem:
    return RegisterItem(outcome, "use", "u1", "a.png", "", "The register differs.", "Correct it.", (evidence(),))


FIRES = {"it differs": replace(case(evidence()), register=(differing(Outcome.CHANGED_CONTENT),))}
QUIET = {
    "nothing is declared": case(evidence()),
    "it differs otherwise": replace(case(evidence()), register=(differing(Outcome.AGREES),)),
}


def test_it_says_what_differs_and_no_approval_changes_that() -> None:
    (violation,) = ChangedContent().judge(FIRES["it differs"])
    assert (violation.message, violation.because) == ("The register differs.", (evidence(),))
    assert not ChangedContent.waivable
