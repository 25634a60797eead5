"""What a reader brings into the cache it takes out again, nothing that was there before; and how a reader is paced."""

from __future__ import annotations

import dataclasses
import mmap
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from provenance.limits import DEFAULT, MIB
from provenance.media import page_cache, source
from provenance.media.page_cache import BLOCK
from provenance.media.source import Pace, ReadingManner, open_and_digest, open_readonly, read_gently, reopen

DROPPING = ReadingManner(drops_cache=True)
SIZE = 6 * MIB + 5


class CacheProbe:
    """A file, and which of its blocks are in the cache."""

    def __init__(self, path: Path) -> None:
        self.path = os.fsencode(path)
        with open(self.path, "wb") as file:
            file.write(os.urandom(SIZE))
            file.flush()
            os.fsync(file.fileno())  # only pages that are on disk can be taken out
        self._descriptor = os.open(self.path, os.O_RDONLY)
        self.empty()

    def empty(self) -> None:
        os.posix_fadvise(self._descriptor, 0, 0, os.POSIX_FADV_DONTNEED)

    def list_blocks(self) -> list[int]:
        """Numbers of the blocks of which a page is in the cache."""
        pages = page_cache.list_resident(self._descriptor, 0, SIZE)
        assert pages is not None
        per_block = BLOCK // mmap.PAGESIZE
        return sorted({number // per_block for number, page in enumerate(pages) if page & 1})

    def have_read_by_somebody(self, block: int) -> None:
        os.posix_fadvise(self._descriptor, 0, 0, os.POSIX_FADV_RANDOM)
        os.pread(self._descriptor, 100, block * BLOCK)

    def read(self, manner: ReadingManner, whole_file: int) -> None:
        """As a job does: digest it, and then let a parser read some of it again."""
        limits = dataclasses.replace(DEFAULT, whole_file=whole_file)
        with read_gently(manner):
            opened = open_and_digest(open_readonly(self.path), "a", SIZE, limits)
            opened.at(SIZE - 100, 100)
            opened.file.close()

    def close(self) -> None:
        os.close(self._descriptor)


@pytest.fixture
def probe(tmp_path: Path) -> Iterator[CacheProbe]:
    if sys.platform != "linux":
        pytest.skip("only Linux tells what is in its cache")
    made = CacheProbe(tmp_path / "file")
    if made.list_blocks():
        made.close()
        pytest.skip("this file system keeps everything in memory")
    yield made
    made.close()


EVERY_BLOCK = list(range(-(-SIZE // BLOCK)))


@pytest.mark.parametrize("whole_file", [DEFAULT.whole_file, MIB])
def test_what_was_read_goes_and_what_was_there_stays(probe: CacheProbe, whole_file: int) -> None:
    probe.read(ReadingManner(), whole_file)
    assert probe.list_blocks() == EVERY_BLOCK
    # All of it is there because somebody reads it: then all of it stays.
    probe.read(DROPPING, whole_file)
    assert probe.list_blocks() == EVERY_BLOCK
    probe.empty()
    probe.read(DROPPING, whole_file)
    assert probe.list_blocks() == []
    probe.have_read_by_somebody(3)
    assert probe.list_blocks() == [3]
    probe.read(DROPPING, whole_file)
    assert probe.list_blocks() == [3]
    with read_gently(DROPPING), reopen(probe.path, DEFAULT) as again:
        again.at(0, SIZE)
    assert probe.list_blocks() == [3]


def test_a_file_too_large_for_the_cache_goes_behind_its_reader(
    probe: CacheProbe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "LARGEST_KEPT_IN_CACHE", MIB)
    monkeypatch.setattr(source, "_DROPPED_AT_ONCE", 2 * MIB)
    probe.have_read_by_somebody(1)
    limits = dataclasses.replace(DEFAULT, whole_file=MIB)
    with read_gently(DROPPING):
        opened = open_and_digest(open_readonly(probe.path), "a", SIZE, limits)
        # Nobody has closed it yet.
        left = probe.list_blocks()
        assert 1 in left
        assert not {2, 3, 4, 5} & set(left)
        opened.file.close()
    assert probe.list_blocks() == [1]


def test_who_may_not_look_takes_nothing_out(probe: CacheProbe, monkeypatch: pytest.MonkeyPatch) -> None:
    # To them the system says that every page is there, whether it is or not.
    monkeypatch.setattr(page_cache, "_may_look", lambda _: False)
    probe.read(DROPPING, MIB)
    assert probe.list_blocks() == EVERY_BLOCK


def test_a_file_may_shrink_to_nothing_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * SIZE)
    with read_gently(DROPPING), reopen(os.fsencode(path), DEFAULT) as opened:
        os.truncate(path, 0)
        assert opened.at(BLOCK, 10) == b""
    path.write_bytes(b"")
    with read_gently(DROPPING), reopen(os.fsencode(path), DEFAULT) as opened:
        assert opened.at(0, 10) == b""


class SlowClock:
    """Goes on when somebody sleeps."""

    def __init__(self) -> None:
        self.now, self.slept = 50.0, 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept += seconds


def test_a_large_file_is_paced_the_first_time_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(SIZE))
    clock = SlowClock()
    manner = ReadingManner(Pace(MIB, clock, clock.sleep))
    limits = dataclasses.replace(DEFAULT, whole_file=MIB)
    with read_gently(manner):
        opened = open_and_digest(open_readonly(os.fsencode(path)), "a", SIZE, limits)
        assert clock.slept == pytest.approx(6, abs=0.11)
        # What a parser reads again comes from the cache.
        opened.at(0, SIZE)
        assert clock.slept == pytest.approx(6, abs=0.11)
        opened.file.close()
        # A while in which nothing was read gives no right to a rush.
        clock.now += 1000
        with reopen(os.fsencode(path), limits) as again:
            again.at(0, SIZE)
        assert clock.slept == pytest.approx(12, abs=0.3)
    with reopen(os.fsencode(path), limits) as unhurried:
        unhurried.at(0, SIZE)
    assert clock.slept == pytest.approx(12, abs=0.3)
