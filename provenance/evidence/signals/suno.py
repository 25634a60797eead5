"""Suno: the comment and the address that its songs carry."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.make_evidence import keep_first_per_carrier, make_evidence, select_visible
from provenance.evidence.text.parse_text import UUID, normalise_key, shorten, strip_padding
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin

_COMMENT = re.compile(rf"\s*made with suno(?: studio)?;[^\n]{{0,200}}\bid={UUID.pattern}\b.{{0,200}}", re.IGNORECASE)
_ADDRESS = re.compile(rf"https://(?:www\.)?suno\.(?:com|ai)/song/{UUID.pattern}/?", re.IGNORECASE)
_PATTERNS = {
    "comment": _COMMENT,
    "description": _COMMENT,
    "woas": _ADDRESS,
    "purl": _ADDRESS,
    "url": _ADDRESS,
}
"""Field, and what its whole value must be."""
_LONGEST_VALUE = 1024
"""Characters of a value that are compared."""


class Suno(Signal):
    """Recognised by a comment with the number of the song, or by the address of the song as its source."""

    name = "suno"
    title = "Suno song marks"
    written_by = (
        "Suno: `made with suno; created=…; id=<uuid>` as ID3 comment or Vorbis description (Suno Studio: `made with "
        "suno studio; …`), and the address https://suno.com/song/<uuid> as ID3 source address (WOAS)."
    )
    trust = "A tool's own trace, in a form that is hardly written by chance: unsigned and lost by any re-encoding."
    traps = "The word in a title, in lyrics or in the name of an artist does not count."

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Yield one piece of evidence per carrier."""
        yield from keep_first_per_carrier(self._find_marks(statements))

    def _find_marks(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        for statement in select_visible(statements):
            # Only with the number of a song: the word alone occurs in titles and in names of artists.
            pattern = _PATTERNS.get(normalise_key(statement.key))
            if pattern and pattern.fullmatch(strip_padding(statement.value[:_LONGEST_VALUE])):
                key = shorten(statement.key, 40)
                detail = f'The field {key} contains "{shorten(statement.value, 120)}", with which Suno marks its songs.'
                yield make_evidence(self.name, statement, Origin.GENERATED, detail, tool="Suno")
