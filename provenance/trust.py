"""Trust lists: dated lists of certificates, shipped as data and extended or replaced by the user's own.

A report names the lists that were used, and a credential names the list that contains its signer: the official C2PA
list and the interim list before it do not mean the same.
"""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.resources
import os
import re
import ssl
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from provenance.errors import UsageError
from provenance.model.evidence import UNKNOWN_DATE, Credential, Evidence, TrustList
from provenance.model.finding import Case
from provenance.model.match import Match
from provenance.model.vocabulary import Standing
from provenance.origin import decide_origin

MAX_FILE_SIZE = 512 * 1024
"""Bytes of a user's list. The C2PA library accepts at most 1 MB for all settings together."""

_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----")
_TRUSTED_CODE = "signingCredential.trusted"
"""Code of the C2PA library for a signer who is on a list."""
_STATED_DAY = re.compile(r"^#\s*issued:\s*(\d{4}-\d{2}-\d{2})\s*$", re.MULTILINE | re.IGNORECASE)
"""A line of a list that states its date: `# issued: 2026-08-05`."""
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


def read_list(anchors: Anchors) -> bytes:
    """The bytes of the file that a list was loaded from, which have the digest that a report names.

    Raises `UsageError` when the user's file has changed since, or is gone.
    """
    facts = anchors.facts
    raw = anchors.pem.encode()
    if hashlib.sha256(raw).hexdigest() == facts.sha256:
        return raw
    # A user's list may have comments between its certificates, which are not kept in memory.
    try:
        with open(facts.source, "rb") as file:
            raw = file.read(MAX_FILE_SIZE)
    except OSError as fault:
        raise UsageError(f"trust list {facts.source}: {fault.strerror}", _HINT) from fault
    if hashlib.sha256(raw).hexdigest() != facts.sha256:
        raise UsageError(f"trust list {facts.source} was changed while it was in use", "start again")
    return raw


def count_days_since_issue(facts: TrustList, now: date) -> int | None:
    """Days from the date on which the list was issued until `now`; None when the list states no date."""
    if facts.issued == UNKNOWN_DATE:
        return None
    return (now - date.fromisoformat(facts.issued)).days


def name_vouchers(evidence: Sequence[Evidence], credentials: Sequence[Credential]) -> tuple[Evidence, ...]:
    """Trusted evidence of one file with the trust list that vouched for the manifest it was read from."""
    named = []
    for row in evidence:
        if row.standing is Standing.TRUSTED:
            row = dataclasses.replace(row, vouched_by=_find_voucher(row, credentials))
        named.append(row)
    return tuple(named)


def _find_voucher(evidence: Evidence, credentials: Sequence[Credential]) -> TrustList | None:
    vouched = [row for row in credentials if row.vouched_by]
    for credential in vouched:
        # The place of everything in a sidecar begins with its name.
        if evidence.where.startswith(f"{credential.where}: "):
            return credential.vouched_by
    for credential in vouched:
        if credential.where == "embedded":
            return credential.vouched_by
    if len(vouched) == 1:
        return vouched[0].vouched_by
    return None


def withhold_trust(case: Case, lists: Sequence[TrustList]) -> Case:
    """The case as far as these lists vouch for it.

    What another list vouched for when the file was read is signed, and no more; that list stays named.
    """
    in_use = frozenset(facts.sha256 for facts in lists)
    reading = case.reading
    evidence = tuple(_withhold_from_evidence(row, in_use) for row in reading.evidence)
    credentials = tuple(_withhold_from_credential(row, in_use) for row in reading.credentials)
    matches = tuple(_withhold_from_match(row, in_use) for row in case.matches)
    if (evidence, credentials, matches) == (reading.evidence, reading.credentials, case.matches):
        return case
    reading = dataclasses.replace(reading, evidence=evidence, credentials=credentials)
    return dataclasses.replace(case, reading=reading, matches=matches, origin=decide_origin(evidence))


def _withhold_from_evidence(row: Evidence, in_use: Collection[str]) -> Evidence:
    if row.standing is not Standing.TRUSTED or _is_in_use(row.vouched_by, in_use):
        return row
    return dataclasses.replace(row, standing=Standing.SIGNED)


def _withhold_from_credential(row: Credential, in_use: Collection[str]) -> Credential:
    if row.trust != "trusted" or _is_in_use(row.vouched_by, in_use):
        return row
    # Nobody asked the lists in use about this signer: that is not the same as untrusted.
    codes = tuple(code for code in row.codes if code != _TRUSTED_CODE)
    return dataclasses.replace(row, trust="unknown", list=None, codes=codes)


def _withhold_from_match(match: Match, in_use: Collection[str]) -> Match:
    if match.known.mark is None:
        return match
    mark = _withhold_from_evidence(match.known.mark, in_use)
    if mark is match.known.mark:
        return match
    return dataclasses.replace(match, known=dataclasses.replace(match.known, mark=mark))


def _is_in_use(facts: TrustList | None, in_use: Collection[str]) -> bool:
    return facts is not None and facts.sha256 in in_use


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
    except OSError as fault:
        raise UsageError(f"trust list {path}: {fault.strerror}", _HINT) from fault
    if len(raw) > MAX_FILE_SIZE:
        raise UsageError(
            f"trust list {path} is larger than {MAX_FILE_SIZE} bytes",
            "remove the certificates that none of your signers needs",
        )
    text = raw.decode("ascii", "replace")
    certificates = _CERTIFICATE.findall(text)
    # Checked here, because the C2PA library takes a file that it cannot read for an empty list and reports nothing.
    if not certificates:
        raise UsageError(f"trust list {path} does not contain a certificate", _HINT)
    for number, certificate in enumerate(certificates, 1):
        if not _is_readable(certificate):
            raise UsageError(f"trust list {path}: certificate {number} of {len(certificates)} cannot be read", _HINT)
    digest = hashlib.sha256(raw).hexdigest()
    facts = TrustList(os.path.basename(path), _find_stated_day(text), digest, os.path.abspath(path))
    # Only the certificates: text between them, such as comments, is not passed on to the library.
    return Anchors(facts, "\n".join(certificates) + "\n")


def _find_stated_day(text: str) -> str:
    """The day that a list states in a comment; `unknown` when it states none, or none that exists."""
    # The time of the file says when it was copied, never how old the list is: it is no substitute.
    match = _STATED_DAY.search(text)
    if match is None:
        return UNKNOWN_DATE
    try:
        return date.fromisoformat(match[1]).isoformat()
    except ValueError:
        return UNKNOWN_DATE


def _is_readable(certificate: str) -> bool:
    """Whether the system's TLS library can read it as an X.509 certificate."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=ssl.PEM_cert_to_DER_cert(certificate))
    except (ssl.SSLError, ValueError):
        return False
    return True
