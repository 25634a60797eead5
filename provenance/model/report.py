"""The report of a run, and everything that it depends on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from provenance.model.cut import Timeline, Use
from provenance.model.debt import Debt
from provenance.model.evidence import Trouble, TrustList
from provenance.model.finding import Case, Finding
from provenance.model.value import value
from provenance.model.vocabulary import Severity


@value
class RuleName:
    """A rule as a report names it."""

    rule: str
    """Its id, as packs write it: `broken-credential`."""
    title: str
    finds_generated: bool = False
    """Whether it finds generated material."""
    is_regional: bool = False
    """Whether it serves the law of some territories alone."""
    but_where: str = ""
    """The conditions under which the policy asks it all the same: `zone: archive`; empty when it never does."""


@value
class PolicyName:
    """The policy that was applied: the pack, the digest of its text, and what it does not ask."""

    name: str
    sha256: str
    version: str = ""
    title: str = ""
    source: str = ""
    """The guidance that the pack turns into rules, and its date."""
    is_quoted: bool = False
    """Whether the clauses are the client's own words; else they are the pack's."""
    is_shipped: bool = False
    """Whether it is, byte for byte, a pack that comes with the program."""
    not_asked: tuple[RuleName, ...] = ()
    """The rules that the pack leaves out: nothing was asked about them."""


@value
class SearchScope:
    """The amount of known material with which a run compared the deliverables."""

    known: int
    """Assets in the catalogue, without those that were scanned."""
    pictures: int
    """Still pictures that were searched for; `clips` and `sounds` likewise."""
    clips: int
    sounds: int
    without_fingerprint: int = 0
    """Known assets that are or may be generated, and could not be searched for: they have no fingerprint."""
    is_all: bool = False
    """Whether everything known was searched for, not only what is or may be generated."""
    reference_works: int = 0
    """Works in the zone `reference` that were searched for as well, in deliverables and in generated material."""
    not_compared: int = 0
    """Contents that are or may be generated, and were not yet searched for all these works: they were not read here."""


@value
class ReadingRun:
    """A run that read what a report shows."""

    kind: str
    """`ingest`, `scan` or `nightly`."""
    on: str
    """The day on which it began, `YYYY-MM-DD`, UTC."""
    detail: str
    """The folders or storages that it read."""
    outcome: str
    """`done`, or how else it ended."""


@value
class Inputs:
    """Everything that a report depends on besides the files."""

    roots: tuple[str, ...]
    policy: PolicyName
    trust_lists: tuple[TrustList, ...] = ()
    catalogue: str | None = None
    excluded: tuple[str, ...] = ()
    """Exclude patterns that the user gave."""
    ledger: str | None = None
    """Length and head of the catalogue's ledger after this run, for `verify --head`."""
    plugins: tuple[str, ...] = ()
    """Third-party detectors that were switched on: name, distribution and version."""
    excluded_nothing: tuple[str, ...] = ()
    """Exclude patterns that matched nothing; they may be misspelt."""
    searched: SearchScope | None = None
    """None when there was no search, or when its scope is not known."""
    not_installed: tuple[str, ...] = ()
    """Optional components that are missing, each with what it is for."""
    runs: tuple[ReadingRun, ...] = ()
    """The runs in which the assets were read, newest first."""
    register: Mapping[str, int] | None = None
    """Entries of the register that count, by kind; empty when nothing is registered, None when nobody looked."""


@value
class Coverage:
    """Number of files that were checked: `seen` = `looked_at` + `could_not`."""

    seen: int = 0
    looked_at: int = 0
    could_not: int = 0
    junk: int = 0
    """AppleDouble, .DS_Store and the like: counted, but not assets."""
    skipped: int = 0
    """Links, pipes, sockets and devices: never opened."""
    left_alone: int = 0
    """Files with the same size and times as last time: not opened again."""
    excluded: int = 0
    looked_for_labels: tuple[int, int] | None = None
    """Shots and pictures in which text was looked for, and all of those; None when nobody asked for it."""
    left_for_next_night: int | None = None
    """Files not yet read, and contents not yet searched, when the time of the night was over; None without such a time.
    """


@value
class Move:
    """A content that was at one place and is at another; paths as shown."""

    old: str
    new: str


