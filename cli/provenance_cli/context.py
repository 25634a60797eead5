"""From options to the `RunContext` that every workflow is given."""

from __future__ import annotations

import dataclasses
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from provenance import settings as config
from provenance_cli.logs import start_logging
from provenance_cli.printable import make_printable
from provenance_cli.progress import ProgressLine

if TYPE_CHECKING:
    from provenance.workflows.run import RunContext


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
    )


@contextmanager
def run_context(options: dict[str, Any], paths: Sequence[str] = (), *, is_night: bool = False) -> Iterator[RunContext]:
    """Set up a run. While it lasts, a progress line is on stderr if one is wanted, and a night adds to its log."""
    from provenance.workflows.run import RunContext, count_paths

    settings = load_settings(options)
    night_log = settings.nightly.log_file if is_night else None
    logged = start_logging(options.get("verbose") or 0, options.get("log_file"), night_log)
    with logged, ProgressLine(_wants(options)) as line:
        exclude = tuple(options.get("exclude") or ())
        context = RunContext(settings, datetime.now(UTC), exclude, line, _announce)
        if line.wanted and paths:
            threading.Thread(target=lambda: line.expect(*count_paths(context, paths)), daemon=True).start()
        yield context


def _announce(sentence: str) -> None:
    click.echo(f"provenance: {make_printable(sentence)}", err=True)


def _wants(options: dict[str, Any]) -> bool:
    """Whether a progress line is wanted: as asked, else on a terminal that no log is written to."""
    asked: bool | None = options.get("progress")
    if asked is not None:
        return asked
    return sys.stderr.isatty() and not options.get("quiet") and not options.get("verbose")
