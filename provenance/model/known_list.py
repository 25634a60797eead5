"""Lists of known material from elsewhere: what one entry says, and the events in the life of a list."""

from __future__ import annotations

import enum

from provenance.model.evidence import Evidence
from provenance.model.value import value
from provenance.model.vocabulary import Origin


@value
class ListedItem:
    """A known asset of another catalogue, without its pictures."""

    digest: str
    """`sha256:<hex>` of its bytes, as everywhere."""
    path: str
    """The path as whoever made the list sees it: a name, and never a place here."""
    origin: Origin
    media_type: str = ""
    evidence: tuple[Evidence, ...] = ()


class ListDeed(enum.StrEnum):
    """What was done with a list."""

    IMPORTED = "imported"
    REMOVED = "removed"


@value
class ListEvent:
    """One event. The newest of a title counts."""

    title: str
    """What the list is called: a newer list of the same title takes its place."""
    deed: ListDeed
    entered_at: str
    """UTC, ISO 8601."""
    made_at: str = ""
    """When the list was made, by the clock of whoever made it."""
    signer: str = ""
    """Who signed it, as the user names the holder of the key; empty for a list without a signature."""
    key: str = ""
    """Fingerprint of that key."""
    digest: str = ""
    """SHA-256 of the file, in hex."""
    items: int = 0

    @property
    def label(self) -> str:
        """`Show 7 temp (Studio A, 2026-11-27)`: its signer, and the day on which it was made."""
        return f"{self.title} ({self.signer or 'unsigned'}, {self.made_at[:10]})"
