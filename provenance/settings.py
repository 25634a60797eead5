"""Settings of a run, from a TOML file and the environment. Only this module reads the environment.

A file in a scanned folder is never read as a config: whoever delivers media must not configure the check of it.
"""

from __future__ import annotations

import dataclasses
import enum
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time

import platformdirs

from provenance import toml_table
from provenance.errors import UsageError
from provenance.gentleness import FolderGentleness, Gentleness
from provenance.limits import DEFAULT, Limits
from provenance.model.report import Cover
from provenance.model.vocabulary import Severity, Zone
from provenance.mounts import Mount, make_mount
from provenance.object_place import is_object_place, normalise
from provenance.toml_table import TomlTable, quote
from provenance.units import parse_rate

APPLICATION = "provenance"
DEFAULT_POLICY = "netflix"
CONFIG_VARIABLE = "PROVENANCE_CONFIG"
CATALOGUE_VARIABLE = "PROVENANCE_CATALOGUE"
WEBHOOK_VARIABLE = "PROVENANCE_WEBHOOK"
PING_VARIABLE = "PROVENANCE_PING"
SMTP_PASSWORD_VARIABLE = "PROVENANCE_SMTP_PASSWORD"  # noqa: S105 - the name of a variable
SECRET_VARIABLES = (WEBHOOK_VARIABLE, PING_VARIABLE, SMTP_PASSWORD_VARIABLE)
"""Variables that hold a secret which may stand in a file instead."""
TASK_VARIABLE = "SLURM_ARRAY_TASK_ID"
"""The number of a task in an array job of Slurm."""

KEYS = (
    "catalogue",
    "policy",
    "fail_on",
    "jobs",
    "trust_lists",
    "plugins",
    "archive_names",
    "look_for",
    "trusted_keys",
    "limits",
    "storage",
    "nightly",
    "report",
    "checkpoints",
    "cluster",
    "mount",
    "notify",
    "owner",
)
STORAGE_KEYS = ("name", "path", "zone", "exclude", "max_read_rate", "drop_cache")
OWNER_KEYS = ("name", "paths")
REPORT_KEYS = ("language", "production", "client", "deliverable", "issuer")
LOOK_FOR = ("labels",)
"""What is looked for only when somebody asks for it."""
LANGUAGES = ("en", "de")
"""Languages of reports."""
NIGHTLY_KEYS = ("reports", "formats", "keep_reports", "log_file", "max_read_rate", "nice", "drop_cache", "until")
_LAST_PORT = 65_535
_MAIL_ADDRESS = re.compile(r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9][A-Za-z0-9.-]*")
NOTIFY_KEYS = (
    "webhook_file",
    "webhook",
    "email",
    "email_from",
    "smtp_host",
    "smtp_port",
    "smtp_security",
    "smtp_user",
    "smtp_password_file",
    "ping_file",
    "metrics",
    "names",
)
RATE_FORM = "a rate such as 200MB/s, 1.5GB/s or 80MiB/s"
TIME_FORM = "a time of day such as 06:00 or 23:30"
_TIME = re.compile(r"\d\d:\d\d", re.ASCII)
CHECKPOINT_KEYS = ("folder", "key")
CLUSTER_KEYS = ("tls_ca", "tls_cert", "tls_key")
MOUNT_KEYS = ("from", "to")
LIMIT_KEYS = tuple(field.name for field in dataclasses.fields(Limits))


@dataclass(frozen=True, slots=True)
class Storage:
    """A folder that the nightly run checks."""

    name: str
    path: str
    zone: Zone = Zone.EDITORIAL
    exclude: tuple[str, ...] = ()
    """Patterns of paths that are left out; the report lists them."""
    max_read_rate: int | None = None
    """How fast its files are read in every run, such as `"200MB/s"`; where several rates are set, the least counts."""
    drop_cache: bool | None = None
    """Take pages of its files out of the system's cache after reading, unless they were there before; default: as the
    run does."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Who answers for the generated material of some places."""

    name: str
    """As reports write it: a department, a vendor, a person."""
    paths: tuple[str, ...]
    """Patterns of places: a path in its storage (`vfx/*`), with the name of the storage (`editorial: vfx/*`), or an
    absolute path (`/mnt/show/vfx/*`). A star goes across folders. Of several owners the first counts."""


