"""`provenance export`."""

from __future__ import annotations

from typing import Any

import click

from provenance_cli import options as shared


@click.command("export", short_help="The catalogue as flat tables, for databases and notebooks.")
@click.argument("folder", metavar="FOLDER")
@click.option(
    "--format",
    "format_name",
    default="csv",
    metavar="NAME",
    help="csv or parquet, which needs the extra `parquet`. Default: csv.",
)
@click.option(
    "--table",
    "tables",
    multiple=True,
    metavar="NAME",
    help="Only this table. Repeatable. Default: all.",
)
@shared.catalogue
@shared.config
@shared.talk
def command(folder: str, format_name: str, tables: tuple[str, ...], **options: Any) -> int:
    """Write the catalogue as flat tables into FOLDER, one file for each: assets.csv, evidence.csv and so on.

    It is one moment of the catalogue, also while another run writes to it. A table of an earlier export is replaced
    when the new one is whole. What was read, found and declared is there; verdicts are not: see `provenance report`.
    """
    from provenance.workflows.export import export_tables
    from provenance_cli.context import run_context
    from provenance_cli.output import write_pieces

    with run_context(options) as context:
        for file in export_tables(folder, format_name, tables, context):
            write_pieces(file.place, file.pieces)
            if not options["quiet"]:
                click.echo(f"wrote {file.place}: {file.rows:,} rows")
    return 0
