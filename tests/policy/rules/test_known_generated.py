from __future__ import annotations

from provenance.model.match import Span
from provenance.model.vocabulary import AI_ORIGINS, Origin
from provenance.policy.rules.known_generated import KnownGenerated
from tests.policy.build import case, match

FIRES = {origin.value: case(match("confirmed-copy", origin)) for origin in AI_ORIGINS}
QUIET = {"no match": case(), "shared only": case(match("shares-content", Origin.GENERATED))} | {
    f"copy of {origin}": case(match("confirmed-copy", origin)) for origin in Origin if origin not in AI_ORIGINS
}


def test_every_copy_at_its_own_time() -> None:
    spans = Span(1.0, 2.5), Span(60.0, 61.0)
    copies = [match("confirmed-copy", Origin.GENERATED, span) for span in spans]
    violations = list(KnownGenerated().judge(case(*copies, match("confirmed-copy", Origin.CAPTURED))))
    assert [violation.time for violation in violations] == list(spans)
    assert [violation.because for violation in violations] == [(copy,) for copy in copies]
    assert "temp/sky.png" in violations[0].message
