"""An asset that AI enhanced without adding content."""

from __future__ import annotations

from collections.abc import Iterator

from provenance.model.finding import Case
from provenance.model.vocabulary import Origin
from provenance.policy import messages
from provenance.policy.interface import Breach, Rule


class Enhanced(Rule):
    """Fires on an asset whose gravest evidence is enhancement: upscaling, noise removal, clean-up."""

    name = "enhanced"
    title = "Enhanced by AI"
    why = "Enhancement is customary, but a change of a performance, or of a record shown as real, needs consent."
    remedy = "Check that nothing that was played, said or recorded has changed; note the tool in the list of uses."

    def judge(self, case: Case) -> Iterator[Breach]:
        """One breach that rests on all evidence of enhancement."""
        because = tuple(row for row in case.reading.evidence if row.origin is Origin.ENHANCED)
        if case.origin is Origin.ENHANCED and because:
            yield Breach(f"Enhanced by AI ({messages.marks(because)}).", because)
