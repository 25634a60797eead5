"""Lists of files that cannot be read: said, and never passed over."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path

from provenance.intake.jobs import Job, Outcome
from provenance.intake.walk import Walk
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause
from provenance.workflows.packages import load_packages


class CrashingEngine:
    """Every job costs its worker the life."""

    def run(self, jobs: Iterable[Job], follow_ups: deque[Job] | None = None) -> Iterator[tuple[Job, Outcome]]:
        assert follow_ups is None
        for job in jobs:
            yield job, Trouble("", "worker", Cause.CRASHED, "crashed twice")


def test_a_list_that_crashes_its_reader_is_reported(tmp_path: Path) -> None:
    (tmp_path / "roll.mhl").write_text("<hashlist/>")
    (packages,) = load_packages(CrashingEngine(), Walk([str(tmp_path).encode()]))
    assert [(trouble.path, trouble.cause) for trouble in packages.troubles] == [("roll.mhl", Cause.CRASHED)]
