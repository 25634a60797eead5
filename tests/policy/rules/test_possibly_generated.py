from __future__ import annotations

from provenance.model import Origin, Standing
from provenance.policy.rules.possibly_generated import PossiblyGenerated
from tests.policy.build import case, evidence

FIRES = {
    "declared": case(evidence(Origin.POSSIBLY_GENERATED)),
    "broken": case(evidence(Origin.POSSIBLY_GENERATED, Standing.BROKEN)),
}
QUIET = {
    "nothing known": case(),
    "known for sure": case(evidence(Origin.POSSIBLY_GENERATED), evidence(Origin.PARTLY_GENERATED)),
    "enhanced": case(evidence(Origin.ENHANCED)),
    "untrusted capture": case(evidence(Origin.CAPTURED)),
}


def test_rests_on_what_leaves_it_open() -> None:
    mark = evidence(Origin.POSSIBLY_GENERATED)
    (breach,) = PossiblyGenerated().judge(case(mark, evidence(Origin.ENHANCED)))
    assert breach.because == (mark,)
