"""An asset of which AI made a part."""

from __future__ import annotations

from collections.abc import Iterator

from provenance.model.finding import Case
from provenance.model.vocabulary import Origin
from provenance.policy import messages
from provenance.policy.interface import Breach, Rule


class PartlyGeneratedInDeliverable(Rule):
    """Fires on an asset whose origin is partly generated. A rule of its own: clients weigh fills otherwise."""

    name = "partly_generated_in_deliverable"
    title = "Partly generated material in a deliverable"
    why = (
        "A fill, an extension or a generated ingredient raises the same questions as a generated picture, and a real "
        "picture that was altered may be taken for an untouched record."
    )
    remedy = "Go back to the material before the change, or register the written approval for exactly this content."

    def judge(self, case: Case) -> Iterator[Breach]:
        """One breach that rests on all evidence of partial generation."""
        because = tuple(row for row in case.reading.evidence if row.origin is Origin.PARTLY_GENERATED)
        if case.origin is Origin.PARTLY_GENERATED and because:
            yield Breach(f"Partly made by generative AI ({messages.marks(because)}).", because)
