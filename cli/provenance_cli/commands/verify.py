"""`provenance verify`."""

from __future__ import annotations

from typing import Any

import click

from provenance_cli import options as shared


@click.command("verify", short_help="Is the catalogue what was written into it?")
@click.option("--head", metavar="ENTRIES:HASH", help="A ledger head noted earlier: the ledger must still contain it.")
@shared.catalogue
@shared.config
@shared.talk
def command(head: str | None, **options: Any) -> int:
    """Check the database, the chain of the ledger, and every stored row against the ledger. Repairs nothing.

    Ends with 0, or with 5 and the first thing that is wrong. Note the head it prints in a second place: a ledger cut
    short together with its rows can only be seen against a head noted before.
    """
    from provenance.workflows.verify import verify_catalogue
    from provenance_cli.context import run_context

    with run_context(options) as context:
        verified = verify_catalogue(context, head)
    if not options["quiet"]:
        click.echo(f"sound: {verified.entries} ledger entries, head {verified.head}")
    return 0
