"""A source in a cut that several known assets can be."""

from __future__ import annotations

from collections.abc import Iterator

from provenance.model.cut import Use
from provenance.policy.interface import CutRule, Violation


class AmbiguousInCut(CutRule):
    """Fires on a use whose name fits several assets, where source timecode cannot choose one of them."""

    name = "ambiguous_in_cut"
    title = "A source that cannot be told from others"
    why = "One of the assets that fit may be generated; a guess would be worse than no answer."
    remedy = "Rename the files apart, or export the cut in a format that carries paths or identifiers: AAF, FCPXML."
    waivable = False

    def judge(self, use: Use) -> Iterator[Violation]:
        """One violation for each use; disabled clips are not in the picture."""
        if use.resolved_by == "ambiguous" and use.enabled:
            count = len(use.candidates)
            yield Violation(
                f"The cut shows {use.source or 'a source without a name'}: {count} known assets fit.", (use,)
            )
