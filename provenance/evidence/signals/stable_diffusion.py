"""Fields that name Stable Diffusion and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.make_evidence import keep_first_per_carrier, select_visible, make_evidence
from provenance.evidence.text.generation_settings import make_used
from provenance.evidence.text.parse_text import shorten
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin

_VERSION = "stablediffusionversion"
_KEYS = frozenset({"sd:mode", _VERSION})


class StableDiffusion(Signal):
    """Keys of scripts around Stable Diffusion."""

    name = "stable_diffusion"
    title = "Stable Diffusion fields"
    written_by = "Scripts around Stable Diffusion, in PNG text: `SD:mode`, `StableDiffusionVersion`."
    trust = "A tool's own trace: unsigned and lost by any re-save."
    traps = "`aesthetic_score` alone is no trace: collections of photographs are scored too."

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """One piece of evidence per carrier."""
        yield from keep_first_per_carrier(
            make_evidence(
                self.name,
                row,
                Origin.GENERATED,
                f'The field {shorten(row.key, 40)} ("{shorten(row.value, 60)}") belongs to Stable Diffusion.',
                tool="Stable Diffusion",
                used=make_used(version=row.value) if row.key.strip().casefold() == _VERSION else None,
            )
            for row in select_visible(statements)
            if row.key.strip().casefold() in _KEYS and row.value.strip()
        )
