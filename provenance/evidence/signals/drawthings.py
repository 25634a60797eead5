"""Draw Things, the generator for Apple devices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.telling import once_per_carrier, speaking, tell
from provenance.evidence.text.usage import clause, of_settings
from provenance.evidence.text.vocabulary import load_object, name
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
        rows = list(speaking(statements))
        yield from once_per_carrier([*self._by_settings(rows), *self._by_name(rows)])

    def _by_settings(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        for statement in statements:
            if name(statement.key) in _SETTINGS and '"c"' in statement.value:
                settings = load_object(statement.value)
                if "c" in settings and len(_OWN & settings.keys()) >= 5:
                    used = of_settings(settings)
                    detail = f"Draw Things saved the settings of a generation here: {clause(used)}."
                    yield tell(self.name, statement, Origin.GENERATED, detail, tool="Draw Things", used=used)

    def _by_name(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        for statement in statements:
            if name(statement.key) in ("software", "creatortool") and statement.value.strip() == "Draw Things":
                detail = 'The software field says "Draw Things", which is a generator and nothing else.'
                yield tell(self.name, statement, Origin.GENERATED, detail, tool="Draw Things")
