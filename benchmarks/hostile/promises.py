"""The promises of the program about hostile files, and whether each outcome keeps them.

A file that could not be read is reported, never passed over in silence. Damage may take marks of generation away; it
may not clear a file, nor mark one that never mentioned generation.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

from benchmarks.hostile.bombs import Bomb
from provenance.evidence import signals
from provenance.evidence.interface import Signal
from provenance.intake.jobs import FileRead, Outcome
from provenance.model.asset import Reading
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import About, Cause, Origin
from provenance.origin import decide_origin
from provenance.registry import load_members

CLEARED = frozenset({Origin.CAPTURED, Origin.CREATED})
MARKED = frozenset(Origin) - CLEARED - {Origin.UNKNOWN}
_DETAIL_LENGTH = 90
"""Characters of an evidence's detail that are printed."""


@dataclass(frozen=True, slots=True)
class Seed:
    """An intact file, its type, and every origin that was found for it and for the files embedded in it."""

    name: str
    data: bytes
    kind: str = ""
    origins: frozenset[Origin] = frozenset()
    possible_origins: frozenset[Origin] = frozenset()
    """Origins it would have if all its statements were about the file itself."""

    @classmethod
    def from_outcome(cls, name: str, data: bytes, outcome: Outcome) -> Seed:
        """Describe a file by what was read of it while it was intact."""
        readings = list_readings(outcome)
        origins = {decide_origin(reading.evidence) for reading in readings}
        # Damage may lose what a statement is about, so that one about an ingredient becomes one about the file.
        statements = []
        for reading in readings:
            statements += [replace(statement, about=About.ASSET) for statement in reading.statements]
        possible = set(origins)
        for signal in load_members(signals, Signal).values():
            possible |= {evidence.origin for evidence in signal.read(statements)}
        kind = readings[0].asset.media_type if readings else ""
        return cls(name, data, kind, frozenset(origins), frozenset(possible))


@dataclass(frozen=True, slots=True)
class Sample:
    """A file that is handed to the workers: an intact seed, a damaged one, or a bomb."""

    name: str
    seeds: tuple[Seed, ...] = ()
    """Seeds that it was made of."""
    bomb: Bomb | None = None


@dataclass(slots=True)
class PromiseCheck:
    """Counts outcomes, and collects the promises that were broken."""

    files: int = 0
    rows: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    """Rows by sniffed media type."""
    causes: Counter[Cause] = field(default_factory=Counter)
    """Files by the causes of trouble in them."""
    lost: list[str] = field(default_factory=list)
    """Files of which nothing but a trouble is left, with the reason."""
    broken: list[str] = field(default_factory=list)
    """Broken promises, one line each."""

    def check(self, sample: Sample, outcome: Outcome) -> bool:
        """Count the outcome of a sample. False when it broke a promise."""
        self.files += 1
        broken_before = len(self.broken)
        readings = list_readings(outcome)
        causes: set[Cause] = set()
        if isinstance(outcome, Trouble):
            self.lost.append(f"{sample.name}: {outcome.cause}, {outcome.detail}")
            causes.add(outcome.cause)
        elif isinstance(outcome, FileRead):
            self.rows += 1
            self.kinds[outcome.reading.asset.media_type] += 1
        for reading in readings:
            causes |= {trouble.cause for trouble in reading.troubles}
        self.causes.update(causes)
        must_report = sample.bomb is not None and sample.bomb.must_report
        if must_report and not causes:
            self.broken.append(f"passed over in silence: {sample.name}")
        if sample.seeds:
            self._check_origins(sample, readings)
        return len(self.broken) == broken_before

    def _check_origins(self, sample: Sample, readings: list[Reading]) -> None:
        """Report origins that damage alone has produced."""
        origins = {decide_origin(reading.evidence) for reading in readings}
        origins_before: set[Origin] = set()
        possible_before: set[Origin] = set()
        for seed in sample.seeds:
            origins_before |= seed.origins
            possible_before |= seed.possible_origins
        cleared = (origins & CLEARED) - origins_before
        if cleared:
            self.broken.append(f"cleared by damage: {sample.name}: {_list_reasons(readings, cleared)}")
        marked = origins & MARKED
        if marked and not possible_before & MARKED:
            self.broken.append(f"marked by damage: {sample.name}: {_list_reasons(readings, marked)}")


def _list_reasons(readings: list[Reading], origins: set[Origin]) -> list[str]:
    """The evidence for these origins."""
    reasons: set[str] = set()
    for reading in readings:
        for evidence in reading.evidence:
            if evidence.origin in origins:
                reasons.add(f"{evidence.signal}: {evidence.detail[:_DETAIL_LENGTH]}")
    return sorted(reasons)


def list_readings(outcome: Outcome) -> list[Reading]:
    """The reading of a file and of each file embedded in it; none for a trouble."""
    if not isinstance(outcome, FileRead):
        return []
    return [outcome.reading, *(embedded.reading for embedded in outcome.embedded)]
