"""Folders -> files, in a stable order. Links, pipes, sockets and devices are counted and never followed or opened."""

from __future__ import annotations

import fnmatch
import hashlib
import logging
import marshal
import operator
import os
import re
import stat
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from provenance.media import object_storage
from provenance.media.places import find_real_path, is_folder
from provenance.media.source import open_raw
from provenance.model.asset import FileState
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause
from provenance.object_place import is_object_place

_log = logging.getLogger(__name__)


def _match_any_case(pattern: bytes) -> re.Pattern[bytes]:
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)


_JUNK = (
    (_match_any_case(rb"\._.*"), re.compile(rb"\x00\x05\x16\x07")),
    (_match_any_case(rb"\.DS_Store"), re.compile(rb"\x00\x00\x00\x01Bud1")),
    (_match_any_case(rb"(eh)?thumbs\.db"), re.compile(rb"\xd0\xcf\x11\xe0")),
    (_match_any_case(rb"desktop\.ini"), re.compile(rb"(\xef\xbb\xbf|\xff\xfe)?\s*\[\0?\.")),
    (_match_any_case(rb"\.localized"), re.compile(rb"\Z")),
    (_match_any_case(rb"\.nfs[0-9a-f]{16,}"), re.compile(rb"")),
)
"""Files that operating systems leave behind, by name and by how they begin: a name alone hides nothing."""
_JUNK_LAST = frozenset(b"bBiI")
"""Last bytes of such names, but for those that begin with a dot: most names need no closer look."""
_JUNK_PARTS = (b"\0.", *(bytes([last, 0]) for last in sorted(_JUNK_LAST)))
"""The same in names with null bytes around them."""

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


def _get_end(name: bytes) -> bytes:
    """The last four bytes of a name: enough to see that a folder has none with some suffix."""
    return name[-4:].lower()


_SIDECAR_ENDS = frozenset(map(_get_end, SIDECAR_SUFFIXES))
_NOTE_ENDS = frozenset(map(_get_end, _NOTE_SUFFIXES))
_NOTED_ENDS = frozenset(map(_get_end, _NOTED_SUFFIXES))
_KIND = 0o170000
"""Bits of a mode that say what an entry is: `stat.S_IFMT`, without a call for each file."""
_DOT = ord(".")
_MAGIC_BYTES = 64
"""Bytes of a file that tell whether it is junk."""


# Not frozen: there is one for each file of a storage, and a frozen one takes five times as long to make.
@dataclass(slots=True)
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


class _Entry(Protocol):
    """What a folder lists: `os.DirEntry`, or one file that was named."""

    @property
    def name(self) -> bytes:
        """Its own name."""

    @property
    def path(self) -> bytes:
        """Where it is."""

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
        """As `os.stat`."""


@dataclass(frozen=True, slots=True)
class _NamedFile:
    """A root that is no folder."""

    name: bytes
    path: bytes

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
        """As `os.stat`."""
        if is_object_place(self.path):
            return object_storage.find_status(self.path)
        return os.stat(self.path, follow_symlinks=follow_symlinks)


class FolderListing(NamedTuple):
    """A folder as it was listed."""

    path: bytes
    digest: bytes
    """Of everything that decides what a walk makes of it, folders inside but for junk left out: names, what each is,
    sizes and times."""


class PassedBy(NamedTuple):
    """What a walk passed by in one folder."""

    junk: int
    skipped: int


class KnownFolders(Protocol):
    """Knows folders in which nothing has to be read, so that a walk need not look at their files one by one."""

    def find_same(self, listing: FolderListing) -> PassedBy | None:
        """What was passed by in a folder that was as it is listed now when nothing in it had to be read; or None."""

    def has_all(self, root: bytes, listing: FolderListing, keys: Mapping[bytes, str]) -> bool:
        """Whether all files of a folder are known as they are. `keys`: change keys by name.

        The names are such that no file speaks of another one, and none is junk; some may be frames of a sequence.
        """


_get_name: Callable[[_Entry], bytes] = operator.attrgetter("name")
_get_relative: Callable[[FoundFile], bytes] = operator.attrgetter("relative")


