from __future__ import annotations

from provenance.model.vocabulary import Origin, Standing
from provenance.policy.rules.enhanced import Enhanced
from tests.policy.build import case, evidence

FIRES = {
    "declared": case(evidence(Origin.ENHANCED)),
    "of a trusted capture": case(evidence(Origin.CAPTURED, Standing.TRUSTED), evidence(Origin.ENHANCED)),
}
QUIET = {
    "nothing known": case(),
    "generated, then enhanced": case(evidence(Origin.ENHANCED), evidence(Origin.GENERATED)),
    "created": case(evidence(Origin.CREATED, Standing.TRUSTED)),
}


def test_names_the_tool() -> None:
    (violation,) = Enhanced().judge(case(evidence(Origin.ENHANCED, tool="Topaz Video")))
    assert "Topaz Video" in violation.message
