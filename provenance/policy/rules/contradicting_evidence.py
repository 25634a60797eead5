"""Camera metadata beside AI-generation marks."""

from __future__ import annotations

from collections.abc import Iterator

from provenance.model.finding import Case
from provenance.model.vocabulary import AI_ORIGINS, Origin
from provenance.policy import messages
from provenance.policy.interface import Rule, Violation
from provenance.policy.selection import select_evidence


class ContradictingEvidence(Rule):
    """Fires when an asset says both that AI made it, or a part of it, and that a camera took it. The finding shows both
    sides and believes neither more than the other.
    """

    name = "contradicting_evidence"
    title = "Contradicting evidence"
    why = (
        "Camera metadata stays in an altered photograph, and anyone can copy it onto a generated picture. Either way "
        "the picture may pass for a real record."
    )
    remedy = "Ask for the camera original, and treat the asset as generated until somebody shows it."
    objects_to_plain = False

    def judge(self, case: Case) -> Iterator[Violation]:
        """One violation that rests on both sides, the marks of generation first."""
        # an origin that is only possibly generated does not contradict a camera
        generated = select_evidence(case, AI_ORIGINS)
        if not generated:
            return
        captured = select_evidence(case, [Origin.CAPTURED])
        if captured:
            camera = messages.name_tools(captured) or "camera not named"
            message = f"The file carries both AI-generation marks and camera metadata ({camera})."
            yield Violation(message, generated + captured)
