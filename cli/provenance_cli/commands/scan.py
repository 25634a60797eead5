"""`provenance scan`."""

from __future__ import annotations

from typing import Any

import click

from provenance_cli import options as shared


@click.command("scan", short_help="The gate: is anything AI-made in this delivery, and may it pass?")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@shared.policy
@shared.fail_on
@click.option("--no-catalogue", is_flag=True, help="Judge the folder alone: use and remember nothing that was learned.")
@click.option(
    "--against",
    type=click.Choice(["generated", "all"]),
    default="generated",
    show_default=True,
    help="What is looked for in them: known material that is or may be generated, or any that is known.",
)
@shared.exclude
@shared.output
@shared.everyday
def command(paths: tuple[str, ...], **options: Any) -> int:
    """Read PATHs as deliverables, judge them, print the findings and end with a code.

    \b
    0  clean                          1  findings at or above --fail-on
    2  wrong usage                    3  nothing found, but something could not be looked at
    """  # noqa: D301 - click reads \b
    from provenance.model.vocabulary import SUSPECT, Origin, Severity
    from provenance.workflows import pipeline
    from provenance_cli.desk import desk
    from provenance_cli.output import targets, write_all

    with desk(options, paths) as at:
        wanted = targets(options["format_name"], options["outputs"])
        verdict = pipeline.scan(
            paths,
            options["policy"] or at.settings.policy,
            Severity(options["fail_on"] or at.settings.fail_on),
            at,
            remember=not options["no_catalogue"],
            against=tuple(Origin) if options["against"] == "all" else SUSPECT,
            pictures=any(target.format.needs_thumbnails for target in wanted),
        )
    write_all(wanted, verdict.report)
    if not options["quiet"] and not any(target.is_note for target in wanted):  # the note ends with that very line
        click.echo(pipeline.coverage_line(verdict.report), err=True)
    return verdict.exit_code
