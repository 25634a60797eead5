"""The catalogue: what was seen where, what it said, who approved what, and the ledger of it all."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from provenance.catalogue import session
from provenance.catalogue.approvals import Approvals
from provenance.catalogue.queries import LocationSummary, LocationTimes, Queries
from provenance.catalogue.runs import RunRecord, Runs
from provenance.catalogue.writer import AddResult, Writer
from provenance.errors import ProvenanceError
from provenance.model.asset import Appearance, Fingerprint, Location, Reading
from provenance.model.evidence import Trouble
from provenance.model.finding import Approval, Case
from provenance.model.match import Known, Match
from provenance.model.vocabulary import Origin, Zone


class Catalogue:
    """One catalogue file. Use as a context manager; one writer at a time, readers whenever they like.

    Times are UTC, ISO 8601, ending in `Z`, and come from the caller. What is added is committed within 500 rows,
    0.25 s of further adds, or by `flush`, `end_run` and `close`; each file whole. After a kill everything committed is
    there, and a new run adds the rest. Never use it across a fork: neither lock nor connection can be shared.
    """

    def __init__(self, opened: session.Session) -> None:
        self._session = opened
        self._runs = Runs(opened)
        self._queries = Queries(opened, self._runs)
        self._writer = Writer(opened, self._runs, self._queries.searches, self._queries.places)
        self._approvals = Approvals(opened)

    @classmethod
    def open(cls, path: Path, *, write: bool) -> Self:
        """Open a catalogue.

        To write: made when missing, locked until closed. To read: must be there; a file that a kill left empty is an
        empty catalogue. Raises `CatalogueBusy`, `CatalogueDamaged`, `UsageError` (not there, newer, another program's,
        network file system), or `ProvenanceError` for the disk.
        """
        return cls(session.open_writer(path) if write else session.open_reader(path))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.close()
        except ProvenanceError:
            if error is None:  # else the first error is the one to tell
                raise

    def close(self) -> None:
        """Commit, fold the write-ahead log into the file, let go of the lock."""
        self._session.close()

    def flush(self) -> None:
        """Commit now: everything added so far outlives a kill."""
        self._session.flush()

    @property
    def head(self) -> str:
        """Length and hash of the ledger, to be noted elsewhere: `verify` holds it against the file."""
        return self._session.ledger.head

    def begin_run(self, kind: str, now: str, detail: str = "") -> int:
        """Begin a run, commit it and give its number. A run whose process is killed stays without an end."""
        return self._runs.begin(kind, now, detail)

    def end_run(self, run: int, now: str, outcome: str) -> None:
        """End a run, commit, and keep which locations it came by."""
        self._runs.end(run, now, outcome)

    def list_runs(self) -> list[RunRecord]:
        """All runs, newest first."""
        return self._runs.list_all()

    def add(
        self, location: Location, change_key: str, reading: Reading, run: int, now: str, *, keep_zone: bool = False
    ) -> AddResult:
        """Record what was read of one file, whole or not at all. Its identity is its absolute place on disk.

        `change_key` stands for size and times of the file and of all that was read with it; with an empty one the file
        is read again next time. `keep_zone`: a place that is known already keeps its zone.
        """
        return self._writer.add(location, change_key, reading, run, now, keep_zone=keep_zone)

    def find_change_key(self, root: str, path_bytes: bytes) -> str | None:
        """The change key under which a location was recorded; None when it is not there or had vanished."""
        return self._writer.find_change_key(root, path_bytes)

    def touch(self, root: str, path_bytes: bytes, run: int, zone: Zone | None = None, now: str = "") -> None:
        """Seen again unchanged, and with it everything inside it: members of a container, odd frames of a sequence.

        Writes nothing until `end_run`, unless it has another `zone` now. `ValueError` when the location is not there.
        """
        self._writer.touch(root, path_bytes, run, zone, now)

    def record_search(
        self, digest: str, searched_for: bytes, matches: Sequence[Match], troubles: Sequence[Trouble], now: str
    ) -> None:
        """Record what a search of these bytes found, and what stood in its way; the newest search counts.

        `searched_for`: digest of the known material that was searched for.
        """
        self._writer.record_search(digest, searched_for, matches, troubles, now)

    def record_vanished(self, root: str, run: int, now: str, spare: Collection[bytes] = ()) -> list[str]:
        """Mark every location under a root that the run did not come by; give their shown paths in order.

        `spare`: true names, relative to the root, of folders that could not be listed and files that could not be
        opened: these and what is below them have not vanished. Nothing is deleted; what comes back is new again.
        """
        return self._writer.record_vanished(root, run, now, spare)

    def cases(
        self, under: Sequence[bytes] | None = None, since: str | None = None, run: int | None = None
    ) -> Iterator[Case]:
        """Present locations with their newest reading, in order of root and true name, one at a time.

        `under`: absolute paths; only what stands at or below them. `since`: only what was recorded as new, with other
        bytes or with another reading at that time or later. `run`: only what that run came by.
        """
        return self._queries.cases(under, since, run)

    def find_present(self, root: str, path_bytes: bytes) -> Case | None:
        """What is at a place now, whichever root it was reached by; None when it is not there."""
        return self._queries.find_present(root, path_bytes)

    def find_inside(self, location: Location) -> Iterator[Case]:
        """Everything present inside a file, at any depth."""
        return self._queries.find_inside(location)

    def count_known(self, outside: Sequence[bytes]) -> int:
        """Contents known from any place, present or vanished, that is not at or below these absolute paths."""
        return self._queries.count_known(outside)

    def find_by_digest(self, digest: str) -> list[Case]:
        """Every place where these bytes (`sha256:<hex>`, or how it begins) stand or last stood, present ones first."""
        return self._queries.find_by_digest(digest)

    def find_by_path(self, absolute: bytes) -> list[Case]:
        """What stands, or stood when last seen, at an absolute path: one case for each root that reaches it."""
        return self._queries.find_by_path(absolute)

    def find_reading(self, digest: str) -> Reading | None:
        """The reading of these bytes that says most: generation first, then the newest.

        Readings that stand at no location any more count only when there is no other: they were read again since, or
        the file was overwritten. None when such bytes were never seen.
        """
        return self._queries.find_reading(digest)

    def fingerprints(self, origins: Collection[Origin]) -> Iterator[tuple[Known, Fingerprint]]:
        """The best fingerprint of each method of every asset of these origins, one at a time, in a stable order.

        Vanished assets are among them: what was cut into a master need not stand on the storage any more.
        """
        return self._queries.fingerprints(origins)

    def matches(self, digest: str, origin: Origin) -> tuple[Match, ...]:
        """Known material in these bytes, as the newest look at them found it, each with the mark that it once had.

        `origin`: what the asset in hand says of itself. When that is nothing of generation, and the same bytes are
        known elsewhere to be generated, they are known material themselves. Cases have the same.
        """
        return self._queries.searches.find_matches(digest, origin)

    def find_index_digest(self, root: str, path_bytes: bytes) -> bytes | None:
        """Digest of what was last searched for in what is at a place; None when nothing was."""
        place = self._queries.places.find(root, path_bytes)
        return self._queries.searches.find_index_digest(place) if place else None

    def find_matched_digests(self, digest: str) -> set[str]:
        """Digests of the known material that the newest search of these bytes found."""
        return self._queries.searches.find_matched_digests(digest)

    def find_appearances(self, digest: str) -> list[Appearance]:
        """Every place in which this known material was found when last looked for, present places first."""
        return self._queries.searches.find_appearances(digest)

    def find_times(self, root: str, path_bytes: bytes) -> LocationTimes | None:
        """Since when and until when a location was seen; None when it never was."""
        return self._queries.find_times(root, path_bytes)

    def summarise(self) -> LocationSummary:
        """Counts and bytes of all that is present."""
        return self._queries.summarise()

    def add_approval(self, approval: Approval, now: str) -> None:
        """Record and commit an approval. `UsageError` for one without digest, who, reason, reference or expiry."""
        self._approvals.add(approval, now)

    def list_approvals(self) -> list[Approval]:
        """All approvals that were not withdrawn, expired ones included, in the order they were added."""
        return self._approvals.list_active()

    def withdraw_approval(self, digest: str, who: str, reason: str, now: str) -> list[Approval]:
        """Withdraw what stands for a digest; gives it. Raises `UsageError` when nothing does. The history is kept."""
        return self._approvals.withdraw(digest, who, reason, now)
