"""`provenance worker`."""

from __future__ import annotations

from typing import Any

import click

from provenance_cli import options as shared


@click.command("worker", short_help="Lend this machine: read files for runs on other machines.")
@click.argument("address")
@click.option("--name", metavar="NAME", help="Its name in messages. Default: that of the machine, and a number.")
@shared.certificates
@shared.config
@shared.jobs
@shared.trust_list
@shared.plugin
@shared.talk
def command(address: str, name: str | None, **options: Any) -> None:
    """Read files for every run that gives work to the scheduler at ADDRESS, tls://HOST:PORT.

    Runs until a signal comes. When the scheduler ends, or none is there for a minute, it ends with 4: have it started
    again by whatever starts it. It takes part in runs with the same version, trust lists, plug-ins and limits alone.
    Whoever holds a certificate of --tls-ca can run code on this machine.
    """
    from provenance.workflows.cluster import lend_machine
    from provenance_cli.context import run_context

    with run_context({**options, "cluster": address}) as context:
        lend_machine(context, name)
