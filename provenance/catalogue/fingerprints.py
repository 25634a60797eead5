"""Looks for known material in a content, and what they found. They hang on the content, wherever it stands.

The newest look counts. A file that is read again without being looked through loses nothing that was found in it.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Sequence

from provenance.catalogue import rows
from provenance.catalogue.codec import from_json, to_json
from provenance.catalogue.engine import translate_errors
from provenance.catalogue.places import Place
from provenance.catalogue.session import Session
from provenance.model.asset import Appearance, Reading
from provenance.model.evidence import Evidence, Trouble
from provenance.model.match import COPY, Known, Match
from provenance.model.vocabulary import SUSPECT, Origin
from provenance.origin import find_strongest_mark

_PAIRS = 200
"""Pairs of pictures kept of one look, those of copies first."""
_PICTURE = 40_000
"""Bytes of one picture that is kept."""

_NEWEST = "SELECT max(id) FROM looks WHERE asset = (SELECT id FROM assets WHERE digest = ?)"
_FOUND = f"SELECT payload, known_picture, found_picture FROM matches WHERE look = ({_NEWEST}) ORDER BY id"  # noqa: S608 - of our own
_TROUBLES = f"SELECT payload FROM search_troubles WHERE look = ({_NEWEST}) ORDER BY id"  # noqa: S608 - of our own
_LOOKED_FOR = """SELECT looked_for FROM looks WHERE id = (SELECT max(id) FROM looks WHERE asset =
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


class Searches:
    """Writes looks down, and tells what they found."""

    def __init__(self, session: Session, known: Callable[[str], Reading | None]) -> None:
        self._session, self._known = session, known
        self._sql = session.db.conn.execute

    def keep(
        self, asset: int, looked_for: bytes, matches: Sequence[Match], troubles: Sequence[Trouble], now: str
    ) -> None:
        """Store what a search of an asset found, unless the newest one says the same. Belongs in a change."""
        packed = [_pack_match(match) for match in _limit_pictures(matches)]
        obstacles = [to_json(trouble) for trouble in troubles]
        digest = hashlib.sha256()
        for cells in packed:
            for cell in cells:
                digest.update(hashlib.sha256(cell or b"").digest())
        for text in obstacles:
            digest.update(hashlib.sha256(text.encode()).digest())
        newest = "SELECT looked_for, digest FROM looks WHERE asset = ? ORDER BY id DESC LIMIT 1"
        if self._sql(newest, (asset,)).fetchone() == (looked_for, digest.digest()):
            return
        look = self._session.insert("looks", asset=asset, looked_for=looked_for, digest=digest.digest())
        self._session.ledger.record("look", look, "looked", now)
        for match, (payload, known, found) in zip(matches, packed, strict=True):
            row = self._session.insert(
                "matches",
                look=look,
                known=match.known.digest,
                payload=payload,
                known_picture=known,
                found_picture=found,
            )
            self._session.ledger.record("match", row, "found", now)
        for text in obstacles:
            row = self._session.insert("search_troubles", look=look, payload=text)
            self._session.ledger.record("search_trouble", row, "met", now)

    def troubles(self, digest: str) -> tuple[Trouble, ...]:
        """What stood in the way of the newest search of these bytes."""
        with translate_errors(self._session.path):
            stored = self._sql(_TROUBLES, (digest,)).fetchall()
        return tuple(self._session.value(from_json, Trouble, text) for (text,) in stored)

    def find_matches(self, digest: str, origin: Origin) -> tuple[Match, ...]:
        """Known material in the bytes of that digest; `origin`: what the asset in hand says of itself.

        Bytes that say nothing of generation here, and are known to elsewhere, are known material as a whole.
        """
        with translate_errors(self._session.path):
            stored = self._sql(_FOUND, (digest,)).fetchall()
        matches = [self._session.value(_unpack_match, *cells) for cells in stored]
        if origin not in SUSPECT and (same := self._same_bytes(digest)):
            matches.insert(0, same)
        marks = {known: self._mark(known) for known in {match.known.digest for match in matches}}
        return tuple(_with_mark(match, marks[match.known.digest]) for match in matches)

    def found_before(self, digest: str) -> set[str]:
        """Digests of what the newest look at those bytes found."""
        found = f"SELECT known FROM matches WHERE look = ({_NEWEST})"  # noqa: S608 - names of our own
        return {known for (known,) in self._sql(found, (digest,))}

    def searched_for(self, place: Place) -> bytes | None:
        """Digest of what was last searched for in what is at a place; None when nothing was."""
        with translate_errors(self._session.path):
            found = self._sql(_LOOKED_FOR, (place.root, place.path)).fetchone()
        if found is None:
            return None
        return bytes(found[0])

    def appearances(self, digest: str) -> list[Appearance]:
        """Every place in which known material was found, as far as the newest looks say, present ones first."""
        with translate_errors(self._session.path):
            stored = self._sql(_APPEARANCES, (digest,)).fetchall()
        return [
            Appearance(
                self._session.value(rows.unpack_location, *cells[:4]),
                self._session.value(_unpack_match, cells[5], None, None),
                cells[4],
            )
            for cells in stored
        ]

    def _same_bytes(self, digest: str) -> Match | None:
        with translate_errors(self._session.path):
            cells = self._sql(_ELSEWHERE, (digest, *sorted(SUSPECT))).fetchone()
        if not cells:
            return None
        place = self._session.value(rows.unpack_location, *cells[:4])
        known = Known(digest, place.path, self._session.value(Origin, cells[4]))
        return Match(known, "same-bytes", COPY, None, None, 1.0, "byte for byte")

    def _mark(self, digest: str) -> Evidence | None:
        reading = self._known(digest)
        mark = find_strongest_mark(reading.evidence) if reading else None
        return mark and dataclasses.replace(mark, used=None)


def _limit_pictures(matches: Sequence[Match]) -> list[Match]:
    """The same matches, with so many small pictures that a feature full of findings stays a modest row."""
    ranked = sorted(range(len(matches)), key=lambda at: (matches[at].verdict != COPY, at))
    shown = set(ranked[:_PAIRS])
    return [
        match
        if number in shown and match.pictures and max(map(len, match.pictures)) <= _PICTURE
        else dataclasses.replace(match, pictures=None)
        for number, match in enumerate(matches)
    ]


def _pack_match(match: Match) -> tuple[bytes, bytes | None, bytes | None]:
    bare = dataclasses.replace(match, pictures=None, known=dataclasses.replace(match.known, mark=None))
    known, found = match.pictures or (None, None)
    return to_json(bare).encode(), known, found


def _unpack_match(payload: bytes, known: bytes | None, found: bytes | None) -> Match:
    match = from_json(Match, payload)
    if known is None or found is None:
        return match
    return dataclasses.replace(match, pictures=(known, found))


def _with_mark(match: Match, mark: Evidence | None) -> Match:
    return dataclasses.replace(match, known=dataclasses.replace(match.known, mark=mark))
