"""The settings line of Stable Diffusion interfaces: `Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, …`."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping

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
_LINES_TRIED = 32
_LINE_READ = 65_536


def settings_of(text: str) -> Mapping[str, str]:
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
    if 0 <= text.find("Negative prompt:") < steps:
        yield text[steps : steps + _LINE_READ]


def _speaks_of_diffusion(fields: Mapping[str, str], text: str) -> bool:
    known = any(fields.get(key) for key in _OF_DIFFUSION)
    return known or bool(_SAMPLERS.search(fields.get("sampler", ""))) or "\nNegative prompt:" in text


def prompt_of(text: str) -> str:
    """The positive prompt: what stands before the negative one and before the settings."""
    before = text.split("Negative prompt:", 1)[0]
    line = _LINE.search(before)
    return before[: line.start()] if line else before


def program_of(fields: Mapping[str, str]) -> str:
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
