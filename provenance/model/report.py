"""All that a run has to say, and everything that it depends on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from provenance.model.evidence import Trouble
from provenance.model.finding import Case, Finding, Use


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
class SearchScope:
    """How much known material a run compared the deliverables with."""

    known: int
    """Assets that the catalogue knows besides those that were scanned."""
    pictures: int
    """Generated or possibly generated still pictures that were searched for; `clips` and `sounds` likewise."""
    clips: int
    sounds: int


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
    searched: SearchScope | None = None
    """None when no search was made, or when it is not known."""


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
