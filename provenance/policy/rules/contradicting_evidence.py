"""Marks of a camera beside marks of generation."""

from __future__ import annotations

from collections.abc import Iterator

from provenance.model.finding import Case
from provenance.model.vocabulary import AI_ORIGINS, Origin
from provenance.policy import messages
from provenance.policy.interface import Breach, Rule


class ContradictingEvidence(Rule):
    """Fires when an asset says both that AI made it, or a part of it, and that a camera took it. Neither is believed
    more for being there twice: both sides are laid out.
    """

    name = "contradicting_evidence"
    title = "Contradicting evidence"
    why = (
        "Camera data stays when a photograph is altered and is easily copied onto a generated picture. Either way it "
        "may be passed off as a real record."
    )
    remedy = "Find out which it is: ask for the camera original, and treat the asset as generated until it is shown."

    def judge(self, case: Case) -> Iterator[Breach]:
        """One breach that rests on both sides, marks of generation first."""
        generated = tuple(row for row in case.reading.evidence if row.origin in AI_ORIGINS)
        if not generated:
            return
        captured = tuple(row for row in case.reading.evidence if row.origin is Origin.CAPTURED)
        if captured:
            camera = messages.tools(captured) or "a camera"
            yield Breach(f"Marks of generation stand beside data of {camera}.", generated + captured)
