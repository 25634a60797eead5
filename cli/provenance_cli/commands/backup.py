"""`provenance backup`."""

from __future__ import annotations

from typing import Any

import click

from provenance_cli import options as shared


@click.command("backup", short_help="A verified copy of the catalogue, while runs go on.")
@click.argument("file", metavar="FILE")
@shared.catalogue
@shared.config
@shared.talk
def command(file: str, **options: Any) -> int:
    """Copy the catalogue to FILE, which must not exist yet, and verify the copy.

    It is one moment of the catalogue, also while another run writes to it. To restore, put FILE in its place.
    """
    from provenance.workflows.backup import back_up
    from provenance_cli.context import run_context

    with run_context(options) as context:
        result = back_up(file, context)
    if not options["quiet"]:
        click.echo(f"wrote {file}: sound, {result.entries} ledger entries, head {result.head}")
    return 0