@value
class Absence:
    """A storage that was not looked at, so that nothing of it counts as vanished."""

    storage: str
    why: str


@value
class OpenFinding:
    """A finding that nobody has waived, as a list of changes names it."""

    path: str
    """Its place as shown: `out: reel 1.mov`."""
    rule: str
    severity: Severity
    message: str


@value
class Delta:
    """Changes since the run before, or since an earlier report; paths as shown.

    What is None was not compared.
    """

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    vanished: tuple[str, ...] = ()
    newly_generated: tuple[str, ...] = ()
    newly_found: tuple[str, ...] = ()
    """Known material in a deliverable where it was not found before: `path shows known path`."""
    since: str | None = None
    """When the earlier report was made, or the last finished night ended; None for the first."""
    moved: tuple[Move, ...] | None = None
    """The same bytes at another place; in neither `new` nor `vanished`."""
    newly_approved: tuple[str, ...] | None = None
    """Assets whose open findings an approval waives now."""
    resolved: tuple[str, ...] | None = None
    """Assets with open findings then and none now; those that are gone included."""
    unchanged: int | None = None
    """Number of assets with the same bytes at the same path."""
    absent: tuple[Absence, ...] | None = None
    """Storages that were not looked at."""
    newly_open: tuple[OpenFinding, ...] | None = None
    """Findings that are open, and were not in the last finished night."""
    newly_unchecked: tuple[Trouble, ...] | None = None
    """What could not be checked, and could be in the last finished night or was not there."""
    is_since_night: bool = False
    """Whether it counts from the last finished night, not from an earlier report."""


@value
class OtherVerdict:
    """The same evidence as a report, judged by another policy."""

    policy: PolicyName
    findings: tuple[Finding, ...]


@value
class Cover:
    """What the issuer writes on the cover of a report. Empty: not given, and then it is left out."""

    production: str = ""
    client: str = ""
    deliverable: str = ""
    issuer: str = ""
    """Who answers for the report: a person or a company."""
    number: str = ""
    """Under which the issuer keeps it."""


@value
class RegisterEntry:
    """A declaration about material of a report, as the register holds it."""

    kind: str
    """`tool`, `use`, `approval`, `consent`, `right` or `watch`."""
    id: str
    values: tuple[tuple[str, tuple[str, ...]], ...]
    """Field and value, in the order of the fields of its kind; a single value is a list of one."""
    state: str = "counts"
    """`counts`, `expired` or `withdrawn`."""
    entered_at: str = ""
    entered_by: str = ""
    """The system account that ran the program."""

    def list(self, field: str) -> tuple[str, ...]:
        """All values of a field; none when it is not given."""
        return dict(self.values).get(field, ())

    def get(self, field: str) -> str:
        """The values of a field as one text; empty when it is not given."""
        return "; ".join(self.list(field))


@value
class Report:
    """The complete and sorted result of a run; report formats only print it."""

    made_at: str
    """UTC, ISO 8601, ending in `Z`."""
    tool: str
    version: str
    inputs: Inputs
    coverage: Coverage
    cases: tuple[Case, ...] = ()
    findings: tuple[Finding, ...] = ()
    uses: tuple[Use, ...] = ()
    timelines: tuple[Timeline, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    """Troubles that do not belong to an asset: a file that vanished, a folder that could not be listed."""
    delta: Delta | None = None
    others: tuple[OtherVerdict, ...] = ()
    """The verdicts of further policies, in the order of the command line; `findings` are those of the first."""
    cover: Cover = field(default_factory=Cover)
    register: tuple[RegisterEntry, ...] = ()
    """What is declared about the material: approvals of its content, and of known material found in it."""
    debt: Debt | None = None
    """Generated material that is still in deliverables; None when nobody counted it."""
    extra: Mapping[str, str] = field(default_factory=dict)
    """Facts about the machine that a reader may need, such as the SQLite version."""

    @property
    def all_troubles(self) -> tuple[Trouble, ...]:
        """Troubles of every asset, then those that do not belong to an asset."""
        troubles: list[Trouble] = []
        for case in self.cases:
            troubles.extend(case.reading.troubles)
        return (*troubles, *self.troubles)
