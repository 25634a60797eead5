"""One opened file: read-only, bounded, digested once, and compared with itself before and after.

Small files are read whole and parsed in memory; of larger ones every byte passes once through both digests, and parsers
seek. An I/O error is remembered in `fault`, because parsers report it as damage: it must never read as tampering.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

import xxhash

from provenance.limits import Limits
from provenance.media import object_storage
from provenance.media.hashes import FileHashes
from provenance.media.object_storage import ObjectFile
from provenance.media.page_cache import CachedBlocks
from provenance.media.sniff import sniff
from provenance.model.asset import FileState
from provenance.object_place import is_object_place

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from typing_extensions import Buffer


_HEAD = 65_536
"""Bytes that `Source.head` gives."""
_BUFFER = 65_536
"""Bytes that are read at once where a parser asks for a few."""
LARGEST_KEPT_IN_CACHE = 1024 * 1024 * 1024
"""Bytes of a file whose pages stay in the system's cache until it is closed, because parsers read parts of it again.

Of a larger one they go right behind the reader: keeping them would push out what others had.
"""
_DROPPED_AT_ONCE = 64 * 1024 * 1024
"""Bytes of such a file that are read between two times of taking its pages out."""
_MADE_UP_SECONDS = 0.1
"""Seconds of reading that a reader with a rate may make up for: a slow block must not be followed by a rush."""


# Not every system has all of these. O_NONBLOCK: opening a pipe must not wait for somebody to write into it.
_READ_ONLY = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_NO_ATIME: int = getattr(os, "O_NOATIME", 0)


class NotAFileError(OSError):
    """What is at the path is not a regular file (any more)."""


@dataclass(slots=True)
class Source:
    """What a carrier sees of a file. Offsets and sizes are bytes."""

    name: str
    """The file's own name as shown, without folders."""
    size: int
    media_type: str
    digest: str
    """`sha256:<hex>`."""
    xxh128: str
    limits: Limits
    file: BinaryIO
    """Seekable, read-only. Carriers seek before they read: the position is whatever the last reader left."""
    raw: RawFile | None = None
    """The descriptor under `file`, when the file is too large to be held in memory."""
    beside: Callable[[str], bytes | None] = field(default=lambda _: None)
    """Bytes of the sidecar with that name in the same folder, None if it is not there. Bounded by `limits.packet`."""
    sidecars: tuple[str, ...] = ()
    """Names of files in the same folder that describe this one (`still.xmp`, `still.png.c2pa`)."""
    shape: Header | None = None
    """Dimensions, duration and writer, if a carrier read them on its way; else `headers.read_header` does."""
    hashes: tuple[str, ...] = ()
    """Digests by other algorithms that were asked for: `md5:<hex>`."""
    short_read: OSError | None = None
    """Set when the storage gave fewer bytes than the file has."""
    samples: NDArray[np.uint8] | None = None
    """Pixels: the first rows of the picture or all of it, kept by `lossless_pixels.decode_rows` for the next caller."""

    def at(self, offset: int, length: int) -> bytes:
        """At most `length` bytes from `offset`; fewer at the end of the file, none outside of it."""
        # A file may name offsets that no file system can seek to.
        if not 0 <= offset < self.size:
            return b""
        self.file.seek(offset)
        return self.file.read(max(0, length))

    @property
    def head(self) -> bytes:
        """The first 64 KiB."""
        return self.at(0, _HEAD)

    @property
    def fault(self) -> OSError | None:
        """The first I/O error that any reader of this file met, even when the reader swallowed it."""
        if self.raw and self.raw.fault:
            return self.raw.fault
        return self.short_read


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says of itself in its headers."""

    width: int | None = None
    """Pixels; `height` likewise."""
    height: int | None = None
    duration: float | None = None
    """Seconds."""
    writer: str | None = None
    """The program or device that wrote it."""
    frame_rate: str | None = None
    """Of its first moving picture: `24000/1001`."""
    start_timecode: str | None = None
    """Label of its first frame, as the file writes it: with a semicolon when numbers are dropped."""


@dataclass(slots=True)
class Pace:
    """Keeps a reader at a rate, in bytes a second."""

    rate: int
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _free_at: float = 0.0

    def wait_for(self, count: int) -> None:
        """Sleep until `count` bytes that were just read are paid for."""
        now = self.clock()
        self._free_at = max(self._free_at, now - _MADE_UP_SECONDS) + count / self.rate
        if self._free_at > now:
            self.sleep(self._free_at - now)


@dataclass(frozen=True, slots=True)
class ReadingManner:
    """How the files of one job are read."""

    pace: Pace | None = None
    """None for as fast as it goes."""
    drops_cache: bool = False
    """Take the pages of a file out of the system's cache after it was read, unless they were there before."""


