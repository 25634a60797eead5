"""A storage in object storage: a night over it reads what is new and nothing else, and nothing secret is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Provenance
from tests.cli.test_scan import PARAMETERS, still
from tests.object_server import ACCESS_KEY, SECRET_KEY, serve


def test_nights_over_a_bucket(provenance: Provenance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made, plain = still(tmp_path / "made.png", PARAMETERS).read_bytes(), still(tmp_path / "plain.png").read_bytes()
    config, catalogue = tmp_path / "config.toml", tmp_path / "c.db"
    config.write_text(
        f'catalogue = "{catalogue}"\njobs = 1\n'
        '[[storage]]\nname = "out"\npath = "s3://show/out/"\nzone = "deliverable"\n'
    )

    def night() -> dict[str, Any]:
        said = provenance("nightly", "--config", config, "--format", "json", "-vv")
        assert said.code == 1, said.err
        assert SECRET_KEY not in said.err + said.out
        assert ACCESS_KEY not in said.err + said.out
        return said.report

    with serve(tmp_path, monkeypatch) as server:
        for key, content in (("out/a/made.png", made), ("out/a/plain.png", plain), ("out/same.txt", b"words")):
            server.put(key, content)
        server.put("elsewhere/other.png", made)
        report = night()
        assert report["delta"]["new"] == ["out: a/made.png", "out: a/plain.png", "out: same.txt"]
        assert {row["root"] for row in report["assets"]} == {"s3://show/out"}
        assert [row["path"] for row in report["findings"]] == ["a/made.png"]
        assert set(server.list_reads()) == {"out/a/made.png", "out/a/plain.png", "out/same.txt"}

        # As many bytes as before, and other ones.
        server.put("out/a/made.png", made.replace(b"Steps", b"steps"))
        server.delete("out/a/plain.png")
        server.put("out/b.png", plain)
        read_before = len(server.list_reads())
        delta = night()["delta"]
        assert delta["changed"] == ["out: a/made.png"]
        assert delta["moved"] == [{"from": "out: a/plain.png", "to": "out: b.png"}]
        assert not delta["new"]
        assert not delta["vanished"]
        assert set(server.list_reads()[read_before:]) == {"out/a/made.png", "out/b.png"}, "what did not change is shut"

        assert "s3://show/out" in provenance("show", "s3://show/out/a/made.png", "--catalogue", catalogue).out
        said = provenance("ingest", "s3://nobody/x", "--catalogue", catalogue)
        assert said.code == 2
        assert "there is nothing at s3://nobody/x" in said.err
    assert provenance("ingest", "s3://show/../x", "--catalogue", catalogue).code == 2
