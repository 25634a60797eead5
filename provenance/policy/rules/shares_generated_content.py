"""Content in common with material that is or may be AI-made."""

from __future__ import annotations

from collections.abc import Iterator

from provenance.model.finding import Case
from provenance.model.match import SHARES
from provenance.model.vocabulary import AI_ORIGINS
from provenance.policy import messages
from provenance.policy.interface import Breach, Rule


class SharesGeneratedContent(Rule):
    """Fires on shared content with AI-made material: an edit that hides much of it, or another take of the same set."""

    name = "shares_generated_content"
    title = "Shares content with known generated material"
    why = "A crop, a composite or an edit of a generated picture brings it into the deliverable without being its copy."
    remedy = "Compare both at the times given and decide whether the generated part is in; then replace or approve it."

    def judge(self, case: Case) -> Iterator[Breach]:
        """One breach for every such match, at its time in the asset."""
        for match in case.matches:
            if match.verdict == SHARES and match.known.origin in AI_ORIGINS:
                message = f"Shares content with {match.known.origin} material ({messages.found_again(match)})."
                yield Breach(message, (match,), time=match.time, frame=messages.first_frame(match))
