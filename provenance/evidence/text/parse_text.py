"""Parsing hostile text without trusting it: key names, JSON, short excerpts. Nothing here raises on any input."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping

from provenance.media.text import replace_surrogates

FREE_TEXT_FIELDS = frozenset(
    {
        "parameters", "sd_parameters", "generation_parameters", "usercomment", "imagedescription", "description",
        "caption-abstract", "comment", "postprocessing", "extras", "sidecar",
    }
)  # fmt: skip
"""Names of the text fields into which generators write their settings, as `normalise_key` gives them."""
UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)

_ALIASES = {
    "comm": "comment",  # ID3
    "cmt": "comment",  # QuickTime user data
    "icmt": "comment",  # RIFF INFO
    "comments": "comment",
    "note": "comment",  # iXML
    "xpcomment": "comment",  # EXIF, written by Windows
    "des": "description",  # QuickTime user data
    "desc": "description",  # MP4 as iTunes writes it
    "too": "software",  # QuickTime user data: the encoder
    "swr": "software",  # QuickTime user data
    "isft": "software",  # RIFF INFO
}
"""Short field names of containers, and the names that the same fields have in most others."""
_INDEX = re.compile(r"\[[^\]]*\]")
"""Index or language of an array item in an XMP path: `[1]`, `[x-default]`."""
_PADDING = "\0 \t\r\n"
"""Blanks, and the NUL bytes with which EXIF and ID3 pad their texts."""
_LONGEST_KEY = 256
"""Characters of a key that are compared."""
_EXCERPT = 160
"""Characters of an excerpt, unless the caller asks for another length."""
_NESTED_STRINGS = 3
"""How many times a JSON string may hold JSON again."""


@functools.lru_cache(maxsize=4096)
def normalise_key(key: str) -> str:
    """Return the bare field name: no namespace, path or index, case folded, the same in every container.

    `exif:UserComment[x-default]` and `UserComment` are both `usercomment`; `©cmt` and `COMMENT` are `comment`.
    """
    without_index = _INDEX.sub("", key[:_LONGEST_KEY])
    last_step = without_index.rsplit("/", 1)[-1].rstrip(":")
    without_namespace = last_step.rsplit(":", 1)[-1].strip()
    # QuickTime user data writes its names with a copyright sign, QuickTime metadata with a reversed domain name.
    bare = without_namespace.lstrip("©").casefold().removeprefix("com.apple.quicktime.")
    return _ALIASES.get(bare, bare)


def compact_key(key: str) -> str:
    """Return a settings key without case, spaces and punctuation: `CFG Scale`, `cfg_scale` and `cfgScale` are equal."""
    return re.sub(r"[\W_]+", "", key[:_LONGEST_KEY]).casefold()


def strip_padding(text: str) -> str:
    """Return the text without the blanks and NUL characters around it."""
    return text.strip(_PADDING)


def parse_json(text: str) -> object:
    """Return the JSON value that a text holds, or None if it holds none.

    Accepts what generators really write: NaN, padding after the value, JSON inside a JSON string. Text that is nested
    too deeply to parse, or holds a number too long to convert, counts as none.
    """
    value: object = text
    for _ in range(_NESTED_STRINGS):
        if not isinstance(value, str):
            break
        # Not strict, because generators leave line breaks in strings unescaped; raw, because padding may follow.
        try:
            value = json.JSONDecoder(strict=False).raw_decode(value.lstrip("\ufeff" + _PADDING))[0]
        except (ValueError, RecursionError):
            return None
    return value


def parse_json_object(text: str) -> Mapping[str, object]:
    """Return the JSON object that a text holds, or an empty one if it holds none."""
    # Nearly all texts are not JSON; the first character says so without starting the parser.
    if not text.lstrip("\ufeff" + _PADDING).startswith(("{", '"')):
        return {}
    return as_object(parse_json(text))


def as_object(value: object) -> Mapping[str, object]:
    """Return the value itself if it is a JSON object, otherwise an empty one."""
    if isinstance(value, dict):
        return value
    return {}


def as_list(value: object) -> list[object]:
    """Return the value itself if it is a JSON array, otherwise an empty one."""
    if isinstance(value, list):
        return value
    return []


def as_objects(value: object) -> list[Mapping[str, object]]:
    """Return the items of a JSON array, with an empty object for every item that is not one."""
    return [as_object(item) for item in as_list(value)]


def as_text(value: object) -> str:
    """Return the text of a JSON string or number; empty for anything else."""
    if isinstance(value, str):
        return value.strip()
    # To Python a boolean is an integer as well, but `true` is not a seed or a version.
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return ""


def shorten(text: str, length: int = _EXCERPT) -> str:
    """Return the beginning of a text on one line: at most `length` characters, always encodable as UTF-8."""
    # A prompt can be megabytes long, so blanks are only folded in as much of it as can end up in the result.
    line = " ".join(text[: length * 4].split())
    if len(line) > length:
        line = line[: length - 1].rstrip() + "…"
    return replace_surrogates(line)
