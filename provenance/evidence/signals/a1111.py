"""The parameters text of the Stable Diffusion web interfaces: a prompt and one line of settings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.infotext import name_program, parse_infotext, make_used_from_infotext
from provenance.evidence.text.make_evidence import select_visible, make_evidence
from provenance.evidence.text.generation_settings import describe_used
from provenance.evidence.text.parse_text import FREE_TEXT_FIELDS, shorten, normalise_key
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin

_POSTPROCESSING = re.compile(r"Postprocess|Upscaler?:|upscale by|GFPGAN|CodeFormer|visibility:", re.IGNORECASE)


class A1111(Signal):
    """Recognised by its structure, never by a single word: two of Steps, Sampler, CFG scale and Seed as real fields."""

    name = "a1111"
    title = "Stable Diffusion parameters text"
    written_by = (
        "AUTOMATIC1111, Forge, reForge, SD.Next, Civitai, Stability Matrix and many savers for ComfyUI: in the PNG "
        "text `parameters`, in the EXIF UserComment or ImageDescription of JPEG and WebP, in comments of movies."
    )
    trust = (
        "A tool's own trace: unsigned, lost by any re-save, and nobody writes it by hand. Pictures made from pictures "
        "carry it too. `postprocessing` and `extras` alone tell of upscaling or face repair: enhanced."
    )
    traps = (
        "Scientific programs write `parameters` too, and simulations have steps, seeds and samplers: settings of "
        "diffusion must stand beside them. A sentence that quotes settings is no settings line."
    )

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Evidence for every text field that holds a settings line or a postprocessing line."""
        for statement in select_visible(statements):
            field = normalise_key(statement.key)
            if field in FREE_TEXT_FIELDS and (settings := parse_infotext(statement.value)):
                yield self._generated(statement, settings)
            elif field in ("postprocessing", "extras") and _POSTPROCESSING.search(statement.value):
                detail = f'Postprocessing settings "{shorten(statement.value)}" are left by an upscaler or face repair.'
                yield make_evidence(self.name, statement, Origin.ENHANCED, detail, tool="Stable Diffusion web UI")

    def _generated(self, statement: Statement, settings: Mapping[str, str]) -> Evidence:
        used = make_used_from_infotext(statement.value, settings)
        said = describe_used(used) or "no prompt given"
        detail = f"Generation settings as image generators leave them in their output: {said}."
        return make_evidence(self.name, statement, Origin.GENERATED, detail, tool=name_program(settings), used=used)
