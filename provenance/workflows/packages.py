"""Packages in a delivery: find the lists of files, have the files hashed while they are read, compare."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from provenance.intake.engines.interface import Engine
from provenance.intake.jobs import FileListRead, ReadFileList
from provenance.intake.walk import FoundFile, Walk
from provenance.media.hashes import parse_hashes
from provenance.model.evidence import Trouble
from provenance.model.finding import Case
from provenance.model.package import PackageFault
from provenance.timeline.interface import Cut
from provenance.timeline.packages.check import Expectation, Files, FoundList, check, expect, list_algorithms
from provenance.timeline.packages.find import may_be_list
from provenance.workflows.cut import CutFile


@dataclass(slots=True)
class Packages:
    """The lists of files below one root, and what they say."""

    root: str
    files: dict[str, FoundFile]
    """By path relative to the root, as the walk shows it."""
    lists: list[FoundList] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    expectations: list[Expectation] = field(default_factory=list)

    def list_algorithms(self) -> Iterator[tuple[bytes, tuple[str, ...]]]:
        """By absolute path: the algorithms by which a file has to be digested."""
        for path, algorithms in list_algorithms(self.expectations).items():
            if path in self.files:
                yield self.files[path].path, tuple(sorted(algorithms))

    def list_package_ids(self) -> Iterator[tuple[bytes, str]]:
        """Absolute path of a file and the UUID that a package gives it."""
        for row in self.expectations:
            if row.file.id and row.path in self.files:
                yield self.files[row.path].path, row.file.id

    def check(
        self, hashes: Mapping[bytes, Sequence[str]], cases: Iterable[Case], cuts: Mapping[bytes, Sequence[Cut]]
    ) -> Iterator[PackageFault]:
        """Compare the lists with what was read. `cuts`: of composition playlists, by absolute path."""
        all_digests = {case.location.absolute: case.reading.asset.digest for case in cases}
        sizes: dict[str, int] = {}
        digests: dict[str, str] = {}
        own_hashes: dict[str, dict[str, str]] = {}
        own_cuts: dict[str, Sequence[Cut]] = {}
        # What was read is known by absolute path; lists name files relative to the root.
        for shown, file in self.files.items():
            sizes[shown] = file.state.size
            digests[shown] = all_digests.get(file.path, "")
            if file.path in hashes:
                own_hashes[shown] = parse_hashes(hashes[file.path])
            if file.path in cuts:
                own_cuts[shown] = cuts[file.path]
        files = Files(self.root, sizes, own_hashes, digests)
        return check(self.lists, self.expectations, files, own_cuts)


def load_packages(engine: Engine, walk: Walk) -> list[Packages]:
    """The lists below every root of a walk. Reads the lists, and nothing that they name."""
    roots: dict[str, Packages] = {}
    for folder in walk.again().folders():
        for file in folder:
            packages = roots.setdefault(file.root, Packages(file.root, {}))
            packages.files[file.shown] = file
    for packages in roots.values():
        _load_lists(engine, packages)
    return [packages for packages in roots.values() if packages.lists or packages.troubles]


def _load_lists(engine: Engine, packages: Packages) -> None:
    named = [path for path in packages.files if may_be_list(os.path.basename(path))]
    _read_lists(engine, packages, named)
    # Other packing lists are named by the asset maps alone.
    _read_lists(engine, packages, _find_packing_lists(packages))
    packages.lists.sort(key=lambda found: found.path)
    packages.expectations = expect(packages.lists)


def _find_packing_lists(packages: Packages) -> list[str]:
    """The packing lists that the asset maps name, as far as they are there and were not read for their own names."""
    read = {found.path for found in packages.lists}
    paths = []
    for row in expect(packages.lists):
        is_packing_list = row.found.list.kind == "asset-map" and row.file.id in row.found.list.packing_lists
        if is_packing_list and row.path in packages.files and row.path not in read:
            paths.append(row.path)
    return paths


def _read_lists(engine: Engine, packages: Packages, paths: Iterable[str]) -> None:
    shown_paths: dict[bytes, str] = {}
    jobs: list[ReadFileList] = []
    for shown in paths:
        file = packages.files[shown]
        # Two asset maps may name one packing list: it is read once.
        if file.path not in shown_paths:
            shown_paths[file.path] = shown
            jobs.append(ReadFileList(file.path, file.state.size))
    for job, outcome in engine.run(jobs):
        shown = shown_paths[job.path]
        if isinstance(outcome, Trouble):
            # A list that costs its worker the life says nothing, and what it would have said was not compared.
            packages.troubles.append(replace(outcome, path=shown))
        if not isinstance(outcome, FileListRead):
            continue
        if outcome.list is not None:
            packages.lists.append(FoundList(shown, outcome.list))
        for trouble in outcome.troubles:
            packages.troubles.append(replace(trouble, path=shown))


def collect_compositions(files: Iterable[CutFile]) -> dict[bytes, Sequence[Cut]]:
    """The cuts of composition playlists, by absolute path."""
    compositions: dict[bytes, Sequence[Cut]] = {}
    for file in files:
        if any(cut.format.endswith("-cpl") for cut in file.cuts):
            path = os.path.join(os.fsencode(file.root), os.fsencode(file.path))
            compositions[path] = file.cuts
    return compositions
