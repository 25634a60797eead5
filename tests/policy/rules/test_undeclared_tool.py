from __future__ import annotations

from dataclasses import replace

from provenance.model.reconciliation import Outcome, RegisterItem
from provenance.policy.rules.undeclared_tool import UndeclaredTool
from tests.policy.build import case, evidence


def differing(outcome: Outcome) -> RegisterItem:
    return RegisterItem(outcome, "use", "u1", "a.png", "", "The register differs.", "Correct it.", (evidence(),))


FIRES = {"it differs": replace(case(evidence()), register=(differing(Outcome.UNDECLARED_TOOL),))}
QUIET = {
    "nothing is declared": case(evidence()),
    "it differs otherwise": replace(case(evidence()), register=(differing(Outcome.AGREES),)),
}


def test_it_says_what_differs_and_no_approval_changes_that() -> None:
    (violation,) = UndeclaredTool().judge(FIRES["it differs"])
    assert (violation.message, violation.because) == ("The register differs.", (evidence(),))
    assert not UndeclaredTool.waivable
