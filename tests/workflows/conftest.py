from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from provenance import trust
from provenance.evidence.carriers import c2pa
from tests.workflows.show import Show


@pytest.fixture
def show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Show]:
    """Two storages, and nights over them."""
    yield Show(tmp_path, monkeypatch)
    c2pa.configure(trust.load())
