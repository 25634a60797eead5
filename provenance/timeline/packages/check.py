"""Lists of files against the files: what is missing, altered, not listed, or named outside the package.

Everything here works on names, sizes and hashes that were read before; nothing is opened.
"""

from __future__ import annotations

import fnmatch
import posixpath
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from provenance.media.hashes import COMPUTABLE
from provenance.model.package import PackageFault
from provenance.timeline.interface import Cut
from provenance.timeline.packages.interface import FileList, ListedFile

_OWN_NAMES = frozenset({"assetmap", "assetmap.xml", "volindex", "volindex.xml"})
"""Files of a package that its asset map need not name."""
_ASC_FOLDER = "ascmhl"


@dataclass(frozen=True, slots=True)
class FoundList:
    """A list of files, and where it lies."""

    path: str
    """Relative to the scanned root, with slashes."""
    list: FileList

    @property
    def folder(self) -> str:
        """The folder that its paths are relative to; empty for the root itself."""
        folder = posixpath.dirname(self.path)
        # An ASC MHL history lies in a folder of its own, below the one it describes. Its chain names files beside it.
        is_history = posixpath.basename(folder) == _ASC_FOLDER and self.list.kind == "asc-mhl"
        return posixpath.dirname(folder) if is_history else folder


@dataclass(frozen=True, slots=True)
class Expectation:
    """What one list says of one file."""

    found: FoundList
    file: ListedFile
    path: str
    """Of the file, relative to the scanned root; not below it when the list leads outside."""
    is_outside: bool


