"""Step one of every command that reads media: paths -> catalogue.

Two passes. The first reads each file that is new or changed: digest, statements, evidence, and the fingerprints by
which it is found again. The second searches the deliverables for all generated material that the catalogue knows by
then: what an earlier run learned, what lies in other folders, and what this very run has just found, deliverables
included. Works in the zone `reference` are searched for as well, in deliverables and in generated material anywhere.
A content that was searched for the same material before is not decoded again.
"""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import logging
import os
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from provenance.catalogue.folder_rows import FolderRows, KnownPlace
from provenance.catalogue.folder_states import FolderState
from provenance.catalogue.store import Catalogue
from provenance.catalogue.writer import FoundReading
from provenance.evidence.text import visible_text
from provenance.intake.collect import (
    CurrentKeys,
    FileCollector,
    ReadTerms,
    count_item,
    was_fingerprinted,
    was_read_in_part,
)
from provenance.intake.engines.interface import Engine
from provenance.intake.jobs import Thumbnails
from provenance.intake.search_pass import SearchPass, SearchTarget, is_searchable
from provenance.intake.sequences import AssetRow, NumberedFiles, may_hold_sequence
from provenance.intake.versions import ReadingConditions, ReadingVersions
from provenance.intake.walk import FolderListing, FoundFile, PassedBy, Walk, find_prefix, outermost
from provenance.matching.search_index import SearchIndex
from provenance.media.hashes import parse_hashes
from provenance.media.places import is_empty, is_folder
from provenance.model.asset import FingerprintLevel, Location
from provenance.model.evidence import Trouble
from provenance.model.finding import Case
from provenance.model.report import Absence, SearchScope
from provenance.model.vocabulary import PASSING_CAUSES, SUSPECT, Cause, Origin, Zone
from provenance.object_place import EVERY_OBJECT
from provenance.policy.approvals import select_in_force
from provenance.workflows.derive import prepare_versions, record_names
from provenance.workflows.run import RunContext, RunStats, load_approvals
from provenance.workflows.search_plan import (
    INCOMPLETE,
    GeneratedPlanner,
    SearchPlanner,
    describe_index,
    list_names,
    list_uncompared,
    make_stored_digest,
    make_works_digest,
)

_log = logging.getLogger(__name__)

