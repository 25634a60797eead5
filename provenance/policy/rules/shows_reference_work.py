"""A work that the production does not own, in a deliverable."""

from __future__ import annotations

from collections.abc import Iterator

from provenance.model.finding import Case
from provenance.policy import messages
from provenance.policy.interface import Rule, Violation
from provenance.policy.rules.reference_in_generated import ReferenceInGenerated
from provenance.policy.selection import select_reference_matches


class ShowsReferenceWork(Rule):
    """Fires on a deliverable that contains a work of the zone `reference`, or shares its content, where nothing says
    that the place is generated; else `reference-in-generated` fires.
    """

    name = "shows_reference_work"
    title = "A protected work in a deliverable"
    why = "The production does not own it: on screen it needs a licence, a clearance, or another prop."
    remedy = "Ask clearance whether exactly this use is licensed; then approve it, or replace it."
    objects_to_plain = False

    def judge(self, case: Case) -> Iterator[Violation]:
        """One violation for every such work, at its time in the asset."""
        generated = {violation.because[0] for violation in ReferenceInGenerated().judge(case)}
        for match in select_reference_matches(case):
            if match not in generated:
                verb = messages.describe_sharing(match)
                message = f"It {verb} a reference work ({messages.describe_match(match)})."
                yield Violation(message, (match,), time=match.time, frame=messages.get_first_frame(match))