def _list_entries(folder: bytes) -> list[_Entry]:
    """What lies in a folder, in any order. Raises `OSError`."""
    if is_object_place(folder):
        return list(object_storage.list_folder(folder))
    with os.scandir(folder) as entries:
        listed: list[_Entry] = list(entries)
    # On Windows a listing has no inode, which the worker compares later.
    if sys.platform == "win32":
        return [_NamedFile(entry.name, entry.path) for entry in listed]
    return listed


class _Wanted:
    """The folders that somebody wants, and all that lead there."""

    def __init__(self, folders: Collection[bytes]) -> None:
        self.folders = frozenset(folder.rstrip(b"/") for folder in folders)
        self.on_the_way: set[bytes] = set()
        for folder in self.folders:
            while folder not in self.on_the_way:
                self.on_the_way.add(folder)
                folder = folder.rpartition(b"/")[0]


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
    current: tuple[FolderListing, PassedBy] | None = None
    """The folder whose files were given last; None where a part of it was missed, or nobody knows any folder."""

    def folders(
        self, known: KnownFolders | None = None, only: Collection[bytes] | None = None
    ) -> Iterator[list[FoundFile]]:
        """The files of one folder at a time, depth first, names in byte order; a root that is a file alone.

        `is_known`: is asked about most folders, and those of which it says so are left out. `only`: absolute paths of
        the folders that are wanted; of the others none is listed, but for those that lead there.
        """
        wanted = None if only is None else _Wanted(only)
        for root in outermost(self.roots):
            if is_folder(root):
                if wanted is None or root.rstrip(b"/") in wanted.on_the_way:
                    yield from self._walk_below(root, known, wanted)
            elif wanted is None or os.path.dirname(root).rstrip(b"/") in wanted.folders:
                folder, name = os.path.split(root)
                self.current = None
                yield self._list_files(folder, folder, "", [_NamedFile(name, root)])[0]

    def again(self) -> Walk:
        """A new walk over the same roots, whose counts nobody adds to those of this one."""
        return Walk(self.roots, self.exclude)

    def _walk_below(self, root: bytes, known: KnownFolders | None, wanted: _Wanted | None) -> Iterator[list[FoundFile]]:
        if self.exclude:
            # What is left out is counted for each run.
            known = None
        waiting = [(root, "")]
        while waiting:
            folder, shown = waiting.pop()
            self.current = None
            try:
                listed = _list_entries(folder)
            except OSError as fault:
                self._miss(root, folder, shown or ".", f"the folder could not be listed: {fault.strerror}")
                continue
            outline = None
            if known is not None and (outline := _outline(folder, listed)) and self._is_known(root, outline, known):
                prefix = shown and f"{shown}/"
                waiting.extend((path, prefix + name) for name, path in reversed(outline.folders))
                continue
            listed.sort(key=_get_name)
            before = PassedBy(self.junk, self.skipped), len(self.missed)
            files, folders = self._list_files(root, folder, shown, listed)
            if outline is not None and len(self.missed) == before[1]:
                passed_by = PassedBy(self.junk - before[0].junk, self.skipped - before[0].skipped)
                self.current = outline.listing, passed_by
            if wanted is not None:
                files = files if folder.rstrip(b"/") in wanted.folders else []
                folders = [inner for inner in folders if inner[0].rstrip(b"/") in wanted.on_the_way]
            yield files
            waiting.extend(reversed(folders))

    def _is_known(self, root: bytes, outline: _Outline, known: KnownFolders) -> bool:
        """Whether nothing in a folder has to be read; what is passed by in it is counted then."""
        if not outline.states:
            # A folder of folders.
            return True
        passed_by = known.find_same(outline.listing)
        if passed_by is not None:
            self.junk += passed_by.junk
            self.skipped += passed_by.skipped
            return True
        keys = outline.make_keys()
        return keys is not None and known.has_all(root, outline.listing, keys)

    def _list_files(
        self, root: bytes, folder: bytes, shown_folder: str, entries: Sequence[_Entry]
    ) -> tuple[list[FoundFile], list[tuple[bytes, str]]]:
        """Files and folders among the entries of one folder."""
        files: list[FoundFile] = []
        folders: list[tuple[bytes, str]] = []
        shown_root = os.fsdecode(root)
        # What is the same for all files of a folder is made once: there may be a million of them.
        prefix = find_prefix(root, folder)
        shown_prefix = shown_folder and f"{shown_folder}/"
        for entry, shown_name in zip(entries, shown_names([entry.name for entry in entries]), strict=True):
            name, path = entry.name, entry.path
            shown = shown_prefix + shown_name
            if self.exclude and self._is_excluded(shown):
                self.excluded += 1
                continue
            try:
                status = entry.stat(follow_symlinks=False)
            except OSError as fault:
                self._miss(root, path, shown, f"vanished or unreadable: {fault.strerror}")
                continue
            if stat.S_ISREG(status.st_mode):
                # For nearly all names two bytes say that they are none of junk.
                if (name[0] == _DOT or name[-1] in _JUNK_LAST) and is_junk(path, name):
                    self.junk += 1
                    continue
                size, mtime, ctime = status.st_size, status.st_mtime_ns, status.st_ctime_ns
                state = FileState(size, mtime, ctime, status.st_ino)
                # As `join_states`, without a call for each file of a storage.
                key = f"{size}.{mtime}.{ctime}"
                files.append(FoundFile(shown_root, path, prefix + name, shown, state, (), None, key))
            elif not stat.S_ISDIR(status.st_mode):
                _log.debug("skipped %r: not a regular file", path)
                self.skipped += 1
            elif name.lower() in JUNK_FOLDERS:
                self.junk += 1
            else:
                folders.append((path, shown))
        _pair_sidecars(files, len(prefix))
        return files, folders

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


