"""`mhl write`: one more generation of an ASC MHL history. The only workflow that writes into a folder it is given."""

from __future__ import annotations

import hashlib
import os
import platform
import posixpath
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
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
        if self.troubles:
            return 3
        return 0


@dataclass(slots=True)
class _History:
    """The history of one folder: its generations so far, oldest first, and the files that belong to it."""

    folder: str
    """Relative to the folder that was named, with slashes; empty for that one."""
    generations: list[tuple[str, FileList]] = field(default_factory=list)
    """File name and content of each manifest."""
    entries: list[Entry] = field(default_factory=list)

    @property
    def lists(self) -> list[FileList]:
        """The generations without the names of their manifests."""
        return [generation for _, generation in self.generations]

    def shorten(self, shown: str) -> str:
        """The path of a file relative to the folder of the history."""
        if not self.folder:
            return shown
        return shown.removeprefix(f"{self.folder}/")


def write_generation(folder: str, destination: str | None, context: RunContext) -> MhlWritten:
    """Digest every file below a folder, compare with the generations before, and write a new one.

    It is written into `ascmhl` in the folder, or in `destination`. A folder inside that has a history of its own gets a
    generation too, which the outer one refers to, as ASC MHL wants it; with a `destination` that raises `UsageError`,
    as does what is no folder. An altered history raises `ProvenanceError`: nothing is added to it.
    """
    folder = os.path.abspath(folder)
    if not os.path.isdir(folder):
        raise UsageError(f"{folder} is not a folder", "name the folder whose files are to be listed")
    with context.start_engine(context.load_trust_store()) as engine:
        histories = _load_histories(engine, folder, context)
        if destination and len(histories) > 1:
            inner = posixpath.join(folder, max(histories))
            raise UsageError(f"{inner} has a history of its own", "leave DEST out: each history is kept in its folder")
        files: list[FoundFile] = []
        for listed in context.walk([folder]).folders():
            files += [file for file in listed if not _is_own(file.shown)]
        earlier = {folder: collect_earlier(history.lists) for folder, history in histories.items()}
        hashed, troubles = _hash_files(engine, files, histories, earlier)
    own: dict[str, list[HashedFile]] = {}
    for row in hashed:
        history = _find_history(row.path, histories)
        own.setdefault(history.folder, []).append(replace(row, path=history.shorten(row.path)))
    missing = []
    for history in histories.values():
        relative = own.get(history.folder, [])
        history.entries = compare(relative, earlier[history.folder])
        gone = find_missing(relative, earlier[history.folder])
        missing += [posixpath.join(history.folder, path) for path in gone]
    manifest = _write_all(folder, destination or folder, histories, context)
    entries = []
    for history in histories.values():
        for entry in history.entries:
            path = posixpath.join(history.folder, entry.file.path)
            entries.append(replace(entry, file=replace(entry.file, path=path)))
    return MhlWritten(manifest, tuple(entries), tuple(sorted(missing)), tuple(troubles))


def _is_own(shown: str) -> bool:
    return _FOLDER in shown.split("/")[:-1]


def _load_histories(engine: Engine, folder: str, context: RunContext) -> dict[str, _History]:
    """The histories in a folder by their folders, the outermost first; there is one for the folder itself."""
    histories = {"": _History("")}
    for package in load_packages(engine, context.walk([folder])):
        if package.troubles:
            first = package.troubles[0]
            raise ProvenanceError(f"{first.path}: {first.detail}", "repair the history before you add to it")
        for found in package.lists:
            if found.list.kind == "asc-mhl":
                history = histories.setdefault(found.folder, _History(found.folder))
                history.generations.append((posixpath.basename(found.path), found.list))
            elif found.list.kind == "asc-mhl-chain":
                _check_chain(os.path.join(folder, posixpath.dirname(found.path)), found.list)
    for history in histories.values():
        history.generations.sort(key=lambda generation: generation[0])
    return dict(sorted(histories.items()))


def _check_chain(own: str, chain: FileList) -> None:
    """Refuse a history of which a manifest is not what its chain names."""
    for row in chain.files:
        path = os.path.join(own, posixpath.basename(row.path))
        try:
            is_same = _compute_c4(path) == row.hashes.get("c4")
        except OSError as fault:
            raise ProvenanceError(f"{path}: {fault.strerror}", "repair the history before you add to it") from fault
        if not is_same:
            raise ProvenanceError(f"{path} is not what its chain names", "find out who altered it, and restore it")


def _compute_c4(path: str) -> str:
    with open(path, "rb") as file:
        return encode_c4(hashlib.sha512(file.read()).digest())


def _find_history(path: str, histories: Mapping[str, _History]) -> _History:
    """The innermost history that a file belongs to."""
    folder = posixpath.dirname(path)
    while folder and folder not in histories:
        folder = posixpath.dirname(folder)
    return histories[folder]


def _hash_files(
    engine: Engine, files: Sequence[FoundFile], histories: Mapping[str, _History], earlier: Mapping[str, Earlier]
) -> tuple[list[HashedFile], list[Trouble]]:
    """Digest every file. `earlier`: by folder of a history, what its generations say."""
    shown = {file.path: file for file in files}
    jobs = []
    for file in files:
        history = _find_history(file.shown, histories)
        wanted = list_wanted(history.shorten(file.shown), earlier[history.folder])
        jobs.append(HashFile(file.path, file.state.size, wanted))
    hashed, troubles = [], []
    for job, outcome in engine.run(jobs):
        file = shown[job.path]
        if isinstance(outcome, FileHashed):
            modified = datetime.fromtimestamp(outcome.state.mtime_ns // 10**9, UTC).isoformat()
            hashed.append(HashedFile(file.shown, outcome.state.size, modified, parse_hashes(outcome.hashes)))
        elif isinstance(outcome, Trouble):
            troubles.append(Trouble(file.shown, outcome.stage, outcome.cause, outcome.detail))
    return sorted(hashed, key=lambda row: row.path), troubles


def _write_all(folder: str, destination: str, histories: Mapping[str, _History], context: RunContext) -> str:
    """Write a generation of every history, the innermost first, since outer ones name them. Returns the outermost."""
    references: dict[str, list[tuple[str, str]]] = {}
    path = ""
    for history in sorted(histories.values(), key=lambda row: row.folder, reverse=True):
        inner = references.get(history.folder, [])
        path = _write(os.path.join(folder, history.folder), destination, history, inner, context)
        if history.folder:
            outer = _find_history(history.folder, histories)
            shown = posixpath.join(history.folder, _FOLDER, os.path.basename(path))
            references.setdefault(outer.folder, []).append((outer.shorten(shown), _compute_c4(path)))
    return path


def _write(
    folder: str, destination: str, history: _History, references: Sequence[tuple[str, str]], context: RunContext
) -> str:
    """Write the manifest, then the chain that names it: a chain never names what is not whole."""
    own = os.path.join(os.path.abspath(folder if history.folder else destination), _FOLDER)
    try:
        os.makedirs(own, exist_ok=True)
        present = sorted(name for name in os.listdir(own) if name.endswith(".mhl"))
        names = [name for name, _ in history.generations]
        name = name_manifest(os.path.basename(os.path.normpath(folder)), context.timestamp, [*names, *present])
        text = format_manifest(history.entries, context.timestamp, platform.node(), __version__, references)
        path = os.path.join(own, name)
        _write_whole(path, text)
        chain = [(manifest, _compute_c4(os.path.join(own, manifest))) for manifest in sorted({*present, name})]
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
