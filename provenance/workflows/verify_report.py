"""`verify REPORT`: report, signature, signer, ledger and delivered files held against each other."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from provenance.errors import UsageError
from provenance.signing import keys, minisign, note, stored_zip, sums, trusted
from provenance.signing.keys import PublicKey
from provenance.signing.seal import Seal
from provenance.signing.stored_zip import Archive
from provenance.signing.trusted import TrustedKey
from provenance.workflows import checkpoints
from provenance.workflows.bundle import SUMS
from provenance.workflows.prove import is_proof, verify_proof
from provenance.workflows.run import RunContext
from provenance.workflows.sign import MINISIG, RAW, STAMP
from provenance.workflows.verified import Part, ReportVerification, State
from provenance.workflows.verify_files import check_folder
from provenance.workflows.verify_ledger import check_ledger
from provenance.workflows.verify_signature import ExpectedSigners, SignatureCheck, check_signature
from provenance.workflows.verify_stamp import check_stamp, load_anchors

_MAX_REPORT_SIZE = 1024 * 1024 * 1024
"""Bytes of a signed file or a member that are read."""
_MAX_DOCUMENT_SIZE = 512 * 1024 * 1024
"""Bytes of a JSON report that is parsed: in memory it is several times as large."""
_MAX_SMALL_SIZE = 64 * 1024
"""Bytes of a signature or key."""
_REQUIRED = ("README.txt", "checkpoint.txt", "delivery.sha256", "report.json", "signer.pem", "signer.pub")
"""Members that every signed bundle has."""


@dataclass(frozen=True, slots=True)
class _SignedReport:
    """What was compared of a report itself, and what is still to be compared with other things."""

    parts: list[Part]
    seal: Seal | None
    """None where no signature holds."""
    name: str
    """Of what was signed."""
    content: bytes
    stamp: bytes | None
    """The time stamp on it; None when there is none."""


def verify_report(
    report: str,
    folder: str | None,
    context: RunContext,
    *,
    key: str | None = None,
    checkpoint: str | None = None,
    authorities: str | None = None,
) -> ReportVerification:
    """Verify a bundle, a report that has its signature beside it, or the proof of one entry of a ledger.

    `folder`: the delivered files, which a bundle lists. `key`: a PEM file with the public key that must have signed;
    without it any trusted key may. `checkpoint`: a file with a state of the ledger that was noted elsewhere.
    `authorities`: a PEM file with those whose time stamps are trusted, instead of the shipped list. Raises `UsageError`
    for what cannot be read at all.
    """
    expected = _load_expected(key, context)
    noted = checkpoints.read(checkpoint) if checkpoint else None
    if is_proof(report):
        return verify_proof(report, expected)
    anchors = load_anchors(authorities, context.load_trust_store().stamps.pem)
    try:
        with open(report, "rb") as file:
            if not _has_signature_beside(report):
                found = _verify_bundle(report, file, folder, expected)
            elif folder:
                raise UsageError("only a bundle lists the delivered files", "leave out FOLDER, or name a bundle")
            else:
                found = _verify_alone(report, file, expected)
    except OSError as fault:
        raise UsageError(f"{report} cannot be read: {fault.strerror}", "name a report or a bundle") from fault
    ledger = check_ledger(found.seal, noted, context.settings.catalogue)
    parts = [*found.parts, *ledger.parts]
    if found.stamp is not None:
        parts.append(check_stamp(found.name + STAMP, found.content, found.stamp, anchors))
    return ReportVerification(tuple(parts), ledger.is_damaged)


def _load_expected(key: str | None, context: RunContext) -> ExpectedSigners:
    if key:
        return ExpectedSigners([TrustedKey(os.path.basename(key), keys.load_public(key))], is_named=True)
    return ExpectedSigners(trusted.load_all(context.settings.trusted_keys))


def _has_signature_beside(report: str) -> bool:
    return any(os.path.lexists(report + ending) for ending in (MINISIG, RAW))


def _verify_alone(report: str, file: BinaryIO, expected: ExpectedSigners) -> _SignedReport:
    name, content = os.path.basename(report), file.read(_MAX_REPORT_SIZE)
    check = SignatureCheck(name, content, _read_small(report + MINISIG), _read_small(report + RAW), expected)
    return _SignedReport(check_signature(check), check.seal, name, content, _read_small(report + STAMP))


def _read_small(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read(_MAX_SMALL_SIZE)
    except OSError:
        return None


# A bundle


def _verify_bundle(report: str, file: BinaryIO, folder: str | None, expected: ExpectedSigners) -> _SignedReport:
    archive = stored_zip.read(file)
    parts = list(_check_container(os.path.basename(report), archive))
    contents = _Contents(file, archive)
    check = SignatureCheck(
        SUMS,
        contents.read(SUMS),
        contents.read(SUMS + MINISIG, _MAX_SMALL_SIZE),
        contents.read(SUMS + RAW, _MAX_SMALL_SIZE),
        expected,
        contents.read_key(),
    )
    parts += check_signature(check)
    parts += _check_members(archive, check.content)
    if check.key:
        parts += _check_own_members(contents, check.key, check.seal)
    if folder:
        parts += _check_files(folder, contents)
    else:
        parts.append(Part("file", "", State.NOT_CHECKED, "no folder with the delivered files was named", counts=False))
    return _SignedReport(parts, check.seal, SUMS, check.content or b"", contents.read(SUMS + STAMP, _MAX_SMALL_SIZE))


@dataclass(frozen=True, slots=True)
class _Contents:
    """The members of an archive, read when they are asked for."""

    file: BinaryIO
    archive: Archive

    def read(self, name: str, most: int = _MAX_REPORT_SIZE) -> bytes | None:
        """The content of a member; None when there is none of that name."""
        return stored_zip.read_member(self.file, self.archive, name, most)

    def read_key(self) -> PublicKey | None:
        """The key that came with the bundle; None when there is none that can be read."""
        try:
            return keys.parse_public(self.read("signer.pem", _MAX_SMALL_SIZE) or b"")
        except ValueError:
            return None

    def read_report(self) -> Mapping[str, object]:
        """The JSON report; empty when it cannot be read."""
        try:
            document = json.loads(self.read("report.json", _MAX_DOCUMENT_SIZE) or b"")
        except (ValueError, RecursionError):
            return {}
        return document if isinstance(document, dict) else {}


def _check_container(name: str, archive: Archive) -> Iterable[Part]:
    for problem in archive.problems:
        yield Part("container", name, State.DIFFERS, f"it {problem}")
    for member in archive.unsafe:
        yield Part("member", member, State.UNEXPECTED, "its name leads out of the bundle")
    if not archive.problems and not archive.unsafe:
        yield Part("container", name, State.AGREES)


def _check_members(archive: Archive, listed: bytes | None) -> Iterable[Part]:
    """Every member against the signed list."""
    try:
        wanted = {name.decode(): digest for name, digest in sums.parse(listed or b"").items()}
    except ValueError as error:
        yield Part("member", SUMS, State.DIFFERS, f"it cannot be read: {error}")
        return
    found = {member.stored.name: member.sha256 for member in archive.members}
    for name in sorted({*wanted, *_REQUIRED} - set(found)):
        yield Part("member", name, State.MISSING, "it is not in the bundle")
    for name in sorted(found):
        if name in wanted:
            is_right = found[name] == wanted[name]
            detail = "" if is_right else "its bytes are not those of the signed list"
            yield Part("member", name, State.AGREES if is_right else State.DIFFERS, detail)
        elif name not in (SUMS, SUMS + MINISIG, SUMS + RAW, SUMS + STAMP):
            yield Part("member", name, State.UNEXPECTED, "the signed list does not know it")


def _check_own_members(contents: _Contents, key: PublicKey, seal: Seal | None) -> Iterable[Part]:
    """What several members say about the same thing."""
    for name, wanted in (("signer.pem", key.pem.encode()), ("signer.pub", minisign.render_public_key(key))):
        if contents.read(name, _MAX_SMALL_SIZE) not in (wanted, None):
            yield Part("signer", name, State.DIFFERS, "it is not the key that signed")
    document = contents.read_report()
    inputs = document.get("inputs")
    ledger = inputs.get("ledger") if isinstance(inputs, dict) else None
    is_same = seal is not None and (document.get("made_at"), ledger) == (seal.made_at, seal.head)
    detail = "" if is_same else "it names another time or ledger than the signature"
    yield Part("report", "report.json", State.AGREES if is_same else State.DIFFERS, detail)
    try:
        signed = note.parse(contents.read("checkpoint.txt", note.MAX_SIZE) or b"")
    except ValueError as error:
        yield Part("ledger", "checkpoint.txt", State.DIFFERS, f"it is not a checkpoint: {error}")
        return
    if seal is None or signed.checkpoint != seal.checkpoint or not signed.is_signed_by(key):
        yield Part("ledger", "checkpoint.txt", State.DIFFERS, "it is not of the ledger that the signature names")


def _check_files(folder: str, contents: _Contents) -> Iterable[Part]:
    try:
        digests = sums.parse(contents.read("delivery.sha256") or b"")
    except ValueError as error:
        yield Part("file", "delivery.sha256", State.DIFFERS, f"it cannot be read: {error}")
        return
    unread = set()
    troubles = contents.read_report().get("troubles")
    for row in troubles if isinstance(troubles, list) else ():
        if isinstance(row, dict):
            unread.add(str(row.get("path")))
    yield from check_folder(folder, digests, unread)
