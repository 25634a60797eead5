"""`provenance init`."""

from __future__ import annotations

import os

import click

from provenance_cli import options as shared


@click.command("init", short_help="Write a config to start from.")
@click.option(
    "--storage", "storages", multiple=True, metavar="ZONE=FOLDER", help="A folder for the nightly run. Repeatable."
)
@click.option("--reports", metavar="FOLDER", help="Where the nightly run leaves its reports.")
@shared.catalogue
@shared.config
def command(storages: tuple[str, ...], reports: str | None, catalogue: str | None, config: str | None) -> int:
    """Write a commented config. An existing one is never overwritten.

    \b
    provenance init --storage editorial=/mnt/show/edit --storage deliverable=/mnt/show/out --reports /mnt/show/reports
    """  # noqa: D301 - click reads \b
    from provenance import settings
    from provenance.errors import UsageError
    from provenance_cli.output import write_new

    place = config or settings.find_default_config()
    text = settings.render_starter(
        settings.parse_storages(storages),
        catalogue and os.path.abspath(catalogue),
        reports and os.path.abspath(reports),
    )
    if not write_new(place, text):
        raise UsageError(f"{place} is there already and was left alone", "edit it, or name another file with --config")
    click.echo(f"wrote {place}; edit it, then: provenance nightly --config {place}")
    return 0
