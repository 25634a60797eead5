from __future__ import annotations

from provenance.model.vocabulary import Origin, Standing
from provenance.policy.rules.possibly_generated import PossiblyGenerated
from tests.policy.build import case, evidence, match, words

FIRES = {
    "declared": case(evidence(Origin.POSSIBLY_GENERATED)),
    "broken": case(evidence(Origin.POSSIBLY_GENERATED, Standing.BROKEN)),
    "a copy of such material": case(match("confirmed-copy", Origin.POSSIBLY_GENERATED)),
    "shares content with such material": case(match("shares-content", Origin.POSSIBLY_GENERATED)),
}
QUIET = {
    "nothing known": case(),
    "known for sure": case(evidence(Origin.POSSIBLY_GENERATED), evidence(Origin.PARTLY_GENERATED)),
    "a label in the picture alone": case(words("visible_label", Origin.POSSIBLY_GENERATED)),
    "enhanced": case(evidence(Origin.ENHANCED)),
    "a copy of generated material": case(match("confirmed-copy", Origin.GENERATED)),
    "a copy of what nothing is known of": case(match("confirmed-copy", Origin.UNKNOWN)),
    "untrusted capture": case(evidence(Origin.CAPTURED)),
}


def test_a_label_counts_beside_another_mark() -> None:
    label = words("visible_label", Origin.POSSIBLY_GENERATED)
    (violation,) = PossiblyGenerated().judge(case(label, evidence(Origin.POSSIBLY_GENERATED)))
    assert label in violation.because


def test_rests_on_what_leaves_it_open() -> None:
    mark = evidence(Origin.POSSIBLY_GENERATED)
    (violation,) = PossiblyGenerated().judge(case(mark, evidence(Origin.ENHANCED)))
    assert violation.because == (mark,)
