"""A content credential that does not hold for these bytes."""

from __future__ import annotations

from collections.abc import Iterator

from provenance.model.evidence import Credential, Evidence
from provenance.model.finding import Case
from provenance.model.vocabulary import Origin, Standing
from provenance.policy import messages
from provenance.policy.interface import Breach, Rule


class BrokenCredential(Rule):
    """Fires when the binding or the signature is broken. A certificate out of its time, or unknown, breaks nothing."""

    name = "broken_credential"
    title = "Broken content credential"
    why = (
        "The file, or what the credential says of it, was changed after signing: by a tool that knows nothing of "
        "credentials, or on purpose. What it says of capture clears nothing any more."
    )
    remedy = "Get the file again from whoever signed it, or have the change explained and approved."

    def judge(self, case: Case) -> Iterator[Breach]:
        """One breach for every credential that is broken."""
        for credential in case.reading.credentials:
            if "broken" in (credential.binding, credential.signature):
                facts = _facts(credential)
                yield Breach(
                    f"The credential ({messages.cut(credential.where)}) is broken: {facts}.", (_told(credential),)
                )


def _facts(credential: Credential) -> str:
    """The four facts, none of which implies another."""
    return (
        f"binding to these bytes {credential.binding}, signature {credential.signature}, "
        f"signer {credential.trust}, certificate time {credential.time}"
    )


def _told(credential: Credential) -> Evidence:
    found = f"Validation codes: {', '.join(credential.codes)}" if credential.codes else _facts(credential).capitalize()
    return Evidence(
        signal="c2pa_credential",
        carrier="c2pa",
        where=credential.where,
        origin=Origin.UNKNOWN,  # a broken credential alone says nothing of how the content was made
        standing=Standing.BROKEN,
        tool=credential.signer,
        detail=f"{found}.",
    )
