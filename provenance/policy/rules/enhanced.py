"""An asset that AI enhanced without adding content."""

from __future__ import annotations

from collections.abc import Iterator

from provenance.model.finding import Case
from provenance.model.vocabulary import Origin
from provenance.policy import messages
from provenance.policy.interface import Rule, Violation


class Enhanced(Rule):
    """Fires on an asset whose gravest evidence is enhancement: upscaling, denoising, clean-up."""

    name = "enhanced"
    title = "Enhanced by AI"
    why = "Enhancement is customary, but a changed performance, or a changed record shown as real, needs consent."
    remedy = "Check that the tool changed no performance, speech or record; note the tool in the list of AI uses."

    def judge(self, case: Case) -> Iterator[Violation]:
        """One violation that rests on all evidence of enhancement."""
        because = tuple(row for row in case.reading.evidence if row.origin is Origin.ENHANCED)
        if case.origin is Origin.ENHANCED and because:
            yield Violation(f"An AI tool enhanced it ({messages.describe_marks(because)}).", because)
