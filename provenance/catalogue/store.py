"""The catalogue: locations and their readings, fingerprints, matches and approvals, with a ledger of every change."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from provenance.catalogue import proofs, session
from provenance.catalogue.approvals import Approvals, StoredApproval
from provenance.catalogue.changes import Changes, EarlierPlace, Milestone, PlaceChange
from provenance.catalogue.engine import translate_errors
from provenance.catalogue.entries import Entries, EntryChange
from provenance.catalogue.folder_rows import FolderRows, KnownPlace, Unchanged, find_unchanged
from provenance.catalogue.folder_states import FolderStates
from provenance.catalogue.known_lists import KnownLists
from provenance.catalogue.noteworthy import Named
from provenance.catalogue.proofs import ProvenEntry
from provenance.catalogue.queries import LocationSummary, LocationTimes, Queries, StoredFingerprint
from provenance.catalogue.reading_sets import ReadingSet, ReadingSets
from provenance.catalogue.runs import RunRecord, Runs
from provenance.catalogue.unsearched import Searchable
from provenance.catalogue.versions import StoredVersions
from provenance.catalogue.writer import CUTOUT, FRAMES, MANIFEST, Change, FoundReading, Writer, unpack_cutout
from provenance.errors import ProvenanceError
from provenance.model.asset import Appearance, Cutout, Fingerprint, Location, Reading
from provenance.model.declaration import RegisteredEntry
from provenance.model.evidence import Trouble
from provenance.model.finding import Approval, Binding, Case
from provenance.model.match import Known, Match
from provenance.model.vocabulary import Origin, Zone


class LedgerState(NamedTuple):
    """What can be noted of a ledger, to show later that nothing of it was changed."""

    identity: str
    """Tells it from every other ledger; empty while no run has written to it."""
    size: int
    """Number of entries."""
    head: str
    """As `Catalogue.head`."""
    root: bytes
    """Root of the Merkle tree (RFC 6962) over the entries."""


class Catalogue:
    """One catalogue file. Use as a context manager. There is one writer at a time, and any number of readers.

    Times are UTC, ISO 8601, ending in `Z`, and come from the caller. Each file is added atomically. An add is committed
    after 500 changes, with the first change after 0.25 s, or by `flush`, `end_run` and `close`. After a kill everything
    committed is there, and a new run adds the rest. Never use it across a fork: lock and connection cannot be shared.
    """

    def __init__(self, open_session: session.Session) -> None:
        self._session = open_session
        self._runs = Runs(open_session)
        self._queries = Queries(open_session, self._runs)
        self._writer = Writer(open_session, self._runs, self._queries.searches, self._queries.places)
        self._approvals = Approvals(open_session)
        self._entries = Entries(open_session, self._approvals)
        self._size_at_open = open_session.ledger.size
        self.on_growth: Callable[[LedgerState], None] | None = None
        """Called by `close` with the committed state of the ledger, if anything was recorded since it was opened."""
        self._changes = Changes(open_session)
        self.reading_sets = ReadingSets(open_session)
        """Readings that have something in common."""
        self.folder_states = FolderStates(open_session, self._runs)
        """Folders in which nothing had to be read."""
        self.versions = StoredVersions(open_session, self._writer, self._queries.places)
        """By what the files were read."""
        self._broken_off: set[int] = set()

    @classmethod
    def open(cls, path: Path, *, write: bool) -> Self:
        """Open a catalogue.

        With `write` it is created if it does not exist, and locked until it is closed. Without, it must exist; a file
        that a kill left empty is an empty catalogue. Raises `CatalogueBusy`, `CatalogueDamaged`, `UsageError` (not
        there, newer, another program's, on a network file system), or `ProvenanceError` for the disk.
        """
        if write:
            return cls(session.open_writer(path))
        return cls(session.open_reader(path))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.close()
        except ProvenanceError:
            # After an error in the body, that error is the cause and must not be replaced by this one.
            if error is None:
                raise

    def close(self) -> None:
        """Commit, copy the write-ahead log into the file, release the lock."""
        try:
            if self._session.is_writable and self.on_growth:
                self._session.flush()
                if self._session.ledger.size > self._size_at_open:
                    self.on_growth(self.ledger)
        finally:
            self._session.close()

    def copy_to(self, place: Path) -> None:
        """Write a consistent copy as one file that must not exist yet, also while another process writes."""
        self._session.copy_to(place)

    @property
    def path(self) -> Path:
        """The file."""
        return self._session.path

    def flush(self) -> None:
        """Commit now: everything added so far outlives a kill."""
        self._session.flush()

    @property
    def is_new(self) -> bool:
        """Whether the file was not there before it was opened."""
        return self._session.is_new

    @property
    def head(self) -> str:
        """Length and hash of the ledger, to be noted elsewhere: `verify` checks that the file contains it."""
        return self._session.ledger.head

    @property
    def ledger(self) -> LedgerState:
        """The ledger as it is now, to be noted elsewhere. Reads the last block of entries."""
        ledger = self._session.ledger
        with translate_errors(self._session.path):
            return LedgerState(ledger.find_identity(), ledger.size, ledger.head, ledger.compute_root(ledger.size))

    def prove(self, what: str, size: int | None = None) -> ProvenEntry:
        """Proof that one entry is in the ledger, without showing any other: see `proofs.prove`."""
        return proofs.prove(self._session, what, size)

    def hold_still(self) -> None:
        """From now on a reader sees one moment of the catalogue, whatever a writer does meanwhile."""
        self._session.hold_still()

    def begin_run(self, kind: str, now: str, detail: str = "") -> int:
        """Begin a run, commit it and return its number. A run whose process is killed stays without an end."""
        return self._runs.begin(kind, now, detail)

    def end_run(self, run: int, now: str, outcome: str) -> None:
        """End a run, store which locations it visited, and commit."""
        self._runs.end(run, now, outcome)

    @contextlib.contextmanager
    def run(self, kind: str, now: str, detail: str = "") -> Iterator[int]:
        """A run that ends with its block: as `done`, or as `interrupted` when anything breaks the block off.

        One that `break_off` was called for has not done everything either, and ends as `interrupted`.
        """
        run = self.begin_run(kind, now, detail)
        is_done = False
        try:
            yield run
            is_done = run not in self._broken_off
        finally:
            if is_done:
                self.end_run(run, now, "done")
            else:
                # What broke the block off is the cause, and must not be replaced by an error of the disk.
                with contextlib.suppress(ProvenanceError):
                    self.end_run(run, now, "interrupted")

    def break_off(self, run: int) -> None:
        """Note that a run ends before everything was done that it had begun for."""
        self._broken_off.add(run)

    def take_over_visits(self, run: int, other: int) -> None:
        """Count every location that another run visited as visited by this one, which is at work.

        Raises `ValueError` when the other run has not ended, as one whose process was killed.
        """
        self._runs.take_over(run, other)

    def list_runs(self) -> list[RunRecord]:
        """All runs, newest first."""
        return self._runs.list_all()

    def add(
        self, location: Location, change_key: str, reading: Reading, run: int, now: str, *, keep_zone: bool = False
    ) -> Change:
        """Record the reading of one file atomically. The identity of a location is its absolute place on disk.

        `change_key` is a text made of size and times of the file and of everything that was read with it; with an empty
        one the file is read again next time. `keep_zone`: a place that is known already keeps its zone.
        """
        return self._writer.add(location, change_key, reading, run, now, keep_zone=keep_zone)

    def add_all(self, batch: Sequence[FoundReading], run: int, now: str, *, keep_zone: bool = False) -> None:
        """Record what was read at up to a few hundred places, as `add` does for each, at half of what that costs.

        What is new in every way comes first, and all of it together; each of the others is atomic, as always.
        """
        self._writer.add_all(batch, run, now, keep_zone=keep_zone)

    def find_change_key(self, root: str, path_bytes: bytes) -> str | None:
        """The change key under which a location was recorded; None when it is not there or has vanished."""
        file = path_bytes.partition(b"\0")[0]
        place = self.load_folder(root, *_split_name(file)).find(path_bytes)
        return place and place.change_key

    def load_folder(self, root: str, folder: bytes, name: bytes = b"") -> FolderRows:
        """Every location in a folder (relative to the root) at once, with its change key: see `touch_all`.

        `name`: only the file of that name, and what is inside it.
        """
        return self._writer.load_folder(root, folder, name)

    def find_unchanged(
        self, root: str, prefix: bytes, keys: Mapping[bytes, str], zone: Zone | None = None
    ) -> Unchanged | None:
        """The rows of all files of a folder, where each has the size and times of its key; None when that is not sure.

        `prefix`: what stands before the names of the folder, `reel_1/`. `keys`: size and times by name, of every file
        in the folder. None also where something is inside a file, a sequence or shown by another name, lies in another
        zone than `zone`, or may be kept under several roots: `load_folder` knows of these.
        """
        return find_unchanged(self._session, self._queries.places, root, prefix, keys, zone)

    def add_visits(self, run: int, rows: Iterable[int]) -> None:
        """Record that the places of these rows are unchanged, which have nothing inside."""
        self._runs.add_visits(run, rows)

    def touch(self, root: str, path_bytes: bytes, run: int, zone: Zone | None = None, now: str = "") -> None:
        """Record that one location is unchanged: see `touch_all`. Raises `ValueError` when it is not there."""
        file = path_bytes.partition(b"\0")[0]
        rows = self.load_folder(root, *_split_name(file))
        place = rows.find(path_bytes)
        if place is None:
            raise ValueError(f"{path_bytes!r} is not in the catalogue")
        if place.extras is not None:
            # It may be a sequence, whose frames have names of their own in the folder.
            rows = self.load_folder(root, _split_name(file)[0])
        self.touch_all(rows, [place], run, zone, now)

    def touch_all(
        self, rows: FolderRows, places: Iterable[KnownPlace], run: int, zone: Zone | None = None, now: str = ""
    ) -> Collection[KnownPlace]:
        """Record that places of a folder are unchanged, and everything inside them: members, odd frames.

        Odd frames are the frames of a sequence that have a row of their own. Nothing is written before `end_run`,
        unless a location has another `zone` now; then `now` must be given. Returns all that was noted, as it was.
        """
        return self._writer.touch(rows, places, run, zone, now)

    def record_search(
        self, digest: str, index_digest: bytes, matches: Sequence[Match], troubles: Sequence[Trouble], now: str
    ) -> None:
        """Record matches and troubles of a search of these bytes; the newest search counts.

        `index_digest`: digest of the search index, that is, of the known material that was searched for.
        """
        self._writer.record_search(digest, index_digest, matches, troubles, now)

    def record_disappearances(self, root: str, run: int, now: str, spare: Collection[bytes] = ()) -> list[str]:
        """Record every location below a folder that the run did not visit as vanished; return their shown paths.

        `spare`: true names, relative to the folder, of folders that could not be listed and files that could not be
        opened: these and everything below them have not vanished. Nothing is deleted; a location that comes back is
        new again.
        """
        return self._writer.record_disappearances(root, run, now, spare)

    def count_present(self, absolute: bytes) -> int:
        """Number of locations that are there at or below a path."""
        return self._queries.count_present(absolute)

    def count_visits(self, run: int) -> int:
        """Number of locations that a run visited so far."""
        return self._runs.load_bitmap(run).count()

    def count_missing(self, root: str, run: int, spare: Collection[bytes] = ()) -> tuple[int, int]:
        """Present locations below a folder that the run did not visit, and all of them. `spare` as above."""
        return self._writer.count_missing(root, run, spare)

    def cases(
        self, under: Sequence[bytes] | None = None, since: str | None = None, run: int | None = None
    ) -> Iterator[Case]:
        """Present locations with their newest reading, in order of root and true name, one at a time.

        `under`: absolute paths; only locations at or below them. `since`: only locations that were recorded as new,
        with other bytes or with another reading at that time or later. `run`: only locations that this run visited.
        """
        return self._queries.cases(under, since, run)

    def find_present(self, root: str, path_bytes: bytes, run: int | None = None) -> Case | None:
        """The case at a place now, whichever root it is kept under; None when nothing is there.

        `run`: only if that run came by.
        """
        return self._queries.find_present(root, path_bytes, run)

    def find_inside(self, location: Location) -> Iterator[Case]:
        """Everything present inside a file, at any depth."""
        return self._queries.find_inside(location)

    def count_known(self, outside: Sequence[bytes]) -> int:
        """Number of contents of any place, present or vanished, without the contents at or below these paths."""
        return self._queries.count_known(outside)

    def find_by_digest(self, digest: str) -> list[Case]:
        """Every place where these bytes (`sha256:<hex>` or its beginning) are or last were, present ones first."""
        return self._queries.find_by_digest(digest)

    def find_by_path(self, absolute: bytes) -> list[Case]:
        """The cases that are, or last were, at an absolute path: one for each root that reaches it."""
        return self._queries.find_by_path(absolute)

    def find_named(self, is_wanted: Callable[[str], bool]) -> Iterator[tuple[Case, str | None]]:
        """Cases whose file name is wanted, in the order in which they were first seen.

        Each with the time at which its place was found to be gone, None while it is there. `is_wanted` is asked for the
        last part of every path.
        """
        return self._queries.find_named(is_wanted)

    def find_by_name(self, name: str) -> list[Case]:
        """Every place whose absolute name as shown is this one, or ends with it at a folder or inside a file.

        Those that are there; if there are none, those that have vanished.
        """
        return self._queries.find_by_name(name)

    def find_reading(self, digest: str) -> Reading | None:
        """The best reading of these bytes: one that shows generation, else the newest; None for unknown bytes.

        A reading that no location refers to any more counts only when there is no other: the file was read again since,
        or overwritten.
        """
        return self._queries.find_reading(digest)

    def fingerprints(
        self, origins: Collection[Origin], zone: Zone | None = None
    ) -> Iterator[tuple[Known, Fingerprint]]:
        """The best fingerprint of each method of every asset of these origins, one at a time, in a stable order.

        Vanished assets are included: the source of a shot in a master need not be on the storage any more. `zone`: also
        of every asset that lies in it now, of any origin.
        """
        return self._queries.fingerprints(origins, zone)

    def list_fingerprint_digests(
        self, origins: Collection[Origin], zone: Zone | None = None
    ) -> Iterator[tuple[Known, str, int, bytes]]:
        """Asset, method, version and SHA-256 of each of these fingerprints, in the same order, without reading them."""
        return self._queries.list_fingerprint_digests(origins, zone)

    def list_fingerprints(self, origins: Collection[Origin], zone: Zone | None = None) -> Iterator[StoredFingerprint]:
        """Where each of these fingerprints is in the file, in the same order: see `FingerprintReader`."""
        return self._queries.list_fingerprints(origins, zone)

    def load_manifests(self, digest: str) -> list[bytes]:
        """The C2PA manifest stores of these bytes as they were found, embedded ones and those of sidecars."""
        return self._queries.load_attachments(digest, MANIFEST)

    def load_frame_digests(self, digest: str) -> bytes | None:
        """SHA-256 of every frame of a sequence in order, 32 bytes each; None when they were not kept."""
        return next(iter(self._queries.load_attachments(digest, FRAMES)), None)

    def load_cutouts(self, digest: str) -> tuple[Cutout, ...]:
        """Cut-outs of the labels in the pictures of these bytes, in the order in which they were kept."""
        return tuple(map(unpack_cutout, self._queries.load_attachments(digest, CUTOUT)))

    def find_without_fingerprint(
        self, origins: Collection[Origin], zone: Zone | None = None
    ) -> Iterator[tuple[str, Case]]:
        """Every asset of these origins that has no fingerprint of today's versions, with its change key.

        One place of each asset, preferably one that is there, in a stable order. `zone`: as for `fingerprints`.
        """
        return self._queries.find_without_fingerprint(origins, zone)

    def find_suspect_searches(
        self, under: Sequence[bytes], zone: Zone, is_done: Callable[[bytes | None], bool] = lambda _: False
    ) -> Iterator[tuple[Case, bytes | None]]:
        """What is at or below these paths now, is or may be generated, and does not lie in the zone as well.

        Each with the digest of the index with which it was last searched; None if it never was. Where that `is_done`,
        it is left out.
        """
        return self._queries.find_suspect_searches(under, zone, is_done)

    def find_noteworthy(self, under: Sequence[bytes], plain: ReadingSet, named: Named) -> Iterator[Case]:
        """What has to be judged at or below these paths, in the order of `cases`.

        Left out are places with a reading that is `plain`, of contents in which no search found anything or met
        trouble, of which no reading shows that they are or may be generated, that do not lie in the zone `reference`
        either, and that nobody `named`.
        """
        return self._queries.find_noteworthy(under, plain, named)

    def find_unsearched(self, under: Sequence[bytes], index_digest: bytes, searchable: Searchable) -> set[bytes]:
        """Folders, at or below these paths, in which something shows or sounds and its newest search was another one.

        Absolute paths. `index_digest`: as for `record_search`.
        """
        return self._queries.find_unsearched(under, index_digest, searchable)

    def find_showing_zone(self, zone: Zone) -> Iterator[Case]:
        """Every present place of a content in which the newest search found material that lies in a zone now."""
        return self._queries.find_showing_zone(zone)

    def matches(self, digest: str, origin: Origin) -> tuple[Match, ...]:
        """Known material that the newest search found in these bytes, each with its own mark of generation.

        `origin`: the origin that the asset itself shows. When that is not a generated one, and the same bytes are known
        elsewhere as generated, the whole asset is known material. The matches of a `Case` are the same.
        """
        return self._queries.searches.find_matches(digest, origin)

    def find_index_digest(self, root: str, path_bytes: bytes) -> bytes | None:
        """Digest of the search index with which the content of a place was last searched; None if it never was."""
        place = self._queries.places.find(root, path_bytes)
        if place is None:
            return None
        return self._queries.searches.find_index_digest(place)

    @property
    def known_lists(self) -> KnownLists:
        """Lists of known material from elsewhere."""
        return self._queries.searches.lists

    def find_appearances(self, digest: str) -> list[Appearance]:
        """Every place in which the newest searches found this known material, present places first."""
        return self._queries.searches.find_appearances(digest)

    def find_milestone(self, kind: str) -> Milestone:
        """The end of the newest run of a kind that was done; the beginning of the ledger when there is none."""
        return self._changes.find_milestone(kind, "done")

    def list_changes(self, since: Milestone) -> Iterator[PlaceChange]:
        """Places about which something was recorded since, in order of root and true name."""
        return self._changes.list_since(since.entry)

    def is_known_as_generated(self, digest: str, by: Milestone) -> bool:
        """Whether these bytes were known as generated at any place by then."""
        return self._changes.is_known_as_generated(digest, by.entry)

    def list_searched_contents(self, since: Milestone) -> list[str]:
        """Digests of the contents that were searched since."""
        return self._changes.list_searched_since(since.entry)

    def find_matched_by(self, digest: str, by: Milestone) -> set[str]:
        """Digests of the known material that the newest search of these bytes by then found."""
        matches = self._queries.searches.find_matches_before(digest, by.entry + 1)
        return {match.known.digest for match in matches}

    def list_earlier_places(self, digest: str) -> list[EarlierPlace]:
        """Places where these bytes were and are not any more, in order of root and true name."""
        return self._changes.list_earlier_places(digest)

    def find_first_read(self, digest: str) -> str:
        """When these bytes were first read, wherever that was: UTC, ISO 8601; empty when they never were."""
        return self._changes.find_first_read(digest)

    def list_nights(self, limit: int) -> Iterator[tuple[str, bytes | None]]:
        """Begin of the newest nights that finished, newest first, and what each left for the next; None for nothing."""
        return self._changes.list_ended("nightly", "done", limit)

    def record_night(self, run: int, payload: bytes, now: str) -> None:
        """Keep what a night leaves for the next one to compare with."""
        self._changes.record_night(run, payload, now)

    def find_times(self, root: str, path_bytes: bytes) -> LocationTimes | None:
        """When a location was first and last seen; None when it never was."""
        return self._queries.find_times(root, path_bytes)

    def summarise(self) -> LocationSummary:
        """Counts and bytes of all that is present."""
        return self._queries.summarise()

    def add_approval(self, approval: Approval, now: str, binding: Binding | None = None) -> None:
        """Record and commit an approval and what it covers: nothing unless `binding` says so.

        Raises `UsageError` without digest, who, reason, reference or expiry date.
        """
        self._approvals.add(approval, binding or Binding(), now)

    def list_approvals(self) -> list[StoredApproval]:
        """All approvals that were not withdrawn, expired ones included, in the order they were added."""
        return self._approvals.list_active()

    def find_known_before(self, digest: str, entry: int) -> tuple[Reading, tuple[Match, ...]] | None:
        """The newest reading of these bytes that an entry of the ledger follows, and what was found in them by then."""
        return self._queries.find_known_before(digest, entry)

    def find_first_after(self, digest: str, entry: int) -> Reading | None:
        """The first reading of these bytes that was recorded after an entry of the ledger; None when there is none."""
        return self._queries.find_first_after(digest, entry)

    def withdraw_approval(self, digest: str, who: str, reason: str, now: str) -> list[Approval]:
        """Withdraw all approvals of a digest and return them; they stay in the file. `UsageError` if there is none."""
        return self._approvals.withdraw(digest, who, reason, now)

    def record_entries(self, changes: Sequence[EntryChange]) -> None:
        """Record and commit events of the register, all or none."""
        self._entries.record(changes)

    def load_entries(self) -> list[RegisteredEntry]:
        """Every entry of the register with its history, by kind and id; approvals of older versions are not among them.

        Raises `CatalogueDamaged` for one that is not as the ledger has it.
        """
        return self._entries.load()


def _split_name(path: bytes) -> tuple[bytes, bytes]:
    """Folder and name. Not as `os.path` does it, which leaves out slashes that a row may have."""
    folder, _, name = path.rpartition(b"/")
    return folder, name
