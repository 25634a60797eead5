"""`provenance known`."""

from __future__ import annotations

import os
from typing import Any

import click

from provenance_cli import options as shared
from provenance_cli.printable import make_printable


@click.group("known", short_help="Lists of known material: hand yours on without pictures, take in those of others.")
def command() -> None:
    """Exchange known material without the media.

    A list holds the fingerprints, origins and evidence of generated material, and no picture: a studio hands it to its
    vendors, and their deliveries are searched for material that they never had.
    """


_format = click.option(
    "--format",
    "format_name",
    type=click.Choice(["provenance", "pdq", "vpdq"]),
    default="provenance",
    show_default=True,
    help="pdq and vpdq: bare hashes, as ThreatExchange has them.",
)


@command.command("export")
@click.argument("file", metavar="FILE")
@click.option("--title", help="What the list is called. A newer list of one title replaces the older. Needed.")
@_format
@click.option("--sign", "key", metavar="KEY", help="Sign it with this private key: FILE.minisig and FILE.sig.")
@click.option(
    "--with-sound", is_flag=True, help="Include fingerprints of sound. Speech can be made audible again from them."
)
@shared.catalogue
@shared.config
@shared.talk
def export(file: str, title: str | None, format_name: str, key: str | None, *, with_sound: bool, **options: Any) -> int:
    """Write the list of all generated material that the catalogue has fingerprints of.

    It holds no pictures, prompts or sounds, but where points of a picture lie and what they look like: keep it as
    confidential as a description of the pictures. Material that is known from the lists of others is not in it.

    `--format pdq` writes a hash for each still, `--format vpdq` a folder FILE with a file for each clip. Neither has a
    title or a signature.
    """
    from provenance.workflows.known_lists import ExportOptions, export_list
    from provenance.workflows.sign import load_signer
    from provenance_cli.context import run_context
    from provenance_cli.output import write_pieces

    if format_name != "provenance":
        return _export_hashes(file, format_name, options)
    if not title:
        raise click.UsageError("Missing option '--title'.")
    signer = load_signer(key) if key else None
    with run_context(options) as context:
        files, count = export_list(ExportOptions(title, with_sound), signer, context)
    for ending, content in files.items():
        write_pieces(file + ending, [content])
    click.echo(f"wrote {file}: {count:,} {'asset' if count == 1 else 'assets'}, {len(files['']):,} bytes", err=True)
    return 0


def _export_hashes(file: str, format_name: str, options: dict[str, Any]) -> int:
    from provenance.workflows.known_lists import export_hashes
    from provenance_cli.context import run_context
    from provenance_cli.output import write_pieces

    with run_context(options) as context:
        files, count = export_hashes(format_name, context)
    if format_name == "vpdq":
        os.makedirs(file, exist_ok=True)
    for name, content in files.items():
        write_pieces(os.path.join(file, name) if name else file, [content])
    click.echo(f"wrote {file}: {count:,} {'asset' if count == 1 else 'assets'}", err=True)
    return 0


@command.command("import")
@click.argument("file", metavar="FILE")
@click.option("--key", metavar="PUB.pem", help="The public key that must have signed it. Default: any that you trust.")
@click.option("--unsigned", is_flag=True, help="Take a list without a signature. Anybody may have made it.")
@_format
@click.option("--title", help="What a list of bare hashes is called. Default: the name of the file.")
@shared.catalogue
@shared.config
@shared.talk
def take(file: str, key: str | None, format_name: str, title: str | None, *, unsigned: bool, **options: Any) -> int:
    """Take in a list, all of it or nothing: from then on, scans search for what is in it.

    It replaces an older list of its title, if the same key signed both. The same list again changes nothing.

    By a bare hash (`--format pdq`, `vpdq`) only whole pictures are found, and there is nothing to compare them with:
    such a match is `shares-content`. Hashes with a quality below 50 are passed over.

    \b
    0  taken in, or in force already      2  refused: not signed, unknown signer, older, or no list
    5  changed after it was signed
    """  # noqa: D301 - click reads \b
    from provenance.workflows.known_lists import import_hashes, import_list
    from provenance_cli.context import run_context

    passed_over = 0
    with run_context(options) as context:
        if format_name == "provenance":
            done = import_list(file, key, context, allows_unsigned=unsigned)
        else:
            done, passed_over = import_hashes(file, format_name, title, context, allows_unsigned=unsigned)
    if passed_over:
        click.echo(f"passed over for their quality: {passed_over:,} hashes", err=True)
    if not done.is_new:
        click.echo(make_printable(f"in force already: {done.event.label}"))
        return 0
    replaced = f", in place of the one made {done.replaced.made_at}" if done.replaced else ""
    click.echo(make_printable(f"taken in: {done.event.label}: {done.event.items:,} assets{replaced}"))
    return 0


@command.command("list")
@shared.catalogue
@shared.config
@shared.talk
def show(**options: Any) -> int:
    """Print the lists in force."""
    from provenance.workflows.known_lists import load_lists
    from provenance_cli.context import run_context

    with run_context(options) as context:
        lists = load_lists(context)
    for event in lists:
        click.echo(make_printable(f"{event.label}: {event.items:,} assets, taken in {event.entered_at}"))
        if event.key:
            click.echo(f"  fingerprint of the key: {event.key}")
    if not lists:
        click.echo("no list of known material is in force")
    return 0


@command.command("remove")
@click.argument("title", metavar="TITLE")
@shared.catalogue
@shared.config
@shared.talk
def remove(title: str, **options: Any) -> int:
    """Take a list out of force. What was found with its help before stays in the history."""
    from provenance.workflows.known_lists import remove_list
    from provenance_cli.context import run_context

    with run_context(options) as context:
        event = remove_list(title, context)
    click.echo(make_printable(f"not in force any more: {event.label}"))
    return 0