_LEAST_GONE = 50
"""Files: fewer may go without a question …"""
_MOSTLY = 0.9
"""… and of more this share of a storage: what looks like that may be a storage of which a part is not mounted."""
MOST_RECORDED = 64
"""Rows that are recorded together: as many as come from a worker at once. With more, a row costs no less."""
_LONGEST_UNRECORDED = 0.25
"""Seconds that a row waits for others to be recorded with, when another one comes."""
SEGMENTS_ENDING = ".index"
"""Ends the name of the folder beside a catalogue in which segments of the search index are kept."""
LEVELS = {
    Zone.TEMP: FingerprintLevel.FULL,
    Zone.REFERENCE: FingerprintLevel.FULL,
    # A deliverable is decoded once, to be searched. Fingerprints would have it decoded twice.
    Zone.DELIVERABLE: FingerprintLevel.GENERATED,
}
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
    labels: bool = False
    """Whether text that stands in pictures is looked for."""
    label: str = ""
    """The name of the storage that it is."""
    may_be_emptied: bool = False
    """Whether the user knows that most of what was there is gone."""


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How areas are read."""

    conditions: ReadingConditions
    """What decides what is read besides the files and the program: `RunContext.describe_conditions`."""
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
    absent: list[Absence] = field(default_factory=list)
    """Areas that look as if they were not there: nothing of them counts as vanished."""
    search_troubles: list[Trouble] = field(default_factory=list)
    """What the search could not look for."""
    hashes: dict[bytes, tuple[str, ...]] = field(default_factory=dict)
    """By absolute path: what the further algorithms gave."""
    reference_works: int = 0
    """Works in the zone `reference` that generated material was searched for."""
    not_compared: int = 0
    """Contents of the whole catalogue that are or may be generated, and were not searched for all of them."""
    derived: set[bytes] = field(default_factory=set)
    """Absolute path of every place whose evidence is another one now, without the file having been read for that."""
    touched: set[bytes] = field(default_factory=set)
    """Absolute path of every place that was read or searched, or where something still cannot be looked at."""
    left: int = 0
    """Files not read, and contents not searched, because the time of the run was over."""


def read(
    context: RunContext,
    catalogue: Catalogue,
    engine: Engine,
    run: int,
    areas: Sequence[Area],
    options: ReadOptions,
) -> ReadResult:
    """Read all areas into the catalogue, then search those that are to be searched."""
    _log.info("run %d begun: %d folders or files named", run, sum(len(area.walk.roots) for area in areas))
    result = ReadResult()
    versions, result.derived = prepare_versions(context, catalogue, engine, options.conditions)
    for area in areas:
        _AreaReader(context, catalogue, engine, run, area, options, versions, result).read()
    if not options.marks_only:
        search(context, catalogue, engine, run, areas, options, versions, result)
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


def search(
    context: RunContext,
    catalogue: Catalogue,
    engine: Engine,
    run: int,
    areas: Sequence[Area],
    options: ReadOptions,
    versions: ReadingVersions,
    result: ReadResult,
) -> None:
    """Search what the areas hold by now, as far as this run or one whose visits it took over came by."""
    with tempfile.TemporaryDirectory(prefix="provenance-") as folder:
        _SecondPass(context, catalogue, engine, run, areas, options, versions, result, folder).search()


def count_uncompared(context: RunContext, catalogue: Catalogue, roots: Sequence[bytes]) -> tuple[int, int]:
    """Works in the zone `reference`, and generated contents below some paths that were not searched for all of them."""
    if next(catalogue.fingerprints((), Zone.REFERENCE), None) is None:
        return 0, 0
    works = describe_index(catalogue, context.name_searchers(), ())
    digests = {case.reading.asset.digest for case in list_uncompared(catalogue, roots, works.digest)}
    return works.reference_works, len(digests)


@dataclass(slots=True)
class _SecondPass:
    """Searches the deliverables for known material, and generated material for the works of others."""

    context: RunContext
    catalogue: Catalogue
    engine: Engine
    run: int
    areas: Sequence[Area]
    options: ReadOptions
    versions: ReadingVersions
    result: ReadResult
    folder: str
    """For the search index files."""
    _written: dict[str, SearchIndex] = field(default_factory=dict)
    """Those that were needed, by name: writing one reads every fingerprint."""

    def search(self) -> None:
        """Search what has not been searched for the same material before."""
        searched = [area for area in self.areas if area.is_searched]
        works = self._describe(())
        if searched:
            known = self._describe(self.options.against)
            self._note_scope(known, searched)
            if not known.is_empty:
                walks = [area.walk for area in searched]
                planner = SearchPlanner(self.catalogue, self.run, make_stored_digest(known, works), walks)
                self._run(self._write_known, planner.stored_digest, planner.targets(), searched)
        if works.reference_works:
            self._search_generated(works)
            self._note_not_compared(works)

    def _describe(self, origins: Collection[Origin]) -> SearchIndex:
        """An index of the known material of these origins, and of the works in the zone `reference`; in no file."""
        return describe_index(self.catalogue, self.context.name_searchers(), origins)

    def _write_known(self) -> SearchIndex:
        """The index for deliverables."""
        is_asked = any(area.is_searched for area in self.areas)
        return self._write("known", self.options.against if is_asked else SUSPECT)

    def _write(self, name: str, origins: Collection[Origin]) -> SearchIndex:
        if name not in self._written:
            # Imported here because a night that searches nothing needs no numpy.
            from provenance.matching import write_index

            catalogue = self.catalogue
            # Workers read from the file what this run has added.
            catalogue.flush()
            stored = catalogue.list_fingerprints(origins, Zone.REFERENCE)
            path = os.path.join(self.folder, name)
            segments = self._choose_segment_folder()
            searchers = self.context.name_searchers()
            self._written[name] = write_index.write_beside(path, catalogue.path, stored, segments, searchers)
        return self._written[name]

    def _choose_segment_folder(self) -> Path:
        """Beside the catalogue, so that the next run finds the segments; where nobody may write, for this run alone."""
        beside = Path(f"{self.catalogue.path}{SEGMENTS_ENDING}")
        if os.access(beside.parent, os.W_OK) and not (beside.exists() and not os.access(beside, os.W_OK)):
            return beside
        return Path(self.folder) / "segments"

    def _search_generated(self, works: SearchIndex) -> None:
        """Search what is or may be generated in the other areas for the works alone."""
        others = [area for area in self.areas if not area.is_searched and area.zone is not Zone.REFERENCE]
        planner = GeneratedPlanner(self.catalogue, self.run, works.digest, [area.walk for area in others])
        planner.plan()
        self._run(lambda: self._write("works", ()), make_works_digest(works), planner.never.values(), others)
        if not planner.as_deliverable:
            return
        # The newest search of a content counts. What was searched as a deliverable once must not lose what that found,
        # so it is searched for everything again.
        stored_digest = make_stored_digest(self._write_known(), works)
        self._run(self._write_known, stored_digest, planner.as_deliverable.values(), others)

    def _note_not_compared(self, works: SearchIndex) -> None:
        """Count the generated material of the whole catalogue that was not searched for these works."""
        everywhere = [b"/", EVERY_OBJECT]
        digests = {case.reading.asset.digest for case in list_uncompared(self.catalogue, everywhere, works.digest)}
        self.result.reference_works = works.reference_works
        self.result.not_compared = len(digests)
        if self.result.searched:
            self.result.searched = dataclasses.replace(self.result.searched, not_compared=len(digests))

    def _run(
        self,
        write: Callable[[], SearchIndex],
        stored_digest: bytes,
        targets: Iterable[SearchTarget],
        areas: Sequence[Area],
    ) -> None:
        """Search targets for everything in an index, and keep the results under a digest.

        `write` gives the index. It is asked for it only when there is something to search.
        """
        targets = iter(targets)
        first = next(targets, None)
        if first is None:
            return
        catalogue, result = self.catalogue, self.result
        search_pass = SearchPass(self.engine, write(), self.context.progress)
        for searched in search_pass.run(itertools.chain([first], targets)):
            kept_under = stored_digest
            if {trouble.cause for trouble in searched.troubles} & PASSING_CAUSES:
                kept_under = INCOMPLETE + stored_digest
            catalogue.record_search(
                searched.digest, kept_under, searched.matches, searched.troubles, self.context.timestamp
            )
            for case in catalogue.find_by_digest(searched.digest):
                area = _area_of(case.location, areas)
                if area is None:
                    continue
                if case.location.absolute not in result.touched:
                    # It was not read again, but it was opened all the same.
                    result.stats.unchanged -= 1
                result.touched.add(case.location.absolute)
        result.left += search_pass.left

    def _note_scope(self, index: SearchIndex, areas: Sequence[Area]) -> None:
        """Note what is searched for, and complain about known material that cannot be."""
        options, catalogue = self.options, self.catalogue
        roots: list[bytes] = []
        for area in areas:
            roots.extend(outermost(area.walk.roots))
        without_fingerprint, to_repair = self._find_missing(SUSPECT & set(options.against), None)
        if to_repair:
            self.result.search_troubles.append(_explain_missing_fingerprints("is or may be generated", to_repair))
        _, works = self._find_missing((), Zone.REFERENCE)
        if works:
            self.result.search_troubles.append(_explain_missing_fingerprints("lies in the zone reference", works))
        is_all = not set(options.against) <= SUSPECT
        pictures, clips, sounds = (0, 0, 0) if is_all else index.other_works
        self.result.searched = SearchScope(
            catalogue.count_known(outside=roots),
            index.pictures - pictures,
            index.clips - clips,
            index.sounds - sounds,
            without_fingerprint,
            is_all=is_all,
            reference_works=index.reference_works,
        )

    def _find_missing(self, origins: Collection[Origin], zone: Zone | None) -> tuple[int, list[str]]:
        """Known material without a fingerprint: how many assets, and the paths of those that somebody has to repair."""
        approved = select_in_force(*load_approvals(self.catalogue, self.context))
        missing = 0
        to_repair = []
        for change_key, case in self.catalogue.find_without_fingerprint(origins, zone):
            if not is_searchable(case.reading.asset):
                continue
            missing += 1
            if any(row.covers_copies for row in approved.get(case.reading.asset.digest, ())):
                continue  # Wherever it is shown, that is allowed.
            # What was read as a whole and still has no fingerprint, such as silence, has nothing to be found by.
            if case.reading.troubles or not was_fingerprinted(change_key, self.versions.current):
                to_repair.append(case.location.path)
        return missing, to_repair


def _explain_missing_fingerprints(what: str, paths: Sequence[str]) -> Trouble:
    """Known material that was not searched for: that is not a pass."""
    detail = (
        f"known material that {what} has no fingerprint and was not searched for: {list_names(paths)}; "
        "ingest it again with fingerprints; what cannot be decoded, look for by eye, or have it approved"
    )
    return Trouble(".", "search", Cause.UNREADABLE, detail)


@dataclass(slots=True)
class _AreaReader:
    """The first pass over one area."""

    context: RunContext
    catalogue: Catalogue
    engine: Engine
    run: int
    area: Area
    options: ReadOptions
    versions: ReadingVersions
    result: ReadResult
    _current_keys: CurrentKeys = field(init=False)
    _now: str = field(init=False)
    _passed_by: int = 0
    """Files of folders that were passed by."""
    _batch: list[FoundReading] = field(default_factory=list)
    """What was read and is not recorded yet."""
    _batch_began_at: float = 0.0
    """On the monotonic clock: when the first of it came."""

    def read(self) -> None:
        """Read what is new or changed, and note what is gone."""
        area, result = self.area, self.result
        visits_before = self.catalogue.count_visits(self.run)
        select_changed, known = None, None
        if not self.options.fresh:
            select_changed = self._select_changed
            # A hash that a list asks for is looked up for each file.
            known = None if self.options.algorithms else self
        collector = FileCollector(
            walk=area.walk,
            engine=self.engine,
            zone=area.zone,
            terms=self._terms,
            select_changed=select_changed,
            known=known,
            progress=self.context.progress,
            algorithms=self.options.algorithms,
        )
        try:
            for row in collector.rows():
                if isinstance(row, Trouble):
                    result.stats.count_troubles(row)
                else:
                    self._take(row)
        finally:
            # Also what was read before an interrupt need not be read again.
            self._record()
        result.stats.unchanged += collector.unchanged + self._passed_by
        result.hashes.update(collector.hashes)
        result.left += collector.left
        # What is left may have changed or moved here: what is gone is told by a run that has seen everything.
        if not collector.left and not self._is_whole(visits_before):
            self._note_missing()

    def __post_init__(self) -> None:
        self._current_keys = CurrentKeys(self._terms)
        # Asked for each folder.
        self._now = self.context.timestamp

    @property
    def _terms(self) -> ReadTerms:
        return ReadTerms(self.area.level, self.options.thumbnails, self.area.labels, self.versions)

    def _take(self, row: AssetRow) -> None:
        location, _, reading = row
        result = self.result
        if not self._batch:
            self._batch_began_at = time.monotonic()
        self._batch.append(FoundReading(*row))
        is_old = time.monotonic() - self._batch_began_at >= _LONGEST_UNRECORDED
        if len(self._batch) >= MOST_RECORDED or is_old:
            self._record()
            if is_old:
                # What took long to read is not to be lost: nobody knows when the next row comes.
                self.catalogue.flush()
        if reading.asset.digest:
            result.stats.count_asset(reading)
            result.stats.count_label_looks(reading.statements)
            result.touched.add(location.absolute)
        else:
            result.stats.count_troubles(*reading.troubles)

    def _record(self) -> None:
        """Record what was read and is not recorded yet."""
        # Forgotten first: what could not be recorded is not tried again.
        batch, self._batch = self._batch, []
        if batch:
            record_names(self.catalogue, self.versions, self._now)
            self.catalogue.add_all(batch, self.run, self._now, keep_zone=self.area.keeps_zone)

    def find_same(self, listing: FolderListing) -> PassedBy | None:
        """See `KnownFolders`."""
        if not self.versions.stamp:
            return None
        states = self.catalogue.folder_states
        state = states.find(listing.path, self._name_state(listing), self._now)
        if state is None or not all(map(self._current_keys.has_terms, state.terms)):
            return None
        if not self.area.keeps_zone and state.zone != self.area.zone.value:
            return None
        states.visit(self.run, state)
        self._passed_by += state.files
        return PassedBy(state.junk, state.skipped)

    def has_all(self, root: bytes, listing: FolderListing, keys: Mapping[bytes, str]) -> bool:
        """Whether `_select_changed` would select nothing of a folder in which each file stands for itself."""
        if may_hold_sequence(keys):
            return False
        zone = None if self.area.keeps_zone else self.area.zone
        prefix = find_prefix(root, listing.path)
        unchanged = self.catalogue.find_unchanged(os.fsdecode(root), prefix, keys, zone)
        if unchanged is None or not all(map(self._current_keys.has_terms, unchanged.terms)):
            return False
        self.catalogue.add_visits(self.run, unchanged.rows)
        self._passed_by += len(keys)
        if zone is not None:
            self._keep_state(listing, FolderState.make(zone.value, unchanged.terms, unchanged.rows, len(keys)))
        return True

    def _name_state(self, listing: FolderListing) -> bytes:
        """A digest of what lies in a folder and of the program that looks at it: what the state is kept under."""
        return hashlib.sha256(listing.digest + self.versions.stamp.encode()).digest()

    def _keep_state(self, listing: FolderListing, state: FolderState) -> None:
        if self.versions.stamp:
            self.catalogue.folder_states.keep(listing.path, self._name_state(listing), state, self._now)

    def _keep_seen(self, seen: Sequence[KnownPlace], rows: Collection[KnownPlace], files: int) -> None:
        """Keep the state of the folder that the walk is in, where nothing of it had to be read.

        `seen`: its places; `rows`: these and everything inside them.
        """
        zones = {place.zone for place in rows}
        is_read_in_part = any(was_read_in_part(place.change_key) for place in seen)
        # What could not be looked at is reported again every time.
        if self.area.walk.current is None or len(zones) != 1 or is_read_in_part:
            return
        if not self.area.keeps_zone and self.area.zone.value not in zones:
            # It was in another zone until now, and its rows have changed.
            return
        listing, passed_by = self.area.walk.current
        terms = {place.change_key.rpartition(":")[0] for place in seen}
        ids = [place.id for place in rows]
        self._keep_state(listing, FolderState.make(zones.pop(), terms, ids, files, *passed_by))

    def _select_changed(self, items: Sequence[FoundFile | NumberedFiles]) -> Sequence[FoundFile | NumberedFiles]:
        """What of a folder has to be read, because it was not before, or not with this size and these times.

        Of everything else it is noted that it was seen again.
        """
        folder, name = os.path.split(items[0].relative)
        if len(items) > 1 or isinstance(items[0], NumberedFiles):
            name = b""
        rows = self.catalogue.load_folder(items[0].root, folder, name)
        seen: list[KnownPlace] = []
        changed = []
        for item in items:
            # Numbered files are known as one sequence, or as single stills.
            if self._is_file_unchanged(rows, item, seen):
                if isinstance(item, NumberedFiles):
                    for _, frame in item.frames:  # Frames that differ have rows of their own.
                        self._is_file_unchanged(rows, frame, seen)
            elif isinstance(item, FoundFile) or not self._are_stills_unchanged(rows, item, seen):
                changed.append(item)
        zone = None
        if not self.area.keeps_zone:
            zone = self.area.zone
        noted = self.catalogue.touch_all(rows, seen, self.run, zone, self.context.timestamp)
        if not changed:
            self._keep_seen(seen, noted, sum(map(count_item, items)))
        return changed

    def _are_stills_unchanged(self, rows: FolderRows, item: NumberedFiles, seen: list[KnownPlace]) -> bool:
        return all(self._is_file_unchanged(rows, frame, seen) for _, frame in item.frames)

    def _is_file_unchanged(self, rows: FolderRows, item: FoundFile | NumberedFiles, seen: list[KnownPlace]) -> bool:
        """Whether the catalogue has the same size and times; if so, its place is added to those that were seen."""
        place = rows.find(item.relative)
        if place is None or not self._current_keys.has(place.change_key, item.change_key):
            return False
        if self.options.algorithms and not self._is_hashed(item):
            return False
        seen.append(place)
        if was_read_in_part(place.change_key):
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

    def _is_whole(self, visits_before: int) -> bool:
        """Whether everything that was below the roots is still there: then this area has visited as many places.

        Places that another area has visited before do not count, so where areas overlap the answer is no.
        """
        present = sum(map(self.catalogue.count_present, outermost(self.area.walk.roots)))
        return self.catalogue.count_visits(self.run) - visits_before == present

    def _note_missing(self) -> None:
        """What was below a root that was walked as a whole, and is there no more, has vanished."""
        walk = self.area.walk
        for root in outermost(walk.roots):
            is_whole = is_folder(root) and not walk.exclude
            if is_whole and not is_empty(root):  # An empty folder may be a storage that is not mounted.
                self._note_missing_below(os.fsdecode(root))

    def _note_missing_below(self, root: str) -> None:
        area, spare = self.area, self.area.walk.missed
        if area.label and not area.may_be_emptied:
            gone, present = self.catalogue.count_missing(root, self.run, spare)
            if not gone:
                return
            if gone >= _LEAST_GONE and gone > _MOSTLY * present:
                why = (
                    f"{gone:,} of its {present:,} files are not there; is it mounted as a whole? "
                    f"If it was emptied on purpose: provenance nightly --emptied {area.label!r}"
                )
                self.result.absent.append(Absence(area.label, why))
                self.result.stats.count_troubles(Trouble(root, "walk", Cause.UNREADABLE, why))
                return
        self.catalogue.record_disappearances(root, self.run, self.context.timestamp, spare=spare)


def _area_of(location: Location, areas: Sequence[Area]) -> Area | None:
    """The area that holds a place; None when it is somewhere else."""
    for area in areas:
        if any(location.is_below(root) for root in outermost(area.walk.roots)):
            return area
    return None


def default_level(zone: Zone) -> FingerprintLevel:
    """How much is kept of a zone to find it again."""
    return LEVELS.get(zone, FingerprintLevel.LIGHT)


def with_cutouts(catalogue: Catalogue, case: Case) -> Case:
    """The case with a picture of every label that was read in it."""
    if not any(row.carrier == visible_text.CARRIER for row in case.reading.evidence):
        return case
    reading = dataclasses.replace(case.reading, cutouts=catalogue.load_cutouts(case.reading.asset.digest))
    return dataclasses.replace(case, reading=reading)


def without_raw(case: Case, *, pictures: bool = True) -> Case:
    """A case as rules and reports take it: without raw statements and fingerprints, which a long run need not hold.

    `pictures`: whether somebody will look at those of the matches.
    """
    reading = dataclasses.replace(case.reading, statements=(), fingerprints=(), matches=())
    matches = case.matches
    if not pictures:
        matches = tuple(dataclasses.replace(match, pictures=None) for match in matches)
        reading = dataclasses.replace(reading, cutouts=())
    return dataclasses.replace(case, reading=reading, matches=matches)
