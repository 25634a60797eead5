"""`provenance show`."""

from __future__ import annotations

from typing import Any

import click

from provenance_cli import options as shared


@click.command("show", short_help="All that is known of one asset, in words.")
@click.argument("name", metavar="PATH|DIGEST")
@shared.catalogue
@shared.config
@shared.trust_list
@shared.talk
def command(name: str, **options: Any) -> int:
    """Print everything the catalogue knows of one asset: where it stands, what it says, what that means.

    DIGEST is `sha256:…` or its first eight or more digits.
    """
    from provenance.workflows.show import describe_asset
    from provenance_cli.context import run_context

    with run_context(options) as context:
        for line in describe_asset(name, context):
            click.echo(line)
    return 0
