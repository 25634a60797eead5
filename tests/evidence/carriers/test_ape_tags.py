"""APE tags: at the end of an MP3, before an ID3v1 tag, at the beginning of a file."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from provenance.evidence.carriers.ape_tags import ApeTags
from provenance.model.vocabulary import Cause, Origin
from tests.evidence.build import SMALL, Heard, source
from tests.evidence.carriers.test_movies import sound
from tests.evidence.looking import MARKED, Look
from tests.evidence.small_formats import ape_item, ape_tag

SONG = b"made with suno; created=2026-03-04T10:11:12Z; id=0a1b2c3d-1111-4222-8333-444455556666"
ITEMS = (
    ape_item("Comment", SONG), ape_item("Artist", "Zwölf\0Elf".encode()),
    ape_item("Cover Art (Front)", b"cover.png\0" + MARKED, 1), ape_item("Notes", b"\0\1\2", 1),
)  # fmt: skip
ID3V1 = b"TAG" + bytes(125)
LYRICS3 = b"LYRICSBEGIN" + b"IND00002" + b"00" + b"000021" + b"LYRICS200"


@pytest.mark.parametrize("behind", [b"", ID3V1, LYRICS3, LYRICS3 + ID3V1])
def test_a_tag_at_the_end_of_an_mp3(behind: bytes, tmp_path: Path) -> None:
    look = Look(sound("mp3", "libmp3lame", {}) + ape_tag(ITEMS) + behind, tmp_path)
    assert look.own.asset.media_type == "audio/mpeg"
    assert look.says("Artist") == ["Zwölf\nElf"]
    assert look.origin is Origin.GENERATED
    assert look.origins == {"cover.png": Origin.GENERATED}
    assert look.causes == set()


@pytest.mark.parametrize("start", [b"wvpk", b"MAC ", b"MPCK", b"TTA1"])
def test_other_sound_with_a_tag(start: bytes, tmp_path: Path) -> None:
    look = Look(start + bytes(60) + ape_tag(ITEMS), tmp_path)
    assert look.says("Comment") == [SONG.decode()]


def test_a_tag_at_the_beginning_is_read_once() -> None:
    told = Heard(ApeTags(), source(ape_tag(ITEMS), "audio/mpeg"))
    assert told.values("Comment") == [SONG.decode()]
    told = Heard(ApeTags(), source(ape_tag(ITEMS) + bytes(500), "audio/mpeg"))
    assert told.values("Comment") == [SONG.decode()]


def test_damage_is_reported_behind_what_could_be_read() -> None:
    told = Heard(ApeTags(), source(bytes(50) + ape_tag(ITEMS, count=9), "audio/mpeg"))
    assert told.values("Comment") == [SONG.decode()]
    assert [row.cause for row in told.troubles] == [Cause.MALFORMED]
    told = Heard(ApeTags(), source(ape_tag(ITEMS)[-60:], "audio/mpeg"))
    assert [row.cause for row in told.troubles] == [Cause.MALFORMED]


def test_damage_never_raises() -> None:
    data = bytes(40) + ape_tag(ITEMS)
    dice = random.Random(4)
    for _ in range(300):
        broken = bytearray(data)
        for _ in range(dice.randrange(1, 8)):
            broken[dice.randrange(len(broken))] = dice.randrange(256)
        Heard(ApeTags(), source(bytes(broken), "audio/mpeg", limits=SMALL))
