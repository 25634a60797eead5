from __future__ import annotations

from provenance.model.vocabulary import Origin, Standing
from provenance.policy.rules.carries_ai_label import CarriesAiLabel
from tests.policy.build import case, evidence

LABEL, TRACE = evidence(tool="Firefly"), evidence(standing=Standing.TRACE)
FIRES = {
    "declared": case(LABEL),
    "signed, and only possibly generated": case(evidence(Origin.POSSIBLY_GENERATED, Standing.SIGNED)),
}
QUIET = {
    "nothing known": case(),
    "a tool's own trace": case(TRACE),
    "a capture that is declared": case(evidence(Origin.CAPTURED)),
    "a credential that fails": case(evidence(standing=Standing.BROKEN)),
}


def test_it_rests_on_the_labels_alone() -> None:
    (violation,) = CarriesAiLabel().judge(case(TRACE, LABEL))
    assert violation.because == (LABEL,)
