"""Generated material whose machine-readable label is gone."""

from __future__ import annotations

from collections.abc import Iterator

from provenance.model.finding import Case
from provenance.model.match import COPY
from provenance.model.vocabulary import AI_ORIGINS, SUSPECT
from provenance.policy import messages
from provenance.policy.interface import Rule, Violation
from provenance.policy.selection import LABELS


class MarkLost(Rule):
    """Fires on a copy of known material that carried a machine-readable label when it was ingested, where the copy
    carries none. A tool's own trace is no label; an asset that says itself that AI made it has lost nothing.
    """

    name = "mark_lost"
    title = "A label was lost between ingest and delivery"
    why = "Labels exist so that machines can tell; editing and export remove them without anybody deciding that."
    remedy = "Keep the label through export, write it anew into the deliverable, or disclose the material otherwise."
    is_regional = True
    waivable = False
    objects_to_plain = False

    def judge(self, case: Case) -> Iterator[Violation]:
        """One violation for every such copy, at its time in the asset."""
        if case.origin in AI_ORIGINS:
            return
        for match in case.matches:
            known = match.known
            has_label = known.mark is not None and known.mark.standing in LABELS
            if match.verdict == COPY and known.origin in SUSPECT and has_label:
                shows, shown = messages.describe_showing(match), messages.describe_match(match)
                message = f"It {shows} a copy of {known.origin} material ({shown}), and carries none of its labels."
                yield Violation(message, (match,), time=match.time, frame=messages.get_first_frame(match))
