"""Draw Things, the generator for Apple devices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.generation_settings import add_usage, make_usage_from_settings
from provenance.evidence.text.make_evidence import keep_first_per_carrier, make_evidence, select_visible
from provenance.evidence.text.parse_text import normalise_key, parse_json_object
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin

_SETTINGS_FIELDS = frozenset({"comment", "usercomment"})
_PROGRAM_FIELDS = ("software", "creatortool")
_SETTINGS = frozenset({"c", "uc", "sampler", "scale", "seed", "steps", "model"})
"""Settings of Draw Things; `c` is the prompt and `uc` the negative prompt."""
_LEAST_SETTINGS = 5
"""Settings that an object must have to be Draw Things', the prompt included."""


class Drawthings(Signal):
    """Recognised by its settings as JSON with short names, or by its name as software."""

    name = "drawthings"
    title = "Draw Things metadata"
    written_by = (
        'Draw Things: PNG text or EXIF Software "Draw Things" and JSON settings (`c`, `uc`, `sampler`, `scale` …) in '
        "`Comment`, or in the exif:UserComment of XMP. It writes nothing into movies."
    )
    trust = "A tool's own trace: unsigned and lost by any re-save."
    traps = (
        "The words `draw things` in a caption do not count; the JSON needs its prompt `c` and four other settings of "
        "Draw Things."
    )

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Yield one piece of evidence per carrier; it rests on the settings if there are any, else on the name."""
        # Settings come first: they say more than the name, and only the first of each carrier is kept.
        rows = list(select_visible(statements))
        yield from keep_first_per_carrier([*self._find_settings(rows), *self._find_names(rows)])

    def _find_settings(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        for statement in statements:
            # Parsing is costly, so look for the key of the prompt first.
            if normalise_key(statement.key) not in _SETTINGS_FIELDS or '"c"' not in statement.value:
                continue
            settings = parse_json_object(statement.value)
            if "c" in settings and len(_SETTINGS & settings.keys()) >= _LEAST_SETTINGS:
                used = make_usage_from_settings(settings)
                detail = add_usage("The file contains the settings of a generation by Draw Things", used)
                yield make_evidence(self.name, statement, Origin.GENERATED, detail, tool="Draw Things", used=used)

    def _find_names(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        for statement in statements:
            if normalise_key(statement.key) in _PROGRAM_FIELDS and statement.value.strip() == "Draw Things":
                detail = 'The software field names "Draw Things", a program that does nothing but generate.'
                yield make_evidence(self.name, statement, Origin.GENERATED, detail, tool="Draw Things")
