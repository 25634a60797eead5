"""Frame sequences: numbered files that are one asset.

Candidates are grouped by name; whether a group is a sequence is decided in two steps by its frames:
1. What their headers and marks say. EXR, DPX and TIFF may be one from 8 frames of one size on, gaps allowed. PNG and
   JPEG only from 24 frames of one size and one writer without a gap, and never when a camera wrote them or each was
   generated with settings of its own: camera stills and batches of generated pictures are numbered as well.
2. What they show. Neighbours of a sequence look alike, but for a cut now and then; those of a batch do not. When in
   doubt they stay single stills, of which each is kept to be found again.
"""

from __future__ import annotations

import collections
import hashlib
import itertools
import os
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import xxhash

from provenance.intake.jobs import Contents
from provenance.intake.walk import FoundFile
from provenance.media import types
from provenance.media.types import FILM_FRAMES, STILL_FRAMES
from provenance.model.asset import Asset, Location, Reading
from provenance.model.evidence import Statement
from provenance.model.vocabulary import Origin, Zone

VERSION = 1
"""Raised when other files are put together than before: all numbered files are then read again."""

_NUMBERED_TEXT = re.compile(r"(.*?)(\d+)(\.[A-Za-z0-9]+)", re.DOTALL)
_FRAME_SUFFIXES = FILM_FRAMES.suffixes | STILL_FRAMES.suffixes
"""Lower-case suffixes of files that may be frames."""
_FRAME_ENDS = frozenset(suffix[-4:] for suffix in _FRAME_SUFFIXES)
"""The last bytes of such names: enough to see that a folder has none."""
_DIGITS = b"0123456789"
_MOST_DIGITS = 12
"""Digits of a frame number; those further in front belong to the name."""
_FEWEST_FILM_FRAMES = 8
"""Frames: a third of a second. EXR and DPX hold hardly anything but sequences."""
_FEWEST_STILL_FRAMES = 24
"""Frames: a second. Fewer numbered PNG or JPEG are more often stills."""
_WIDEST_GAP = 1000
"""Numbers further apart than this belong to two sequences."""
_UNKNOWN = Contents()
_NUMBERS = re.compile(r"[0-9A-Fa-f]*[0-9][0-9A-Fa-f]*")
"""Numbers, times and identifiers in a statement: what differs from frame to frame and means nothing to a signal."""
_MOST_WORDS = 100
"""Different statements kept of the frames of one kind, numbers in them not counted."""
_LONGEST_WORDS = 4096
"""Characters of a statement that is kept so."""
_READINGS_KEPT = 256
"""Readings kept of each kind of frame; of further ones only digests and sizes are, so that memory stays flat."""
_MANIFEST_BYTES_KEPT = 64 * 1024 * 1024
"""Bytes of manifest stores kept for the frames of one candidate, in memory until it is decided."""
_PAIRS_COMPARED = 12
"""Pairs of neighbours whose pictures are compared, spread over the candidate."""
_LIKENESS = 0.9
"""Likeness of luma thumbnails from which on two neighbours show one moving picture, wherever it has moved to."""
_SHARE_ALIKE = 0.75
"""Share of the pairs that must be alike: cuts and fast pans are few, in a batch of stills nearly every pair differs."""


@dataclass(frozen=True, slots=True)
class NumberedFiles:
    """Files of one folder whose names differ only in a number: perhaps a sequence."""

    frames: tuple[tuple[int, FoundFile], ...]

    @property
    def root(self) -> str:
        """The root of all its frames."""
        return self.frames[0][1].root

    @property
    def shown(self) -> str:
        """`seq/shot.[1001-1120].exr`."""
        return name_sequence([file.shown for _, file in self.frames])

    @property
    def relative(self) -> bytes:
        """The name of the sequence in the catalogue."""
        folder = os.path.dirname(self.frames[0][1].relative)
        return os.path.join(folder, os.fsencode(self.shown.rsplit("/", 1)[-1]))

    @property
    def change_key(self) -> str:
        """One key for the sizes and times of all frames."""
        keys = [file.change_key for _, file in self.frames]
        return hashlib.sha256("|".join(keys).encode()).hexdigest()

    @property
    def size(self) -> int:
        """Bytes of all frames."""
        return sum(file.state.size for _, file in self.frames)

    @property
    def paths(self) -> tuple[tuple[int, bytes], ...]:
        """Numbers and paths of all frames."""
        return tuple((number, file.path) for number, file in self.frames)


