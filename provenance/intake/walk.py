"""Folders -> files, in a stable order. Links, pipes, sockets and devices are counted and never followed or opened."""

from __future__ import annotations

import fnmatch
import hashlib
import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from provenance.media.source import file_state, open_readonly
from provenance.model.asset import FileState
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause

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

_JUNK_FOLDERS = frozenset(
    {b".spotlight-v100", b".trashes", b".fseventsd", b".temporaryitems", b"@eadir", b".documentrevisions-v100"}
)

SIDECARS = (b".xmp", b".c2pa")
"""Suffixes of files that speak of another file beside them, and of nothing else."""
_NOTES = (b".txt", b".json")
"""Suffixes of files that may: generators leave the settings beside what they made. They are read on their own too."""
_NOTED = (b".png", b".jpg", b".jpeg", b".jfif", b".webp", b".avif", b".gif", b".mp4", b".webm", b".mov", b".wav",
          b".mp3", b".flac")  # fmt: skip
"""What such notes stand beside."""


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
    stamp: FileState
    sidecars: tuple[bytes, ...] = ()
    """Names of files in the same folder that speak of this one."""
    sidecar_for: bytes | None = None
    """For a sidecar: the name of a file it speaks of."""
    mark: str = ""
    """Size and times of the file and of its sidecars; a different mark means that it must be read again."""

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
    unseen: list[bytes] = field(default_factory=list)
    """True names, from the root, of what is there and could not be listed or read."""
    matched: set[str] = field(default_factory=set)
    """Patterns of `exclude` that matched something."""

    def folders(self) -> Iterator[list[FoundFile]]:
        """The files of one folder at a time, depth first, names in byte order; a root that is a file alone."""
        for root in outermost(self.roots):
            if os.path.isdir(root):
                yield from self._below(root)
            else:
                yield self._listed(os.path.dirname(root), os.path.dirname(root), "", [os.path.basename(root)])[0]

    def _below(self, root: bytes) -> Iterator[list[FoundFile]]:
        waiting = [(root, "")]
        while waiting:
            folder, shown = waiting.pop()
            try:
                with os.scandir(folder) as entries:
                    names = sorted(entry.name for entry in entries)
            except OSError as fault:
                self._missed(root, folder, shown or ".", f"folder not listed: {fault.strerror}")
                continue
            found, folders = self._listed(root, folder, shown, names)
            yield found
            waiting.extend(reversed(folders))

    def _listed(
        self, root: bytes, folder: bytes, shown_folder: str, names: list[bytes]
    ) -> tuple[list[FoundFile], list[tuple[bytes, str]]]:
        """Files and folders among the names of one folder."""
        files: dict[bytes, tuple[str, FileState]] = {}
        folders: list[tuple[bytes, str]] = []
        for name, shown in zip(names, shown_names(names), strict=True):
            path, told = os.path.join(folder, name), f"{shown_folder}/{shown}" if shown_folder else shown
            if self._is_excluded(told):
                self.excluded += 1
                continue
            try:
                status = os.stat(path, follow_symlinks=False)
            except OSError as fault:
                self._missed(root, path, told, f"vanished or unreadable: {fault.strerror}")
                continue
            if stat.S_ISDIR(status.st_mode):
                if name.lower() in _JUNK_FOLDERS:
                    self.junk += 1
                else:
                    folders.append((path, told))
            elif not stat.S_ISREG(status.st_mode):
                self.skipped += 1
            elif _is_junk(path, name):
                self.junk += 1
            else:
                files[name] = (told, file_state(status))
        return list(_joined(os.fsdecode(root), root, folder, files)), folders

    def _missed(self, root: bytes, path: bytes, shown: str, why: str) -> None:
        self.unseen.append(os.path.relpath(path, root))
        self.troubles.append(Trouble(shown, "walk", Cause.UNREADABLE, why))

    def _is_excluded(self, shown: str) -> bool:
        name = shown.rsplit("/", 1)[-1]
        patterns = {pattern: pattern.removeprefix("./").strip("/") for pattern in self.exclude}
        matching = {
            said
            for said, pattern in patterns.items()
            if fnmatch.fnmatchcase(shown, pattern) or fnmatch.fnmatchcase(name, pattern)
        }
        self.matched |= matching
        return bool(matching)


