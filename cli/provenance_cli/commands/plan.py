"""`provenance plan`."""

from __future__ import annotations

from typing import Any

import click

from provenance_cli import options as shared


@click.command("plan", short_help="Divide what is to be read into shards, for a render farm.")
@click.argument("paths", nargs=-1, metavar="PATH...")
@click.option("--shards", type=click.IntRange(1, 100_000), required=True, metavar="N", help="Number of shards.")
@click.option("--out", required=True, metavar="PLAN", help="The plan to write; it must not be there yet.")
@shared.zone
@shared.fingerprints
@shared.look_for
@click.option("--catalogue", metavar="FILE", help="Leave out what FILE knows and is unchanged; then merge into FILE.")
@shared.files_from
@shared.exclude
@shared.config
@shared.trust_list
@shared.plugin
@shared.talk
def command(paths: tuple[str, ...], zone: str, shards: int, out: str, **options: Any) -> int:
    """Walk PATHs and write a plan of N shards. Opens no media.

    Then `ingest --plan PLAN --shard K/N --out FILE` reads each shard on any machine, and `merge` takes the files into a
    catalogue. Ends with 3 when a folder could not be listed: no shard will hold what is in it.
    """
    from provenance.model.asset import FingerprintLevel
    from provenance.model.vocabulary import Zone
    from provenance.units import format_bytes, format_count
    from provenance.workflows.plan import plan
    from provenance_cli.context import run_context
    from provenance_cli.paths import collect_paths

    paths = collect_paths(paths, options["files_from"], ends_with_null=options["ends_with_null"])
    asked = options["fingerprints"]
    with run_context(options) as context:
        level = FingerprintLevel(asked) if asked else None
        made = plan(paths, Zone(zone), shards, out, context, level, options["catalogue"])
    header = made.header
    if not options["quiet"]:
        files, size = sum(row.files for row in header.sections[1:]), sum(row.size for row in header.sections)
        left_out = f"; {header.left_out:,} unchanged and left out" if header.catalogue is not None else ""
        shown = format_count(header.shards, "shard")
        click.echo(f"planned {format_count(files, 'file')} ({format_bytes(size)}) in {shown}{left_out}", err=True)
        for pattern in header.unmatched_excludes:
            click.echo(f"  --exclude {pattern!r} matched nothing", err=True)
        for trouble in made.troubles[:20]:
            click.echo(f"  {trouble.path!r}: {trouble.cause}: {trouble.detail}", err=True)
    return made.exit_code
