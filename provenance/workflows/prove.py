"""`prove`: one entry of the ledger for somebody else's eyes, and the verification of such a proof."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass

from provenance.errors import UsageError
from provenance.signing import keys, note, proof
from provenance.signing.proof import InclusionProof
from provenance.workflows import checkpoints
from provenance.workflows.checkpoints import make_checkpoint
from provenance.workflows.run import RunContext
from provenance.workflows.verified import Part, ReportVerification, State
from provenance.workflows.verify_signature import ExpectedSigners


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof and what it shows."""

    raw: bytes
    number: int
    is_row_shown: bool


def prove(what: str, context: RunContext, key: str | None, checkpoint: str | None) -> Proof:
    """The proof of one entry, against a checkpoint that exists or one that is signed now.

    `key`: a private key to sign with. `checkpoint`: a file. Raises `UsageError` unless exactly one of them is given,
    and for a checkpoint of another ledger.
    """
    if bool(key) == bool(checkpoint):
        raise UsageError(
            "a proof is one against a signed checkpoint", "sign one with --sign KEY, or name one with --checkpoint FILE"
        )
    signer = keys.load_private(key) if key else None
    with context.open_catalogue(write=False) as catalogue:
        catalogue.hold_still()
        now = make_checkpoint(catalogue.ledger)
        if signer:
            signed = note.sign(signer, now)
            proven = catalogue.prove(what)
        else:
            stored = checkpoints.read(checkpoint or "")
            signed, wanted = stored.raw, stored.signed.checkpoint
            proven = catalogue.prove(what, wanted.size)
            if (wanted.origin, wanted.root) != (now.origin, proven.root):
                raise UsageError(
                    f"{checkpoint} is not a checkpoint of this ledger", "see: provenance verify --checkpoint"
                )
    texts = {"entry": proven.leaf.decode(), "row": proven.state.decode() if proven.state else None}
    extra = json.dumps(texts, separators=(",", ":")).encode()
    raw = proof.render(InclusionProof(extra, proven.number - 1, proven.path, signed))
    return Proof(raw, proven.number, proven.state is not None)


def is_proof(path: str) -> bool:
    """Whether a file begins as an inclusion proof does."""
    begin = f"{proof.HEADER}\n".encode()
    try:
        with open(path, "rb") as file:
            return file.read(len(begin)) == begin
    except OSError:
        return False


def verify_proof(path: str, expected: ExpectedSigners) -> ReportVerification:
    """Verify a proof. The detail of its entry is the row as it was recorded."""
    name = os.path.basename(path)
    try:
        with open(path, "rb") as file:
            given = proof.parse(file.read(proof.MAX_SIZE))
        signed = given.signed
        texts = json.loads(given.extra)
        entry, row = texts["entry"], texts["row"]
        fields = json.loads(entry)
        digest = fields[5]
    except OSError as fault:
        raise UsageError(f"{path} cannot be read: {fault.strerror}", "name a file with a proof") from fault
    except (ValueError, RecursionError, KeyError, TypeError, IndexError) as error:
        return ReportVerification((Part("container", name, State.DIFFERS, f"it is not a proof: {error}"),))
    return ReportVerification((_check_signer(name, signed, expected), *_check_entry(name, given, entry, row, digest)))


def _check_signer(name: str, signed: note.SignedCheckpoint, expected: ExpectedSigners) -> Part:
    for row in expected.keys:
        if signed.is_signed_by(row.key):
            return Part("signer", row.name, State.AGREES, f"fingerprint {row.key.fingerprint}")
    if expected.is_named:
        return Part("signer", name, State.DIFFERS, "its checkpoint was not signed with the key that was named")
    return Part(
        "signer", name, State.UNKNOWN, "its checkpoint was signed with a key that nobody named: give it with --key"
    )


def _check_entry(name: str, given: InclusionProof, entry: str, row: str | None, digest: str) -> list[Part]:
    checkpoint = given.signed.checkpoint
    where = f"entry {given.index + 1} of {checkpoint.size} in {checkpoint.origin}"
    if not given.contains(entry.encode()):
        return [Part("ledger", name, State.DIFFERS, f"it is not {where}")]
    parts = [Part("ledger", name, State.AGREES, f"{where}: {entry}")]
    if row is None:
        parts.append(Part("member", "row", State.NOT_CHECKED, "only the entry is shown", counts=False))
    elif hashlib.sha256(row.encode()).hexdigest() != digest:
        parts.append(Part("member", "row", State.DIFFERS, "it is not the one that the entry recorded"))
    else:
        parts.append(Part("member", "row", State.AGREES, row))
    return parts
