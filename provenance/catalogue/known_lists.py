"""Lists of known material from elsewhere. A list is imported or removed, each an event of its own; none is changed.

Their assets have rows in `assets` and `fingerprints`, and no location and no reading: they are searched for, and never
counted as assets of the storage.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from provenance.catalogue.codec import from_json, to_json
from provenance.catalogue.engine import translate_errors
from provenance.catalogue.ledger import STATES
from provenance.catalogue.session import Session
from provenance.model.asset import Fingerprint
from provenance.model.known_list import ListDeed, ListedItem, ListEvent
from provenance.model.match import Known
from provenance.model.vocabulary import Origin

_ITEMS = """SELECT listed_items.payload, assets.id FROM listed_items JOIN assets ON assets.id = listed_items.asset
    WHERE list = ? ORDER BY listed_items.id"""
_ITEM = """SELECT listed_items.payload FROM listed_items JOIN assets ON assets.id = listed_items.asset
    WHERE list = ? AND assets.digest = ?"""


class FoundItem(NamedTuple):
    """An entry of a list that is in force."""

    list: ListEvent
    item: ListedItem

    @property
    def known(self) -> Known:
        """The asset as a match names it."""
        return Known(self.item.digest, self.item.path, self.item.origin, listed=self.list.label)


class KnownLists:
    """The tables of lists."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._sql = session.db.conn.execute

    def record(self, event: ListEvent, items: Iterable[tuple[ListedItem, tuple[Fingerprint, ...]]] = ()) -> None:
        """Record an event, with the items of a list that is imported, all or none, and commit."""
        now = event.entered_at
        with self._session.change():
            row = self._session.insert("known_lists", title=event.title, payload=to_json(event))
            self._session.ledger.record("known_list", row, event.deed.value, now)
            for item, fingerprints in items:
                self._insert(row, item, fingerprints, now)
        self._session.flush()

    def _insert(self, known_list: int, item: ListedItem, fingerprints: tuple[Fingerprint, ...], now: str) -> None:
        self._sql("INSERT INTO assets (digest, size) VALUES (?, 0) ON CONFLICT (digest) DO NOTHING", (item.digest,))
        ((asset,),) = self._sql("SELECT id FROM assets WHERE digest = ?", (item.digest,)).fetchall()
        row = self._session.insert("listed_items", list=known_list, asset=asset, payload=to_json(item))
        self._session.ledger.record("listed_item", row, "listed", now)
        for fingerprint in fingerprints:
            same = "SELECT 1 FROM fingerprints WHERE asset = ? AND method = ? AND digest = ?"
            if not self._sql(same, (asset, fingerprint.method, fingerprint.digest)).fetchone():
                row = self._session.insert(
                    "fingerprints",
                    asset=asset,
                    method=fingerprint.method,
                    version=fingerprint.version,
                    digest=fingerprint.digest,
                    data=fingerprint.data,
                )
                self._session.ledger.record("fingerprint", row, "kept", now)

    def load(self) -> list[ListEvent]:
        """The lists in force, by title. Raises `CatalogueDamaged` for a row that contradicts the ledger."""
        return [event for _, event in self._load()]

    def find_known(self, origins: Collection[Origin]) -> Iterator[tuple[int, Known]]:
        """Row of the asset, and the asset, for every item of these origins in a list in force, each asset once."""
        seen: set[int] = set()
        for row, event in self._load():
            with translate_errors(self._session.path):
                stored = self._sql(_ITEMS, (row,)).fetchall()
            for payload, asset in stored:
                item = self._session.unpack(from_json, ListedItem, payload)
                if item.origin in origins and asset not in seen:
                    seen.add(asset)
                    yield asset, FoundItem(event, item).known

    def find_item(self, digest: str) -> FoundItem | None:
        """What a list in force says of these bytes; the first by title if several do."""
        for row, event in self._load():
            with translate_errors(self._session.path):
                found = self._sql(_ITEM, (row, digest)).fetchone()
            if found:
                return FoundItem(event, self._session.unpack(from_json, ListedItem, found[0]))
        return None

    def find_digests(self, prefix: str) -> list[str]:
        """Digests of listed items that begin like this, at most a few."""
        query = "SELECT DISTINCT assets.digest FROM listed_items JOIN assets ON assets.id = asset WHERE digest GLOB ?"
        with translate_errors(self._session.path):
            found = self._sql(f"{query} LIMIT 9", (f"{prefix}*",)).fetchall()
        return [digest for (digest,) in found]

    def _load(self) -> list[tuple[int, ListEvent]]:
        """Row and event of the lists in force, by title."""
        newest: dict[str, tuple[int, ListEvent]] = {}
        with translate_errors(self._session.path):
            # Asked for every file of a report.
            if not self._sql("SELECT 1 FROM ledger WHERE subject = 'known_list' LIMIT 1").fetchone():
                return []
            self._session.require_all("known_list")
            for state in self._session.db.execute(f"{STATES['known_list']} ORDER BY this.id").fetchall():
                self._session.require_ledger_state("known_list", state)
                row, title, payload = state
                newest[title] = row, self._session.unpack(from_json, ListEvent, payload)
        return [found for _, found in sorted(newest.items()) if found[1].deed is ListDeed.IMPORTED]
