"""What the C2PA library found when it validated a manifest -> four facts, of which none implies another.

`Invalid` does not mean tampered: an expired certificate says Invalid too. So only the codes are read, never the verdict
alone. The name of a code tells whether it is good or bad news, so that good and bad lists need not be kept apart.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from provenance.model.evidence import Credential
from provenance.model.vocabulary import Standing

_HARD_BINDING = re.compile(r"assertion\.(dataHash|bmffHash|boxesHash|collectionHash|multiAssetHash)\.(match|mismatch)")
_ALTERED = frozenset({"assertion.hashedURI.mismatch", "assertion.missing"})
_UNVERIFIABLE = frozenset({"algorithm.unsupported", "algorithm.deprecated"})
_REVOKED = frozenset({"signingCredential.ocsp.revoked", "signingCredential.revoked"})
_UNTRUSTED = frozenset({"signingCredential.untrusted", "signingCredential.invalid"})
_OUTSIDE = frozenset({"signingCredential.expired", "claimSignature.outsideValidity"})
_KINDS = ("failure", "informational", "success")
_MOST_CODES = 100


@dataclass(frozen=True, slots=True)
class Facts:
    """Binding, signature, trust and time of one manifest, in the words of `model.Credential`."""

    binding: str = "unknown"
    signature: str = "unknown"
    trust: str = "unknown"
    time: str = "unknown"

    def require_list(self, name: str | None) -> Facts:
        """The same facts when `name` is the list of signers that really vouches; without one nobody does."""
        if self.trust != "trusted" or name is not None:
            return self
        return dataclasses.replace(self, trust="untrusted")

    def drop_binding(self) -> Facts:
        """The same facts where the bytes that the manifest speaks of are not at hand."""
        return dataclasses.replace(self, binding="unknown")

    def decide_standing(self, state: str) -> Standing:
        """How far the manifest can be believed; `state` is the library's own verdict on the whole store."""
        if "broken" in (self.binding, self.signature) or self.binding == "missing":
            return Standing.BROKEN
        if self.signature != "valid":
            return Standing.DECLARED
        is_sure = self.binding == "intact" and self.trust == "trusted" and self.time in ("inside", "stamped")
        if is_sure and state == "Trusted":
            return Standing.TRUSTED
        return Standing.SIGNED


def derive_facts(manifest: Mapping[str, Any], recorded: Iterable[str] = ()) -> Facts:
    """The facts of one manifest of a crJSON document.

    `recorded` are the codes that the manifest above wrote down when it took this one in: the library reports only what
    differs from them.
    """
    codes = {*list_codes(manifest), *recorded}
    return Facts(_binding(codes), _signature(codes), _trust(codes), _time(codes, manifest))


def list_codes(manifest: Mapping[str, Any]) -> tuple[str, ...]:
    """Validation codes of a manifest, failures first, each once."""
    return tuple(dict.fromkeys(row["code"] for row in _rows(manifest)))[:_MOST_CODES]


def find_signer_list(manifest: Mapping[str, Any]) -> str | None:
    """The set of anchors in which the library met the signer first; its order is not ours."""
    for row in _rows(manifest):
        if row["code"] == "signingCredential.trusted":
            found = re.search(r"found in \[([^\]]*)\]", str(row.get("explanation")))
            if found:
                return found[1]
            return ""
    return None


def make_credential(where: str, facts: Facts, manifest: Mapping[str, Any], vouching: str | None) -> Credential:
    """The four facts of a manifest store, told of its active manifest."""
    return Credential(
        where,
        facts.binding,
        facts.signature,
        facts.trust,
        facts.time,
        vouching,
        _signer(manifest),
        codes=list_codes(manifest),
    )


def _rows(manifest: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    results = manifest.get("validationResults") or {}
    for kind in _KINDS:
        yield from results.get(kind) or ()


def _binding(codes: set[str]) -> str:
    found = {match[2] for code in codes if (match := _HARD_BINDING.fullmatch(code))}
    if "mismatch" in found or codes & _ALTERED:
        return "broken"
    if "claim.hardBindings.missing" in codes:
        return "missing"
    if found:
        return "intact"
    return "unknown"


def _signature(codes: set[str]) -> str:
    if "claimSignature.missing" in codes:
        return "missing"
    if "claimSignature.mismatch" in codes:
        # The library reports a mismatch also when it could not check at all, for want of the algorithm.
        if codes & _UNVERIFIABLE:
            return "unknown"
        return "broken"
    if "claimSignature.validated" in codes:
        return "valid"
    return "unknown"


def _trust(codes: set[str]) -> str:
    if codes & _REVOKED:
        return "revoked"
    if "signingCredential.trusted" in codes:
        return "trusted"
    if codes & _UNTRUSTED:
        return "untrusted"
    return "unknown"


def _time(codes: set[str], manifest: Mapping[str, Any]) -> str:
    if codes & _OUTSIDE:
        if _starts_later(manifest):
            return "not-yet"
        return "expired"
    if "timeStamp.trusted" in codes:
        return "stamped"
    if "claimSignature.insideValidity" in codes:
        return "inside"
    return "unknown"


def _starts_later(manifest: Mapping[str, Any]) -> bool:
    """Whether the certificate comes into force only after the signing; after now, when no stamp tells. UTC texts."""
    signature = manifest.get("signature") or {}
    starts = ((signature.get("certificateInfo") or {}).get("validity") or {}).get("notBefore") or ""
    stamped = (signature.get("timeStampInfo") or {}).get("timestamp")
    moment = stamped or (manifest.get("validationResults") or {}).get("validationTime") or ""
    return bool(starts and moment and starts[:19] > moment[:19])


def _signer(manifest: Mapping[str, Any]) -> str | None:
    subject = ((manifest.get("signature") or {}).get("certificateInfo") or {}).get("subject") or {}
    named = [str(subject[part]) for part in ("O", "CN") if subject.get(part)]
    return " / ".join(named) or None
