"""`report --timestamp FILE`: a reply that was fetched elsewhere is put beside its report, or into its bundle."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator

from provenance.errors import UsageError
from provenance.signing import ask_authority, stored_zip, timestamp
from provenance.signing.stored_zip import Stored
from provenance.workflows.bundle import SUMS
from provenance.workflows.sign import STAMP

_BLOCK = 1024 * 1024
_HOW = (
    "make the report without --timestamp first; ask with: openssl ts -query -data FILE -sha256 -cert -out QUERY, where "
    "FILE is the report, or the SHA256SUMS of the bundle; then give the same command once more with --timestamp REPLY"
)


def is_address(text: str) -> bool:
    """Whether the value of `--timestamp` is an authority to ask, and not the file of a reply."""
    return ask_authority.is_address(text)


def read_reply(path: str) -> bytes:
    """A reply in a file. Raises `UsageError` when it is none."""
    try:
        with open(path, "rb") as file:
            raw = file.read(timestamp.MAX_SIZE)
        timestamp.parse_reply(raw)
    except OSError as fault:
        raise UsageError(f"{path} cannot be read: {fault.strerror}", _HOW) from fault
    except ValueError as error:
        raise UsageError(f"{path} is not a time stamp: {error}", _HOW) from error
    return raw


def take_beside(report: str, reply: bytes) -> bytes:
    """The content of the `.tsr` file to put beside a report. Raises `UsageError` for a stamp on something else."""
    try:
        with open(report, "rb") as file:
            content = file.read()
    except OSError as fault:
        raise UsageError(f"{report} cannot be read: {fault.strerror}", _HOW) from fault
    _require_same(report, content, reply)
    return reply


def take_into_bundle(bundle: str, reply: bytes) -> Iterator[bytes]:
    """The bytes of a bundle with a reply in it; all else in it stays, and what is signed does not change.

    Raises `UsageError` for a stamp on something else, and for a file that is no bundle as this program writes them.
    """
    with contextlib.ExitStack() as stack:
        try:
            file = stack.enter_context(open(bundle, "rb"))
            archive = stored_zip.read(file)
        except OSError as fault:
            raise UsageError(f"{bundle} cannot be read: {fault.strerror}", _HOW) from fault
        content = stored_zip.read_member(file, archive, SUMS, _BLOCK * _BLOCK)
        if content is None or archive.problems or archive.unsafe:
            raise UsageError(f"{bundle} is not a bundle as it was issued", _HOW)
        _require_same(f"the {SUMS} of {bundle}", content, reply)
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="provenance-bundle-"))
        members = []
        for number, member in enumerate(archive.members):
            path = os.path.join(folder, str(number))
            with open(path, "wb") as part:
                part.write(stored_zip.read_member(file, archive, member.stored.name, member.stored.size) or b"")
            if member.stored.name != SUMS + STAMP:
                members.append((member.stored, path))
        stamp = os.path.join(folder, "stamp")
        with open(stamp, "wb") as part:
            part.write(reply)
        members.append((Stored(SUMS + STAMP, len(reply), stored_zip.compute_crc(reply)), stamp))
        whole = os.path.join(folder, "bundle.zip")
        with open(whole, "wb") as new:
            stored_zip.write(members, new)
        with open(whole, "rb") as new:
            while piece := new.read(_BLOCK):
                yield piece


def _require_same(name: str, content: bytes, reply: bytes) -> None:
    if not timestamp.parse_reply(reply).is_of(content):
        raise UsageError(f"the time stamp is not of {name}", _HOW)
