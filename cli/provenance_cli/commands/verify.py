"""`provenance verify`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from provenance.errors import UsageError
from provenance_cli import options as shared

if TYPE_CHECKING:
    from provenance.workflows.run import RunContext


@click.command("verify", short_help="Is the catalogue what was written into it, and a report what was signed?")
@click.argument("report", required=False, metavar="[REPORT]")
@click.argument("folder", required=False, metavar="[FOLDER]")
@click.option("--head", metavar="ENTRIES:HASH", help="A ledger head noted earlier: the ledger must still contain it.")
@click.option(
    "--checkpoint",
    metavar="FILE",
    help="A checkpoint of the ledger noted earlier: the ledger must still contain it. "
    "Default: all that lie in the folder of [checkpoints] in the config.",
)
@click.option(
    "--key", metavar="PUB.pem", help="The public key that must have signed. Default: any that `key trust` was given."
)
@click.option(
    "--tsa",
    "authorities",
    metavar="CA.pem",
    help="Certificates of the time-stamp authorities to trust. Default: the shipped list.",
)
@click.option("--format", "format_name", type=click.Choice(["text", "json"]), default="text", show_default=True)
@shared.catalogue
@shared.config
@shared.talk
def command(
    report: str | None,
    folder: str | None,
    head: str | None,
    checkpoint: str | None,
    key: str | None,
    authorities: str | None,
    format_name: str,
    **options: Any,
) -> int:
    """Check the catalogue, or a REPORT against its signature, the ledger and the delivered files in FOLDER.

    Without REPORT: the database, the chain of the ledger, and every stored row against the ledger. Repairs nothing.
    Ends with 0, or with 5 and the first thing that is wrong. Keep the head or a checkpoint in a second place: a ledger
    cut short together with its rows can only be seen against one noted before.

    REPORT is a bundle, a report with FILE.minisig and FILE.sig beside it, or a proof that `provenance prove` wrote.
    FOLDER is read whole: every file of it that changed, is gone or was added since is named.

    \b
    0  all agrees                     1  something does not agree
    3  nothing differs, but the signer is nobody whom --key or `key trust` names,
       or something could not be compared
    5  the ledger itself is damaged
    """  # noqa: D301 - click reads \b
    from provenance.workflows.verify_output import render_document, render_lines
    from provenance.workflows.verify_report import verify_report
    from provenance_cli.context import run_context

    with run_context(options) as context:
        if report is None:
            if key and not checkpoint:
                raise UsageError("--key is about a report or a checkpoint", "name one")
            if format_name == "text":
                return _verify_catalogue(context, head, checkpoint, key, is_quiet=options["quiet"])
            from provenance.workflows.verify import list_parts

            result = list_parts(context, head, checkpoint, key)
        elif head:
            raise UsageError("a report names the head of its ledger itself", "leave out --head")
        else:
            result = verify_report(report, folder, context, key=key, checkpoint=checkpoint, authorities=authorities)
    if format_name == "json":
        click.echo(render_document(result))
    else:
        for line in render_lines(result, is_quiet=options["quiet"]):
            click.echo(line)
    return result.exit_code


def _verify_catalogue(
    context: RunContext, head: str | None, checkpoint: str | None, key: str | None, *, is_quiet: bool
) -> int:
    """Say that the catalogue is sound; what is wrong with it is raised."""
    from provenance.workflows.verify import verify_catalogue

    verified = verify_catalogue(context, head, checkpoint, key)
    if not is_quiet:
        click.echo(f"sound: {verified.entries} ledger entries, head {verified.head}")
    return 0
