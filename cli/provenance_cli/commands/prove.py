"""`provenance prove`."""

from __future__ import annotations

from typing import Any

import click

from provenance_cli import options as shared


@click.command("prove", short_help="Show one entry of the ledger, with proof, and no other.")
@click.argument("entry", metavar="ENTRY")
@click.option(
    "--sign", "key", metavar="KEY", help="Sign a checkpoint of the ledger as it is now with this private key."
)
@click.option("--checkpoint", metavar="FILE", help="Prove it against this checkpoint of the ledger.")
@click.option("--output", metavar="FILE", required=True, help="Write the proof to FILE, best ending in .tlog-proof.")
@shared.catalogue
@shared.config
@shared.talk
def command(entry: str, key: str | None, checkpoint: str | None, output: str, **options: Any) -> int:
    """Write a proof that one ENTRY is in the ledger: a small text file that shows that entry and no other row.

    ENTRY is `KIND:ID` of an entry of the register (`approval:a1`), the digest of an approved content, or the number of
    an entry. `provenance verify FILE --key PUB.pem` checks the proof, without this catalogue.

    \b
    provenance prove approval:a1 --sign KEY.pem --output a1.tlog-proof
    """  # noqa: D301 - click reads \b
    from provenance.workflows.prove import prove
    from provenance_cli.context import run_context
    from provenance_cli.output import write_pieces

    with run_context(options) as context:
        proof = prove(entry, context, key, checkpoint)
    write_pieces(output, [proof.raw])
    if not options["quiet"]:
        shown = "with its row" if proof.is_row_shown else "without its row, which has changed since"
        click.echo(f"wrote {output}: entry {proof.number}, {shown}", err=True)
    return 0
