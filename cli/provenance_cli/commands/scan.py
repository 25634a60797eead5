"""`provenance scan`."""

from __future__ import annotations

from typing import Any

import click

from provenance_cli import options as shared


@click.command("scan", short_help="The gate: is anything AI-made in this delivery, and may it pass?")
@click.argument("paths", nargs=-1, metavar="PATH...")
@shared.policy
@shared.fail_on
@click.option("--no-catalogue", is_flag=True, help="Judge the folder alone: use and remember nothing that was learned.")
@click.option("--marks-only", is_flag=True, help="Make no search: only what files say of themselves counts.")
@click.option(
    "--against",
    type=click.Choice(["generated", "all"]),
    default="generated",
    show_default=True,
    help="Known material to search for: generated only, or everything in the catalogue.",
)
@click.option(
    "--timeline",
    "timelines",
    multiple=True,
    metavar="FILE",
    help="A cut list: EDL, FCP 7 XML, FCPXML, AAF, OTIO, ALE, Avid bin, CPL. Repeatable.",
)
@shared.timeline_rate
@shared.look_for
@click.option("--fresh", is_flag=True, help="Read every file again, also those that did not change since last time.")
@click.option(
    "--since", "--baseline", "baseline", metavar="REPORT", help="Say what changed since an earlier report (JSON)."
)
@shared.files_from
@shared.exclude
@shared.output
@shared.gentle
@shared.cluster
@shared.everyday
def command(paths: tuple[str, ...], **options: Any) -> int:
    """Read PATHs as deliverables, judge them, print the findings and end with a code.

    \b
    0  clean                          1  findings at or above --fail-on
    2  wrong usage                    3  nothing found, but something could not be checked
    """  # noqa: D301 - click reads \b
    from provenance.model.vocabulary import SUSPECT, Origin, Severity
    from provenance.workflows.output import coverage_line, use_language
    from provenance.workflows.scan import ScanOptions, scan
    from provenance_cli.context import run_context
    from provenance_cli.output import choose_targets, write_all
    from provenance_cli.paths import collect_paths

    paths = collect_paths(paths, options["files_from"], ends_with_null=options["ends_with_null"])
    with run_context(options, paths) as context:
        wanted = choose_targets(options["format_name"], options["outputs"], is_summary=options["summary"])
        scan_options = ScanOptions(
            policies=options["policies"] or context.settings.policies,
            fail_on=Severity(options["fail_on"] or context.settings.fail_on),
            remember=not options["no_catalogue"],
            pictures=any(target.format.needs_thumbnails for target in wanted),
            marks_only=options["marks_only"],
            timelines=options["timelines"],
            timeline_rate=options["timeline_rate"],
            fresh=options["fresh"],
            baseline=options["baseline"],
            against=tuple(Origin) if options["against"] == "all" else SUSPECT,
        )
        verdict = scan(paths, scan_options, context)
    with use_language(context.settings.report.language):
        write_all(wanted, verdict.report)
    if not options["quiet"] and not any(
        target.is_text_on_stdout for target in wanted
    ):  # The text report ends with that very line.
        click.echo(coverage_line(verdict.report), err=True)
    return verdict.exit_code
