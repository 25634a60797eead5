"""A shard that was read: the rows of one part of a plan, as checked lines.

The first line holds the plan's own first line, then come rows and, for each file or sequence, a line that says that all
of its rows are there, and last the end. While it is written it is called FILE.part; it gets its name when it is whole.
"""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO, Self

import filelock

from provenance.catalogue.codec import from_json, to_json
from provenance.errors import CatalogueBusy, ProvenanceError, ShardDamaged, UsageError
from provenance.intake.checked_lines import LONGEST_LINE, DamagedLines, LineReader, LineWriter
from provenance.intake.plan_file import Plan, PlanHeader, is_safe_name, parse_header
from provenance.intake.sequences import AssetRow
from provenance.intake.versions import is_name_of
from provenance.model.asset import Asset, Location, Reading
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause, Zone

SCHEMA = "provenance-shard/1"
_SECONDS_UNWRITTEN = 0.25
"""After which rows are handed to the system: what a kill may cost."""
_DIGEST = re.compile(r"(sha256:[0-9a-f]{64})?")
_XXH128 = re.compile(r"([0-9a-f]{32})?")
_LARGEST_INTEGER = 2**63 - 1
_JPEG = b"\xff\xd8"
_LONGEST_REASON = 300
"""Characters of what is wrong with a row."""


@dataclass(frozen=True, slots=True)
class ShardHeader:
    """The first line of a shard."""

    schema: str
    shard: int
    """From 1."""
    plan: str
    """The first line of the plan, as it stands there."""


@dataclass(frozen=True, slots=True)
class ShardRow:
    """One row. Root and zone are those of the plan: a row cannot claim others."""

    item: int
    """Line of the plan's section that it comes from, from 0."""
    root: int
    location: Location
    """Without root and zone."""
    key: str
    reading: Reading


@dataclass(frozen=True, slots=True)
class ShardEnd:
    """The last line of a whole shard."""

    rows: int
    could_not: int
    """Rows of what could not be looked at."""


@dataclass(frozen=True, slots=True)
class ShardLine:
    """A line after the first. Exactly one of its fields is set."""

    row: ShardRow | None = None
    version: tuple[str, str] | None = None
    """A name that stands in change keys after this line, and what it stands for: see `versions`."""
    done: int | None = None
    """Item of which all rows stand before this line."""
    end: ShardEnd | None = None


