"""Fooocus, by the marks that say how its settings are written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.make_evidence import keep_first_per_carrier, select_visible, make_evidence
from provenance.evidence.text.generation_settings import make_used
from provenance.evidence.text.parse_text import shorten, normalise_key
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin

_SCHEMES = re.compile(r"fooocus|a1111", re.IGNORECASE)
_MARKS = {
    "fooocus_scheme": _SCHEMES,
    "makernote": _SCHEMES,
    "software": re.compile(r"(?:Ruined)?Fooocus(?: v?\d[\w.\-]{0,40})?", re.IGNORECASE),
}


class Fooocus(Signal):
    """The scheme of its settings, which it names in a field of its own, and its name as software."""

    name = "fooocus"
    title = "Fooocus marks"
    written_by = (
        "Fooocus: PNG text `fooocus_scheme`; in JPEG and WebP the EXIF MakerNote holds the bare word `fooocus` or "
        "`a1111`, and Software its name and version. The settings themselves are read by other signals."
    )
    trust = "A tool's own trace: unsigned and lost by any re-save, but no camera writes such a MakerNote."
    traps = "A MakerNote of a camera is binary and long; only the bare word counts."

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """One piece of evidence per carrier."""
        yield from keep_first_per_carrier(self._marks(statements))

    def _marks(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        for statement in select_visible(statements):
            pattern, value = _MARKS.get(normalise_key(statement.key)), statement.value.strip("\0 \t\r\n")
            if pattern and pattern.fullmatch(value):
                tool = value if normalise_key(statement.key) == "software" else "Fooocus"
                used = make_used(version=tool.partition(" ")[2])
                detail = f'The field {shorten(statement.key, 40)} holds "{value}", as Fooocus marks what it generates.'
                yield make_evidence(self.name, statement, Origin.GENERATED, detail, tool=tool, used=used)
