"""What a walk must give, in the plainest words: one file at a time, every name looked at in full.

The walk of the program takes shortcuts where a name allows them; it must say exactly what this says.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator

from provenance.intake.walk import JUNK_FOLDERS, SIDECAR_SUFFIXES, FoundFile
from provenance.model.asset import FileState

_OLE = rb"\xd0\xcf\x11\xe0"
_JUNK = (
    (rb"\._.*", rb"\x00\x05\x16\x07"),
    (rb"\.DS_Store", rb"\x00\x00\x00\x01Bud1"),
    (rb"(eh)?thumbs\.db", _OLE),
    (rb"desktop\.ini", rb"(\xef\xbb\xbf|\xff\xfe)?\s*\[\0?\."),
    (rb"\.localized", rb"\Z"),
    (rb"\.nfs[0-9a-f]{16,}", rb""),
)
_NOTES = (b".txt", b".json")
_NOTED = (b".png", b".jpg", b".jpeg", b".jfif", b".webp", b".avif", b".gif", b".mp4", b".webm", b".mov",
          b".wav", b".mp3", b".flac")  # fmt: skip
_NUMBERED = re.compile(rb"(.*?)(\d{1,12})(\.[A-Za-z0-9]{2,5})", re.DOTALL)


def list_plainly(root: bytes, counts: dict[str, int]) -> Iterator[list[FoundFile]]:
    """The files below a folder, folder by folder; `counts` takes those passed by."""
    waiting = [(root, "")]
    while waiting:
        folder, shown_folder = waiting.pop()
        names = sorted(os.listdir(folder))
        files: dict[bytes, tuple[str, FileState]] = {}
        folders = []
        for name, shown_name in zip(names, show_plainly(names), strict=True):
            path = os.path.join(folder, name)
            shown = f"{shown_folder}/{shown_name}" if shown_folder else shown_name
            status = os.lstat(path)
            if stat.S_ISDIR(status.st_mode):
                if name.lower() in JUNK_FOLDERS:
                    counts["junk"] += 1
                else:
                    folders.append((path, shown))
            elif not stat.S_ISREG(status.st_mode):
                counts["skipped"] += 1
            elif _is_junk(path, name):
                counts["junk"] += 1
            else:
                files[name] = shown, FileState(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
        yield list(_pair(root, folder, files))
        waiting.extend(reversed(folders))


def show_plainly(names: list[bytes]) -> list[str]:
    """Each name of one folder as text, unique among its siblings and the files inside them."""
    plain = [name for name in names if _is_utf8(name) and not _looks_like_child(name, names)]
    used = {name.decode() for name in plain}
    shown = []
    for name in names:
        text = unique = name.decode("utf-8", "backslashreplace")
        if name not in plain:
            while unique in used or (unique == text and _is_utf8(name)):
                unique = f"{text} ~{hashlib.sha256(name + unique.encode()).hexdigest()[:8]}"
            used.add(unique)
        shown.append(unique)
    return shown


def _looks_like_child(name: bytes, siblings: list[bytes]) -> bool:
    parts = name.split(b"!")
    return any(b"!".join(parts[:count]) in siblings for count in range(1, len(parts)))


def _is_utf8(name: bytes) -> bool:
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_junk(path: bytes, name: bytes) -> bool:
    for names, begins in _JUNK:
        if re.fullmatch(names, name, re.IGNORECASE | re.DOTALL):
            with open(path, "rb") as file:
                return re.match(begins, file.read(64)) is not None
    return False


def _pair(root: bytes, folder: bytes, files: dict[bytes, tuple[str, FileState]]) -> Iterator[FoundFile]:
    """Every file with its sidecars, and every sidecar with the file it speaks of."""
    sidecars_of: dict[bytes, list[bytes]] = {}
    spoken_of: dict[bytes, bytes] = {}
    for name in files:
        suffix = os.path.splitext(name)[1].lower()
        for other in _find_described(name, files):
            sidecars_of.setdefault(other, []).append(name)
            if suffix in SIDECAR_SUFFIXES:
                spoken_of.setdefault(name, other)
    for name, (shown, state) in files.items():
        path = os.path.join(folder, name)
        sidecars = tuple(sidecars_of.get(name, ()))
        states = [state, *(files[sidecar][1] for sidecar in sidecars)]
        key = ";".join(f"{state.size}.{state.mtime_ns}.{state.ctime_ns}" for state in states)
        relative = os.path.relpath(path, root)
        yield FoundFile(os.fsdecode(root), path, relative, shown, state, sidecars, spoken_of.get(name), key)


def _find_described(name: bytes, files: dict[bytes, tuple[str, FileState]]) -> list[bytes]:
    stem, suffix = os.path.splitext(name)
    beside = [
        other for other in files if os.path.splitext(other)[0] == stem and not other.lower().endswith(SIDECAR_SUFFIXES)
    ]
    if stem in files:
        beside = [stem]
    if suffix.lower() in SIDECAR_SUFFIXES:
        return beside
    if suffix.lower() in _NOTES:
        return [other for other in beside if os.path.splitext(other)[1].lower() in _NOTED]
    return []


def split_number(name: bytes) -> tuple[bytes, bytes, bytes] | None:
    """What stands before the number of a frame, the number, and the suffix; None for a name without one."""
    parts = _NUMBERED.fullmatch(name)
    return parts and (parts[1], parts[2], parts[3])