@dataclass(frozen=True, slots=True)
class Nightly:
    """The reports of the nightly run, and how it shares storage and machine with others."""

    reports: str | None = None
    """Folder for its reports; without it none are written."""
    formats: tuple[str, ...] = ("html", "json")
    keep_reports: int | None = None
    """Nights whose reports are kept; older ones are deleted. Without it all are kept."""
    log_file: str | None = None
    """A file to which every night adds when it began, what it decided and how it ended; JSON lines if it ends in
    `.jsonl`."""
    max_read_rate: int | None = None
    """How fast files are read, such as `"200MB/s"`, by all workers together; without it as fast as it goes."""
    nice: bool = False
    """Run with the lowest priority, so that everybody else's work goes first."""
    drop_cache: bool = True
    """Take pages out of the system's cache after reading a file, unless they were there before. Linux only."""
    until: time | None = None
    """The time of day at which the night ends, such as `"06:00"`; what is left comes the next night."""


class WebhookKind(enum.StrEnum):
    """What receives a webhook, and so the form of what is sent."""

    GENERIC = "generic"
    SLACK = "slack"
    TEAMS = "teams"


class SmtpSecurity(enum.StrEnum):
    """How the connection to a mail server is encrypted."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"

    @property
    def port(self) -> int:
        """The port that mail servers use for it."""
        return {SmtpSecurity.STARTTLS: 587, SmtpSecurity.TLS: 465, SmtpSecurity.NONE: 25}[self]


@dataclass(frozen=True, slots=True)
class Notify:
    """Who is told of a night, and how. By default nobody is."""

    webhook_file: str | None = None
    """A file with the address to which news of a night are posted; it is a secret, so only you may read it."""
    webhook: WebhookKind = WebhookKind.GENERIC
    """What stands behind the address: `generic` (JSON), `slack` or `teams`."""
    email: tuple[str, ...] = ()
    """Who gets news of a night by e-mail: an address, or a list of them."""
    email_from: str | None = None
    """The sender of these mails. Without it the first of `email`."""
    smtp_host: str | None = None
    """The mail server; `email` needs one."""
    smtp_port: int | None = None
    """Its port. Without it the usual one: 587 for `starttls`, 465 for `tls`, 25 for `none`."""
    smtp_security: SmtpSecurity = SmtpSecurity.STARTTLS
    """`starttls`, `tls` or `none`; a password is never sent without encryption."""
    smtp_user: str | None = None
    """The name with which the program logs in there. Without it it does not log in."""
    smtp_password_file: str | None = None
    """A file with the password for it, which only you may read."""
    ping_file: str | None = None
    """A file with the address of a monitor that expects a sign of every night, as healthchecks.io does."""
    metrics: str | None = None
    """A file with the figures of the last night for Prometheus (textfile collector): a name ending in `.prom`."""
    names: bool = True
    """Whether webhook and e-mail name files; else they give figures alone."""


@dataclass(frozen=True, slots=True)
class ReportSettings:
    """What is the same on every report of a production."""

    language: str = LANGUAGES[0]
    """Of reports for people: `en` or `de`. JSON stays as it is."""
    cover: Cover = dataclasses.field(default_factory=Cover)


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """Where every run leaves a signed checkpoint of the ledger: a second place, which shows changes of the first."""

    folder: str
    """The folder, on another disk than the catalogue, that as few people as possible can write to."""
    key: str
    """The private key that signs them; `provenance key new` makes one."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """The machines that share the work."""

    tls_ca: str | None = None
    """Certificate (PEM) of the authority that signs for the scheduler, the workers and whoever gives them work."""
    tls_cert: str | None = None
    """This machine's own certificate (PEM), signed by that authority."""
    tls_key: str | None = None
    """The private key (PEM) of that certificate."""
    address: str | None = None
    """Of the scheduler: `tls://host:8786`. None: this machine does the work alone."""
    falls_back: bool = False
    """Whether this machine does the work when no other one can."""


