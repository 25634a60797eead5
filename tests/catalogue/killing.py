"""A writer that is killed while it writes."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path


def kill_writer(script: str, path: Path, seconds: float) -> int:
    """Run a script that prints the number of each row it has committed, and kill it so long after its first.

    `path`: of the catalogue, its argument. Returns the last number that it printed, -1 for none.
    """
    root = Path(__file__).parents[2]
    with subprocess.Popen([sys.executable, "-c", script, path], stdout=subprocess.PIPE, cwd=root) as writer:
        assert writer.stdout
        printed = writer.stdout.readline()
        time.sleep(seconds)
        writer.send_signal(signal.SIGKILL)
        printed += writer.stdout.read()
    whole = printed[: printed.rfind(b"\n")].split()
    return int(whole[-1]) if whole else -1
