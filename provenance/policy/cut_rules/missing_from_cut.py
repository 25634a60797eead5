"""A source in a cut that nothing known has the name of."""

from __future__ import annotations

from collections.abc import Iterator

from provenance.model.cut import Use
from provenance.policy.interface import CutRule, Violation


class MissingFromCut(CutRule):
    """Fires on a use whose source no known asset can be."""

    name = "missing_from_cut"
    title = "A source that is not known"
    why = "Nobody can say whether a source that was never seen is generated."
    remedy = "Ingest the storage that holds it, or relink the clip and export the cut again."
    waivable = False

    def judge(self, use: Use) -> Iterator[Violation]:
        """One violation for each use; disabled clips are not in the picture."""
        # What lies unread on a storage is not missing: it has a rule of its own.
        if use.resolved_by in ("missing", "outside") and use.enabled and not use.is_never_ingested:
            where = " outside all folders" if use.resolved_by == "outside" else ""
            yield Violation(
                f"The cut shows {use.source or 'a source without a name'}{where}, which is not known.", (use,)
            )
