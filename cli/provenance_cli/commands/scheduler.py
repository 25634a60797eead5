"""`provenance scheduler`."""

from __future__ import annotations

from typing import Any

import click

from provenance_cli import options as shared


@click.command("scheduler", short_help="Bring runs and the workers of other machines together.")
@click.argument("address")
@shared.certificates
@shared.config
@shared.talk
def command(address: str, **options: Any) -> None:
    """Listen at ADDRESS, tls://HOST:PORT, for workers and for the runs that give them work.

    Runs until a signal comes. It reads nothing and keeps nothing. Whoever holds a certificate of --tls-ca can run code
    on every worker.
    """
    from provenance.workflows.cluster import run_scheduler
    from provenance_cli.context import run_context

    with run_context({**options, "cluster": address}) as context:
        run_scheduler(context)
