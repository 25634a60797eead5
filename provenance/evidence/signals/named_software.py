"""Generators whose only mark is their exact name in one exact field."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.make_evidence import keep_first_per_carrier, make_evidence, select_visible
from provenance.evidence.text.parse_text import normalise_key, shorten, strip_padding
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin

_NAMES = {
    ("make", "ideogram ai"): "Ideogram",
    ("make", "aphrodite ai"): "Aphrodite AI",
    ("software", "aphrodite ai"): "Aphrodite AI",
    ("software", "reve.com"): "Reve",
    ("creatortool", "reve.com"): "Reve",
    ("creatortool", "adobe firefly"): "Adobe Firefly",
}
_LONGEST_NAME = 64
"""Characters of a value that are compared."""


class NamedSoftware(Signal):
    """Recognised if field and value are both exactly those of the generator."""

    name = "named_software"
    title = "Generators by name"
    written_by = (
        "Ideogram (EXIF Make `Ideogram AI`), Aphrodite (EXIF Make or Software `Aphrodite AI`), Reve (EXIF Software or "
        "xmp:CreatorTool `reve.com`), Adobe Firefly (xmp:CreatorTool `Adobe Firefly`)."
    )
    trust = "A tool's own trace: a bare name, easily removed and easily written."
    traps = (
        "The same names in captions, keywords, credits or file names, and names that only contain them: `Adobe "
        "Photoshop`, `Adobe Illustrator`, an article about Firefly."
    )

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Yield one piece of evidence per carrier."""
        yield from keep_first_per_carrier(self._find_names(statements))

    def _find_names(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        for statement in select_visible(statements):
            # The whole value is compared: names that contain these belong to other programs, or to an article.
            value = strip_padding(statement.value[:_LONGEST_NAME]).casefold()
            tool = _NAMES.get((normalise_key(statement.key), value))
            if tool:
                key = shorten(statement.key, 40)
                detail = (
                    f'The field {key} contains "{shorten(statement.value, 40)}", the name that {tool} writes there.'
                )
                yield make_evidence(self.name, statement, Origin.GENERATED, detail, tool=tool)