def outermost(roots: Sequence[bytes]) -> list[bytes]:
    """Absolute roots in the order given, without those that stand inside another."""
    absolute = list(dict.fromkeys(os.path.realpath(root) for root in roots))
    return [
        root
        for root in absolute
        if not any(root != other and root.startswith(other.rstrip(b"/") + b"/") for other in absolute)
    ]


def shown_names(names: Sequence[bytes]) -> list[str]:
    """Each name of one folder as valid text, unique among its siblings and the things inside them."""
    siblings = frozenset(names)
    as_it_is = {name for name in names if _is_utf8(name) and not _like_inside(name, siblings)}
    taken = {name.decode() for name in as_it_is}
    shown = []
    for name in names:
        text = name.decode("utf-8", "backslashreplace")
        if name not in as_it_is:
            text = _apart(name, text, taken)
            taken.add(text)
        shown.append(text)
    return shown


def _apart(name: bytes, text: str, taken: set[str]) -> str:
    """`text`, with a mark of its own where another name, or a thing inside one, is shown so."""
    told = text
    while told in taken or (told == text and _is_utf8(name)):
        told = f"{text} ~{hashlib.sha256(name + told.encode()).hexdigest()[:8]}"
    return told


def _like_inside(name: bytes, siblings: frozenset[bytes]) -> bool:
    """Whether a file is named as a thing inside a sibling would be: `a.zip!b.png` beside `a.zip`."""
    parts = name.split(b"!")
    return any(b"!".join(parts[:count]) in siblings for count in range(1, len(parts)))


def _is_utf8(name: bytes) -> bool:
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_junk(path: bytes, name: bytes) -> bool:
    """Left behind by an operating system, by name and by content."""
    begins = next((head for names, head in _JUNK if re.fullmatch(names, name, re.IGNORECASE | re.DOTALL)), None)
    if begins is None:
        return False
    try:
        with os.fdopen(open_readonly(path), "rb") as file:
            return re.match(begins, file.read(64)) is not None
    except OSError:
        return False


def _joined(
    root: str, root_path: bytes, folder: bytes, files: dict[bytes, tuple[str, FileState]]
) -> Iterator[FoundFile]:
    """Give every file its sidecars, and every sidecar what it speaks of."""
    speaking: dict[bytes, list[bytes]] = {}
    spoken: dict[bytes, bytes] = {}
    stems: dict[bytes, list[bytes]] = {}
    for name in files:
        if not name.lower().endswith(SIDECARS):
            stems.setdefault(os.path.splitext(name)[0], []).append(name)
    for name in files:
        stem, suffix = os.path.splitext(name)
        beside = [stem] if stem in files else stems.get(stem, [])
        if suffix.lower() in _NOTES:
            beside = [other for other in beside if os.path.splitext(other)[1].lower() in _NOTED]
        elif suffix.lower() not in SIDECARS:
            continue
        for other in beside:
            speaking.setdefault(other, []).append(name)
            if suffix.lower() in SIDECARS:
                spoken.setdefault(name, other)
    for name, (shown, stamp) in files.items():
        path = os.path.join(folder, name)
        sidecars = tuple(speaking.get(name, ()))
        mark = ";".join(_mark(part) for part in (stamp, *(files[sidecar][1] for sidecar in sidecars)))
        yield FoundFile(root, path, os.path.relpath(path, root_path), shown, stamp, sidecars, spoken.get(name), mark)


def _mark(stamp: FileState) -> str:
    return f"{stamp.size}.{stamp.mtime_ns}.{stamp.ctime_ns}"
