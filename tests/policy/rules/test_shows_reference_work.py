from __future__ import annotations

from provenance.model.match import COPY, SHARES
from provenance.model.vocabulary import Origin, Zone
from tests.policy.build import case, evidence, match
from tests.policy.rules.test_reference_in_generated import in_zone, work

FIRES = {
    "a copy": case(work()),
    "shared content": case(work(SHARES)),
    "in what is only possibly generated": case(evidence(Origin.POSSIBLY_GENERATED), work()),
}
QUIET = {
    "nothing known": case(),
    "other known material": case(match(COPY, Origin.UNKNOWN)),
    "generated: the graver rule fires": case(evidence(), work()),
    "what lies among the works itself": in_zone(case(work()), Zone.REFERENCE),
}
