"""What went into a generation: prompt, model, adapters, seed, inputs and version, collected from settings.

Texts are kept whole; only `describe_usage`, which makes part of a sentence, shortens them. All of them are hostile:
they are made encodable, and nothing more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from provenance.evidence.text.parse_text import as_text, compact_key, shorten, strip_padding
from provenance.media.text import replace_surrogates
from provenance.model.evidence import Used

_MOST_NAMES = 200
"""Adapters, or inputs, that are kept of one generation."""
_LONGEST_NAME = 1000
"""Characters of the name of a model, an adapter or an input."""
_EMPTY_VALUES = frozenset({"", "none", "null", "nil", "n/a", "undefined", "true", "false"})
"""Values that say that nothing was chosen. Programs with a menu of models save its entry `None`."""
_MIXING_WEIGHT = re.compile(r"\s+:\s+-?\d+(?:\.\d+)?\s*\Z")
"""The weight after a LoRA's name, as Fooocus writes it: `detail : 0.5`."""
_MEDIA_NAME = re.compile(
    r"(?!data:)\S[^\r\n]*\.(?:png|jpe?g|jfif|webp|gif|bmp|tiff?|exr|hdr|dpx|avif|heic|psd|svg|mp4|m4v|mov|mkv|webm|avi|mxf|"
    r"wav|mp3|flac|ogg|opus|m4a|aac|glb|obj)(?=$|[?#])",
    re.IGNORECASE,
)
"""A path or address that ends as media does, on one line; not the content of a file as a `data:` address."""
_COMFYUI_FOLDER = re.compile(r"\s*\[(?:input|output|temp)\]\s*\Z")
"""The folder that ComfyUI writes after the name of a file: `plate.png [input]`."""

# Keys of settings in the programs that our signals know, as `compact_key` writes them; the likeliest first.
# `c` and `uc` are the short names of Draw Things for prompt and negative prompt; NovelAI writes `uc` as well.
_PROMPT_KEYS = ("prompt", "positiveprompt", "fullprompt", "c")
_NEGATIVE_PROMPT_KEYS = ("negativeprompt", "fullnegativeprompt", "uc")
_MODEL_KEYS = (
    "basemodel", "basemodelname", "model", "modelname", "usestablediffusionmodel", "stablediffusionmodel",
    "modelweights", "modelfilename", "modeltype",
)  # fmt: skip
_REFINER_KEYS = ("refinermodel", "refiner")
_SEED_KEYS = ("seed", "noiseseed", "imageseed")
_VERSION_KEYS = ("version", "appversion", "swarmversion", "fooocusversion", "softwareversion")
_ADAPTER_KEY = re.compile(r"lora|lycoris|hypernet|controlnet|ipadapter|t2iadapter|embedding|textualinversion")
_ADAPTER_DETAIL_KEY = re.compile(r"weight|strength|scale|hash|multiplier|preset|mode$|section|image")
"""Settings about an adapter that do not name it: `loraweights`, `controlnetmode`."""
_INPUT_KEY = re.compile(r"image|img|video|audio|mask|controlnet|ipadapter|t2iadapter|canvas")
_NAME_KEYS = ("name", "model_name", "image_name", "file", "path", "model", "lora", "control_model", "ip_adapter_model",
              "t2i_adapter_model", "image", "key")  # fmt: skip
"""Keys under which a JSON object stores the name of the model or file that it describes; the likeliest first."""


def make_usage(
    prompt: str = "",
    *,
    negative: str = "",
    model: str | Iterable[str] = "",
    adapters: Iterable[str] = (),
    seed: str = "",
    inputs: Iterable[str] = (),
    version: str = "",
) -> Used:
    """Make a `Used` from its parts. Blank parts become None, several models one text; a name is kept once."""
    models = (model,) if isinstance(model, str) else model
    return Used(
        prompt=_clean_text(prompt),
        negative_prompt=_clean_text(negative),
        model=_clean_text(", ".join(_clean_names(models))),
        adapters=_clean_names(adapters),
        seed=_clean_text(seed),
        inputs=_clean_names(inputs),
        version=_clean_text(version),
    )


