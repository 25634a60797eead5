"""Draw Things, the generator for Apple devices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.make_evidence import keep_first_per_carrier, select_visible, make_evidence
from provenance.evidence.text.generation_settings import describe_used, make_used_from_settings
from provenance.evidence.text.parse_text import parse_json_object, normalise_key
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin

_SETTINGS = frozenset({"comment", "usercomment"})
_OWN = frozenset({"c", "uc", "sampler", "scale", "seed", "steps", "model"})


class Drawthings(Signal):
    """Its settings as JSON with short names, or its name as software."""

    name = "drawthings"
    title = "Draw Things metadata"
    written_by = (
        'Draw Things: PNG text or EXIF Software "Draw Things" and JSON settings (`c`, `uc`, `sampler`, `scale` …) in '
        "`Comment`, or in the exif:UserComment of XMP. It writes nothing into movies."
    )
    trust = "A tool's own trace: unsigned and lost by any re-save."
    traps = (
        "The words `draw things` in a caption are nothing; the JSON needs its prompt `c` and four settings beside it."
    )

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """One piece of evidence per carrier, resting on the settings where there are any, else on the name."""
        rows = list(select_visible(statements))
        yield from keep_first_per_carrier([*self._by_settings(rows), *self._by_name(rows)])

    def _by_settings(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        for statement in statements:
            if normalise_key(statement.key) in _SETTINGS and '"c"' in statement.value:
                settings = parse_json_object(statement.value)
                if "c" in settings and len(_OWN & settings.keys()) >= 5:
                    used = make_used_from_settings(settings)
                    detail = f"Draw Things saved the settings of a generation here: {describe_used(used)}."
                    yield make_evidence(self.name, statement, Origin.GENERATED, detail, tool="Draw Things", used=used)

    def _by_name(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        for statement in statements:
            if normalise_key(statement.key) in ("software", "creatortool") and statement.value.strip() == "Draw Things":
                detail = 'The software field says "Draw Things", which is a generator and nothing else.'
                yield make_evidence(self.name, statement, Origin.GENERATED, detail, tool="Draw Things")
