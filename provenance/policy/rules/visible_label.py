"""Text in the picture says that AI made it."""

from __future__ import annotations

from collections.abc import Iterator

from provenance.model.finding import Case
from provenance.policy import messages
from provenance.policy.interface import Rule, Violation
from provenance.policy.selection import LABEL, select_by_signal


class VisibleLabel(Rule):
    """Fires on text in pictures that is a label of AI or the name of a generator, whatever else says the same."""

    name = "visible_label"
    title = "Label of AI in the picture"
    finds_generated = True
    why = "Generators and laws put such labels into pictures; left in a master, the audience reads them."
    remedy = (
        "Look at the place. If it belongs to the story, approve it with that reason; if not, find out where the "
        "picture comes from, and declare or replace it."
    )
    objects_to_plain = False

    def judge(self, case: Case) -> Iterator[Violation]:
        """One violation that rests on every label."""
        if because := select_by_signal(case, LABEL):
            yield Violation(f"Text in the picture is a label of AI: {messages.quote_places(because)}.", because)
