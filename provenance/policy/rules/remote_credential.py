"""A content credential that is on a server and was not fetched."""

from __future__ import annotations

from collections.abc import Iterator

from provenance.model.finding import Case
from provenance.model.vocabulary import Cause
from provenance.policy.interface import Rule, Violation


class RemoteCredential(Rule):
    """Fires when a file names a credential on a server. The program fetches nothing, so its content is unknown."""

    name = "remote_credential"
    title = "Remote credential not checked"
    why = "The record of the file's history is on a server. It may say that generative AI made the content."
    remedy = (
        "Fetch the manifest on a machine with network access and put it beside the file as a sidecar; then scan again."
    )
    objects_to_plain = False

    def judge(self, case: Case) -> Iterator[Violation]:
        """One violation that rests on all remote credentials."""
        because = tuple(trouble for trouble in case.reading.troubles if trouble.cause is Cause.REMOTE)
        if because:
            yield Violation("Its content credential is on a server and was not checked.", because)
