"""The values that travel through the program: frozen, typed, made of the standard library alone.

One look at one file gives a `Reading`; readings are stored by the catalogue, joined with matches and uses, judged into
`Finding`s and printed as one `Report`. The words are those of the contract: what a script reads in the JSON output is a
field of one of these classes.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping
from dataclasses import dataclass, field


class Origin(enum.StrEnum):
    """What an asset is known to be. `UNKNOWN` means no evidence, never "clean"."""

    GENERATED = "generated"
    PARTLY_GENERATED = "partly-generated"
    POSSIBLY_GENERATED = "possibly-generated"
    ENHANCED = "enhanced"
    CAPTURED = "captured"
    CREATED = "created"
    UNKNOWN = "unknown"


AI_ORIGINS = frozenset({Origin.GENERATED, Origin.PARTLY_GENERATED})
"""Origins that say generative AI made the asset or a part of it."""

SUSPECT = frozenset({*AI_ORIGINS, Origin.POSSIBLY_GENERATED})
"""Origins of what is looked for in a deliverable when nothing else is asked for."""


class Standing(enum.StrEnum):
    """How far a statement can be believed, strongest first."""

    TRUSTED = "trusted"
    """Valid signature, binding intact, signer on a trust list."""
    SIGNED = "signed"
    """Valid signature by somebody who is on no trust list: anyone could have signed it."""
    BROKEN = "broken"
    """Signed once; the signature or the binding to these bytes no longer holds."""
    DECLARED = "declared"
    """A standard field says so; anyone can write or remove it."""
    TRACE = "trace"
    """A tool's own mark, left by its way of saving files."""
    INFERRED = "inferred"
    """Read out of the pixels or samples themselves."""
    MATCHED = "matched"
    """Found again by content."""


class About(enum.StrEnum):
    """Of what a statement speaks, seen from the asset that carries it."""

    ASSET = "asset"
    PARENT = "parent"
    """The one thing this asset was derived from."""
    COMPONENT = "component"
    """Something placed inside this asset."""
    INPUT = "input"
    """Something that was fed to a process; it need not show in the asset."""
    REMOVED = "removed"
    """Something that was placed and taken out again."""


class Cause(enum.StrEnum):
    """Why something could not be looked at."""

    UNREADABLE = "unreadable"
    MALFORMED = "malformed"
    OVERSIZED = "oversized"
    SLOW = "slow"
    CRASHED = "crashed"
    UNSUPPORTED = "unsupported"
    UNSTABLE = "unstable"
    NOT_INSTALLED = "not-installed"
    REMOTE = "remote"


class Severity(enum.StrEnum):
    """What a finding asks for: stop, look, know."""

    BLOCK = "block"
    REVIEW = "review"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """0 for the gravest; a lower rank outweighs a higher one."""
        return list(Severity).index(self)


class Zone(enum.StrEnum):
    """What a storage is used for."""

    EDITORIAL = "editorial"
    TEMP = "temp"
    ARCHIVE = "archive"
    REFERENCE = "reference"
    DELIVERABLE = "deliverable"


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing a file says, with the exact place where it is said. Text is kept as found, bounded only in length."""

    carrier: str
    """Name of the carrier that read it: `png`, `exif`, `c2pa` …"""
    where: str
    """The exact place, for a person: `tEXt chunk "parameters" at byte 33`."""
    key: str
    """The name under which it is said, in the carrier's own spelling: `parameters`, `UserComment`,
    `Iptc4xmpExt:DigitalSourceType`, `c2pa.created/digitalSourceType`."""
    value: str
    standing: Standing = Standing.DECLARED
    about: About = About.ASSET


@dataclass(frozen=True, slots=True)
class Used:
    """What went into a generated asset, as the mark tells it: legal asks which model, which references, which words."""

    prompt: str | None = None
    negative_prompt: str | None = None
    model: str | None = None
    adapters: tuple[str, ...] = ()
    """LoRAs and the like, by the names in the mark."""
    seed: str | None = None
    inputs: tuple[str, ...] = ()
    """Files that were fed in: pictures, masks, clips."""
    version: str | None = None
    """Of the tool."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a statement means for the origin of an asset."""

    signal: str
    carrier: str
    where: str
    origin: Origin
    standing: Standing
    tool: str | None
    """Name of the generator or camera, as the file gives it."""
    detail: str
    """One sentence for a person: what was read and why it counts."""
    used: Used | None = None


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why something could not be looked at. Never a pass, never an alarm: coverage."""

    path: str
    """As shown in the report; empty inside a `Reading`, filled in when the reading is given its place."""
    stage: str
    """Where it happened: `open`, `read`, the name of a carrier, `worker` …"""
    cause: Cause
    detail: str


@dataclass(frozen=True, slots=True)
class Credential:
    """The four C2PA facts of one manifest store. They are told apart because one does not imply another."""

    where: str
    """`embedded`, the name of a sidecar, or `remote`."""
    binding: str
    """Do these bytes belong to it: `intact`, `broken`, `missing`, `unknown`."""
    signature: str
    """Is the claim as it was signed: `valid`, `broken`, `missing`, `unknown`."""
    trust: str
    """Is the signer on a trust list: `trusted`, `untrusted`, `revoked`, `unknown`."""
    time: str
    """Was the certificate in force: `inside`, `expired`, `not-yet`, `unknown`; `stamped` with a trusted time stamp."""
    list: str | None
    """The trust list that names the signer."""
    signer: str | None
    remote_url: str | None = None
    codes: tuple[str, ...] = ()
    """Validation codes as the C2PA library gives them, failures first."""


@dataclass(frozen=True, slots=True)
class Asset:
    """Identity and shape of one piece of content. The same bytes at two paths are one asset."""

    digest: str
    """`sha256:<hex>` of the bytes; of a sequence: over its frames' raw digests in order."""
    xxh128: str
    size: int
    media_type: str
    """Sniffed from content, never from the name."""
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    """Seconds."""
    writer: str | None = None
    """Program or device that wrote the file, as it says itself; tells frame sequences from camera stills."""


