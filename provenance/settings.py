"""TOML and the environment -> one frozen value. Nothing else reads the environment, and no scanned folder is asked."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import platformdirs

from provenance import toml_table
from provenance.errors import UsageError
from provenance.limits import DEFAULT, Limits
from provenance.model.vocabulary import Severity, Zone
from provenance.toml_table import TomlTable, quote

APPLICATION = "provenance"
DEFAULT_POLICY = "netflix"
CONFIG_VARIABLE = "PROVENANCE_CONFIG"
CATALOGUE_VARIABLE = "PROVENANCE_CATALOGUE"

KEYS = ("catalogue", "policy", "fail_on", "jobs", "trust_lists", "plugins", "limits", "storage", "nightly")
STORAGE_KEYS = ("name", "path", "zone", "exclude")
NIGHTLY_KEYS = ("reports", "formats")
LIMIT_KEYS = tuple(field.name for field in dataclasses.fields(Limits))


@dataclass(frozen=True, slots=True)
class Storage:
    """A folder that the nightly run looks after."""

    name: str
    path: str
    zone: Zone = Zone.EDITORIAL
    exclude: tuple[str, ...] = ()
    """Patterns of paths that are left out, and said to be."""


@dataclass(frozen=True, slots=True)
class Nightly:
    """What the nightly run leaves behind."""

    reports: str | None = None
    """Folder for its reports; none are written without it."""
    formats: tuple[str, ...] = ("html", "json")


@dataclass(frozen=True, slots=True)
class Settings:
    """All that a run is told besides its arguments. Every path is absolute."""

    catalogue: str
    policy: str = DEFAULT_POLICY
    """Name of a pack or path of a file."""
    fail_on: Severity = Severity.BLOCK
    jobs: int = 1
    """Worker processes."""
    trust_lists: tuple[str, ...] = ()
    """Files with certificates to trust besides the lists that come with the program."""
    plugins: tuple[str, ...] = ()
    """Names of installed third-party detectors that take part."""
    limits: Limits = DEFAULT
    storages: tuple[Storage, ...] = ()
    nightly: Nightly = dataclasses.field(default_factory=Nightly)
    config: str | None = None
    """The file these settings were read from."""


def load(
    config: str | None = None, catalogue: str | None = None, environment: Mapping[str, str] | None = None
) -> Settings:
    """The settings for one run; an argument outweighs the environment, the environment the config, that the defaults.

    `config` and `catalogue` are paths given by the user. Raises `UsageError` for a config that is named but not there,
    and for anything in it that is unknown or has no sense.
    """
    environment = os.environ if environment is None else environment
    path = config or environment.get(CONFIG_VARIABLE) or _if_there(find_default_config())
    settings = _read(os.path.abspath(path)) if path else Settings(find_default_catalogue(), jobs=count_processors())
    chosen = catalogue or environment.get(CATALOGUE_VARIABLE)
    return dataclasses.replace(settings, catalogue=os.path.abspath(chosen)) if chosen else settings


def find_default_config() -> str:
    """Where a user's config stands."""
    return os.path.join(platformdirs.user_config_dir(APPLICATION, appauthor=False), "config.toml")


def find_default_catalogue() -> str:
    """Where a user's catalogue stands when nothing names another place."""
    return os.path.join(platformdirs.user_data_dir(APPLICATION, appauthor=False), "catalogue.db")


def count_processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def parse(raw: bytes, called: str, folder: str) -> Settings:
    """The settings in the bytes of a config; relative paths start at `folder`. Raises `UsageError` as `load`."""
    table = toml_table.parse(raw, called)
    table.reject_unknown_keys(KEYS)
    given = table.values
    return Settings(
        catalogue=_place(table.read_text("catalogue"), folder) if "catalogue" in given else find_default_catalogue(),
        policy=_policy(table.read_text("policy"), folder) if "policy" in given else DEFAULT_POLICY,
        fail_on=table.read_choice("fail_on", Severity, Severity.BLOCK),
        jobs=table.read_count("jobs") if "jobs" in given else count_processors(),
        trust_lists=tuple(_place(path, folder) for path in table.read_texts("trust_lists")),
        plugins=tuple(dict.fromkeys(table.read_texts("plugins"))),
        limits=_limits(table.read_table("limits")),
        storages=_storages(table.read_tables("storage"), folder),
        nightly=_nightly(table.read_table("nightly"), folder),
    )


def _read(path: str) -> Settings:
    if not os.path.lexists(path):
        raise UsageError(f"there is no config {path}", "name one that is there, or write one with: provenance init")
    return dataclasses.replace(parse(toml_table.read_bytes(path), f"config {path}", os.path.dirname(path)), config=path)


def _if_there(path: str) -> str | None:
    return path if os.path.lexists(path) else None


def _place(path: str, folder: str) -> str:
    return os.path.abspath(os.path.join(folder, os.path.expanduser(path)))


def _policy(policy: str, folder: str) -> str:
    """A name stays a name; what looks like a file is one."""
    return _place(policy, folder) if os.sep in policy or policy.endswith(".toml") else policy


