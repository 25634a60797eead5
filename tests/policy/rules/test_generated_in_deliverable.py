from __future__ import annotations

import pytest

from provenance.model.evidence import Evidence
from provenance.model.vocabulary import Origin, Standing
from provenance.policy.rules.generated_in_deliverable import GeneratedInDeliverable
from tests.policy.build import case, evidence

FIRES = {standing.value: case(evidence(Origin.GENERATED, standing)) for standing in Standing} | {
    "beside a trusted capture": case(evidence(Origin.CAPTURED, Standing.TRUSTED), evidence(Origin.GENERATED))
}
QUIET = {
    "nothing known": case(),
    "partly": case(evidence(Origin.PARTLY_GENERATED)),
    "possibly": case(evidence(Origin.POSSIBLY_GENERATED)),
    "enhanced": case(evidence(Origin.ENHANCED)),
    "trusted capture": case(evidence(Origin.CAPTURED, Standing.TRUSTED)),
    "created by hand": case(evidence(Origin.CREATED)),
}


def test_rests_on_every_mark_and_on_nothing_else() -> None:
    marks = evidence(Origin.GENERATED), evidence(Origin.PARTLY_GENERATED)
    (violation,) = GeneratedInDeliverable().judge(case(evidence(Origin.CAPTURED), *marks, evidence(Origin.ENHANCED)))
    assert violation.because == marks


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([evidence(tool="Midjourney")], "1 mark, declared: Midjourney"),
        ([evidence(), evidence(standing=Standing.TRUSTED)], "2 marks, the strongest trusted"),
        ([evidence(tool=name) for name in "ABBCDE"], "A, B, C and 2 more"),
    ],
)
def test_says_how_many_marks_how_strong_and_by_which_tools(rows: list[Evidence], words: str) -> None:
    (violation,) = GeneratedInDeliverable().judge(case(*rows))
    assert words in violation.message


def test_a_tool_with_an_endless_name_does_not_flood_the_sentence() -> None:
    (violation,) = GeneratedInDeliverable().judge(case(evidence(tool="x" * 100_000)))
    assert len(violation.message) < 200
