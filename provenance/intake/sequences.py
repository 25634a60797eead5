"""Frame sequences: numbered files that are one asset.

Runs are proposed by name; whether a run is a sequence is decided by what its frames turn out to be. EXR, DPX and TIFF
make one from 8 frames of one size on, gaps allowed. PNG and JPEG only from 24 gapless frames of one size and one
writer, and never when a camera wrote them: camera stills are numbered too.
"""

from __future__ import annotations

import collections
import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import xxhash

from provenance.intake.walk import FoundFile
from provenance.model.asset import Asset, Location, Reading
from provenance.model.vocabulary import Origin, Zone

_NUMBERED = re.compile(rb"(.*?)(\d{1,12})(\.[A-Za-z0-9]{2,5})", re.DOTALL)
_FILM_SUFFIXES = frozenset({b".exr", b".dpx", b".cin", b".tif", b".tiff", b".jp2", b".j2c", b".j2k"})
_STILL_SUFFIXES = frozenset({b".png", b".jpg", b".jpeg"})
_FILM = frozenset({"image/x-exr", "image/x-dpx", "image/x-cineon", "image/tiff", "image/jp2", "image/x-j2c"})
_STILL = frozenset({"image/png", "image/jpeg"})
_FEWEST = 8
_FEWEST_STILLS = 24
_WIDEST_GAP = 1000
"""Numbers further apart than this belong to two sequences."""
_KEPT_WHOLE = 256
"""Readings kept for each kind of frame; of further ones only digests and sizes are, so that memory stays flat."""


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
        return name_sequence([found.shown for _, found in self.frames])

    @property
    def relative(self) -> bytes:
        """The name of the sequence in the catalogue."""
        folder = os.path.dirname(self.frames[0][1].relative)
        return os.path.join(folder, os.fsencode(self.shown.rsplit("/", 1)[-1]))

    @property
    def mark(self) -> str:
        """One mark for all frames."""
        return hashlib.sha256("|".join(found.mark for _, found in self.frames).encode()).hexdigest()


def name_sequence(shown: list[str]) -> str:
    """The name of a sequence from the shown names of its first and last frame."""
    first, last = shown[0], shown[-1]
    match = re.fullmatch(r"(.*?)(\d+)(\.[A-Za-z0-9]+)", first, re.DOTALL)
    end = re.fullmatch(r"(.*?)(\d+)(\.[A-Za-z0-9]+)", last, re.DOTALL)
    assert match
    assert end
    return f"{match[1]}[{match[2]}-{end[2]}]{match[3]}"


def group_numbered(folder: list[FoundFile]) -> Iterator[FoundFile | NumberedFiles]:
    """The files of one folder, those that may be a sequence taken together, in order of their first name."""
    groups: dict[tuple[bytes, bytes], list[tuple[bytes, FoundFile]]] = {}
    for found in folder:
        match = _NUMBERED.fullmatch(found.name)
        if match and match[3].lower() in _FILM_SUFFIXES | _STILL_SUFFIXES and not found.sidecars:
            groups.setdefault((match[1], match[3]), []).append((match[2], found))
    taken = {found.shown for found in folder}
    run_of: dict[bytes, NumberedFiles] = {}
    for (_, suffix), numbered in groups.items():
        fewest, widest = (_FEWEST_STILLS, 1) if suffix.lower() in _STILL_SUFFIXES else (_FEWEST, _WIDEST_GAP)
        for run in _runs(numbered, fewest, widest):
            if run.shown not in taken:  # no two rows may have one path
                run_of.update({found.path: run for _, found in run.frames})
    told: set[int] = set()
    for found in folder:
        whole = run_of.get(found.path)
        if whole is None:
            yield found
        elif id(whole) not in told:
            told.add(id(whole))
            yield whole


def _runs(numbered: list[tuple[bytes, FoundFile]], fewest: int, widest: int) -> Iterator[NumberedFiles]:
    """Runs of at least `fewest` frames with one way of padding and no step wider than `widest`."""
    padded = collections.Counter(len(digits) for digits, _ in numbered if digits.startswith(b"0"))
    pad = padded.most_common(1)[0][0] if padded else 0
    fitting = [(int(digits), found) for digits, found in numbered
               if len(digits) == pad or (len(digits) > pad and not digits.startswith(b"0"))]  # fmt: skip
    frames = sorted(fitting, key=lambda frame: frame[0])
    start = 0
    for i in range(1, len(frames) + 1):
        if i == len(frames) or frames[i][0] - frames[i - 1][0] > widest:
            if i - start >= fewest:
                yield NumberedFiles(tuple(frames[start:i]))
            start = i


_FrameKind = tuple[object, ...]


def _kind(reading: Reading) -> _FrameKind:
    """What must be alike in neighbours: type, size, and what was found and not found."""
    asset = reading.asset
    return (
        asset.media_type, asset.width, asset.height,
        tuple((row.signal, row.carrier, row.origin, row.standing, row.tool) for row in reading.evidence),
        tuple((row.binding, row.signature, row.trust, row.time, row.signer) for row in reading.credentials),
        tuple((row.stage, row.cause) for row in reading.troubles),
    )  # fmt: skip


