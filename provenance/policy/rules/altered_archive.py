"""Archive material that is generated or altered."""

from __future__ import annotations

from collections.abc import Iterator

from provenance.model.finding import Case
from provenance.model.vocabulary import Zone
from provenance.policy.archive import list_doubts
from provenance.policy.interface import Rule, Violation


class AlteredArchive(Rule):
    """Fires on an asset in the zone `archive` with marks of generation or enhancement, or with a broken credential."""

    name = "altered_archive"
    title = "Archive material that is generated or altered"
    finds_generated = True
    why = "An audience takes archive pictures for what happened; an altered one deceives it, however well it was meant."
    remedy = "Find the original at its source. What cannot be shown unaltered has to be disclosed, or taken out."
    objects_to_plain = False

    def judge(self, case: Case) -> Iterator[Violation]:
        """One violation that rests on everything that speaks against the asset."""
        doubts = list_doubts(case)
        if case.location.zone is Zone.ARCHIVE and doubts:
            yield Violation("It is kept as archive material, and it carries marks of generation or alteration.", doubts)
