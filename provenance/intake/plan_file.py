"""A plan: what a walk found, divided into shards that machines read on their own.

The first line says where everything lies, who may read it and how, and where in the file each shard stands. Every other
line is one file, or the numbered files of what may be a sequence. Section 0 holds what nobody has to read: files that
are known and unchanged, and what the walk could not look at. Sections 1 to N are the shards.

Names are written as UTF-8 with surrogates for bytes that are none, whatever the locale of the machine is.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import heapq
import itertools
import os
import re
import shutil
import struct
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from provenance.catalogue.codec import encode_compact, from_json, to_json
from provenance.errors import ShardDamaged
from provenance.intake.collect import Item
from provenance.intake.sequences import NumberedFiles
from provenance.intake.walk import FoundFile, join_states
from provenance.limits import Limits
from provenance.media.source import find_state
from provenance.model.asset import FileState, FingerprintLevel
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Zone
from provenance.mounts import Mount, map_path

SCHEMA = "provenance-plan/1"
_COST_OF_A_FILE = 1_000_000
"""Bytes that opening a file and taking it in stand for, when shards are balanced."""
_PIECES = 32
"""Pieces that a shard is made of, so that shards come out alike though folders do not."""
_LONGEST_HEADER = 256 * 1024 * 1024
"""Bytes of the first line: a million roots named one by one fit."""
_BLOCK = 1024 * 1024
"""Bytes hashed at a time."""
_FOLDER = struct.Struct("<QQ")
"""Units of a folder, and what they cost."""
_UNIT = struct.Struct("<QQQQ")
"""Cost, bytes, lines and files of a unit."""


@dataclass(frozen=True, slots=True)
class Tool:
    """The program that made a plan."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class PlannedRoot:
    """A folder or file that was named."""

    path: str
    is_folder: bool
    is_empty: bool
    """Whether it was a folder with nothing in it: perhaps a storage that was not mounted."""

    @property
    def base(self) -> bytes:
        """The folder that the names of its files start from."""
        place = encode_name(self.path)
        return place if self.is_folder else os.path.dirname(place)


@dataclass(frozen=True, slots=True)
class UsedList:
    """A trust list by which credentials are judged."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Readers:
    """All that decides what is read out of a file besides the file itself and the limits."""

    digest: str
    """`RunContext.name_readers`."""
    trust_lists: tuple[UsedList, ...]
    plugins: tuple[str, ...]
    not_installed: tuple[str, ...]
    """Optional components that were missing."""


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a plan."""

    lines: int
    files: int
    size: int
    """Bytes of the files."""
    length: int
    """Bytes of its lines."""
    sha256: str
    """Of its lines."""