_State = tuple[bytes, int, int, int, int]
"""Name of an entry, what it is, its size, and the times of its last change: of its bytes, and of anything of it."""


class _Outline(NamedTuple):
    """What lies in a folder, as far as it is needed to compare it."""

    listing: FolderListing
    states: Sequence[_State]
    """Of everything but folders to go into, in byte order of the names."""
    folders: Sequence[tuple[str, bytes]]
    """The folders to go into, as shown and where they are, in byte order of the names."""

    def make_keys(self) -> dict[bytes, str] | None:
        """Change keys by name, when the names say that each file stands for itself; else None.

        It decides nothing that `Walk._list_files` decides otherwise: what that passes by, and what may belong together,
        is left to it.
        """
        keys: dict[bytes, str] = {}
        for name, kind, size, mtime, ctime in self.states:
            if kind != stat.S_IFREG:
                return None
            # As `join_states`, without a call for each file of a storage.
            keys[name] = f"{size}.{mtime}.{ctime}"
        return keys if _are_plain(keys) else None


def _outline(folder: bytes, entries: Sequence[_Entry]) -> _Outline | None:
    """The outline of a folder; None for one of which something cannot be seen, or is not shown by its own name.

    That is left to `Walk._list_files`.
    """
    states: list[_State] = []
    folders: list[_Entry] = []
    for entry in entries:
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError:
            return None
        kind = status.st_mode & _KIND
        if kind == stat.S_IFREG:
            states.append((entry.name, kind, status.st_size, status.st_mtime_ns, status.st_ctime_ns))
        elif kind == stat.S_IFDIR and entry.name.lower() not in JUNK_FOLDERS:
            folders.append(entry)
        else:
            # It is passed by, whatever is in it.
            states.append((entry.name, kind, 0, 0, 0))
    folders.sort(key=_get_name)
    shown = _decode_together([inner.name for inner in folders]) if folders else []
    if len(shown) != len(folders):
        return None
    states.sort()
    # Version 2 of the format: later ones depend on how often a value is used elsewhere.
    digest = hashlib.sha256(marshal.dumps(states, 2)).digest()
    inner = [(name, entry.path) for name, entry in zip(shown, folders, strict=True)]
    return _Outline(FolderListing(folder, digest), states, inner)


def _are_plain(names: Collection[bytes]) -> bool:
    """Whether no name is one of junk, and none may belong to another one."""
    # All names at once: a loop over a million of them takes longer than to list some of their folders.
    together = b"\0%b\0" % b"\0".join(names)
    if any(part in together for part in _JUNK_PARTS) and any(map(_has_name_of_junk, names)):
        return False
    return not _may_pair({end.lower() for end in {name[-4:] for name in names}})


def _may_pair(ends: Collection[bytes]) -> bool:
    """Whether files may speak of each other, by the last bytes of all names of a folder.

    A folder of pictures alone, or of texts alone, has nothing to pair.
    """
    has_notes = not _NOTE_ENDS.isdisjoint(ends) and not _NOTED_ENDS.isdisjoint(ends)
    return has_notes or not _SIDECAR_ENDS.isdisjoint(ends)


