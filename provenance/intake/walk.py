"""Folders -> files, in a stable order. Links, pipes, sockets and devices are counted and never followed or opened."""

from __future__ import annotations

import fnmatch
import hashlib
import logging
import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from provenance.media.source import make_file_state, open_readonly
from provenance.model.asset import FileState
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause

_log = logging.getLogger(__name__)

_OLE = rb"\xd0\xcf\x11\xe0"
_JUNK = (
    (rb"\._.*", rb"\x00\x05\x16\x07"),
    (rb"\.DS_Store", rb"\x00\x00\x00\x01Bud1"),
    (rb"(eh)?thumbs\.db", _OLE),
    (rb"desktop\.ini", rb"(\xef\xbb\xbf|\xff\xfe)?\s*\[\0?\."),
    (rb"\.localized", rb"\Z"),
    (rb"\.nfs[0-9a-f]{16,}", rb""),
)
"""Files that operating systems leave behind, by name and by how they begin: a name alone hides nothing."""

JUNK_FOLDERS = frozenset(
    {b".spotlight-v100", b".trashes", b".fseventsd", b".temporaryitems", b"@eadir", b".documentrevisions-v100"}
)
"""Lower-case names of folders that operating systems leave behind."""

SIDECAR_SUFFIXES = (b".xmp", b".c2pa")
"""Suffixes of files that speak of another file beside them, and of nothing else."""
_NOTE_SUFFIXES = (b".txt", b".json")
"""Suffixes of files that may: generators leave the settings beside what they made. They are also read alone."""
_NOTED_SUFFIXES = (b".png", b".jpg", b".jpeg", b".jfif", b".webp", b".avif", b".gif",
                   b".mp4", b".webm", b".mov", b".wav", b".mp3", b".flac")  # fmt: skip
"""Suffixes of the files that such notes lie beside."""
_MAGIC_BYTES = 64
"""Bytes of a file that tell whether it is junk."""


@dataclass(frozen=True, slots=True)
class FoundFile:
    """One regular file, as the folder lists it."""

    root: str
    path: bytes
    """Where to open it."""
    relative: bytes
    """The same, from the root: its name in the catalogue."""
    shown: str
    """`relative` as text, unique within the root."""
    state: FileState
    sidecars: tuple[bytes, ...] = ()
    """Names of files in the same folder that speak of this one."""
    sidecar_for: bytes | None = None
    """For a sidecar: the name of a file it speaks of."""
    change_key: str = ""
    """Size and times of the file and of its sidecars; when it differs, the file must be read again."""

    @property
    def name(self) -> bytes:
        """The file's own name."""
        return os.path.basename(self.path)


@dataclass(slots=True)
class Walk:
    """A walk over roots, with the counts of what it passed by."""

    roots: Sequence[bytes]
    exclude: Sequence[str] = ()
    junk: int = 0
    skipped: int = 0
    excluded: int = 0
    troubles: list[Trouble] = field(default_factory=list)
    missed: list[bytes] = field(default_factory=list)
    """True names, from the root, of what is there and could not be listed or read."""
    matched_patterns: set[str] = field(default_factory=set)
    """Patterns of `exclude` that matched something."""

    def folders(self) -> Iterator[list[FoundFile]]:
        """The files of one folder at a time, depth first, names in byte order; a root that is a file alone."""
        for root in outermost(self.roots):
            if os.path.isdir(root):
                yield from self._walk_below(root)
            else:
                folder, name = os.path.split(root)
                yield self._list_files(folder, folder, "", [name])[0]

    def again(self) -> Walk:
        """A new walk over the same roots, whose counts nobody adds to those of this one."""
        return Walk(self.roots, self.exclude)

    def _walk_below(self, root: bytes) -> Iterator[list[FoundFile]]:
        waiting = [(root, "")]
        while waiting:
            folder, shown = waiting.pop()
            try:
                with os.scandir(folder) as entries:
                    names = sorted(entry.name for entry in entries)
            except OSError as fault:
                self._miss(root, folder, shown or ".", f"the folder could not be listed: {fault.strerror}")
                continue
            files, folders = self._list_files(root, folder, shown, names)
            yield files
            waiting.extend(reversed(folders))

    def _list_files(
        self, root: bytes, folder: bytes, shown_folder: str, names: list[bytes]
    ) -> tuple[list[FoundFile], list[tuple[bytes, str]]]:
        """Files and folders among the names of one folder."""
        files: dict[bytes, tuple[str, FileState]] = {}
        folders: list[tuple[bytes, str]] = []
        for name, shown_name in zip(names, shown_names(names), strict=True):
            path = os.path.join(folder, name)
            shown = shown_name
            if shown_folder:
                shown = f"{shown_folder}/{shown_name}"
            if self._is_excluded(shown):
                self.excluded += 1
                continue
            try:
                status = os.stat(path, follow_symlinks=False)
            except OSError as fault:
                self._miss(root, path, shown, f"vanished or unreadable: {fault.strerror}")
                continue
            if stat.S_ISDIR(status.st_mode):
                if name.lower() in JUNK_FOLDERS:
                    self.junk += 1
                else:
                    folders.append((path, shown))
            elif not stat.S_ISREG(status.st_mode):
                _log.debug("skipped %r: not a regular file", path)
                self.skipped += 1
            elif is_junk(path, name):
                self.junk += 1
            else:
                files[name] = (shown, make_file_state(status))
        return list(_pair_sidecars(os.fsdecode(root), root, folder, files)), folders

    def _miss(self, root: bytes, path: bytes, shown: str, reason: str) -> None:
        _log.warning("missed %r: %s", path, reason)
        self.missed.append(os.path.relpath(path, root))
        self.troubles.append(Trouble(shown, "walk", Cause.UNREADABLE, reason))

    def _is_excluded(self, shown: str) -> bool:
        name = shown.rsplit("/", 1)[-1]
        is_excluded = False
        for pattern in self.exclude:
            plain = pattern.removeprefix("./").strip("/")
            if fnmatch.fnmatchcase(shown, plain) or fnmatch.fnmatchcase(name, plain):
                self.matched_patterns.add(pattern)
                is_excluded = True
        return is_excluded


