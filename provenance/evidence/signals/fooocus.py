"""Fooocus, recognised by the field that names the scheme in which it writes its settings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.generation_settings import make_usage
from provenance.evidence.text.make_evidence import keep_first_per_carrier, make_evidence, select_visible
from provenance.evidence.text.parse_text import normalise_key, shorten, strip_padding
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin

_SCHEME = re.compile(r"fooocus|a1111", re.IGNORECASE)
_PATTERNS = {
    "fooocus_scheme": _SCHEME,
    "makernote": _SCHEME,
    "software": re.compile(r"(?:Ruined)?Fooocus(?: v?\d[\w.\-]{0,40})?", re.IGNORECASE),
}
"""Field, and what its whole value must be."""


class Fooocus(Signal):
    """Recognised by the scheme of its settings, in a field of its own, or by its name as software."""

    name = "fooocus"
    title = "Fooocus marks"
    written_by = (
        "Fooocus: PNG text `fooocus_scheme`; in JPEG and WebP the EXIF MakerNote holds the bare word `fooocus` or "
        "`a1111`, and Software its name and version. The settings themselves are read by other signals."
    )
    trust = "A tool's own trace: unsigned and lost by any re-save, but no camera writes such a MakerNote."
    traps = "A MakerNote of a camera is binary and long; only the bare word counts."

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Yield one piece of evidence per carrier."""
        yield from keep_first_per_carrier(self._find_marks(statements))

    def _find_marks(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        for statement in select_visible(statements):
            field = normalise_key(statement.key)
            value = strip_padding(statement.value)
            if field in _PATTERNS and _PATTERNS[field].fullmatch(value):
                tool = "Fooocus"
                if field == "software":
                    tool = value
                # As software Fooocus writes its name with the version: `Fooocus v2.5.5`.
                used = make_usage(version=tool.partition(" ")[2])
                key = shorten(statement.key, 40)
                detail = f'The field {key} contains "{value}", with which Fooocus marks the pictures that it generates.'
                yield make_evidence(self.name, statement, Origin.GENERATED, detail, tool=tool, used=used)