def name_sequence(shown: list[str]) -> str:
    """The name of a sequence from the shown names of its first and last frame."""
    first = _NUMBERED_TEXT.fullmatch(shown[0])
    last = _NUMBERED_TEXT.fullmatch(shown[-1])
    assert first
    assert last
    return f"{first[1]}[{first[2]}-{last[2]}]{first[3]}"


def group_by_number(folder: list[FoundFile]) -> Iterator[FoundFile | NumberedFiles]:
    """The files of one folder in order of their first name, those that may be a sequence together."""
    group_of = _find_groups(folder)
    if not group_of:
        yield from folder
        return
    done: set[int] = set()
    for file in folder:
        group = group_of.get(file.path)
        if group is None:
            yield file
        elif id(group) not in done:
            done.add(id(group))
            yield group


def _find_groups(folder: list[FoundFile]) -> dict[bytes, NumberedFiles]:
    """By path of each frame: the candidate it belongs to."""
    by_name: dict[tuple[bytes, bytes], list[tuple[bytes, FoundFile]]] = {}
    for file in folder:
        path = file.path
        # Nearly all names fail here. In a name without a dot it looks at the end of a folder's name, which has a slash.
        if path[path.rfind(b".") :].lower() not in _FRAME_SUFFIXES:
            continue
        parts = split_number(file.name)
        # A frame with a sidecar has something said about itself alone.
        if parts and not file.sidecars:
            stem, digits, suffix = parts
            by_name.setdefault((stem, suffix), []).append((digits, file))
    if not by_name:
        return {}
    used_names = {file.shown for file in folder}
    group_of: dict[bytes, NumberedFiles] = {}
    for (_, suffix), numbered in by_name.items():
        fewest, widest = _FEWEST_FILM_FRAMES, _WIDEST_GAP
        if suffix.lower() in STILL_FRAMES.suffixes:
            fewest, widest = _FEWEST_STILL_FRAMES, 1
        for group in _split_at_gaps(numbered, fewest, widest):
            if group.shown in used_names:
                continue  # No two rows may have one path.
            for _, file in group.frames:
                group_of[file.path] = group
    return group_of


def may_hold_sequence(names: Collection[bytes]) -> bool:
    """Whether `group_by_number` may find numbered files among these names: never False where it finds some."""
    ends = {name[-4:] for name in names}
    if _FRAME_ENDS.isdisjoint({end.lower() for end in ends}):
        return False
    frames = [name for name in names if name[-4:].lower() in _FRAME_ENDS]
    if len(frames) < _FEWEST_FILM_FRAMES:
        return False
    counts: collections.Counter[tuple[bytes, bytes]] = collections.Counter()
    for name in frames:
        if parts := split_number(name):
            counts[parts[0], parts[2]] += 1
    return any(count >= _FEWEST_FILM_FRAMES for count in counts.values())


def split_number(name: bytes) -> tuple[bytes, bytes, bytes] | None:
    """What stands before the number of a frame, the number, and the suffix; None for a name without a number.

    `name` ends in a suffix of frames.
    """
    dot = name.rfind(b".")
    stem = name[:dot].rstrip(_DIGITS)
    start = max(len(stem), dot - _MOST_DIGITS)
    if start == dot:
        return None
    return name[:start], name[start:dot], name[dot:]


def _split_at_gaps(numbered: list[tuple[bytes, FoundFile]], fewest: int, widest: int) -> Iterator[NumberedFiles]:
    """Groups of at least `fewest` frames with one way of padding and no step wider than `widest`."""
    frames = sorted(_with_one_padding(numbered), key=lambda frame: frame[0])
    start = 0
    for i in range(1, len(frames) + 1):
        is_end = i == len(frames) or frames[i][0] - frames[i - 1][0] > widest
        if is_end:
            if i - start >= fewest:
                yield NumberedFiles(tuple(frames[start:i]))
            start = i


