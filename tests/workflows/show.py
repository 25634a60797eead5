"""Nights over two small storages, in this process: every job is done at once, and counted."""

from __future__ import annotations

import dataclasses
import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from provenance.catalogue.store import Catalogue
from provenance.evidence.carriers import c2pa
from provenance.intake.examine import examine
from provenance.intake.jobs import (
    CompareFrames,
    DeriveEvidence,
    FileSearch,
    FingerprintFrames,
    Job,
    Outcome,
    ReadFile,
    ScanFrames,
)
from provenance.limits import DEFAULT, Limits
from provenance.model.finding import Case
from provenance.model.report import Delta, Report
from provenance.model.vocabulary import Zone
from provenance.settings import Settings, Storage
from provenance.trust import TrustStore
from provenance.workflows import register
from provenance.workflows.nightly import nightly
from provenance.workflows.run import RunContext


class Engine:
    """Does every job in this process, and counts the files that it opens."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.read: list[str] = []
        self.searched: list[str] = []
        self.derived = 0

    def run(self, jobs: Iterable[Job], follow_ups: deque[Job] | None = None) -> Iterator[tuple[Job, Outcome]]:
        first = deque() if follow_ups is None else follow_ups
        supply = iter(jobs)
        while (job := first.popleft() if first else next(supply, None)) is not None:
            self._note(job)
            yield job, examine(job, self.limits)

    def _note(self, job: Job) -> None:
        name = os.fsdecode(os.path.basename(job.path))
        if isinstance(job, DeriveEvidence):
            self.derived += len(job.readings)
        elif isinstance(job, FileSearch | ScanFrames):
            self.searched.append(name)
        elif isinstance(job, ReadFile):
            self.read.append(name)
        else:
            assert isinstance(job, CompareFrames | FingerprintFrames), job


class Show:
    """Two storages, and nights over them in this process."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.edit, self.out = folder / "edit", folder / "out"
        self.edit.mkdir()
        self.out.mkdir()
        self.catalogue = folder / "c.db"
        storages = (Storage("edit", str(self.edit)), Storage("out", str(self.out), Zone.DELIVERABLE))
        self.settings = Settings(str(self.catalogue), storages=storages)
        self.now = datetime(2026, 11, 22, tzinfo=UTC)
        self.engine = Engine(DEFAULT)
        self.said: list[str] = []
        self.policies = ["netflix"]
        self.report: Report

        @contextmanager
        def start(context: RunContext, store: TrustStore) -> Iterator[Engine]:
            c2pa.configure(store)
            self.engine = Engine(context.settings.limits)
            yield self.engine

        monkeypatch.setattr(RunContext, "start_engine", start)

    def night(self) -> Delta:
        """What the next night tells."""
        self.now += timedelta(days=1)
        self.said.clear()
        context = RunContext(self.settings, self.now, announce=self.said.append)
        self.report = nightly(self.policies, context).report
        assert self.report.delta
        return self.report.delta

    def change(self, **settings: object) -> None:
        self.settings = dataclasses.replace(self.settings, **settings)  # type: ignore[arg-type]  # test shorthand

    def case(self, place: Path | bytes) -> Case:
        with Catalogue.open(self.catalogue, write=False) as catalogue:
            (case,) = catalogue.find_by_path(os.fsencode(place))
        return case

    def paths(self) -> set[str]:
        """What the last report lists."""
        return {case.location.path for case in self.report.cases}

    def open(self) -> Catalogue:
        return Catalogue.open(self.catalogue, write=False)

    def change_zones(self, zones: Mapping[str, Zone]) -> None:
        """Give storages another zone."""
        storages = [dataclasses.replace(row, zone=zones.get(row.name, row.zone)) for row in self.settings.storages]
        self.change(storages=tuple(storages))

    def require_reading(self, root: Path, name: bytes) -> None:
        """Have one file read again by the next night."""
        with Catalogue.open(self.catalogue, write=True) as catalogue:
            catalogue.versions.empty_change_key(str(root), name, "2026-11-22T00:00:00Z")

    def declare(self, kind: str, content: Sequence[Path], /, **given: str) -> None:
        """Enter something in the register."""
        values = {name: (text,) for name, text in given.items()}
        register.declare(kind, list(map(str, content)), values, RunContext(self.settings, self.now))
