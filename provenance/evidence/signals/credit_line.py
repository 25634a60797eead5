"""Credit lines that photo services write when their AI made or changed a picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.make_evidence import keep_first_per_carrier, make_evidence, select_visible
from provenance.evidence.text.parse_text import normalise_key, strip_padding
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin, Standing

_LINES = {
    "made with google ai": (Origin.GENERATED, "Google AI", "which Google writes into pictures that its AI made"),
    "made by google ai": (Origin.GENERATED, "Google AI", "which Google writes into pictures that its AI made"),
    "edited with google ai": (Origin.PARTLY_GENERATED, "Google AI", "which Google writes after an edit by its AI"),
    "apple photos clean up": (
        Origin.PARTLY_GENERATED,
        "Apple Photos Clean Up",
        "which Apple Photos writes after its AI removed something and filled the gap",
    ),
}
_LONGEST_LINE = 64
"""Characters of a credit that are compared."""


class CreditLine(Signal):
    """Recognised by a credit that is exactly the line of the service."""

    name = "credit_line"
    title = "Credit lines of AI services"
    written_by = (
        "Google (photoshop:Credit `Made with Google AI`, `Made by Google AI`, `Edited with Google AI`) and Apple "
        "Photos (`Apple Photos Clean Up`), in XMP and in IPTC records."
    )
    trust = (
        "A declaration in a standard field: anyone can write or remove it. Clean Up often removes a face or a number "
        "plate for privacy; the filled part is generated all the same."
    )
    traps = "A credit to a person or an agency that contains such words: only the exact line counts."

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Yield one piece of evidence per carrier."""
        yield from keep_first_per_carrier(self._find_lines(statements))

    def _find_lines(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        for statement in select_visible(statements):
            # The whole line is compared: people and agencies may have such words in their credits.
            line = strip_padding(statement.value[:_LONGEST_LINE])
            if normalise_key(statement.key) == "credit" and line.casefold() in _LINES:
                origin, tool, meaning = _LINES[line.casefold()]
                detail = f'The credit reads "{line}", {meaning}.'
                yield make_evidence(self.name, statement, origin, detail, tool=tool, standing=Standing.DECLARED)
