from __future__ import annotations

from provenance.model import AI_ORIGINS, Origin, Span
from provenance.policy.rules.known_generated import KnownGenerated
from provenance.policy.rules.shares_generated_content import SharesGeneratedContent
from tests.policy.build import case, match

SEEN = (*AI_ORIGINS, Origin.POSSIBLY_GENERATED)
FIRES = {f"shares {origin}": case(match("shares-content", origin)) for origin in SEEN} | {
    "copy of what is possibly generated": case(match("confirmed-copy", Origin.POSSIBLY_GENERATED))
}
QUIET = {"no match": case()} | {
    f"shares {origin}": case(match("shares-content", origin)) for origin in Origin if origin not in SEEN
}


def test_time_is_told() -> None:
    (breach,) = SharesGeneratedContent().judge(case(match("shares-content", Origin.GENERATED, Span(3.0, 4.0))))
    assert breach.time == Span(3.0, 4.0)


def test_no_match_with_ai_material_is_told_twice_or_not_at_all() -> None:
    for verdict in ("confirmed-copy", "shares-content"):
        for origin in SEEN:
            found = case(match(verdict, origin))
            assert len([*KnownGenerated().judge(found), *SharesGeneratedContent().judge(found)]) == 1
