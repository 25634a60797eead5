"""`provenance ingest`."""

from __future__ import annotations

from typing import Any

import click

from provenance_cli import options as shared


@click.command("ingest", short_help="Learn what is there: digests and evidence into the catalogue.")
@click.argument("paths", nargs=-1, metavar="PATH...")
@click.option(
    "--zone",
    type=click.Choice(["editorial", "temp", "archive", "reference", "deliverable"]),
    default="editorial",
    show_default=True,
    help="What these folders are used for.",
)
@click.option(
    "--fingerprints",
    type=click.Choice(["none", "light", "full"]),
    help="What is kept to find it again. Default: full in temp, in reference and of marked material, else light.",
)
@shared.files_from
@shared.exclude
@shared.gentle
@shared.everyday
def command(paths: tuple[str, ...], zone: str, **options: Any) -> int:
    """Read PATHs into the catalogue. Gives no verdict: ends with 0, or with 3 when something could not be checked."""
    from provenance.model.asset import FingerprintLevel
    from provenance.model.vocabulary import Zone
    from provenance.workflows.ingest import ingest
    from provenance.workflows.output import describe_comparison, stats_line
    from provenance_cli.context import run_context
    from provenance_cli.paths import collect_paths

    paths = collect_paths(paths, options["files_from"], ends_with_null=options["ends_with_null"])
    with run_context(options, paths) as context:
        asked = options["fingerprints"]
        level = FingerprintLevel(asked) if asked else None
        stats = ingest(paths, Zone(zone), context, level)
    if not options["quiet"]:
        click.echo(f"learned {stats_line(stats)}", err=True)
        if comparison := describe_comparison(stats):
            click.echo(comparison, err=True)
        for pattern in stats.unmatched_excludes:
            click.echo(f"  --exclude {pattern!r} matched nothing", err=True)
        for trouble in stats.loose_troubles[:20]:
            click.echo(f"  {trouble.path!r}: {trouble.cause}: {trouble.detail}", err=True)
    return stats.exit_code
