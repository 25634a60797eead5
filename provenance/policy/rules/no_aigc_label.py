"""Generated material without the Chinese AI label."""

from __future__ import annotations

from collections.abc import Iterator

from provenance.model.finding import Because, Case
from provenance.model.match import COPY
from provenance.model.vocabulary import AI_ORIGINS
from provenance.policy.interface import Rule, Violation
from provenance.policy.selection import select_evidence

_SIGNAL = "tc260"
"""The signal that reads the label."""


class NoAigcLabel(Rule):
    """Fires on an asset that AI made, in whole or in part, or that shows a copy of such material, where its metadata
    carry no label of GB 45438.
    """

    name = "no_aigc_label"
    title = "Generated material without the AIGC label"
    why = "Where the label is required, a platform marks, holds back or refuses generated content that lacks it."
    remedy = "Have the label AIGC written into the deliverable for China, and the label that people see set in."
    is_regional = True
    waivable = False
    objects_to_plain = False

    def judge(self, case: Case) -> Iterator[Violation]:
        """One violation that rests on all evidence of generation."""
        if any(row.signal == _SIGNAL for row in case.reading.evidence):
            return
        copies = [row for row in case.matches if row.verdict == COPY and row.known.origin in AI_ORIGINS]
        because: tuple[Because, ...] = (*select_evidence(case, AI_ORIGINS), *copies)
        if because:
            yield Violation("It is or shows generated material and carries no AIGC label.", because)
