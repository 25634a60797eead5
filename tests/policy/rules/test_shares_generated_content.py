from __future__ import annotations

from provenance.model.match import Span
from provenance.model.vocabulary import AI_ORIGINS, SUSPECT, Origin
from provenance.policy.rules.known_generated import KnownGenerated
from provenance.policy.rules.possibly_generated import PossiblyGenerated
from provenance.policy.rules.shares_generated_content import SharesGeneratedContent
from tests.policy.build import case, match

FIRES = {f"shares {origin}": case(match("shares-content", origin)) for origin in AI_ORIGINS}
QUIET = {"no match": case()} | {
    f"shares {origin}": case(match("shares-content", origin)) for origin in Origin if origin not in AI_ORIGINS
}


def test_time_is_told() -> None:
    (violation,) = SharesGeneratedContent().judge(case(match("shares-content", Origin.GENERATED, Span(3.0, 4.0))))
    assert violation.time == Span(3.0, 4.0)


def test_no_match_with_suspect_material_is_told_twice_or_not_at_all() -> None:
    rules = KnownGenerated(), SharesGeneratedContent(), PossiblyGenerated()
    for verdict in ("confirmed-copy", "shares-content"):
        for origin in Origin:
            found = case(match(verdict, origin))
            assert sum(len([*rule.judge(found)]) for rule in rules) == (origin in SUSPECT)
