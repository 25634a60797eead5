from __future__ import annotations

from provenance.model.vocabulary import Origin, Standing
from provenance.policy.rules.partly_generated_in_deliverable import PartlyGeneratedInDeliverable
from tests.policy.build import case, evidence

FIRES = {standing.value: case(evidence(Origin.PARTLY_GENERATED, standing)) for standing in Standing}
QUIET = {
    "nothing known": case(),
    "wholly generated, which has its own rule": case(evidence(Origin.PARTLY_GENERATED), evidence(Origin.GENERATED)),
    "possibly": case(evidence(Origin.POSSIBLY_GENERATED)),
    "trusted capture": case(evidence(Origin.CAPTURED, Standing.TRUSTED)),
}


def test_rests_on_the_marks_alone() -> None:
    mark = evidence(Origin.PARTLY_GENERATED)
    (violation,) = PartlyGeneratedInDeliverable().judge(case(evidence(Origin.CAPTURED), mark))
    assert violation.because == (mark,)
