"""A copy of known AI-made material, with or without its marks."""

from __future__ import annotations

from collections.abc import Iterator

from provenance.model.finding import Case
from provenance.model.match import COPY
from provenance.model.vocabulary import AI_ORIGINS
from provenance.policy import messages
from provenance.policy.interface import Rule, Violation


class KnownGenerated(Rule):
    """Fires on every confirmed copy of generated or partly generated material: the AI status follows the content."""

    name = "known_generated"
    title = "Copy of known generated material"
    finds_generated = True
    why = "Editing and export remove every mark, so a finished master does not declare the generated clip inside it."
    remedy = "Replace it in the cut at the given times, or register the written approval of exactly this content."
    objects_to_plain = False

    def judge(self, case: Case) -> Iterator[Violation]:
        """One violation for every copy, at its time in the asset."""
        # one violation for each match, because an editor replaces each of them at its own time
        for match in case.matches:
            if match.verdict == COPY and match.known.origin in AI_ORIGINS:
                shows = messages.describe_showing(match)
                message = f"It {shows} a copy of {match.known.origin} material ({messages.describe_match(match)})."
                yield Violation(message, (match,), time=match.time, frame=messages.get_first_frame(match))
