from __future__ import annotations

from dataclasses import replace

from provenance.model.match import COPY, SHARES
from provenance.model.vocabulary import Origin
from tests.policy.build import case, evidence, match

LABEL = replace(evidence(), signal="tc260")
FIRES = {
    "generated, and labelled otherwise": case(evidence()),
    "partly generated": case(evidence(Origin.PARTLY_GENERATED)),
    "a copy of generated material": case(match(COPY, Origin.GENERATED)),
}
QUIET = {
    "nothing known": case(),
    "with the label": case(LABEL, evidence()),
    "a copy, and the label": case(LABEL, match(COPY, Origin.GENERATED)),
    "possibly generated": case(evidence(Origin.POSSIBLY_GENERATED)),
    "it shares content with another": case(match(SHARES, Origin.GENERATED)),
}
