"""Which trust list vouched for a signer, in words: the same in every format."""

from __future__ import annotations

from provenance.model.evidence import UNKNOWN_DATE, Credential, Evidence, TrustList
from provenance.model.vocabulary import Standing
from provenance.reports.language import translate

_SHOWN_DIGITS = 12
"""Hexadecimal digits of a list's SHA-256 inside a sentence; json has all of them."""


def describe_list(facts: TrustList) -> str:
    """`C2PA Trust List of 2026-08-05`, or `studio.pem (no date stated)`."""
    if facts.issued == UNKNOWN_DATE:
        return translate("{list} (no date stated)", list=facts.name)
    return translate("{list} of {day}", list=facts.name, day=facts.issued)


def describe_standing(evidence: Evidence) -> str:
    """How far the evidence can be believed, and the trust list behind it: `trusted by C2PA Trust List of … (…)`."""
    return f"{translate(str(evidence.standing))} {describe_voucher(evidence)}".strip()


def describe_voucher(evidence: Evidence) -> str:
    """Which list vouched for the signer of this evidence; empty when none did.

    A list that vouched when the file was read, and is not among the report's own, is named as that.
    """
    if evidence.vouched_by is None:
        return ""
    return _describe_use(evidence.vouched_by, is_in_use=evidence.standing is Standing.TRUSTED)


def describe_trust(credential: Credential) -> str:
    """The fact of trust of a credential, with the list behind it: `trusted by C2PA Trust List of 2026-08-05 (…)`."""
    if credential.vouched_by:
        used = _describe_use(credential.vouched_by, is_in_use=credential.list is not None)
        return f"{translate(credential.trust)} {used}"
    if credential.list:
        return translate("{trust} by {list}", trust=translate(credential.trust), list=credential.list)
    return translate(credential.trust)


def _describe_use(facts: TrustList, *, is_in_use: bool) -> str:
    # Two lists of one name and no date are told apart by their digest.
    digest = f"sha256 {facts.sha256[:_SHOWN_DIGITS]}…"
    day = translate("of {day}", day=facts.issued)
    if facts.issued == UNKNOWN_DATE:
        day = translate("no date stated")
    named = f"{facts.name} ({day}, {digest})"
    if is_in_use:
        return translate("by {list}", list=named)
    return translate(
        "here; when it was read, {list} vouched for the signer, and this report does not use that list", list=named
    )
