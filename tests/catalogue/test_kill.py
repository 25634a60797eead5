"""kill -9 while writing: what was told as committed is there, nothing is there twice, the ledger holds."""

from __future__ import annotations

import random
from pathlib import Path

from provenance.catalogue.store import Catalogue
from provenance.catalogue.verify import verify
from tests.catalogue.killing import kill_writer

WRITER = """
import sys
from pathlib import Path
from provenance.catalogue.store import Catalogue
from tests.catalogue import make
with Catalogue.open(Path(sys.argv[1]), write=True) as catalogue:
    run = catalogue.begin_run("ingest", make.NOON)
    rows = catalogue.load_folder(make.ROOT, b"")
    for number in range(4000):
        name = b"%06d" % number
        if place := rows.find(name):
            catalogue.touch_all(rows, [place], run)
            continue
        catalogue.add(make.location(name), "1", make.reading(number % 3000), run, make.NOON)
        if number % 7 == 0:
            catalogue.flush()
            print(number, flush=True)
    catalogue.end_run(run, make.NOON, "done")
"""


def test_five_kills(tmp_path: Path) -> None:
    path, rng = tmp_path / "c.db", random.Random(7)
    told = -1
    for _ in range(5):
        told = max(told, kill_writer(WRITER, path, rng.uniform(0, 0.12)))
        state = verify(path)
        assert state.problems == ()
        with Catalogue.open(path, write=False) as catalogue:
            names = [case.location.path_bytes for case in catalogue.cases()]
            assert catalogue.list_runs()[0].ended_at is None
        assert names == [b"%06d" % number for number in range(len(names))], "in order, none missing, none twice"
        assert len(names) > told
    assert told > 100, "the kills met a working writer"
