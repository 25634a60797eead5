"""What came of hostile files, held against what the program owes for each of them."""

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


@dataclass(frozen=True, slots=True)
class Seed:
    """A sound file, its type, and every origin that it and the things inside it were found to have."""

    name: str
    data: bytes
    kind: str = ""
    origins: frozenset[Origin] = frozenset()
    spoken: frozenset[Origin] = frozenset()
    """What its words would mean if all of them spoke of the file itself: damage may lose whom they speak of."""

    @classmethod
    def of(cls, name: str, data: bytes, outcome: Outcome) -> Seed:
        """A file as it was found to be while it was whole."""
        looks = list_readings(outcome)
        rows = [replace(row, about=About.ASSET) for look in looks for row in look.statements]
        spoken = {row.origin for signal in load_members(signals, Signal).values() for row in signal.read(rows)}
        origins = {decide_origin(look.evidence) for look in looks}
        kind = looks[0].asset.media_type if looks else ""
        return cls(name, data, kind, frozenset(origins), frozenset(origins | spoken))


@dataclass(frozen=True, slots=True)
class Sample:
    """A file that is handed to the workers: a whole seed, damaged ones, or a bomb."""

    name: str
    seeds: tuple[Seed, ...] = ()
    bomb: Bomb | None = None


@dataclass(slots=True)
class PromiseCheck:
    """Counts, and the promises that were broken."""

    files: int = 0
    rows: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    """Rows by sniffed media type."""
    causes: Counter[Cause] = field(default_factory=Counter)
    """Files by what could not be looked at in them."""
    lost: list[str] = field(default_factory=list)
    """Files of which nothing but a trouble is left, with the reason."""
    broken: list[str] = field(default_factory=list)

    def take(self, victim: Sample, outcome: Outcome) -> bool:
        """Count what came of a file. False when it broke a promise."""
        self.files += 1
        before = len(self.broken)
        looks = list_readings(outcome)
        if isinstance(outcome, Trouble):
            self.lost.append(f"{victim.name}: {outcome.cause}, {outcome.detail}")
        elif isinstance(outcome, FileRead):
            self.rows += 1
            self.kinds[outcome.reading.asset.media_type] += 1
        causes = {outcome.cause} if isinstance(outcome, Trouble) else {row.cause for at in looks for row in at.troubles}
        self.causes.update(causes)
        if victim.bomb and victim.bomb.told and not causes:
            self.broken.append(f"passed over in silence: {victim.name}")
        if victim.seeds:
            self._weigh(victim, looks)
        return len(self.broken) == before

    def _weigh(self, victim: Sample, looks: list[Reading]) -> None:
        """Damage may take marks away. It may not clear anything, nor mark what never spoke of generation."""
        found = {decide_origin(look.evidence) for look in looks}
        cleared = found & CLEARED - {origin for seed in victim.seeds for origin in seed.origins}
        marked = set[Origin]() if any(seed.spoken & MARKED for seed in victim.seeds) else found & MARKED
        for what, origins in (("cleared", cleared), ("marked", marked)):
            why = {
                f"{row.signal}: {row.detail[:90]}" for look in looks for row in look.evidence if row.origin in origins
            }
            self.broken.extend([f"{what} by damage: {victim.name}: {sorted(why)}"] if origins else [])


def list_readings(outcome: Outcome) -> list[Reading]:
    """The reading of a file and of each thing inside it."""
    if not isinstance(outcome, FileRead):
        return []
    return [outcome.reading, *(embedded.reading for embedded in outcome.embedded)]
