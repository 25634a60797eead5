"""What a night leaves for the next one, and what of it is news."""

from __future__ import annotations

import json
import zlib
from dataclasses import replace

import pytest

from provenance.errors import CatalogueDamaged
from provenance.model.evidence import Trouble
from provenance.model.report import Absence, Delta, Move, OpenFinding
from provenance.model.vocabulary import Cause, Severity
from provenance.workflows.night_record import NightRecord, add_news, make_record, unpack_record

OLD = OpenFinding("out: a.png", "generated-in-deliverable", Severity.BLOCK, "Generative AI made it.")
NEW = replace(OLD, rule="carries-ai-label", severity=Severity.REVIEW)
SLOW = Trouble("edit: b.mov", "read", Cause.SLOW, "it took 60 seconds")
RECORD = make_record({("out", "a.png"): True, ("out", "c.png"): False}, [OLD], [SLOW])


def test_a_record_comes_back_as_it_was_left() -> None:
    assert RECORD.open_places == (("out", "a.png"),)
    assert unpack_record(RECORD.pack()) == RECORD
    assert unpack_record(None) is None


def test_a_night_of_an_older_version_kept_the_open_places_alone() -> None:
    payload = zlib.compress(json.dumps({"open": [["out", "a.png"]]}).encode())
    old = unpack_record(payload)
    assert old == NightRecord((("out", "a.png"),))
    news = add_news(Delta(), old, [OLD], [SLOW])
    assert (news.newly_open, news.newly_unchecked) == (None, None), "not known is not nothing"


@pytest.mark.parametrize(
    "payload", [b"", b"x", zlib.compress(b"{}"), zlib.compress(b'{"open": 3}'), zlib.compress(b"[")]
)
def test_a_damaged_record_is_said(payload: bytes) -> None:
    with pytest.raises(CatalogueDamaged):
        unpack_record(payload)


def test_only_what_the_night_before_had_not_is_news() -> None:
    same = add_news(Delta(), RECORD, [OLD], [replace(SLOW, detail="it took 61 seconds")])
    assert (same.newly_open, same.newly_unchecked) == ((), ())
    other = replace(SLOW, cause=Cause.CRASHED)
    more = add_news(Delta(), RECORD, [OLD, NEW], [SLOW, other])
    assert (more.newly_open, more.newly_unchecked) == ((NEW,), (other,))


def test_what_moved_with_its_file_and_what_is_away_is_no_news() -> None:
    delta = Delta(
        moved=(Move("out: a.png", "out: z.png"),), absent=(Absence("edit", "the storage is not there; is it mounted?"),)
    )
    away = Trouble("/mnt/edit", "walk", Cause.UNREADABLE, "the storage is not there; is it mounted?")
    news = add_news(delta, RECORD, [replace(OLD, path="out: z.png")], [away])
    assert (news.newly_open, news.newly_unchecked) == ((), ())
