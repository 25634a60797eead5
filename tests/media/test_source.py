"""Reading at any place that a file may name."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import pytest

from provenance.limits import DEFAULT
from provenance.media.source import open_and_digest, open_readonly, source_from_bytes


@pytest.mark.parametrize("whole_file", [DEFAULT.whole_file, 0])
@pytest.mark.parametrize("offset", [-1, 10, 11, 1 << 63, 1 << 90])
def test_outside_of_the_file_stands_nothing(tmp_path: Path, whole_file: int, offset: int) -> None:
    (tmp_path / "ten").write_bytes(b"0123456789")
    limits = dataclasses.replace(DEFAULT, whole_file=whole_file)
    for source in (
        open_and_digest(open_readonly(os.fsencode(tmp_path / "ten")), "ten", 10, limits),
        source_from_bytes(b"0123456789", "ten", limits),
    ):
        assert source.at(offset, 4) == b""
        assert source.at(8, 4) == b"89"
        assert source.at(3, -2) == b""
        source.file.close()


@pytest.mark.parametrize("whole_file", [DEFAULT.whole_file, 0])
def test_a_storage_that_gives_too_little_is_told(tmp_path: Path, whole_file: int) -> None:
    (tmp_path / "ten").write_bytes(b"0123456789")
    limits = dataclasses.replace(DEFAULT, whole_file=whole_file)
    short = open_and_digest(open_readonly(os.fsencode(tmp_path / "ten")), "ten", 12, limits)
    short.file.close()
    assert "it gave 10 of 12 bytes" in str(short.fault)
    whole = open_and_digest(open_readonly(os.fsencode(tmp_path / "ten")), "ten", 10, limits)
    whole.file.close()
    assert whole.fault is None
