from __future__ import annotations

from provenance.model.vocabulary import Origin, Standing
from provenance.policy.rules.contradicting_evidence import ContradictingEvidence
from tests.policy.build import case, evidence, statement

MAKE, MODEL, EXPOSURE = statement("Make", "ARRI"), statement("Model", "ALEXA"), statement("ExposureTime", "1/48")
MARK = evidence(Origin.GENERATED)

FIRES = {
    "capture evidence": case(MARK, evidence(Origin.CAPTURED)),
    "trusted capture, generated fill": case(
        evidence(Origin.PARTLY_GENERATED), evidence(Origin.CAPTURED, Standing.TRUSTED)
    ),
}
QUIET = {
    "generated alone": case(MARK),
    "captured alone": case(evidence(Origin.CAPTURED)),
    "bare fields, which are for signals to weigh": case(MARK, MAKE, MODEL, EXPOSURE),
    "weak camera data": case(MARK, evidence(Origin.UNKNOWN)),
    "enhanced camera picture": case(evidence(Origin.ENHANCED), evidence(Origin.CAPTURED)),
    "possibly generated": case(evidence(Origin.POSSIBLY_GENERATED), evidence(Origin.CAPTURED)),
}


def test_both_sides_are_laid_out_with_their_places() -> None:
    camera, recorder = evidence(Origin.CAPTURED, tool="ARRI ALEXA"), evidence(Origin.CAPTURED, tool="Sound Devices")
    (violation,) = ContradictingEvidence().judge(case(camera, MARK, MAKE, MODEL, EXPOSURE, recorder))
    assert violation.because == (MARK, camera, recorder)
    assert (
        violation.message
        == "The file carries both AI-generation marks and camera metadata (ARRI ALEXA, Sound Devices)."
    )
