"""A time stamp against the content that it is of, and against the authorities that are trusted to know the time."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cryptography import x509

from provenance.errors import UsageError
from provenance.signing import timestamp
from provenance.signing.timestamp import TimeStamp
from provenance.workflows.verified import Part, State

_MAX_FILE_SIZE = 1024 * 1024
_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----")


def load_anchors(path: str | None, shipped: str) -> list[x509.Certificate]:
    """The certificates of the time-stamp authorities that are trusted: those in a file, else the shipped list's.

    Raises `UsageError` for a file without one.
    """
    raw = shipped.encode()
    if path:
        try:
            with open(path, "rb") as file:
                raw = file.read(_MAX_FILE_SIZE)
        except OSError as fault:
            raise UsageError(f"{path} cannot be read: {fault.strerror}", "name a PEM file with certificates") from fault
    anchors = []
    for pem in _CERTIFICATE.findall(raw):
        try:
            anchors.append(x509.load_pem_x509_certificate(pem))
        except ValueError as error:
            raise UsageError(f"{path}: a certificate cannot be read", "name a PEM file with certificates") from error
    if not anchors:
        raise UsageError(f"{path} contains no certificate", "name a PEM file with certificates")
    return anchors


def check_stamp(name: str, content: bytes, reply: bytes, anchors: Sequence[x509.Certificate]) -> Part:
    """Whether a reply is of this content, signed as it says, and by an authority that is trusted."""
    try:
        return _check_stamp(name, content, timestamp.parse_reply(reply), anchors)
    except ValueError as error:
        # Certificates are parsed where they are asked, so any of these steps may meet one that is malformed.
        return Part("timestamp", name, State.DIFFERS, f"it cannot be read: {error}")


def _check_stamp(name: str, content: bytes, stamp: TimeStamp, anchors: Sequence[x509.Certificate]) -> Part:
    if not stamp.is_of(content):
        return Part("timestamp", name, State.DIFFERS, "it is not of these bytes")
    signer = stamp.find_signer()
    if signer is None:
        return Part("timestamp", name, State.DIFFERS, "its signature does not hold")
    said = f"{stamp.time.strftime('%Y-%m-%dT%H:%M:%SZ')}, {signer.subject.rfc4514_string()}"
    if not stamp.is_trusted_by(signer, anchors):
        unknown = f"{said}: no certificate leads from there to an authority that is trusted; name one with --tsa"
        return Part("timestamp", name, State.UNKNOWN, unknown)
    return Part("timestamp", name, State.AGREES, said)
