"""`provenance register`: the declared side. For now approvals."""

from __future__ import annotations

from typing import Any

import click

from provenance_cli import options as shared


@click.group("register", short_help="What was declared: approvals.")
def command() -> None:
    """Keep what people have declared: for now, approvals of single pieces of content."""


@command.group("add")
def add() -> None:
    """Add a declaration."""


@command.group("withdraw")
def withdraw() -> None:
    """Withdraw a declaration; it stays in the ledger."""


@add.command("approval")
@click.argument("what", metavar="PATH|NAME|DIGEST")
@click.option("--who", required=True, help="Who approves.")
@click.option("--reason", required=True, help="Why it may stand.")
@click.option("--reference", required=True, help="Where the approval itself is kept: letter, ticket, clearance number.")
@click.option("--expires", required=True, metavar="YYYY-MM-DD", help="The last day on which it counts.")
@click.option("--unseen", "is_unknown", is_flag=True, help="Approve content that the catalogue does not know yet.")
@shared.catalogue
@shared.config
def add_approval(
    what: str, who: str, reason: str, reference: str, expires: str, is_unknown: bool, **options: Any
) -> int:
    """Let one piece of content through until the approval expires. Findings on it stay, marked as waived.

    Name a file, an asset as a report prints it (`a.zip!b.psd!layer 3`), or a digest. A file is digested now: if it
    changes, the approval does not follow. It covers what is known of the content now; a finding that comes later needs
    another approval.
    """
    from provenance.workflows import register
    from provenance.workflows.output import describe_covered
    from provenance_cli.context import run_context

    with run_context(options) as context:
        bound = register.approve(what, who, reason, reference, expires, context, is_unknown=is_unknown)
    click.echo(f"approved until {bound.approval.expires}: {bound.approval.digest}")
    for line in describe_covered(bound.covers):
        click.echo(f"  covers {line}")
    if not bound.covers:
        click.echo(
            f"  {'covers what the first reading finds in it' if is_unknown else 'nothing is found in it so far'}"
        )
    return 0


@withdraw.command("approval")
@click.argument("what", metavar="PATH|NAME|DIGEST")
@click.option("--who", required=True, help="Who withdraws it.")
@click.option("--reason", required=True, help="Why.")
@shared.catalogue
@shared.config
def withdraw_approval(what: str, who: str, reason: str, **options: Any) -> int:
    """Let approvals of this content count no more."""
    from provenance.workflows import register
    from provenance_cli.context import run_context

    with run_context(options) as context:
        count = register.withdraw(what, who, reason, context)
    click.echo(f"withdrew {count} approval{'' if count == 1 else 's'}")
    return 0


@command.command("list")
@shared.catalogue
@shared.config
def list_approvals(**options: Any) -> int:
    """List approvals, and whether they count today."""
    from provenance.workflows import register
    from provenance_cli.context import run_context

    with run_context(options) as context:
        for line in register.list_approvals(context):
            click.echo(line)
    return 0
