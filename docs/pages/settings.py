"""Everything that a config can set."""

from __future__ import annotations

import dataclasses

from docs import markdown, texts
from provenance import settings
from provenance.limits import DEFAULT, Limits
from provenance.mounts import Mount
from provenance.settings import Cluster, Nightly, Notify, Owner, ReportSettings, Settings, Storage


def build_page() -> str:
    """The page, from the config that `provenance init` writes and the texts of the settings."""
    return markdown.build_page(
        "Settings",
        "One TOML file, written by `provenance init`: the file named with `--config`, else by "
        f"`${settings.CONFIG_VARIABLE}`, else `config.toml` in the user's config folder; never a file from a scanned "
        "folder. The command line overrides the environment, and the environment overrides the config. An unknown key "
        "is an error.",
        f"- `${settings.CATALOGUE_VARIABLE}` names the catalogue, as `--catalogue` does.\n"
        "- `$NO_COLOR`, when it is not empty, turns colours off.\n"
        f"- `${settings.WEBHOOK_VARIABLE}`, `${settings.PING_VARIABLE}` and `${settings.SMTP_PASSWORD_VARIABLE}` hold "
        "what otherwise stands in `webhook_file`, `ping_file` and `smtp_password_file`; they win.\n"
        "- For `s3://` storages the libraries of AWS read theirs, such as `$AWS_PROFILE`.\n"
        "- The program reads nothing else from the environment.",
        "## Keys\n\n" + _build_table(Settings, settings.KEYS, Settings("in the user's data folder", jobs=0)),
        "## storage\n\nOne `[[storage]]` for each folder that the nightly run checks.\n\n"
        + _build_table(Storage, settings.STORAGE_KEYS, None),
        "## owner\n\nOne `[[owner]]` for each who answers for generated material in deliverables, by its place. "
        "[How](../how-to/run-it-nightly.md#what-is-still-to-be-replaced).\n\n" + _build_owner_table(),
        "## nightly\n\n" + _build_table(Nightly, settings.NIGHTLY_KEYS, Nightly()),
        "## notify\n\nWho is told of a night, and how; by default nobody is. "
        "[How](../how-to/run-it-nightly.md#be-told). A file with an address or a password is refused when others than "
        "its owner may read it.\n\n" + _build_table(Notify, settings.NOTIFY_KEYS, Notify()),
        "## report\n\nThe cover of every report of a production. `provenance report` has an option for each, and for "
        "the number of a report.\n\n" + _build_table(ReportSettings, settings.REPORT_KEYS, ReportSettings()),
        "## cluster\n\nCertificates for [many machines](../how-to/spread-over-machines.md); options of the commands "
        "override them.\n\n" + _build_table(Cluster, settings.CLUSTER_KEYS, Cluster()),
        "## mount\n\nOne `[[mount]]` for each storage that stands elsewhere here than on the machine that hands out "
        "the work.\n\n" + _build_table(Mount, settings.MOUNT_KEYS, None),
        "## limits\n\nHow much one file may cost. A file that reaches a limit is reported as `oversized` or `slow`.\n\n"
        + _build_table(Limits, settings.LIMIT_KEYS, DEFAULT),
        "## The config that init writes\n\nEvery key with its default; keys that were not given are comments.\n\n"
        + markdown.format_block(settings.render_starter(catalogue=_EXAMPLE_CATALOGUE), "toml"),
    )


_TEXTS = {
    "catalogue": "The file with everything learned so far. Keep it on a local disk.",
    "fail_on": "The mildest severity that ends a scan with exit code 1.",
    "policy": "Name of a policy pack or path of a file with one; a list of them gives a verdict by each.",
    "storage": "The folders of the nightly run; see below.",
    "nightly": "The reports of the nightly run; see below.",
    "notify": "Who is told of a night; see below.",
    "owner": "By whom generated material in deliverables is listed; see below.",
    "checkpoints": "Signed checkpoints of the ledger; see below.",
    "limits": "How much one file may cost; see below.",
    "cluster": "Certificates for many machines; see below.",
    "mount": "Where storages stand on this machine; see below.",
    "from": "The folder as the machine that hands out the work names it, absolute.",
    "to": "The same folder on this machine, absolute.",
    "report": "Language and cover of reports; see below.",
    "production": "The production, as its paperwork calls it.",
    "client": "Who gets the delivery.",
    "deliverable": "What is delivered.",
    "issuer": "Who answers for the report: a person or a company.",
    "name": "Its name in reports; every storage has a different one.",
    "path": "The folder; a relative one starts at the folder of the config.",
    "zone": "Its purpose; only `deliverable` is judged, and generated material of any zone for copies of `reference`.",
    "formats": "The formats of those reports.",
    "keep_reports": "Nights whose reports are kept; older ones are deleted. Without it all are kept.",
}
"""Texts for keys that need none in the code; readers of the page need them."""

_EXAMPLE_CATALOGUE = "/home/you/.local/share/provenance/catalogue.db"
_OWN_DEFAULTS = {
    "policy": markdown.format_code(f'"{settings.DEFAULT_POLICY}"'),
    "jobs": "one for each processor",
    "trusted_keys": "in the user's config folder",
    **dict.fromkeys(("storage", "nightly", "notify", "owner", "limits", "report", "cluster", "mount"), ""),
    **dict.fromkeys(("production", "client", "deliverable", "issuer"), "left out"),
    "checkpoints": "none",
    "folder": "required",
    "from": "required",
    "to": "required",
    "key": "required",
}


_Defaults = Settings | Nightly | Notify | ReportSettings | Limits | Cluster | None


def _build_table(kind: type, keys: tuple[str, ...], defaults: _Defaults) -> str:
    meanings = texts.read_field_texts(kind)
    rows = []
    for key in keys:
        meaning = _TEXTS.get(key) or meanings[key]
        # a text for this page wins over the text in the code, which is for programmers
        rows.append([markdown.format_code(key), _format_default(key, defaults), markdown.escape_prose(meaning)])
    return markdown.format_table(("key", "default", "meaning"), rows)


def _build_owner_table() -> str:
    """The keys of an owner: `name` means another thing for a storage, so the texts are those of the code."""
    meanings = texts.read_field_texts(Owner)
    rows = [
        (markdown.format_code(key), "required", markdown.escape_prose(meanings[key])) for key in settings.OWNER_KEYS
    ]
    return markdown.format_table(("key", "default", "meaning"), rows)


def _format_default(key: str, defaults: _Defaults) -> str:
    if key in _OWN_DEFAULTS:
        return _OWN_DEFAULTS[key]
    if defaults:
        return _format_value(getattr(defaults, key))
    # a storage without name and folder does not exist, so it has no defaults for them
    default = Storage.__dataclass_fields__[key].default
    if default is dataclasses.MISSING:
        return "required"
    return _format_value(default)


def _format_value(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return markdown.format_code(str(value).lower())
    if isinstance(value, tuple):
        entries = ", ".join(f'"{entry}"' for entry in value)
        return markdown.format_code(f"[{entries}]")
    if isinstance(value, str):
        # a default with spaces is a description, not a value
        return value if " " in value else markdown.format_code(f'"{value}"')
    if isinstance(value, int):
        return f"{value:,}"
    return str(value)
