"""Sets of readings with something in common that takes a while to find out, so that it is found out once of each.

A reading never changes, so what was found out of it holds for ever, as long as the same question is asked: the name of
a set names the question with its version. Each row of the table is about the readings after those of the row before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from provenance.catalogue import rows
from provenance.catalogue.codec import from_json
from provenance.catalogue.engine import Database, make_damage_error, translate_errors
from provenance.catalogue.row_bitmap import RowBitmap
from provenance.catalogue.session import Session
from provenance.plain import ReadingPart

Questions = Mapping[str, Callable[[ReadingPart], bool]]
"""By name with its version: whether a reading is one of the set."""

_STORED = "SELECT this.id, name, first, last, bits FROM reading_sets this WHERE name = ? ORDER BY this.id"
_READINGS = f"""SELECT readings.id, {rows.READING} FROM readings LEFT JOIN assets ON assets.id = readings.asset
    WHERE readings.id > ? AND readings.id <= ? ORDER BY readings.id"""  # noqa: S608 - names of our own


@dataclass(slots=True)
class ReadingSet:
    """The readings of a set, as far as they were asked about."""

    last: int = 0
    """Every reading up to this row was asked about, and none after it."""
    readings: RowBitmap = field(default_factory=RowBitmap)
    """Those for which the answer was yes."""


class ReadingSets:
    """The table of sets."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._sql = session.db.conn.execute

    def load(self, name: str) -> ReadingSet:
        """A set as it was last extended; empty when nobody has asked. Raises `CatalogueDamaged`.

        What a night need not look at is decided by it, so every row is compared with the ledger.
        """
        found = ReadingSet()
        with translate_errors(self._session.path):
            for state in self._sql(_STORED, (name,)).fetchall():
                self._session.require_ledger_state("reading_set", state)
                _, _, first, last, bits = state
                if first != found.last + 1:
                    raise make_damage_error(self._session.path, f"the set of readings {name!r} has a gap")
                found.readings.update(self._session.unpack(RowBitmap.unpack, bits))
                found.last = last
        return found

    def extend(self, questions: Questions, now: str) -> dict[str, ReadingSet]:
        """Ask about every reading that came in since, and record the answers. Returns the sets, by name."""
        sets = {name: self.load(name) for name in questions}
        with translate_errors(self._session.path):
            (end,) = self._sql("SELECT coalesce(max(id), 0) FROM readings").fetchone()
        begins = {name: found.last for name, found in sets.items() if found.last < end}
        if not begins:
            return sets
        answers = {name: RowBitmap() for name in begins}
        for row, part in self._list_parts(min(begins.values()), end):
            for name, answer in answers.items():
                if row > begins[name] and questions[name](part):
                    answer.add(row)
        for name, answer in answers.items():
            with self._session.change():
                cells = {"name": name, "first": begins[name] + 1, "last": end, "bits": answer.pack()}
                number = self._session.insert("reading_sets", **cells)
                self._session.ledger.record("reading_set", number, "kept", now)
            sets[name].readings.update(answer)
            sets[name].last = end
        return sets

    def _list_parts(self, first: int, end: int) -> Iterator[tuple[int, ReadingPart]]:
        with translate_errors(self._session.path):
            for row, *cells in self._sql(_READINGS, (first, end)):
                yield row, self._session.unpack(unpack_part, *cells)


def unpack_part(*cells: object) -> ReadingPart:
    """The part of a stored reading that sets are about. Raises `ValueError` as `rows.unpack_reading`."""
    return from_json(ReadingPart, rows.unpack_reading_text(*cells))  # type: ignore[arg-type]  # STRICT tables


def find_contradictions(db: Database, questions: Questions) -> list[str]:
    """Say which of the stored sets have not the readings that the questions give."""
    wrong = []
    for name, question in questions.items():
        kept, last = RowBitmap(), 0
        for _, _, _, end, bits in db.execute(_STORED, (name,)).fetchall():
            kept.update(RowBitmap.unpack(bits))
            last = end
        for row, *cells in db.execute(_READINGS, (0, last)):
            if (row in kept) != question(unpack_part(*cells)):
                wrong.append(f"reading_sets: {name!r} is wrong about row {row} of readings")
                break
    return wrong
