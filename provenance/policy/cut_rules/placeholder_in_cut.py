"""A placeholder or temp card that was left in a cut."""

from __future__ import annotations

from collections.abc import Iterator

from provenance.model.cut import Use
from provenance.policy.interface import CutRule, Violation


class PlaceholderInCut(CutRule):
    """Fires on a use whose name says that something else is to stand there."""

    name = "placeholder_in_cut"
    title = "A placeholder in a cut"
    why = "A card that was to be replaced reaches the audience."
    remedy = "Replace it, or rename the clip if it is meant to stay."
    waivable = False

    def judge(self, use: Use) -> Iterator[Violation]:
        """One violation for each use; disabled clips are not in the picture."""
        if use.is_placeholder and use.enabled:
            yield Violation(f"A placeholder is left in the cut: {use.source}.", (use,))