def find_default_trusted_keys() -> str:
    """Path of the folder with the public keys that the user trusts; it need not exist."""
    return os.path.join(platformdirs.user_config_dir(APPLICATION, appauthor=False), "trusted-keys")


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that configures a run besides its arguments. Every path is absolute."""

    catalogue: str
    policies: tuple[str, ...] = (DEFAULT_POLICY,)
    """Names of policy packs or paths of files with one; the evidence is judged by each."""
    fail_on: Severity = Severity.BLOCK
    jobs: int = 1
    """Worker processes."""
    trust_lists: tuple[str, ...] = ()
    """PEM files with certificates to trust besides the lists that come with the program."""
    plugins: tuple[str, ...] = ()
    """Names of installed third-party detectors to use."""
    archive_names: tuple[str, ...] = ()
    """Patterns of names of what is presented as archive or real: `ARC_*`, `*archive*`. They are compared with the names
    of files, clips, tracks and nested sequences, with roles, keywords and the texts of markers on clips."""
    look_for: tuple[str, ...] = ()
    """What else is looked for: `labels`, text that stands in pictures. In a night in deliverables and in the zone
    `temp`."""
    trusted_keys: str = dataclasses.field(default_factory=find_default_trusted_keys)
    """Folder with the public keys that `verify` trusts; `provenance key trust` puts them there."""
    limits: Limits = DEFAULT
    storages: tuple[Storage, ...] = ()
    owners: tuple[Owner, ...] = ()
    """By whom generated material in deliverables is listed."""
    nightly: Nightly = dataclasses.field(default_factory=Nightly)
    report: ReportSettings = dataclasses.field(default_factory=ReportSettings)
    notify: Notify = dataclasses.field(default_factory=Notify)
    checkpoints: Checkpoints | None = None
    """None when no checkpoints are kept, as for a catalogue that is not the one of the config."""
    cluster: Cluster = dataclasses.field(default_factory=Cluster)
    mounts: tuple[Mount, ...] = ()
    """Where folders stand on this machine that the machine which hands out the work names otherwise."""
    config: str | None = None
    """The file these settings were read from."""

    def make_gentleness(self, max_read_rate: int | None = None, *, drop_cache: bool = False) -> Gentleness:
        """How gently files are read: as these say for all of them, and as each storage asks for its own."""
        folders = []
        for storage in self.storages:
            if storage.max_read_rate is not None or storage.drop_cache is not None:
                folder = os.fsencode(_follow_links(storage.path))
                folders.append(FolderGentleness(folder, storage.max_read_rate, storage.drop_cache))
        return Gentleness(max_read_rate, drop_cache, tuple(folders))


def load(
    config: str | None = None, catalogue: str | None = None, environment: Mapping[str, str] | None = None
) -> Settings:
    """The settings for one run. Arguments override the environment, it overrides the config, and that the defaults.

    `config` and `catalogue` are paths given by the user. Raises `UsageError` for a config that is named but does not
    exist, and for an unknown key or an invalid value in it.
    """
    if environment is None:
        environment = os.environ
    path = config or environment.get(CONFIG_VARIABLE)
    # The default config is optional; one that somebody named must exist.
    if not path and os.path.lexists(find_default_config()):
        path = find_default_config()
    settings = Settings(find_default_catalogue(), jobs=count_processors())
    if path:
        settings = _read(os.path.abspath(path))
    chosen_catalogue = catalogue or environment.get(CATALOGUE_VARIABLE)
    if chosen_catalogue and os.path.abspath(chosen_catalogue) != settings.catalogue:
        # The checkpoints of a config are those of its own catalogue: held against another they would accuse it.
        settings = dataclasses.replace(settings, catalogue=os.path.abspath(chosen_catalogue), checkpoints=None)
    return settings


def find_default_config() -> str:
    """Path of the user's config; the file need not exist."""
    return os.path.join(platformdirs.user_config_dir(APPLICATION, appauthor=False), "config.toml")


