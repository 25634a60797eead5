"""An asset that contains a part made by generative AI."""

from __future__ import annotations

from collections.abc import Iterator

from provenance.model.finding import Case
from provenance.model.vocabulary import Origin
from provenance.policy import messages
from provenance.policy.interface import Rule, Violation
from provenance.policy.selection import select_evidence


class PartlyGeneratedInDeliverable(Rule):
    """Fires on an asset whose origin is partly generated. It is a separate rule: clients weigh fills differently."""

    name = "partly_generated_in_deliverable"
    title = "Partly generated material in a deliverable"
    finds_generated = True
    why = (
        "A fill, an extension or a generated ingredient raises the same questions as a generated picture, and people "
        "may take an altered real picture for an untouched record."
    )
    remedy = "Go back to the material before the change, or register the written approval of exactly this content."
    objects_to_plain = False

    def judge(self, case: Case) -> Iterator[Violation]:
        """One violation that rests on all evidence of partial generation."""
        because = select_evidence(case, [Origin.PARTLY_GENERATED])
        if case.origin is Origin.PARTLY_GENERATED and because:
            yield Violation(f"Generative AI made a part of it ({messages.describe_marks(because)}).", because)
