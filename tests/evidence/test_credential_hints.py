"""Hints of a manifest in a file that nothing could parse: found wherever they stand, and nothing else is."""

from __future__ import annotations

import dataclasses

import pytest

from provenance.evidence.credential_hints import has_manifest_hint
from provenance.limits import DEFAULT
from provenance.media import types
from provenance.media.source import Source, source_from_bytes

STORE = b"\0\0\1\0jumb\0\0\0\x1ejumdc2pa\0\x11"
BOX = bytes.fromhex("d8fec3d61b0e483c92975828877ec481") + b"\0\0\0\0manifest\0"
IN_PDF = b"/Subtype /application#2Fc2pa", b"(application/c2pa)", b"(application/x-c2pa)"
BLOCK = 4096
LIMITS = dataclasses.replace(DEFAULT, block=BLOCK)


def make_source(content: bytes, media_type: str) -> Source:
    return dataclasses.replace(source_from_bytes(content, "damaged", LIMITS), media_type=media_type)


@pytest.mark.parametrize("media_type", [types.QUICKTIME, types.WAV, types.PDF])
def test_a_store_is_found_wherever_it_stands(media_type: str) -> None:
    for offset in (0, 100, BLOCK - len(STORE), *range(BLOCK - 30, BLOCK + 3), 3 * BLOCK - 9):
        content = bytes(offset) + STORE + bytes(5000)
        assert has_manifest_hint(make_source(content, media_type)), offset
    assert not has_manifest_hint(make_source(bytes(9) + STORE[4:8] + b"\0" + STORE[8:] + bytes(9), media_type))
    assert not has_manifest_hint(make_source(STORE[12:] + bytes(9), media_type)), "without the box around it"


def test_the_second_of_two_counts_as_well() -> None:
    for first in (STORE[12:], STORE[:12] + b"jumdc2p"):
        assert has_manifest_hint(make_source(b"...." * 5 + first + b"...." + STORE, types.QUICKTIME))


def test_the_box_of_a_movie_is_found_in_movies() -> None:
    assert has_manifest_hint(make_source(bytes(BLOCK - 5) + BOX, types.QUICKTIME))
    assert not has_manifest_hint(make_source(BOX[:-4], types.QUICKTIME))


def test_pdf_names_the_type() -> None:
    found = [has_manifest_hint(make_source(b"%PDF-1.7 " + name, types.PDF)) for name in IN_PDF]
    assert found == [False, True, True]


def test_of_a_huge_file_both_ends_are_searched() -> None:
    limits = dataclasses.replace(LIMITS, c2pa_buffered=2 * BLOCK)
    found = []
    for offset in (10, 5 * BLOCK, 10 * BLOCK - 100):
        content = bytes(offset) + STORE + bytes(10 * BLOCK - offset)
        found.append(has_manifest_hint(dataclasses.replace(make_source(content, types.QUICKTIME), limits=limits)))
    assert found == [True, False, True]
