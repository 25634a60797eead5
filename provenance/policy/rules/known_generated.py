"""A copy of material that is known as AI-made, its marks or none."""

from __future__ import annotations

from collections.abc import Iterator

from provenance.model.finding import Case
from provenance.model.match import COPY
from provenance.model.vocabulary import AI_ORIGINS
from provenance.policy import messages
from provenance.policy.interface import Breach, Rule


class KnownGenerated(Rule):
    """Fires on every confirmed copy of generated or partly generated material: status follows the content."""

    name = "known_generated"
    title = "Copy of known generated material"
    why = "Editing and export strip every mark, so a finished master says nothing of the generated clip it holds."
    remedy = "Replace it in the cut at the times given, or register the written approval for exactly this content."

    def judge(self, case: Case) -> Iterator[Breach]:
        """One breach for every copy, at its time in the asset."""
        for match in case.matches:
            if match.verdict == COPY and match.known.origin in AI_ORIGINS:
                message = f"A copy of {match.known.origin} material ({messages.found_again(match)})."
                yield Breach(message, (match,), time=match.time, frame=messages.first_frame(match))
