"""What went into a generation: prompt, model, adapters, seed, inputs, version, out of whatever words tell it.

Nothing is shortened here; only the clause for a sentence is. All of it is hostile text made encodable, nothing more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from provenance.evidence.text.parse_text import shorten, compact_key, as_text
from provenance.model.evidence import Used

_MOST = 200
"""Adapters or inputs kept of one generation."""
_LONGEST_NAME = 1000
_NONE = frozenset({"", "none", "null", "nil", "n/a", "undefined", "true", "false"})
_WEIGHT = re.compile(r"\s+:\s+-?\d+(?:\.\d+)?\s*\Z")
_MEDIA = re.compile(
    r"(?!data:)\S[^\r\n]*\.(?:png|jpe?g|jfif|webp|gif|bmp|tiff?|exr|hdr|dpx|avif|heic|psd|svg|mp4|m4v|mov|mkv|webm|avi|mxf|"
    r"wav|mp3|flac|ogg|opus|m4a|aac|glb|obj)(?=$|[?#])",
    re.IGNORECASE,
)
_FOLDER = re.compile(r"\s*\[(?:input|output|temp)\]\s*\Z")

_PROMPTS = ("prompt", "positiveprompt", "fullprompt", "c")
_NEGATIVES = ("negativeprompt", "fullnegativeprompt", "uc")
_MODELS = (
    "basemodel", "basemodelname", "model", "modelname", "usestablediffusionmodel", "stablediffusionmodel",
    "modelweights", "modelfilename", "modeltype",
)  # fmt: skip
_MORE_MODELS = ("refinermodel", "refiner")
_SEEDS = ("seed", "noiseseed", "imageseed")
_VERSIONS = ("version", "appversion", "swarmversion", "fooocusversion", "softwareversion")
_ADAPTERS = re.compile(r"lora|lycoris|hypernet|controlnet|ipadapter|t2iadapter|embedding|textualinversion")
_NO_ADAPTERS = re.compile(r"weight|strength|scale|hash|multiplier|preset|mode$|section|image")
_INPUTS = re.compile(r"image|img|video|audio|mask|controlnet|ipadapter|t2iadapter|canvas")
_NAMED = ("name", "model_name", "image_name", "file", "path", "model", "lora", "control_model", "ip_adapter_model",
          "t2i_adapter_model", "image", "key")  # fmt: skip
"""Under which an object holds the name of what it stands for, likeliest first."""


def make_used(
    prompt: str = "",
    *,
    negative: str = "",
    model: str | Iterable[str] = "",
    adapters: Iterable[str] = (),
    seed: str = "",
    inputs: Iterable[str] = (),
    version: str = "",
) -> Used:
    """The parts as a value: blank ones are None, several models are told in one text, names each once."""
    models = (model,) if isinstance(model, str) else model
    return Used(
        _text(prompt),
        _text(negative),
        _text(", ".join(_names(models))),
        _names(adapters),
        _text(seed),
        _names(inputs),
        _text(version),
    )


def make_used_from_settings(settings: Mapping[str, object]) -> Used:
    """What a JSON object of generation settings tells, whatever spelling its generator gives the keys."""
    given = {compact_key(key): value for key, value in settings.items()}
    return make_used(
        _first(given, _PROMPTS),
        negative=_first(given, _NEGATIVES),
        model=filter(None, (_first_name(given, _MODELS), _first_name(given, _MORE_MODELS))),
        adapters=(
            name
            for key in given
            if _ADAPTERS.search(key) and not _NO_ADAPTERS.search(key)
            for name in find_names(given[key])
        ),
        seed=_first(given, _SEEDS),
        inputs=(name for key in given if _INPUTS.search(key) for name in find_media_names(given[key])),
        version=_first(given, _VERSIONS),
    )


def find_names(value: object, depth: int = 5) -> Iterator[str]:
    """Names of files or models in a setting: a text, a list of them, pairs with a weight, or objects that name one."""
    if isinstance(value, str):
        yield _WEIGHT.sub("", value.strip())
    elif isinstance(value, list) and depth:
        for item in value:
            yield from find_names(item, depth - 1)
    elif isinstance(value, dict) and depth:
        held = next((value[key] for key in _NAMED if value.get(key)), None)
        yield from find_names(held, depth - 1)


def find_media_names(value: object, depth: int = 8) -> Iterator[str]:
    """Every text in a JSON value that names a picture, a movie or a sound: by path, by address, or bare."""
    if isinstance(value, str):
        text = _FOLDER.sub("", value[:_LONGEST_NAME].strip())
        if len(value) <= _LONGEST_NAME and _MEDIA.match(text):
            yield text
    elif isinstance(value, list | dict) and depth:
        for item in value.values() if isinstance(value, dict) else value:
            yield from find_media_names(item, depth - 1)


def describe_used(used: Used) -> str:
    """A short part of a sentence: `prompt "a cat", model sd15, seed 7`; empty if none of these is known."""
    parts = (
        f'prompt "{shorten(used.prompt, 90)}"' if used.prompt else "",
        f"model {shorten(used.model, 40)}" if used.model else "",
        f"seed {shorten(used.seed, 24)}" if used.seed else "",
    )
    return ", ".join(filter(None, parts))


def _first(given: Mapping[str, object], keys: Iterable[str]) -> str:
    return next((text for key in keys if (text := as_text(given.get(key)))), "")


def _first_name(given: Mapping[str, object], keys: Iterable[str]) -> str:
    return next((name for key in keys for name in find_names(given.get(key)) if name.casefold() not in _NONE), "")


def _names(given: Iterable[str]) -> tuple[str, ...]:
    known: dict[str, None] = {}
    for name in given:
        text = _text(name[:_LONGEST_NAME])
        if text and text.casefold() not in _NONE:
            known[text] = None
        if len(known) == _MOST:
            break
    return tuple(known)


def _text(text: str) -> str | None:
    """The text without blanks around it and without halves of characters; None for an empty one."""
    return text.strip("\0 \t\r\n").encode("utf-8", "replace").decode("utf-8") or None