def outermost(roots: Sequence[bytes]) -> list[bytes]:
    """Absolute roots in the order given, without those that lie inside another."""
    absolute = list(dict.fromkeys(map(os.path.realpath, roots)))
    outer = []
    for root in absolute:
        parents = [other for other in absolute if root != other and root.startswith(other.rstrip(b"/") + b"/")]
        if not parents:
            outer.append(root)
    return outer


def shown_names(names: Sequence[bytes]) -> list[str]:
    """Each name of one folder as valid text, unique among its siblings and the files inside them."""
    siblings = frozenset(names)
    plain: set[bytes] = set()
    used: set[str] = set()
    # First the names that are shown as they are: one that is made up must differ from all of them.
    for name in names:
        if _is_utf8(name) and not _looks_like_child(name, siblings):
            plain.add(name)
            used.add(name.decode())
    shown = []
    for name in names:
        text = name.decode("utf-8", "backslashreplace")
        if name not in plain:
            text = _make_unique(name, text, used)
            used.add(text)
        shown.append(text)
    return shown


def _make_unique(name: bytes, text: str, used: set[str]) -> str:
    """`text`, with a suffix of its own where another name, or a file inside one, is shown the same way."""
    unique = text
    while unique in used or (unique == text and _is_utf8(name)):
        unique = f"{text} ~{hashlib.sha256(name + unique.encode()).hexdigest()[:8]}"
    return unique


def _looks_like_child(name: bytes, siblings: frozenset[bytes]) -> bool:
    """Whether a file is named as a file inside a sibling would be: `a.zip!b.png` beside `a.zip`."""
    parts = name.split(b"!")
    return any(b"!".join(parts[:count]) in siblings for count in range(1, len(parts)))


def _is_utf8(name: bytes) -> bool:
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True


def is_junk(path: bytes, name: bytes) -> bool:
    """Left behind by an operating system, by name and by content."""
    for names, begins in _JUNK:
        if re.fullmatch(names, name, re.IGNORECASE | re.DOTALL):
            return _begins_with(path, begins)
    return False


def _begins_with(path: bytes, pattern: bytes) -> bool:
    try:
        with os.fdopen(open_readonly(path), "rb") as file:
            return re.match(pattern, file.read(_MAGIC_BYTES)) is not None
    except OSError:
        return False


def _pair_sidecars(
    root: str, root_path: bytes, folder: bytes, files: dict[bytes, tuple[str, FileState]]
) -> Iterator[FoundFile]:
    """Give every file its sidecars, and every sidecar the file it speaks of."""
    sidecars_of: dict[bytes, list[bytes]] = {}
    spoken_of: dict[bytes, bytes] = {}
    by_stem: dict[bytes, list[bytes]] = {}
    for name in files:
        if not name.lower().endswith(SIDECAR_SUFFIXES):
            by_stem.setdefault(os.path.splitext(name)[0], []).append(name)
    for name in files:
        suffix = os.path.splitext(name)[1].lower()
        for other in _described_by(name, files, by_stem):
            sidecars_of.setdefault(other, []).append(name)
            if suffix in SIDECAR_SUFFIXES:
                spoken_of.setdefault(name, other)
    for name, (shown, state) in files.items():
        path = os.path.join(folder, name)
        sidecars = tuple(sidecars_of.get(name, ()))
        states = [state, *(files[sidecar][1] for sidecar in sidecars)]
        change_key = join_states(states)
        yield FoundFile(
            root, path, os.path.relpath(path, root_path), shown, state, sidecars, spoken_of.get(name), change_key
        )


def _described_by(
    name: bytes, files: dict[bytes, tuple[str, FileState]], by_stem: dict[bytes, list[bytes]]
) -> list[bytes]:
    """The files that a sidecar or a note of that name speaks of: `a.png.xmp` of `a.png`, `a.xmp` of every `a.*`."""
    stem, suffix = os.path.splitext(name)
    beside = by_stem.get(stem, [])
    if stem in files:
        beside = [stem]
    if suffix.lower() in SIDECAR_SUFFIXES:
        return beside
    if suffix.lower() in _NOTE_SUFFIXES:
        return [other for other in beside if os.path.splitext(other)[1].lower() in _NOTED_SUFFIXES]
    return []


def join_states(states: Iterable[FileState]) -> str:
    """The change key of a file with these sizes and times, of itself and then of its sidecars."""
    return ";".join([f"{state.size}.{state.mtime_ns}.{state.ctime_ns}" for state in states])
