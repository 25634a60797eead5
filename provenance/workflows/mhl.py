"""`mhl write`: one more generation of an ASC MHL history. The only workflow that writes into a folder it is given."""

from __future__ import annotations

import hashlib
import os
import platform
import posixpath
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from provenance import __version__
from provenance.errors import ProvenanceError, UsageError
from provenance.intake.engines.interface import Engine
from provenance.intake.jobs import FileHashed, HashFile
from provenance.intake.walk import FoundFile
from provenance.media.hashes import encode_c4, parse_hashes
from provenance.model.evidence import Trouble
from provenance.timeline.packages.interface import FileList
from provenance.timeline.packages.mhl_write import (
    Earlier,
    Entry,
    HashedFile,
    collect_earlier,
    compare,
    find_missing,
    format_chain,
    format_manifest,
    list_wanted,
    name_manifest,
)
from provenance.workflows.packages import load_packages
from provenance.workflows.run import RunContext

_FOLDER = "ascmhl"
_CHAIN = "ascmhl_chain.xml"


@dataclass(frozen=True, slots=True)
class MhlWritten:
    """What came of it."""

    manifest: str
    """Path of the new manifest."""
    entries: tuple[Entry, ...]
    missing: tuple[str, ...]
    """Listed by an earlier generation, and not there any more."""
    troubles: tuple[Trouble, ...]

    @property
    def exit_code(self) -> int:
        """1 when a file is not what an earlier generation lists, 3 when one could not be read, else 0."""
        if self.missing or any(entry.is_failed for entry in self.entries):
            return 1
        return 3 if self.troubles else 0


def write_generation(folder: str, destination: str | None, context: RunContext) -> MhlWritten:
    """Digest every file below a folder, compare with the generations before, and write a new one.

    It is written into `ascmhl` in the folder, or in `destination`. Raises `UsageError` for what is no folder, and for
    one that holds folders with histories of their own.
    """
    folder = os.path.abspath(folder)
    if not os.path.isdir(folder):
        raise UsageError(f"{folder} is not a folder", "name the folder whose files are to be listed")
    with context.start_engine(context.load_trust_store()) as engine:
        history = _load_history(engine, folder, context)
        files = [file for listed in context.walk([folder]).folders() for file in listed if not _is_own(file.shown)]
        earlier = collect_earlier([generation for _, generation in history])
        hashed, troubles = _hash_files(engine, files, earlier)
    entries = tuple(compare(hashed, earlier))
    manifest = _write(folder, destination or folder, [name for name, _ in history], entries, context)
    return MhlWritten(manifest, entries, tuple(find_missing(hashed, earlier)), tuple(troubles))


def _is_own(shown: str) -> bool:
    return shown.split("/")[0] == _FOLDER


def _load_history(engine: Engine, folder: str, context: RunContext) -> list[tuple[str, FileList]]:
    """Names and contents of the generations of a folder, oldest first."""
    history = []
    for package in load_packages(engine, context.walk([folder])):
        if package.troubles:
            first = package.troubles[0]
            raise ProvenanceError(f"{first.path}: {first.detail}", "repair the history before you add to it")
        for found in package.lists:
            if found.list.kind != "asc-mhl":
                continue
            if found.folder:
                raise UsageError(
                    f"{posixpath.join(folder, found.folder)} has a history of its own",
                    "write a generation for it alone; histories within histories are not written here",
                )
            history.append((posixpath.basename(found.path), found.list))
    return sorted(history, key=lambda pair: pair[0])


def _hash_files(engine: Engine, files: Sequence[FoundFile], earlier: Earlier) -> tuple[list[HashedFile], list[Trouble]]:
    shown = {file.path: file for file in files}
    jobs = [HashFile(file.path, file.state.size, list_wanted(file.shown, earlier)) for file in files]
    hashed, troubles = [], []
    for job, outcome in engine.run(jobs):
        file = shown[job.path]
        if isinstance(outcome, FileHashed):
            modified = datetime.fromtimestamp(outcome.state.mtime_ns // 10**9, UTC).isoformat()
            hashed.append(HashedFile(file.shown, outcome.state.size, modified, parse_hashes(outcome.hashes)))
        elif isinstance(outcome, Trouble):
            troubles.append(Trouble(file.shown, outcome.stage, outcome.cause, outcome.detail))
    return sorted(hashed, key=lambda row: row.path), troubles


def _write(folder: str, destination: str, names: Sequence[str], entries: Sequence[Entry], context: RunContext) -> str:
    """Write the manifest, then the chain that names it: a chain never names what is not whole."""
    own = os.path.join(os.path.abspath(destination), _FOLDER)
    try:
        os.makedirs(own, exist_ok=True)
        present = sorted(name for name in os.listdir(own) if name.endswith(".mhl"))
        name = name_manifest(os.path.basename(folder), context.timestamp, [*names, *present])
        text = format_manifest(entries, context.timestamp, platform.node(), __version__)
        path = os.path.join(own, name)
        _write_whole(path, text)
        chain = []
        for manifest in sorted({*present, name}):
            with open(os.path.join(own, manifest), "rb") as file:
                chain.append((manifest, encode_c4(hashlib.sha512(file.read()).digest())))
        _write_whole(os.path.join(own, _CHAIN), format_chain(chain))
    except OSError as fault:
        raise ProvenanceError(
            f"{own} was not written: {fault.strerror}", "check the folder and its free space"
        ) from fault
    return path


def _write_whole(path: str, text: str) -> None:
    """Write a file so that it is whole or not there."""
    descriptor, partial = tempfile.mkstemp(prefix=".provenance-", dir=os.path.dirname(path))
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(partial, 0o644)
        os.replace(partial, path)
    except BaseException:
        os.unlink(partial)
        raise
