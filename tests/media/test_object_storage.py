"""Objects of `s3://` as folders and files: what a walk lists, what a reader gets, what is said when it fails."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from provenance.errors import UsageError
from provenance.intake.examine import examine
from provenance.intake.jobs import FileRead, ReadFile, Thumbnails
from provenance.intake.walk import Walk
from provenance.limits import DEFAULT
from provenance.media import object_storage, places
from provenance.media.source import find_state, open_and_digest, open_place, open_raw, open_readonly, reopen
from provenance.model.asset import FingerprintLevel
from provenance.model.evidence import Trouble
from provenance.object_place import normalise
from tests.object_server import ACCESS_KEY, SECRET_KEY, ObjectServer, serve

MEDIA = Path(__file__).parents[2] / "fixtures" / "media"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectServer]:
    with pytest.MonkeyPatch.context() as patch, serve(tmp_path_factory.mktemp("server"), patch) as running:
        object_storage._connect.cache_clear()
        yield running
    object_storage._connect.cache_clear()


def test_a_walk_lists_objects_as_files_in_folders(server: ObjectServer, tmp_path: Path) -> None:
    for key in ("walk/b.png", "walk/a.png", "walk/a.png.xmp", "walk/a/one.exr", "walk/a.d/two.exr", "walk/ä b?.txt"):
        server.put(key, b"x" * len(key))
        (tmp_path / key).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / key).write_bytes(b"x" * len(key))
    server.put_exactly("walk/", b"")
    found = [file for folder in Walk([b"s3://show/walk/"]).folders() for file in folder]
    local = [file for folder in Walk([os.fsencode(tmp_path / "walk")]).folders() for file in folder]

    def describe(file: object) -> tuple[object, ...]:
        return file.relative, file.shown, file.state.size, file.sidecars  # type: ignore[attr-defined]

    assert list(map(describe, found)) == list(map(describe, local))
    assert {file.root for file in found} == {"s3://show/walk"}
    [alone] = [file for folder in Walk([b"s3://show/walk/b.png"]).folders() for file in folder]
    assert (alone.root, alone.relative) == ("s3://show/walk", b"b.png")


def test_what_cannot_be_told_apart_by_a_path_is_a_trouble(server: ObjectServer) -> None:
    for key in ("odd/fine.txt", "odd//hidden.txt", "odd/../up.txt"):
        server.put_exactly(key, b"x")
    walk = Walk([b"s3://show/odd"])
    assert [file.relative for folder in walk.folders() for file in folder] == [b"fine.txt"]
    assert len(walk.troubles) == 2
    assert all("name" in trouble.detail for trouble in walk.troubles)


def test_a_change_is_told_by_size_and_etag(server: ObjectServer) -> None:
    server.put("state.bin", b"1" * 50)
    first = find_state(b"s3://show/state.bin")
    server.put("state.bin", b"1" * 50)
    assert find_state(b"s3://show/state.bin") == first, "the same bytes again are no change"
    server.put("state.bin", b"2" * 50)
    second = find_state(b"s3://show/state.bin")
    assert second.size == first.size
    assert second != first
    [[listed]] = Walk([b"s3://show/state.bin"]).folders()
    assert listed.state == second, "a listing says the same as the object"


def test_bytes_are_fetched_in_ranges(server: ObjectServer, monkeypatch: pytest.MonkeyPatch) -> None:
    content = random.Random(1).randbytes(3_000_000)
    server.put("large.bin", content)
    monkeypatch.setattr(object_storage, "_AHEAD", 1_000_000)
    limits = replace(DEFAULT, whole_file=1000, block=100_000)
    before = len(server.list_reads())
    source = open_and_digest(open_place(b"s3://show/large.bin"), "large.bin", len(content), limits)
    assert 1 <= len(server.list_reads()) - before <= 4, "from front to back in few requests"
    assert source.digest == f"sha256:{hashlib.sha256(content).hexdigest()}"
    chosen = random.Random(2)
    for _ in range(12):
        start, length = chosen.randrange(len(content)), chosen.randrange(1, 400_000)
        assert source.at(start, length) == content[start : start + length]
    assert source.at(len(content) + 1, 5) == b""
    source.file.close()
    with reopen(b"s3://show/large.bin", limits) as again:
        assert again.at(len(content) - 3, 9) == content[-3:], "a tail is one small request"


def test_an_object_that_is_replaced_while_it_is_read_is_never_mixed(
    server: ObjectServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_storage, "_AHEAD", 1000)
    monkeypatch.setattr(object_storage, "_LITTLE", 1000)
    server.put("live.bin", b"1" * 5000)
    with open_raw(b"s3://show/live.bin") as opened:
        assert opened.read(10) == b"1" * 10
        server.put("live.bin", b"2" * 5000)
        opened.seek(4000)
        with pytest.raises(OSError, match="replaced"):
            opened.read(10)
        assert opened.fault is not None


@pytest.mark.parametrize("name", ["artwork/ART_poster_v03.png", "ep101_insert_flyover.mp4", "audio/ep101_reel1_DX.wav"])
def test_a_reading_is_the_one_of_the_file(server: ObjectServer, tmp_path: Path, name: str) -> None:
    file = MEDIA / "delivery" / name
    copy = tmp_path / file.name
    shutil.copy(file, copy)
    server.put(f"read/{file.name}", file.read_bytes())
    # Small files are held in memory; this way they are read as large ones are.
    for limits in (DEFAULT, replace(DEFAULT, whole_file=100)):
        readings = []
        for place in (os.fsencode(copy), f"s3://show/read/{file.name}".encode()):
            job = ReadFile(place, copy.stat().st_size, thumbnails=Thumbnails.FLAGGED, level=FingerprintLevel.LIGHT)
            outcome = examine(job, limits)
            assert isinstance(outcome, FileRead), outcome
            readings.append((outcome.reading, outcome.embedded))
        assert readings[0] == readings[1]


@pytest.mark.usefixtures("server")
def test_what_cannot_be_asked_is_a_trouble_without_anything_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    import s3fs

    missing = examine(ReadFile(b"s3://show/none.png", 10), DEFAULT)
    assert isinstance(missing, Trouble)
    assert missing.detail == "there is no such object"
    assert not places.is_there(b"s3://nobody/x")
    object_storage._connect.cache_clear()
    monkeypatch.setattr(s3fs.S3FileSystem, "retries", 1)
    monkeypatch.setattr(object_storage, "_TRIES", 0)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    walk = Walk([b"s3://show/walk"])
    unreachable = examine(ReadFile(b"s3://show/walk/a.png", 10), DEFAULT)
    assert isinstance(unreachable, Trouble)
    assert "cannot be reached" in unreachable.detail
    assert list(walk.folders()) == [[]]
    assert places.is_empty(b"s3://show/walk"), "nothing of it counts as vanished"
    [trouble] = walk.troubles
    for text in (trouble.detail, unreachable.detail):
        assert ACCESS_KEY not in text
        assert SECRET_KEY not in text
    object_storage._connect.cache_clear()


@pytest.mark.parametrize("path", ["s3://", "s3:///key", "s3://b//k", "s3://b/../k", "s3://b/./k", "s3://b/k\0"])
def test_what_names_no_place_is_refused(path: str) -> None:
    with pytest.raises(UsageError):
        normalise(path)


def test_one_place_has_one_name() -> None:
    assert normalise("s3://show/edit/") == normalise("s3://show/edit") == "s3://show/edit"
    assert places.find_real_path(b"s3://show/edit/") == b"s3://show/edit"
    with pytest.raises(FileNotFoundError):
        open_readonly(b"s3://show/edit")