class Depth(enum.StrEnum):
    """How much of a fingerprint is taken."""

    NONE = "none"
    LIGHT = "light"
    FULL = "full"


CODES = {"picture": 1, "video": 1, "audio": 1}
"""Versions of the fingerprints of each method; others are not compared."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Compact code by which content is found again after every mark is gone."""

    method: str
    """`picture`, `video` or `audio`."""
    version: int
    """Of the code; other versions are not compared."""
    data: bytes
    """Self-described; only the maker of the method reads it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """All that one look at one file gave; the only thing a worker returns."""

    asset: Asset
    statements: tuple[Statement, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    credentials: tuple[Credential, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    thumbnail: bytes | None = None
    """A JPEG of at most 20 kB, when an output needs one."""
    fingerprints: tuple[Fingerprint, ...] = ()
    """By which it is found again; stored apart."""
    matches: tuple[Match, ...] = ()
    """Known material found in it, when it was looked for."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """Size and times of a file; two different stamps mean that it was touched in between. Nanoseconds."""

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int


@dataclass(frozen=True, slots=True)
class Location:
    """Where an asset was seen."""

    root: str
    path: str
    """Relative to the root, always valid text, unique within it."""
    path_bytes: bytes
    """The true name, as the file system has it, relative to the root."""
    zone: Zone = Zone.EDITORIAL
    frames: tuple[int, int] | None = None
    """First and last number of a frame sequence."""
    missing: tuple[int, ...] = ()
    """Numbers of a sequence that are not there."""
    frame: int | None = None
    """Number of a frame that differs from the sequence it stands in."""
    sequence: str | None = None
    """Path of the sequence such a frame stands in."""
    parent: str | None = None
    """Path of the container that this asset was found in."""

    @property
    def is_text(self) -> bool:
        """Whether the true name is the shown one."""
        made_up = self.frames is not None or self.parent is not None
        return made_up or self.path.encode("utf-8") == self.path_bytes


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time in a file: seconds from its first frame, `end` exclusive.

    The timecodes have the start timecode of the file added.
    """

    start: float
    end: float
    timecode_in: str | None = None
    timecode_out: str | None = None


COPY, SHARES = "confirmed-copy", "shares-content"
"""Verdicts of a match: the same thing, or something that has part of its content."""


@dataclass(frozen=True, slots=True)
class Known:
    """A catalogued asset as a match names it."""

    digest: str
    path: str
    origin: Origin
    mark: Evidence | None = None
    """The strongest thing that it said of generation when it came in; None when it said nothing."""


@dataclass(frozen=True, slots=True)
class Match:
    """Known material found again in another asset."""

    known: Known
    method: str
    verdict: str
    time: Span | None
    known_time: Span | None
    score: float
    detail: str
    pictures: tuple[bytes, bytes] | None = None
    """Small JPEGs of the known asset and of where it was found, the found area outlined."""
    frames: tuple[int, int] | None = None
    """Numbers of the first and the last frame of a sequence in which it stands."""


