from __future__ import annotations

import dataclasses

from provenance.model import About, Evidence, Origin, Standing
from provenance.policy.rules.contradicting_evidence import ContradictingEvidence
from tests.policy.build import case, evidence, statement

MAKE, MODEL, EXPOSURE = statement("Make", "ARRI"), statement("Model", "ALEXA"), statement("ExposureTime", "1/48")
MARK = evidence(Origin.GENERATED)
ABOUT_PARENT = dataclasses.replace(EXPOSURE, about=About.PARENT)

FIRES = {
    "capture evidence": case(MARK, evidence(Origin.CAPTURED)),
    "trusted capture, generated fill": case(
        evidence(Origin.PARTLY_GENERATED), evidence(Origin.CAPTURED, Standing.TRUSTED)
    ),
    "camera data": case(MARK, MAKE, MODEL, EXPOSURE),
    "maker alone": case(MARK, MAKE, EXPOSURE),
    "as XMP spells it": case(
        MARK, statement("tiff:Model", "X-T5", "xmp"), statement("exif:ExposureTime", "1/60", "xmp")
    ),
    "as other readers spell it": case(MARK, statement("Image Model", "X"), statement("EXIF ExposureTime", "1/60")),
}
QUIET = {
    "generated alone": case(MARK),
    "captured alone": case(evidence(Origin.CAPTURED), MAKE, MODEL, EXPOSURE),
    "a maker without an exposure": case(MARK, MAKE, MODEL),
    "an exposure without a maker": case(MARK, EXPOSURE),
    "blank camera data": case(MARK, statement("Make", "  "), EXPOSURE),
    "halves from two places": case(MARK, MAKE, statement("exif:ExposureTime", "1/60", "xmp")),
    "camera data of the parent": case(MARK, MAKE, ABOUT_PARENT),
    "enhanced camera picture": case(evidence(Origin.ENHANCED), MAKE, EXPOSURE),
    "a lens model is no camera": case(MARK, statement("LensModel", "50mm"), EXPOSURE),
}


def test_both_sides_are_laid_out_with_their_places() -> None:
    (breach,) = ContradictingEvidence().judge(case(MAKE, MARK, MODEL, EXPOSURE))
    mark, camera = breach.because
    assert mark is MARK
    assert isinstance(camera, Evidence)
    assert (camera.origin, camera.standing, camera.tool) == (Origin.CAPTURED, Standing.DECLARED, "ARRI ALEXA")
    assert camera.where == MAKE.where
    assert "ARRI ALEXA" in breach.message


def test_evidence_of_capture_outweighs_bare_fields() -> None:
    told = evidence(Origin.CAPTURED, tool="Leica")
    (breach,) = ContradictingEvidence().judge(case(MARK, told, MAKE, EXPOSURE))
    assert breach.because == (MARK, told)


def test_a_model_that_names_its_maker_is_told_once() -> None:
    (breach,) = ContradictingEvidence().judge(
        case(MARK, statement("Make", "Canon"), statement("Model", "Canon EOS R5"), EXPOSURE)
    )
    assert breach.message == "Marks of generation stand beside data of Canon EOS R5."
