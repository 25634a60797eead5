from __future__ import annotations

import dataclasses
import os
import re
from datetime import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as profile
from hypothesis import strategies as st

from provenance import settings
from provenance.errors import UsageError
from provenance.limits import DEFAULT, Limits
from provenance.model.vocabulary import Severity, Zone
from provenance.settings import Nightly, Notify, Owner, SmtpSecurity, Storage, WebhookKind

FULL = """
catalogue = "data/c.db"
policy = "packs/studio.toml"
fail_on = "review"
jobs = 3
trust_lists = ["ca.pem", "/etc/other.pem"]
plugins = ["acme", "other", "acme"]
[limits]
pixels = 1000
base_seconds = 2.5
[[storage]]
name = "edit"
path = "/mnt/edit"
[[storage]]
name = "out"
path = "out"
zone = "deliverable"
exclude = ["*.tmp", "proxies/**"]
max_read_rate = "80 MiB/s"
drop_cache = false
[[owner]]
name = "VFX"
paths = ["vfx/*", "edit: comps/*"]
[[owner]]
name = "Editorial"
paths = "*"
[nightly]
reports = "reports"
formats = ["json"]
log_file = "nights.log"
max_read_rate = "200MB/s"
nice = true
until = "06:00"
[notify]
webhook_file = "/etc/provenance/webhook"
webhook = "teams"
email = ["legal@example.org", "edit@example.org", "legal@example.org"]
email_from = "night@example.org"
smtp_host = "mail.example.org"
smtp_port = 2525
smtp_security = "tls"
smtp_user = "night"
smtp_password_file = "password"
ping_file = "ping"
metrics = "night.prom"
names = false
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, so that the tester's own config says nothing."""
    for variable, folder in (("HOME", ""), ("XDG_CONFIG_HOME", "config"), ("XDG_DATA_HOME", "data")):
        monkeypatch.setenv(variable, str(tmp_path / "home" / folder))
    for variable in (settings.CONFIG_VARIABLE, settings.CATALOGUE_VARIABLE):
        monkeypatch.delenv(variable, raising=False)
    return tmp_path / "home"


def parse(text: str) -> settings.Settings:
    return settings.parse(text.encode(), "config x.toml", "/show")


def test_everything_that_can_be_said() -> None:
    assert parse(FULL) == settings.Settings(
        catalogue="/show/data/c.db",
        policies=("/show/packs/studio.toml",),
        fail_on=Severity.REVIEW,
        jobs=3,
        trust_lists=("/show/ca.pem", "/etc/other.pem"),
        plugins=("acme", "other"),
        limits=dataclasses.replace(DEFAULT, pixels=1000, base_seconds=2.5),
        storages=(
            Storage("edit", "/mnt/edit", Zone.EDITORIAL),
            Storage("out", "/show/out", Zone.DELIVERABLE, ("*.tmp", "proxies/**"), 80 * 1024**2, drop_cache=False),
        ),
        nightly=Nightly(
            "/show/reports",
            ("json",),
            log_file="/show/nights.log",
            max_read_rate=200_000_000,
            nice=True,
            until=time(6),
        ),
        owners=(Owner("VFX", ("vfx/*", "edit: comps/*")), Owner("Editorial", ("*",))),
        notify=Notify(
            webhook_file="/etc/provenance/webhook",
            webhook=WebhookKind.TEAMS,
            email=("legal@example.org", "edit@example.org"),
            email_from="night@example.org",
            smtp_host="mail.example.org",
            smtp_port=2525,
            smtp_security=SmtpSecurity.TLS,
            smtp_user="night",
            smtp_password_file="/show/password",
            ping_file="/show/ping",
            metrics="/show/night.prom",
            names=False,
        ),
    )


def test_nothing_said_is_the_defaults() -> None:
    nothing = parse("")
    assert (nothing.policies, nothing.fail_on, nothing.limits) == (("netflix",), Severity.BLOCK, DEFAULT)
    assert nothing.jobs == settings.count_processors() >= 1
    assert nothing == settings.load(environment={})


def test_several_policies_are_a_list() -> None:
    parsed = parse('policy = ["netflix", "packs/house.toml"]')
    assert parsed.policies[0] == "netflix"
    assert parsed.policies[1].startswith("/")


def test_a_home_in_a_path_is_the_users(home: Path) -> None:
    assert parse('catalogue = "~/c.db"').catalogue == str(home / "c.db")


