"""An asset with a mark that generation and other work share."""

from __future__ import annotations

from collections.abc import Iterator

from provenance.model.finding import Case
from provenance.model.vocabulary import Origin
from provenance.policy import messages
from provenance.policy.interface import Breach, Rule


class PossiblyGenerated(Rule):
    """Fires on an asset whose gravest evidence leaves open whether a generative model took part, and on one in which
    known material of that kind was found again.
    """

    name = "possibly_generated"
    title = "Possibly generated material"
    why = "Some marks, such as a composite of unnamed parts, are written by generative tools and by others alike."
    remedy = "Ask whoever made it how it was made and keep the answer; then approve or replace it."

    def judge(self, case: Case) -> Iterator[Breach]:
        """One breach that rests on all evidence that leaves it open, and one for every match, at its time."""
        because = tuple(row for row in case.reading.evidence if row.origin is Origin.POSSIBLY_GENERATED)
        if case.origin is Origin.POSSIBLY_GENERATED and because:
            yield Breach(f"Generative AI may have made it or a part of it ({messages.marks(because)}).", because)
        for match in case.matches:
            if match.known.origin is Origin.POSSIBLY_GENERATED:
                message = f"It holds material that generative AI may have made ({messages.found_again(match)})."
                yield Breach(message, (match,), time=match.time, frame=messages.first_frame(match))
