"""Everything that a config can say."""

from __future__ import annotations

import dataclasses

from docs import markdown, texts
from provenance import settings
from provenance.limits import DEFAULT, Limits
from provenance.settings import Nightly, Settings, Storage


def page() -> str:
    """The page, from the config that `provenance init` writes and the texts of the settings."""
    return markdown.page(
        "Settings",
        "One TOML file, written by `provenance init`. It is the one named with `--config`, else by "
        f"`${settings.CONFIG_VARIABLE}`, else `config.toml` in the user's config folder; never one from a scanned "
        "folder. The command line outweighs the environment, the environment the config. An unknown key is an error.",
        f"- `${settings.CATALOGUE_VARIABLE}` names the catalogue, as `--catalogue` does.\n"
        "- `$NO_COLOR`, when it is not empty, keeps the terminal without colours.\n"
        "- Nothing else is read from the environment.",
        "## Keys\n\n" + _table(Settings, settings.KEYS, Settings("in the user's data folder", jobs=0)),
        "## storage\n\nOne `[[storage]]` for each folder that the nightly run looks after.\n\n"
        + _table(Storage, settings.STORAGE_KEYS, None),
        "## nightly\n\n" + _table(Nightly, settings.NIGHTLY_KEYS, Nightly()),
        "## limits\n\nHow much one file may cost. Reaching one is told as a trouble, `oversized` or `slow`.\n\n"
        + _table(Limits, settings.LIMIT_KEYS, DEFAULT),
        "## The config that init writes\n\nEvery key with its default, as a comment where nothing was given.\n\n"
        + markdown.block(_starter(), "toml"),
    )


_TEXTS = {
    "catalogue": "The file with all that was learned so far. Keep it on a local disk.",
    "fail_on": "The mildest severity that ends a scan with exit code 1.",
    "storage": "The folders of the nightly run, see below.",
    "nightly": "What the nightly run leaves behind, see below.",
    "limits": "How much one file may cost, see below.",
    "name": "What reports call it; every storage has its own.",
    "path": "The folder; a relative one starts at the folder of the config.",
    "zone": "What it is used for; only `deliverable` is judged.",
    "formats": "The formats that are written there.",
}
"""Where the code needs no text and a reader of the page does."""

_OWN_DEFAULTS = {"jobs": "one for each processor", "storage": "", "nightly": "", "limits": ""}


def _table(kind: type, keys: tuple[str, ...], defaults: Settings | Nightly | Limits | None) -> str:
    meanings = texts.field_texts(kind)
    rows = (
        [markdown.code(key), _default(key, defaults), markdown.prose(_TEXTS.get(key) or meanings[key])] for key in keys
    )
    return markdown.table(("key", "default", "meaning"), rows)


def _default(key: str, defaults: Settings | Nightly | Limits | None) -> str:
    if key in _OWN_DEFAULTS:
        return _OWN_DEFAULTS[key]
    fields = {field.name: field for field in dataclasses.fields(Storage)}
    value = getattr(defaults, key) if defaults else fields[key].default
    if value is dataclasses.MISSING:
        return "must be given"
    return _shown(value)


def _shown(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, tuple):
        return markdown.code("[" + ", ".join(f'"{entry}"' for entry in value) + "]")
    if isinstance(value, str):
        return value if " " in value else markdown.code(f'"{value}"')
    return f"{value:,}" if isinstance(value, int) else str(value)


def _starter() -> str:
    return settings.starter(catalogue="/home/you/.local/share/provenance/catalogue.db")