@pytest.mark.parametrize(
    ("text", "says", "hint"),
    [
        ("catalog = 'x'", "unknown key 'catalog'", "did you mean 'catalogue'"),
        ("job = 2", "unknown key 'job'", "did you mean 'jobs'"),
        ("failon = 'block'", "unknown key 'failon'", "did you mean 'fail_on'"),
        ("[policy]\npack = 'nothing'", "policy must be a text", ""),
        ("policy = ''", "policy must not be blank", ""),
        ("policy = []", "policy must name a policy", ""),
        ("policy = ['netflix', 7]", "policy must be a list of texts", ""),
        ("catalogue = 7", "catalogue must be a text", ""),
        ("fail_on = 'never'", "fail_on = 'never'", "block, note, review"),
        ("fail_on = true", "fail_on must be a text", ""),
        ("jobs = 0", "jobs must be a whole number above zero", ""),
        ("jobs = -2", "jobs must be a whole number above zero", ""),
        ("jobs = true", "jobs must be a whole number", ""),
        ("jobs = 1.5", "jobs must be a whole number", ""),
        ("jobs = '2'", "jobs must be a whole number", ""),
        ("trust_lists = 'a.pem'", "trust_lists must be a list", ""),
        ("trust_lists = [1]", "trust_lists must be a list of texts", ""),
        ("trust_lists = ['']", "none of them blank", ""),
        ("limits = 3", "limits must be a table", ""),
        ("[limits]\npixel = 3", "[limits]: unknown key 'pixel'", "did you mean 'pixels'"),
        ("[limits]\npixels = 0", "pixels must be a whole number above zero", ""),
        ("[limits]\npixels = 1e9", "pixels must be a whole number", ""),
        ("[limits]\nbase_seconds = -1.0", "base_seconds must be a number above zero", ""),
        ("[limits]\nbase_seconds = inf", "base_seconds must be a number above zero", ""),
        ("[limits]\nbase_seconds = nan", "base_seconds must be a number above zero", ""),
        ("[limits]\nbase_seconds = false", "base_seconds must be", ""),
        ("[storage]\nname = 'a'", "storage must be a list", ""),
        ("storage = [1]", "storage must be written as [[storage]]", ""),
        ("[[storage]]\npath = '/a'", "[[storage]] number 1: name is missing", ""),
        ("[[storage]]\nname = 'a'", "path is missing", ""),
        ("[[storage]]\nname = 'a'\npath = ' '", "path must not be blank", ""),
        ("[[storage]]\nname = 'a'\npath = '/a'\nzone = 'cut'", "zone = 'cut'", "deliverable, editorial"),
        ("[[storage]]\nname = 'a'\npath = '/a'\nexcludes = []", "unknown key 'excludes'", "did you mean 'exclude'"),
        ("[[storage]]\nname = 'a'\npath = '/a'\nexclude = '*'", "exclude must be a list", ""),
        ("[[storage]]\nname='a'\npath='/a'\n[[storage]]\nname='a'\npath='/b'", "number 2: name = 'a' is taken", ""),
        ("[[storage]]\nname='a'\npath='/a'\n[[storage]]\nname='b'\npath='/a/../a/'", "is another storage", ""),
        ("[nightly]\nreport = 'x'", "unknown key 'report'", "did you mean 'reports'"),
        ("[nightly]\nformats = []", "formats must name a format", ""),
        ("[nightly]\nreports = 1", "reports must be a text", ""),
        ("[[owner]]\nname = 'x'", "number 1: paths is missing", ""),
        ("[[owner]]\nname = 'x'\npaths = []", "paths must not be an empty list", ""),
        ("[[owner]]\nname = 'x'\npath = 'y'", "unknown key 'path'", "did you mean 'paths'"),
        ("[nightly]\nlog_file = 1", "log_file must be a text", ""),
        ("[notify]\nwebhook_url = 'x'", "unknown key 'webhook_url'", "did you mean 'webhook"),
        ("[notify]\nwebhook = 'irc'", "webhook = 'irc'", "generic, slack, teams"),
        ("[notify]\nsmtp_security = 'ssl'", "smtp_security = 'ssl'", "none, starttls, tls"),
        ("[notify]\nemail = 'a@b.example'", "smtp_host is missing", ""),
        ("[notify]\nemail = []", "email must not be an empty list", ""),
        ("[notify]\nsmtp_host = 'x'\nemail = ['a@b.example', 'b']", "'b' is not an e-mail address", ""),
        ('[notify]\nemail_from = "a@b.example\\r\\nBcc: x@y.example"', "is not an e-mail address", ""),
        ("[notify]\nsmtp_port = 70000", "smtp_port must be at most 65535", ""),
        ("[notify]\nnames = 'no'", "names must be true or false", ""),
        ("[nightly]\nmax_read_rate = '200MB'", "max_read_rate must be a rate such as 200MB/s", ""),
        ("[nightly]\nmax_read_rate = 200", "max_read_rate must be a text", ""),
        ("[nightly]\nuntil = '6:00'", "until must be a time of day such as 06:00", ""),
        ("[nightly]\nuntil = '24:00'", "until must be a time of day", ""),
        ("[nightly]\nnice = 10", "nice must be true or false", ""),
        ("[[storage]]\nname='a'\npath='/a'\nmax_read_rate = '0MB/s'", "number 1: max_read_rate must be a rate", ""),
        ("[checkpoints]\nfolder = '/a'", "[checkpoints]: key is missing", ""),
        ("[checkpoints]\nfolders = '/a'", "unknown key 'folders'", "did you mean 'folder'"),
        ("jobs = 1\njobs = 2", "not valid TOML", ""),
        ("jobs =", "not valid TOML", "correct the line"),
    ],
)
def test_a_bad_config_stops_the_run_and_says_why(text: str, says: str, hint: str) -> None:
    with pytest.raises(UsageError) as complaint:
        parse(text)
    assert says in complaint.value.message
    assert complaint.value.message.startswith("config x.toml")
    assert hint in complaint.value.hint
    assert complaint.value.exit_code == 2


