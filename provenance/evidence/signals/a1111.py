"""Infotext of the Stable Diffusion web interfaces: a prompt and one line of settings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.generation_settings import add_usage
from provenance.evidence.text.infotext import make_usage_from_infotext, name_program, parse_infotext
from provenance.evidence.text.make_evidence import make_evidence, select_visible
from provenance.evidence.text.parse_text import FREE_TEXT_FIELDS, normalise_key, shorten
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin

_POSTPROCESSING_FIELDS = ("postprocessing", "extras")
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
        "A tool's own trace: it is unsigned and lost by any re-save, but nobody writes it by hand. Pictures that were "
        "generated from another picture carry it as well. `postprocessing` or `extras` alone mean upscaling or face "
        "repair: the file is reported as enhanced."
    )
    traps = (
        "Scientific programs write `parameters` as well, and simulations have steps, seeds and samplers: the text must "
        "also hold settings that only diffusion has. A sentence that quotes settings is not a settings line."
    )

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Yield evidence for every text field that holds a settings line or a postprocessing line."""
        for statement in select_visible(statements):
            field = normalise_key(statement.key)
            settings: Mapping[str, str] = {}
            if field in FREE_TEXT_FIELDS:
                settings = parse_infotext(statement.value)
            # A settings line outweighs postprocessing: the picture was generated, whatever was done to it afterwards.
            if settings:
                yield self._make_generation(statement, settings)
            elif field in _POSTPROCESSING_FIELDS and _POSTPROCESSING.search(statement.value):
                detail = (
                    f'The file contains the settings of an upscaler or a face repair ("{shorten(statement.value)}").'
                )
                yield make_evidence(self.name, statement, Origin.ENHANCED, detail, tool="Stable Diffusion web UI")

    def _make_generation(self, statement: Statement, settings: Mapping[str, str]) -> Evidence:
        used = make_usage_from_infotext(statement.value, settings)
        detail = add_usage("The file contains generation settings as Stable Diffusion interfaces save them", used)
        return make_evidence(self.name, statement, Origin.GENERATED, detail, tool=name_program(settings), used=used)