def find_default_catalogue() -> str:
    """Path of the user's catalogue when nothing names another; the file need not exist."""
    return os.path.join(platformdirs.user_data_dir(APPLICATION, appauthor=False), "catalogue.db")


def count_processors() -> int:
    """Number of processors that this process may use."""
    # A container or a batch system may allow fewer processors than the machine has; only Linux can say which.
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def parse(raw: bytes, called: str, folder: str) -> Settings:
    """The settings in the bytes of a config.

    `called` names the file in messages; relative paths start at `folder`. Raises `UsageError` as `load`.
    """
    table = toml_table.parse(raw, called)
    table.reject_unknown_keys(KEYS)
    catalogue = find_default_catalogue()
    if "catalogue" in table.values:
        catalogue = _make_absolute(table.read_text("catalogue"), folder)
    policies: tuple[str, ...] = (DEFAULT_POLICY,)
    if "policy" in table.values:
        policies = tuple(_resolve_policy(policy, folder) for policy in _read_policies(table))
    jobs = count_processors()
    if "jobs" in table.values:
        jobs = table.read_count("jobs")
    trusted_keys = find_default_trusted_keys()
    if "trusted_keys" in table.values:
        trusted_keys = _make_absolute(table.read_text("trusted_keys"), folder)
    return Settings(
        catalogue=catalogue,
        policies=policies,
        fail_on=table.read_choice("fail_on", Severity, Severity.BLOCK),
        jobs=jobs,
        trust_lists=tuple(_make_absolute(path, folder) for path in table.read_texts("trust_lists")),
        plugins=tuple(dict.fromkeys(table.read_texts("plugins"))),
        archive_names=tuple(dict.fromkeys(table.read_texts("archive_names"))),
        look_for=_read_look_for(table),
        trusted_keys=trusted_keys,
        limits=_parse_limits(table.read_table("limits")),
        storages=_parse_storage_tables(table.read_tables("storage"), folder),
        owners=_parse_owners(table.read_tables("owner")),
        nightly=_parse_nightly(table.read_table("nightly"), folder),
        report=_parse_report(table.read_table("report")),
        notify=_parse_notify(table.read_table("notify"), folder),
        checkpoints=_parse_checkpoints(table.read_table("checkpoints"), folder),
        cluster=_parse_cluster(table.read_table("cluster"), folder),
        mounts=_parse_mounts(table.read_tables("mount")),
    )


def _read(path: str) -> Settings:
    if not os.path.lexists(path):
        raise UsageError(f"there is no config {path}", "name an existing file, or write one with: provenance init")
    settings = parse(toml_table.read_bytes(path), f"config {path}", os.path.dirname(path))
    return dataclasses.replace(settings, config=path)


def _make_absolute(path: str, folder: str) -> str:
    if is_object_place(path):
        return normalise(path)
    return os.path.abspath(os.path.join(folder, os.path.expanduser(path)))


def _read_policies(table: TomlTable) -> tuple[str, ...]:
    """One policy as a text, or several as a list of texts."""
    if not isinstance(table.values["policy"], list):
        return (table.read_text("policy"),)
    policies = table.read_texts("policy")
    if not policies:
        raise table.make_error("policy", "must name a policy")
    return tuple(dict.fromkeys(policies))


def _read_look_for(table: TomlTable) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(table.read_texts("look_for")))
    for name in names:
        if name not in LOOK_FOR:
            raise table.make_error("look_for", f"= {name!r} is not one of: {', '.join(LOOK_FOR)}")
    return names


def _resolve_policy(policy: str, folder: str) -> str:
    """The name of a pack as it is, the path of a file as an absolute one."""
    is_path = os.sep in policy or policy.endswith(".toml")
    if is_path:
        return _make_absolute(policy, folder)
    return policy


