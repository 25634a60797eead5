"""Step one of every command that reads media: paths -> catalogue.

Two passes. The first reads each file that is new or changed: digest, statements, evidence, and the fingerprints by
which it is found again. The second searches the deliverables for all generated material that the catalogue knows by
then: what an earlier run learned, what lies in other folders, and what this very run has just found, deliverables
included.
A content that was searched for the same material before is not decoded again.
"""

from __future__ import annotations

import dataclasses
import logging
import os
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from provenance.catalogue.store import Catalogue
from provenance.catalogue.writer import Change
from provenance.intake.collect import FileCollector, ReadTerms, is_current, was_fingerprinted, was_read_in_part
from provenance.intake.engines.local import LocalEngine
from provenance.intake.jobs import Frames, Thumbnails
from provenance.intake.search_pass import SearchPass, SearchTarget, is_searchable
from provenance.intake.sequences import AssetRow, NumberedFiles, group_by_number
from provenance.intake.walk import FoundFile, Walk, outermost
from provenance.matching import search_index
from provenance.matching.search_index import SearchIndex
from provenance.media.hashes import parse_hashes
from provenance.model.asset import FileState, FingerprintLevel, Location
from provenance.model.evidence import Trouble
from provenance.model.finding import Case
from provenance.model.match import Match
from provenance.model.report import Delta, SearchScope
from provenance.model.vocabulary import PASSING_CAUSES, SUSPECT, Cause, Origin, Zone
from provenance.policy.approvals import select_in_force
from provenance.workflows.run import RunContext, RunStats, load_approvals

_log = logging.getLogger(__name__)

_MOST_NAMES = 3
"""Of known material without fingerprints that one message lists."""
LEVELS = {Zone.TEMP: FingerprintLevel.FULL}
"""How much is kept of each zone to find it again; elsewhere little, but everything of what is or may be generated."""