def _with_one_padding(numbered: list[tuple[bytes, FoundFile]]) -> Iterator[tuple[int, FoundFile]]:
    """Numbers of the most usual width, and longer ones that overflow it: 998, 999, 1000."""
    widths = collections.Counter(len(digits) for digits, _ in numbered if digits.startswith(b"0"))
    width = 0
    if widths:
        width = widths.most_common(1)[0][0]
    for digits, file in numbered:
        overflows = len(digits) > width and not digits.startswith(b"0")
        if len(digits) == width or overflows:
            yield int(digits), file


_FrameKind = tuple[object, ...]


def _kind_of(reading: Reading) -> _FrameKind:
    """What must be alike in neighbours: type and size first, then what was found and not found."""
    asset = reading.asset
    return (asset.media_type, asset.width, asset.height, *_describe_findings(reading))


def _describe_findings(reading: Reading) -> Iterator[tuple[object, ...]]:
    # Not where a statement stands, nor its exact words: a frame number or a time in them differs in every frame.
    for evidence in reading.evidence:
        yield evidence.signal, evidence.carrier, evidence.origin, evidence.standing, evidence.tool
    for credential in reading.credentials:
        yield credential.binding, credential.signature, credential.trust, credential.time, credential.signer
    for trouble in reading.troubles:
        yield trouble.stage, trouble.cause


@dataclass(slots=True)
class _SequenceFrame:
    number: int
    file: FoundFile
    kind: _FrameKind
    asset: Asset
    settings: int
    """Stands for what its marks say went into it: prompts and seeds."""
    words: bytes
    """Digest of its statements without their numbers."""
    reading: Reading | None = None
    """None beyond the readings kept of its kind."""


def _find_words(statement: Statement) -> str:
    """A statement without its place and its numbers."""
    line = f"{statement.carrier} {statement.key} {statement.standing} {statement.about} {statement.value}"
    return _NUMBERS.sub("0", line)


@dataclass(slots=True)
class _KindWords:
    """What the frames of one kind say in other words, each once, with the number of the first that says it."""

    said: dict[str, tuple[int, Statement]] = field(default_factory=dict)
    is_complete: bool = True
    """Whether all of it is kept."""

    def add(self, number: int, reading: Reading) -> bytes:
        """Take in one frame; returns a digest of its words."""
        marks = {(row.carrier, row.where) for row in reading.evidence}
        digest = hashlib.sha256()
        for statement in reading.statements:
            words = _find_words(statement)
            digest.update(words.encode("utf-8", "surrogatepass"))
            known = self.said.get(words)
            if known is not None and known[0] <= number:
                continue
            # What means something is in the evidence of every frame of the kind; in other words it may mean more.
            is_mark = (statement.carrier, statement.where) in marks
            is_too_much = len(self.said) >= _MOST_WORDS or len(statement.value) > _LONGEST_WORDS
            if known is None and self.said and (is_mark or is_too_much):
                self.is_complete = False
            else:
                self.said[words] = (number, statement)
        return digest.digest()

    def list_others(self, example: Reading) -> Iterator[Statement]:
        """The statements that no statement of the example is like, with the numbers of their frames."""
        own = set(map(_find_words, example.statements))
        for words, (number, statement) in sorted(self.said.items(), key=lambda item: item[1][0]):
            if words not in own:
                yield replace(statement, where=f"frame {number}: {statement.where}")


def show_one_picture(likeness: Sequence[float]) -> bool:
    """Step 2: whether pairs of neighbours, as far as they could be compared, are alike enough for a sequence."""
    alike = sum(value >= _LIKENESS for value in likeness)
    return bool(likeness) and alike >= _SHARE_ALIKE * len(likeness)


AssetRow = tuple[Location, str, Reading]
"""Where, the change key, and what was read."""


