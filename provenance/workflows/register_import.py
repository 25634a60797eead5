"""Files of the register -> entries, all of them or none."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from provenance import toml_table
from provenance.errors import UsageError
from provenance.intake.engines.local import LocalEngine
from provenance.intake.jobs import ReadTable, TableRead
from provenance.intake.worker import WorkerContext
from provenance.model.declaration import Flaw, Sheet
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause
from provenance.policy.register_rows import FileFlaw, ReadRows, TableOptions, load_kinds, read_rows
from provenance.workflows.register import EnterResult, enter, require_catalogue
from provenance.workflows.run import RunContext

__all__ = ["TableOptions"]


def import_files(
    files: Sequence[str],
    options: TableOptions,
    context: RunContext,
    *,
    allows_unknown: bool = False,
    is_dry: bool = False,
) -> EnterResult:
    """Enter every row of every file, or none. Raises `UsageError` that names all wrong rows.

    `is_dry`: only say what would be entered.
    """
    require_catalogue(context, allows_unknown=allows_unknown and not is_dry)
    read = ReadRows()
    for file, sheets in _read_tables(files, context, read).items():
        stem = os.path.splitext(os.path.basename(file))[0]
        read_rows(file, stem, sheets, options, read)
    with context.open_catalogue(write=not is_dry) as catalogue:
        result = enter(read.rows, read, catalogue, context, allows_unknown=allows_unknown, is_dry=is_dry)
    result.notes[:0] = read.passed_over
    return result


def _read_tables(files: Sequence[str], context: RunContext, read: ReadRows) -> dict[str, tuple[Sheet, ...]]:
    """By file: its tables, read in a worker. What cannot be read is a flaw."""
    jobs = {}
    for file in dict.fromkeys(files):
        path = os.path.realpath(file)
        if not os.path.isfile(path):
            raise UsageError(f"there is no file {file}", "name a TOML, CSV or XLSX file")
        jobs[ReadTable(os.fsencode(path), os.path.getsize(path))] = file
    tables: dict[str, tuple[Sheet, ...]] = {}
    worker = WorkerContext(context.settings.limits, context.load_trust_store())
    with LocalEngine(1, worker) as engine:
        for job, outcome in engine.run(jobs):
            file = jobs[job]  # type: ignore[index]  # a job of ours
            troubles = outcome.troubles if isinstance(outcome, TableRead) else (outcome,)
            for trouble in troubles:
                assert isinstance(trouble, Trouble)
                read.flaws.append(FileFlaw(file, _explain(trouble)))
            tables[file] = outcome.sheets if isinstance(outcome, TableRead) else ()
    # Outcomes come in the order in which they end.
    return {file: tables[file] for file in jobs.values()}


def _explain(trouble: Trouble) -> Flaw:
    remedies = {
        Cause.OVERSIZED: "split it, or save it again without what is not needed",
        Cause.UNSUPPORTED: "save it as TOML, CSV or XLSX",
        Cause.NOT_INSTALLED: "or save it as CSV UTF-8",
        Cause.UNREADABLE: "check the path and the permissions",
    }
    remedy = remedies.get(trouble.cause, "correct it, or save it again in the program that made it")
    return Flaw("", "", f"cannot be read: {trouble.detail}", remedy)


def load_columns(path: str | None) -> Mapping[str, str]:
    """By header: the field that a file of columns maps it to; an empty text leaves the column out.

    Raises `UsageError` for a field of no kind.
    """
    if path is None:
        return {}
    table = toml_table.parse(toml_table.read_bytes(path), f"columns {path}")
    fields = sorted({field.name for kind in load_kinds().values() for field in kind.fields})
    columns: dict[str, str] = {}
    for header, name in table.values.items():
        if not isinstance(name, str):
            raise table.make_error(header, "must be the name of a field, or an empty text to leave the column out")
        if name and name not in fields:
            raise UsageError(f"{table.where}: {header} is mapped to {name!r}", toml_table.suggest(name, fields))
        columns[header] = name
    return columns