@dataclass(slots=True)
class _SequenceFrame:
    number: int
    found: FoundFile
    kind: _FrameKind
    asset: Asset
    reading: Reading | None


AssetRow = tuple[Location, str, Reading]
"""Where, the mark of size and times, and what was read."""


@dataclass(slots=True)
class SequenceAssembler:
    """Collects the readings of a run as they come, in any order, and tells what they make."""

    run: NumberedFiles
    zone: Zone
    lost: set[int] = field(default_factory=set)
    """Numbers of frames that are there and could not be read."""
    _frames: dict[bytes, _SequenceFrame] = field(default_factory=dict)
    _kept: collections.Counter[_FrameKind] = field(default_factory=collections.Counter)
    _numbers: dict[bytes, int] = field(init=False)
    _by_name: dict[bytes, tuple[int, FoundFile]] = field(init=False)

    def __post_init__(self) -> None:
        self._numbers = {found.path: number for number, found in self.run.frames}
        self._by_name = {frame[1].relative: frame for frame in self.run.frames}

    def add(self, found: FoundFile, reading: Reading) -> None:
        """Take in one frame."""
        kind = _kind(reading)
        self._kept[kind] += 1
        whole = reading if self._kept[kind] <= _KEPT_WHOLE else None
        self._frames[found.path] = _SequenceFrame(self._numbers[found.path], found, kind, reading.asset, whole)

    def lose(self, found: FoundFile) -> None:
        """A frame is there and could not be read."""
        self.lost.add(self._numbers[found.path])

    @property
    def complete(self) -> bool:
        """Whether every frame has come, or is known not to."""
        return len(self._frames) + len(self.lost) == len(self.run.frames)

    def rows(self) -> Iterator[AssetRow]:
        """One row for each sequence and for each frame that differs or stands alone."""
        frames = [self._frames[found.path] for _, found in self.run.frames if found.path in self._frames]
        if not frames:
            return
        common = collections.Counter(frame.kind for frame in frames).most_common(1)[0][0]
        if self._is_sequence(frames, common):
            yield from self._sequence(frames, common)
        else:
            yield from (self._single(frame) for frame in frames)

    def files(self, location: Location) -> tuple[tuple[int, FoundFile], ...]:
        """Numbers and files of the frames behind one of the rows."""
        if location.frames is None:
            return (self._by_name[location.path_bytes],)
        return tuple(frame for frame in self.run.frames if frame[1].path in self._frames)

    def _is_sequence(self, frames: list[_SequenceFrame], common: _FrameKind) -> bool:
        media_type = common[0]
        alike = sum(frame.kind[:3] == common[:3] for frame in frames)
        if media_type in _FILM:
            return alike >= _FEWEST
        gapless = frames[-1].number - frames[0].number == len(frames) - 1
        return media_type in _STILL and alike >= _FEWEST_STILLS and gapless and self._one_writer(frames, common)

    def _one_writer(self, frames: list[_SequenceFrame], common: _FrameKind) -> bool:
        """Whether one program wrote them all, and no camera."""
        example = self._example(common)
        said = {statement.key for statement in example.statements if statement.carrier == "exif"}
        camera = {"Make", "Model"} <= said or any(row.origin is Origin.CAPTURED for row in example.evidence)
        return not camera and len({frame.asset.writer for frame in frames if frame.kind == common}) == 1

    def _example(self, kind: _FrameKind) -> Reading:
        return next(f.reading for f in self._frames.values() if f.kind == kind and f.reading is not None)

    def _whole(self, frame: _SequenceFrame) -> Reading:
        return frame.reading or replace(self._example(frame.kind), asset=frame.asset)

    def _single(self, frame: _SequenceFrame, sequence: str | None = None) -> AssetRow:
        found = frame.found
        location = Location(found.root, found.shown, found.relative, self.zone,
                            frame=frame.number if sequence else None, sequence=sequence)  # fmt: skip
        return location, found.mark, self._whole(frame)

    def _sequence(self, frames: list[_SequenceFrame], common: _FrameKind) -> Iterator[AssetRow]:
        first, last = frames[0], frames[-1]
        run = NumberedFiles(tuple((frame.number, frame.found) for frame in frames))
        here = {frame.number for frame in frames} | self.lost
        missing = tuple(number for number in range(first.number, last.number) if number not in here)
        numbers = (first.number, last.number)
        location = Location(first.found.root, run.shown, run.relative, self.zone, numbers, missing)
        example = next(frame for frame in frames if frame.kind == common)
        yield location, run.mark, replace(self._whole(example), asset=_joined_asset(frames, example.asset))
        yield from (self._single(frame, run.shown) for frame in frames if frame.kind != common)


def _joined_asset(frames: Iterable[_SequenceFrame], example: Asset) -> Asset:
    """The identity of a sequence: SHA-256 and XXH128 over its frames' raw digests in order."""
    sha, xxh, size = hashlib.sha256(), xxhash.xxh3_128(), 0
    for frame in frames:
        sha.update(bytes.fromhex(frame.asset.digest.removeprefix("sha256:")))
        xxh.update(bytes.fromhex(frame.asset.xxh128))
        size += frame.asset.size
    return replace(example, digest=f"sha256:{sha.hexdigest()}", xxh128=xxh.hexdigest(), size=size)