@dataclass(frozen=True, slots=True)
class Area:
    """Folders and files that are read in one go."""

    walk: Walk
    zone: Zone
    level: FingerprintLevel
    is_searched: bool = False
    """Whether known material is searched for in it."""
    keeps_zone: bool = False
    """A place that is in the catalogue already keeps its zone: the gate looks at it and changes nothing about it."""
    label: str = ""
    """Put before its paths where several areas are told apart: the name of a storage."""

    def name(self, path: str) -> str:
        """A path as a person is shown it."""
        if self.label:
            return f"{self.label}: {path}"
        return path


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How areas are read."""

    readers: str
    """Who reads and searches: `RunContext.name_readers`."""
    thumbnails: Thumbnails = Thumbnails.FLAGGED
    fresh: bool = False
    """Read everything again, also what has the size and times it had before."""
    marks_only: bool = False
    """Make no search: only what files say of themselves counts."""
    against: Collection[Origin] = SUSPECT
    """Origins of the known material that is searched for."""
    algorithms: Mapping[bytes, tuple[str, ...]] = field(default_factory=dict)
    """By absolute path: further algorithms by which a file is digested, because a list of files asks for them."""


@dataclass(slots=True)
class ReadResult:
    """What one run read, and what changed."""

    stats: RunStats = field(default_factory=RunStats)
    searched: SearchScope | None = None
    """None when no search was to be made."""
    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    vanished: list[str] = field(default_factory=list)
    newly_generated: list[str] = field(default_factory=list)
    newly_found: list[str] = field(default_factory=list)
    search_troubles: list[Trouble] = field(default_factory=list)
    """What the search could not look for."""
    hashes: dict[bytes, tuple[str, ...]] = field(default_factory=dict)
    """By absolute path: what the further algorithms gave."""
    touched: set[bytes] = field(default_factory=set)
    """Absolute path of every place that was read or searched, or where something still cannot be looked at."""
    replaced: dict[bytes, str] = field(default_factory=dict)
    """By absolute path of a place with other bytes than before: the digest of those before."""

    @property
    def delta(self) -> Delta:
        """The lists as a report has them."""
        return Delta(
            new=tuple(self.new),
            changed=tuple(self.changed),
            vanished=tuple(self.vanished),
            newly_generated=tuple(self.newly_generated),
            newly_found=tuple(self.newly_found),
        )


def read(
    context: RunContext,
    catalogue: Catalogue,
    engine: LocalEngine,
    run: int,
    areas: Sequence[Area],
    options: ReadOptions,
) -> ReadResult:
    """Read all areas into the catalogue, then search those that are to be searched."""
    _log.info("run %d begun: %d folders or files named", run, sum(len(area.walk.roots) for area in areas))
    result = ReadResult()
    searched_areas = []
    for area in areas:
        _AreaReader(context, catalogue, engine, run, area, options, result).read()
        if area.is_searched:
            searched_areas.append(area)
    if searched_areas and not options.marks_only:
        with tempfile.TemporaryDirectory(prefix="provenance-") as folder:
            fingerprints = catalogue.fingerprints(options.against)
            index = search_index.write(os.path.join(folder, "known"), fingerprints, options.readers)
            _note_scope(context, catalogue, index, searched_areas, options, result)
            if not index.is_empty:
                _search(context, catalogue, engine, run, index, searched_areas, result)
    catalogue.flush()
    stats = result.stats
    _log.info(
        "run %d read: %d checked, %d could not be checked, %d unchanged",
        run,
        stats.looked_at,
        stats.could_not,
        stats.unchanged,
    )
    return result


def _note_scope(
    context: RunContext,
    catalogue: Catalogue,
    index: SearchIndex,
    areas: Sequence[Area],
    options: ReadOptions,
    result: ReadResult,
) -> None:
    """Note what is searched for, and complain about known material that cannot be."""
    roots: list[bytes] = []
    for area in areas:
        roots.extend(outermost(area.walk.roots))
    approved = select_in_force(*load_approvals(catalogue, context))
    without_fingerprint = 0
    to_repair = []
    for change_key, case in catalogue.find_without_fingerprint(SUSPECT & set(options.against)):
        if not is_searchable(case.reading.asset):
            continue
        without_fingerprint += 1
        if any(row.covers_copies for row in approved.get(case.reading.asset.digest, ())):
            continue  # Wherever it is shown, that is allowed.
        # What was read as a whole and still has no fingerprint, such as silence, has nothing to be found by.
        if case.reading.troubles or not was_fingerprinted(change_key, options.readers):
            to_repair.append(case.location.path)
    if to_repair:
        result.search_troubles.append(_explain_missing_fingerprints(to_repair))
    result.searched = SearchScope(
        catalogue.count_known(outside=roots),
        index.pictures,
        index.clips,
        index.sounds,
        without_fingerprint,
        is_all=not set(options.against) <= SUSPECT,
    )


def _explain_missing_fingerprints(paths: Sequence[str]) -> Trouble:
    """Known material that was not searched for: that is not a pass."""
    names = ", ".join(paths[:_MOST_NAMES])
    if len(paths) > _MOST_NAMES:
        names += f" and {len(paths) - _MOST_NAMES:,} more"
    detail = (
        f"known material that is or may be generated has no fingerprint and was not searched for: {names}; "
        "ingest it again with fingerprints; what cannot be decoded, look for by eye, or have it approved"
    )
    return Trouble(".", "search", Cause.UNREADABLE, detail)


@dataclass(slots=True)
class _AreaReader:
    """The first pass over one area."""

    context: RunContext
    catalogue: Catalogue
    engine: LocalEngine
    run: int
    area: Area
    options: ReadOptions
    result: ReadResult

    def read(self) -> None:
        """Read what is new or changed, and note what is gone."""
        area, result = self.area, self.result
        is_unchanged = None
        if not self.options.fresh:
            is_unchanged = self._is_unchanged
        collector = FileCollector(
            walk=area.walk,
            engine=self.engine,
            zone=area.zone,
            terms=self._terms,
            is_unchanged=is_unchanged,
            progress=self.context.progress,
            algorithms=self.options.algorithms,
        )
        for row in collector.rows():
            if isinstance(row, Trouble):
                result.stats.count_troubles(row)
            else:
                self._take(row)
        result.stats.unchanged += collector.unchanged
        result.hashes.update(collector.hashes)
        self._note_missing()

    @property
    def _terms(self) -> ReadTerms:
        return ReadTerms(self.area.level, self.options.thumbnails, self.options.readers)

    def _take(self, row: AssetRow) -> None:
        location, change_key, reading = row
        result, name = self.result, self.area.name(location.path)
        recorded = self.catalogue.add(
            location, change_key, reading, self.run, self.context.timestamp, keep_zone=self.area.keeps_zone
        )
        if reading.asset.digest:
            result.stats.count_asset(reading)
            result.touched.add(location.absolute)
        else:
            result.stats.count_troubles(*reading.troubles)
        if recorded.change is Change.NEW:
            result.new.append(name)
        elif recorded.change is Change.CHANGED:
            result.changed.append(name)
            result.replaced[location.absolute] = recorded.digest_before or ""
        if recorded.newly_generated:
            result.newly_generated.append(name)

    def _is_unchanged(self, item: FoundFile | NumberedFiles) -> bool:
        """Whether a file, or every frame of numbered files, was read before and need not be read again."""
        if isinstance(item, FoundFile):
            return self._is_file_unchanged(item)
        if self._is_file_unchanged(item):
            for _, frame in item.frames:  # Frames that differ have rows of their own.
                self._is_file_unchanged(frame)
            return True
        return all(self._is_file_unchanged(frame) for _, frame in item.frames)  # Numbered, but single stills.

    def _is_file_unchanged(self, item: FoundFile | NumberedFiles) -> bool:
        """Whether the catalogue has the same size and times; if so, note that it was seen again."""
        stored = self.catalogue.find_change_key(item.root, item.relative)
        if stored is None or not is_current(stored, item.change_key, self._terms):
            return False
        if not self._is_hashed(item):
            return False
        zone = None
        if not self.area.keeps_zone:
            zone = self.area.zone
        self.catalogue.touch(item.root, item.relative, self.run, zone, self.context.timestamp)
        if was_read_in_part(stored):
            # Reported again, without opening it.
            self.result.touched.add(os.path.join(os.fsencode(item.root), item.relative))
        return True

    def _is_hashed(self, item: FoundFile | NumberedFiles) -> bool:
        """Whether the catalogue has the hashes that lists ask for. Those of single frames are not kept."""
        if isinstance(item, NumberedFiles):
            return not any(path in self.options.algorithms for _, path in item.paths)
        wanted = self.options.algorithms.get(item.path)
        if not wanted:
            return True
        case = self.catalogue.find_present(item.root, item.relative, None)
        if case is None:
            return False
        hashes = case.reading.asset.hashes
        if not parse_hashes(hashes).keys() >= set(wanted):
            return False
        self.result.hashes[item.path] = hashes
        return True

    def _note_missing(self) -> None:
        """What was below a root that was walked as a whole, and is there no more, has vanished."""
        walk = self.area.walk
        for root in outermost(walk.roots):
            is_whole = os.path.isdir(root) and not walk.exclude
            if is_whole and os.listdir(root):  # An empty folder may be a storage that is not mounted.
                gone = self.catalogue.record_disappearances(
                    os.fsdecode(root), self.run, self.context.timestamp, spare=walk.missed
                )
                self.result.vanished.extend(self.area.name(path) for path in gone)


def _search(
    context: RunContext,
    catalogue: Catalogue,
    engine: LocalEngine,
    run: int,
    index: SearchIndex,
    areas: Sequence[Area],
    result: ReadResult,
) -> None:
    """The second pass over all areas."""
    search_pass = SearchPass(engine, index, context.progress)
    for searched in search_pass.run(_SearchPlanner(catalogue, run, index, areas).targets()):
        known_before = catalogue.find_matched_digests(searched.digest)
        causes = {trouble.cause for trouble in searched.troubles}
        stored_digest = index.digest
        if causes & PASSING_CAUSES:
            stored_digest = _INCOMPLETE + index.digest
        catalogue.record_search(searched.digest, stored_digest, searched.matches, searched.troubles, context.timestamp)
        for case in catalogue.find_by_digest(searched.digest):
            area = _area_of(case.location, areas)
            if area is None:
                continue
            if case.location.absolute not in result.touched:
                # It was not read again, but it was opened all the same.
                result.stats.unchanged -= 1
            result.touched.add(case.location.absolute)
            old_digest = result.replaced.get(case.location.absolute, "")
            old = known_before | catalogue.find_matched_digests(old_digest)
            for path in _list_new_paths(searched.matches, old):
                result.newly_found.append(f"{area.name(case.location.path)} shows {path}")


def _list_new_paths(matches: Iterable[Match], old: Collection[str]) -> dict[str, None]:
    """Paths of the known material that was not found there before, each once. `old`: digests of what was."""
    paths: dict[str, None] = {}
    for match in matches:
        if match.known.digest not in old:
            paths[match.known.path] = None
    return paths


def _area_of(location: Location, areas: Sequence[Area]) -> Area | None:
    """The area that holds a place; None when it is somewhere else."""
    for area in areas:
        if any(location.is_below(root) for root in outermost(area.walk.roots)):
            return area
    return None


_INCOMPLETE = b"!"
"""Begins the digest under which a search is kept that did not see everything."""


@dataclass(slots=True)
class _SearchPlanner:
    """Finds the contents below the searched areas that were not yet searched for everything in the index."""

    catalogue: Catalogue
    run: int
    index: SearchIndex
    areas: Sequence[Area]
    _planned: set[str] = field(default_factory=set)
    """Digests: the same bytes at two places are searched once."""

    def targets(self) -> Iterator[SearchTarget]:
        """Every content to search, in the order of the walk."""
        for area in self.areas:
            for folder in area.walk.again().folders():
                for item in group_by_number(folder):
                    yield from self._plan(item)

    def _plan(self, item: FoundFile | NumberedFiles) -> Iterator[SearchTarget]:
        if isinstance(item, FoundFile):
            yield from self._target(item, item.path, item.state.size, item.state)
            return
        # A sequence that an earlier run saw here may have turned out to be single stills since.
        if self.catalogue.find_present(item.root, item.relative, self.run):
            yield from self._target(item, item.paths[0][1], item.size, None, item.paths)
            return
        for _, file in item.frames:  # Numbered, but single stills.
            yield from self._target(file, file.path, file.state.size, file.state)

    def _target(
        self,
        item: FoundFile | NumberedFiles,
        path: bytes,
        size: int,
        state: FileState | None,
        frames: Frames = (),
    ) -> Iterator[SearchTarget]:
        if self.catalogue.find_index_digest(item.root, item.relative) == self.index.digest:
            return
        case = self.catalogue.find_present(item.root, item.relative, self.run)
        if case is None or not case.reading.asset.digest or case.reading.asset.digest in self._planned:
            return
        inside = any(is_searchable(inner.reading.asset) for inner in self.catalogue.find_inside(case.location))
        asset = case.reading.asset
        if inside or is_searchable(asset):
            self._planned.add(asset.digest)
            yield SearchTarget(asset, item.shown, path, size, state, frames, inside)


def default_level(zone: Zone) -> FingerprintLevel:
    """How much is kept of a zone to find it again."""
    return LEVELS.get(zone, FingerprintLevel.LIGHT)


def without_raw(case: Case, *, pictures: bool = True) -> Case:
    """A case as rules and reports take it: without raw statements and fingerprints, which a long run need not hold.

    `pictures`: whether somebody will look at those of the matches.
    """
    reading = dataclasses.replace(case.reading, statements=(), fingerprints=(), matches=())
    matches = case.matches
    if not pictures:
        matches = tuple(dataclasses.replace(match, pictures=None) for match in matches)
    return dataclasses.replace(case, reading=reading, matches=matches)
