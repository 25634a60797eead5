"""What a worker can be asked to do, and what it answers: plain data, so that any engine can carry it.

Every job names the file that it opens (`path`), how many bytes it reads (`size`, for its deadline), and whether it
decodes pictures or sound (`decodes`, which takes longer). Paths and names are bytes, as the file system has them.
"""

from __future__ import annotations

import copyreg
import enum
import math
import operator
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any, ClassVar

from provenance.matching.search_index import SearchIndex
from provenance.media.types import is_indexed
from provenance.model.asset import Asset, Cutout, FileState, Fingerprint, FingerprintLevel, Reading
from provenance.model.declaration import Sheet
from provenance.model.evidence import Credential, Evidence, Statement, Trouble
from provenance.model.match import Match
from provenance.model.value import value
from provenance.timeline.interface import Cut, CutOptions
from provenance.timeline.packages.interface import FileList
from provenance.units import format_short_clock

Frames = tuple[tuple[int, bytes], ...]
"""Numbers and paths of the frames of a sequence, in order."""

_RANGE_SECONDS = 60.0
"""Seconds of a movie that one worker searches: long enough to outweigh entering the file, short enough to share."""
_LONGEST_RANGE = 120.0
"""Seconds of one range that count for its deadline: a file may state any length."""
_MOST_RANGES = 240
"""Ranges of one movie; four hours of 60 s. Those of longer movies are longer."""
_RANGE_FRAMES = 500
"""Frames of a sequence that one worker searches; of sequences with more than `_MOST_RANGES` times as many, more."""


class Thumbnails(enum.Enum):
    """Which files get a thumbnail."""

    NONE = enum.auto()
    FLAGGED = enum.auto()
    """Those with a mark of generation: what people will want to look at."""
    ALL = enum.auto()


@value
class ReadFile:
    """Read one file whole: digest, statements, evidence, embedded files, and fingerprints if they are wanted."""

    path: bytes
    size: int
    sidecars: tuple[bytes, ...] = ()
    """Names of files in the same folder that speak of this one."""
    sidecar_for: bytes | None = None
    """For a sidecar: the name of the file it speaks of. Its words are read with that file, not with itself."""
    thumbnails: Thumbnails = Thumbnails.NONE
    level: FingerprintLevel = FingerprintLevel.NONE
    """How much is kept to find it again; of what turns out to be generated everything, unless nothing is wanted."""
    algorithms: tuple[str, ...] = ()
    """Further algorithms by which it is digested, because a list of files asks for them."""
    labels: bool = False
    """Whether text that stands in its pictures is looked for."""

    @property
    def decodes(self) -> bool:
        """Whether pictures or sound may be decoded."""
        return self.labels or self.level is not FingerprintLevel.NONE

    @property
    def without_decoding(self) -> ReadFile:
        """The same without anything that decodes: what is tried when decoding has cost a worker."""
        return replace(self, thumbnails=Thumbnails.NONE, level=FingerprintLevel.NONE, labels=False)


@value
class FingerprintFrames:
    """Take the fingerprint of a frame sequence, or of single frames that turned out to be no sequence.

    Or look for labels in their pictures, or both.
    """

    frames: Frames
    size: int
    digest: str
    """Of the whole asset, as in every job below: `sha256:<hex>`."""
    level: FingerprintLevel
    labels: bool = False
    decodes: ClassVar[bool] = True

    @property
    def path(self) -> bytes:
        """The first frame."""
        return self.frames[0][1]


@value
class FileSearch:
    """What every search of one file names; the jobs below say what in it is searched."""

    path: bytes
    size: int
    digest: str
    index: SearchIndex
    """The known material that is searched for."""
    decodes: ClassVar[bool] = True


@value
class ScanPicture(FileSearch):
    """Search a still picture, or an animation in one picture file."""


@value
class ScanRange(FileSearch):
    """Search a range of a movie."""

    start: float = 0.0
    end: float = math.inf
    """Seconds from the first frame, `end` exclusive."""
    seconds: float = 0.0
    """Of the movie in this range, as far as that is known and can be believed."""


@value
class ScanAudio(FileSearch):
    """Search all audio tracks of a file for known sounds."""


@value
class ScanEmbedded(FileSearch):
    """Search the pictures and sounds inside a container: an archive, a document, a PDF."""


@value
class ScanFrames:
    """Search a frame sequence, or a range of one."""

    frames: Frames
    size: int
    digest: str
    index: SearchIndex
    first: Frames = ()
    """The first frame of the whole sequence, from which times count, for a range that begins later."""
    decodes: ClassVar[bool] = True

    @property
    def path(self) -> bytes:
        """The first frame."""
        return self.frames[0][1]


