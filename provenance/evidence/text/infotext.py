"""The settings line of Stable Diffusion interfaces: `Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, …`."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping

from provenance.evidence.text.generation_settings import make_used
from provenance.evidence.text.parse_text import as_list, parse_json, as_object, as_text
from provenance.model.evidence import Used

_PAIR = re.compile(r'\s*(\w[\w \-/]{0,60}):[ \t]*("(?:\\.|[^\\"])*+"|[^,\n]*+)(?:,|$)')
_LINE = re.compile(r"^[ \t]*(?:Steps|Sampler|CFG scale|Seed):[^\n]*", re.MULTILINE | re.IGNORECASE)
_SHAPES = {
    "steps": re.compile(r"\d{1,5}"),
    "sampler": re.compile(r"\S.{0,60}"),
    "cfg scale": re.compile(r"-?\d{1,4}(?:\.\d{1,20})?"),
    "seed": re.compile(r"-?\d{1,20}(?:\.0)?"),
}
_SAMPLERS = re.compile(r"euler|dpm|ddim|plms|lms|heun|uni_?pc|lcm|restart|deis|ipndm|tcd|^res_", re.IGNORECASE)
_OF_DIFFUSION = frozenset(
    {
        "cfg scale", "distilled cfg scale", "guidance scale", "model hash", "vae hash", "lora hashes", "clip skip",
        "denoising strength", "schedule type", "hires upscaler", "civitai resources",
    }
)  # fmt: skip
_NEGATIVE = "Negative prompt:"
_IN_PROMPT = re.compile(r"<(?:lora|lyco|hypernet):([^:<>]{1,300})")
_HASHES = frozenset({"lora hashes", "ti hashes", "lora", "loras"})
_MODEL_WITHIN = re.compile(r"\bModel: ([^,]+)", re.IGNORECASE)
_CHECKPOINTS = frozenset({"checkpoint", "model", "diffusion_model", "unet"})
_LINES_TRIED = 32
_LINE_READ = 65_536


def parse_infotext(text: str) -> Mapping[str, str]:
    """The fields of the settings line in a text, names case folded; empty when there is none.

    It takes two well-formed fields of Steps, Sampler, CFG scale and Seed, and something that only diffusion has beside
    them, because simulations have steps, seeds and samplers too.
    """
    for line in _candidates(text):
        fields = {key.strip().casefold(): value.strip().strip('"') for key, value in _PAIR.findall(line)}
        core = [key for key, shape in _SHAPES.items() if shape.fullmatch(fields.get(key, ""))]
        if len(core) >= 2 and _speaks_of_diffusion(fields, text):
            return fields
    return {}


def _candidates(text: str) -> Iterator[str]:
    """Lines that may be the settings line, last first; also the end of a text that lost its line breaks on the way."""
    for match in reversed(deque(_LINE.finditer(text), maxlen=_LINES_TRIED)):
        yield match[0][:_LINE_READ]
    steps = text.rfind("Steps: ")
    if 0 <= text.find(_NEGATIVE) < steps:
        yield text[steps : steps + _LINE_READ]


def _speaks_of_diffusion(fields: Mapping[str, str], text: str) -> bool:
    known = any(fields.get(key) for key in _OF_DIFFUSION)
    return known or bool(_SAMPLERS.search(fields.get("sampler", ""))) or f"\n{_NEGATIVE}" in text


def extract_prompt(text: str) -> str:
    """The positive prompt: what stands before the negative one and before the settings."""
    before = text.split(_NEGATIVE, 1)[0]
    line = _LINE.search(before)
    return before[: line.start()] if line else before


def extract_negative_prompt(text: str) -> str:
    """The negative prompt: what stands between its name and the settings; empty without one."""
    after = text.partition(_NEGATIVE)[2]
    line = _LINE.search(after)
    return after[: line.start()] if line else after[: after.rfind("Steps: ")] if "Steps: " in after else after


def make_used_from_infotext(text: str, fields: Mapping[str, str]) -> Used:
    """What went in, by a text and the settings line in it: words, models, adapters of every kind, the seed."""
    resources = _civitai_resources(text)
    listed = [name for kind, name in resources if kind in _CHECKPOINTS]
    named = list(filter(None, (fields.get("model"), fields.get("refiner"))))
    hashed = f"hash {fields['model hash']}" if fields.get("model hash") else ""
    return make_used(
        extract_prompt(text),
        negative=extract_negative_prompt(text),
        model=named or listed or hashed,
        adapters=[*_adapters(text, fields), *(name for kind, name in resources if kind not in _CHECKPOINTS)],
        seed=fields.get("seed", ""),
        version=fields.get("version", ""),
    )


def _adapters(text: str, fields: Mapping[str, str]) -> Iterator[str]:
    yield from (match[1].strip() for match in _IN_PROMPT.finditer(text))
    for key, value in fields.items():
        if key in _HASHES:
            yield from (pair.partition(":")[0].strip() for pair in value.split(","))
        elif key.startswith("controlnet") and (model := _MODEL_WITHIN.search(value)):
            yield model[1].strip()


def _civitai_resources(text: str) -> list[tuple[str, str]]:
    """Kind and name of everything that Civitai lists; by its number where it has no name."""
    _, found, rest = text.partition("Civitai resources: ")
    rows = [as_object(row) for row in as_list(parse_json(rest))] if found else []
    return [(as_text(row.get("type")), _resource(row)) for row in rows]


def _resource(row: Mapping[str, object]) -> str:
    name, version = as_text(row.get("modelName")), as_text(row.get("modelVersionName"))
    number = as_text(row.get("modelVersionId"))
    return f"{name} {version}".strip() or as_text(row.get("air")) or (f"Civitai model version {number}" if number else "")


def name_program(fields: Mapping[str, str]) -> str:
    """The program that wrote a settings line, by its App and Version fields; a general name where they do not tell."""
    version, app = fields.get("version", ""), fields.get("app", "")
    if app:
        return app
    if any(key.startswith("civitai") for key in fields):
        return "Civitai"
    if re.match(r"f\d|neo$|classic$", version):
        return f"Forge {version}"
    if re.match(r"v\d+\.\d+", version):
        return f"AUTOMATIC1111 {version}"
    if re.match(r"[A-Z][A-Za-z]{3,}", version):  # Fooocus v2.5.5, ComfyUI, EasyDiffusion
        return version
    return "A1111-style parameters"
