"""From options to the `RunContext` every run works at."""

from __future__ import annotations

import dataclasses
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from provenance import settings as config
from provenance_cli.progress import Line

if TYPE_CHECKING:
    from provenance.workflows.run import RunContext

QUIET_NAMES = ("CI",)


def settings_of(options: dict[str, Any]) -> config.Settings:
    """The settings, outweighed by what the command line says."""
    loaded = config.load(options.get("config"), options.get("catalogue"))
    lists = (os.path.abspath(path) for path in options.get("trust_lists") or ())
    return dataclasses.replace(
        loaded,
        jobs=options.get("jobs") or loaded.jobs,
        trust_lists=(*loaded.trust_lists, *lists),
        plugins=tuple(dict.fromkeys((*loaded.plugins, *(options.get("plugins") or ())))),
    )


@contextmanager
def desk(options: dict[str, Any], paths: Sequence[str] = ()) -> Iterator[RunContext]:
    """Set up a run; while it lasts a progress line stands on stderr, if one is wanted."""
    from provenance.workflows.pipeline import count
    from provenance.workflows.run import RunContext

    with Line(wanted=_progress_wanted(options)) as line:
        made = RunContext(settings_of(options), datetime.now(UTC), tuple(options.get("exclude") or ()), line)
        if line.wanted and paths:
            threading.Thread(target=lambda: line.expect(*count(made, paths)), daemon=True).start()
        yield made


def _progress_wanted(options: dict[str, Any]) -> bool:
    asked: bool | None = options.get("progress")
    if asked is not None:
        return asked
    return sys.stderr.isatty() and not options.get("quiet")
