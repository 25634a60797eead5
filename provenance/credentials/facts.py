"""Validation codes of the C2PA library -> binding, signature, trust and time, of which none implies another.

The library's verdict `Invalid` does not mean tampered: a manifest with an expired certificate is also `Invalid`. So the
facts come from the codes. The name of a code shows whether it is a success or a failure, so codes of all kinds are read
together.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from provenance.model.evidence import Credential, TrustList
from provenance.model.vocabulary import Standing

# Validation codes of the C2PA specification, section "Validation".
_HARD_BINDING = re.compile(r"assertion\.(dataHash|bmffHash|boxesHash|collectionHash|multiAssetHash)\.(match|mismatch)")
_ALTERED = frozenset({"assertion.hashedURI.mismatch", "assertion.missing"})
_UNVERIFIABLE = frozenset({"algorithm.unsupported", "algorithm.deprecated"})
_REVOKED = frozenset({"signingCredential.ocsp.revoked", "signingCredential.revoked"})
_UNTRUSTED = frozenset({"signingCredential.untrusted", "signingCredential.invalid"})
_OUTSIDE = frozenset({"signingCredential.expired", "claimSignature.outsideValidity"})
_KINDS = ("failure", "informational", "success")
"""Lists of codes in a validation result; failures first, so that a bounded list keeps them."""
_MAX_CODES = 100
"""Codes kept of one manifest; a hostile manifest can cause any number."""
_DATE_AND_TIME = 19
"""Characters of `YYYY-MM-DDTHH:MM:SS`; fractions of a second and the zone follow."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Binding, signature, trust and time of one manifest, with the values that `Credential` describes."""

    binding: str = "unknown"
    signature: str = "unknown"
    trust: str = "unknown"
    time: str = "unknown"

    def require_list(self, vouching: TrustList | None) -> Facts:
        """The same facts, but untrusted when none of our trust lists (`vouching`) contains the signer."""
        if self.trust != "trusted" or vouching is not None:
            return self
        # The library alone also trusts a signer whose chain ends at a time-stamp authority.
        return dataclasses.replace(self, trust="untrusted")

    def drop_binding(self) -> Facts:
        """The same facts for a manifest whose own asset is not available, so that its binding cannot be checked."""
        return dataclasses.replace(self, binding="unknown")

    def decide_standing(self, state: str) -> Standing:
        """How far the manifest can be believed.

        `state`: the library's own verdict on the whole store, or "" for an ingredient, which is never trusted.
        """
        # Without a hard binding a manifest could be moved to any other file.
        if "broken" in (self.binding, self.signature) or self.binding == "missing":
            return Standing.BROKEN
        if self.signature != "valid":
            return Standing.DECLARED
        is_certain = self.binding == "intact" and self.trust == "trusted" and self.time in ("inside", "stamped")
        # The verdict also covers failures that none of the four facts is about.
        if is_certain and state == "Trusted":
            return Standing.TRUSTED
        return Standing.SIGNED


def derive_facts(manifest: Mapping[str, Any], recorded: Iterable[str] = ()) -> Facts:
    """The facts of one manifest of a crJSON document, which is the C2PA library's JSON form of a manifest store.

    `recorded`: the codes that the manifest above stored when it added this one as an ingredient. The library reports
    only the codes that differ from them.
    """
    codes = {*list_codes(manifest), *recorded}
    return Facts(
        binding=_derive_binding(codes),
        signature=_derive_signature(codes),
        trust=_derive_trust(codes),
        time=_derive_time(codes, manifest),
    )


def list_codes(manifest: Mapping[str, Any]) -> tuple[str, ...]:
    """Validation codes of a manifest, failures first, each once, at most 100."""
    distinct = dict.fromkeys(row["code"] for row in _list_results(manifest))
    return tuple(distinct)[:_MAX_CODES]


def find_signer_list(manifest: Mapping[str, Any]) -> str | None:
    """Name of the list in which the library found the signer; "" when it does not say, None when it found none.

    The library searches the lists in an order of its own, so another list may contain the signer as well.
    """
    for row in _list_results(manifest):
        if row["code"] == "signingCredential.trusted":
            # The name is only in the explanation, a sentence for people.
            match = re.search(r"found in \[([^\]]*)\]", str(row.get("explanation")))
            if match:
                return match[1]
            return ""
    return None


def make_credential(where: str, facts: Facts, manifest: Mapping[str, Any], vouching: TrustList | None) -> Credential:
    """The four facts of a manifest store, from its active manifest. `vouching`: the trust list of the signer."""
    return Credential(
        where,
        facts.binding,
        facts.signature,
        facts.trust,
        facts.time,
        vouching.name if vouching else None,
        _describe_signer(manifest),
        codes=list_codes(manifest),
        vouched_by=vouching,
    )


def _list_results(manifest: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    results = manifest.get("validationResults") or {}
    for kind in _KINDS:
        yield from results.get(kind) or ()


def _derive_binding(codes: set[str]) -> str:
    results = set()
    for code in codes:
        match = _HARD_BINDING.fullmatch(code)
        if match:
            results.add(match[2])
    if "mismatch" in results or codes & _ALTERED:
        return "broken"
    if "claim.hardBindings.missing" in codes:
        return "missing"
    if results:
        return "intact"
    return "unknown"


def _derive_signature(codes: set[str]) -> str:
    if "claimSignature.missing" in codes:
        return "missing"
    if "claimSignature.mismatch" in codes:
        # The library also reports a mismatch when it cannot check at all, because it lacks the algorithm.
        if codes & _UNVERIFIABLE:
            return "unknown"
        return "broken"
    if "claimSignature.validated" in codes:
        return "valid"
    return "unknown"


def _derive_trust(codes: set[str]) -> str:
    if codes & _REVOKED:
        return "revoked"
    if "signingCredential.trusted" in codes:
        return "trusted"
    if codes & _UNTRUSTED:
        return "untrusted"
    return "unknown"


def _derive_time(codes: set[str], manifest: Mapping[str, Any]) -> str:
    if codes & _OUTSIDE:
        # One code for both ends of the validity of a certificate.
        if _is_not_yet_valid(manifest):
            return "not-yet"
        return "expired"
    if "timeStamp.trusted" in codes:
        return "stamped"
    if "claimSignature.insideValidity" in codes:
        return "inside"
    return "unknown"


def _is_not_yet_valid(manifest: Mapping[str, Any]) -> bool:
    """Whether the validity of the certificate begins after the signing; after the validation without a time stamp."""
    signature = manifest.get("signature") or {}
    validity = (signature.get("certificateInfo") or {}).get("validity") or {}
    begins_at = validity.get("notBefore") or ""
    stamped_at = (signature.get("timeStampInfo") or {}).get("timestamp")
    used_at = stamped_at or (manifest.get("validationResults") or {}).get("validationTime") or ""
    if not begins_at or not used_at:
        return False
    # All are UTC in ISO 8601, so texts compare as times do, once fractions and zone (`Z` or `+00:00`) are cut off.
    return bool(begins_at[:_DATE_AND_TIME] > used_at[:_DATE_AND_TIME])


def _describe_signer(manifest: Mapping[str, Any]) -> str | None:
    certificate = (manifest.get("signature") or {}).get("certificateInfo") or {}
    subject = certificate.get("subject") or {}
    # Organisation and common name: other parts of the subject are addresses and departments.
    names = [str(subject[part]) for part in ("O", "CN") if subject.get(part)]
    return " / ".join(names) or None
