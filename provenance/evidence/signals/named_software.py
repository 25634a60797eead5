"""Generators that sign with nothing but their exact name, in one exact field."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.make_evidence import keep_first_per_carrier, select_visible, make_evidence
from provenance.evidence.text.parse_text import shorten, normalise_key
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


class NamedSoftware(Signal):
    """Field and value must both be exactly those of the generator."""

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
        """One piece of evidence per carrier."""
        yield from keep_first_per_carrier(self._named(statements))

    def _named(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        for statement in select_visible(statements):
            tool = _NAMES.get((normalise_key(statement.key), statement.value[:64].strip("\0 \t\r\n").casefold()))
            if tool:
                detail = (
                    f'The field {shorten(statement.key, 40)} says "{shorten(statement.value, 40)}", as {tool} signs.'
                )
                yield make_evidence(self.name, statement, Origin.GENERATED, detail, tool=tool)