class ShardWriter:
    """Writes one shard, and goes on from what an earlier attempt has left. Use as a context manager."""

    def __init__(self, path: str, plan: Plan, number: int) -> None:
        self._path = path
        self._part = f"{path}.part"
        self._header = ShardHeader(SCHEMA, number, plan.header.to_json().decode())
        self.done = bytearray(plan.header.sections[number].lines)
        """For each item whether all of its rows are written."""
        self._rows = self._could_not = 0
        self._lock = filelock.FileLock(f"{self._part}.lock")

    @property
    def exit_code(self) -> int:
        """3 when something could not be looked at."""
        return 3 if self._could_not else 0

    def __enter__(self) -> Self:
        """Begin, or go on. Raises `CatalogueBusy` when another process writes it, `UsageError` for another shard's."""
        try:
            self._lock.acquire(timeout=0)
        except filelock.Timeout as timeout:
            hint = "wait until it ends; a whole file is not read again"
            raise CatalogueBusy(f"{self._path}: another process is writing this shard", hint) from timeout
        except OSError as fault:
            hint = "name a file in a folder that is there and can be written to"
            raise UsageError(f"{self._path} cannot be written: {fault.strerror}", hint) from fault
        with contextlib.ExitStack() as undo:
            undo.callback(self._lock.release)
            # What is being written gets its name at once when there is nothing to go on from.
            fresh = f"{self._part}.new" if os.path.exists(self._part) else self._part
            self._file = undo.enter_context(open(fresh, "wb"))
            self._lines = LineWriter(self._file)
            self._lines.write(to_json(self._header).encode())
            if fresh != self._part:
                self._copy_done()
                self._sync()
                os.replace(fresh, self._part)
            self._file.flush()
            self._flushed_at = time.monotonic()
            self._undo = undo.pop_all()
        return self

    def __exit__(self, *_error: object) -> None:
        # What was read so far is kept also when the run is broken off.
        self._undo.close()

    def _copy_done(self) -> None:
        """Take over every sound line about items that were done. Rows of others are read again."""
        for is_counting in (True, False):
            # First which items were done: their rows stand before the line that says so.
            with open(self._part, "rb") as file, contextlib.suppress(DamagedLines):
                # The last line may be torn, and what follows a torn line was never written.
                for number, text in enumerate(LineReader(file)):
                    if number == 0:
                        self._refuse_other(text)
                        continue
                    line = from_json(ShardLine, text)
                    if is_counting and line.done is not None:
                        self.done[line.done] = 1
                    elif not is_counting:
                        self._take_over(line, text)

    def _refuse_other(self, text: bytes) -> None:
        if text != to_json(self._header).encode():
            hint = "name another --out, or move the file away"
            raise UsageError(f"{self._part} is of another plan or of another shard", hint)

    def _take_over(self, line: ShardLine, text: bytes) -> None:
        if line.row is not None and self.done[line.row.item]:
            self._lines.write(text)
            self._count(line.row.reading)
        elif line.done is not None or line.version is not None:
            self._lines.write(text)

    def add_version(self, name: str, payload: str) -> None:
        """Write a name of what took part in reading, before the first row that has it."""
        self._lines.write(to_json(ShardLine(version=(name, payload))).encode())

    def add(self, item: int, root: int, row: AssetRow) -> None:
        """Write a row."""
        location, key, reading = row
        bare = replace(location, root="", zone=Zone.EDITORIAL)
        text = to_json(ShardLine(ShardRow(item, root, bare, key, reading))).encode()
        if len(text) > LONGEST_LINE // 2:
            reading = _leave_out(reading, location.path)
            text = to_json(ShardLine(ShardRow(item, root, bare, "", reading))).encode()
        self._lines.write(text)
        self._count(reading)

    def _count(self, reading: Reading) -> None:
        self._rows += 1
        self._could_not += bool(reading.troubles)

    def mark_done(self, item: int) -> None:
        """Note that all rows of an item are written."""
        self._lines.write(to_json(ShardLine(done=item)).encode())
        self.done[item] = 1
        now = time.monotonic()
        if now - self._flushed_at >= _SECONDS_UNWRITTEN:
            self._file.flush()
            self._flushed_at = now

    def finish(self) -> None:
        """Give the file its name: from now on it is whole, also after a power cut.

        Raises `ProvenanceError` when something of it was not read.
        """
        if not all(self.done):
            hint = "start it again with the same command: it goes on where it was"
            raise ProvenanceError(f"{self._path}: {self.done.count(0):,} items of this shard were not read", hint)
        self._lines.write(to_json(ShardLine(end=ShardEnd(self._rows, self._could_not))).encode())
        self._sync()
        os.replace(self._part, self._path)
        _sync_folder(os.path.dirname(os.path.abspath(self._path)))
        with contextlib.suppress(OSError):
            # Whoever held out for the lock finds the whole file.
            os.unlink(self._lock.lock_file)

    def _sync(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())


def _leave_out(reading: Reading, path: str) -> Reading:
    """A reading that is too large for a shard, without what files say at such a length."""
    trouble = Trouble(path, "shard", Cause.OVERSIZED, f"its marks take more than {LONGEST_LINE // 2:,} bytes")
    return Reading(reading.asset, evidence=reading.evidence, troubles=(*reading.troubles, trouble))


def _sync_folder(folder: str) -> None:
    with contextlib.suppress(OSError):  # Not every system can open a folder.
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


