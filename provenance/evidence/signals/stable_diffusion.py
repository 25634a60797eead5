"""Fields that name Stable Diffusion and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.telling import once_per_carrier, speaking, tell
from provenance.evidence.text.usage import gathered
from provenance.evidence.text.vocabulary import excerpt
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
        yield from once_per_carrier(
            tell(
                self.name,
                row,
                Origin.GENERATED,
                f'The field {excerpt(row.key, 40)} ("{excerpt(row.value, 60)}") belongs to Stable Diffusion.',
                tool="Stable Diffusion",
                used=gathered(version=row.value) if row.key.strip().casefold() == _VERSION else None,
            )
            for row in speaking(statements)
            if row.key.strip().casefold() in _KEYS and row.value.strip()
        )
