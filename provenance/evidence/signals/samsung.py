"""Samsung: the photo editor's note on generative edits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.make_evidence import keep_first_per_carrier, make_evidence, select_visible
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin

_NOTE = "PhotoEditor_Re_Edit_Data"
_EDIT_KIND = re.compile(r'genAIType\\*"\s*:\s*\\*"?(-?\d{1,6})')
"""The kind of edit. The quotes may be escaped, because the note is JSON inside a JSON string."""


class Samsung(Signal):
    """Recognised by a kind of generative edit other than zero, within the data of the photo editor."""

    name = "samsung"
    title = "Samsung photo editor"
    written_by = (
        "The photo editor of Samsung Galaxy phones (Generative Edit, Sketch to Image, Portrait Studio): JSON named "
        "PhotoEditor_Re_Edit_Data behind the end of the JPEG, with `genAIType`."
    )
    trust = (
        "A tool's own trace, not documented by Samsung: it says that a generative tool changed the picture, but not "
        "how much of it. Such pictures often carry Content Credentials as well."
    )
    traps = "genAIType 0 is an ordinary edit, and the word outside the editor's data does not count."

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Yield one piece of evidence per carrier."""
        yield from keep_first_per_carrier(self._find_notes(statements))

    def _find_notes(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        for statement in select_visible(statements):
            # The name is the key of the JPEG trailer, or a key in the JSON that the trailer holds.
            if _NOTE not in statement.key and _NOTE not in statement.value:
                continue
            kind = _find_generative_edit(statement.value)
            if kind:
                detail = f"Samsung's photo editor notes a generative edit (genAIType {kind})."
                yield make_evidence(self.name, statement, Origin.PARTLY_GENERATED, detail, tool="Samsung Galaxy AI")


def _find_generative_edit(text: str) -> str | None:
    # The editor notes every edit of the picture; those without a generative tool have the kind 0.
    for match in _EDIT_KIND.finditer(text):
        if int(match[1]) != 0:
            return match[1]
    return None