@dataclass(frozen=True, slots=True)
class Appearance:
    """Known material at one place in which it was found."""

    location: Location
    match: Match
    vanished_at: str | None = None
    """When the place was last missed; None while it is there."""


@dataclass(frozen=True, slots=True)
class Use:
    """A source standing in a cut."""

    timeline: str
    track: str
    record_in: str
    record_out: str
    source: str
    source_in: str
    source_out: str
    digest: str | None
    resolved_by: str


Because = Evidence | Match | Use | Trouble


@dataclass(frozen=True, slots=True)
class Approval:
    """Somebody's written word that one piece of content may stand."""

    digest: str
    who: str
    reason: str
    reference: str
    """Where the approval itself is kept: a letter, a ticket, a clearance number."""
    expires: str
    """Last day on which it counts, `YYYY-MM-DD`."""
    added_at: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """One asset at one place with all that is known of it: what rules judge."""

    location: Location
    reading: Reading
    origin: Origin
    matches: tuple[Match, ...] = ()
    uses: tuple[Use, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule broken by one asset, with everything the claim rests on (never empty)."""

    rule: str
    severity: Severity
    path: str
    digest: str
    message: str
    remedy: str
    because: tuple[Because, ...]
    time: Span | None = None
    frame: int | None = None
    clause: str | None = None
    """The sentence of the client's guidance that the pack names for this rule."""
    waived_by: Approval | None = None
    """The approval in force that lets it stand."""
    expired_approval: Approval | None = None
    """The one that did, and counts no more."""
    root: str = ""
    """Where `path` starts; empty when that is not known."""

    def __post_init__(self) -> None:
        if not self.because:
            raise ValueError(f"finding {self.rule} on {self.path} rests on nothing")


@dataclass(frozen=True, slots=True)
class TrustList:
    """A dated list of certificates, by which a signer is trusted or not."""

    name: str
    issued: str
    """`YYYY-MM-DD`."""
    sha256: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class PolicyName:
    """Which rules judged: the pack's name and the digest of its text."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything that a report depends on besides the files."""

    roots: tuple[str, ...]
    policy: PolicyName
    trust_lists: tuple[TrustList, ...] = ()
    catalogue: str | None = None
    excluded: tuple[str, ...] = ()
    """Patterns that were left out by request."""
    ledger: str | None = None
    """Length and head of the catalogue's ledger after this run; `verify --head` holds the catalogue against it."""
    plugins: tuple[str, ...] = ()
    """Detectors of other people that were asked to take part: name, distribution and version."""
    excluded_nothing: tuple[str, ...] = ()
    """Patterns that were to be left out and matched nothing: perhaps misspelt."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much was looked at. `seen` = looked at + could not be looked at."""

    seen: int = 0
    looked_at: int = 0
    could_not: int = 0
    junk: int = 0
    """AppleDouble, .DS_Store and the like: counted, no assets."""
    skipped: int = 0
    """Links, pipes, sockets and devices: never opened."""
    left_alone: int = 0
    """Files of the same size and times as last time: not opened again."""
    excluded: int = 0


@dataclass(frozen=True, slots=True)
class Delta:
    """What changed since the run before; paths as shown."""

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    vanished: tuple[str, ...] = ()
    newly_generated: tuple[str, ...] = ()
    newly_found: tuple[str, ...] = ()
    """Known material in a deliverable in which it had not been found before: `path shows known path`."""


@dataclass(frozen=True, slots=True)
class Report:
    """All that a run has to say, joined and sorted once; formats only print it."""

    made_at: str
    """UTC, ISO 8601, ending in `Z`."""
    tool: str
    version: str
    inputs: Inputs
    coverage: Coverage
    cases: tuple[Case, ...] = ()
    findings: tuple[Finding, ...] = ()
    uses: tuple[Use, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    """Troubles that belong to no asset row: a file that vanished, a folder that could not be listed."""
    delta: Delta | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
    """Facts about the machine that a reader may need, such as the SQLite version."""

    @property
    def all_troubles(self) -> tuple[Trouble, ...]:
        """Troubles of every asset, then those that belong to none."""
        own = (trouble for case in self.cases for trouble in case.reading.troubles)
        return (*own, *self.troubles)


def placed(reading: Reading, path: str) -> Reading:
    """The same reading with its troubles told under the path where the file stands."""
    if not reading.troubles:
        return reading
    told = tuple(dataclasses.replace(trouble, path=path) for trouble in reading.troubles)
    return dataclasses.replace(reading, troubles=told)
