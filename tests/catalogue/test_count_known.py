"""How many contents the catalogue knows elsewhere: counted from indexes, as a plain count of all places gives."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from provenance.catalogue.store import Catalogue
from tests.catalogue import make
from tests.catalogue.make import LATER, NOON

_ROOTS = ("/mnt/a", "/mnt/b")
_UNDER: tuple[list[bytes], ...] = (
    [],
    [b"/mnt/a"],
    [b"/mnt/a/1", b"/mnt/b"],
    [b"/mnt"],
    [b"/elsewhere"],
    [b"/mnt/b/2/7"],
)


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue.open(tmp_path / "c.db", write=True) as opened:
        yield opened


def _count(catalogue: Catalogue, under: list[bytes]) -> int:
    """One place at a time, present and vanished ones."""
    anywhere: dict[str, bool] = {}
    for root in _ROOTS:
        for folder in range(3):
            for name in range(9):
                for case in catalogue.find_by_path(f"{root}/{folder}/{name}".encode()):
                    is_inside = any(case.location.is_below(path) for path in under)
                    digest = case.reading.asset.digest
                    anywhere[digest] = anywhere.get(digest, False) or is_inside
    return sum(not is_inside for digest, is_inside in anywhere.items() if digest)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("has_history", [True, False])
def test_every_content_counts_once(catalogue: Catalogue, seed: int, has_history: bool) -> None:
    draw = random.Random(seed)
    for number in range(3):
        run = catalogue.begin_run("nightly", NOON)
        for _ in range(20):
            place = make.location(f"{draw.randrange(3)}/{draw.randrange(9)}", draw.choice(_ROOTS))
            catalogue.add(place, "key", make.reading(draw.randrange(30)), run, NOON)
        catalogue.record_disappearances(_ROOTS[number % 2] + "/1", run, LATER)
    if not has_history:
        # A catalogue that is older than its history.
        catalogue.flush()
        catalogue._session.db.conn.execute("DROP TRIGGER former_states_no_delete")
        catalogue._session.db.conn.execute("DELETE FROM former_states")
    for under in _UNDER:
        assert catalogue.count_known(under) == _count(catalogue, list(under)), under
