"""Generation settings as one JSON object: a prompt together with steps, guidance, sampler and seed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.generation_settings import add_usage, find_first_text, make_usage_from_settings
from provenance.evidence.text.infotext import DIFFUSION_SAMPLER
from provenance.evidence.text.make_evidence import make_evidence, select_visible
from provenance.evidence.text.parse_text import FREE_TEXT_FIELDS, compact_key, normalise_key, parse_json_object
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin

_FIELDS = FREE_TEXT_FIELDS | {"parameters-json", "generation_data", "settings", "metadata"}
_PROMPTS = ("prompt", "positiveprompt", "fullprompt")
_CORE_SETTINGS = (
    ("steps", "numinferencesteps", "inferencesteps", "samplingsteps"),
    ("cfg", "cfgscale", "guidancescale", "guidance"),
    ("sampler", "samplername", "scheduler", "ksamplername"),
    ("seed",),
)
"""The settings that every generation has, each in all its spellings."""
_LEAST_CORE_SETTINGS = 2
_GUIDANCE = _CORE_SETTINGS[1]
_SAMPLERS = _CORE_SETTINGS[2]
_DIFFUSION_SETTINGS = ("numinferencesteps", "negativeprompt", "usestablediffusionmodel", "clipskip", "loras", "vae")
"""Settings that only the generation of pictures has."""
_PICTURE_SIZES = frozenset({"resolution", "size", "aspectratio", "aspectratios", "width", "height"})
_TRAINING = re.compile(
    r"learningrate|^lr|optimizer|epoch|^loss|weightdecay|warmup|gradient|maxtrainsteps|trainbatchsize|instanceprompt|dataset"
)
"""Settings of training runs, which have prompts, steps, seeds and schedulers as well."""
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_OTHER_SIGNALS = frozenset({"uc", "signedhash", "v4prompt"})
"""Settings of NovelAI and Draw Things, which have signals of their own."""
_PROGRAM_FIELDS = ("software", "generator", "app")
_PROGRAM_BY_SETTING = {
    "usestablediffusionmodel": "Easy Diffusion",
    "admguidance": "Fooocus",
    "performance": "Fooocus",
}
"""Settings that only one program has."""


class SettingsJson(Signal):
    """Recognised by structure: a prompt, two of steps, guidance, sampler and seed, and what only pictures have."""

    name = "settings_json"
    title = "Generation settings in JSON"
    written_by = (
        "Fooocus and RuinedFooocus, Easy Diffusion, Hugging Face spaces, TensorArt, Stability Matrix, Wan2GP and "
        "others: in PNG text (`parameters`, `generation_data`, `parameters-json`), the EXIF UserComment, comments of "
        "movies."
    )
    trust = "A tool's own trace: it is unsigned and lost by any re-save, but nobody writes it by hand."
    traps = (
        "JSON of other programs: a seed or a prompt alone does not count. Training runs and language models have "
        "prompts, steps, seeds and schedulers as well: the object must also hold a guidance that is a number, a "
        "sampler of diffusion, the size of a picture or a negative prompt, and nothing that only training has."
    )

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Yield evidence for every text field that holds such an object."""
        for statement in select_visible(statements):
            # Not the whole word: programs write `prompt` as well as `Prompt`.
            if normalise_key(statement.key) not in _FIELDS or "rompt" not in statement.value:
                continue
            document = parse_json_object(statement.value)
            settings = {compact_key(key): value for key, value in document.items()}
            if _is_generation(settings):
                used = make_usage_from_settings(settings)
                detail = add_usage("The file contains generation settings as generators save them in JSON", used)
                tool = _name_program(settings)
                yield make_evidence(self.name, statement, Origin.GENERATED, detail, tool=tool, used=used)


def _is_generation(settings: Mapping[str, object]) -> bool:
    # Simulations have steps, samplers and seeds as well, but no prompt.
    if not find_first_text(settings, _PROMPTS) or _OTHER_SIGNALS & settings.keys():
        return False
    core = [spellings for spellings in _CORE_SETTINGS if find_first_text(settings, spellings)]
    return len(core) >= _LEAST_CORE_SETTINGS and _is_diffusion(settings)


def _is_diffusion(settings: Mapping[str, object]) -> bool:
    if any(_TRAINING.search(key) for key in settings):
        return False
    if any(settings.get(key) for key in _DIFFUSION_SETTINGS) or any(key in settings for key in _PROGRAM_BY_SETTING):
        return True
    if _NUMBER.fullmatch(find_first_text(settings, _GUIDANCE)):
        return True
    if any(find_first_text(settings, (key,)) for key in _PICTURE_SIZES):
        return True
    return bool(DIFFUSION_SAMPLER.search(find_first_text(settings, _SAMPLERS)))


def _name_program(settings: Mapping[str, object]) -> str | None:
    program = find_first_text(settings, _PROGRAM_FIELDS)
    if program:
        return program
    for setting, only_program in _PROGRAM_BY_SETTING.items():
        if setting in settings:
            return only_program
    return None
