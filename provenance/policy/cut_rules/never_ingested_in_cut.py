"""A source in a cut that is on the storage and was never read."""

from __future__ import annotations

from collections.abc import Iterator

from provenance.model.cut import Use
from provenance.policy.interface import CutRule, Violation


class NeverIngestedInCut(CutRule):
    """Fires on a use whose source lies in a folder that was named, but which the catalogue has never read."""

    name = "never_ingested_in_cut"
    title = "A source that was never read"
    why = "The file is there, but nobody has looked at it: it may be generated."
    remedy = "Ingest the folder that holds it: provenance ingest FOLDER."
    waivable = False

    def judge(self, use: Use) -> Iterator[Violation]:
        """One violation for each use; disabled clips are not in the picture."""
        if use.is_never_ingested and use.enabled:
            yield Violation(f"The cut shows {use.source}, which was never ingested.", (use,))
