"""An asset that AI made."""

from __future__ import annotations

from collections.abc import Iterator

from provenance.model.finding import Case
from provenance.model.vocabulary import AI_ORIGINS, Origin
from provenance.policy import messages
from provenance.policy.interface import Breach, Rule


class GeneratedInDeliverable(Rule):
    """Fires on an asset whose origin is generated; rests on every mark of generation, partial ones included."""

    name = "generated_in_deliverable"
    title = "Generated material in a deliverable"
    why = (
        "Material that a generative model made carries open questions of copyright, likeness and audience trust into "
        "the finished work, also where it stands in the background."
    )
    remedy = "Replace it with cleared material, or register the written approval for exactly this content."

    def judge(self, case: Case) -> Iterator[Breach]:
        """One breach that rests on all evidence of generation."""
        because = tuple(row for row in case.reading.evidence if row.origin in AI_ORIGINS)
        if case.origin is Origin.GENERATED and because:
            yield Breach(f"Made by generative AI ({messages.marks(because)}).", because)