def _parse_limits(table: TomlTable) -> Limits:
    table.reject_unknown_keys(LIMIT_KEYS)
    counts: dict[str, int] = {}
    seconds = DEFAULT.base_seconds
    for key in table.values:
        if key == "base_seconds":
            seconds = table.read_number(key)
        else:
            counts[key] = table.read_count(key)
    return dataclasses.replace(DEFAULT, base_seconds=seconds, **counts)


def _parse_storage_tables(rows: Sequence[TomlTable], folder: str) -> tuple[Storage, ...]:
    storages: list[Storage] = []
    # Reports tell storages apart by name, and the folders of two storages must not be read twice.
    names: set[str] = set()
    paths: set[str] = set()
    for row in rows:
        row.reject_unknown_keys(STORAGE_KEYS)
        name = row.read_text("name")
        path = _make_absolute(row.read_text("path"), folder)
        if name in names:
            raise row.make_error("name", f"= {name!r} is taken by another storage")
        if path in paths:
            raise row.make_error("path", f"= {path!r} is another storage already")
        names.add(name)
        paths.add(path)
        zone = row.read_choice("zone", Zone, Zone.EDITORIAL)
        drop_cache = row.read_flag("drop_cache", default=False) if "drop_cache" in row.values else None
        storages.append(Storage(name, path, zone, row.read_texts("exclude"), _read_rate(row), drop_cache))
    _refuse_nested(storages)
    return tuple(storages)


def _refuse_nested(storages: Sequence[Storage]) -> None:
    """Raise `UsageError` when one storage contains another: its files would be read twice and have two zones."""
    folders = [(storage, os.path.join(_follow_links(storage.path), "")) for storage in storages]
    for outer, outer_folder in folders:
        for inner, inner_folder in folders:
            if inner is not outer and inner_folder.startswith(outer_folder):
                raise UsageError(
                    f"storage {inner.name!r} ({inner.path}) lies inside storage {outer.name!r} ({outer.path})",
                    "one place can be in one storage only: name folders that do not contain each other, such as the "
                    "folders inside the outer one",
                )


def _follow_links(path: str) -> str:
    if is_object_place(path):
        return path
    try:
        return os.path.realpath(path)
    except ValueError:
        # A null byte, which no path contains: there is nothing to follow.
        return path


def _parse_owners(rows: Sequence[TomlTable]) -> tuple[Owner, ...]:
    owners = []
    for row in rows:
        row.reject_unknown_keys(OWNER_KEYS)
        name = row.read_text("name")
        if "paths" not in row.values:
            raise row.make_error("paths", "is missing")
        owners.append(Owner(name, _read_one_or_several(row, "paths")))
    return tuple(owners)


def _parse_nightly(table: TomlTable, folder: str) -> Nightly:
    table.reject_unknown_keys(NIGHTLY_KEYS)
    reports = None
    if "reports" in table.values:
        reports = _make_absolute(table.read_text("reports"), folder)
    formats = table.read_texts("formats")
    if "formats" in table.values and not formats:
        # An empty list would mean no reports: whoever wants none leaves out `reports`.
        raise table.make_error("formats", "must name a format")
    keep_reports = table.read_count("keep_reports") if "keep_reports" in table.values else None
    return Nightly(
        reports,
        formats or Nightly().formats,
        keep_reports,
        _read_path(table, "log_file", folder),
        _read_rate(table),
        nice=table.read_flag("nice", default=False),
        drop_cache=table.read_flag("drop_cache", default=True),
        until=_read_time(table),
    )


def _read_rate(table: TomlTable) -> int | None:
    if "max_read_rate" not in table.values:
        return None
    try:
        return parse_rate(table.read_text("max_read_rate"))
    except ValueError:
        raise table.make_error("max_read_rate", f"must be {RATE_FORM}") from None


def _read_time(table: TomlTable) -> time | None:
    if "until" not in table.values:
        return None
    try:
        return parse_time(table.read_text("until"))
    except ValueError:
        raise table.make_error("until", f"must be {TIME_FORM}") from None


