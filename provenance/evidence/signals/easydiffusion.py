"""Easy Diffusion, in the form in which every setting is a field of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.fields import group_fields
from provenance.evidence.text.generation_settings import add_usage, make_usage_from_settings
from provenance.evidence.text.make_evidence import make_evidence, select_visible
from provenance.evidence.text.parse_text import compact_key
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin

_MODEL_FIELDS = ("usestablediffusionmodel", "stablediffusionmodel")
_SETTINGS = frozenset(
    {"prompt", "negativeprompt", "seed", "numinferencesteps", "steps", "guidancescale", "samplername", "sampler"}
)
_LEAST_SETTINGS = 2
"""Settings that must be beside the model."""


class Easydiffusion(Signal):
    """Recognised by the field that names the Stable Diffusion model, with settings in other fields."""

    name = "easydiffusion"
    title = "Easy Diffusion fields"
    written_by = (
        "Easy Diffusion in PNG text, one chunk per setting: `use_stable_diffusion_model`, `prompt`, `seed` … or, in "
        "words, `Stable Diffusion model`, `Negative Prompt`, `Seed` … As one JSON object they are read by another "
        "signal."
    )
    trust = "A tool's own trace: unsigned and lost by any re-save."
    traps = "A `prompt` or a `seed` without the field for the model can come from any program."

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Yield one piece of evidence per carrier that has the model and at least two settings."""
        # The keys have two forms, `use_stable_diffusion_model` and `Stable Diffusion model`; without case, spaces and
        # underscores most are equal.
        for fields in group_fields(select_visible(statements), compact_key):
            models = [fields[key] for key in _MODEL_FIELDS if key in fields]
            if models and len(_SETTINGS & fields.keys()) >= _LEAST_SETTINGS:
                used = make_usage_from_settings({key: field.value for key, field in fields.items()})
                detail = add_usage("The file contains the settings of a generation by Easy Diffusion", used)
                yield make_evidence(self.name, models[0], Origin.GENERATED, detail, tool="Easy Diffusion", used=used)
