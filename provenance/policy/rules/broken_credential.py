"""A content credential that is not valid for these bytes."""

from __future__ import annotations

from collections.abc import Iterator

from provenance.model.evidence import Credential, Evidence
from provenance.model.finding import Case
from provenance.model.vocabulary import Origin, Standing
from provenance.policy import messages
from provenance.policy.interface import Rule, Violation


class BrokenCredential(Rule):
    """Fires when the binding or the signature is broken. An expired or unknown certificate breaks neither."""

    name = "broken_credential"
    title = "Broken content credential"
    why = (
        "Somebody changed the file or its credential after signing: with a tool that does not support credentials, or "
        "on purpose. A statement of capture in that credential no longer clears the file."
    )
    remedy = "Ask the signer for the original file, or have the change explained and approved."
    objects_to_plain = False

    def judge(self, case: Case) -> Iterator[Violation]:
        """One violation for every credential that is broken."""
        for credential in case.reading.credentials:
            # an expired certificate or an unknown signer breaks nothing, so trust and time do not count here
            if "broken" in (credential.binding, credential.signature):
                facts = _describe_facts(credential)
                yield Violation(
                    f"The content credential ({messages.shorten(credential.where)}) is broken: {facts}.",
                    (_build_evidence(credential),),
                )


def _describe_facts(credential: Credential) -> str:
    """The four facts, none of which implies another."""
    trust = credential.trust
    if credential.list:
        trust += f" by {credential.list}"
    return (
        f"binding to these bytes {credential.binding}, signature {credential.signature}, "
        f"signer {trust}, certificate time {credential.time}"
    )


def _build_evidence(credential: Credential) -> Evidence:
    # validation codes say more than the facts, but not every credential has them
    if credential.codes:
        detail = f"Validation codes: {', '.join(credential.codes)}."
    else:
        detail = f"{_describe_facts(credential).capitalize()}."
    return Evidence(
        signal="c2pa_credential",
        carrier="c2pa",
        where=credential.where,
        # a broken credential alone does not say how the content was made
        origin=Origin.UNKNOWN,
        standing=Standing.BROKEN,
        tool=credential.signer,
        detail=detail,
    )
