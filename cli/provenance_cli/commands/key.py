"""`provenance key`."""

from __future__ import annotations

from typing import Any

import click

from provenance_cli import options as shared


@click.group("key", short_help="Keys that sign reports, and whose signatures you trust.")
def command() -> None:
    """Make and trust Ed25519 keys. They are PEM files that `openssl pkey` reads as well."""


@command.command("new")
@click.argument("file", metavar="FILE")
def new(file: str) -> int:
    """Write a new private key to FILE, readable by you alone. A file that is there is never overwritten.

    Keep it on a machine of yours and have a backup: whoever has the file can sign as you. Give others the public key,
    which `provenance key public FILE` prints, by a way that they trust: on paper, on the telephone, on your website.
    """
    from provenance.workflows.keys import make_key

    public = make_key(file)
    click.echo(f"wrote {file}; fingerprint of the public key: {public.fingerprint}", err=True)
    return 0


@command.command("public")
@click.argument("file", metavar="FILE")
def print_public(file: str) -> int:
    """Print the public key of the private key in FILE, as `openssl pkey -pubout` does."""
    from provenance.workflows.keys import load_key

    click.echo(load_key(file).public.pem, nl=False)
    return 0


@command.command("trust")
@click.argument("file", metavar="PUB.pem")
@click.option("--name", required=True, help="The person or company that holds the key.")
@shared.config
def trust(file: str, name: str, **options: Any) -> int:
    """Take the public key in PUB.pem for that of a person or company, in every later `verify`.

    Compare its fingerprint with the holder first. A key that came with the report proves nothing.
    """
    from provenance.workflows.keys import trust_key
    from provenance_cli.context import run_context

    with run_context(options) as context:
        key, is_new = trust_key(file, name, context)
    state = "trusted from now on" if is_new else "trusted already"
    click.echo(f"{state}: {name}, fingerprint {key.fingerprint}")
    return 0
