"""Content in common with known AI-made material."""

from __future__ import annotations

from collections.abc import Iterator

from provenance.model.finding import Case
from provenance.model.match import SHARES
from provenance.model.vocabulary import AI_ORIGINS
from provenance.policy import messages
from provenance.policy.interface import Rule, Violation


class SharesGeneratedContent(Rule):
    """Fires on content shared with AI-made material: an edit that hides much of it, or another take of the same set."""

    name = "shares_generated_content"
    title = "Shares content with known generated material"
    finds_generated = True
    why = "A crop, a composite or an edit brings a generated picture into the deliverable without being a copy of it."
    remedy = "Compare both at the given times. If the deliverable shows the generated part, replace or approve it."
    objects_to_plain = False

    def judge(self, case: Case) -> Iterator[Violation]:
        """One violation for every such match, at its time in the asset."""
        for match in case.matches:
            if match.verdict == SHARES and match.known.origin in AI_ORIGINS:
                message = f"It shares content with {match.known.origin} material ({messages.describe_match(match)})."
                yield Violation(message, (match,), time=match.time, frame=messages.get_first_frame(match))
