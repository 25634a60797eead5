"""What was used, from the file through the catalogue into every output."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path

from fixtures.media.words import A1111
from tests.cli.conftest import MEDIA, Provenance


def test_what_was_used_is_kept_and_told(provenance: Provenance, tmp_path: Path) -> None:
    folder = tmp_path / "temp"
    folder.mkdir()
    shutil.copy(MEDIA / "marks" / "a1111-fail-a.png", folder / "a.png")
    shutil.copy(MEDIA / "marks" / "invokeai-fail-a.png", folder / "b.png")
    catalogue = ("--catalogue", tmp_path / "c.db")
    assert provenance("ingest", folder, *catalogue).code == 0
    report = provenance("report", "--for", folder, "--format", "json", *catalogue)
    used = {path: report.asset(path)["evidence"][0]["used"] for path in ("a.png", "b.png")}
    assert used["a.png"]["prompt"] == A1111.split("\n")[0]
    assert (used["a.png"]["model"], used["a.png"]["seed"]) == ("sd_xl_base_1.0", "3141592653")
    assert used["b.png"]["adapters"] == ["film"]
    assert used["b.png"]["inputs"] == ["3f0c9f0e-4d5a-4b0e-9d53-0c1d2e3f4a5b.png"]
    table = provenance("report", "--for", folder, "--format", "csv", *catalogue).out
    rows = {row["path"]: row for row in csv.DictReader(io.StringIO(table.lstrip("\ufeff")))}
    assert (rows["a.png"]["model"], rows["b.png"]["inputs"]) == ("sd_xl_base_1.0", used["b.png"]["inputs"][0])
    assert "model: juggernautXL" in provenance("show", folder / "b.png", *catalogue).out
    for name in ("html", "text"):
        assert "sd_xl_base_1.0" in provenance("report", "--for", folder, "--format", name, *catalogue).out
