"""Where results go: stdout, or files that are whole or not there."""

from __future__ import annotations

import errno
import os
import re
import shutil
import sys
import tempfile
from collections import ChainMap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from provenance import settings
from provenance.errors import ProvenanceError, UsageError

if TYPE_CHECKING:
    from provenance.model.report import Report
    from provenance.settings import Nightly
    from provenance.workflows.output import Format, TextPart

STDOUT = "-"
_NIGHT_REPORT = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{6})(\..+)")
"""Name of a report of a nightly run."""


@dataclass(frozen=True, slots=True)
class Target:
    """One format to one place."""

    format: Format
    place: str
    part: TextPart | None = None
    """Which part of the text report is wanted; None for all of it, and for other formats."""

    @property
    def is_text_on_stdout(self) -> bool:
        """Whether a person reads it right here."""
        return self.place == STDOUT and self.format.name == "text"


def write_all(wanted: Sequence[Target], report: Report) -> None:
    """Print to stdout, or write each file beside its place and then move it there."""
    for target in wanted:
        if target.is_text_on_stdout and sys.stdout.isatty():
            from provenance.workflows.output import TextPart, text_lines

            width = shutil.get_terminal_size((100, 24)).columns
            style = _apply_style if wants_colours() else None
            lines = text_lines(report, style, width, sys.stdout.encoding, target.part or TextPart.WHOLE)
            for line in lines:
                click.echo(line, color=wants_colours())
        elif target.place == STDOUT:
            for part in target.format.render(report):
                sys.stdout.buffer.write(part)
            sys.stdout.buffer.flush()
        else:
            write_whole(target.place, target.format, report)


def wants_colours() -> bool:
    """Whether stdout wants colours. They only repeat what the words say."""
    return sys.stdout.isatty() and not settings.is_colour_refused()


_STYLES: dict[str, dict[str, Any]] = {
    "block": {"fg": "red", "bold": True},
    "review": {"fg": "yellow", "bold": True},
    "note": {"fg": "cyan"},
    "waived": {"fg": "green"},
    "verdict": {"bold": True},
    "heading": {"bold": True, "underline": True},
    "path": {"bold": True},
    "faint": {"dim": True},
}


def _apply_style(role: str, text: str) -> str:
    return click.style(text, **_STYLES.get(role, {}))


def nightly_targets(nightly: Nightly, now: datetime) -> list[Target]:
    """The files that a nightly run leaves in the configured folder, `2026-11-22T030000.html` and the like."""
    if nightly.reports is None:
        return []
    try:
        os.makedirs(nightly.reports, exist_ok=True)
    except OSError as fault:
        raise UsageError(
            f"{nightly.reports} cannot hold reports: {fault.strerror}", "name another folder in [nightly] of the config"
        ) from fault
    stem = os.path.join(nightly.reports, now.strftime("%Y-%m-%dT%H%M%S"))
    known = _formats()
    targets = []
    for name in nightly.formats:
        found = _find_format(name, known)
        targets.append(Target(found, stem + found.suffix))
    return targets


def delete_old_reports(nightly: Nightly) -> None:
    """Delete the reports of all but the newest nights, where the settings say how many are kept.

    Only files whose names a nightly run gives are touched. One that cannot be deleted is named on stderr.
    """
    if nightly.reports is None or nightly.keep_reports is None:
        return
    suffixes = {member.suffix for member in _formats().values()}
    nights: dict[str, list[str]] = {}
    for name in os.listdir(nightly.reports):
        match = _NIGHT_REPORT.fullmatch(name)
        if match and match[2] in suffixes:
            nights.setdefault(match[1], []).append(name)
    for night in sorted(nights)[: -nightly.keep_reports]:
        for name in nights[night]:
            try:
                os.unlink(os.path.join(nightly.reports, name))
            except OSError as fault:
                click.echo(f"an old report could not be deleted: {name}: {fault.strerror}", err=True)


def _formats() -> Mapping[str, Format]:
    from provenance.workflows.output import Formats

    return Formats()