def parse_time(text: str) -> time:
    """A time of day: `06:00`. Raises `ValueError` for any other text."""
    if not _TIME.fullmatch(text):
        raise ValueError(text)
    return time.fromisoformat(text)


def _read_path(table: TomlTable, key: str, folder: str) -> str | None:
    """The absolute path that a key names; None when it is not there."""
    if key not in table.values:
        return None
    return _make_absolute(table.read_text(key), folder)


def _parse_notify(table: TomlTable, folder: str) -> Notify:
    table.reject_unknown_keys(NOTIFY_KEYS)
    addresses: tuple[str, ...] = ()
    if "email" in table.values:
        addresses = _read_one_or_several(table, "email")
    sender = table.read_text("email_from") if "email_from" in table.values else None
    for key, address in (*(("email", address) for address in addresses), ("email_from", sender)):
        if address is not None and not _is_mail_address(address):
            raise table.make_error(key, f"= {address!r} is not an e-mail address")
    if addresses and "smtp_host" not in table.values:
        raise table.make_error("smtp_host", "is missing: email needs a mail server")
    port = table.read_count("smtp_port") if "smtp_port" in table.values else None
    if port and port > _LAST_PORT:
        raise table.make_error("smtp_port", f"must be at most {_LAST_PORT}")
    return Notify(
        webhook_file=_read_path(table, "webhook_file", folder),
        webhook=table.read_choice("webhook", WebhookKind, WebhookKind.GENERIC),
        email=addresses,
        email_from=sender,
        smtp_host=table.read_text("smtp_host") if "smtp_host" in table.values else None,
        smtp_port=port,
        smtp_security=table.read_choice("smtp_security", SmtpSecurity, SmtpSecurity.STARTTLS),
        smtp_user=table.read_text("smtp_user") if "smtp_user" in table.values else None,
        smtp_password_file=_read_path(table, "smtp_password_file", folder),
        ping_file=_read_path(table, "ping_file", folder),
        metrics=_read_path(table, "metrics", folder),
        names=table.read_flag("names", default=True),
    )


def _is_mail_address(text: str) -> bool:
    """Whether a text is a plain address, `post@example.org`, that no header or command of SMTP reads otherwise."""
    return _MAIL_ADDRESS.fullmatch(text) is not None


def _read_one_or_several(table: TomlTable, key: str) -> tuple[str, ...]:
    """A text, or a list of at least one, each once."""
    if not isinstance(table.values[key], list):
        return (table.read_text(key),)
    texts = table.read_texts(key)
    if not texts:
        raise table.make_error(key, "must not be an empty list")
    return tuple(dict.fromkeys(texts))


def _parse_report(table: TomlTable) -> ReportSettings:
    table.reject_unknown_keys(REPORT_KEYS)
    given = {key: table.read_text(key) for key in table.values if key != "language"}
    language = LANGUAGES[0]
    if "language" in table.values:
        language = table.read_text("language")
    if language not in LANGUAGES:
        raise table.make_error("language", f"= {language!r} is not one of {', '.join(LANGUAGES)}")
    return ReportSettings(language, Cover(**given))


def _parse_checkpoints(table: TomlTable, folder: str) -> Checkpoints | None:
    table.reject_unknown_keys(CHECKPOINT_KEYS)
    if not table.values:
        return None
    # Both or neither: a checkpoint that nobody signed proves nothing.
    place = _make_absolute(table.read_text("folder"), folder)
    return Checkpoints(place, _make_absolute(table.read_text("key"), folder))


def _parse_cluster(table: TomlTable, folder: str) -> Cluster:
    table.reject_unknown_keys(CLUSTER_KEYS)
    files: dict[str, str | None] = dict.fromkeys(CLUSTER_KEYS)
    for key in table.values:
        files[key] = _make_absolute(table.read_text(key), folder)
    return Cluster(files["tls_ca"], files["tls_cert"], files["tls_key"])