@dataclass(slots=True)
class Files:
    """What is below one scanned root, by path relative to it with slashes."""

    root: str
    sizes: Mapping[str, int]
    hashes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By algorithm, of the files for which they were computed."""
    digests: Mapping[str, str] = field(default_factory=dict)


def expect(lists: Sequence[FoundList]) -> list[Expectation]:
    """What all lists of a root say of files. Packing lists name files by UUID: the asset maps say where these are."""
    places: dict[str, list[tuple[FoundList, str]]] = {}
    for found in lists:
        if found.list.kind == "asset-map":
            for file in found.list.files:
                places.setdefault(file.id, []).append((found, file.path))
    expectations = []
    for found in lists:
        for file in (*found.list.files, *found.list.manifests):
            if found.list.kind != "packing-list":
                expectations.append(_place(found, file, found.folder, file.path))
                continue
            for asset_map, path in places.get(file.id, ()):
                # Two packages below one root may name a file alike; each packing list means its own.
                if asset_map.folder == found.folder or len(places[file.id]) == 1:
                    expectations.append(_place(found, file, asset_map.folder, path))
    return expectations


def _place(found: FoundList, file: ListedFile, folder: str, path: str) -> Expectation:
    joined = posixpath.normpath(posixpath.join(folder, path))
    is_absolute = path.startswith("/") or path[1:2] == ":"
    # Outside of the package is outside, also where it is still below the scanned folder.
    below = posixpath.normpath(path)
    is_outside = is_absolute or below == ".." or below.startswith("../")
    return Expectation(found, file, joined, is_outside)


def list_algorithms(expectations: Sequence[Expectation]) -> dict[str, set[str]]:
    """By path: the algorithms by which each file has to be digested."""
    wanted: dict[str, set[str]] = {}
    for row in expectations:
        if not row.is_outside:
            wanted.setdefault(row.path, set()).update(set(row.file.hashes) & COMPUTABLE)
    return {path: algorithms for path, algorithms in wanted.items() if algorithms}


def check(
    lists: Sequence[FoundList], expectations: Sequence[Expectation], files: Files, cuts: Mapping[str, Sequence[Cut]]
) -> Iterator[PackageFault]:
    """Yield everything that disagrees, each file once for each kind of fault. `cuts`: compositions, by path."""
    seen: set[tuple[str, str]] = set()
    for fault in _list_faults(lists, expectations, files, cuts):
        if (fault.rule, fault.path) not in seen:
            seen.add((fault.rule, fault.path))
            yield fault


def _list_faults(
    lists: Sequence[FoundList], expectations: Sequence[Expectation], files: Files, cuts: Mapping[str, Sequence[Cut]]
) -> Iterator[PackageFault]:
    outside = {row.file.id for row in expectations if row.is_outside and row.file.id}
    for row in expectations:
        if row.is_outside or (row.file.id and row.file.id in outside):
            yield from _check_outside(row, files)
        else:
            yield from _check_file(row, files)
    yield from _find_unlisted(lists, expectations, files)
    yield from _find_incomplete(lists, files, cuts)


def _check_outside(row: Expectation, files: Files) -> Iterator[PackageFault]:
    if row.found.list.kind == "packing-list":
        return  # The asset map is what leads outside.
    message = f"{row.found.path} names {row.file.path}, which is outside of the package; it was not looked at."
    yield PackageFault("package_reference_outside", row.found.path, files.root, row.found.path, message)


def _check_file(row: Expectation, files: Files) -> Iterator[PackageFault]:
    """Compare a file with what one list says of it: presence, then size, then hashes."""
    # The chain names the manifests of its history, and a manifest those of the histories inside.
    in_history = posixpath.basename(posixpath.dirname(row.path)) == _ASC_FOLDER
    is_manifest = row.found.list.kind == "asc-mhl-chain" or in_history
    digest = files.digests.get(row.path, "")

    def fault(rule: str, message: str) -> PackageFault:
        return PackageFault(rule, row.path, files.root, row.found.path, message, digest)

    size = files.sizes.get(row.path)
    if size is None:
        yield fault("package_file_missing", f"{row.found.path} lists it, and it is not there.")
        return
    if row.file.size is not None and row.file.size != size:
        yield fault(
            "package_size_differs", f"{row.found.path} says {row.file.size:,} bytes, and the file has {size:,}."
        )
        return
    computed = files.hashes.get(row.path, {})
    for algorithm, expected in row.file.hashes.items():
        if algorithm not in COMPUTABLE:
            message = f"{row.found.path} gives a hash by {algorithm}, which cannot be computed here."
            yield fault("package_hash_unknown", message)
        elif algorithm in computed and computed[algorithm] != expected:
            rule = "package_manifest_altered" if is_manifest else "package_hash_differs"
            found = computed[algorithm]
            yield fault(rule, f"{row.found.path} gives {algorithm} {expected}, and the file has {found}.")


def _find_unlisted(
    lists: Sequence[FoundList], expectations: Sequence[Expectation], files: Files
) -> Iterator[PackageFault]:
    """Files in a package that no list of it names. An old MHL covers what it lists, and claims nothing of the rest."""
    listed = {row.path for row in expectations if not row.is_outside}
    own_paths = {found.path for found in lists}
    folders = {found.folder: found for found in lists if found.list.kind in ("asset-map", "asc-mhl")}
    ignored: dict[str, set[str]] = {}
    for found in lists:
        ignored.setdefault(found.folder, set()).update(found.list.ignored)
    for path in sorted(files.sizes):
        folder = _find_package(path, folders)
        if folder is None or path in listed or path in own_paths:
            continue
        relative = path[len(folder) + 1 :] if folder else path
        if _is_own(relative, folders[folder]) or _is_ignored(relative, ignored.get(folder, set())):
            continue
        message = f"It lies in the package of {folders[folder].path}, and no list names it."
        digest = files.digests.get(path, "")
        yield PackageFault("package_file_not_listed", path, files.root, folders[folder].path, message, digest)


def _find_package(path: str, folders: Collection[str]) -> str | None:
    """The innermost folder with a package of its own that holds a file."""
    folder = posixpath.dirname(path)
    while True:
        if folder in folders:
            return folder
        if not folder:
            return None
        folder = posixpath.dirname(folder)


def _is_own(relative: str, found: FoundList) -> bool:
    if found.list.kind == "asset-map":
        return relative.lower() in _OWN_NAMES
    return relative.split("/")[0] == _ASC_FOLDER


def _is_ignored(relative: str, patterns: Collection[str]) -> bool:
    """Whether an ignore pattern of an ASC MHL leaves a file out; one that begins with a slash is anchored."""
    name = posixpath.basename(relative)
    folders = posixpath.dirname(relative).split("/")
    for pattern in patterns:
        plain = pattern.strip("/")
        if pattern.startswith("/"):
            if fnmatch.fnmatchcase(relative, plain) or relative.startswith(f"{plain}/"):
                return True
        elif fnmatch.fnmatchcase(name, plain) or plain in folders:
            return True
    return False


def _find_incomplete(
    lists: Sequence[FoundList], files: Files, cuts: Mapping[str, Sequence[Cut]]
) -> Iterator[PackageFault]:
    """Composition playlists that name track files which their package does not have."""
    maps = {found.folder: found for found in lists if found.list.kind == "asset-map"}
    for path, compositions in sorted(cuts.items()):
        folder = _find_package(path, maps)
        if folder is None:
            continue
        own = {file.id for file in maps[folder].list.files}
        named = {name for cut in compositions for event in cut.events for name in event.source.package_ids}
        lacking = sorted(named - own)
        if lacking:
            message = (
                f"The composition names {len(lacking)} track files that the package lacks: {', '.join(lacking[:3])}."
            )
            digest = files.digests.get(path, "")
            yield PackageFault("package_incomplete", path, files.root, maps[folder].path, message, digest)
