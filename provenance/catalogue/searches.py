"""Searches of content for known material, and their matches. They belong to the content, at whatever place it is.

The newest search of a content counts. A file that is read again without a search keeps the matches it has.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Sequence

from provenance.catalogue import rows
from provenance.catalogue.codec import from_json, to_json
from provenance.catalogue.engine import translate_errors
from provenance.catalogue.known_lists import KnownLists
from provenance.catalogue.places import Place
from provenance.catalogue.session import Session
from provenance.model.asset import Appearance, Reading
from provenance.model.evidence import Evidence, Trouble
from provenance.model.match import COPY, Known, Match
from provenance.model.vocabulary import SUSPECT, Origin, Zone
from provenance.origin import find_strongest_mark

_MAX_PICTURE_PAIRS = 200
"""Pairs of pictures stored for one search, those of confirmed copies first."""
_MAX_PICTURE_SIZE = 40_000
"""Bytes of one picture; a larger one is not stored."""

# In the tables a search is a `look`, the digest of its search index is `looked_for`.
_NEWEST = "SELECT max(id) FROM looks WHERE asset = (SELECT id FROM assets WHERE digest = ?)"
_MATCHES = f"SELECT payload, known_picture, found_picture FROM matches WHERE look = ({_NEWEST}) ORDER BY id"  # noqa: S608 - of our own
_MATCHES_BEFORE = """SELECT payload, NULL, NULL FROM matches WHERE look =
    (SELECT max(id) FROM looks WHERE asset = (SELECT id FROM assets WHERE digest = ?)
     AND (SELECT min(seq) FROM ledger WHERE subject = 'look' AND row = looks.id) < ?) ORDER BY id"""
_TROUBLES = f"SELECT payload FROM search_troubles WHERE look = ({_NEWEST}) ORDER BY id"  # noqa: S608 - of our own
_INDEX_DIGEST = """SELECT looked_for FROM looks WHERE id = (SELECT max(id) FROM looks WHERE asset =
    (SELECT asset FROM readings JOIN locations ON locations.reading = readings.id
     WHERE root = ? AND locations.path = ? AND vanished_at IS NULL))"""
_APPEARANCES = f"""SELECT {rows.PLACE}, vanished_at, matches.payload
    FROM matches JOIN looks ON looks.id = matches.look JOIN readings ON readings.asset = looks.asset
    JOIN locations ON locations.reading = readings.id JOIN roots ON roots.id = locations.root
    WHERE known = ? AND looks.id = (SELECT max(id) FROM looks newest WHERE newest.asset = looks.asset)
    ORDER BY vanished_at IS NOT NULL, roots.path, locations.path, matches.id"""  # noqa: S608 - names of our own
_ELSEWHERE = f"""SELECT {rows.PLACE}, readings.origin
    FROM readings JOIN locations ON locations.reading = readings.id JOIN roots ON roots.id = locations.root
    WHERE readings.asset = (SELECT id FROM assets WHERE digest = ?) AND readings.origin IN (?, ?, ?)
    ORDER BY vanished_at IS NOT NULL, locations.id LIMIT 1"""  # noqa: S608 - names of our own


def select_in_zone(zone: Zone | None) -> str:
    """The query for the contents that lie in a zone now. A file that is taken out of it is not in it any more."""
    # The zone is written out: an index of the rows of one zone serves no query whose zone comes later.
    return f"""SELECT readings.asset FROM locations JOIN readings ON readings.id = locations.reading
        WHERE locations.zone = '{zone or "none"}' AND vanished_at IS NULL"""  # noqa: S608 - words of our own


_PLACE_IN_ZONE = f"""SELECT {rows.PLACE}, readings.origin
    FROM readings JOIN locations ON locations.reading = readings.id JOIN roots ON roots.id = locations.root
    WHERE readings.asset = (SELECT id FROM assets WHERE digest = ?) AND locations.zone = ? AND vanished_at IS NULL
    ORDER BY locations.id LIMIT 1"""  # noqa: S608 - names of our own


class Searches:
    """Stores searches and reads what they found."""

    def __init__(self, session: Session, find_reading: Callable[[str], Reading | None]) -> None:
        self._session = session
        self._find_reading = find_reading
        self.lists = KnownLists(session)
        self._sql = session.db.conn.execute

    def store(
        self, asset: int, index_digest: bytes, matches: Sequence[Match], troubles: Sequence[Trouble], now: str
    ) -> None:
        """Store the result of a search of an asset, unless the newest one is the same. Call it in a change.

        `index_digest`: digest of the search index. `now`: UTC, ISO 8601.
        """
        packed_matches = [_pack_match(match) for match in _limit_pictures(matches)]
        packed_troubles = [to_json(trouble) for trouble in troubles]
        digest = _digest_result(packed_matches, packed_troubles)
        # A second search with the same index and the same result, as when `scan` runs twice, is not worth a row.
        newest = "SELECT looked_for, digest FROM looks WHERE asset = ? ORDER BY id DESC LIMIT 1"
        if self._sql(newest, (asset,)).fetchone() == (index_digest, digest):
            return
        search = self._session.insert("looks", asset=asset, looked_for=index_digest, digest=digest)
        self._session.ledger.record("look", search, "looked", now)
        for match, (payload, known_picture, found_picture) in zip(matches, packed_matches, strict=True):
            row = self._session.insert(
                "matches",
                look=search,
                known=match.known.digest,
                payload=payload,
                known_picture=known_picture,
                found_picture=found_picture,
            )
            self._session.ledger.record("match", row, "found", now)
        for text in packed_troubles:
            row = self._session.insert("search_troubles", look=search, payload=text)
            self._session.ledger.record("search_trouble", row, "met", now)

    def find_troubles(self, digest: str) -> tuple[Trouble, ...]:
        """Troubles of the newest search of these bytes."""
        with translate_errors(self._session.path):
            stored = self._sql(_TROUBLES, (digest,)).fetchall()
        return tuple(self._session.unpack(from_json, Trouble, text) for (text,) in stored)

    def find_matches(self, digest: str, origin: Origin, zone: Zone | None = None) -> tuple[Match, ...]:
        """Known material in the bytes of that digest, each with the mark it had when it was read.

        `origin`: the origin that the asset itself shows. When that is not a generated one, and the same bytes are known
        elsewhere as generated, the whole asset is known material and comes first. `zone`: where the asset lies; outside
        of the zone `reference` the same is true of bytes that lie in it.
        """
        with translate_errors(self._session.path):
            stored = self._sql(_MATCHES, (digest,)).fetchall()
        matches = [self._session.unpack(_unpack_match, *cells) for cells in stored]
        if origin not in SUSPECT:
            same = self._find_same_bytes(digest) or self._find_same_listed(digest)
            if same:
                matches.insert(0, same)
        # The same bytes are no second match: that they lie in the zone is said of the first one.
        if zone is not Zone.REFERENCE and not any(match.known.digest == digest for match in matches):
            same = self._find_same_in_zone(digest)
            if same:
                matches.insert(0, same)
        # A film may show one still many times: each mark is looked up once.
        facts: dict[str, Known] = {}
        marked = []
        for match in matches:
            known = match.known
            if known.digest not in facts:
                facts[known.digest] = self._describe_known(known)
            fresh = facts[known.digest]
            known = dataclasses.replace(known, mark=fresh.mark, is_reference=fresh.is_reference, listed=fresh.listed)
            marked.append(dataclasses.replace(match, known=known))
        return tuple(marked)

    def find_matches_before(self, digest: str, entry: int) -> tuple[Match, ...]:
        """Known material that the newest search of these bytes before an entry of the ledger found, without marks."""
        with translate_errors(self._session.path):
            stored = self._sql(_MATCHES_BEFORE, (digest, entry)).fetchall()
        return tuple(self._session.unpack(_unpack_match, *cells) for cells in stored)

    def find_index_digest(self, place: Place) -> bytes | None:
        """Digest of the search index with which the content of a place was last searched; None if it never was."""
        with translate_errors(self._session.path):
            row = self._sql(_INDEX_DIGEST, (place.root, place.path)).fetchone()
        if row is None:
            return None
        return bytes(row[0])

    def find_appearances(self, digest: str) -> list[Appearance]:
        """Every place in which the newest searches found this known material, present ones first."""
        with translate_errors(self._session.path):
            stored = self._sql(_APPEARANCES, (digest,)).fetchall()
        appearances = []
        for root, path, zone, extras, vanished_at, payload in stored:
            location = self._session.unpack(rows.unpack_location, root, path, zone, extras)
            match = self._session.unpack(_unpack_match, payload, None, None)
            appearances.append(Appearance(location, match, vanished_at))
        return appearances

    def _find_same_bytes(self, digest: str) -> Match | None:
        """A match of the whole asset, when another reading of the same bytes shows that they are generated."""
        with translate_errors(self._session.path):
            row = self._sql(_ELSEWHERE, (digest, *sorted(SUSPECT))).fetchone()
        if not row:
            return None
        *place, origin = row
        location = self._session.unpack(rows.unpack_location, *place)
        known = Known(digest, location.path, self._session.unpack(Origin, origin))
        return Match(known, "same-bytes", COPY, None, None, 1.0, "byte for byte")

    def _find_same_in_zone(self, digest: str) -> Match | None:
        """A match of the whole asset, when the same bytes lie in the zone `reference`."""
        with translate_errors(self._session.path):
            row = self._sql(_PLACE_IN_ZONE, (digest, Zone.REFERENCE)).fetchone()
        if not row:
            return None
        *place, origin = row
        location = self._session.unpack(rows.unpack_location, *place)
        known = Known(digest, location.path, self._session.unpack(Origin, origin))
        return Match(known, "same-bytes", COPY, None, None, 1.0, "byte for byte")

    def _find_same_listed(self, digest: str) -> Match | None:
        """A match of the whole asset, when a list of known material has the same bytes."""
        found = self.lists.find_item(digest)
        if found is None or found.item.origin not in SUSPECT:
            return None
        return Match(found.known, "same-bytes", COPY, None, None, 1.0, "byte for byte")

    def _describe_known(self, known: Known) -> Known:
        """Known material with its mark, its zone, and the list that it is known from if it is not in the storage."""
        mark = self._find_mark(known.digest)
        is_reference = self._is_in_zone(known.digest)
        listed = None
        if self._find_reading(known.digest) is None and (found := self.lists.find_item(known.digest)):
            listed = found.list.label
            mark = find_strongest_mark(found.item.evidence)
        return dataclasses.replace(known, mark=mark, is_reference=is_reference, listed=listed)

    def _is_in_zone(self, digest: str) -> bool:
        """Whether these bytes lie in the zone `reference`."""
        with translate_errors(self._session.path):
            return self._sql(_PLACE_IN_ZONE, (digest, Zone.REFERENCE)).fetchone() is not None

    def _find_mark(self, digest: str) -> Evidence | None:
        reading = self._find_reading(digest)
        if reading is None:
            return None
        mark = find_strongest_mark(reading.evidence)
        if mark is None:
            return None
        # A match shows the mark; prompt and model (`used`) belong to the case of the known asset itself.
        return dataclasses.replace(mark, used=None)


def _digest_result(matches: Sequence[Sequence[bytes | None]], troubles: Sequence[str]) -> bytes:
    """SHA-256 over the SHA-256 of every stored cell of a search."""
    digest = hashlib.sha256()
    for cells in matches:
        for cell in cells:
            digest.update(hashlib.sha256(cell or b"").digest())
    for text in troubles:
        digest.update(hashlib.sha256(text.encode()).digest())
    return digest.digest()


def _limit_pictures(matches: Sequence[Match]) -> list[Match]:
    """The same matches with a bounded number of pictures, each of bounded size."""
    # However many matches a feature film has, the pictures of one search stay below 16 MB.
    copies, others = [], []
    for number, match in enumerate(matches):
        if match.verdict == COPY:
            copies.append(number)
        else:
            others.append(number)
    with_pictures = {*(copies + others)[:_MAX_PICTURE_PAIRS]}
    limited = []
    for number, match in enumerate(matches):
        is_small = match.pictures is not None and max(map(len, match.pictures)) <= _MAX_PICTURE_SIZE
        if number in with_pictures and is_small:
            limited.append(match)
        else:
            limited.append(dataclasses.replace(match, pictures=None))
    return limited


def _pack_match(match: Match) -> tuple[bytes, bytes | None, bytes | None]:
    """Payload, picture of the known asset and picture of the place where it was found."""
    # Mark and zone are looked up with each query, because the known asset may have been read again or moved since.
    slim = dataclasses.replace(
        match, pictures=None, known=dataclasses.replace(match.known, mark=None, is_reference=False, listed=None)
    )
    known_picture, found_picture = match.pictures or (None, None)
    return to_json(slim).encode(), known_picture, found_picture


def _unpack_match(payload: bytes, known_picture: bytes | None, found_picture: bytes | None) -> Match:
    match = from_json(Match, payload)
    if known_picture is None or found_picture is None:
        return match
    return dataclasses.replace(match, pictures=(known_picture, found_picture))
