"""The preview of a stock library, left in the picture."""

from __future__ import annotations

from collections.abc import Iterator

from provenance.model.finding import Case
from provenance.policy import messages
from provenance.policy.interface import Rule, Violation
from provenance.policy.selection import PREVIEW, select_by_signal


class UnlicensedPreview(Rule):
    """Fires on the name of a library of stock pictures across a picture, as previews have it. It is not about AI."""

    name = "unlicensed_preview"
    title = "Unlicensed preview"
    why = "What is licensed comes without the mark: a preview in a master was never paid for, and the audience sees it."
    remedy = "License the material and put the clean version in, or replace it. If it is a credit, approve it as that."
    objects_to_plain = False

    def judge(self, case: Case) -> Iterator[Violation]:
        """One violation that rests on every such mark."""
        if because := select_by_signal(case, PREVIEW):
            message = (
                f"The picture shows the mark of a stock library, as previews do: {messages.quote_places(because)}."
            )
            yield Violation(message, because)
