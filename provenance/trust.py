"""Trust lists: dated lists of certificates, shipped as data and extended or replaced by the user's own.

A report names the lists that were used, and a credential names the list that contains its signer: the official C2PA
list and the interim list before it do not mean the same.
"""

from __future__ import annotations

import hashlib
import importlib.resources
import os
import re
import ssl
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from provenance.errors import UsageError
from provenance.model.report import TrustList

MAX_FILE_SIZE = 512 * 1024
"""Bytes of a user's list. The C2PA library accepts at most 1 MB for all settings together."""

_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----")
_HINT = "give a PEM file with one or more X.509 certificates, each between BEGIN and END CERTIFICATE"
_REINSTALL = "the installation is damaged: install provenance again"


@dataclass(frozen=True, slots=True)
class Anchors:
    """The certificates of one list."""

    facts: TrustList
    pem: str
    """Certificates at which a chain of trust may end."""
    allowed: str = ""
    """Signers that are trusted individually: base64 SHA-256 of their certificates, one a line."""


@dataclass(frozen=True, slots=True)
class TrustStore:
    """All lists of one run. It contains only text, so that it can be sent to the workers."""

    signers: tuple[Anchors, ...]
    """In order of precedence: a credential names the first list that contains its signer."""
    stamps: Anchors
    """Time-stamp authorities. They confirm when something was signed, never by whom."""
    usages: str
    """Extended key usages that a signer may have, in the format of the C2PA library."""

    @property
    def lists(self) -> tuple[TrustList, ...]:
        """Name, date and digest of every list, for the report."""
        return (*(anchors.facts for anchors in self.signers), self.stamps.facts)


def load(files: Sequence[str] = (), *, replace: bool = False) -> TrustStore:
    """The shipped lists, and after them the user's own PEM files; with `replace` the user's are the only signers.

    Raises `UsageError` for a shipped list that was changed, and for a file without certificates or with one that cannot
    be read.
    """
    index = tomllib.loads(_read_resource("lists.toml").decode())
    signers = tuple(map(_load_users_list, files))
    if not replace:
        shipped = tuple(map(_load_shipped_list, index["signers"]))
        signers = shipped + signers
    return TrustStore(signers, _load_shipped_list(index["stamps"]), _read_checked_file(index["usages"]))


def count_days_since_issue(facts: TrustList, now: date) -> int:
    """Days from the date on which the list was issued until `now`."""
    return (now - date.fromisoformat(facts.issued)).days


def _load_shipped_list(row: Mapping[str, Any]) -> Anchors:
    facts = TrustList(row["name"], row["issued"], row["sha256"], row["source"])
    allowed = ""
    if "allowed" in row:
        allowed = _read_checked_file(row["allowed"])
    return Anchors(facts, _read_checked_file(row), allowed)


def _read_checked_file(row: Mapping[str, Any]) -> str:
    """The text of a shipped file with the digest that the index gives for it."""
    raw = _read_resource(row["file"])
    # A report says by which lists a signer was judged, so a list must be the one whose name and date it has.
    if hashlib.sha256(raw).hexdigest() != row["sha256"]:
        raise UsageError(f"trust list {row['file']} is not the one that was shipped", _REINSTALL)
    return raw.decode()


def _read_resource(name: str) -> bytes:
    try:
        return importlib.resources.files("provenance").joinpath("trust_lists", name).read_bytes()
    except OSError as missing:
        raise UsageError(f"trust list {name} cannot be read: {missing.strerror}", _REINSTALL) from missing


def _load_users_list(path: str) -> Anchors:
    try:
        with open(path, "rb") as file:
            raw = file.read(MAX_FILE_SIZE + 1)
            modified_at = datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC)
    except OSError as fault:
        raise UsageError(f"trust list {path}: {fault.strerror}", _HINT) from fault
    if len(raw) > MAX_FILE_SIZE:
        raise UsageError(
            f"trust list {path} is larger than {MAX_FILE_SIZE} bytes",
            "remove the certificates that none of your signers needs",
        )
    certificates = _CERTIFICATE.findall(raw.decode("ascii", "replace"))
    # Checked here, because the C2PA library takes a file that it cannot read for an empty list and reports nothing.
    if not certificates:
        raise UsageError(f"trust list {path} does not contain a certificate", _HINT)
    for number, certificate in enumerate(certificates, 1):
        if not _is_readable(certificate):
            raise UsageError(f"trust list {path}: certificate {number} of {len(certificates)} cannot be read", _HINT)
    # A file of certificates has no date of its own; the day it was last changed is the nearest thing.
    issued = modified_at.date().isoformat()
    digest = hashlib.sha256(raw).hexdigest()
    facts = TrustList(os.path.basename(path), issued, digest, os.path.abspath(path))
    # Only the certificates: text between them, such as comments, is not passed on to the library.
    return Anchors(facts, "\n".join(certificates) + "\n")


def _is_readable(certificate: str) -> bool:
    """Whether the system's TLS library can read it as an X.509 certificate."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=ssl.PEM_cert_to_DER_cert(certificate))
    except (ssl.SSLError, ValueError):
        return False
    return True
