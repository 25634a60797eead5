"""`provenance ingest`."""

from __future__ import annotations

from typing import Any

import click

from provenance_cli import options as shared


@click.command("ingest", short_help="Learn what is there: digests and evidence into the catalogue.")
@click.argument("paths", nargs=-1, metavar="PATH...")
@shared.zone
@shared.fingerprints
@shared.look_for
@shared.files_from
@shared.exclude
@click.option("--plan", metavar="PLAN", help="Read a shard of this plan instead of PATHs, and write to no catalogue.")
@click.option("--shard", metavar="K/N", help="Which one, from 1; env: the one that $SLURM_ARRAY_TASK_ID names.")
@click.option("--out", metavar="FILE", help="Where the shard goes, for merge. Goes on from FILE.part if that is there.")
@shared.gentle
@shared.cluster
@shared.everyday
def command(paths: tuple[str, ...], zone: str, **options: Any) -> int:
    """Read PATHs into the catalogue. Gives no verdict: ends with 0, or with 3 when something could not be checked."""
    if any(options[name] is not None for name in ("plan", "shard", "out")):
        return _read_shard(options)
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


_OF_THE_PLAN = ("paths", "zone", "fingerprints", "look_for", "files_from", "ends_with_null", "exclude", "catalogue")
"""What a plan has settled, or what reading a shard of it does not need."""


def _read_shard(options: dict[str, Any]) -> int:
    from provenance import settings
    from provenance.units import format_count
    from provenance.workflows.output import stats_line
    from provenance.workflows.shard import choose_shard, read_shard
    from provenance_cli.context import run_context
    from provenance_cli.progress import ProgressLine

    for name in ("plan", "shard", "out"):
        if options[name] is None:
            raise click.UsageError(f"--{name} is missing: write --plan PLAN --shard K/N --out FILE.")
    invocation = click.get_current_context()
    for name in _OF_THE_PLAN:
        if invocation.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE:
            shown = "PATH" if name == "paths" else f"--{name.replace('_', '-')}"
            raise click.UsageError(f"{shown} does not go with --plan: the plan says what is read and how.")
    choice = choose_shard(options["plan"], options["shard"], settings.read_task())
    with run_context(options) as context:
        if isinstance(context.progress, ProgressLine):
            context.progress.expect(*choice.total)
        result = read_shard(choice, options["out"], context)
    if not options["quiet"]:
        if result.was_whole:
            click.echo(f"{options['out']} is whole already; nothing was read", err=True)
        else:
            again = f"; {format_count(result.went_on, 'item')} read by an earlier attempt" if result.went_on else ""
            of = f"shard {choice.number} of {choice.plan.header.shards}"
            click.echo(f"read {of}: {stats_line(result.stats)}{again}", err=True)
    return result.exit_code
