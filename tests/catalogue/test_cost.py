"""A night over a large storage must stay cheap: told, not judged, for machines differ."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from provenance.catalogue.store import Catalogue
from provenance.catalogue.verify import verify
from tests.catalogue import make
from tests.catalogue.make import LATER, NOON, ROOT


@pytest.mark.slow
def test_five_thousand_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, count = tmp_path / "c.db", 5_000
    names = [b"show/reel_%02d/plate_%06d.png" % (number % 40, number) for number in range(count)]
    start = time.perf_counter()
    with Catalogue.open(path, write=True) as catalogue:
        run = catalogue.begin_run("ingest", NOON)
        for number, name in enumerate(names):
            catalogue.add(make.location(name), str(number), make.reading(number), run, NOON)
        catalogue.end_run(run, NOON, "done")
    added, start = time.perf_counter() - start, time.perf_counter()
    size = path.stat().st_size
    with Catalogue.open(path, write=True) as catalogue:
        run = catalogue.begin_run("nightly", LATER)
        for folder in sorted({os.path.dirname(name) for name in names}):
            rows = catalogue.load_folder(ROOT, folder)
            places = [rows.find(name) for name in names if os.path.dirname(name) == folder]
            catalogue.touch_all(rows, [place for place in places if place], run)
        assert catalogue.record_disappearances(ROOT, run, LATER) == []
        catalogue.end_run(run, LATER, "nothing new")
    unchanged, start = time.perf_counter() - start, time.perf_counter()
    assert path.stat().st_size - size < count, "a night without news writes next to nothing"
    assert verify(path).is_sound
    checked = time.perf_counter() - start
    with capsys.disabled():
        print(f"\n{count:,} rows: add {count / added:,.0f}/s, unchanged {count / unchanged:,.0f}/s, "  # noqa: T201 - told
              f"verify {count / checked:,.0f}/s, {size / count:,.0f} bytes each")  # fmt: skip