def write(path: Path, jobs: int) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"jobs = {jobs}\ncatalogue = 'named{jobs}.db'\n")
    return str(path)


def test_which_config_counts(tmp_path: Path) -> None:
    users = write(Path(settings.find_default_config()), 11)
    by_environment = write(tmp_path / "e.toml", 12)
    given_by_user = write(tmp_path / "g.toml", 13)
    environment = {settings.CONFIG_VARIABLE: by_environment}
    assert settings.load(given_by_user, environment=environment).jobs == 13
    assert settings.load(environment=environment).jobs == 12
    assert settings.load(environment={settings.CONFIG_VARIABLE: ""}).jobs == 11
    assert settings.load(environment={}).config == users


def test_which_catalogue_counts(tmp_path: Path) -> None:
    config = write(tmp_path / "c.toml", 1)
    environment = {settings.CATALOGUE_VARIABLE: str(tmp_path / "env.db")}
    assert settings.load(config, "/given.db", environment).catalogue == "/given.db"
    assert settings.load(config, None, environment).catalogue == str(tmp_path / "env.db")
    assert settings.load(config, None, {}).catalogue == str(tmp_path / "named1.db")
    assert settings.load(environment={}).catalogue == settings.find_default_catalogue()


def test_checkpoints_are_those_of_the_catalogue_of_the_config(tmp_path: Path) -> None:
    config = tmp_path / "c.toml"
    config.write_text("catalogue = 'own.db'\n[checkpoints]\nfolder = '/second'\nkey = 'key.pem'\n")
    own = settings.load(str(config), environment={})
    assert own.checkpoints == settings.Checkpoints("/second", str(tmp_path / "key.pem"))
    assert settings.load(str(config), str(tmp_path / "own.db"), {}).checkpoints == own.checkpoints
    assert settings.load(str(config), "/other.db", {}).checkpoints is None


def test_the_environment_of_the_process_is_the_usual_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(settings.CONFIG_VARIABLE, write(tmp_path / "c.toml", 9))
    monkeypatch.setenv(settings.CATALOGUE_VARIABLE, "/here.db")
    assert (settings.load().jobs, settings.load().catalogue) == (9, "/here.db")


def test_a_config_in_the_current_folder_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("provenance.toml", "config.toml", "pyproject.toml"):
        (tmp_path / name).write_text("jobs = 'planted'\n")
    monkeypatch.chdir(tmp_path)
    assert settings.load(environment={}).config is None


@pytest.mark.parametrize("named_by", ["argument", "environment"])
def test_a_config_that_is_named_but_not_there(tmp_path: Path, named_by: str) -> None:
    gone = str(tmp_path / "none.toml")
    with pytest.raises(UsageError, match="there is no config") as complaint:
        settings.load(gone if named_by == "argument" else None, environment={settings.CONFIG_VARIABLE: gone})
    assert "provenance init" in complaint.value.hint


def test_a_config_that_cannot_be_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "gone").symlink_to(tmp_path / "nothing")
    for path in (tmp_path, tmp_path / "pipe", tmp_path / "gone", "/dev/zero"):
        with pytest.raises(UsageError):
            settings.load(str(path), environment={})


def test_the_starter_is_the_defaults() -> None:
    assert parse(settings.render_starter()) == parse("")


