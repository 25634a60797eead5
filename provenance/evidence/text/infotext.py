"""Infotext: the text in which Stable Diffusion interfaces save prompt, negative prompt and settings.

    a harbour at dawn <lora:film:0.6>
    Negative prompt: blurry
    Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Model: sdxl, Version: v1.10.1

AUTOMATIC1111's web UI introduced it under the key `parameters`; many other programs write the same form.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping

from provenance.evidence.text.generation_settings import make_usage
from provenance.evidence.text.parse_text import as_objects, as_text, parse_json, strip_padding
from provenance.model.evidence import Used

# Quoted values may hold commas, colons and escaped quotes. The quantifiers are possessive: hostile text must not make
# the expression backtrack.
_SETTING = re.compile(r'\s*(\w[\w \-/]{0,60}):[ \t]*("(?:\\.|[^\\"])*+"|[^,\n]*+)(?:,|$)')
_SETTINGS_LINE = re.compile(r"^[ \t]*(?:Steps|Sampler|CFG scale|Seed):[^\n]*", re.MULTILINE | re.IGNORECASE)
_CORE_SETTINGS = {
    "steps": re.compile(r"\d{1,5}"),
    "sampler": re.compile(r"\S.{0,60}"),
    "cfg scale": re.compile(r"-?\d{1,4}(?:\.\d{1,20})?"),
    "seed": re.compile(r"-?\d{1,20}(?:\.0)?"),
}
"""The settings that every generation has, and the form of their values."""
_LEAST_CORE_SETTINGS = 2
# What only diffusion has. Names of samplers are not enough: Euler, Heun and LMS are also names of integrators and
# filters, `Denoising strength` is also a setting of renderers, and `Schedule type: cosine` one of training runs.
_DIFFUSION_SETTINGS = (
    "cfg scale", "distilled cfg scale", "guidance scale", "model hash", "vae hash", "lora hashes", "clip skip",
    "hires upscaler", "hires upscale", "hires steps", "hires prompt", "civitai resources",
)  # fmt: skip
"""Settings that only diffusion models have."""
_DIFFUSION_SCHEDULE = re.compile(r"karras|sgm uniform|kl optimal|align your steps", re.IGNORECASE)
_DIFFUSION_PROGRAM = re.compile(
    r"comfyui|(?:ruined)?fooocus\b|easy ?diffusion|stable-diffusion\.cpp|sd\.next|invokeai|f\d+\.\d+\.\d+v\d",
    re.IGNORECASE,
)
"""How the names of programs begin that do nothing but generate, in the settings `Version` and `App`."""
DIFFUSION_SAMPLER = re.compile(
    r"\beuler[_ ]a(?:ncestral)?\b|\beuler_\w|dpm(?:\+\+|pp|_?2)|\bk_\w|\bddim\b|\bplms\b|\buni_?pc|\blcm\b|"
    r"\bdeis\b|\bipndm|\btcd\b|^res_|\ber_sde|_sde\b|karras",
    re.IGNORECASE,
)
"""Names of samplers that nothing but diffusion has; beside one, the size of a picture is enough."""
_PICTURE_SIZE = re.compile(r"\d{2,5} ?[x×] ?\d{2,5}")
_MANY_SETTINGS = 6
"""From this many settings on, prose behind the line does not make it a quotation: nobody quotes that many."""
_MORE_SETTINGS = re.compile(r"\s*(?:[A-Z][\w \-/]{0,40}:|[{\[]|\Z)")
"""What programs write behind the line: further settings (`Template: …`), JSON, nothing."""
_NEGATIVE_PROMPT = "Negative prompt:"
_STEPS = "Steps: "
_CIVITAI_RESOURCES = "Civitai resources: "
_ADAPTER_IN_PROMPT = re.compile(r"<(?:lora|lyco|hypernet):([^:<>]{1,300})")
_ADAPTER_FIELDS = frozenset({"lora hashes", "ti hashes", "lora", "loras"})
"""Settings that list adapters as `name: hash, name: hash`."""
_CONTROLNET_MODEL = re.compile(r"\bModel: ([^,]+)", re.IGNORECASE)
_CHECKPOINTS = frozenset({"checkpoint", "model", "diffusion_model", "unet"})
"""Types of Civitai resources that are the model itself and not an adapter."""
_LINES_TRIED = 32
"""Lines of a text that are tried as its settings line, the last ones first."""
_LINE_READ = 65_536
"""Characters of one settings line that are parsed."""


def parse_infotext(text: str) -> Mapping[str, str]:
    """Parse the settings line of a text: its settings, names case folded; empty if there is no such line.

    A settings line needs two well-formed settings of Steps, Sampler, CFG scale and Seed, and beside them something that
    only diffusion has, because simulations and training runs have steps, seeds and samplers as well.
    """
    for line, after in _find_candidates(text):
        settings = {key.strip().casefold(): value.strip().strip('"') for key, value in _SETTING.findall(line)}
        core = [key for key, form in _CORE_SETTINGS.items() if form.fullmatch(settings.get(key, ""))]
        is_own_line = len(settings) >= _MANY_SETTINGS or bool(_MORE_SETTINGS.match(after))
        is_complete = len(core) >= _LEAST_CORE_SETTINGS and is_own_line
        if is_complete and _is_diffusion(settings, text) and not _is_unused(settings, text):
            return settings
    return {}


def _find_candidates(text: str) -> Iterator[tuple[str, str]]:
    """Find the lines that may be the settings line, last first, each with the beginning of what follows it."""
    # Prompts can quote settings, but the program writes its own line at the end.
    for match in reversed(deque(_SETTINGS_LINE.finditer(text), maxlen=_LINES_TRIED)):
        yield match[0][:_LINE_READ], strip_padding(text[match.end() : match.end() + _LINE_READ])
    # Some programs that pass the text on remove its line breaks: then the settings are the end of one long line.
    negative = text.find(_NEGATIVE_PROMPT)
    steps = text.rfind(_STEPS)
    if 0 <= negative < steps:
        yield text[steps : steps + _LINE_READ], ""


def _is_diffusion(settings: Mapping[str, str], text: str) -> bool:
    # 1. Any one of these is enough: a setting, a schedule, a program, or a negative prompt on a line of its own.
    if any(settings.get(key) for key in _DIFFUSION_SETTINGS) or f"\n{_NEGATIVE_PROMPT}" in text:
        return True
    if _DIFFUSION_SCHEDULE.match(settings.get("schedule type", "")):
        return True
    if any(_DIFFUSION_PROGRAM.match(settings.get(key, "")) for key in ("version", "app")):
        return True
    # 2. A sampler that only diffusion has can also stand under a diagram: it counts for a picture of some size.
    has_size = bool(_PICTURE_SIZE.fullmatch(settings.get("size", "")))
    return has_size and bool(DIFFUSION_SAMPLER.search(settings.get("sampler", "")))


def _is_unused(settings: Mapping[str, str], text: str) -> bool:
    """Whether the settings are those of a program that only enlarged: no steps, no seed, no prompt."""
    is_idle = settings.get("steps") == "0" and settings.get("seed", "0") == "0"
    return is_idle and not strip_padding(extract_prompt(text))


def extract_prompt(text: str) -> str:
    """Return the prompt: everything before the negative prompt and before the settings line."""
    # In a comment of JPEG stable-diffusion.cpp writes the key and a NUL before the text.
    before_negative = text.split(_NEGATIVE_PROMPT, 1)[0].removeprefix("parameters\0")
    line = _SETTINGS_LINE.search(before_negative)
    if line:
        return before_negative[: line.start()]
    return before_negative


def extract_negative_prompt(text: str) -> str:
    """Return the text between "Negative prompt:" and the settings; empty if there is none."""
    negative = text.partition(_NEGATIVE_PROMPT)[2]
    line = _SETTINGS_LINE.search(negative)
    if line:
        return negative[: line.start()]
    # The line breaks were removed on the way: the settings begin in the middle of the line.
    if _STEPS in negative:
        return negative[: negative.rfind(_STEPS)]
    return negative


def make_usage_from_infotext(text: str, settings: Mapping[str, str]) -> Used:
    """Collect prompts, models, adapters of every kind and the seed from a text and the settings parsed from it."""
    checkpoints: list[str] = []
    other_resources: list[str] = []
    for kind, name in _find_civitai_resources(text):
        if kind in _CHECKPOINTS:
            checkpoints.append(name)
        else:
            other_resources.append(name)
    return make_usage(
        extract_prompt(text),
        negative=extract_negative_prompt(text),
        model=_find_models(settings, checkpoints),
        adapters=[*_find_adapters(text, settings), *other_resources],
        seed=settings.get("seed", ""),
        version=settings.get("version", ""),
    )


def _find_models(settings: Mapping[str, str], checkpoints: list[str]) -> list[str]:
    """Find the models by name, else those that Civitai lists, else by the hash of the weights."""
    # stable-diffusion.cpp names a diffusion model without text encoders as `Unet`.
    models = [settings[key] for key in ("model", "unet", "refiner") if settings.get(key)]
    if models:
        return models
    if checkpoints:
        return checkpoints
    if settings.get("model hash"):
        return [f"hash {settings['model hash']}"]
    return []


def _find_adapters(text: str, settings: Mapping[str, str]) -> Iterator[str]:
    """Find LoRAs and hypernetworks in the prompt, adapters with their hashes, and ControlNet models in the settings."""
    for match in _ADAPTER_IN_PROMPT.finditer(text):
        yield match[1].strip()
    for key, value in settings.items():
        if key in _ADAPTER_FIELDS:
            for pair in value.split(","):
                yield pair.partition(":")[0].strip()
        elif key.startswith("controlnet"):
            model = _CONTROLNET_MODEL.search(value)
            if model:
                yield model[1].strip()


def _find_civitai_resources(text: str) -> Iterator[tuple[str, str]]:
    """Find type and name of all resources that Civitai lists in the settings line."""
    # They are a JSON array with commas and colons of its own, which the settings line cannot quote.
    _, separator, after = text.partition(_CIVITAI_RESOURCES)
    if separator:
        for row in as_objects(parse_json(after)):
            yield as_text(row.get("type")), _name_resource(row)


def _name_resource(row: Mapping[str, object]) -> str:
    """Name a resource: by its name and version, else by its AIR identifier, else by the number of its version."""
    name = f"{as_text(row.get('modelName'))} {as_text(row.get('modelVersionName'))}".strip()
    if name:
        return name
    air = as_text(row.get("air"))
    if air:
        return air
    number = as_text(row.get("modelVersionId"))
    if number:
        return f"Civitai model version {number}"
    return ""


def name_program(settings: Mapping[str, str]) -> str:
    """Name the program that wrote the settings line, by its App and Version; a general name if they do not say."""
    version = settings.get("version", "")
    app = settings.get("app", "")
    if app:
        return app
    # Civitai adds settings of its own: `Civitai resources`, `Civitai metadata`.
    if any(key.startswith("civitai") for key in settings):
        return "Civitai"
    # Forge numbers its versions `f2.0.1v1.10.1`, and its successors call themselves `neo` and `classic`.
    if re.match(r"f\d|neo$|classic$", version):
        return f"Forge {version}"
    if re.match(r"v\d+\.\d+", version):
        return f"AUTOMATIC1111 {version}"
    # Others write their own name into the field: `Fooocus v2.5.5`, `ComfyUI`, `EasyDiffusion`.
    if re.match(r"[A-Z][A-Za-z]{3,}|stable-diffusion\.cpp", version):
        return version
    return "A1111-style parameters"
