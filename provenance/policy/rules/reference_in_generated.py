"""A work that the production does not own, inside generated material."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.model.finding import Because, Case
from provenance.model.match import Match
from provenance.model.vocabulary import AI_ORIGINS
from provenance.policy import messages
from provenance.policy.interface import Rule, Violation
from provenance.policy.selection import select_evidence, select_reference_matches


class ReferenceInGenerated(Rule):
    """Fires on generated or partly generated material that contains a work of the zone `reference`, or closely shares
    its content; also on a deliverable that shows both at the same place. It judges generated material wherever it lies,
    not in deliverables alone.
    """

    name = "reference_in_generated"
    title = "A protected work in generated material"
    finds_generated = True
    why = (
        "Output that copies a work of somebody else infringes it, whoever typed the prompt, and temporary material "
        "finds its way into the cut."
    )
    remedy = "Take it out of the edit and ask legal. Keep prompt, model and inputs: they show how the work got in."
    judges_everywhere: ClassVar = True
    objects_to_plain = False

    def judge(self, case: Case) -> Iterator[Violation]:
        """One violation for every such work, at its time; it rests on the match and on what is generated."""
        is_generated = case.origin in AI_ORIGINS
        for match in select_reference_matches(case):
            because: tuple[Because, ...] = ()
            if is_generated:
                because = select_evidence(case, AI_ORIGINS)
            else:
                because = tuple(other for other in case.matches if _is_beside(match, other))
            if because:
                verb = messages.describe_sharing(match)
                message = f"Generated material {verb} a reference work ({messages.describe_match(match)})."
                frame = messages.get_first_frame(match)
                yield Violation(message, (match, *because), time=match.time, frame=frame)


def _is_beside(work: Match, other: Match) -> bool:
    """Whether another match is of generated material that is shown where the work is."""
    if other.known.origin not in AI_ORIGINS or other.known.digest == work.known.digest:
        return False
    if work.time is None or other.time is None:
        return True
    return work.time.start < other.time.end and other.time.start < work.time.end
