"""An asset with a mark that generative tools and other tools leave alike."""

from __future__ import annotations

from collections.abc import Iterator

from provenance.model.finding import Case
from provenance.model.vocabulary import Origin
from provenance.policy import messages
from provenance.policy.interface import Rule, Violation
from provenance.policy.selection import LABEL, select_evidence


class PossiblyGenerated(Rule):
    """Fires on an asset whose gravest evidence leaves open whether generative AI took part, and on one that contains
    known material of that kind.
    """

    name = "possibly_generated"
    title = "Possibly generated material"
    finds_generated = True
    why = "Generative tools and other tools leave some marks alike, such as a composite of unnamed parts."
    remedy = "Ask the maker how it was made and keep the answer; then approve or replace it."
    objects_to_plain = False

    def judge(self, case: Case) -> Iterator[Violation]:
        """One violation that rests on all evidence that leaves it open, and one for every match, at its time."""
        because = select_evidence(case, [Origin.POSSIBLY_GENERATED])
        if all(row.signal == LABEL for row in because):
            # Text in a picture may belong to the story: a rule of its own says so.
            because = ()
        if case.origin is Origin.POSSIBLY_GENERATED and because:
            yield Violation(
                f"Generative AI may have made it, or a part of it ({messages.describe_marks(because)}).", because
            )
        # a copy and shared content weigh the same here, because the known material itself is uncertain
        for match in case.matches:
            if match.known.origin is Origin.POSSIBLY_GENERATED:
                message = f"It contains material that generative AI may have made ({messages.describe_match(match)})."
                yield Violation(message, (match,), time=match.time, frame=messages.get_first_frame(match))
