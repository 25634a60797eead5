"""An asset that generative AI made."""

from __future__ import annotations

from collections.abc import Iterator

from provenance.model.finding import Case
from provenance.model.vocabulary import AI_ORIGINS, Origin
from provenance.policy import messages
from provenance.policy.interface import Rule, Violation
from provenance.policy.selection import select_evidence


class GeneratedInDeliverable(Rule):
    """Fires on an asset whose origin is generated. It rests on every mark of generation, partial ones included."""

    name = "generated_in_deliverable"
    title = "Generated material in a deliverable"
    finds_generated = True
    why = (
        "Material from a generative model brings open questions of copyright, likeness and audience trust into the "
        "finished work, even in the background."
    )
    remedy = "Replace it with cleared material, or register the written approval of exactly this content."
    objects_to_plain = False

    def judge(self, case: Case) -> Iterator[Violation]:
        """One violation that rests on all evidence of generation."""
        # partial marks belong to the same claim: somebody who checks it wants to see all of them
        because = select_evidence(case, AI_ORIGINS)
        if case.origin is Origin.GENERATED and because:
            yield Violation(f"Generative AI made it ({messages.describe_marks(because)}).", because)