def test_the_starter_names_every_key_with_its_default() -> None:
    """Every commented setting is valid, and taken by its word it changes nothing but what has no default."""
    lines = [
        re.sub(r"^# (?=\[\[(?:storage|mount|owner)\]\]$|\w+ = )", "", line)
        for line in settings.render_starter().splitlines()
    ]
    taken = parse("\n".join(lines))
    assert taken.limits == DEFAULT
    assert (taken.catalogue, taken.policies, taken.fail_on) == (parse("").catalogue, ("netflix",), Severity.BLOCK)
    assert (taken.nightly.formats, taken.trust_lists, len(taken.storages)) == (Nightly().formats, (), 1)
    keys = {*settings.KEYS, *settings.STORAGE_KEYS, *settings.NIGHTLY_KEYS, *settings.REPORT_KEYS, *settings.LIMIT_KEYS}
    keys |= {*settings.CLUSTER_KEYS, *settings.MOUNT_KEYS}
    keys |= {*settings.NOTIFY_KEYS, *settings.OWNER_KEYS}
    said = {line.split(" = ")[0].strip("[]") for line in lines}
    assert keys <= said


TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12).filter(str.strip)
PATH = TEXT.map(lambda text: "/" + text.replace("/", "").strip(".~") + "x")


@profile(max_examples=150, deadline=None)
@given(
    st.lists(
        st.builds(Storage, TEXT, PATH, st.sampled_from(Zone), st.lists(TEXT, max_size=2).map(tuple)),
        max_size=3,
        unique_by=(lambda row: row.name, lambda row: row.path),
    ),
    PATH,
    PATH,
)
def test_the_starter_comes_back_as_it_was_meant(storages: list[Storage], catalogue: str, reports: str) -> None:
    back = parse(settings.render_starter(storages, catalogue, reports))
    assert (back.storages, back.catalogue, back.nightly.reports) == (tuple(storages), catalogue, reports)


def test_a_name_that_is_no_text_cannot_stand_in_a_config() -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        settings.render_starter([Storage("a", "/mnt/caf\udce9")])


def test_every_limit_can_be_set() -> None:
    for field in dataclasses.fields(Limits):
        assert getattr(parse(f"[limits]\n{field.name} = 7").limits, field.name) == 7


def test_storages_named_on_the_command_line() -> None:
    named = ["editorial=/a/b", "editorial=/c/b", "archive=/c/d", "temp=/e/", "deliverable=/x=y", "archive=/mnt/archive"]
    rows = settings.parse_storages(named)
    assert rows == (
        Storage("editorial b", "/a/b", Zone.EDITORIAL),
        Storage("editorial b 2", "/c/b", Zone.EDITORIAL),
        Storage("archive d", "/c/d", Zone.ARCHIVE),
        Storage("temp e", "/e", Zone.TEMP),
        Storage("deliverable x=y", "/x=y", Zone.DELIVERABLE),
        Storage("archive", "/mnt/archive", Zone.ARCHIVE),
    )
    assert parse(settings.render_starter(rows)).storages == rows
    assert settings.parse_storage("temp=/") == Storage("temp /", "/", Zone.TEMP)


@pytest.mark.parametrize("inner", ["/mnt/show/out", "/mnt/show/./edit/../out", "{link}/out", "{link}"])
def test_storages_that_contain_each_other_are_refused(tmp_path: Path, inner: str) -> None:
    (tmp_path / "show" / "out").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "show")
    outer = str(tmp_path / "show") if "link" in inner else "/mnt/show"
    inner = inner.format(link=tmp_path / "link")
    for first, second in ((outer, inner), (inner, outer)):
        with pytest.raises(UsageError, match="lies inside storage") as refused:
            parse(f"[[storage]]\nname = 'one'\npath = '{first}'\n[[storage]]\nname = 'two'\npath = '{second}'\n")
        assert "'one'" in refused.value.message
        assert "'two'" in refused.value.message
        assert "do not contain each other" in refused.value.hint
        with pytest.raises(UsageError, match="lies inside storage"):
            settings.parse_storages([f"editorial={first}", f"deliverable={second}"])
    beside = parse("[[storage]]\nname = 'a'\npath = '/mnt/show'\n[[storage]]\nname = 'b'\npath = '/mnt/show2'\n")
    assert len(beside.storages) == 2


@pytest.mark.parametrize("named", ["", "/mnt/edit", "editorial=", "editorial= ", "=/mnt", "editorials=/mnt"])
def test_a_storage_without_zone_or_folder(named: str) -> None:
    with pytest.raises(UsageError, match="does not name a storage"):
        settings.parse_storages([named])


@pytest.mark.parametrize(("said", "unwanted"), [({}, False), ({"NO_COLOR": ""}, False), ({"NO_COLOR": "1"}, True)])
def test_colours(said: dict[str, str], unwanted: bool) -> None:
    assert settings.is_colour_refused(said) is unwanted


def test_secrets_in_the_environment() -> None:
    assert (
        settings.read_secret_variable(settings.PING_VARIABLE, {settings.PING_VARIABLE: " https://x/y\n"})
        == "https://x/y"
    )
    assert settings.read_secret_variable(settings.PING_VARIABLE, {}) == ""
