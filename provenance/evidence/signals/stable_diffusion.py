"""Fields that name Stable Diffusion and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.generation_settings import make_usage
from provenance.evidence.text.make_evidence import keep_first_per_carrier, make_evidence, select_visible
from provenance.evidence.text.parse_text import shorten
from provenance.model.evidence import Evidence, Statement, Used
from provenance.model.vocabulary import Origin

_MODE = "sd:mode"
_VERSION = "stablediffusionversion"


class StableDiffusion(Signal):
    """Recognised by the keys of scripts around Stable Diffusion."""

    name = "stable_diffusion"
    title = "Stable Diffusion fields"
    written_by = "Scripts around Stable Diffusion, in PNG text: `SD:mode`, `StableDiffusionVersion`."
    trust = "A tool's own trace: unsigned and lost by any re-save."
    traps = "`aesthetic_score` alone is not a trace: collections of photographs are scored as well."

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Yield one piece of evidence per carrier."""
        yield from keep_first_per_carrier(self._find_fields(statements))

    def _find_fields(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        for statement in select_visible(statements):
            # The whole key is compared, with its prefix: a bare `mode` can be a field of any program.
            key = statement.key.strip().casefold()
            if key not in (_MODE, _VERSION) or not statement.value.strip():
                continue
            used = Used()
            if key == _VERSION:
                used = make_usage(version=statement.value)
            value = shorten(statement.value, 60)
            detail = f'The field {shorten(statement.key, 40)} ("{value}") is one that only Stable Diffusion writes.'
            yield make_evidence(self.name, statement, Origin.GENERATED, detail, tool="Stable Diffusion", used=used)
