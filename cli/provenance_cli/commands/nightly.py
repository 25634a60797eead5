"""`provenance nightly`."""

from __future__ import annotations

from typing import Any

import click

from provenance_cli import options as shared


@click.command("nightly", short_help="The configured storage in one go: what came in, what changed, what is AI.")
@shared.policy
@click.option("--emptied", multiple=True, metavar="STORAGE", help="Most of STORAGE is gone on purpose. Repeatable.")
@shared.output
@shared.everyday
def command(emptied: tuple[str, ...], **options: Any) -> int:
    """Read what is new or changed on every configured storage, judge the deliverables, and report the changes.

    Safe to start twice: a second run ends with 6. Safe to kill: the next run goes on from what was committed,
    and its report tells everything since the last one that finished.
    Storages, zones and the folder for reports come from the config; `provenance init` writes one.
    """
    from provenance.workflows.nightly import nightly
    from provenance.workflows.output import use_language
    from provenance_cli.context import run_context
    from provenance_cli.output import choose_targets, delete_old_reports, nightly_targets, write_all

    with run_context(options) as context:
        wanted = choose_targets(options["format_name"], options["outputs"], is_summary=options["summary"])
        wanted += nightly_targets(context.settings.nightly, context.now)
        verdict = nightly(options["policies"] or context.settings.policies, context, emptied)
    with use_language(context.settings.report.language):
        write_all(wanted, verdict.report)
    delete_old_reports(context.settings.nightly)
    return verdict.exit_code