_AS_FAST_AS_IT_GOES = ReadingManner()
_manner = _AS_FAST_AS_IT_GOES


@contextmanager
def read_gently(manner: ReadingManner) -> Iterator[None]:
    """Every file that is opened within the block is read in this manner. For a process that does one job at a time."""
    global _manner
    before, _manner = _manner, manner
    try:
        yield
    finally:
        _manner = before


class FaultRecordingFile(io.FileIO):
    """An open file that remembers the first I/O error it met, and is read in the manner that was asked for."""

    fault: OSError | None = None

    def __init__(self, descriptor: int, mode: str) -> None:
        super().__init__(descriptor, mode)
        self._pace = _manner.pace
        self._size = self._read = self._unforgotten = 0
        self._cached: CachedBlocks | None = None
        if _manner != _AS_FAST_AS_IT_GOES:
            self._size = os.fstat(descriptor).st_size
        if _manner.drops_cache:
            self._cached = CachedBlocks(descriptor, self._size)

    def readinto(self, buffer: Buffer, /) -> int | None:
        """As `io.FileIO`; an error is kept in `fault` and raised."""
        try:
            count = super().readinto(buffer)
        except OSError as fault:
            self.fault = self.fault or fault
            raise
        if count and _manner != _AS_FAST_AS_IT_GOES:
            self._keep_manner(count)
        return count

    def readall(self) -> bytes:
        """As `io.FileIO`; an error is kept in `fault` and raised."""
        try:
            return super().readall()
        except OSError as fault:
            self.fault = self.fault or fault
            raise

    def close(self) -> None:
        """As `io.FileIO`; what was brought into the cache is taken out of it."""
        if self._cached and not self.closed:
            self._cached.drop_all()
        super().close()

    def _keep_manner(self, count: int) -> None:
        stays_in_cache = self._size <= LARGEST_KEPT_IN_CACHE
        # What is read for the second time comes from the cache, and costs the storage nothing.
        if self._pace and not (stays_in_cache and self._read >= self._size):
            self._pace.wait_for(count)
        self._read += count
        if self._cached and not stays_in_cache:
            self._unforgotten += count
            if self._unforgotten >= _DROPPED_AT_ONCE:
                position = self.tell()
                self._cached.drop(max(0, position - self._unforgotten), position)
                self._unforgotten = 0


RawFile = FaultRecordingFile | ObjectFile
"""An open file or object, which remembers the first error that it met."""


