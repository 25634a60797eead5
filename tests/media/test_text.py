"""What is packed comes out up to the damage, and what came out counts against the allowance."""

from __future__ import annotations

import gzip
import zlib

import pytest

from provenance.evidence.carriers.png import Png
from provenance.limits import DEFAULT, KIB
from provenance.media.formats.unpacking import DecompressedStream
from provenance.media.readable import Block, MalformedContainer
from provenance.media.text import inflate
from provenance.model.vocabulary import Cause
from tests.evidence.build import SMALL, Heard, png, png_chunk, source

WORDS = b"".join(b"word %d, " % number for number in range(5000))


@pytest.mark.parametrize("harm", [4, 1])
def test_a_false_checksum_hides_nothing(harm: int) -> None:
    packed = bytearray(zlib.compress(WORDS))
    packed[-harm] ^= 1
    assert inflate(bytes(packed), len(WORDS)) == (WORDS, Cause.MALFORMED)
    assert inflate(bytes(packed), 100) == (WORDS[:100], Cause.OVERSIZED)


def test_damage_within_hides_only_what_stands_behind_it() -> None:
    packed = bytearray(zlib.compress(WORDS))
    half = len(packed) // 2
    packed[half : half + 40] = b"\xff" * 40
    text, cause = inflate(bytes(packed), len(WORDS))
    assert cause is Cause.MALFORMED
    assert len(text) > len(WORDS) // 4
    assert WORDS.startswith(text[: len(WORDS) // 4])


def test_a_packed_file_with_a_false_checksum_is_read_and_told() -> None:
    packed = bytearray(gzip.compress(WORDS))
    packed[-8] ^= 1
    stream = DecompressedStream(Block(bytes(packed), DEFAULT), 0, len(packed), "gzip")
    assert stream.read(len(WORDS)) == WORDS
    with pytest.raises(MalformedContainer):
        stream.read(1)


def test_bombs_with_a_false_checksum_count_against_the_allowance() -> None:
    bomb = png_chunk(b"zTXt", b"key\0\0" + zlib.compress(b"A" * 60 * KIB)[:-1] + b"x")
    told = Heard(Png(), source(png([bomb] * 50), "image/png", limits=SMALL))
    assert sum(len(row.value) for row in told.statements) == 4 * SMALL.inflated
