"""Packages in a delivery: find the lists of files, have the files hashed while they are read, compare."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

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
        digests = {case.location.absolute: case.reading.asset.digest for case in cases}
        facts = Files(
            root=self.root,
            sizes={path: file.state.size for path, file in self.files.items()},
            hashes={path: parse_hashes(hashes[file.path]) for path, file in self.files.items() if file.path in hashes},
            digests={path: digests.get(file.path, "") for path, file in self.files.items()},
        )
        own_cuts = {path: cuts[file.path] for path, file in self.files.items() if file.path in cuts}
        return check(self.lists, self.expectations, facts, own_cuts)


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
    read = {found.path for found in packages.lists}
    more = []
    for row in expect(packages.lists):
        is_packing_list = row.found.list.kind == "asset-map" and row.file.id in row.found.list.packing_lists
        if is_packing_list and row.path in packages.files and row.path not in read:
            more.append(row.path)
    _read_lists(engine, packages, more)
    packages.lists.sort(key=lambda found: found.path)
    packages.expectations = expect(packages.lists)


def _read_lists(engine: Engine, packages: Packages, paths: Sequence[str]) -> None:
    jobs = {packages.files[path].path: path for path in paths}
    sizes = {packages.files[path].path: packages.files[path].state.size for path in paths}
    for job, outcome in engine.run(ReadFileList(path, sizes[path]) for path in jobs):
        shown = jobs[job.path]
        if isinstance(outcome, FileListRead):
            if outcome.list is not None:
                packages.lists.append(FoundList(shown, outcome.list))
            packages.troubles.extend(Trouble(shown, row.stage, row.cause, row.detail) for row in outcome.troubles)


def collect_compositions(files: Iterable[CutFile]) -> dict[bytes, Sequence[Cut]]:
    """The cuts of composition playlists, by absolute path."""
    return {
        os.path.join(os.fsencode(file.root), os.fsencode(file.path)): file.cuts
        for file in files
        if any(cut.format.endswith("-cpl") for cut in file.cuts)
    }