def _limits(table: TomlTable) -> Limits:
    table.reject_unknown_keys(LIMIT_KEYS)
    counts: dict[str, int] = {}
    seconds = DEFAULT.base_seconds
    for key in table.values:
        if key == "base_seconds":
            seconds = table.read_number(key)
        else:
            counts[key] = table.read_count(key)
    return dataclasses.replace(DEFAULT, base_seconds=seconds, **counts)


def _storages(rows: Sequence[TomlTable], folder: str) -> tuple[Storage, ...]:
    storages: dict[str, Storage] = {}
    for row in rows:
        row.reject_unknown_keys(STORAGE_KEYS)
        name, path = row.read_text("name"), _place(row.read_text("path"), folder)
        if name in storages:
            raise row.make_error("name", f"= {name!r} is taken by another storage")
        if any(path == other.path for other in storages.values()):
            raise row.make_error("path", f"= {path!r} is another storage already")
        storages[name] = Storage(name, path, row.read_choice("zone", Zone, Zone.EDITORIAL), row.read_texts("exclude"))
    return tuple(storages.values())


def _nightly(table: TomlTable, folder: str) -> Nightly:
    table.reject_unknown_keys(NIGHTLY_KEYS)
    reports = _place(table.read_text("reports"), folder) if "reports" in table.values else None
    formats = table.read_texts("formats")
    if "formats" in table.values and not formats:
        raise table.make_error("formats", "must name a format")
    return Nightly(reports, formats or Nightly().formats)


def is_colour_refused(environment: Mapping[str, str] | None = None) -> bool:
    """Whether the user asked every program to print without colours (https://no-color.org)."""
    return bool((os.environ if environment is None else environment).get("NO_COLOR"))


def parse_storage(named: str) -> Storage:
    """`editorial=/mnt/show/edit` as a storage of that zone, called after its folder. Raises `UsageError`."""
    zone, equals, path = named.partition("=")
    if not equals or zone not in list(Zone) or not path.strip():
        raise UsageError(f"{named!r} names no storage", f"write ZONE=FOLDER; zones: {', '.join(Zone)}")
    place = _place(path, os.getcwd())
    name = os.path.basename(place) or place
    return Storage(name if zone in name else f"{zone} {name}", place, Zone(zone))


def parse_storages(named: Sequence[str]) -> tuple[Storage, ...]:
    """As `parse_storage`, for several; folders of one zone that are called the same get a number."""
    storages: dict[str, Storage] = {}
    for storage in map(parse_storage, named):
        count, name = 1, storage.name
        while name in storages:
            count += 1
            name = f"{storage.name} {count}"
        storages[name] = dataclasses.replace(storage, name=name)
    return tuple(storages.values())


def render_starter(storages: Sequence[Storage] = (), catalogue: str | None = None, reports: str | None = None) -> str:
    """A commented config with every key in it, the defaults as comments; what is given here is set.

    Raises `UsageError` for a name or path that is no text.
    """
    catalogue_line = f"# catalogue = {quote(find_default_catalogue())}"
    if catalogue:
        catalogue_line = f"catalogue = {quote(catalogue)}"
    reports_line = f"reports = {quote(reports)}" if reports else '# reports = "reports"'
    limits = "\n".join(f"# {key} = {getattr(DEFAULT, key)}" for key in LIMIT_KEYS)
    return _STARTER.format(
        catalogue=catalogue_line,
        policy=DEFAULT_POLICY,
        reports=reports_line,
        formats=_format_list(Nightly().formats),
        zones=", ".join(Zone),
        severities=", ".join(Severity),
        storages="\n".join(_as_toml(storage) for storage in storages) or _EXAMPLE,
        limits=limits,
    )


def _as_toml(storage: Storage) -> str:
    return f"""[[storage]]
name = {quote(storage.name)}
path = {quote(storage.path)}
zone = {quote(storage.zone)}
exclude = {_format_list(storage.exclude)}
"""


def _format_list(texts: Sequence[str]) -> str:
    return f"[{', '.join(quote(text) for text in texts)}]"


_EXAMPLE = """# [[storage]]
# name = "editorial"
# path = "/mnt/show/editorial"
# zone = "editorial"
# exclude = ["*.tmp"]
"""

_STARTER = """# Settings of provenance. A line that starts with # says what holds without it.
# Relative paths start at the folder of this file; an unknown key is an error.

# The catalogue: all that was learned so far. Keep it on a local disk, not on a network share.
{catalogue}

# The client's policy: the name of a pack, or a file with one.
# policy = "{policy}"

# The mildest severity that ends a scan with exit code 1: {severities}.
# fail_on = "block"

# Worker processes; without it one for each processor.
# jobs = 2

# Files (PEM) with certificates to trust besides the lists that come with the program.
# trust_lists = []

# Third-party detectors to switch on, by name; provenance doctor lists what is installed.
# plugins = []

# What the nightly run writes, and where.
[nightly]
{reports}
# formats = {formats}

# The folders that the nightly run looks after, one [[storage]] each. Zones: {zones}.
{storages}
# How much one file may cost; bytes and counts, base_seconds in seconds.
[limits]
{limits}
"""
