"""`provenance doctor`."""

from __future__ import annotations

from typing import Any

import click

from provenance_cli import options as shared


@click.command("doctor", short_help="What is installed, what is missing, and how old the trust lists are.")
@shared.everyday
def command(**options: Any) -> int:
    """Check the installation and say what to do about it. Ends with 0, or with 2 when a scan would not work."""
    from provenance.workflows.doctor import run_checks
    from provenance_cli.context import run_context

    broken = 0
    with run_context(options) as context:
        for check in run_checks(context):
            click.echo(f"{check.state:<5} {check.name}: {check.detail}")
            broken += check.state == "bad"
    return 2 if broken else 0
