"""A name of the watch list in a prompt."""

from __future__ import annotations

from collections.abc import Iterator

from provenance.model.finding import Case
from provenance.model.reconciliation import Outcome
from provenance.policy.interface import Rule, Violation
from provenance.policy.selection import select_differences


class WatchedWord(Rule):
    """Fires on a prompt that contains a name of the watch list: cast, a character, an artist, a work, a brand."""

    name = "watched_word"
    title = "Watched word in a prompt"
    why = "Whoever prompts with a name may get a likeness, a style or a work that belongs to somebody."
    remedy = "Ask who or what was meant; without a consent or a licence, replace the material."
    waivable = False
    is_about_register = True
    objects_to_plain = False

    def judge(self, case: Case) -> Iterator[Violation]:
        """One violation for every entry whose words are in a prompt."""
        yield from select_differences(case, Outcome.WATCHED_WORD)