@value
class CompareFrames:
    """Compare the pictures of neighbouring frames, which tells whether numbered files show one moving picture."""

    pairs: tuple[tuple[bytes, bytes], ...]
    size: int
    decodes: ClassVar[bool] = True

    @property
    def path(self) -> bytes:
        """The first frame."""
        return self.pairs[0][0]


@value
class ReadCuts:
    """Read the cuts of one cut list."""

    path: bytes
    size: int
    options: CutOptions
    decodes: ClassVar[bool] = False


@value
class ReadFileList:
    """Read a list of files: an asset map, a packing list, an MHL."""

    path: bytes
    size: int
    decodes: ClassVar[bool] = False


@value
class HashFile:
    """Digest a file by some algorithms, and nothing else."""

    path: bytes
    size: int
    algorithms: tuple[str, ...]
    decodes: ClassVar[bool] = False


@value
class ReadTable:
    """Read the tables of a file in which a person keeps a part of the register."""

    path: bytes
    size: int
    decodes: ClassVar[bool] = False


@value
class DeriveEvidence:
    """Derive evidence from the statements of stored readings. Opens no file."""

    path: bytes
    """Of the first of them."""
    readings: tuple[Reading, ...]
    size: ClassVar[int] = 0
    decodes: ClassVar[bool] = False


SearchJob = ScanPicture | ScanRange | ScanFrames | ScanAudio | ScanEmbedded
Job = (
    ReadFile
    | CompareFrames
    | FingerprintFrames
    | ReadCuts
    | ReadFileList
    | HashFile
    | ReadTable
    | DeriveEvidence
    | SearchJob
)


@value
class EmbeddedAsset:
    """A file found inside a file."""

    place: str
    """`b.psd!layer 3`, unique within the outermost file."""
    parent: str
    """The place of the file that holds it; empty for the outermost file itself."""
    reading: Reading


@value
class Contents:
    """What a file consists of, as far as that decides what takes part in reading it."""

    types: tuple[str, ...] = ()
    """Sniffed media types of the file and of everything inside, sorted; empty when it was only digested."""
    sidecars: tuple[str, ...] = ()
    """Endings of the names of its sidecars, in lower case, sorted."""
    keeps_statements: bool = True
    """False when a file inside is no row although it contains statements, because they mean nothing today."""


@value
class FileRead:
    """Answer to `ReadFile`."""

    reading: Reading
    state: FileState
    """Size and times of the file that was really read."""
    embedded: tuple[EmbeddedAsset, ...] = ()
    contents: Contents = Contents()


@value
class FramesCompared:
    """Answer to `CompareFrames`."""

    likeness: tuple[float, ...]
    """Of each pair that could be decoded: 1 for the same picture, 0 for two that have nothing in common."""


@value
class FramesFingerprinted:
    """Answer to `FingerprintFrames`."""

    fingerprints: tuple[Fingerprint, ...]
    troubles: tuple[Trouble, ...]
    statements: tuple[Statement, ...] = ()
    """On labels, as the two that follow."""
    evidence: tuple[Evidence, ...] = ()
    cutouts: tuple[Cutout, ...] = ()


@value
class Searched:
    """Known material found in one content, and what stood in the way of the search."""

    digest: str
    matches: tuple[Match, ...] = ()
    troubles: tuple[Trouble, ...] = ()


@value
class ContentSearched:
    """Answer to a search job: one result for the content itself, or one for each file inside a container."""

    results: tuple[Searched, ...]
    state: FileState
    """Size and times of the file that was really searched."""


@value
class CutsRead:
    """Answer to `ReadCuts`."""

    digest: str
    """`sha256:<hex>` of the file."""
    cuts: tuple[Cut, ...]
    troubles: tuple[Trouble, ...]


@value
class FileListRead:
    """Answer to `ReadFileList`."""

    list: FileList | None
    """None for a file that is no such list, or cannot be read."""
    troubles: tuple[Trouble, ...]


@value
class FileHashed:
    """Answer to `HashFile`."""

    hashes: tuple[str, ...]
    """`md5:<hex>`, sorted by algorithm."""
    state: FileState


@value
class TableRead:
    """Answer to `ReadTable`."""

    sheets: tuple[Sheet, ...]
    troubles: tuple[Trouble, ...]


@value
class EvidenceDerived:
    """Answer to `DeriveEvidence`: the same readings in the same order, with the evidence of today's signals."""

    readings: tuple[Reading, ...]