@dataclass(frozen=True, slots=True)
class PlanHeader:
    """The first line of a plan. Its SHA-256 names the plan: it covers the lines that follow by their own digests."""

    schema: str
    made_at: str
    """Before the walk began."""
    tool: Tool
    roots: tuple[PlannedRoot, ...]
    zone: Zone
    exclude: tuple[str, ...]
    unmatched_excludes: tuple[str, ...]
    """Those of the patterns that matched nothing."""
    fingerprints: FingerprintLevel
    labels: bool
    """Whether labels are looked for in pictures."""
    limits: Limits
    readers: Readers
    catalogue: str | None
    """Identity of the ledger whose unchanged files were left out; None when nothing was."""
    left_out: int
    """Number of these files."""
    troubles: int
    """Folders and files that the walk could not look at."""
    sections: tuple[Section, ...]
    sha256: str
    """Of everything after this line."""

    @property
    def shards(self) -> int:
        """Number of shards."""
        return len(self.sections) - 1

    @property
    def places(self) -> list[bytes]:
        """Absolute paths of the roots, as the machine that planned names them."""
        return [encode_name(root.path) for root in self.roots]

    def name(self) -> str:
        """The digest that tells this plan from every other."""
        return hashlib.sha256(self.to_json()).hexdigest()

    def to_json(self) -> bytes:
        """The line itself, with every field, also those at their default."""
        return encode_compact(dataclasses.asdict(self)).encode()


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """One file as the walk found it."""

    root: int
    """Which of the roots it lies in."""
    path: str
    """True name, relative to the root."""
    key: str
    """Size and times of the file, and of its sidecars."""
    shown: str = ""
    """The name as shown, where it is not simply `path`."""
    sidecars: tuple[str, ...] = ()
    sidecar_for: str | None = None


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One line of a plan. Exactly one of its fields is set."""

    file: PlannedFile | None = None
    frames: tuple[tuple[int, PlannedFile], ...] = ()
    """Numbers and files of what may be a sequence."""
    trouble: Trouble | None = None
    missed: str = ""
    """True name, from its root, of what the walk could not look at."""


def encode_name(text: str) -> bytes:
    """A true name out of a plan or a shard."""
    return text.encode("utf-8", "surrogateescape")


def decode_name(name: bytes) -> str:
    """A true name as plans and shards write it."""
    return name.decode("utf-8", "surrogateescape")


def is_safe_name(name: bytes) -> bool:
    """Whether a name stays below the root that it is relative to."""
    return not any(part in (b"", b".", b"..") for part in name.split(b"/"))


class PlanWriter:
    """Takes what a walk finds, folder by folder, and writes the plan when all is known. Use as a context manager."""

    def __init__(self, folder: str) -> None:
        """`folder`: where the plan will lie; until then its parts lie there without a name."""
        self._files = contextlib.ExitStack()
        self._unread, self._lines, self._costs = (self._open_unnamed(folder) for _ in range(3))
        self._total = 0
        self.left_out = 0
        """Files that need not be read."""
        self._unread_lines = 0

    def _open_unnamed(self, folder: str) -> BinaryIO:
        """A file that goes away by itself, whatever happens."""
        return self._files.enter_context(tempfile.TemporaryFile(dir=folder))

    def __enter__(self) -> PlanWriter:
        return self

    def __exit__(self, *_error: object) -> None:
        self._files.close()

    def leave_out(self, root: int, item: Item) -> None:
        """Note what is there and need not be read."""
        self.left_out += len(item.frames) if isinstance(item, NumberedFiles) else 1
        self.write_unread(_make_line(root, item))

    def write_unread(self, line: PlanLine) -> None:
        """Note what is in no shard."""
        self._unread.write(_encode(line))
        self._unread_lines += 1

    def add_folder(self, root: int, items: Sequence[Item]) -> None:
        """Add what is to be read of one folder. A file and its sidecars stay together."""
        units = []
        for unit in _join_sidecars(items):
            length = 0
            for item in unit:
                length += self._lines.write(_encode(_make_line(root, item)))
            files, size = _measure(unit)
            units.append((size + _COST_OF_A_FILE * files, length, len(unit), files))
        cost = sum(unit[0] for unit in units)
        self._total += cost
        self._costs.write(_FOLDER.pack(len(units), cost))
        for row in units:
            self._costs.write(_UNIT.pack(*row))

    def write(self, out: BinaryIO, header: PlanHeader, shards: int) -> PlanHeader:
        """Divide what was added, and write the plan; `header` still lacks its sections and what follows from them."""
        shared = _divide(list(self._cut(shards)), shards)
        whole = hashlib.sha256()
        digest = hashlib.sha256()
        _feed(self._unread, 0, self._unread.tell(), digest.update, whole.update)
        unread = Section(self._unread_lines, self.left_out, 0, self._unread.tell(), digest.hexdigest())
        sections = [unread]
        for pieces in shared:
            part, shard = hashlib.sha256(), _Piece(0)
            for piece in pieces:
                _feed(self._lines, piece.offset, piece.length, part.update, whole.update)
                shard.add(piece.cost, piece.length, piece.lines, piece.files)
            size = shard.cost - _COST_OF_A_FILE * shard.files
            sections.append(Section(shard.lines, shard.files, size, shard.length, part.hexdigest()))
        header = dataclasses.replace(header, left_out=self.left_out, sections=tuple(sections), sha256=whole.hexdigest())
        out.write(header.to_json() + b"\n")
        self._unread.seek(0)
        shutil.copyfileobj(self._unread, out, _BLOCK)
        for pieces in shared:
            for piece in pieces:
                out.writelines(_read_blocks(self._lines, piece.offset, piece.length))
        return header

    def _cut(self, shards: int) -> Iterator[_Piece]:
        """Pieces of about a thirty-second of a shard: whole folders, or units of a folder larger than a shard."""
        share = self._total / shards
        self._costs.seek(0)
        piece = _Piece(0)
        while head := self._costs.read(_FOLDER.size):
            count, cost = _FOLDER.unpack(head)
            is_whole = cost <= share
            if not is_whole and piece.lines:
                yield piece
                piece = piece.begin_next()
            for _ in range(count):
                piece.add(*_UNIT.unpack(self._costs.read(_UNIT.size)))
                if not is_whole and piece.cost >= share / _PIECES:
                    yield piece
                    piece = piece.begin_next()
            # What remains of a divided folder does not go on with the next one.
            if piece.lines and (not is_whole or piece.cost >= share / _PIECES):
                yield piece
                piece = piece.begin_next()
        if piece.lines:
            yield piece


@dataclass(slots=True)
class _Piece:
    """Lines of a plan that stay together."""

    offset: int
    cost: int = 0
    length: int = 0
    lines: int = 0
    files: int = 0

    def add(self, cost: int, length: int, lines: int, files: int) -> None:
        self.cost += cost
        self.length += length
        self.lines += lines
        self.files += files

    def begin_next(self) -> _Piece:
        return _Piece(self.offset + self.length)


def _divide(pieces: Sequence[_Piece], shards: int) -> list[list[_Piece]]:
    """The dearest piece first, each to the shard that costs least so far; in a shard in order of the walk."""
    shared: list[list[_Piece]] = [[] for _ in range(shards)]
    loads = [(0, number) for number in range(shards)]
    for piece in sorted(pieces, key=lambda piece: (-piece.cost, piece.offset)):
        load, number = heapq.heappop(loads)
        shared[number].append(piece)
        heapq.heappush(loads, (load + piece.cost, number))
    for row in shared:
        row.sort(key=lambda piece: piece.offset)
    return shared


def _join_sidecars(items: Sequence[Item]) -> Iterator[list[Item]]:
    """Each item with the files that speak of it."""
    by_name = {item.name: item for item in items if isinstance(item, FoundFile)}
    taken: set[bytes] = set()
    for item in items:
        if isinstance(item, NumberedFiles):
            yield [item]
        elif item.sidecar_for is None or item.sidecar_for not in by_name:
            yield list(_take_with_sidecars(item, by_name, taken))
    for item in by_name.values():
        # Two sidecars that speak of each other have no file to stand behind.
        if item.name not in taken:
            yield list(_take_with_sidecars(item, by_name, taken))


def _take_with_sidecars(file: FoundFile, by_name: dict[bytes, FoundFile], taken: set[bytes]) -> Iterator[FoundFile]:
    waiting = [file]
    while waiting:
        part = waiting.pop()
        if part.name in taken:
            continue
        taken.add(part.name)
        yield part
        # A note beside a picture is a file of its own, and stays where the walk found it.
        beside = [by_name[name] for name in part.sidecars if name in by_name]
        waiting.extend(file for file in beside if file.sidecar_for == part.name)


def _measure(unit: Iterable[Item]) -> tuple[int, int]:
    """Files and bytes."""
    files = size = 0
    for item in unit:
        if isinstance(item, NumberedFiles):
            files += len(item.frames)
            size += item.size
        else:
            files += 1
            size += item.state.size
    return files, size


def _make_line(root: int, item: Item) -> PlanLine:
    if isinstance(item, NumberedFiles):
        return PlanLine(frames=tuple([(number, _plan_file(root, file)) for number, file in item.frames]))
    return PlanLine(file=_plan_file(root, item))


def _plan_file(root: int, file: FoundFile) -> PlannedFile:
    path = decode_name(file.relative)
    shown = "" if file.shown == path else file.shown
    sidecar_for = None if file.sidecar_for is None else decode_name(file.sidecar_for)
    return PlannedFile(root, path, file.change_key, shown, tuple(map(decode_name, file.sidecars)), sidecar_for)


def _encode(line: PlanLine) -> bytes:
    return to_json(line).encode() + b"\n"


@dataclass(slots=True)
class Plan:
    """A plan on disk."""

    path: str
    header: PlanHeader
    starts: tuple[int, ...]
    """Where each section begins."""

    @property
    def name(self) -> str:
        """The digest that tells it from every other plan."""
        return self.header.name()

    def lines(self, number: int) -> Iterator[PlanLine]:
        """The lines of a section, which was compared with its digest first. Raises `ShardDamaged`."""
        section, start = self.header.sections[number], self.starts[number]
        with open(self.path, "rb") as file:
            digest = hashlib.sha256()
            _feed(file, start, section.length, digest.update)
            if digest.hexdigest() != section.sha256:
                raise _make_damage_error(self.path, "its lines are not those that were written")
            file.seek(start)
            for _ in range(section.lines):
                try:
                    yield from_json(PlanLine, file.readline())
                except ValueError as error:
                    raise _make_damage_error(self.path, str(error)) from error


def load_plan(path: str) -> Plan:
    """Open a plan. Raises `ShardDamaged` for a file that is none, or not a whole one; `OSError`."""
    with open(path, "rb") as file:
        line = file.readline(_LONGEST_HEADER)
        size = os.fstat(file.fileno()).st_size
    header = parse_header(line.rstrip(b"\n"), path)
    lengths = [section.length for section in header.sections]
    *starts, end = itertools.accumulate(lengths, initial=len(line))
    if end != size:
        raise _make_damage_error(path, f"it has {size:,} bytes instead of {end:,}")
    return Plan(path, header, tuple(starts))


def parse_header(text: bytes, path: str) -> PlanHeader:
    """The header of a plan, as a plan and each of its shards begin with it; `path` is for messages."""
    try:
        header = from_json(PlanHeader, text)
    except ValueError as error:
        raise _make_damage_error(path, f"its first line is not that of a plan: {error}"[:300]) from error
    is_complete = header.schema == SCHEMA and header.to_json() == text and header.shards > 0
    is_sane = all(min(row.lines, row.files, row.size, row.length) >= 0 for row in header.sections)
    has_roots = all(root.path.startswith("/") and "\0" not in root.path for root in header.roots)
    if not (is_complete and is_sane and has_roots):
        raise _make_damage_error(path, "its first line is not that of a plan which this version can read")
    return header


def _make_damage_error(path: str, reason: str) -> ShardDamaged:
    return ShardDamaged(f"{path}: {reason}", "write the plan again with: provenance plan")


class FoundHere:
    """Finds the files of a plan on this machine, where storages may stand elsewhere."""

    def __init__(self, plan: Plan, mounts: Sequence[Mount]) -> None:
        self._plan = plan
        self._mounts = mounts
        self._bases = [root.base for root in plan.header.roots]

    def find_item(self, line: PlanLine) -> Item | None:
        """What a line names, with its size and times as they are now; None for a line of another kind."""
        return self._make_item(line, self._find_file)

    def name_item(self, line: PlanLine) -> Item | None:
        """The same as the plan has it, without a look at the storage."""
        return self._make_item(line, self._name_file)

    def _make_item(self, line: PlanLine, make: Callable[[PlannedFile], FoundFile]) -> Item | None:
        if line.file is not None:
            return make(line.file)
        if line.frames:
            return NumberedFiles(tuple([(number, make(file)) for number, file in line.frames]))
        return None

    def _name_file(self, planned: PlannedFile) -> FoundFile:
        relative = encode_name(planned.path)
        if not is_safe_name(relative) or not 0 <= planned.root < len(self._bases):
            raise _make_damage_error(self._plan.path, f"{planned.path!r:.200} lies outside its root")
        base = self._bases[planned.root]
        place = map_path(os.path.join(base, relative), self._mounts)
        sidecars = tuple(map(encode_name, planned.sidecars))
        sidecar_for = None if planned.sidecar_for is None else encode_name(planned.sidecar_for)
        shown = planned.shown or planned.path
        state = FileState(_parse_size(planned.key), 0, 0, 0)
        return FoundFile(os.fsdecode(base), place, relative, shown, state, sidecars, sidecar_for, planned.key)

    def _find_file(self, planned: PlannedFile) -> FoundFile:
        file = self._name_file(planned)
        folder = os.path.dirname(file.path)
        states = _look(file.path, [os.path.join(folder, name) for name in file.sidecars])
        # What changed since the walk is read as it is now, and gets no key: the next run reads it again.
        key = file.change_key if join_states(states) == file.change_key else ""
        # The reader will say why a file cannot be looked at any more.
        state = states[0] if states else file.state
        return dataclasses.replace(file, state=state, change_key=key)


def _look(place: bytes, sidecars: Iterable[bytes]) -> list[FileState]:
    """Size and times of a file and its sidecars; of fewer when one of them is not there."""
    states = []
    for path in (place, *sidecars):
        try:
            states.append(find_state(path))
        except OSError:
            break
    return states


def _parse_size(key: str) -> int:
    digits = re.match(r"\d{1,18}", key)
    return int(digits[0]) if digits else 0


def _feed(file: BinaryIO, start: int, length: int, *take: Callable[[bytes], None]) -> None:
    for block in _read_blocks(file, start, length):
        for update in take:
            update(block)


def _read_blocks(file: BinaryIO, start: int, length: int) -> Iterator[bytes]:
    file.seek(start)
    while length > 0:
        block = file.read(min(length, _BLOCK))
        if not block:
            return
        length -= len(block)
        yield block
