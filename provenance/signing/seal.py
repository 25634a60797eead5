"""The trusted comment of our signatures: when a report was made, and the state of the ledger that it was made from."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

from provenance.signing.keys import decode_base64
from provenance.signing.note import Checkpoint

_FORM = re.compile(
    r"made_at=(?P<made_at>\S+)"
    r"(?: ledger=(?P<origin>\S+) entries=(?P<size>\d+) head=(?P<head>[0-9a-f]{64}) root=(?P<root>\S+))?"
)


@dataclass(frozen=True, slots=True)
class Seal:
    """What is signed together with a report."""

    made_at: str
    """UTC, ISO 8601: what the clock of the signer's machine said."""
    checkpoint: Checkpoint | None = None
    """The ledger; None for a report that was made without one."""
    head: str = ""
    """Its head, `<number of entries>:<hash>`."""

    @property
    def comment(self) -> str:
        """One line."""
        text = f"made_at={self.made_at}"
        if self.checkpoint:
            root = base64.b64encode(self.checkpoint.root).decode("ascii")
            digest = self.head.partition(":")[2]
            text += f" ledger={self.checkpoint.origin} entries={self.checkpoint.size} head={digest} root={root}"
        return text


def parse(comment: str) -> Seal:
    """The seal in a trusted comment. Raises `ValueError` for any other text."""
    found = _FORM.fullmatch(comment)
    if not found:
        raise ValueError("the trusted comment does not name a time and a ledger")
    checkpoint = None
    head = ""
    if found["origin"]:
        checkpoint = Checkpoint(found["origin"], int(found["size"]), decode_base64(found["root"]))
        head = f"{checkpoint.size}:{found['head']}"
    seal = Seal(found["made_at"], checkpoint, head)
    if seal.comment != comment:
        raise ValueError("the trusted comment is not in the form in which it was written")
    return seal
