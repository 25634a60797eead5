"""Cuts and packing lists that name places outside of the scanned folder: nothing there is opened, no host is asked.

The whole program is watched by the kernel, workers included.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.timeline import build
from tests.timeline.build import PAL, SHOTS

SHOWN = "/Volumes/show/"
"""Where the lists of `build` say that their media lie."""
PLACES = ("{outside}/", "../outside/", "//host.invalid/share/", "/dev/fd/../../{outside}/")
ASSET_MAP = '<AssetMap xmlns="http://www.smpte-ra.org/schemas/429-9/2007/AM"><AssetList>{}</AssetList></AssetMap>'
ASSET = "<Asset><Id>urn:uuid:{}</Id><ChunkList><Chunk><Path>{}</Path></Chunk></ChunkList></Asset>"
MHL = '<hashlist version="1.1"><hash><file>{}</file><size>5</size><md5>{}</md5></hash></hashlist>'


def write_lists(folder: Path, outside: Path) -> Iterator[str]:
    """Every format that gives paths, with every kind of place. Yields what was written."""
    lists = {
        "xml": build.write_xmeml(SHOTS, PAL),
        "fcpxml": build.write_fcpxml(SHOTS, PAL),
        "otio": build.write_otio(SHOTS, PAL),
        "ale": build.write_ale(SHOTS, PAL),
        "edl": build.write_edl(SHOTS, PAL).replace(b"* FROM CLIP NAME:  ", b"* SOURCE FILE: " + SHOWN.encode()),
    }
    for suffix, data in lists.items():
        text = data.decode()
        for number, place in enumerate(PLACES):
            written = text.replace(SHOWN, place.format(outside=outside))
            assert suffix == "xml" or written != text
            (folder / f"{number}.{suffix}").write_text(written)
            yield written
        (folder / f"net.{suffix}").write_text(text.replace(f"file://{SHOWN}", "http://127.0.0.1:9/"))
    names = ("../outside/secret.mov", str(outside / "secret.mov"))
    (folder / "ASSETMAP.xml").write_text(ASSET_MAP.format("".join(ASSET.format(name, name) for name in names)))
    (folder / "roll.mhl").write_text(MHL.format("../outside/secret.mov", "0" * 32))


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
def test_nothing_outside_is_opened(tmp_path: Path) -> None:
    folder, outside, log = tmp_path / "delivery", tmp_path / "outside", tmp_path / "strace.txt"
    folder.mkdir()
    outside.mkdir()
    for shot in SHOTS:
        (outside / shot.name).write_bytes(b"secret")
    os.mkfifo(outside / "secret.mov")
    assert list(write_lists(folder, outside))
    watched = ["strace", "-f", "-qq", "-s", "4096", "-e", "trace=open,openat,openat2,creat,connect", "-o", str(log)]
    command = [
        sys.executable,
        "-c",
        "from provenance_cli.main import main; main()",
        "scan",
        str(folder),
        "--no-catalogue",
        "--marks-only",
    ]
    run = subprocess.run([*watched, *command, "--format", "json"], capture_output=True, text=True, check=False)
    if "Operation not permitted" in run.stderr:
        pytest.skip("processes may not be watched here")
    report = json.loads(run.stdout)
    # The lists were read, or nothing would be proved.
    assert {timeline["format"] for timeline in report["timelines"]} >= {"xmeml", "fcpxml", "otio", "ale", "cmx3600"}
    assert {use["resolved_by"] for use in report["uses"]} <= {"missing", "outside"}
    assert any(row["rule"] == "package_reference_outside" for row in report["findings"])
    calls = log.read_text("utf-8", "replace")
    assert str(folder) in calls
    opened = re.findall(r'open\w*\([^"]*"([^"]*)"', calls)
    reached = [os.path.normpath(folder / path) for path in opened]
    assert [path for path in reached if path.startswith(f"{outside}/") or "host.invalid" in path] == []
    assert "AF_INET" not in calls
