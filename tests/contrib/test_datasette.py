"""The queries for Datasette: each answers on a real catalogue, and nothing of it is changed."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.catalogue.demo import make_catalogue

CONTRIB = Path(__file__).parents[2] / "contrib" / "datasette"

_ASK = """
import asyncio, json, sys
from datasette.app import Datasette
from datasette.utils import parse_metadata

async def ask(path, folder):
    metadata = parse_metadata(open(f"{folder}/metadata.yaml", encoding="utf-8").read())
    served = Datasette([path], metadata=metadata, plugins_dir=f"{folder}/plugins")
    await served.invoke_startup()
    answers = {}
    for name in metadata["databases"]["catalogue"]["queries"]:
        answer = await served.client.get(f"/catalogue/{name}.json?_shape=array&digest=sha256:")
        answers[name] = answer.json() if answer.status_code == 200 else answer.text
    refused = await served.client.get("/catalogue.json?sql=delete+from+runs")
    return {"answers": answers, "refused": refused.status_code}

print(json.dumps(asyncio.run(ask(*sys.argv[1:]))))
"""


@pytest.mark.skipif(importlib.util.find_spec("datasette") is None, reason="datasette is not installed")
def test_every_query_answers(tmp_path: Path) -> None:
    catalogue = tmp_path / "catalogue.db"
    make_catalogue(catalogue)
    before = hashlib.sha256(catalogue.read_bytes()).digest()
    # In a process of its own: it sets up an event loop, and warns of things that are not ours.
    asked = subprocess.run([sys.executable, "-c", _ASK, catalogue, CONTRIB], capture_output=True, text=True)
    assert asked.returncode == 0, asked.stderr
    said = json.loads(asked.stdout)
    answers = said["answers"]
    assert len(answers) > 5
    for name, rows in answers.items():
        assert isinstance(rows, list), f"{name}: {rows}"
        assert rows, name
    assert [row["path"] for row in answers["vanished"]] == ["b/gone.png"]
    assert answers["tools"][0]["tool"] == "Stable Diffusion"
    assert {row["found_by"] for row in answers["troubles"]} == {"reading", "search"}
    assert answers["matches"][0]["time_in"] == 4.0
    assert [row["event"] for row in answers["register"]] == ["added", "withdrawn"]
    assert said["refused"] == 400, "it serves, and changes nothing"
    assert hashlib.sha256(catalogue.read_bytes()).digest() == before
