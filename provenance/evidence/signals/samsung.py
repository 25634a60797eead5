"""Samsung: the photo editor's note on generative edits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.make_evidence import keep_first_per_carrier, select_visible, make_evidence
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin

_NOTE = "PhotoEditor_Re_Edit_Data"
_KIND = re.compile(r'genAIType\\*"\s*:\s*\\*"?(-?\d{1,6})')


class Samsung(Signal):
    """A kind of generative edit other than zero, within the data of the photo editor."""

    name = "samsung"
    title = "Samsung photo editor"
    written_by = (
        "The photo editor of Samsung Galaxy phones (Generative Edit, Sketch to Image, Portrait Studio): JSON named "
        "PhotoEditor_Re_Edit_Data behind the end of the JPEG, with `genAIType`."
    )
    trust = (
        "A tool's own trace, not documented by Samsung: it tells that a generative tool touched the picture, not how "
        "much of it. Content Credentials often stand beside it."
    )
    traps = "genAIType 0 is an ordinary edit, and the word outside the editor's data is nothing."

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """One piece of evidence per carrier."""
        yield from keep_first_per_carrier(self._notes(statements))

    def _notes(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        for statement in select_visible(statements):
            if _NOTE in statement.key or _NOTE in statement.value:
                kinds = (match[1] for match in _KIND.finditer(statement.value))
                if kind := next((kind for kind in kinds if int(kind)), None):
                    detail = f"The photo editor notes a generative edit (genAIType {kind})."
                    yield make_evidence(self.name, statement, Origin.PARTLY_GENERATED, detail, tool="Samsung Galaxy AI")