def outermost(roots: Sequence[bytes]) -> list[bytes]:
    """Absolute roots in the order given, without those that lie inside another."""
    absolute = list(dict.fromkeys(map(find_real_path, roots)))
    outer = []
    for root in absolute:
        parents = [other for other in absolute if root != other and root.startswith(other.rstrip(b"/") + b"/")]
        if not parents:
            outer.append(root)
    return outer


def shown_names(names: Sequence[bytes]) -> list[str]:
    """Each name of one folder as valid text, unique among its siblings and the files inside them."""
    if shown := _decode_together(names):
        return shown
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


def _decode_together(names: Sequence[bytes]) -> list[str]:
    """Names that are all shown as they are; empty when one of them may have to be shown in another way."""
    together = b"\0".join(names)
    if b"!" in together:
        return []
    try:
        shown = together.decode().split("\0")
    except UnicodeDecodeError:
        return []
    # No file system has a null byte in a name; what has one is no list of names.
    return shown if len(shown) == len(names) else []


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


def _has_name_of_junk(name: bytes) -> bool:
    return any(names.fullmatch(name) for names, _ in _JUNK)


def is_junk(path: bytes, name: bytes) -> bool:
    """Left behind by an operating system, by name and by content."""
    for names, begins in _JUNK:
        if names.fullmatch(name):
            return _begins_with(path, begins)
    return False


def _begins_with(path: bytes, pattern: re.Pattern[bytes]) -> bool:
    try:
        with open_raw(path) as file:
            return pattern.match(file.read(_MAGIC_BYTES) or b"") is not None
    except OSError:
        return False


def _pair_sidecars(files: Sequence[FoundFile], prefix: int) -> None:
    """Give every file of a folder its sidecars, and every sidecar the file it speaks of.

    `prefix`: bytes of `relative` before the name.
    """
    if not _may_pair(set(map(_get_end, map(_get_relative, files)))):
        return
    by_name = {file.relative[prefix:]: file for file in files}
    by_stem: dict[bytes, list[bytes]] = {}
    for name in by_name:
        if not name.lower().endswith(SIDECAR_SUFFIXES):
            by_stem.setdefault(_split_suffix(name)[0], []).append(name)
    sidecars_of: dict[bytes, list[bytes]] = {}
    for name, speaker in by_name.items():
        for other in _find_described(name, by_name, by_stem):
            sidecars_of.setdefault(other, []).append(name)
            if speaker.sidecar_for is None and name.lower().endswith(SIDECAR_SUFFIXES):
                speaker.sidecar_for = other
    for name, sidecars in sidecars_of.items():
        file = by_name[name]
        file.sidecars = tuple(sidecars)
        states = [file.state, *(by_name[sidecar].state for sidecar in sidecars)]
        file.change_key = join_states(states)


def _find_described(
    name: bytes, by_name: Mapping[bytes, FoundFile], by_stem: Mapping[bytes, list[bytes]]
) -> list[bytes]:
    """The files that a sidecar or a note of that name speaks of: `a.png.xmp` of `a.png`, `a.xmp` of every `a.*`."""
    stem, suffix = _split_suffix(name)
    beside = by_stem.get(stem, [])
    if stem in by_name:
        beside = [stem]
    if suffix.lower() in SIDECAR_SUFFIXES:
        return beside
    if suffix.lower() in _NOTE_SUFFIXES:
        return [other for other in beside if _split_suffix(other)[1].lower() in _NOTED_SUFFIXES]
    return []


def join_states(states: Iterable[FileState]) -> str:
    """The change key of a file with these sizes and times, of itself and then of its sidecars."""
    return ";".join([f"{state.size}.{state.mtime_ns}.{state.ctime_ns}" for state in states])


def _split_suffix(name: bytes) -> tuple[bytes, bytes]:
    """As `os.path.splitext`, for a name alone."""
    if name[0] == _DOT:
        return os.path.splitext(name)
    dot = name.rfind(b".")
    if dot < 0:
        return name, b""
    return name[:dot], name[dot:]


def find_prefix(root: bytes, folder: bytes) -> bytes:
    """What stands before the names of a folder when they are written from the root: `reel_1/`, or nothing."""
    if folder == root:
        return b""
    return os.path.relpath(folder, root) + b"/"
