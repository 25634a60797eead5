"""Suno: the comment and the address that its songs carry."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.make_evidence import keep_first_per_carrier, select_visible, make_evidence
from provenance.evidence.text.parse_text import UUID, shorten, normalise_key
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin

_COMMENT = re.compile(rf"\s*made with suno(?: studio)?;[^\n]{{0,200}}\bid={UUID.pattern}\b.{{0,200}}", re.IGNORECASE)
_ADDRESS = re.compile(rf"https://(?:www\.)?suno\.(?:com|ai)/song/{UUID.pattern}/?", re.IGNORECASE)
_FIELDS = {
    "comment": _COMMENT,
    "description": _COMMENT,
    "woas": _ADDRESS,
    "purl": _ADDRESS,
    "url": _ADDRESS,
}


class Suno(Signal):
    """A comment with the number of the song, or the address of the song as its source."""

    name = "suno"
    title = "Suno song marks"
    written_by = (
        "Suno: `made with suno; created=…; id=<uuid>` as ID3 comment or Vorbis description (Suno Studio: `made with "
        "suno studio; …`), and the address https://suno.com/song/<uuid> as ID3 source address (WOAS)."
    )
    trust = "A tool's own trace, strong in its form: unsigned and lost by any re-encoding."
    traps = "The word in a title, in lyrics or in the name of an artist is nothing."

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """One piece of evidence per carrier."""
        yield from keep_first_per_carrier(self._marks(statements))

    def _marks(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        for statement in select_visible(statements):
            pattern = _FIELDS.get(normalise_key(statement.key))
            if pattern and pattern.fullmatch(statement.value[:1024].strip("\0 \t\r\n")):
                detail = (
                    f'The field {shorten(statement.key, 40)} says "{shorten(statement.value, 120)}", as Suno signs.'
                )
                yield make_evidence(self.name, statement, Origin.GENERATED, detail, tool="Suno")
