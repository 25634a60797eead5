"""Something in scope that could not be checked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from provenance.model.evidence import Trouble
from provenance.model.finding import Case
from provenance.model.vocabulary import Cause
from provenance.policy.interface import Rule, Violation


class NotLookedAt(Rule):
    """Fires on every trouble except a remote credential, which has its own rule. No approval waives it, because nobody
    knows what they would approve.
    """

    name = "not_looked_at"
    title = "Could not be checked"
    why = "Nothing is known about material that could not be checked; a gate that let it pass would reward damage."
    remedy = "Repair or export the file again, install the missing component, or raise the limit; then scan again."
    remedy_of_search: ClassVar = "Do what the message asks for; then scan again."
    """Where nothing is wrong with a file: the search had nothing, or too little, to compare the delivery with."""
    waivable = False
    objects_to_plain = False

    def judge(self, case: Case) -> Iterator[Violation]:
        """One violation that rests on all troubles of the asset."""
        because = tuple(trouble for trouble in case.reading.troubles if trouble.cause is not Cause.REMOTE)
        if because:
            yield self.build_violation(because)

    def build_violation(self, troubles: Sequence[Trouble]) -> Violation:
        """The violation for the troubles of one file; `troubles` is not empty."""
        # a file with a thousand damaged parts names each cause once
        causes = ", ".join(dict.fromkeys(f"{trouble.cause} ({trouble.stage})" for trouble in troubles))
        return Violation(f"It could not be checked in full: {causes}.", tuple(troubles))