def make_file_state(status: os.stat_result) -> FileState:
    """Size, times and inode of a file as one comparable value."""
    return FileState(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


def open_readonly(path: bytes) -> int:
    """Open a regular file: no link is followed, nothing is created, the access time stays where that is allowed.

    Returns the descriptor. Raises `NotAFileError` for anything but a regular file, `OSError` as the system does.
    """
    try:
        descriptor = os.open(path, _READ_ONLY | _NO_ATIME)
    except PermissionError:
        # Only the owner of a file may ask for O_NOATIME.
        descriptor = os.open(path, _READ_ONLY)
    # The path may have been replaced since it was listed: ask the open file.
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise NotAFileError("not a regular file any more")
    return descriptor


def open_place(path: bytes) -> int | ObjectFile:
    """Open a file as `open_readonly` does, or an object of `s3://`. Raises `OSError`."""
    if is_object_place(path):
        opened = object_storage.open_object(path)
        if _manner.pace:
            opened.on_fetched = _manner.pace.wait_for
        return opened
    return open_readonly(path)


def open_raw(path: bytes) -> RawFile:
    """The same as a file that remembers the first error it met."""
    opened = open_place(path)
    return FaultRecordingFile(opened, "rb") if isinstance(opened, int) else opened


def read_state(opened: int | RawFile) -> FileState:
    """Size and times of what is open."""
    if isinstance(opened, int):
        return make_file_state(os.fstat(opened))
    if isinstance(opened, ObjectFile):
        return make_file_state(opened.status)
    return make_file_state(os.fstat(opened.fileno()))


def find_state(path: bytes) -> FileState:
    """Size and times of what is at a path now; no link is followed. Raises `OSError`."""
    if is_object_place(path):
        return make_file_state(object_storage.find_status(path))
    return make_file_state(os.stat(path, follow_symlinks=False))


def source_from_bytes(content: bytes, name: str, limits: Limits, algorithms: Sequence[str] = ()) -> Source:
    """A source over bytes in memory, such as a file embedded in another. `algorithms`: as in `open_and_digest`."""
    sha, xxh = hashlib.sha256(content), xxhash.xxh3_128(content)
    source = Source(name, len(content), "", f"sha256:{sha.hexdigest()}", xxh.hexdigest(), limits, io.BytesIO(content))
    if algorithms:
        others = FileHashes(algorithms)
        others.update(content)
        source.hashes = others.format()
    source.media_type = sniff(source.at)
    return source


def open_and_digest(
    opened: int | ObjectFile, name: str, size: int, limits: Limits, algorithms: Sequence[str] = ()
) -> Source:
    """Read every byte of an open file once, digest it and sniff its type. Takes over the descriptor or object.

    Small files are held in memory afterwards. `algorithms`: further ones of `hashes.COMPUTABLE` by which it is digested
    in the same pass. Raises `OSError` when the storage fails.
    """
    if size <= limits.whole_file:
        content = _read_whole(opened, size)
        source = source_from_bytes(content, name, limits, algorithms)
        source.short_read = _note_short_read(len(content), size)
        return source
    raw = FaultRecordingFile(opened, "rb") if isinstance(opened, int) else opened
    try:
        return _digest_stream(raw, name, size, limits, algorithms)
    except BaseException:
        raw.close()
        raise


def _read_whole(opened: int | ObjectFile, size: int) -> bytes:
    """All bytes of an open file of about `size` bytes, which is closed. Raises `OSError`."""
    if isinstance(opened, ObjectFile):
        with opened:
            return opened.readall()
    # A file object would ask the system for four things that are known here: most files of a storage are small.
    cached = CachedBlocks(opened, size) if _manner.drops_cache else None
    try:
        parts = []
        while part := os.read(opened, size + 1):
            parts.append(part)
        return b"".join(parts)
    finally:
        if cached:
            cached.drop_all()
        os.close(opened)


@contextmanager
def reopen(path: bytes, limits: Limits, digest: str = "") -> Iterator[Source]:
    """A file that was digested before. Raises `OSError`."""
    with open_raw(path) as raw:
        file = io.BufferedReader(raw, _BUFFER)
        size = read_state(raw).size
        source = Source(os.fsdecode(os.path.basename(path)), size, "", digest, "", limits, file, raw)
        source.media_type = sniff(source.at)
        yield source


def _digest_stream(raw: RawFile, name: str, size: int, limits: Limits, algorithms: Sequence[str]) -> Source:
    """A source over a file too large for memory: digested block by block; parsers then seek in it."""
    # One block is used again and again, so that memory stays flat.
    sha, xxh = hashlib.sha256(), xxhash.xxh3_128()
    block = memoryview(bytearray(limits.block))
    others = FileHashes(algorithms)
    total = 0
    while count := raw.readinto(block):
        total += count
        sha.update(block[:count])
        xxh.update(block[:count])
        others.update(block[:count])
    file = io.BufferedReader(raw, _BUFFER)
    source = Source(name, size, "", f"sha256:{sha.hexdigest()}", xxh.hexdigest(), limits, file, raw)
    source.hashes = others.format()
    source.short_read = _note_short_read(total, size)
    source.media_type = sniff(source.at)
    return source


def _note_short_read(count: int, size: int) -> OSError | None:
    """The fault of a storage that ends a file early. What was read is not the file, and must not pass for it."""
    if count >= size:
        return None
    return OSError(errno.EIO, f"it gave {count:,} of {size:,} bytes")
