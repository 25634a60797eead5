"""Maker notes by their form."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.media.formats.maker_notes import identify_maker


def directory(order: str = "<", kinds: tuple[int, ...] = (3, 4, 2, 7, 5)) -> bytes:
    rows = b"".join(struct.pack(f"{order}HHII", tag, kind, 1, 0) for tag, kind in enumerate(kinds, 1))
    return struct.pack(f"{order}H", len(kinds)) + rows + bytes(4)


@pytest.mark.parametrize(
    ("note", "make", "builder"),
    [
        (directory(), "Canon", "Canon"),
        (directory(">"), "Canon", "Canon"),
        (directory(), "SONY", "Sony"),
        (b"Nikon\0\x02\x11\0\0II*\0\x08\0\0\0" + directory(), "NIKON CORPORATION", "Nikon"),
        (b"Nikon\0\x02\x10\0\0MM\0*\0\0\0\x08" + directory(">"), "NIKON CORPORATION", "Nikon"),
        (b"Apple iOS\0\0\x01MM" + directory(">"), "Apple", "Apple"),
        (b"FUJIFILM\x0c\0\0\0" + directory(), "FUJIFILM", "Fujifilm"),
        (b"OLYMP\0\x01\0" + directory(), "", "Olympus"),
        (b"OM SYSTEM\0\0\0II\x04\0" + directory(), "OM Digital Solutions", "Olympus"),
        (b"Panasonic\0\0\0" + directory(), "Panasonic", "Panasonic"),
        (b"SONY DSC \0\0\0" + directory(), "SONY", "Sony"),
        (b"AOC\0MM" + directory(">"), "PENTAX", "Pentax"),
    ],
)
def test_known_forms(note: bytes, make: str, builder: str) -> None:
    assert identify_maker(note, make) == builder


@pytest.mark.parametrize(
    ("note", "make"),
    [
        (directory(), "Unheard Of"),
        (directory(), ""),
        (directory()[:-20], "Canon"),
        (directory(kinds=(0, 99, 3, 4)), "Canon"),
        (b"", "Canon"),
        (b"\0" * 264, "Canon"),
        (b"fooocus", "Canon"),
        (b"Nikon\0\x02\x11\0\0", "NIKON CORPORATION"),
        (b"Nikon\0\x02\x11\0\0II*\0\x08\0\0\0" + bytes(200), "NIKON CORPORATION"),
        (b"SONY DSC \0\0\0\0\x01\0\x006\x03\0\0", "SONY"),
        (b"Rollei             \0" + bytes(300), "Rollei"),
    ],
)
def test_everything_else_is_nobodys(note: bytes, make: str) -> None:
    assert identify_maker(note, make) is None


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["Canon", "NIKON CORPORATION", "SONY", "", "Apple"]) | st.text())
def test_any_bytes_are_answered(note: bytes, make: str) -> None:
    assert identify_maker(note, make) in (None, *("Canon", "Nikon", "Sony")) or make
