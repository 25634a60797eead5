"""`ingest`: learn what is there. No verdict."""

from __future__ import annotations

from collections.abc import Sequence

from provenance.intake.walk import outermost
from provenance.model.asset import FingerprintLevel
from provenance.model.vocabulary import Zone
from provenance.workflows.judge import shown_roots
from provenance.workflows.read import Area, ReadOptions, default_level, read
from provenance.workflows.run import RunContext, RunStats, find_unmatched_excludes, wants_labels


def ingest(
    paths: Sequence[str],
    zone: Zone,
    context: RunContext,
    fingerprints: FingerprintLevel | None = None,
    *,
    fresh: bool = True,
) -> RunStats:
    """Read digests, evidence and fingerprints into the catalogue.

    `fingerprints`: how much is kept to find it again; by default all of the temp zone and little elsewhere, but
    everything of what is marked as generated. `fresh`: read again what has not changed.
    """
    walk = context.walk(paths)
    labels = wants_labels(context.settings)
    area = Area(walk, zone, fingerprints or default_level(zone), labels=labels)
    store = context.load_trust_store()
    options = ReadOptions(context.describe_conditions(store), fresh=fresh)
    with context.open_catalogue(write=True) as catalogue, context.start_engine(store) as engine:
        roots = shown_roots(outermost(walk.roots))
        with catalogue.run("ingest", context.timestamp, f"{zone}: {', '.join(roots)}") as run:
            result = read(context, catalogue, engine, run, [area], options)
    result.stats.reference_works, result.stats.not_compared = result.reference_works, result.not_compared
    result.stats.unmatched_excludes = find_unmatched_excludes([walk])
    return result.stats