@dataclass(slots=True)
class SequenceAssembler:
    """Collects the readings of numbered files as they come, in any order, and decides what they make."""

    files: NumberedFiles
    zone: Zone
    lost: set[int] = field(default_factory=set)
    """Numbers of frames that are there and could not be read."""
    _frames: dict[bytes, _SequenceFrame] = field(default_factory=dict)
    _counts: collections.Counter[_FrameKind] = field(default_factory=collections.Counter)
    _manifest_bytes: int = 0
    _types: set[str] = field(default_factory=set)
    _keeps_statements: bool = True
    _words: dict[_FrameKind, _KindWords] = field(default_factory=dict)
    _numbers: dict[bytes, int] = field(init=False)
    _by_name: dict[bytes, tuple[int, FoundFile]] = field(init=False)

    def __post_init__(self) -> None:
        self._numbers = {}
        self._by_name = {}
        for number, file in self.files.frames:
            self._numbers[file.path] = number
            self._by_name[file.relative] = (number, file)

    def add(self, file: FoundFile, reading: Reading, contents: Contents = _UNKNOWN) -> None:
        """Take in one frame."""
        self._types.update(contents.types)
        self._keeps_statements &= contents.keeps_statements
        kind = _kind_of(reading)
        self._manifest_bytes += sum(map(len, reading.manifests))
        if self._manifest_bytes > _MANIFEST_BYTES_KEPT:
            reading = replace(reading, manifests=())
        settings = hash(tuple(row.used for row in reading.evidence))
        number = self._numbers[file.path]
        words = self._words.setdefault(kind, _KindWords()).add(number, reading)
        frame = _SequenceFrame(number, file, kind, reading.asset, settings, words)
        self._counts[kind] += 1
        if self._counts[kind] <= _READINGS_KEPT:
            frame.reading = reading
        self._frames[file.path] = frame

    def describe_contents(self, location: Location) -> Contents:
        """What the files behind one of the rows consist of, and whether everything that they say is kept."""
        if location.frames is not None:
            keeps_all = self._words[_most_common_kind(self._in_order())].is_complete
        else:
            frame = self._frames[self._by_name[location.path_bytes][1].path]
            # Without a reading of its own it has that of another of its kind, which may say something else.
            keeps_all = frame.reading is not None or frame.words == self._find_example(frame.kind).words
        return Contents(tuple(sorted(self._types)), (), self._keeps_statements and keeps_all)

    def lose(self, file: FoundFile) -> None:
        """Note a frame that is there and could not be read."""
        self.lost.add(self._numbers[file.path])

    @property
    def complete(self) -> bool:
        """Whether every frame has come, or is known not to."""
        return len(self._frames) + len(self.lost) == len(self.files.frames)

    @property
    def may_be_sequence(self) -> bool:
        """Whether headers and marks allow a sequence; then its pictures decide."""
        frames = self._in_order()
        return bool(frames) and self._is_alike(frames, _most_common_kind(frames))

    @property
    def can_be_compared(self) -> bool:
        """Whether something here decodes its frames. Where nothing does, headers and marks alone decide."""
        media_type = str(_most_common_kind(self._in_order())[0])
        return types.find_type(media_type).decoder is not None

    def neighbours(self) -> tuple[tuple[bytes, bytes], ...]:
        """Paths of pairs of neighbouring frames to compare, spread over the candidate."""
        frames = self._in_order()
        pairs = list(itertools.pairwise(frames))
        count = min(len(pairs), _PAIRS_COMPARED)
        chosen = []
        for number in range(count):
            # From the first pair to the last: what was added at the end must be seen as well.
            one, other = pairs[number * (len(pairs) - 1) // max(1, count - 1)]
            chosen.append((one.file.path, other.file.path))
        return tuple(chosen)

    def rows(self, *, is_sequence: bool) -> Iterator[AssetRow]:
        """One row for the sequence and for each frame that differs; or one for each frame."""
        frames = self._in_order()
        if is_sequence:
            yield from self._sequence_rows(frames, _most_common_kind(frames))
        else:
            for frame in frames:
                yield self._frame_row(frame)

    def files_behind(self, location: Location) -> tuple[tuple[int, FoundFile], ...]:
        """Numbers and files of the frames behind one of the rows."""
        if location.frames is None:
            return (self._by_name[location.path_bytes],)
        return tuple(frame for frame in self.files.frames if frame[1].path in self._frames)

    def _in_order(self) -> list[_SequenceFrame]:
        return [self._frames[file.path] for _, file in self.files.frames if file.path in self._frames]

    def _is_alike(self, frames: list[_SequenceFrame], common: _FrameKind) -> bool:
        """Step 1: whether headers and marks are those of a sequence."""
        media_type = common[0]
        alike = sum(frame.kind[:3] == common[:3] for frame in frames)
        if media_type in FILM_FRAMES.media_types:
            return alike >= _FEWEST_FILM_FRAMES
        has_no_gap = frames[-1].number - frames[0].number == len(frames) - 1
        is_enough = media_type in STILL_FRAMES.media_types and alike >= _FEWEST_STILL_FRAMES
        return is_enough and has_no_gap and self._is_from_one_writer(frames, common)

    def _is_from_one_writer(self, frames: list[_SequenceFrame], common: _FrameKind) -> bool:
        """Whether one program wrote them all with one set of settings, and no camera."""
        example = self._example(common)
        exif_keys = {statement.key for statement in example.statements if statement.carrier == "exif"}
        is_captured = any(row.origin is Origin.CAPTURED for row in example.evidence)
        if is_captured or {"Make", "Model"} <= exif_keys:
            return False
        makers = {(frame.asset.writer, frame.settings) for frame in frames if frame.kind == common}
        return len(makers) == 1

    def _example(self, kind: _FrameKind) -> Reading:
        """A kept reading of that kind."""
        reading = self._find_example(kind).reading
        assert reading is not None
        return reading

    def _find_example(self, kind: _FrameKind) -> _SequenceFrame:
        """A frame of that kind with its own reading. The first one always has it."""
        for frame in self._frames.values():
            if frame.kind == kind and frame.reading is not None:
                return frame
        raise KeyError(kind)

    def _whole_reading(self, frame: _SequenceFrame) -> Reading:
        # The manifest of another frame says nothing about this one.
        return frame.reading or replace(self._example(frame.kind), asset=frame.asset, manifests=())

    def _frame_row(self, frame: _SequenceFrame, sequence: str | None = None) -> AssetRow:
        file = frame.file
        location = Location(file.root, file.shown, file.relative, self.zone)
        if sequence:
            location = replace(location, frame=frame.number, sequence=sequence)
        return location, file.change_key, self._whole_reading(frame)

    def _sequence_rows(self, frames: list[_SequenceFrame], common: _FrameKind) -> Iterator[AssetRow]:
        first, last = frames[0], frames[-1]
        present = NumberedFiles(tuple((frame.number, frame.file) for frame in frames))
        # A frame that is there and could not be read is not a gap; it has a row of its own that says so.
        here = {frame.number for frame in frames} | self.lost
        missing = tuple(number for number in range(first.number, last.number) if number not in here)
        numbers = (first.number, last.number)
        location = Location(first.file.root, present.shown, present.relative, self.zone, numbers, missing)
        alike, odd = [], []
        for frame in frames:
            if frame.kind == common:
                alike.append(frame)
            else:
                odd.append(frame)
        example = alike[0]
        asset = _sequence_asset(frames, example.asset)
        digests = b"".join(map(_get_raw_digest, frames))
        reading = replace(self._whole_reading(example), asset=asset, frame_digests=digests)
        # One reading stands for all. What others say besides is kept with it: a signal of tomorrow may know the words.
        others = self._words[common].list_others(reading)
        yield location, present.change_key, replace(reading, statements=(*reading.statements, *others))
        for frame in odd:
            yield self._frame_row(frame, present.shown)


def _most_common_kind(frames: list[_SequenceFrame]) -> _FrameKind:
    return collections.Counter(frame.kind for frame in frames).most_common(1)[0][0]


def _get_raw_digest(frame: _SequenceFrame) -> bytes:
    return bytes.fromhex(frame.asset.digest.removeprefix("sha256:"))


def _sequence_asset(frames: Iterable[_SequenceFrame], example: Asset) -> Asset:
    """The identity of a sequence: SHA-256 and XXH128 over its frames' raw digests in order."""
    sha, xxh, size = hashlib.sha256(), xxhash.xxh3_128(), 0
    for frame in frames:
        sha.update(_get_raw_digest(frame))
        xxh.update(bytes.fromhex(frame.asset.xxh128))
        size += frame.asset.size
    return replace(example, digest=f"sha256:{sha.hexdigest()}", xxh128=xxh.hexdigest(), size=size)
