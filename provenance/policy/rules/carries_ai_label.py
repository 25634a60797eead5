"""An asset whose machine-readable label says that AI made it, or a part of it."""

from __future__ import annotations

from collections.abc import Iterator

from provenance.model.finding import Case
from provenance.model.vocabulary import SUSPECT
from provenance.policy import messages
from provenance.policy.interface import Rule, Violation
from provenance.policy.selection import LABELS, select_evidence


class CarriesAiLabel(Rule):
    """Fires on an asset with a standard field or a credential that says that AI made it, or may have made it. A tool's
    own trace is no label.
    """

    name = "carries_ai_label"
    title = "Carries a machine-readable AI label"
    why = "Platforms and authorities read these labels, and show or ask what they say."
    remedy = "Know that they will see it; keep the label, and have the wording ready that goes with it."
    is_regional = True
    waivable = False  # Permission to use it does not change what a machine reads.
    objects_to_plain = False

    def judge(self, case: Case) -> Iterator[Violation]:
        """One violation that rests on all labels."""
        labels = tuple(row for row in select_evidence(case, SUSPECT) if row.standing in LABELS)
        if labels:
            yield Violation(f"It carries a machine-readable AI label ({messages.describe_marks(labels)}).", labels)
