"""`provenance report`."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from provenance.errors import UsageError
from provenance_cli import options as shared

if TYPE_CHECKING:
    from provenance.workflows.report import OpenReport
    from provenance.workflows.sign import Signer
    from provenance.workflows.sign_pdf import PdfSigner
    from provenance_cli.output import Target

_COVER = ("production", "client", "deliverable", "issuer", "number")


@click.command("report", short_help="The dossier of what the catalogue knows, for legal.")
@click.option(
    "--for", "paths", multiple=True, metavar="PATH", help="Only what stands below PATH, judged as a deliverable."
)
@click.option("--since", metavar="YYYY-MM-DD", help="Only what was first seen on that day or later.")
@click.option(
    "--sign",
    "key",
    metavar="KEY",
    help="Sign every --output with this private key: FILE.minisig and FILE.sig; a bundle carries its own.",
)
@click.option(
    "--timestamp",
    metavar="URL|FILE",
    help="Ask this time-stamp authority (RFC 3161) for a stamp: the only thing that uses a network. Or take in a reply "
    "that was fetched elsewhere, for a report that was made already.",
)
@click.option(
    "--pades",
    "identity",
    metavar="PKCS12",
    help="Also sign a copy of the PDF with this certificate, inside the file: FILE.signed.pdf. Needs the extra pades.",
)
@click.option("--pades-password", metavar="FILE", help="A file with the password of --pades. Default: none, or ask.")
@shared.policy
@shared.catalogue
@shared.config
@shared.trust_list
@shared.output
@shared.cover
@shared.language
@shared.talk
def command(
    paths: tuple[str, ...],
    since: str | None,
    key: str | None,
    timestamp: str | None,
    identity: str | None,
    **options: Any,
) -> int:
    """Print what the catalogue knows, with evidence, coverage and limits. Opens no media, and says what changed since.

    Nothing is written to the catalogue. The same catalogue, pack, lists and time give the same bytes.

    \b
    provenance report --for DELIVERY --output html=report.html --output pdf=report.pdf
    provenance report --for DELIVERY --format bundle --output bundle.zip --sign KEY.pem
    """  # noqa: D301 - click reads \b
    from provenance.workflows.bundle import Bundle
    from provenance.workflows.output import use_language, with_cover
    from provenance.workflows.report import open_report
    from provenance.workflows.sign import load_signer
    from provenance.workflows.take_stamp import is_address
    from provenance_cli.context import run_context
    from provenance_cli.output import choose_targets, write_all

    wanted = choose_targets(options["format_name"], options["outputs"], is_summary=options["summary"], more=[Bundle()])
    if timestamp and not is_address(timestamp):
        _take_stamp(wanted, timestamp)
        return 0
    if timestamp and not key and not identity:
        raise UsageError("a time stamp is one on a signed report", "sign it: --sign KEY")
    pades = _load_pades(wanted, identity, options["pades_password"], timestamp) if identity else None
    signer = load_signer(key, timestamp) if key else None
    _require_files(wanted, signer)
    if since and any(isinstance(target.format, Bundle) for target in wanted):
        raise UsageError("a bundle is about a whole delivery", "leave out --since")
    with run_context(options) as context:
        pictures = any(target.format.needs_thumbnails for target in wanted)
        policies = options["policies"] or context.settings.policies
        language = options["language"] or context.settings.report.language
        cover = {field: options[field] for field in _COVER}
        with open_report(paths, since, policies, context, pictures=pictures) as opened, use_language(language):
            bound = []
            for target in wanted:
                if isinstance(target.format, Bundle):
                    target = dataclasses.replace(target, format=Bundle(opened, signer))
                bound.append(target)
            write_all(bound, with_cover(opened.report, cover))
            if signer:
                _sign_files(bound, signer, opened)
    if pades:
        _sign_pdfs(wanted, pades)
    return 0


def _load_pades(wanted: Sequence[Target], path: str, password_file: str | None, authority: str | None) -> PdfSigner:
    """Whoever signs PDFs. A password that nobody gave is asked for, where somebody is there to answer."""
    from provenance.workflows.sign_pdf import load_pdf_signer, needs_password, read_password
    from provenance_cli.output import STDOUT

    if not any(target.format.name == "pdf" and target.place != STDOUT for target in wanted):
        raise UsageError("--pades signs a PDF", "name one: --output pdf=report.pdf")
    password = read_password(password_file) if password_file else None
    if password is None and needs_password(path) and sys.stdin.isatty():
        password = click.prompt(f"password of {path}", hide_input=True, err=True)
    return load_pdf_signer(path, password, authority)


def _sign_pdfs(wanted: Sequence[Target], signer: PdfSigner) -> None:
    """Put a signed copy beside every PDF: the report itself stays the same bytes each time it is made."""
    from provenance.workflows.sign_pdf import sign_copy
    from provenance_cli.output import STDOUT, write_pieces

    for target in wanted:
        if target.format.name == "pdf" and target.place != STDOUT:
            place, signed = sign_copy(target.place, signer)
            write_pieces(place, [signed])


def _require_files(wanted: Sequence[Target], signer: Signer | None) -> None:
    from provenance_cli.output import STDOUT

    if signer and any(target.place == STDOUT for target in wanted):
        raise UsageError("a signature lies beside a file", "name one: --output pdf=report.pdf --sign KEY")


def _take_stamp(wanted: Sequence[Target], path: str) -> None:
    """Take a reply in. The report is there already and is not made again: its time would be another."""
    from provenance.workflows.bundle import Bundle
    from provenance.workflows.sign import STAMP
    from provenance.workflows.take_stamp import read_reply, take_beside, take_into_bundle
    from provenance_cli.output import STDOUT, write_pieces

    if len(wanted) != 1 or wanted[0].place == STDOUT:
        raise UsageError("a time stamp is of one report", "name it with --output")
    place, reply = wanted[0].place, read_reply(path)
    if isinstance(wanted[0].format, Bundle):
        write_pieces(place, take_into_bundle(place, reply))
    else:
        write_pieces(place + STAMP, [take_beside(place, reply)])


def _sign_files(wanted: Sequence[Target], signer: Signer, opened: OpenReport) -> None:
    """Put the signature files beside every report but a bundle."""
    from provenance.workflows.bundle import Bundle
    from provenance.workflows.sign import sign_file
    from provenance_cli.output import write_pieces

    for target in wanted:
        if not isinstance(target.format, Bundle):
            for ending, content in sign_file(signer, target.place, opened).items():
                write_pieces(f"{target.place}{ending}", [content])
