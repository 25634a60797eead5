"""From options to the `RunContext` that every workflow is given."""

from __future__ import annotations

import dataclasses
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click

from provenance import settings as config
from provenance.errors import UsageError
from provenance.units import parse_rate
from provenance_cli.logs import start_logging
from provenance_cli.printable import make_printable
from provenance_cli.progress import ProgressLine

if TYPE_CHECKING:
    from provenance.workflows.run import RunContext


Value = TypeVar("Value")


def load_settings(options: dict[str, Any]) -> config.Settings:
    """The settings of the config, overridden by the command line."""
    loaded = config.load(options.get("config"), options.get("catalogue"))
    lists = (os.path.abspath(path) for path in options.get("trust_lists") or ())
    plugins = (*loaded.plugins, *(options.get("plugins") or ()))
    return dataclasses.replace(
        loaded,
        jobs=options.get("jobs") or loaded.jobs,
        trust_lists=(*loaded.trust_lists, *lists),
        plugins=tuple(dict.fromkeys(plugins)),
        look_for=tuple(dict.fromkeys((*loaded.look_for, *(options.get("look_for") or ())))),
        cluster=_choose_cluster(loaded.cluster, options),
    )


def _choose_cluster(configured: config.Cluster, options: dict[str, Any]) -> config.Cluster:
    """The cluster that the command line names, with its certificates, else those of the config."""
    given = {key: os.path.abspath(options[key]) for key in config.CLUSTER_KEYS if options.get(key)}
    return dataclasses.replace(
        configured,
        address=options.get("cluster"),
        falls_back=bool(options.get("cluster_fallback")),
        **given,
    )


@contextmanager
def run_context(options: dict[str, Any], paths: Sequence[str] = (), *, is_night: bool = False) -> Iterator[RunContext]:
    """Set up a run. While it lasts, a progress line is on stderr if one is wanted, and a night adds to its log."""
    from provenance.workflows.priority import lower_priority
    from provenance.workflows.run import RunContext, check_cluster, count_paths, find_end

    settings = load_settings(options)
    check_cluster(settings)
    manner = read_manner(options, settings.nightly if is_night else None)
    gentleness = settings.make_gentleness(manner.max_read_rate, drop_cache=manner.drop_cache)
    if manner.nice:
        lower_priority()
    now = datetime.now(UTC)
    night_log = settings.nightly.log_file if is_night else None
    logged = start_logging(options.get("verbose") or 0, options.get("log_file"), night_log)
    with logged, ProgressLine(_wants(options)) as line:
        exclude = tuple(options.get("exclude") or ())
        until = find_end(now, manner.until) if manner.until else None
        context = RunContext(settings, now, exclude, line, _announce, gentleness, until)
        if line.wanted and paths:
            threading.Thread(target=lambda: line.expect(*count_paths(context, paths)), daemon=True).start()
        yield context


def read_manner(options: dict[str, Any], nightly: config.Nightly | None) -> config.Nightly:
    """How the run shares storage and machine with others: as the command line says, else for a night as the config.

    Raises `UsageError` for a rate or a time that is none.
    """
    manner = nightly or config.Nightly(drop_cache=False)
    drop_cache = options.get("drop_cache")
    return dataclasses.replace(
        manner,
        max_read_rate=_parse(parse_rate, options, "max_read_rate", config.RATE_FORM) or manner.max_read_rate,
        nice=bool(options.get("nice")) or manner.nice,
        drop_cache=manner.drop_cache if drop_cache is None else drop_cache,
        until=_parse(config.parse_time, options, "until", config.TIME_FORM) or manner.until,
    )


def _parse(parse: Callable[[str], Value], options: dict[str, Any], name: str, form: str) -> Value | None:
    text = options.get(name)
    if text is None:
        return None
    try:
        return parse(text)
    except ValueError:
        option = f"--{name.replace('_', '-')}"
        raise UsageError(f"{option} {text!r} is not {form}", f"write {option} and {form}") from None


def _announce(sentence: str) -> None:
    click.echo(f"provenance: {make_printable(sentence)}", err=True)


def _wants(options: dict[str, Any]) -> bool:
    """Whether a progress line is wanted: as asked, else on a terminal that no log is written to."""
    asked: bool | None = options.get("progress")
    if asked is not None:
        return asked
    return sys.stderr.isatty() and not options.get("quiet") and not options.get("verbose")
