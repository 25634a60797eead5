"""Whom to trust: dated lists of certificates, shipped as data and extended or replaced by the user's own.

A report names the lists it was judged by, and a credential names the list that vouches for its signer: the official
C2PA list and the interim one that came before it do not mean the same.
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

LARGEST = 512 * 1024
"""Bytes of a user's list; the C2PA library takes no more than 1 MB for all settings together."""

_BLOCK = re.compile(r"-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----")
_HINT = "give a PEM file with one or more X.509 certificates, each between BEGIN and END CERTIFICATE"
_REINSTALL = "the installation is damaged: install provenance again"


@dataclass(frozen=True, slots=True)
class Anchors:
    """The certificates of one list."""

    facts: TrustList
    pem: str
    """Certificates that a chain may end at."""
    allowed: str = ""
    """Signers that are trusted one by one: base64 SHA-256 of their certificates, a line each."""


@dataclass(frozen=True, slots=True)
class TrustStore:
    """All lists of one run. Made of text alone, so that it travels to the workers."""

    signers: tuple[Anchors, ...]
    """In order: the first list that vouches for a signer is the one that is named."""
    stamps: Anchors
    """Time-stamp authorities. They say when something was signed, never by whom."""
    usages: str
    """Extended key usages that a signer may have, as the C2PA library takes them."""

    @property
    def lists(self) -> tuple[TrustList, ...]:
        """What a report says of them."""
        return (*(anchors.facts for anchors in self.signers), self.stamps.facts)


def load(files: Sequence[str] = (), *, replace: bool = False) -> TrustStore:
    """The shipped lists, and after them the user's own PEM files; with `replace` the user's are the only signers.

    Raises `UsageError` when a shipped list is not what it was, and for a file without certificates or with one that
    cannot be read: the C2PA library would take it for an empty list and say nothing.
    """
    listed = tomllib.loads(_read_resource("lists.toml").decode())
    own = tuple(_users(path) for path in files)
    shipped = () if replace else tuple(_anchors(row) for row in listed["signers"])
    return TrustStore((*shipped, *own), _anchors(listed["stamps"]), _check_digest(listed["usages"]))


def count_days_since_issue(facts: TrustList, now: date) -> int:
    """Days since the list was issued."""
    return (now - date.fromisoformat(facts.issued)).days


def _anchors(row: Mapping[str, Any]) -> Anchors:
    facts = TrustList(row["name"], row["issued"], row["sha256"], row["source"])
    return Anchors(facts, _check_digest(row), _check_digest(row["allowed"]) if "allowed" in row else "")


def _check_digest(row: Mapping[str, Any]) -> str:
    raw = _read_resource(row["file"])
    if hashlib.sha256(raw).hexdigest() != row["sha256"]:
        raise UsageError(f"trust list {row['file']} is not the one that was shipped", _REINSTALL)
    return raw.decode()


def _read_resource(name: str) -> bytes:
    try:
        return importlib.resources.files("provenance").joinpath("trust_lists", name).read_bytes()
    except OSError as missing:
        raise UsageError(f"trust list {name} cannot be read: {missing.strerror}", _REINSTALL) from missing


def _users(path: str) -> Anchors:
    try:
        with open(path, "rb") as file:
            raw = file.read(LARGEST + 1)
            changed = datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC)
    except OSError as fault:
        raise UsageError(f"trust list {path}: {fault.strerror}", _HINT) from fault
    if len(raw) > LARGEST:
        raise UsageError(f"trust list {path} is larger than {LARGEST} bytes", "leave out what no signer of yours needs")
    blocks = _BLOCK.findall(raw.decode("ascii", "replace"))
    if not blocks:
        raise UsageError(f"trust list {path} holds no certificate", _HINT)
    for number, block in enumerate(blocks, 1):
        if not _is_certificate(block):
            raise UsageError(f"trust list {path}: certificate {number} of {len(blocks)} cannot be read", _HINT)
    name = os.path.basename(path)
    facts = TrustList(name, changed.date().isoformat(), hashlib.sha256(raw).hexdigest(), os.path.abspath(path))
    return Anchors(facts, "\n".join(blocks) + "\n")


def _is_certificate(block: str) -> bool:
    """Whether the system's TLS library can read it as an X.509 certificate."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=ssl.PEM_cert_to_DER_cert(block))
    except (ssl.SSLError, ValueError):
        return False
    return True
