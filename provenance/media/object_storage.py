"""Object storage: listings, states and bytes of objects. The only module that asks it, and only for `s3://` paths.

Whoever names an `s3://` path asks for this network traffic; nothing else leads here. Credentials, region and endpoint
come from the environment and the files that all AWS tools share; they are read by the library, and no message repeats
what it or a server said.

An object has no times that can be relied on. What tells that it changed is its size and its ETag, which stands where a
file has the time of its change. An ETag is no digest: objects that were uploaded in parts have others than their bytes.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import hashlib
import io
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from provenance.errors import UsageError
from provenance.object_place import SCHEME

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem
    from fsspec.spec import AbstractBufferedFile
    from typing_extensions import Buffer

_AHEAD = 8 * 1024 * 1024
"""Bytes of one request where an object is read from front to back: its latency is then a small part of its time."""
_LITTLE = 256 * 1024
"""Bytes of one request where a parser jumps: headers, boxes and indexes are smaller."""
_SECONDS = 60
"""Seconds without a byte after which a request has failed."""
_TRIES = 5
"""Of one request, by the library."""
_ETAG_BYTES = 7
"""Of the digest of an ETag that make a number: 1 in 10^16 pairs of different ones would be taken for the same."""


@dataclass(frozen=True, slots=True)
class ObjectEntry:
    """One object or one folder of them, as a listing has it: the part of `os.DirEntry` that a walk uses."""

    name: bytes
    path: bytes
    status: os.stat_result

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:  # noqa: ARG002 - there are no links
        """As `os.stat`. Raises `OSError` for an object whose name cannot be part of a path."""
        if self.name in (b"", b".", b"..") or b"\0" in self.name:
            raise OSError(errno.EINVAL, "an object of this name cannot be told from others by a path")
        return self.status


class ObjectFile(io.RawIOBase):
    """An object as a file: seekable, read-only, fetched in ranges. Every range is of the object that was opened."""

    fault: OSError | None = None
    """The first error that any reader met."""

    def __init__(self, opened: AbstractBufferedFile) -> None:
        self._opened = opened
        self.status = _make_status(opened.details)
        """Size and ETag of what was opened, as `os.stat` has them."""
        self.on_fetched: Callable[[int], None] = _go_on
        """Called with the bytes of every fetch; whoever keeps a rate sleeps in it."""
        self._position = 0
        self._block = b""
        self._block_start = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """The position, in bytes."""
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """As `io.IOBase`."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.status.st_size}[whence]
        if start + offset < 0:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        self._position = start + offset
        return self._position

    def readinto(self, buffer: Buffer, /) -> int:
        """As `io.RawIOBase`; an error is kept in `fault` and raised."""
        view = memoryview(buffer).cast("B")
        if self._position >= self.status.st_size or not view:
            return 0
        if not self._block_start <= self._position < self._block_start + len(self._block):
            self._fetch(len(view))
        offset = self._position - self._block_start
        piece = self._block[offset : offset + len(view)]
        view[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)

    def close(self) -> None:
        """As `io.IOBase`."""
        self._opened.close()
        self._block = b""
        super().close()

    def _fetch(self, wanted: int) -> None:
        """Fetch the block at the position: a large one where reading goes on from the last, else a small one."""
        goes_on = self._position == self._block_start + len(self._block)
        length = max(wanted, _AHEAD if goes_on else _LITTLE)
        length = min(length, self.status.st_size - self._position)
        try:
            with _explain():
                self._opened.seek(self._position)
                block = self._opened.read(length)
            if len(block) != length:
                raise OSError(errno.EIO, "the object storage gave fewer bytes than the object has")
        except OSError as fault:
            self.fault = self.fault or fault
            raise
        self._block, self._block_start = block, self._position
        self.on_fetched(length)


def _go_on(count: int) -> None:
    """Wait for nothing."""


