"""The manifest store that is cut out of a file validates it as the one inside it does."""

from __future__ import annotations

import io
import os
from pathlib import Path

import c2pa
import pytest

from provenance.limits import DEFAULT
from provenance.media.formats import jumbf
from provenance.media.source import open_and_digest, open_readonly

DELIVERY = Path(__file__).parents[3] / "fixtures" / "media" / "delivery"
SIGNED = [path for path in sorted(DELIVERY.rglob("*")) if path.is_file() and b"jumdc2pa" in path.read_bytes()]


def cut(path: Path) -> bytes | None:
    source = open_and_digest(open_readonly(os.fsencode(path)), path.name, path.stat().st_size, DEFAULT)
    with source.file:
        return jumbf.find_manifest_store(source)


@pytest.mark.parametrize("path", SIGNED, ids=lambda path: path.name)
def test_a_store_that_is_cut_out_says_the_same_as_the_one_inside(path: Path) -> None:
    store = cut(path)
    assert store is not None
    file = path.read_bytes()
    media_type = {".jpg": "image/jpeg", ".png": "image/png", ".mov": "video/quicktime"}.get(path.suffix, "video/mp4")
    with (
        c2pa.Reader(media_type, io.BytesIO(file)) as inside,
        c2pa.Reader(media_type, io.BytesIO(file), store) as cut_out,
    ):
        assert cut_out.get_active_manifest() == inside.get_active_manifest()
        assert cut_out.get_validation_state() == inside.get_validation_state()


def test_there_are_signed_files_of_several_kinds() -> None:
    assert len({path.suffix for path in SIGNED}) >= 2


@pytest.mark.parametrize("content", [b"", b"\xff\xd8\xff\xd9", b"x" * 100, b"\0\0\0\x30jumb\0\0\0\x20jumdc2pa"])
def test_nothing_is_cut_out_of_what_has_no_whole_store(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(content)
    assert cut(path) is None
