"""Reading hostile text without trusting it: key names, JSON, short excerpts. Nothing here raises on any input."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping

FREE_TEXT = frozenset(
    {
        "parameters", "sd_parameters", "generation_parameters", "usercomment", "imagedescription", "description",
        "caption-abstract", "comment", "postprocessing", "extras", "sidecar",
    }
)  # fmt: skip
"""Names of the text fields into which generators write their settings, as `name` gives them."""

_ALIASES = {
    "cmt": "comment",
    "icmt": "comment",
    "comm": "comment",
    "comments": "comment",
    "xpcomment": "comment",
    "des": "description",
    "desc": "description",
    "too": "software",
    "swr": "software",
    "isft": "software",
}
_INDEX = re.compile(r"\[[^\]]*\]")
_EXCERPT = 160


@functools.lru_cache(maxsize=4096)
def name(key: str) -> str:
    """The bare field name, whatever the container calls it: no namespace, path or index, case folded.

    `exif:UserComment[x-default]` and `UserComment` are both `usercomment`; `©cmt` and `COMMENT` are `comment`.
    """
    last = _INDEX.sub("", key[:256]).rsplit("/", 1)[-1].rstrip(":")
    bare = last.rsplit(":", 1)[-1].strip().lstrip("©").casefold().removeprefix("com.apple.quicktime.")
    return _ALIASES.get(bare, bare)


def load(text: str) -> object:
    """The JSON value that a text holds, None where it holds none.

    Tolerates what writers do in the wild: NaN, padding behind the value, JSON within a JSON string. Text nested too
    deeply to parse and numbers too long to convert count as none.
    """
    value: object = text
    for _ in range(3):
        if not isinstance(value, str):
            break
        try:
            value = json.JSONDecoder(strict=False).raw_decode(value.lstrip("\ufeff\0 \t\r\n"))[0]
        except (ValueError, RecursionError):
            return None
    return value


def load_object(text: str) -> Mapping[str, object]:
    """The JSON object that a text holds; empty where it holds none."""
    if not text.lstrip("\ufeff\0 \t\r\n").startswith(("{", '"')):
        return {}
    return mapping(load(text))


def mapping(value: object) -> Mapping[str, object]:
    """The value itself if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def listing(value: object) -> list[object]:
    """The value itself if it is a JSON array, else an empty one."""
    return value if isinstance(value, list) else []


def plain(value: object) -> str:
    """Text of a JSON string or number; empty for anything else."""
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def excerpt(text: str, length: int = _EXCERPT) -> str:
    """The beginning of a text on one line, at most `length` characters, always encodable as UTF-8."""
    line = " ".join(text[: length * 4].split())
    cut = line if len(line) <= length else line[: length - 1].rstrip() + "…"
    return cut.encode("utf-8", "replace").decode("utf-8")


UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


def folded(word: str) -> str:
    """A key without case, spaces and marks: `CFG Scale`, `cfg_scale` and `cfgScale` are all `cfgscale`."""
    return re.sub(r"[\W_]+", "", word[:256]).casefold()
