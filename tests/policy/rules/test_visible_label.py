from __future__ import annotations

from provenance.model.vocabulary import Origin
from provenance.policy.rules.visible_label import VisibleLabel
from tests.policy.build import case, evidence, words

FIRES = {
    "words in a shot": case(words("visible_label")),
    "that stands in the whole picture": case(words("visible_label", Origin.POSSIBLY_GENERATED)),
    "beside a mark of generation": case(words("visible_label"), evidence(Origin.GENERATED)),
}
QUIET = {
    "nothing known": case(),
    "other words": case(words("stock_preview")),
    "a mark of generation": case(evidence(Origin.POSSIBLY_GENERATED)),
}


def test_it_names_the_places_without_the_pixels() -> None:
    places = [f"01:00:0{second}:00, lower right, 9,9-20,20" for second in range(5)]
    (violation,) = VisibleLabel().judge(case(*[words("visible_label", where=place) for place in places]))
    assert "01:00:00:00, lower right; 01:00:01:00" in violation.message
    assert "2 more" in violation.message
    assert "9,9" not in violation.message
    assert len(violation.because) == 5