def open_object(path: bytes) -> ObjectFile:
    """Open an object. Raises `OSError`."""
    with _explain():
        # Without a cache of the library's: `ObjectFile` keeps one block, and knows how it is read.
        return ObjectFile(_connect().open(_name(path), "rb", cache_type="none"))


def find_status(path: bytes) -> os.stat_result:
    """Size and ETag of an object as they are now, or that there is a folder. Raises `OSError`."""
    with _explain():
        return _make_status(_connect().info(_name(path), refresh=True))


def is_folder(path: bytes) -> bool:
    """Whether there are objects below a place. Raises `OSError` when the storage cannot be asked."""
    try:
        return stat.S_ISDIR(find_status(path).st_mode)
    except FileNotFoundError:
        return False


def list_folder(folder: bytes) -> list[ObjectEntry]:
    """What lies in a folder, in byte order of the names. Raises `OSError`."""
    with _explain():
        listed = _connect().ls(_name(folder), detail=True, refresh=True)
    entries = []
    for details in listed:
        full = details["name"].encode()
        name = full.rpartition(b"/")[2]
        if not name and details["type"] == "file" and not details["size"]:
            # An empty object that is called like the folder stands for the folder itself.
            continue
        entries.append(ObjectEntry(name, os.path.join(folder, name), _make_status(details)))
    return sorted(entries, key=lambda entry: entry.name)


def require_library() -> None:
    """Raise `UsageError` where the library is not installed."""
    try:
        import s3fs  # noqa: F401 - whether it is there
    except ImportError:
        raise UsageError("s3:// needs s3fs, which is not installed", "pip install 'provenance[s3]'") from None


@functools.cache
def _connect() -> AbstractFileSystem:
    """The library's file system. One for each process: its connections do not survive a fork."""
    require_library()
    import s3fs

    settings = {"connect_timeout": _SECONDS, "read_timeout": _SECONDS, "retries": {"max_attempts": _TRIES}}
    # What it remembers of listings would be taken for the present.
    return s3fs.S3FileSystem(use_listings_cache=False, skip_instance_cache=True, config_kwargs=settings)


def _name(path: bytes) -> str:
    try:
        return path.decode().removeprefix(SCHEME)
    except UnicodeDecodeError:
        raise FileNotFoundError(errno.ENOENT, "no object has a name that is not text") from None


def _make_status(details: Mapping[str, Any]) -> os.stat_result:
    """What the storage says of an object, in the form of `os.stat`."""
    is_folder = details["type"] == "directory"
    mode = stat.S_IFDIR if is_folder else stat.S_IFREG
    number = 0
    if not is_folder:
        number = int.from_bytes(hashlib.sha256(str(details["ETag"]).encode()).digest()[:_ETAG_BYTES])
    size = int(details["size"] or 0)
    times = {"st_atime_ns": 0, "st_mtime_ns": 0, "st_ctime_ns": number}
    return os.stat_result((mode, 0, 0, 1, 0, 0, size, 0, 0, 0), times)


@contextlib.contextmanager
def _explain() -> Iterator[None]:
    """Turn every error of the library into an `OSError` in words of our own."""
    import aiohttp
    from botocore.exceptions import BotoCoreError, ClientError
    from s3fs.utils import FileExpired

    try:
        yield
    except FileNotFoundError:
        raise FileNotFoundError(errno.ENOENT, "there is no such object") from None
    except PermissionError:
        reason = "the object storage denies access; check the credentials and the policy of the bucket"
        raise PermissionError(errno.EACCES, reason) from None
    except TimeoutError:
        raise TimeoutError(errno.ETIMEDOUT, "the object storage did not answer in time") from None
    except FileExpired:
        raise OSError(errno.ESTALE, "the object was replaced while it was read") from None
    except (BotoCoreError, ClientError, aiohttp.ClientError, OSError) as error:
        reason = f"the object storage cannot be reached, or refused ({type(error).__name__})"
        raise OSError(getattr(error, "errno", None) or errno.EIO, reason) from None
