"""The figures of the last night as a file for the textfile collector of Prometheus' node exporter."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field

from provenance.errors import ProvenanceError

_PREFIX = "provenance_"
_MAX_FILE_SIZE = 64 * 1024
"""Bytes that are read of an earlier file; one has about two thousand."""
_READABLE = 0o644
"""The collector runs under another account."""
_SUCCESS = re.compile(rb"^provenance_last_success_timestamp_seconds ([0-9]{1,15}(?:\.[0-9]{1,9})?)$", re.MULTILINE)

_HELP = {
    "last_run_timestamp_seconds": "When the last night ended, whatever came of it.",
    "last_success_timestamp_seconds": "When the last night ended that finished: with exit code 0, 1 or 3.",
    "exit_code": "Exit code of the last night.",
    "duration_seconds": "How long it took.",
    "files": "Files of the last night, by what became of them.",
    "bytes_read": "Bytes of the files that it read.",
    "findings": "Findings that are not waived, by severity.",
    "troubles": "What could not be checked, by cause.",
    "catalogue_bytes": "Size of the catalogue.",
}


@dataclass(frozen=True, slots=True)
class Metrics:
    """What is written. What is None, or an empty mapping, is left out: it is not known."""

    ended_at: float
    """Seconds since 1970, UTC."""
    has_finished: bool
    exit_code: int
    duration: float
    files: Mapping[str, int] = field(default_factory=dict)
    bytes_read: int | None = None
    findings: Mapping[str, int] = field(default_factory=dict)
    troubles: Mapping[str, int] = field(default_factory=dict)
    catalogue_bytes: int | None = None


def write(metrics: Metrics, path: str) -> None:
    """Write the file beside its place, and rename it: a collector reads a whole one.

    A night that did not finish keeps the time of the last one that did. Raises `ProvenanceError`.
    """
    text = render(metrics, _read_last_success(path))
    folder = os.path.dirname(path)
    try:
        # The collector reads names that end in `.prom`; this one does not.
        descriptor, partial = tempfile.mkstemp(prefix=".provenance-", dir=folder)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(text.encode("ascii"))
            os.chmod(partial, _READABLE)
            os.replace(partial, path)
        except BaseException:
            os.unlink(partial)
            raise
    except OSError as fault:
        raise ProvenanceError(f"{path} was not written: {fault.strerror}", "check the folder") from fault


def render(metrics: Metrics, last_success: str | None = None) -> str:
    """The text of the file. `last_success`: what an earlier file says."""
    success = f"{metrics.ended_at:.0f}" if metrics.has_finished else last_success
    lines: list[str] = []
    _add(lines, "last_run_timestamp_seconds", f"{metrics.ended_at:.0f}")
    _add(lines, "last_success_timestamp_seconds", success)
    _add(lines, "exit_code", str(metrics.exit_code))
    _add(lines, "duration_seconds", f"{metrics.duration:.3f}")
    _add_each(lines, "files", "state", metrics.files)
    _add(lines, "bytes_read", None if metrics.bytes_read is None else str(metrics.bytes_read))
    _add_each(lines, "findings", "severity", metrics.findings)
    _add_each(lines, "troubles", "cause", metrics.troubles)
    _add(lines, "catalogue_bytes", None if metrics.catalogue_bytes is None else str(metrics.catalogue_bytes))
    return "".join(f"{line}\n" for line in lines)


def _add(lines: list[str], name: str, value: str | None) -> None:
    if value is not None:
        lines += [*_describe(name), f"{_PREFIX}{name} {value}"]


def _add_each(lines: list[str], name: str, label: str, values: Mapping[str, int]) -> None:
    if values:
        lines += _describe(name)
    for word, value in values.items():
        lines.append(f'{_PREFIX}{name}{{{label}="{word}"}} {value}')


def _describe(name: str) -> list[str]:
    return [f"# HELP {_PREFIX}{name} {_HELP[name]}", f"# TYPE {_PREFIX}{name} gauge"]


def _read_last_success(path: str) -> str | None:
    """The time of the last night that finished, as an earlier file says it; None when none does."""
    try:
        with open(path, "rb") as file:
            found = _SUCCESS.search(file.read(_MAX_FILE_SIZE))
    except OSError:
        return None
    return found[1].decode("ascii") if found else None