class Shard:
    """A file that should be a whole shard. Use as a context manager: it reads one and the same file all the time."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._file: BinaryIO = open(path, "rb")  # noqa: SIM115 - closed by `__exit__`
        try:
            self.header, self.plan = self._read_header()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()

    @property
    def number(self) -> int:
        """Which shard of its plan it is, from 1."""
        return self.header.shard

    def _read_header(self) -> tuple[ShardHeader, PlanHeader]:
        for text in self._read_lines():
            try:
                header = from_json(ShardHeader, text)
            except ValueError as error:
                raise self._make_error("it is no shard") from error
            if header.schema != SCHEMA:
                raise self._make_error("it is no shard that this version can read")
            plan = parse_header(header.plan.encode("utf-8", "backslashreplace"), self.path)
            if not 1 <= header.shard <= plan.shards:
                raise self._make_error(f"its plan has no shard {header.shard}")
            return header, plan
        raise self._make_error("it is empty")

    def _read_lines(self) -> Iterator[bytes]:
        self._file.seek(0)
        try:
            yield from LineReader(self._file)
        except DamagedLines as error:
            raise self._make_error(str(error)) from error

    def check(self) -> ShardEnd:
        """Read every line and every value. Raises `ShardDamaged` unless it is whole and all of them are sound."""
        done = bytearray(self.plan.sections[self.number].lines)
        rows = 0
        end: ShardEnd | None = None
        for line in self._parse_lines():
            if end is not None:
                raise self._make_error("it goes on after its end")
            end = line.end
            item = line.row.item if line.row is not None else line.done
            if item is not None and (not 0 <= item < len(done) or done[item]):
                raise self._make_error(f"it has no place for item {item}")
            if line.version is not None and not is_name_of(*line.version):
                raise self._make_error("it names what took part in reading, and that is not its name")
            if line.row is not None:
                self._unpack(line.row)
                rows += 1
            elif item is not None:
                done[item] = 1
        if end is None or not all(done) or end.rows != rows:
            raise self._make_error("it is not whole")
        return end

    def rows(self, take_version: Callable[[str, str], None]) -> Iterator[AssetRow]:
        """Every row. Call `check` first. `take_version` is given each name before the first row that has it."""
        for line in self._parse_lines():
            if line.version is not None:
                take_version(*line.version)
            if line.row is not None:
                yield self._unpack(line.row)

    def _parse_lines(self) -> Iterator[ShardLine]:
        lines = self._read_lines()
        next(lines, None)  # The header.
        for text in lines:
            try:
                yield from_json(ShardLine, text)
            except ValueError as error:
                raise self._make_error(str(error)) from error

    def _unpack(self, row: ShardRow) -> AssetRow:
        """A row in the place that the plan gives it. Raises `ShardDamaged` for what no reader says."""
        roots, location, reading = self.plan.roots, row.location, row.reading
        outer = location.path_bytes.split(b"\0", 1)[0]
        if not 0 <= row.root < len(roots) or location.root or not is_safe_name(outer):
            raise self._make_error(f"a row lies outside the folders of the plan: {location.path_bytes!r}")
        if reason := _find_fault(location, row.key, reading):
            raise self._make_error(f"the row of {location.path!r:.100} has {reason}")
        base = os.fsdecode(roots[row.root].base)
        return replace(location, root=base, zone=self.plan.zone), row.key, reading

    def _make_error(self, reason: str) -> ShardDamaged:
        hint = "read the shard again with `provenance ingest --plan`; a file that ends in .part goes on by itself"
        return ShardDamaged(f"{self.path}: {reason}"[:_LONGEST_REASON], hint)


def _find_fault(location: Location, key: str, reading: Reading) -> str:
    """What in a row the catalogue could not keep; empty when there is nothing."""
    texts = [location.path, location.parent or "", location.sequence or "", key]
    texts += [fingerprint.method for fingerprint in reading.fingerprints]
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        return "a name that is no text"
    if not location.path or reading.matches:
        return "what only the catalogue says"
    return _find_fault_in(reading.asset) or _find_fault_in_attachments(reading)


def _find_fault_in(asset: Asset) -> str:
    is_named = _DIGEST.fullmatch(asset.digest) and _XXH128.fullmatch(asset.xxh128)
    if not is_named or bool(asset.digest) != bool(asset.xxh128):
        return "a digest that is none"
    if not 0 <= asset.size <= _LARGEST_INTEGER:
        return "a size that no file has"
    return ""


def _find_fault_in_attachments(reading: Reading) -> str:
    if not all(0 <= fingerprint.version <= _LARGEST_INTEGER for fingerprint in reading.fingerprints):
        return "a fingerprint of no version"
    if reading.thumbnail is not None and not reading.thumbnail.startswith(_JPEG):
        return "a thumbnail that is no JPEG"
    if len(reading.frame_digests) % 32:
        return "digests of frames that are none"
    return ""
