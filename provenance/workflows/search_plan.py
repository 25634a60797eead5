"""Which contents are to be searched, for what, and what was searched before.

The newest search of a content counts, so each is kept under a digest that says what was searched for: all known
material and the works in the zone `reference`, or these works alone.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from provenance.catalogue.store import Catalogue
from provenance.catalogue.unsearched import Searchable
from provenance.intake.jobs import Frames
from provenance.intake.search_pass import SearchTarget, is_searchable
from provenance.intake.sequences import NumberedFiles, group_by_number
from provenance.intake.walk import FoundFile, Walk, outermost
from provenance.matching.search_index import IndexContents, SearchIndex
from provenance.model.finding import Case
from provenance.model.vocabulary import Origin, Zone
from provenance.workflows.reading_questions import name_searchable, shows_or_sounds

INCOMPLETE = b"!"
"""Begins the digest under which a search is kept that did not see everything."""
_WORKS_ALONE = b"r"
"""Begins the digest of a search for the works in the zone `reference` alone."""


_MOST_NAMES = 3
"""Of files that one message lists."""


def list_names(paths: Sequence[str]) -> str:
    """The first of some paths, and how many more there are."""
    names = ", ".join(paths[:_MOST_NAMES])
    if len(paths) > _MOST_NAMES:
        names += f" and {len(paths) - _MOST_NAMES:,} more"
    return names


def describe_index(catalogue: Catalogue, searchers: str, origins: Collection[Origin]) -> SearchIndex:
    """The index of known material of some origins, and of the works in the zone `reference`, without writing it.

    `searchers`: names who searches (`RunContext.name_searchers`).
    """
    contents = IndexContents(searchers)
    for known, method, version, digest in catalogue.list_fingerprint_digests(origins, Zone.REFERENCE):
        contents.add(known, method, version, digest)
    return contents.describe()


def make_stored_digest(known: SearchIndex, works: SearchIndex) -> bytes:
    """The digest of a search for all known material: it ends with that of the works, if there are any."""
    if works.reference_works:
        return known.digest + works.digest
    return known.digest


def make_works_digest(works: SearchIndex) -> bytes:
    """The digest of a search for the works alone."""
    return _WORKS_ALONE + works.digest


def was_compared(stored_digest: bytes | None, works_digest: bytes) -> bool:
    """Whether a search with this stored digest looked for all these works, and saw everything."""
    if stored_digest is None or stored_digest.startswith(INCOMPLETE):
        return False
    return stored_digest.endswith(works_digest)


def is_compared(catalogue: Catalogue, case: Case, stored_digest: bytes | None, works_digest: bytes) -> bool:
    """The same for a case; a file inside a file, and a frame that differs, are searched with what they are part of."""
    if was_compared(stored_digest, works_digest):
        return True
    return was_compared(find_search_of_whole(catalogue, case), works_digest)


def find_search_of_whole(catalogue: Catalogue, case: Case) -> bytes | None:
    """Digest of the newest search of what a case is a part of; None when it is none, or that was never searched."""
    location = case.location
    container, _, inside = location.path_bytes.partition(b"\0")
    if location.sequence:
        return catalogue.find_index_digest(location.root, os.fsencode(location.sequence))
    if inside:
        return catalogue.find_index_digest(location.root, container)
    return None


@dataclass(slots=True)
class SearchPlanner:
    """Finds the contents below the searched areas that were not yet searched for everything in the index."""

    catalogue: Catalogue
    run: int
    stored_digest: bytes
    walks: Sequence[Walk]
    _planned: set[str] = field(default_factory=set)
    """Digests: the same bytes at two places are searched once."""

    def targets(self) -> Iterator[SearchTarget]:
        """Every content to search, in the order of the walk. Folders without one are not listed."""
        roots = [root for walk in self.walks for root in outermost(walk.roots)]
        searchable = Searchable(self.catalogue.reading_sets.load(name_searchable()), shows_or_sounds)
        folders = self.catalogue.find_unsearched(roots, self.stored_digest, searchable)
        for walk in self.walks:
            for folder in walk.again().folders(only=folders):
                for item in group_by_number(folder):
                    yield from self._plan(item)

    def _plan(self, item: FoundFile | NumberedFiles) -> Iterator[SearchTarget]:
        for part, frames in list_contents(self.catalogue, self.run, item):
            if self.catalogue.find_index_digest(part.root, part.relative) == self.stored_digest:
                continue
            case = self.catalogue.find_present(part.root, part.relative, self.run)
            if case is None or not case.reading.asset.digest or case.reading.asset.digest in self._planned:
                continue
            target = make_target(self.catalogue, part, frames, case)
            if target:
                self._planned.add(case.reading.asset.digest)
                yield target


def list_contents(
    catalogue: Catalogue, run: int, item: FoundFile | NumberedFiles
) -> Iterator[tuple[FoundFile | NumberedFiles, Frames]]:
    """A file; or numbered files as one sequence with its frames, or as the single stills that they are."""
    if isinstance(item, FoundFile):
        yield item, ()
        return
    # A sequence that an earlier run saw here may have turned out to be single stills since.
    if catalogue.find_present(item.root, item.relative, run):
        yield item, item.paths
        return
    for _, file in item.frames:
        yield file, ()


def make_target(
    catalogue: Catalogue, item: FoundFile | NumberedFiles, frames: Frames, case: Case
) -> SearchTarget | None:
    """What is to be searched at a place; None when nothing there shows or sounds."""
    asset = case.reading.asset
    inside = any(is_searchable(inner.reading.asset) for inner in catalogue.find_inside(case.location))
    if not inside and not is_searchable(asset):
        return None
    if isinstance(item, NumberedFiles):
        return SearchTarget(asset, item.shown, item.paths[0][1], item.size, None, frames, inside)
    return SearchTarget(asset, item.shown, item.path, item.state.size, item.state, frames, inside)


@dataclass(slots=True)
class GeneratedPlanner:
    """Finds what is or may be generated below some folders, and was not searched for the works yet.

    It lists the folders of such material alone: a storage without news costs a query.
    """

    catalogue: Catalogue
    run: int
    works_digest: bytes
    walks: Sequence[Walk]
    never: dict[str, SearchTarget] = field(default_factory=dict)
    """By digest: what is to be searched for the works alone."""
    as_deliverable: dict[str, SearchTarget] = field(default_factory=dict)
    """By digest: what was searched as a deliverable once."""

    def plan(self) -> None:
        """Find both."""
        for folder, wanted in self._find_folders().items():
            # The first that a walk gives are the files of the folder itself.
            for item in group_by_number(next(Walk([folder]).folders(), [])):
                for part, frames in list_contents(self.catalogue, self.run, item):
                    places = {os.path.join(os.fsencode(part.root), part.relative), *(path for _, path in frames)}
                    if wanted & places:
                        self._plan(part, frames)

    def _plan(self, item: FoundFile | NumberedFiles, frames: Frames) -> None:
        case = self.catalogue.find_present(item.root, item.relative, self.run)
        if case is None or not case.reading.asset.digest:
            return
        stored = self.catalogue.find_index_digest(item.root, item.relative)
        target = make_target(self.catalogue, item, frames, case)
        if target is None or was_compared(stored, self.works_digest):
            return
        plan = self.as_deliverable
        if stored is None or stored.removeprefix(INCOMPLETE).startswith(_WORKS_ALONE):
            plan = self.never
        plan.setdefault(case.reading.asset.digest, target)

    def _find_folders(self) -> dict[bytes, set[bytes]]:
        """By folder: the places in it at which something has to be searched."""
        folders: dict[bytes, set[bytes]] = {}
        roots = [root for walk in self.walks for root in outermost(walk.roots)]
        for case in list_uncompared(self.catalogue, roots, self.works_digest):
            # A file inside a file is searched with it.
            place, _, _ = case.location.absolute.partition(b"\0")
            folders.setdefault(os.path.dirname(place), set()).add(place)
        return folders


def list_uncompared(catalogue: Catalogue, roots: Sequence[bytes], works_digest: bytes) -> Iterator[Case]:
    """What is or may be generated below some paths, shows or sounds, and was not searched for all the works."""

    def is_done(stored: bytes | None) -> bool:
        return was_compared(stored, works_digest)

    for case, stored in catalogue.find_suspect_searches(roots, Zone.REFERENCE, is_done):
        if is_searchable(case.reading.asset) and not is_compared(catalogue, case, stored, works_digest):
            yield case
