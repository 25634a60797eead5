"""Mochi Diffusion, the generator for the Mac, recognised by its settings and by its name as the program."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.generation_settings import add_usage, make_usage
from provenance.evidence.text.make_evidence import keep_first_per_carrier, make_evidence, select_visible
from provenance.evidence.text.parse_text import FREE_TEXT_FIELDS, normalise_key, strip_padding
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin

_NAME = "Mochi Diffusion"
_PROGRAM_FIELDS = frozenset({"originatingprogram", "creatortool", "software"})
_SETTING = re.compile(
    # A prompt can contain semicolons, so a value ends only where the next setting begins.
    r"(Include in Image|Exclude from Image|Model|Steps|Guidance Scale|Seed|Size|Upscaler|Scheduler|ML Compute Unit|"
    r"Generator): ?(.*?)(?=; ?(?:Include in Image|Exclude from Image|Model|Steps|Guidance Scale|Seed|Size|Upscaler|"
    r"Scheduler|ML Compute Unit|Generator): ?|;? *\Z)",
    re.DOTALL,
)
_FIRST_SETTING = "Include in Image: "
_NUMBERS = {"Steps": re.compile(r"\d+"), "Guidance Scale": re.compile(r"\d+(?:\.\d+)?"), "Seed": re.compile(r"\d+")}
_LONGEST_TEXT = 65_536
"""Characters of a text that are parsed."""


class MochiDiffusion(Signal):
    """Recognised by its settings, which begin with the prompt under `Include in Image`, or by its name."""

    name = "mochi_diffusion"
    title = "Mochi Diffusion settings"
    written_by = (
        "Mochi Diffusion, as IPTC records: the caption (2:120) holds `Include in Image: …; Exclude from Image: …; "
        "Model: …; Steps: …; Guidance Scale: …; Seed: …`, the originating program (2:65) its name. It counts in "
        "dc:description as well, where programs copy the caption."
    )
    trust = "A tool's own trace: unsigned and lost by any re-save."
    traps = (
        "A caption with one of these words does not count: it must begin with the prompt and give steps, guidance and "
        "seed as numbers. Only the whole name of the program counts."
    )

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Yield one piece of evidence per carrier; it rests on the settings if there are any, else on the name."""
        # Settings come first: they say more than the name, and only the first of each carrier is kept.
        rows = list(select_visible(statements))
        yield from keep_first_per_carrier([*self._find_settings(rows), *self._find_names(rows)])

    def _find_settings(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        for statement in statements:
            text = strip_padding(statement.value[:_LONGEST_TEXT])
            if normalise_key(statement.key) not in FREE_TEXT_FIELDS or not text.startswith(_FIRST_SETTING):
                continue
            settings = dict(_SETTING.findall(text))
            if all(form.fullmatch(settings.get(key, "")) for key, form in _NUMBERS.items()):
                yield self._make_evidence(statement, settings)

    def _make_evidence(self, statement: Statement, settings: Mapping[str, str]) -> Evidence:
        used = make_usage(
            settings["Include in Image"],
            negative=settings.get("Exclude from Image", ""),
            model=settings.get("Model", ""),
            seed=settings["Seed"],
            version=settings.get("Generator", "").removeprefix(_NAME),
        )
        detail = add_usage("The file contains the settings of a generation by Mochi Diffusion", used)
        return make_evidence(self.name, statement, Origin.GENERATED, detail, tool=_NAME, used=used)

    def _find_names(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        for statement in statements:
            if normalise_key(statement.key) in _PROGRAM_FIELDS and strip_padding(statement.value) == _NAME:
                detail = f'The field for the program names "{_NAME}", which does nothing but generate.'
                yield make_evidence(self.name, statement, Origin.GENERATED, detail, tool=_NAME)
