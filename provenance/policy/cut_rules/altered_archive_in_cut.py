"""Archive material in a cut that is generated or altered."""

from __future__ import annotations

from collections.abc import Iterator

from provenance.model.cut import Use
from provenance.policy.interface import CutRule, Violation


class AlteredArchiveInCut(CutRule):
    """Fires on a use of a source that is presented as archive and carries marks of generation or alteration.

    A source is presented as archive when the catalogue has it in the zone `archive`, or when its name, the name of the
    clip or that of the track fits one of `archive_names` in the config. Nothing is listed before these findings.
    """

    name = "altered_archive_in_cut"
    title = "Altered archive material in a cut"
    finds_generated = True
    why = "An audience takes archive pictures for what happened; an altered one deceives it, however well it was meant."
    remedy = "Find the original at its source. What cannot be shown unaltered has to be disclosed, or taken out."

    def judge(self, use: Use) -> Iterator[Violation]:
        """One violation for each use; disabled clips are not in the picture."""
        if use.is_archive and use.doubts and use.enabled:
            message = f"The cut presents {use.source or use.known_as} as archive, and it carries marks of alteration."
            yield Violation(message, (use, *use.doubts))
