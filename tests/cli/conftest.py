"""Running the program as a user does, in this process."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from provenance_cli.main import run

MEDIA = Path(__file__).parents[2] / "fixtures" / "media"
SOON = str(datetime.now(UTC).date() + timedelta(days=300))
"""A last day for approvals: still to come, and not too far away."""
ROOT = MEDIA / "certificates" / "test-root.pem"


class Said:
    """What a run left behind: exit code, stdout, stderr."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def report(self) -> dict[str, Any]:
        report: dict[str, Any] = json.loads(self.out)
        assert report["schema"] == "provenance-report/1"
        return report

    def asset(self, path: str) -> dict[str, Any]:
        [asset] = [row for row in self.report["assets"] if row["path"] == path]
        return dict(asset)


Provenance = Callable[..., Said]


@pytest.fixture
def provenance(capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Provenance:
    """`provenance("scan", folder)` with a home and a catalogue of its own."""
    for name in ("PROVENANCE_CONFIG", "PROVENANCE_CATALOGUE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))

    def call(*arguments: object) -> Said:
        capfd.readouterr()
        code = run([os.fspath(a) if isinstance(a, Path) else str(a) for a in arguments])
        out, err = capfd.readouterr()
        return Said(code, out, err)

    return call
