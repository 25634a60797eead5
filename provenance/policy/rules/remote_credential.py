"""A content credential that is kept elsewhere and was not fetched."""

from __future__ import annotations

from collections.abc import Iterator

from provenance.model.finding import Case
from provenance.model.vocabulary import Cause
from provenance.policy.interface import Breach, Rule


class RemoteCredential(Rule):
    """Fires when a file names a credential on a server. Nothing is fetched unless asked, so what it says is unknown."""

    name = "remote_credential"
    title = "Remote credential not consulted"
    why = "The file declares its own history, but it is kept on a server: it may say that the content is generated."
    remedy = "Fetch the manifest on a machine that may use the network and lay it beside the file as a sidecar."

    def judge(self, case: Case) -> Iterator[Breach]:
        """One breach that rests on all credentials that are elsewhere."""
        because = tuple(trouble for trouble in case.reading.troubles if trouble.cause is Cause.REMOTE)
        if because:
            yield Breach("Its content credential is kept on a server and was not consulted.", because)
