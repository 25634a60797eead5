"""A signature against the content that it lies beside, and against the keys whose signatures count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from provenance.signing import minisign, seal
from provenance.signing.keys import PublicKey
from provenance.signing.minisign import MinisignFile
from provenance.signing.seal import Seal
from provenance.signing.trusted import TrustedKey
from provenance.workflows.sign import MINISIG, RAW
from provenance.workflows.verified import Part, State


@dataclass(frozen=True, slots=True)
class ExpectedSigners:
    """Whose signatures count."""

    keys: Sequence[TrustedKey]
    is_named: bool = False
    """Whether the user named one key for this check; a signature by any other is then wrong, not just unknown."""


@dataclass(slots=True)
class SignatureCheck:
    """One signed content, and what came of checking it."""

    name: str
    """Of the signed file, as shown."""
    content: bytes | None
    """None when it is missing."""
    minisig: bytes | None
    raw: bytes | None
    expected: ExpectedSigners
    own_key: PublicKey | None = None
    """A key that came with the signature. It shows that the signature is sound, and never whose it is."""
    key: PublicKey | None = None
    """The key that made the signature, once that is sure."""
    seal: Seal | None = None
    """What was signed together with the content."""


def check_signature(check: SignatureCheck) -> list[Part]:
    """Check one signature; fills `key` and `seal` where it holds."""
    parts = list(_find_missing(check))
    if parts:
        return parts
    assert check.minisig is not None
    assert check.raw is not None
    assert check.content is not None
    try:
        signed = minisign.parse(check.minisig)
        check.seal = seal.parse(signed.comment)
    except ValueError as error:
        wrong = f"it is not in the form in which it was written: {error}"
        return [Part("signature", check.name + MINISIG, State.DIFFERS, wrong)]
    if check.raw != signed.signature:
        wrong = "it is not the signature that is in the .minisig file"
        parts.append(Part("signature", check.name + RAW, State.DIFFERS, wrong))
    return parts + _check_keys(check, signed, check.content)


def _find_missing(check: SignatureCheck) -> list[Part]:
    files = ((check.name, check.content), (check.name + MINISIG, check.minisig), (check.name + RAW, check.raw))
    return [Part("signature", name, State.MISSING, "it is not there") for name, found in files if found is None]


def _check_keys(check: SignatureCheck, signed: MinisignFile, content: bytes) -> list[Part]:
    candidates = [row.key for row in check.expected.keys]
    if check.own_key:
        candidates.append(check.own_key)
    for key in candidates:
        if signed.is_signed_by(key, content):
            check.key = key
            detail = f"signed at {check.seal.made_at}, by the clock of the signer" if check.seal else ""
            return [Part("signature", check.name, State.AGREES, detail), _name_signer(check, key)]
        has_content = signed.has_content(key, content)
        if has_content or signed.has_comment(key):
            # The seal counts only together with a signature that holds.
            check.seal = None
            return [_name_change(check, is_content_signed=has_content), _name_signer(check, key)]
    check.seal = None
    if any(minisign.make_key_id(key) == signed.key_id for key in candidates):
        return [Part("signature", check.name + MINISIG, State.DIFFERS, "it was changed, or is of another file")]
    if check.expected.is_named:
        return [Part("signer", check.name + MINISIG, State.DIFFERS, "it was not made with the key that was named")]
    unknown = "it was made with a key that nobody named: give it with --key, or trust it (provenance key trust)"
    return [Part("signature", check.name + MINISIG, State.UNKNOWN, unknown)]


def _name_change(check: SignatureCheck, *, is_content_signed: bool) -> Part:
    """Which of the two was changed, the content or its signature file, when one half of the signature still holds."""
    if is_content_signed:
        return Part("signature", check.name + MINISIG, State.DIFFERS, "it was changed after it was made")
    return Part("signature", check.name, State.DIFFERS, "it was changed after it was signed")


def _name_signer(check: SignatureCheck, key: PublicKey) -> Part:
    for row in check.expected.keys:
        if row.key == key:
            return Part("signer", row.name, State.AGREES, f"fingerprint {key.fingerprint}")
    if check.expected.is_named:
        wrong = f"it was signed with another key than the one that was named: fingerprint {key.fingerprint}"
        return Part("signer", check.name, State.DIFFERS, wrong)
    unknown = (
        f"it was signed with a key that nobody named (fingerprint {key.fingerprint}); anybody can make one: "
        "give it with --key, or trust it (provenance key trust)"
    )
    return Part("signer", check.name, State.UNKNOWN, unknown)