def make_usage_from_settings(settings: Mapping[str, object]) -> Used:
    """Make a `Used` from a JSON object of generation settings, however its generator spells the keys."""
    by_key = {compact_key(key): value for key, value in settings.items()}
    return make_usage(
        find_first_text(by_key, _PROMPT_KEYS),
        negative=find_first_text(by_key, _NEGATIVE_PROMPT_KEYS),
        model=[_find_first_name(by_key, _MODEL_KEYS), _find_first_name(by_key, _REFINER_KEYS)],
        adapters=_find_adapters(by_key),
        seed=find_first_text(by_key, _SEED_KEYS),
        inputs=_find_inputs(by_key),
        version=find_first_text(by_key, _VERSION_KEYS),
    )


def _find_adapters(by_key: Mapping[str, object]) -> Iterator[str]:
    for key, value in by_key.items():
        if _ADAPTER_KEY.search(key) and not _ADAPTER_DETAIL_KEY.search(key):
            yield from find_names(value)


def _find_inputs(by_key: Mapping[str, object]) -> Iterator[str]:
    for key, value in by_key.items():
        if _INPUT_KEY.search(key):
            yield from find_media_names(value)


def find_first_text(settings: Mapping[str, object], keys: Iterable[str]) -> str:
    """Return the first of these settings that is a text or a number and not blank; empty if there is none."""
    for key in keys:
        text = as_text(settings.get(key))
        if text:
            return text
    return ""


def find_names(value: object, depth: int = 5) -> Iterator[str]:
    """Find the names of models or files in a setting, down to `depth` levels of nesting.

    Programs write them in four forms: a text; a list of texts; pairs of name and weight, `["film", 0.5]`; objects, in
    which the name is under one of several keys, `{"model": {"name": "film"}, "weight": 0.5}`.
    """
    if isinstance(value, str):
        yield _MIXING_WEIGHT.sub("", value.strip())
    elif isinstance(value, list) and depth:
        for item in value:
            yield from find_names(item, depth - 1)
    elif isinstance(value, dict) and depth:
        # Only the best key: an object often names the same model by its name, its file and an internal key.
        for key in _NAME_KEYS:
            if value.get(key):
                yield from find_names(value[key], depth - 1)
                break


def find_media_names(value: object, depth: int = 8) -> Iterator[str]:
    """Find every text in a JSON value that names a picture, a movie or a sound, by path, by address or by name alone.

    Nested lists and objects are searched down to `depth` levels.
    """
    if isinstance(value, str):
        name = _COMFYUI_FOLDER.sub("", value[:_LONGEST_NAME].strip())
        # Long texts are prompts, or pictures in base64.
        if len(value) <= _LONGEST_NAME and _MEDIA_NAME.match(name):
            yield name
    elif isinstance(value, list) and depth:
        for item in value:
            yield from find_media_names(item, depth - 1)
    elif isinstance(value, dict) and depth:
        for item in value.values():
            yield from find_media_names(item, depth - 1)


def describe_usage(used: Used) -> str:
    """Describe prompt, model and seed in part of a sentence: `prompt "a cat", model sd15, seed 7`; empty if unknown."""
    parts = []
    if used.prompt:
        parts.append(f'prompt "{shorten(used.prompt, 90)}"')
    if used.model:
        parts.append(f"model {shorten(used.model, 40)}")
    if used.seed:
        parts.append(f"seed {shorten(used.seed, 24)}")
    return ", ".join(parts)


def add_usage(clause: str, used: Used) -> str:
    """Make a sentence of a clause, with prompt, model and seed in brackets as far as they are known."""
    summary = describe_usage(used)
    if not summary:
        return f"{clause}."
    return f"{clause} ({summary})."


def _find_first_name(by_key: Mapping[str, object], keys: Iterable[str]) -> str:
    for key in keys:
        for name in find_names(by_key.get(key)):
            if name.casefold() not in _EMPTY_VALUES:
                return name
    return ""


def _clean_names(names: Iterable[str]) -> tuple[str, ...]:
    """Clean names and drop empty and repeated ones. `names` can be endless; no more than needed are taken from it."""
    # A dict keeps the order in which the file lists them.
    kept: dict[str, None] = {}
    for name in names:
        text = _clean_text(name[:_LONGEST_NAME])
        if text and text.casefold() not in _EMPTY_VALUES:
            kept[text] = None
        if len(kept) == _MOST_NAMES:
            break
    return tuple(kept)


def _clean_text(text: str) -> str | None:
    """Return the text without blanks around it and without lone surrogates; None for an empty one."""
    return replace_surrogates(strip_padding(text)) or None
