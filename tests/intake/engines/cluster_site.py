"""A cluster on this machine: a scheduler and workers as processes of their own, run by the real commands.

They are forked from one process that has loaded everything, so that each costs little to start. Run as a module it is
that process: it reads a line of JSON for each server, and ends its servers with its stdin.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

from provenance.intake.jobs import Job, Outcome


class Site:
    """Starts servers, and ends all of them when it is left."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.intake.engines.cluster_site"]
        # What a worker leaves when it is killed goes with the folder of the test.
        environment = {**os.environ, "TMPDIR": str(self._folder)}
        self._server = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env=environment,
        )
        return self

    def __exit__(self, *_: object) -> None:
        os.killpg(self._server.pid, signal.SIGKILL)
        self._server.communicate()

    def start(self, *arguments: object, work: str = "") -> tuple[int, Path]:
        """Run `provenance ARGUMENTS`: the number of the process, and the file with all that it says.

        `work`: what a worker does with a file: `guarded` does what `misbehaving` does, `unguarded` without a process
        of its own for it, which costs less. By default it reads the file.
        """
        self._count += 1
        log = self._folder / f"server {self._count}.log"
        asked = {"arguments": [str(argument) for argument in arguments], "work": work, "log": str(log)}
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(f"{json.dumps(asked)}\n")
        self._server.stdin.flush()
        return int(self._server.stdout.readline()), log

    def start_scheduler(self, *options: object, scheme: str = "tcp") -> str:
        """A scheduler at a free port, and its address."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            address = f"{scheme}://127.0.0.1:{probe.getsockname()[1]}"
        _, log = self.start("scheduler", address, *options)
        wait_until(lambda: "listening" in read(log))
        return address


def read(log: Path) -> str:
    return log.read_text() if log.exists() else ""


def wait_until(is_so: Callable[[], object], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def end(pid: int) -> None:
    """As a machine ends that loses its power: at once, with all its processes, which die with it."""
    os.kill(pid, signal.SIGKILL)


class _Unguarded:
    """In place of `LocalEngine`: does jobs in the process of the Dask worker itself."""

    def __init__(self, *_: object) -> None: ...

    def __exit__(self, *_: object) -> None: ...

    def self_test(self) -> None: ...

    def run(self, jobs: list[Job]) -> Iterator[tuple[Job, Outcome]]:
        from tests.intake.misbehaving import work

        for job in jobs:
            yield job, work(job)


def _serve() -> None:
    import distributed  # noqa: F401 - loaded once for all servers
    from provenance_cli.main import main

    from provenance.intake import preload, worker  # noqa: F401 - as above
    from provenance.intake.engines import cluster_worker
    from tests.intake import misbehaving

    # Servers that ended are left as they are, so that their numbers are not given to others.
    for line in sys.stdin:
        asked: dict[str, Any] = json.loads(line)
        child = os.fork()
        if not child:
            log = os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(log, 1)
            os.dup2(log, 2)
            if asked["work"]:
                worker.work = misbehaving.work
            if asked["work"] == "unguarded":
                vars(cluster_worker)["LocalEngine"] = _Unguarded
            sys.argv = ["provenance", *asked["arguments"]]
            try:
                main()
            except SystemExit as ended:
                os.write(2, f"exit code {ended.code}\n".encode())
            os._exit(0)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
