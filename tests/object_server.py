"""Object storage for tests: moto's server on the loopback, in a process of its own, with a log of what was asked."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing import forkserver
from pathlib import Path

import pytest

ACCESS_KEY, SECRET_KEY = "AKIAOFNOBODY0000TEST", "a-secret-that-no-output-may-show"
BUCKET = "show"
_SECONDS_TO_START = 60.0
_LINE = re.compile(r"([A-Z]+) /([^ ?]*)(\?\S*)? HTTP/1\.1")


@dataclass(frozen=True)
class ObjectServer:
    """A server with one empty bucket."""

    endpoint: str
    log: Path

    def put(self, key: str, content: bytes) -> None:
        """Upload an object."""
        _connect(self.endpoint).pipe_file(f"{BUCKET}/{key}", content)

    def put_exactly(self, key: str, content: bytes) -> None:
        """The same for a key of which the library would change the spelling."""
        _connect(self.endpoint).call_s3("put_object", Bucket=BUCKET, Key=key, Body=content)

    def delete(self, key: str) -> None:
        """Delete an object."""
        _connect(self.endpoint).rm_file(f"{BUCKET}/{key}")

    def list_reads(self) -> list[str]:
        """Key of every object of which bytes were asked for since the server started, in order."""
        asked = _LINE.findall(self.log.read_text(encoding="utf-8", errors="replace"))
        return [path.removeprefix(f"{BUCKET}/") for method, path, query in asked if method == "GET" and not query]


@contextlib.contextmanager
def serve(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[ObjectServer]:
    """Start a server; while it runs, the environment names it and its credentials."""
    log = folder / "server.log"
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
    with open(log, "wb") as output, subprocess.Popen(command, stdout=output, stderr=output) as process:
        try:
            endpoint = _wait_for_address(log, process)
            patch.setenv("AWS_ENDPOINT_URL", endpoint)
            patch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
            patch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
            patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
            _connect(endpoint).call_s3("create_bucket", Bucket=BUCKET)
            # Workers have the environment with which their fork server started: one of an earlier test knows no server.
            _stop_fork_server()
            yield ObjectServer(endpoint, log)
        finally:
            process.kill()
            _stop_fork_server()


def _stop_fork_server() -> None:
    forkserver._forkserver._stop()  # type: ignore[attr-defined]


def _wait_for_address(log: Path, process: subprocess.Popen[bytes]) -> str:
    until = time.monotonic() + _SECONDS_TO_START
    while time.monotonic() < until and process.poll() is None:
        if found := re.search(r"http://127\.0\.0\.1:\d+", log.read_text(encoding="utf-8", errors="replace")):
            return found[0]
        time.sleep(0.05)
    raise AssertionError(f"the server did not start: {log.read_text(encoding='utf-8', errors='replace')}")


def _connect(endpoint: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 - s3fs has no types
    import s3fs

    return s3fs.S3FileSystem(
        key=ACCESS_KEY, secret=SECRET_KEY, endpoint_url=endpoint, use_listings_cache=False,
        client_kwargs={"region_name": "us-east-1"},
    )  # fmt: skip