Outcome = (
    FileRead
    | FramesCompared
    | FramesFingerprinted
    | ContentSearched
    | CutsRead
    | FileListRead
    | FileHashed
    | TableRead
    | EvidenceDerived
    | Trouble
)
"""What comes of a job; a Trouble alone when there is nothing to make a row of."""


def split_movie(path: bytes, size: int, asset: Asset, index: SearchIndex) -> list[ScanRange]:
    """The ranges of a movie, the last one open-ended: the length that a file states may be wrong.

    A movie that cannot be entered in its middle is one range.
    """
    count = 1
    if asset.duration and is_indexed(asset.media_type):
        count = min(max(math.ceil(asset.duration / _RANGE_SECONDS), 1), _MOST_RANGES)
    length = (asset.duration or 0.0) / count
    starts = [number * length for number in range(count)]
    ends = [*starts[1:], math.inf]
    share = size // count
    seconds = min(length, _LONGEST_RANGE)
    ranges = zip(starts, ends, strict=True)
    return [ScanRange(path, share, asset.digest, index, start, end, seconds) for start, end in ranges]


def split_sequence(frames: Frames, size: int, digest: str, index: SearchIndex) -> list[ScanFrames]:
    """The ranges of a frame sequence; each frame is in one of them."""
    length = max(_RANGE_FRAMES, math.ceil(len(frames) / _MOST_RANGES))
    jobs = []
    for start in range(0, len(frames), length):
        part = frames[start : start + length]
        first = frames[:1] if start else ()
        jobs.append(ScanFrames(part, size * len(part) // len(frames), digest, index, first))
    return jobs


def locate_trouble(job: SearchJob, trouble: Trouble) -> Trouble:
    """A trouble that says which range of a movie it is about: `1:00 to 2:00: …`."""
    if not isinstance(job, ScanRange) or (job.start == 0 and job.end == math.inf):
        return trouble
    end = "its end" if job.end == math.inf else format_short_clock(job.end)
    return replace(trouble, detail=f"{format_short_clock(job.start)} to {end}: {trouble.detail}")


def change_paths(job: Job, change: Callable[[bytes], bytes]) -> Job:
    """The same job on files of other paths: those that `change` gives for each path in it."""
    if isinstance(job, FingerprintFrames):
        return replace(job, frames=_change_frames(job.frames, change))
    if isinstance(job, ScanFrames):
        return replace(job, frames=_change_frames(job.frames, change), first=_change_frames(job.first, change))
    if isinstance(job, CompareFrames):
        return replace(job, pairs=tuple([(change(one), change(other)) for one, other in job.pairs]))
    return replace(job, path=change(job.path))


def _change_frames(frames: Frames, change: Callable[[bytes], bytes]) -> Frames:
    return tuple([(number, change(path)) for number, path in frames])


def _carry_by_position(kind: type[Any]) -> None:
    """Pickle the fields of a dataclass in their order; what `dataclasses` does by itself takes three times as long."""
    get_fields = operator.attrgetter(*map(operator.attrgetter("name"), fields(kind)))

    def reduce(value: object) -> tuple[type[Any], tuple[object, ...]]:
        return kind, get_fields(value)

    copyreg.pickle(kind, reduce)


_ASSET_FIELDS = len(fields(Asset))
_get_asset = operator.attrgetter(*(f"reading.asset.{field.name}" for field in fields(Asset)))
_get_state = operator.attrgetter(*(f"state.{field.name}" for field in fields(FileState)))
_get_read = operator.attrgetter(*(field.name for field in fields(FileRead)))


def _reduce_read(read: FileRead) -> tuple[Callable[..., FileRead], tuple[object, ...]]:
    """Pickle what a file that says nothing gives as one row of cells: most files are like that."""
    if read.embedded or not read.reading.is_silent:
        return FileRead, _get_read(read)
    return _make_silent_read, (read.contents, *_get_asset(read), *_get_state(read))


def _make_silent_read(contents: Contents, *cells: Any) -> FileRead:  # noqa: ANN401 - the fields of two classes
    asset, state = Asset(*cells[:_ASSET_FIELDS]), FileState(*cells[_ASSET_FIELDS:])
    return FileRead(Reading(asset), state, (), contents)


copyreg.pickle(FileRead, _reduce_read)
for _kind in (
    ReadFile,
    Contents,
    FileState,
    Reading,
    Asset,
    Statement,
    Evidence,
    Credential,
    Fingerprint,
    Trouble,
):
    _carry_by_position(_kind)
