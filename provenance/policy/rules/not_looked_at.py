"""Something in scope that could not be looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from provenance.model.evidence import Trouble
from provenance.model.finding import Case
from provenance.model.vocabulary import Cause
from provenance.policy.interface import Breach, Rule


class NotLookedAt(Rule):
    """Fires on every trouble but a remote credential, which has its own rule. No approval lets it through: nobody knows
    what would be approved.
    """

    name = "not_looked_at"
    title = "Could not be looked at"
    why = "Where nobody could look, nothing is known; a gate that let it pass would turn damage into a clean bill."
    remedy = (
        "Repair or re-export the file, install what is missing, or raise the limit that it reached; then scan again."
    )
    waivable = False

    def judge(self, case: Case) -> Iterator[Breach]:
        """One breach that rests on all troubles of the asset."""
        because = tuple(trouble for trouble in case.reading.troubles if trouble.cause is not Cause.REMOTE)
        if because:
            yield self.breach(because)

    def breach(self, troubles: Sequence[Trouble]) -> Breach:
        """The breach for troubles of one file, `troubles` not empty."""
        causes = ", ".join(dict.fromkeys(f"{trouble.cause} ({trouble.stage})" for trouble in troubles))
        return Breach(f"It could not be looked at in full: {causes}.", tuple(troubles))
