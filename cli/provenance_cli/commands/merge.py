"""`provenance merge`."""

from __future__ import annotations

from typing import Any

import click

from provenance_cli import options as shared


@click.command("merge", short_help="Take shards that were read on many machines into the catalogue.")
@click.argument("files", nargs=-1, metavar="FILE...")
@click.option("--plan", "plan", metavar="PLAN", help="The plan: list missing shards, then note what has vanished.")
@shared.everyday
def command(files: tuple[str, ...], plan: str | None, **options: Any) -> int:
    """Take the shards in FILEs into the catalogue, in any order; one that is in already is passed over.

    Ends with 5 when a file is not whole, damaged or of another plan, of which nothing is taken; with 3 until all
    shards of the plan are in, or when something could not be checked.
    """
    from provenance.workflows.merge import describe_merge, merge
    from provenance.workflows.output import describe_comparison, stats_line
    from provenance_cli.context import run_context
    from provenance_cli.printable import make_printable

    with run_context(options) as context:
        result = merge(files, context, plan)
    for refused in result.refused:
        click.echo(f"provenance: {make_printable(refused.message)}\n  {refused.hint}", err=True)
    if not options["quiet"]:
        if result.taken:
            click.echo(f"learned {stats_line(result.stats)}", err=True)
        for sentence in describe_merge(result):
            click.echo(sentence, err=True)
        if comparison := describe_comparison(result.stats):
            click.echo(comparison, err=True)
        for trouble in result.stats.loose_troubles[:20]:
            click.echo(f"  {trouble.path!r}: {trouble.cause}: {trouble.detail}", err=True)
    return result.exit_code
