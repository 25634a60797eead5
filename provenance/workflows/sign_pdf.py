"""`report --pades`: a copy of the PDF report with a signature inside."""

from __future__ import annotations

import os

from provenance.errors import UsageError
from provenance.signing import keys, pades
from provenance.signing.pades import PdfSigner

__all__ = ["PdfSigner"]


def needs_password(identity: str) -> bool:
    """Whether a PKCS#12 file cannot be read without a password."""
    return pades.needs_password(identity)


def read_password(path: str) -> str:
    """The first line of a file that nobody but its owner may read. Raises `UsageError` for any other file."""
    lines = keys.read_secret(path).decode("utf-8", "replace").splitlines()
    if not lines or not lines[0]:
        raise UsageError(f"{path} is empty", "write the password into its first line")
    return lines[0]


def load_pdf_signer(identity: str, password: str | None, authority: str | None) -> PdfSigner:
    """The signer in a PKCS#12 file. Raises `UsageError` when it cannot be used, and without the extra `pades`."""
    return pades.load_signer(identity, password, authority)


def sign_copy(pdf: str, signer: PdfSigner) -> tuple[str, bytes]:
    """Where the signed copy of a PDF goes, and its bytes."""
    with open(pdf, "rb") as file:
        content = file.read()
    stem, suffix = os.path.splitext(pdf)
    return f"{stem}.signed{suffix}", pades.sign_pdf(content, signer)
