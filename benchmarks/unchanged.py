"""A night over many files that did not change, without waiting for them to be read first.

`python -m benchmarks.unchanged [--files N]`. The files are real, one in ten of them a deliverable; their rows
are stored as an ingest would have stored them. Printed is the processor time of nights after that, and of `find`.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.measure import find_program
from benchmarks.nights import make_files, measure_children
from provenance.catalogue.store import Catalogue
from provenance.intake.collect import ReadTerms, make_change_key
from provenance.intake.jobs import Contents, Job, Outcome, Thumbnails
from provenance.intake.versions import ReadingVersions, make_scope
from provenance.intake.walk import Walk
from provenance.model.asset import Asset, Location, Reading
from provenance.model.evidence import Statement
from provenance.model.vocabulary import Zone
from provenance.settings import Settings, Storage
from provenance.workflows.derive import prepare_versions, record_names
from provenance.workflows.read import default_level
from provenance.workflows.run import RunContext

_NIGHTS = 3
"""The first one asks every reading what a night may pass by; later ones only those that came in."""


class _NoWork:
    """An engine of which nothing is asked."""

    def run(self, jobs: Iterable[Job], follow_ups: object = None) -> Iterator[tuple[Job, Outcome]]:
        """Nothing."""
        assert follow_ups is None
        assert not list(jobs)
        return iter(())


def fill(settings: Settings) -> None:
    """Store a row for every file of the storages, as if it had been read."""
    context = RunContext(settings, datetime(2026, 1, 1, tzinfo=UTC))
    conditions = context.describe_conditions(context.load_trust_store())
    with (
        Catalogue.open(Path(settings.catalogue), write=True) as catalogue,
        catalogue.run("nightly", context.timestamp) as run,
    ):
        versions, _ = prepare_versions(context, catalogue, _NoWork(), conditions)
        for storage in settings.storages:
            store(catalogue, context, versions, storage, run)


def store(catalogue: Catalogue, context: RunContext, versions: ReadingVersions, storage: Storage, run: int) -> None:
    """The rows of one storage."""
    level, now = default_level(storage.zone), context.timestamp
    terms = ReadTerms(level, Thumbnails.FLAGGED, versions=versions)
    for folder in Walk([os.fsencode(storage.path)]).folders():
        for file in folder:
            digest = hashlib.sha256(file.path).hexdigest()
            statements = tuple(Statement("text", "line", "words", digest[start:20]) for start in range(5))
            reading = Reading(Asset(f"sha256:{digest}", digest[:32], file.state.size, "text/plain"), statements)
            scope = make_scope([reading], Contents(), level, context.settings.limits)
            key = make_change_key(terms, file.change_key, reading, scope)
            record_names(catalogue, versions, now)
            catalogue.add(Location(file.root, file.shown, file.relative, storage.zone), key, reading, run, now)


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=200_000)
    files = parser.parse_args().files
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        editorial, deliverable = folder / "editorial", folder / "deliverable"
        make_files(editorial, 0, files * 9 // 10)
        make_files(deliverable, files * 9 // 10, files)
        storages = (
            Storage("editorial", str(editorial), Zone.EDITORIAL),
            Storage("deliverable", str(deliverable), Zone.DELIVERABLE),
        )
        catalogue = folder / "c.db"
        fill(Settings(str(catalogue), storages=storages))
        print(f"{catalogue.stat().st_size / files:,.0f} bytes an asset")
        config = folder / "c.toml"
        lines = [f'catalogue = "{catalogue}"', f'nightly.reports = "{folder / "reports"}"']
        for storage in storages:
            lines += ["[[storage]]", f'name = "{storage.name}"', f'path = "{storage.path}"', f'zone = "{storage.zone}"']
        config.write_text("\n".join(lines))
        for _ in range(_NIGHTS):
            night = measure_children([find_program(), "nightly", "--config", config, "--no-progress"])
            find = measure_children(["find", editorial, deliverable, "-printf", "%p %s %T@ %C@\n"])
            print(f"a night over {files:,} unchanged files: {night:.2f} s, find {find:.2f} s, ratio {night / find:.1f}")


if __name__ == "__main__":
    main()