def choose_targets(
    format_name: str | None,
    outputs: Sequence[str],
    default: str = "text",
    *,
    is_summary: bool = False,
    only_changes: bool = False,
    more: Sequence[Format] = (),
) -> list[Target]:
    """What `--format`, `--output`, `--summary` and `--only-changes` ask for.

    `more`: formats that only this command has. Raises `UsageError` for an unknown format, and for two on stdout.
    """
    from provenance.workflows.output import TextPart

    known = ChainMap({member.name: member for member in more}, _formats())  # type: ignore[arg-type]  # only read
    chosen = [_target(output, format_name, known) for output in outputs]
    if not chosen:
        chosen = [Target(_find_format(format_name or default, known), STDOUT)]
    if is_summary and only_changes:
        raise UsageError("--summary and --only-changes are two parts of the text report", "name one of them")
    if is_summary:
        chosen = _cut_text(chosen, TextPart.SUMMARY, "--summary")
    elif only_changes:
        chosen = _cut_text(chosen, TextPart.NEWS, "--only-changes")
    if sum(target.place == STDOUT for target in chosen) > 1:
        raise UsageError("two formats for stdout", "name a file for all but one: --output html=report.html")
    for target in chosen:
        folder = os.path.dirname(os.path.realpath(target.place))
        if target.place != STDOUT and (os.path.isdir(target.place) or not os.path.isdir(folder) or not target.place):
            raise UsageError(
                f"{target.place!r} cannot be written: it is a folder, or its folder does not exist",
                "name a file to write",
            )
        if target.place == STDOUT and target.format.binary and sys.stdout.isatty():
            raise UsageError(
                f"{target.format.name} is not text", f"write it to a file: --output report{target.format.suffix}"
            )
    return chosen


def _cut_text(chosen: list[Target], part: TextPart, option: str) -> list[Target]:
    """The targets with the text report cut down to a part; stdout gets it when no target is text."""
    from provenance.workflows.output import text_format

    short = text_format(part)
    cut = []
    for target in chosen:
        if target.format.name == short.name:
            target = Target(short, target.place, part)
        cut.append(target)
    if cut != chosen:
        return cut
    if any(target.place == STDOUT for target in chosen):
        other = chosen[0].format.name
        raise UsageError(
            f"{option} is a part of the text report, and {other} was asked for on stdout",
            f"write that to a file: --output {other}=FILE {option}",
        )
    return [*chosen, Target(short, STDOUT, part)]


def _target(output: str, format_name: str | None, known: Mapping[str, Format]) -> Target:
    name, equals, place = output.partition("=")
    if equals and name in known:
        return Target(known[name], place)
    if format_name:
        return Target(_find_format(format_name, known), output)
    suffix = os.path.splitext(output)[1]
    for candidate in known.values():
        if suffix and candidate.suffix == suffix:
            return Target(candidate, output)
    raise UsageError(f"no format is known for {output!r}", f"say which: --output FORMAT={output}; {_choices(known)}")


def _find_format(name: str, known: Mapping[str, Format]) -> Format:
    if name not in known:
        raise UsageError(f"there is no format {name!r}", _choices(known))
    return known[name]


def _choices(known: Mapping[str, Format]) -> str:
    return f"formats: {', '.join(known)}"


def write_whole(place: str, printer: Format, report: Report) -> None:
    """Write a report file; an older one stays until the new one is complete on disk.

    Raises `ProvenanceError` when the folder is not there, not writable or full.
    """
    write_pieces(place, printer.render(report))


def write_pieces(place: str, pieces: Iterable[bytes]) -> None:
    """As `write_whole`, for any bytes."""
    try:
        if os.path.exists(place) and not os.path.isfile(place):  # a pipe or a device is written to, never replaced
            with open(place, "wb") as file:
                file.writelines(pieces)
            return
        place = os.path.realpath(place)
        descriptor, partial = tempfile.mkstemp(prefix=".provenance-", dir=os.path.dirname(place))
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.writelines(pieces)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(partial, 0o666 & ~_umask())
            os.replace(partial, place)
        except BaseException:
            os.unlink(partial)
            raise
    except OSError as fault:
        if fault.errno in (errno.ENOSPC, errno.EDQUOT):
            raise ProvenanceError(
                f"the disk is full: {place} was not written; an older file of that name is as it was",
                "free some space, or write to another disk; `provenance report` makes the report again without reading",
            ) from fault
        raise ProvenanceError(
            f"{place} was not written: {fault.strerror}", "check the folder and its free space"
        ) from fault


def _umask() -> int:
    """The user's mask for new files; asking for it means setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def write_new(place: str, text: str) -> bool:
    """Write a text file and its folders; False when something is there already."""
    try:
        os.makedirs(os.path.dirname(os.path.abspath(place)), exist_ok=True)
        with open(place, "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        return False
    except OSError as fault:
        raise ProvenanceError(f"{place} was not written: {fault.strerror}", "check the folder") from fault
    return True
