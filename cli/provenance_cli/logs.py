"""Where the library's log goes: to stderr with `-v`, to a file with `--log-file`; that of nights to a file of theirs.

The library logs through standard `logging`: runs, decisions and lost workers at `info` and above, every file that is
begun and done at `debug`. A file that hangs is the last one begun and not done.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import click

from provenance.errors import UsageError
from provenance_cli.printable import make_printable

_LEVELS = (logging.WARNING, logging.INFO, logging.DEBUG)
"""Of what is printed without `-v`, with `-v`, and with `-vv`."""
_JSON_SUFFIXES = (".jsonl", ".json")


class _PlainText(logging.Formatter):
    """`2026-11-22T16:00:00Z warning provenance.intake.engines.local: …`, printable characters alone."""

    def format(self, record: logging.LogRecord) -> str:
        text = f"{_timestamp(record)} {record.levelname.lower()} {record.name}: {record.getMessage()}"
        # Names out of a hostile storage reach a terminal here.
        return "".join(character if character.isprintable() else f"\\x{ord(character):02x}" for character in text)


class _JsonLine(logging.Formatter):
    """One object a line: time, level, logger, message."""

    def format(self, record: logging.LogRecord) -> str:
        fields = {"time": _timestamp(record), "level": record.levelname.lower(), "logger": record.name}
        return json.dumps({**fields, "message": record.getMessage()}, ensure_ascii=True)


def _timestamp(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@contextmanager
def start_logging(verbose: int, log_file: str | None, night_log: str | None = None) -> Iterator[None]:
    """Send the log where it is wanted, as long as the run lasts. Raises `UsageError` for a file that cannot be written.

    `verbose`: 0 for nothing on stderr, 1 for runs and decisions, 2 for every file. A log file always has every
    file; its lines are JSON when its name ends in `.jsonl` or `.json`. `night_log` has runs and decisions alone, a few
    lines a night, so that it can be added to for years.
    """
    handlers: list[logging.Handler] = []
    if verbose:
        stream = logging.StreamHandler(sys.stderr)
        stream.setLevel(_LEVELS[min(verbose, 2)])
        stream.setFormatter(_PlainText())
        handlers.append(stream)
    if log_file:
        handlers.append(_open_file(log_file, "--log-file", logging.DEBUG))
    if night_log:
        handlers.append(_open_file(night_log, "log_file of [nightly]:", logging.INFO))
    logger = logging.getLogger("provenance")
    logger.propagate = False
    logger.setLevel(min((handler.level for handler in handlers), default=logging.CRITICAL))
    for handler in handlers:
        logger.addHandler(handler)
    try:
        yield
    finally:
        for handler in handlers:
            logger.removeHandler(handler)
            handler.close()


class _LogFile(logging.FileHandler):
    """A file that lines are added to. That it cannot be written any more is said once, and ends no run."""

    has_failed = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802 - the shape of every handler
        """Say it, instead of a traceback for each line."""
        if not self.has_failed:
            self.has_failed = True
            click.echo(f"provenance: the log {make_printable(self.baseFilename)} cannot be written any more", err=True)


def _open_file(path: str, option: str, level: int) -> logging.Handler:
    try:
        handler = _LogFile(path, encoding="utf-8", errors="backslashreplace")
    except OSError as fault:
        raise UsageError(f"{option} {path} cannot be written: {fault.strerror}", "name another file") from fault
    handler.setLevel(level)
    handler.setFormatter(_JsonLine() if path.endswith(_JSON_SUFFIXES) else _PlainText())
    return handler
