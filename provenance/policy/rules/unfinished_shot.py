"""A slate of the cutting room, left in the picture."""

from __future__ import annotations

from collections.abc import Iterator

from provenance.model.finding import Case
from provenance.policy import messages
from provenance.policy.interface import Rule, Violation
from provenance.policy.selection import SLATE, select_by_signal


class UnfinishedShot(Rule):
    """Fires on words in a picture with which editors mark what is missing or not final. It is not about AI."""

    name = "unfinished_shot"
    title = "Unfinished shot"
    why = "A slate or a placeholder that nobody took out before lock is delivered."
    remedy = "Put the final shot in. If the words belong to the story, approve it with that reason."
    objects_to_plain = False

    def judge(self, case: Case) -> Iterator[Violation]:
        """One violation that rests on every such slate."""
        if because := select_by_signal(case, SLATE):
            message = f"Words in the picture mark a shot that is not final: {messages.quote_places(because)}."
            yield Violation(message, because)
