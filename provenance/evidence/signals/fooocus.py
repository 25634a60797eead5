"""Fooocus, by the marks that say how its settings are written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.telling import once_per_carrier, speaking, tell
from provenance.evidence.text.usage import gathered
from provenance.evidence.text.vocabulary import excerpt, name
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
        yield from once_per_carrier(self._marks(statements))

    def _marks(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        for statement in speaking(statements):
            pattern, value = _MARKS.get(name(statement.key)), statement.value.strip("\0 \t\r\n")
            if pattern and pattern.fullmatch(value):
                tool = value if name(statement.key) == "software" else "Fooocus"
                used = gathered(version=tool.partition(" ")[2])
                detail = f'The field {excerpt(statement.key, 40)} holds "{value}", as Fooocus marks what it generates.'
                yield tell(self.name, statement, Origin.GENERATED, detail, tool=tool, used=used)