def _parse_mounts(rows: Sequence[TomlTable]) -> tuple[Mount, ...]:
    mounts: dict[bytes, Mount] = {}
    for row in rows:
        row.reject_unknown_keys(MOUNT_KEYS)
        for key in MOUNT_KEYS:
            if not os.path.isabs(row.read_text(key)):
                raise row.make_error(key, "must be an absolute path, as it stands in the mount table")
        mount = make_mount(row.read_text("from"), row.read_text("to"))
        if mount.source in mounts:
            raise row.make_error("from", f"= {row.read_text('from')!r} is mapped already")
        mounts[mount.source] = mount
    return tuple(mounts.values())


def read_task(environment: Mapping[str, str] | None = None) -> str | None:
    """The number that the batch system gives this task of an array job; None outside of one."""
    if environment is None:
        environment = os.environ
    return environment.get(TASK_VARIABLE)


def is_colour_refused(environment: Mapping[str, str] | None = None) -> bool:
    """Whether the user asked every program to print without colours (https://no-color.org)."""
    if environment is None:
        environment = os.environ
    # The convention: any value counts, except an empty one.
    return bool(environment.get("NO_COLOR"))


def read_secret_variable(name: str, environment: Mapping[str, str] | None = None) -> str:
    """The value of one of the variables that hold a secret; empty when it is not set."""
    if environment is None:
        environment = os.environ
    assert name in SECRET_VARIABLES
    return environment.get(name, "").strip()


def parse_storage(argument: str) -> Storage:
    """The storage that an argument like `editorial=/mnt/show/edit` names. Raises `UsageError` for any other text."""
    zone, equals, path = argument.partition("=")
    if not equals or zone not in list(Zone) or not path.strip():
        raise UsageError(f"{argument!r} does not name a storage", f"write ZONE=FOLDER; zones: {', '.join(Zone)}")
    folder = _make_absolute(path, os.getcwd())
    # The root of the file system has no base name.
    name = os.path.basename(folder) or folder
    # `editorial=/mnt/show/edit` becomes "editorial edit"; `archive=/mnt/archive` stays "archive".
    if zone not in name:
        name = f"{zone} {name}"
    return Storage(name, folder, Zone(zone))


def parse_storages(arguments: Sequence[str]) -> tuple[Storage, ...]:
    """As `parse_storage`, for several; storages with the same name get a number."""
    storages: dict[str, Storage] = {}
    for storage in map(parse_storage, arguments):
        count = 1
        name = storage.name
        while name in storages:
            count += 1
            name = f"{storage.name} {count}"
        storages[name] = dataclasses.replace(storage, name=name)
    _refuse_nested(tuple(storages.values()))
    return tuple(storages.values())


def render_starter(storages: Sequence[Storage] = (), catalogue: str | None = None, reports: str | None = None) -> str:
    """A commented config with every key in it. The arguments are set, everything else is a comment with its default.

    Raises `UsageError` for a name or path that is not valid text.
    """
    # Every key appears, so that nobody has to look one up; a test compares the comments with the real defaults.
    catalogue_line = f"# catalogue = {quote(catalogue or find_default_catalogue())}"
    if catalogue:
        catalogue_line = catalogue_line.removeprefix("# ")
    reports_line = f"# reports = {quote(reports or _EXAMPLE_REPORTS)}"
    if reports:
        reports_line = reports_line.removeprefix("# ")
    storage_tables = "\n".join(map(_format_storage, storages))
    limits = [f"# {key} = {getattr(DEFAULT, key)}" for key in LIMIT_KEYS]
    return _STARTER.format(
        catalogue=catalogue_line,
        policy=DEFAULT_POLICY,
        reports=reports_line,
        formats=_format_list(Nightly().formats),
        zones=", ".join(Zone),
        severities=", ".join(Severity),
        languages=", ".join(LANGUAGES),
        storages=storage_tables or _EXAMPLE_STORAGE,
        limits="\n".join(limits),
        webhook_variable=WEBHOOK_VARIABLE,
        password_variable=SMTP_PASSWORD_VARIABLE,
        ping_variable=PING_VARIABLE,
    )


