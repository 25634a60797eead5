"""`provenance mhl`."""

from __future__ import annotations

from typing import Any

import click

from provenance_cli import options as shared


@click.group("mhl", short_help="Hash lists of a folder, for whoever receives it.")
def command() -> None:
    """Write ASC MHL histories. `scan` verifies the ones that it finds."""


@command.command("write")
@click.argument("folder", metavar="FOLDER")
@click.argument("destination", metavar="[DEST]", required=False)
@shared.everyday
def write(folder: str, destination: str | None, **options: Any) -> int:
    """Digest every file below FOLDER and add a generation to its ASC MHL history.

    It is written into FOLDER/ascmhl, or DEST/ascmhl. Folders inside that have a history of their own get a generation
    too. No other command writes into a folder that it is given.

    \b
    0  written      1  a file is not what an earlier generation lists, or is not there any more
    3  written, but a file could not be read
    """  # noqa: D301 - click reads \b
    from provenance.workflows.mhl import write_generation
    from provenance_cli.context import run_context

    with run_context(options, [folder]) as context:
        written = write_generation(folder, destination, context)
    count = len(written.entries)
    click.echo(f"{written.manifest}: {count:,} {'file' if count == 1 else 'files'}")
    for entry in written.entries:
        if entry.is_failed:
            click.echo(f"differs from an earlier generation: {entry.file.path}", err=True)
    for path in written.missing:
        click.echo(f"not there any more: {path}", err=True)
    for trouble in written.troubles:
        click.echo(f"could not be read: {trouble.path}: {trouble.detail}", err=True)
    return written.exit_code
