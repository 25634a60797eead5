"""Signatures of reports: beside a file, or over the list of everything in a bundle."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from dataclasses import dataclass

from provenance.catalogue.store import Catalogue
from provenance.errors import UsageError
from provenance.signing import ask_authority, keys, minisign
from provenance.signing.keys import SigningKey
from provenance.signing.seal import Seal
from provenance.workflows.checkpoints import make_checkpoint
from provenance.workflows.report import OpenReport

Stamper = Callable[[bytes], bytes]
"""Gives the RFC 3161 reply of a time-stamp authority for some content."""
MINISIG, RAW, STAMP = ".minisig", ".sig", ".tsr"
"""Endings of the files beside a signed one: minisign's, the 64 bytes for openssl, the time stamp."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs a report, and who says when."""

    key: SigningKey
    stamper: Stamper | None = None


def load_signer(path: str, authority: str | None = None) -> Signer:
    """The signer with the private key in a file, and the address of a time-stamp authority to ask.

    Raises `UsageError` for a key that others may read.
    """
    stamper = functools.partial(ask_authority.ask, authority) if authority else None
    return Signer(keys.load_private(path), stamper)


def make_seal(catalogue: Catalogue, made_at: str) -> Seal:
    """What is signed together with a report that is made from this catalogue as it is now."""
    state = catalogue.ledger
    return Seal(made_at, make_checkpoint(state), state.head)


def sign(signer: Signer, content: bytes, seal: Seal) -> dict[str, bytes]:
    """Sign the content of a file together with a seal. Gives the files to put beside it, by ending."""
    signed = minisign.sign(signer.key, content, seal.comment)
    files = {MINISIG: minisign.render(signed), RAW: signed.signature}
    if signer.stamper:
        files[STAMP] = signer.stamper(content)
    return files


def sign_file(signer: Signer, path: str, opened: OpenReport) -> dict[str, bytes]:
    """Sign a report as it is on disk. Gives the files to put beside it, by ending."""
    if not os.path.isfile(path):
        # A pipe or a device gives nothing back that could be signed.
        raise UsageError(f"{path} is not a file that a signature could lie beside", "write the report to a file")
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError as fault:
        raise UsageError(f"{path} cannot be read to be signed: {fault.strerror}", "write it to a file") from fault
    return sign(signer, content, make_seal(opened.catalogue, opened.report.made_at))
