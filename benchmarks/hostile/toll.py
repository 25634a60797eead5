"""What came of hostile files, held against what the program owes for each of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from benchmarks.hostile.bombs import Bomb
from provenance.intake.pool import Outcome
from provenance.model import Cause, Origin, Reading, Trouble
from provenance.origin import settle

CLEARED = frozenset({Origin.CAPTURED, Origin.CREATED})
MARKED = frozenset(Origin) - CLEARED - {Origin.UNKNOWN}


@dataclass(frozen=True, slots=True)
class Seed:
    """A sound file, its type, and every origin that is said of it or of things inside it."""

    name: str
    data: bytes
    kind: str = ""
    origins: frozenset[Origin] = frozenset()


@dataclass(frozen=True, slots=True)
class Victim:
    """A file that is handed to the workers: a whole seed, damaged ones, or a bomb."""

    name: str
    data: bytes
    seeds: tuple[Seed, ...] = ()
    bomb: Bomb | None = None

    @property
    def origins(self) -> frozenset[Origin]:
        """Everything that was said of its seeds when they were whole."""
        return frozenset(origin for seed in self.seeds for origin in seed.origins)


@dataclass(slots=True)
class Toll:
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

    def take(self, victim: Victim, outcome: Outcome) -> bool:
        """Count what came of a file. False when it broke a promise."""
        self.files += 1
        before = len(self.broken)
        looks = readings(outcome)
        if isinstance(outcome, Trouble):
            self.lost.append(f"{victim.name}: {outcome.cause}, {outcome.detail}")
        else:
            self.rows += 1
            self.kinds[outcome.reading.asset.media_type] += 1
        causes = {outcome.cause} if isinstance(outcome, Trouble) else {row.cause for at in looks for row in at.troubles}
        self.causes.update(causes)
        if victim.bomb and victim.bomb.told and not causes:
            self.broken.append(f"passed over in silence: {victim.name}")
        if victim.seeds:
            self._weigh(victim, looks)
        return len(self.broken) == before

    def _weigh(self, victim: Victim, looks: list[Reading]) -> None:
        """Damage may take marks away. It may not clear anything, nor mark what never was marked."""
        said = {settle(look.evidence) for look in looks} - victim.origins
        why = sorted(
            {f"{row.signal}: {row.detail[:90]}" for look in looks for row in look.evidence if row.origin in said}
        )
        if said & CLEARED:
            self.broken.append(f"cleared by damage: {victim.name}: {why}")
        if said & MARKED and not victim.origins & MARKED:
            self.broken.append(f"marked by damage: {victim.name}: {why}")


def readings(outcome: Outcome) -> list[Reading]:
    """The reading of a file and of each thing inside it."""
    return [] if isinstance(outcome, Trouble) else [outcome.reading, *(thing.reading for thing in outcome.inside)]
