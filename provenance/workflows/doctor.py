"""Is this installation fit to judge? Every answer comes with what to do about it."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from provenance import __version__
from provenance.catalogue.engine import describe_sqlite
from provenance.errors import ProvenanceError
from provenance.evidence import plugins
from provenance.model.evidence import TrustList
from provenance.settings import Settings
from provenance.signing import keys
from provenance.trust import count_days_since_issue
from provenance.workflows.checkpoints import read_exported
from provenance.workflows.components import OPTIONAL
from provenance.workflows.run import RunContext

_LIBRARIES = ("c2pa-python", "av", "pillow", "click", "xxhash", "defusedxml", "pebble", "pikepdf")
_OLD = 365
"""Days after which a trust list should be replaced."""


@dataclass(frozen=True, slots=True)
class Check:
    """One answer. `state` is `ok`, `old`, `none` (optional and missing) or `bad` (a scan would not work)."""

    name: str
    state: str
    detail: str


def run_checks(context: RunContext) -> Iterator[Check]:
    """Every check, one after the other; none of them raises."""
    yield Check("provenance", "ok", f"{__version__} on Python {platform.python_version()}, {platform.platform()}")
    yield from _libraries()
    yield _sqlite()
    yield from _trust(context)
    yield from _plugins(context)
    yield from _workers(context)
    yield from _places(context)


def _libraries() -> Iterator[Check]:
    for name in _LIBRARIES:
        yield Check(name, "ok", importlib.metadata.version(name))
    for module, (extra, what) in OPTIONAL.items():
        if importlib.util.find_spec(module):
            yield Check(module, "ok", importlib.metadata.version(module))
        else:
            yield Check(module, "none", f"not installed, no {what}; pip install 'provenance[{extra}]'")


def _sqlite() -> Check:
    used = describe_sqlite()
    described = f"{used.version} from {used.module}"
    if used.wal_reset_bug:
        return Check(
            "sqlite", "old", f"{described} can damage a catalogue that two programs write; pip install pysqlite3"
        )
    return Check("sqlite", "ok", described)


def _trust(context: RunContext) -> Iterator[Check]:
    try:
        store = context.load_trust_store()
    except ProvenanceError as error:
        yield Check("trust lists", "bad", f"{error.message}; {error.hint}")
        return
    for facts in store.lists:
        yield _check_list(facts, context.now.date())


def _check_list(facts: TrustList, today: date) -> Check:
    age = count_days_since_issue(facts, today)
    if age is None:
        return Check(f"trust list {facts.name}", "ok", f"states no date, sha256 {facts.sha256[:16]}…")
    detail = f"issued {facts.issued}, {age} days ago, sha256 {facts.sha256[:16]}…"
    frozen = "interim" in facts.name
    if age > _OLD and not frozen:
        return Check(f"trust list {facts.name}", "old", f"{detail}; name a newer one with --trust-list FILE")
    return Check(f"trust list {facts.name}", "ok", detail)


def _plugins(context: RunContext) -> Iterator[Check]:
    """Detectors of other people, installed or asked for. None is imported here; the workers load those that are on."""
    wanted, there = context.settings.plugins, plugins.find_plugins()
    for offer in there:
        kind = offer.group.removeprefix("provenance.").removesuffix("s")
        detail = f"{kind} of {offer.distribution}"
        if offer.name in wanted:
            yield Check(f"plug-in {offer.name}", "ok", f"{detail}, on")
        else:
            yield Check(f"plug-in {offer.name}", "none", f"{detail}, off; switch it on with --plugin {offer.name}")
    installed = {offer.name for offer in there}
    for name in wanted:
        if name not in installed:
            yield Check(f"plug-in {name}", "bad", "not installed; install it, or take it out of the settings")


def _workers(context: RunContext) -> Iterator[Check]:
    limits = context.settings.limits
    try:
        with context.start_engine(context.load_trust_store()) as engine:
            engine.self_test()
    except ProvenanceError as error:
        yield Check("workers", "bad", f"{error.message}; {error.hint}")
    else:
        yield Check("workers", "ok", f"{context.settings.jobs} worker processes; self-test passed")
    bound = f"{limits.worker_memory // 2**20} MiB"
    if sys.platform == "win32":
        bound = "no memory limit on this system"
    ends = "they end themselves within a second"
    if sys.platform == "linux":
        ends = "the kernel ends them"
    yield Check("isolation", "ok", f"processes of their own, {bound}; when the program is killed, {ends}; no sandbox")
    yield Check(
        "limits",
        "ok",
        f"{limits.base_seconds:.0f} s a file and 1 s more for every {limits.bytes_per_second // 2**20} MiB",
    )


def _places(context: RunContext) -> Iterator[Check]:
    settings = context.settings
    place = settings.catalogue
    if not os.path.exists(place):
        place += " (not there yet)"
    yield Check("catalogue", "ok", place)
    if settings.config:
        yield Check("config", "ok", settings.config)
    else:
        yield Check("config", "none", "none; write one with: provenance init")
    yield check_checkpoints(settings)


def check_checkpoints(settings: Settings) -> Check:
    """Whether the ledger is noted in a second place, and whether that is one."""
    name, place = "checkpoints", settings.checkpoints
    if place is None:
        return Check(
            name,
            "none",
            "no run leaves a checkpoint of this ledger; set [checkpoints] in the config that names the catalogue",
        )
    try:
        keys.load_private(place.key)
        count = len(read_exported(place))
    except ProvenanceError as error:
        return Check(name, "old", f"{error.message}; {error.hint}")
    if _find_device(place.folder) == _find_device(settings.catalogue):
        detail = f"{place.folder} is on the same disk as the catalogue: who can change one can change both"
        return Check(name, "old", detail)
    return Check(name, "ok", f"{place.folder}, {count} so far")


def _find_device(path: str) -> int:
    """The disk under a path, or under the folder that it would be made in."""
    while not os.path.exists(path):
        path = os.path.dirname(path)
    return os.stat(path).st_dev
