"""`provenance nightly`."""

from __future__ import annotations

from typing import Any

import click

from provenance_cli import options as shared
from provenance_cli.printable import make_printable


@click.command("nightly", short_help="The configured storage in one go: what came in, what changed, what is AI.")
@shared.policy
@click.option("--emptied", multiple=True, metavar="STORAGE", help="Most of STORAGE is gone on purpose. Repeatable.")
@click.option(
    "--only-changes",
    is_flag=True,
    help="Print only what the last finished night had not: no line when that is nothing. Other formats stay whole.",
)
@click.option("--test-notify", is_flag=True, help="Run no night, but send a test message over all that [notify] sets.")
@shared.look_for
@click.option("--until", metavar="HH:MM", help="End at this time of day; what is left comes the next night.")
@shared.output
@shared.gentle
@shared.cluster
@shared.everyday
def command(emptied: tuple[str, ...], only_changes: bool, test_notify: bool, **options: Any) -> int:
    """Read what is new or changed on every configured storage, judge the deliverables, and report the changes.

    With --until it ends at that time with a report of what it did: 0 then means that nothing was found so far.

    Safe to start twice: a second run ends with 6. Safe to kill: the next run goes on from what was committed,
    and its report tells everything since the last one that finished.
    Storages, zones, the folder for reports and who is told of a night come from the config; `provenance init` writes
    one.
    """
    from provenance.workflows.night_outcome import tell_of_night, try_channels
    from provenance.workflows.nightly import nightly
    from provenance.workflows.output import use_language
    from provenance_cli.context import run_context
    from provenance_cli.main import find_exit_code
    from provenance_cli.output import choose_targets, delete_old_reports, nightly_targets, write_all

    with run_context(options, is_night=True) as context:
        if test_notify:
            return _print_test(try_channels(context))
        wanted = choose_targets(
            options["format_name"], options["outputs"], is_summary=options["summary"], only_changes=only_changes
        )
        settings = context.settings
        with tell_of_night(context, find_exit_code) as night:
            wanted += nightly_targets(settings.nightly, context.now)
            policies = options["policies"] or settings.policies
            verdict = nightly(policies, night.context, emptied, night.announce_begin)
            with use_language(settings.report.language):
                write_all(wanted, verdict.report)
            delete_old_reports(settings.nightly)
            night.verdict = verdict
    return verdict.exit_code


def _print_test(problems: dict[str, str]) -> int:
    """One line for each channel; 4 when one of them did not take the message."""
    for name, problem in sorted(problems.items()):
        click.echo(make_printable(f"{name}: {problem or 'taken'}"))
    return 4 if any(problems.values()) else 0
