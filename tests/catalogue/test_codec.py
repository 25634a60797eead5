from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given, settings

from provenance.catalogue.codec import from_json, to_json
from provenance.catalogue.rows import pack_extras, pack_reading, unpack_case, unpack_location, unpack_reading
from provenance.model.asset import Asset, Location, Reading
from provenance.model.evidence import Statement
from tests.catalogue import make


@given(make.readings)
@settings(max_examples=150, deadline=None)
def test_any_reading_comes_back(reading: Reading) -> None:
    stored = pack_reading(reading)
    cells = (stored.asset_digest, stored.origin.value, stored.digest, stored.payload, stored.thumbnail)
    assert unpack_reading(*cells) == reading


@given(make.locations)
@settings(max_examples=150, deadline=None)
def test_any_location_comes_back(location: Location) -> None:
    root = location.root.encode("utf-8", "surrogateescape")
    assert unpack_location(root, location.path_bytes, location.zone.value, pack_extras(location)) == location


def test_a_plain_location_needs_no_json() -> None:
    assert pack_extras(make.location("a/b.png")) is None
    assert pack_extras(make.location(b"caf\xe9.png")) is not None


def test_every_field_of_a_location_is_stored() -> None:
    told = {"root", "path", "path_bytes", "zone", "frames", "missing", "frame", "sequence", "parent"}
    assert {field.name for field in dataclasses.fields(Location)} == told


def test_fields_unknown_to_this_version_are_passed_over() -> None:
    text = to_json(Statement("png", "here", "key", "value")).replace('{"', '{"novelty":1,"', 1)
    assert from_json(Statement, text) == Statement("png", "here", "key", "value")


@pytest.mark.parametrize(
    "text",
    ["", "[]", "null", "{", '{"digest":1}', '{"digest":"x","xxh128":"","size":"big","media_type":""}', "[" * 100_000],
)
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        from_json(Asset, text)


@pytest.mark.parametrize("column", range(9))
def test_no_stored_cell_can_be_altered_unnoticed_or_break_more_than_its_row(column: int) -> None:
    stored = pack_reading(make.reading(1, words=20, thumbnail=b"jpeg"))
    row: list[Any] = [b"/r", b"\xff", "temp", '{"path":"x"}', stored.asset_digest, stored.origin.value,
                      stored.digest, stored.payload, stored.thumbnail]  # fmt: skip
    assert unpack_case(tuple(row)).location.path == "x"
    if column in (0, 1):
        return  # any bytes are a name
    row[column] = {"bytes": b"x\x9c\x00", "str": "}{", "int": 7}[type(row[column]).__name__]
    with pytest.raises(ValueError, match=r".+"):
        unpack_case(tuple(row))
