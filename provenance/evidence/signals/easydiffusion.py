"""Easy Diffusion, in the form where every setting is a field of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.make_evidence import select_visible, make_evidence
from provenance.evidence.text.generation_settings import describe_used, make_used_from_settings
from provenance.evidence.text.parse_text import compact_key
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin

_MODEL = ("usestablediffusionmodel", "stablediffusionmodel")
_SETTINGS = frozenset(
    {"prompt", "negativeprompt", "seed", "numinferencesteps", "steps", "guidancescale", "samplername", "sampler"}
)


class Easydiffusion(Signal):
    """The field that names the Stable Diffusion model, with settings in fields beside it."""

    name = "easydiffusion"
    title = "Easy Diffusion fields"
    written_by = (
        "Easy Diffusion in PNG text, one chunk per setting: `use_stable_diffusion_model`, `prompt`, `seed` … or, in "
        "words, `Stable Diffusion model`, `Negative Prompt`, `Seed` … As one JSON object they are read by another "
        "signal."
    )
    trust = "A tool's own trace: unsigned and lost by any re-save."
    traps = "A `prompt` or a `seed` without the field for the model comes from any program."

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """One piece of evidence per carrier that has the model and at least two settings."""
        carriers: dict[str, dict[str, Statement]] = {}
        for statement in select_visible(statements):
            carriers.setdefault(statement.carrier, {}).setdefault(compact_key(statement.key), statement)
        for fields in carriers.values():
            model = next((fields[key] for key in _MODEL if key in fields), None)
            if model and len(_SETTINGS & fields.keys()) >= 2:
                used = make_used_from_settings({key: field.value for key, field in fields.items()})
                detail = f"Easy Diffusion saved the settings of a generation here: {describe_used(used)}."
                yield make_evidence(self.name, model, Origin.GENERATED, detail, tool="Easy Diffusion", used=used)