def _format_storage(storage: Storage) -> str:
    return f"""[[storage]]
name = {quote(storage.name)}
path = {quote(storage.path)}
zone = {quote(storage.zone)}
exclude = {_format_list(storage.exclude)}
"""


def _format_list(texts: Sequence[str]) -> str:
    return f"[{', '.join(quote(text) for text in texts)}]"


_EXAMPLE_REPORTS = "reports"

_EXAMPLE_STORAGE = """# [[storage]]
# name = "editorial"
# path = "/mnt/show/editorial"
# zone = "editorial"
# exclude = ["*.tmp"]
# max_read_rate = "200MB/s"
# drop_cache = true
"""

_STARTER = """# Settings of provenance. A setting that is commented out shows its default.
# Relative paths start at the folder of this file; an unknown key is an error.

# The catalogue: everything learned so far. Keep it on a local disk, not on a network share.
{catalogue}

# The client's policy: the name of a pack, or a file with one. A list judges by each: ["netflix", "eu-ai-act"].
# policy = "{policy}"

# The mildest severity that ends a scan with exit code 1: {severities}.
# fail_on = "block"

# Worker processes. Default: one for each processor.
# jobs = 2

# PEM files with certificates to trust besides the lists that come with the program.
# trust_lists = []

# Third-party detectors to switch on, by name; provenance doctor lists what is installed.
# plugins = []
# archive_names = []

# What else to look for: "labels" is text in pictures, such as AI生成 or VFX TBD; it needs the extra labels.
# look_for = []

# The folder with the public keys whose signatures verify trusts; provenance key trust puts them there.
# trusted_keys = "trusted-keys"

# The nightly run: the folder and the formats of its reports, and how it shares storage and machine with others.
[nightly]
{reports}
# formats = {formats}
# keep_reports = 30
# log_file = "nights.log"
# max_read_rate = "200MB/s"
# nice = false
# drop_cache = true
# until = "06:00"

# Who is told of a night, and how; by default nobody is. Addresses and passwords stand in files of their own that only
# you may read (chmod 600), or in ${webhook_variable}, ${password_variable} and ${ping_variable}.
# Try it out: provenance nightly --test-notify
[notify]
# webhook_file = "webhook"
# webhook = "generic"
# email = "post@example.org"
# email_from = "provenance@example.org"
# smtp_host = "mail.example.org"
# smtp_port = 587
# smtp_security = "starttls"
# smtp_user = "provenance"
# smtp_password_file = "smtp-password"
# ping_file = "ping"
# metrics = "/var/lib/node_exporter/provenance.prom"
# names = true

# The cover of every report of a production, and the language of reports: {languages}. What is not given is left out.
[report]
# language = "en"
# production = "The Harbour, series 1"
# client = "A streaming service"
# deliverable = "Episodes 101 to 108, masters"
# issuer = "Post house, Berlin"

# Where every run leaves a signed checkpoint of the ledger, for verify: a folder on another disk than the catalogue, and
# the private key that signs them (provenance key new). Set both or neither.
[checkpoints]
# folder = "/mnt/elsewhere/checkpoints"
# key = "checkpoints.pem"

# Many machines: the certificates by which they know each other; see docs/how-to/spread-over-machines.md.
[cluster]
# tls_ca = "ca.pem"
# tls_cert = "this-machine.pem"
# tls_key = "this-machine.key"

# A storage that stands elsewhere on this machine than on the one that hands out the work, one [[mount]] each.
# [[mount]]
# from = "/mnt/show"
# to = "/Volumes/show"

# The folders that the nightly run checks, one [[storage]] each. Zones: {zones}.
{storages}
# Who answers for generated material in deliverables, one [[owner]] each, by where the material comes from.
# [[owner]]
# name = "VFX"
# paths = ["vfx/*", "editorial: comps/*"]

# Upper bounds for the cost of one file: bytes, counts and seconds.
[limits]
{limits}
"""
