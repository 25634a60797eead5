"""An asset that an algorithm enhanced without adding content."""

from __future__ import annotations

from collections.abc import Iterator

from provenance.model.finding import Case
from provenance.model.vocabulary import Origin
from provenance.policy import messages
from provenance.policy.interface import Rule, Violation
from provenance.policy.selection import select_evidence


class Enhanced(Rule):
    """Fires on an asset whose gravest evidence is enhancement: upscaling, denoising, clean-up."""

    name = "enhanced"
    title = "Enhanced by an algorithm"
    why = "Enhancement is customary, but a changed performance, or a changed record shown as real, needs consent."
    remedy = "Check that the tool changed no performance, speech or record; if it uses AI, list it with the uses of AI."
    objects_to_plain = False

    def judge(self, case: Case) -> Iterator[Violation]:
        """One violation that rests on all evidence of enhancement."""
        because = select_evidence(case, [Origin.ENHANCED])
        # with graver evidence the origin is another one, and the rule for that origin fires instead
        if case.origin is Origin.ENHANCED and because:
            yield Violation(f"An algorithm enhanced it ({messages.describe_marks(because)}).", because)
