from __future__ import annotations

from dataclasses import replace

from provenance.model.finding import Case
from provenance.model.match import COPY, SHARES, Match, Span
from provenance.model.vocabulary import Origin, Zone
from provenance.policy.rules.reference_in_generated import ReferenceInGenerated
from tests.policy.build import case, evidence, match


def work(verdict: str = COPY, time: Span | None = None) -> Match:
    found = match(verdict, Origin.UNKNOWN, time)
    return replace(found, known=replace(found.known, digest="sha256:" + "ef" * 32, is_reference=True))


def in_zone(one: Case, zone: Zone) -> Case:
    return replace(one, location=replace(one.location, zone=zone))


GENERATED = evidence()
FIRES = {
    "a generated picture contains it": case(GENERATED, work()),
    "a partly generated one shares its content": case(evidence(Origin.PARTLY_GENERATED), work(SHARES)),
    "in the temp zone": in_zone(case(GENERATED, work()), Zone.TEMP),
    "a film shows both at one place": case(match(COPY, Origin.GENERATED, Span(0.0, 2.0)), work(time=Span(1.5, 3.0))),
}
QUIET = {
    "nothing known": case(),
    "generated, and no work in it": case(GENERATED, match(COPY, Origin.UNKNOWN)),
    "a work in a film that is not generated": case(work()),
    "a film shows both at different places": case(
        match(COPY, Origin.GENERATED, Span(0.0, 2.0)), work(time=Span(2.0, 3.0))
    ),
    "possibly generated": case(evidence(Origin.POSSIBLY_GENERATED), work()),
    "what lies among the works itself": in_zone(case(GENERATED, work()), Zone.REFERENCE),
}


def test_it_rests_on_the_work_and_on_what_is_generated() -> None:
    found = work(SHARES)
    (violation,) = ReferenceInGenerated().judge(case(GENERATED, found))
    assert violation.because == (found, GENERATED)
    assert "shares content with a reference work" in violation.message
